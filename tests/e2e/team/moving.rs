//! Sessions to come, when their therapist is away or their client changes hands.

use caseload_local::faults::{Fault, Kind};
use end_to_end::{Persona, World, patiently};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{assert_agree, sees, session};

const SCHEDULED: &str = "scheduled";

fn reassign(client: &str) -> String {
    format!("/v1/clients/{client}/reassign")
}

fn ids(sessions: &Value) -> Vec<String> {
    let items = sessions.as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item["id"].as_str().unwrap_or_default().to_owned()).collect()
}

// L3
#[tokio::test]
async fn a_change_of_status_lists_the_sessions_it_affects_and_changes_none() {
    let world = World::start().await;
    let (practice, other) = (world.practice("harbor").await, world.practice("other").await);
    let owner = &practice.owner;
    let theo = practice.hires("Theo", "Therapist").await;
    let (maya, noor) = (theo.adds_client("Maya").await, theo.adds_client("Noor").await);
    let path = format!("/v1/staff/{}/status", theo.id);
    let none = owner.put(&path, json!({"status": "on_hold"})).await.expect(200);
    assert_eq!((none.at("/affected_sessions"), none.at("/affected_sessions_total")), (json!([]), json!(0)));
    owner.put(&path, json!({"status": "active"})).await.expect(200);
    let later = theo.books(&maya, &theo, (3000, 3050)).await;
    let soon = theo.books(&noor, &theo, (60, 110)).await;
    let called_off = theo.books(&maya, &theo, (120, 170)).await;
    theo.do_post(&format!("/v1/appointments/{called_off}/cancel")).await.expect(200);
    theo.books(&maya, &theo, (-100, -50)).await;
    theo.put(&path, json!({"status": "on_hold"})).await.expect_problem(403, "role");
    other.owner.put(&path, json!({"status": "on_hold"})).await.expect_problem(404, "not_found");
    for status in ["on_hold", "inactive"] {
        let set = owner.put(&path, json!({"status": status})).await.expect(200);
        assert_eq!((set.text("/id"), set.text("/status")), (theo.id.clone(), status.to_owned()));
        assert_eq!(ids(&set.at("/affected_sessions")), [soon.clone(), later.clone()]);
        assert_eq!(set.at("/affected_sessions_total"), 2);
        let client = json!({"id": noor, "first_name": "Noor", "last_name": "Lindqvist"});
        assert_eq!(set.at("/affected_sessions/0/client"), client);
        assert!(set.at("/affected_sessions/0/start").is_string() && set.at("/affected_sessions/0/end").is_string());
        let audit = world.audit(&set).await;
        let (_, _, named) = audit.iter().find(|(action, ..)| action == "staff.update_status").expect("an entry");
        assert!([&theo.id, &maya, &noor].iter().all(|id| named.contains(id)), "{named:?}");
    }
    for id in [&soon, &later] {
        assert_eq!(session(owner, id).await, (theo.id.clone(), SCHEDULED.to_owned()));
    }
    let back = owner.put(&path, json!({"status": "active"})).await.expect(200);
    assert_eq!((back.at("/affected_sessions"), back.at("/affected_sessions_total")), (json!([]), json!(0)));
}

// L10
#[tokio::test]
async fn sessions_to_come_stay_unless_they_are_to_move_and_past_ones_always_stay() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let maya = theo.adds_client("Maya").await;
    let past = theo.books(&maya, &theo, (-100, -50)).await;
    let running = theo.books(&maya, &theo, (-10, 40)).await;
    let next = theo.books(&maya, &theo, (60, 110)).await;
    // Across a midnight, wherever it is.
    let long = theo.books(&maya, &theo, (3000, 4430)).await;
    let off = theo.books(&maya, &theo, (200, 250)).await;
    theo.do_post(&format!("/v1/appointments/{off}/cancel")).await.expect(200);
    let stay = owner.post(&reassign(&maya), json!({"staff_id": vera.id, "ownership": "practice"})).await.expect(200);
    assert_eq!(stay.at("/sessions"), Value::Null);
    for id in [&past, &running, &next, &long] {
        assert_eq!(session(owner, id).await.0, theo.id);
    }
    assert!(!sees(&theo, &maya).await, "its own sessions make no walk-in of a former therapist");
    owner.post(&reassign(&maya), json!({"staff_id": theo.id, "sessions": "stay"})).await.expect(200);
    let body = json!({"staff_id": vera.id, "sessions": "move"});
    let moved = owner.post(&reassign(&maya), body.clone()).await.expect(200);
    assert_eq!(moved.at("/sessions"), json!({"moved": 2, "kept": []}));
    assert_eq!(moved.text("/assigned_staff/id"), vera.id);
    for (id, whose) in [(&past, &theo), (&running, &theo), (&off, &theo), (&next, &vera), (&long, &vera)] {
        assert_eq!(session(owner, id).await.0, whose.id);
    }
    assert_agree(&world, &practice, &maya, &[&theo, &vera]).await;
    let audit = world.audit(&moved).await;
    for id in [&next, &long] {
        let told = audit.iter().filter(|(action, _, named)| {
            action == "client.reassign" && named.contains(id) && named.contains(&theo.id) && named.contains(&vera.id)
        });
        assert_eq!(told.count(), 1, "{audit:?}");
    }
    // What moved fills the time of the one and frees the other's.
    let ola = theo.adds_client("Ola").await;
    theo.books(&ola, &theo, (60, 110)).await;
    let again = owner.post(&reassign(&maya), body).await.expect(200);
    assert_eq!(again.at("/sessions"), json!({"moved": 0, "kept": []}));
    assert_eq!(again.text("/etag"), moved.text("/etag"));
    vera.do_post(&format!("/v1/appointments/{next}/cancel")).await.expect(200);
    assert_agree(&world, &practice, &maya, &[&theo, &vera]).await;
}

// L10
#[tokio::test]
async fn a_session_in_whose_time_the_new_therapist_is_booked_stays_and_is_named() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let (maya, ola) = (theo.adds_client("Maya").await, vera.adds_client("Ola").await);
    vera.books(&ola, &vera, (100, 150)).await;
    let (taken, free) = (theo.books(&maya, &theo, (60, 110)).await, theo.books(&maya, &theo, (200, 250)).await);
    let moved = owner.post(&reassign(&maya), json!({"staff_id": vera.id, "sessions": "move"})).await.expect(200);
    assert_eq!((moved.at("/sessions/moved"), ids(&moved.at("/sessions/kept"))), (json!(1), vec![taken.clone()]));
    let kept = moved.at("/sessions/kept/0");
    assert_eq!((&kept["code"], &kept["client_id"]), (&json!("slot_taken"), &json!(maya)));
    assert!(kept["start"].is_string() && kept["end"].is_string());
    assert_eq!(moved.text("/assigned_staff/id"), vera.id, "the client goes all the same");
    assert_eq!((session(owner, &taken).await.0, session(owner, &free).await.0), (theo.id.clone(), vera.id.clone()));
    assert_agree(&world, &practice, &maya, &[&theo, &vera]).await;
}

// L10
#[tokio::test]
async fn sessions_move_only_to_a_therapist_and_only_at_an_admins_word() {
    let world = World::start().await;
    let (practice, other) = (world.practice("harbor").await, world.practice("other").await);
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let maya = theo.adds_client("Maya").await;
    let next = theo.books(&maya, &theo, (60, 110)).await;
    let nobody = json!({"staff_id": null, "sessions": "move"});
    let refused = owner.post(&reassign(&maya), nobody).await.expect_problem(422, "invalid_field");
    assert_eq!(
        (refused.text("/errors/0/pointer"), refused.text("/errors/0/code")),
        ("/sessions".into(), "move_needs_therapist".into())
    );
    let many = json!({"action": "reassign", "client_ids": [maya], "staff_id": null, "sessions": "move"});
    owner.post("/v1/clients/bulk", many).await.expect_problem(422, "invalid_field");
    owner
        .post(&reassign(&maya), json!({"staff_id": vera.id, "sessions": "some"}))
        .await
        .expect_problem(422, "invalid_field");
    let body = json!({"staff_id": vera.id, "sessions": "move"});
    theo.post(&reassign(&maya), body.clone()).await.expect_problem(403, "role");
    vera.post(&reassign(&maya), body.clone()).await.expect_problem(404, "not_found");
    other.owner.post(&reassign(&maya), body.clone()).await.expect_problem(404, "not_found");
    let stale = owner.request(http::Method::POST, &reassign(&maya)).header("if-match", "\"v9\"").json(&body);
    stale.send().await.expect_problem(412, "stale");
    practice.sets_status(&vera, "on_hold").await;
    owner.post(&reassign(&maya), body.clone()).await.expect_problem(422, "invalid_field");
    assert_eq!(session(owner, &next).await.0, theo.id);
    practice.sets_status(&vera, "active").await;
    let tag = owner.get(&format!("/v1/clients/{maya}")).await.header("etag");
    let key = "k".repeat(20);
    let send = || {
        let request = owner.request(http::Method::POST, &reassign(&maya)).header("if-match", &tag);
        request.header("idempotency-key", &key).json(&body).send()
    };
    let first = send().await.expect(200);
    assert_eq!(first.at("/sessions/moved"), 1);
    let second = send().await.expect(200);
    assert_eq!((second.json(), second.header("idempotent-replay")), (first.json(), "true".to_owned()));
}

// L10
#[tokio::test]
async fn in_bulk_the_sessions_of_each_client_move() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let (maya, noor, ola) =
        (theo.adds_client("Maya").await, theo.adds_client("Noor").await, vera.adds_client("Ola").await);
    let mut moves = Vec::new();
    // The same day for all: they meet at its items.
    for n in 0..6 {
        let client = [&maya, &noor][n as usize % 2];
        moves.push(theo.books(client, &theo, (n * 10 + 10, n * 10 + 20)).await);
    }
    vera.books(&ola, &vera, (100, 150)).await;
    let taken = theo.books(&noor, &theo, (140, 190)).await;
    let body = json!({"action": "reassign", "client_ids": [maya, noor, ola], "staff_id": vera.id, "sessions": "move"});
    let done = owner.post("/v1/clients/bulk", body.clone()).await.expect(200);
    let outcomes = |answer: &end_to_end::Answer| [0, 1, 2].map(|n| answer.text(&format!("/results/{n}/outcome")));
    assert_eq!(outcomes(&done), ["done", "done", "unchanged"]);
    assert_eq!(done.at("/results/0/sessions"), json!({"moved": 3, "kept": []}));
    assert_eq!(
        (done.at("/results/1/sessions/moved"), ids(&done.at("/results/1/sessions/kept"))),
        (json!(3), vec![taken])
    );
    assert_eq!(done.at("/results/2/sessions"), json!({"moved": 0, "kept": []}));
    for id in &moves {
        assert_eq!(session(owner, id).await.0, vera.id);
    }
    assert_agree(&world, &practice, &maya, &[&theo, &vera]).await;
    assert_agree(&world, &practice, &noor, &[&theo, &vera]).await;
    let again = owner.post("/v1/clients/bulk", body).await.expect(200);
    assert_eq!(outcomes(&again), ["unchanged"; 3]);
}

// L10
#[tokio::test]
async fn a_planned_handover_takes_the_sessions_of_that_day_and_later_along() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let (maya, ola) = (theo.adds_client("Maya").await, vera.adds_client("Ola").await);
    let joined = owner.get(&format!("/v1/clients/{maya}")).await.expect(200).text("/join_date");
    let on: Date = joined.parse::<Date>().expect("a day").saturating_add(3.days());
    let day = 24 * 60;
    let before = theo.books(&maya, &theo, (day, day + 50)).await;
    let after = theo.books(&maya, &theo, (5 * day, 5 * day + 50)).await;
    let taken = theo.books(&maya, &theo, (6 * day, 6 * day + 50)).await;
    vera.books(&ola, &vera, (6 * day, 6 * day + 50)).await;
    let body = json!({"staff_id": vera.id, "on": on, "sessions": "move"});
    let planned = owner.post(&reassign(&maya), body.clone()).await.expect(200);
    assert_eq!((planned.at("/sessions"), planned.text("/handover/sessions")), (Value::Null, "move".into()));
    let again = owner.post(&reassign(&maya), body).await.expect(200);
    assert_eq!(again.header("etag"), planned.header("etag"));
    for id in [&before, &after, &taken] {
        assert_eq!(session(owner, id).await.0, theo.id);
    }
    world.advance(3 * 24 * 3600).await;
    let (one, two) = tokio::join!(world.run("apply-handovers"), world.run("apply-handovers"));
    assert_eq!(one["done"].as_u64().unwrap_or(0) + two["done"].as_u64().unwrap_or(0), 1, "{one} {two}");
    let owner = world.sign_in("owner@harbor.example").await;
    assert_eq!(owner.get(&format!("/v1/clients/{maya}")).await.expect(200).text("/assigned_staff/id"), vera.id);
    for (id, whose) in [(&before, &theo), (&after, &vera), (&taken, &theo)] {
        assert_eq!(session(&owner, id).await.0, whose.id);
    }
    assert_agree(&world, &practice, &maya, &[&theo, &vera]).await;
}

// L10, REL-1: whatever was cut off goes on
#[tokio::test]
async fn a_reassignment_that_was_cut_off_goes_on_when_it_is_repeated() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let maya = theo.adds_client("Maya").await;
    let mut moves = Vec::new();
    for n in 1..6 {
        moves.push(theo.books(&maya, &theo, (n * 60, n * 60 + 50)).await);
    }
    let whose = async |staff: &Persona| {
        let mut count = 0;
        for id in &moves {
            count += usize::from(session(owner, id).await.0 == staff.id);
        }
        count
    };
    let body = json!({"staff_id": vera.id, "sessions": "move"});
    let fault = Fault::at(3, Kind::ServerError).times(1000).service("dynamodb").operation("TransactWriteItems");
    world.cloud.faults().arm(fault);
    owner.post(&reassign(&maya), body.clone()).await.expect_problem(503, "unavailable");
    world.cloud.faults().clear();
    assert_eq!((whose(&vera).await, whose(&theo).await), (2, 3));
    assert!(sees(&theo, &maya).await && !sees(&vera, &maya).await, "the client goes last");
    assert_agree(&world, &practice, &maya, &[&theo, &vera]).await;
    // An answer that was lost counts as done.
    let lost = Fault::at(1, Kind::LostResponse).service("dynamodb").operation("TransactWriteItems");
    world.cloud.faults().arm(lost);
    owner.post(&reassign(&maya), body).await.expect(200);
    assert_eq!(whose(&vera).await, 5);
    assert!(!sees(&theo, &maya).await && sees(&vera, &maya).await);
    assert_agree(&world, &practice, &maya, &[&theo, &vera]).await;
}

// L10, INV-10: whoever was faster, the records agree
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_that_are_booked_while_others_move_move_too_or_stay_on_the_record() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let maya = theo.adds_client("Maya").await;
    for n in 1..5 {
        theo.books(&maya, &theo, (n * 60, n * 60 + 50)).await;
    }
    let more = (5..11).map(|n| {
        let (maya, theo) = (&maya, &theo);
        patiently(move || owner.tries_to_book(maya, theo, (n * 60, n * 60 + 50)))
    });
    let path = reassign(&maya);
    let (booked, moved) = tokio::join!(
        futures_util::future::join_all(more),
        patiently(|| owner.post(&path, json!({"staff_id": vera.id, "sessions": "move"}))),
    );
    moved.expect(200);
    for answer in &booked {
        // Theo is not its therapist any more: a direct client is not booked with somebody else.
        assert!(answer.status == 201 || answer.code() == "direct_client", "{}", answer.json());
    }
    let list = owner.get(&format!("/v1/appointments?client_id={maya}")).await.expect(200).at("/items");
    assert!(list.as_array().into_iter().flatten().all(|one| one["staff"]["id"] == vera.id), "{list}");
    assert_agree(&world, &practice, &maya, &[&theo, &vera]).await;
}

// L7, d-33
#[tokio::test]
async fn a_completed_session_keeps_the_modifier_its_therapist_had_then() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let role = format!("/v1/roles/{}", practice.role("Intern").await);
    owner.patch(&role, json!({"billing_modifier": "HN"})).await.expect(200);
    let ines = practice.hires("Ines", "Intern").await;
    let maya = ines.adds_client("Maya").await;
    let complete = async |by: &Persona, minutes: (i64, i64)| {
        let id = owner.books(&maya, &ines, minutes).await;
        assert_eq!(owner.get(&format!("/v1/appointments/{id}")).await.expect(200).at("/billing_modifier"), Value::Null);
        let done = by.do_post(&format!("/v1/appointments/{id}/complete")).await.expect(200);
        (id, done.at("/billing_modifier"))
    };
    let (first, stamped) = complete(&ines, (-60, -10)).await;
    assert_eq!(stamped, "HN");
    owner.patch(&role, json!({"billing_modifier": "HO"})).await.expect(200);
    let shown = async |id: &str| owner.get(&format!("/v1/appointments/{id}")).await.expect(200).at("/billing_modifier");
    assert_eq!(shown(&first).await, "HN");
    assert_eq!(complete(owner, (-120, -70)).await.1, "HO", "the therapist's, whoever says so");
    owner.patch(&format!("/v1/staff/{}", ines.id), json!({"billing_modifier": "HP"})).await.expect(200);
    assert_eq!(complete(owner, (-180, -130)).await.1, "HP");
    owner.patch(&format!("/v1/staff/{}", ines.id), json!({"billing_modifier": null})).await.expect(200);
    owner.patch(&role, json!({"billing_modifier": null})).await.expect(200);
    assert_eq!(complete(&ines, (-240, -190)).await.1, Value::Null);
    assert_eq!(shown(&first).await, "HN");
    let missed = owner.books(&maya, &ines, (-300, -250)).await;
    let missed = owner.do_post(&format!("/v1/appointments/{missed}/no-show")).await.expect(200);
    assert_eq!(missed.at("/billing_modifier"), Value::Null);
}
