//! Sessions to come, when their therapist leaves the practice.

use caseload_local::faults::{Fault, Kind};
use end_to_end::{Answer, Persona, World, patiently};
use http::Method;
use serde_json::{Value, json};

use super::{assert_agree, sees, session};

async fn remove(admin: &Persona, id: &str, body: Value) -> Answer {
    admin.delete_with(&format!("/v1/staff/{id}"), body).await
}

// L4
#[tokio::test]
async fn whoever_has_sessions_to_come_leaves_only_when_it_is_said_what_becomes_of_them() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let (maya, noor) = (theo.adds_client("Maya").await, theo.adds_client("Noor").await);
    let past = theo.books(&maya, &theo, (-100, -50)).await;
    let first = theo.books(&maya, &theo, (60, 110)).await;
    theo.books(&maya, &theo, (120, 170)).await;
    theo.books(&noor, &theo, (180, 230)).await;
    let said = json!({"reassign_to": vera.id});
    remove(owner, &theo.id, json!({"sessions": "move"})).await.expect_problem(409, "has_clients");
    let refused = remove(owner, &theo.id, said.clone()).await.expect_problem(409, "has_sessions");
    assert_eq!(refused.at("/counts"), json!({"sessions": 3, "clients": 2}));
    remove(owner, &theo.id, json!({"reassign_to": vera.id, "sessions": "keep"}))
        .await
        .expect_problem(422, "invalid_field");
    theo.get("/v1/me").await.expect(200);
    assert!(sees(&theo, &maya).await && !sees(&vera, &maya).await);
    let mut whole = said;
    whole["sessions"] = json!("move");
    vera.request(Method::DELETE, &format!("/v1/staff/{}", theo.id))
        .json(&whole)
        .send()
        .await
        .expect_problem(403, "role");
    remove(owner, &theo.id, whole.clone()).await.expect(204);
    theo.get("/v1/me").await.expect_problem(401, "unauthenticated");
    assert_eq!(session(owner, &first).await, (vera.id.clone(), "scheduled".to_owned()));
    assert_eq!(session(owner, &past).await.0, theo.id, "who held it stays known");
    for client in [&maya, &noor] {
        assert_agree(&world, &practice, client, &[&theo, &vera]).await;
    }
    remove(owner, &theo.id, whole).await.expect_problem(404, "not_found");
}

// L4
#[tokio::test]
async fn the_sessions_of_somebody_who_leaves_can_be_called_off() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let (maya, shared) = (theo.adds_client("Maya").await, owner.adds_client("Ola").await);
    let past = theo.books(&maya, &theo, (-100, -50)).await;
    let next = theo.books(&maya, &theo, (60, 110)).await;
    let walk_in = owner.books(&shared, &theo, (120, 170)).await;
    let others = owner.books(&shared, &vera, (180, 230)).await;
    let body = json!({"leave_unassigned": true, "sessions": "cancel"});
    let done = remove(owner, &theo.id, body).await.expect(204);
    for (id, status) in [(&past, "scheduled"), (&next, "cancelled"), (&walk_in, "cancelled"), (&others, "scheduled")] {
        assert_eq!(session(owner, id).await.1, status);
    }
    let audit = world.audit(&done).await;
    assert_eq!(audit.iter().filter(|(action, ..)| action == "appointment.cancel").count(), 2, "{audit:?}");
    assert_agree(&world, &practice, &maya, &[&theo, &vera]).await;
    assert_agree(&world, &practice, &shared, &[&theo, &vera]).await;
}

// L4
#[tokio::test]
async fn sessions_that_cannot_move_stand_in_the_way_and_nothing_changes() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera, sven) = (
        practice.hires("Theo", "Therapist").await,
        practice.hires("Vera", "Therapist").await,
        practice.hires("Sven", "Therapist").await,
    );
    let (maya, noor, shared) =
        (theo.adds_client("Maya").await, theo.adds_client("Noor").await, owner.adds_client("Ola").await);
    let (ada, eli) = (vera.adds_client("Ada").await, theo.adds_client("Eli").await);
    let free = theo.books(&maya, &theo, (60, 110)).await;
    let taken = theo.books(&maya, &theo, (120, 170)).await;
    vera.books(&ada, &vera, (115, 130)).await;
    let unheired = owner.books(&shared, &theo, (180, 230)).await;
    let unassigned = theo.books(&noor, &theo, (240, 290)).await;
    // Theirs once, a direct client of somebody else's by now.
    let direct = theo.books(&eli, &theo, (300, 350)).await;
    owner.gives(&eli, Some(&sven), json!({})).await.expect(200);
    let each = json!({"reassign_to": {maya.clone(): vera.id, eli.clone(): vera.id}, "leave_unassigned": true, "sessions": "move"});
    let refused = remove(owner, &theo.id, each).await.expect_problem(409, "sessions_in_the_way");
    let listed = refused.at("/sessions");
    let listed: Vec<_> =
        listed.as_array().into_iter().flatten().map(|one| (one["id"].clone(), one["code"].clone())).collect();
    let wanted = [(&taken, "slot_taken"), (&unheired, "no_heir"), (&unassigned, "no_heir"), (&direct, "direct_client")];
    assert_eq!(listed, wanted.map(|(id, code)| (json!(id), json!(code))));
    assert_eq!((refused.at("/total"), refused.at("/sessions/0/client_id")), (json!(4), json!(maya)));
    let audit = world.audit(&refused).await;
    assert!(audit.iter().any(|(action, _, named)| action == "staff.remove" && named.contains(&shared)), "{audit:?}");
    for id in [&free, &taken, &unheired, &unassigned, &direct] {
        assert_eq!(session(owner, id).await, (theo.id.clone(), "scheduled".to_owned()));
    }
    assert!(sees(&theo, &maya).await && !sees(&vera, &maya).await);
    // Each to somebody who can.
    let heirs = json!({maya.clone(): sven.id, noor.clone(): vera.id, shared.clone(): vera.id, eli.clone(): sven.id});
    remove(owner, &theo.id, json!({"reassign_to": heirs, "sessions": "move"})).await.expect(204);
    for (id, heir) in [(&free, &sven), (&taken, &sven), (&unheired, &vera), (&unassigned, &vera), (&direct, &sven)] {
        assert_eq!(session(owner, id).await.0, heir.id);
    }
    for client in [&maya, &noor, &shared, &eli] {
        assert_agree(&world, &practice, client, &[&theo, &vera, &sven]).await;
    }
}

// L4
#[tokio::test]
async fn a_removal_cut_off_among_the_sessions_goes_on_when_it_is_repeated() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let maya = theo.adds_client("Maya").await;
    let mut sessions = Vec::new();
    for n in 1..6 {
        sessions.push(theo.books(&maya, &theo, (n * 60, n * 60 + 50)).await);
    }
    let taken = async || {
        let mut count = 0;
        for id in &sessions {
            count += usize::from(session(owner, id).await.0 == vera.id);
        }
        count
    };
    let said = json!({"reassign_to": vera.id, "sessions": "move"});
    // Two sessions; then the other three, and the client not yet.
    for (calls, moved) in [(3, 2), (4, 5)] {
        let fault = Fault::at(calls, Kind::ServerError).times(1000).service("dynamodb").operation("TransactWriteItems");
        world.cloud.faults().arm(fault);
        remove(owner, &theo.id, said.clone()).await.expect_problem(503, "unavailable");
        world.cloud.faults().clear();
        assert_eq!(taken().await, moved);
        theo.get("/v1/me").await.expect(200);
    }
    remove(owner, &theo.id, said).await.expect(204);
    theo.get("/v1/me").await.expect(401);
    assert!(sees(&vera, &maya).await);
    assert_agree(&world, &practice, &maya, &[&theo, &vera]).await;
}

// L3, L4
#[tokio::test]
async fn many_sessions_are_counted_in_full_and_handled_by_more_than_one_request() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let theo = practice.hires("Theo", "Therapist").await;
    let (maya, noor) = (theo.adds_client("Maya").await, theo.adds_client("Noor").await);
    for n in 1..=201 {
        let client = if n <= 101 { &maya } else { &noor };
        owner.books(client, &theo, (n * 10, n * 10 + 8)).await;
    }
    let held = owner.put(&format!("/v1/staff/{}/status", theo.id), json!({"status": "on_hold"})).await.expect(200);
    assert_eq!(held.at("/affected_sessions").as_array().map(Vec::len), Some(200));
    assert_eq!(held.at("/affected_sessions_total"), 201);
    let said = json!({"leave_unassigned": true, "sessions": "move"});
    let refused = remove(owner, &theo.id, said).await.expect_problem(409, "sessions_in_the_way");
    assert_eq!((refused.at("/sessions").as_array().map(Vec::len), refused.at("/total")), (Some(50), json!(201)));
    let said = json!({"leave_unassigned": true, "sessions": "cancel"});
    remove(owner, &theo.id, said.clone()).await.expect_problem(503, "unavailable");
    let refused = remove(owner, &theo.id, json!({"leave_unassigned": true})).await.expect_problem(409, "has_sessions");
    assert_eq!(refused.at("/counts"), json!({"sessions": 1, "clients": 1}));
    remove(owner, &theo.id, said).await.expect(204);
    assert_agree(&world, &practice, &noor, &[&theo]).await;
}

// L4: a session booked at the very moment
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_session_is_lost_on_the_way_out() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let theo = practice.hires("Theo", "Therapist").await;
    let shared = owner.adds_client("Maya").await;
    let bookings = (1..12).map(|n| {
        let (shared, theo) = (&shared, &theo);
        patiently(move || owner.tries_to_book(shared, theo, (n * 60, n * 60 + 50)))
    });
    let said = json!({"sessions": "cancel"});
    let going = patiently(|| remove(owner, &theo.id, said.clone()));
    let (booked, gone) = tokio::join!(futures_util::future::join_all(bookings), going);
    gone.expect(204);
    for answer in &booked {
        assert!(answer.status == 201 || answer.code() == "staff_unavailable", "{}", answer.json());
        if answer.status == 201 {
            assert_eq!(session(owner, &answer.text("/id")).await.1, "cancelled");
        }
    }
    remove(owner, &theo.id, said).await.expect_problem(404, "not_found");
}
