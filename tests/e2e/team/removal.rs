//! Out of the team: clients first, then everything that bound them to the practice.

use caseload_local::faults::{Fault, Kind};
use end_to_end::{Answer, Persona, World, patiently};
use serde_json::{Value, json};

use super::sees;

async fn remove(admin: &Persona, id: &str, body: Value) -> Answer {
    admin.delete_with(&format!("/v1/staff/{id}"), body).await
}

// L4, d-12
#[tokio::test]
async fn a_therapist_with_clients_leaves_only_when_it_is_said_who_takes_them() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let (one, two) = (theo.adds_client("Maya").await, theo.adds_client("Noor").await);
    let three = owner.adds_client("Ola").await;
    owner.gives(&three, Some(&theo), json!({})).await.expect(200);
    let refused = remove(owner, &theo.id, json!({})).await.expect_problem(409, "has_clients");
    assert_eq!(refused.at("/counts"), json!({"direct": 2, "primary": 1}));
    owner.delete(&format!("/v1/staff/{}", theo.id)).await.expect_problem(409, "has_clients");
    let some = json!({"reassign_to": {one.clone(): vera.id}});
    let refused = remove(owner, &theo.id, some.clone()).await.expect_problem(409, "has_clients");
    assert_eq!(refused.at("/counts"), json!({"direct": 1, "primary": 1}));
    let (_, invited) = practice.invites_staff("Ines", "Intern", false).await;
    let strangers = [theo.id.clone(), invited.text("/id"), format!("stf_{}", "0".repeat(26))];
    for target in strangers {
        let refused =
            remove(owner, &theo.id, json!({"reassign_to": target})).await.expect_problem(422, "invalid_field");
        assert_eq!(refused.at("/errors/0/code"), "reassign_target");
    }
    let both = json!({"reassign_to": vera.id, "leave_unassigned": true});
    remove(owner, &theo.id, both).await.expect_problem(422, "invalid_field");
    assert!(sees(&theo, &one).await && !sees(&vera, &one).await, "a refusal moves nobody");
    // One by name, the others to nobody.
    let mut said = some;
    said["leave_unassigned"] = json!(true);
    remove(owner, &theo.id, said).await.expect(204);
    theo.get("/v1/me").await.expect_problem(401, "unauthenticated");
    assert!(sees(&vera, &one).await && !sees(&vera, &two).await);
    let left = owner.get(&format!("/v1/clients/{two}")).await.expect(200);
    assert_eq!((left.at("/assigned_staff"), left.text("/ownership")), (Value::Null, "practice".into()));
    assert_eq!(left.text("/therapist_history/0/staff/full_name"), "Theo Berg", "who it was stays known");
    let taken = owner.get(&format!("/v1/clients/{one}")).await.expect(200);
    assert_eq!(taken.text("/ownership"), "direct");
    owner.get(&format!("/v1/staff/{}", theo.id)).await.expect_problem(404, "not_found");
    remove(owner, &theo.id, json!({})).await.expect_problem(404, "not_found");
    let removed = owner.get("/v1/staff?status=removed").await.expect(200);
    assert_eq!(removed.text("/items/0/id"), theo.id);
}

// L4
#[tokio::test]
async fn many_clients_go_to_one_therapist_with_an_entry_each() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    for n in 0..20 {
        theo.adds_client_with(&format!("Client {n} Nord"), json!({"force": true})).await;
    }
    let removed = remove(owner, &theo.id, json!({"reassign_to": vera.id})).await.expect(204);
    assert_eq!(vera.get("/v1/clients").await.expect(200).at("/total"), 20);
    let audit = world.audit(&removed).await;
    let moves: Vec<_> = audit.iter().filter(|(action, ..)| action == "client.reassign").collect();
    assert_eq!(moves.len(), 20);
    assert!(moves.iter().all(|(_, _, named)| named.contains(&theo.id) && named.contains(&vera.id)));
    assert_eq!(audit.iter().filter(|(action, ..)| action == "staff.remove").count(), 1);
}

// L4, L15
#[tokio::test]
async fn whoever_left_may_join_another_practice_or_come_back() {
    let world = World::start().await;
    let (one, two) = (world.practice("one").await, world.practice("two").await);
    let theo = one.hires("Theo", "Therapist").await;
    let role = two.role("Therapist").await;
    let body = json!({"full_name": "Theo Berg", "email": "theo@one.example", "role_id": role});
    two.owner.post("/v1/staff", body).await.expect(201);
    let token = json!({"token": world.token("theo@one.example").await});
    world.anonymous.post("/v1/invitations/accept", token.clone()).await.expect_problem(409, "already_in_practice");
    one.owner.delete(&format!("/v1/staff/{}", theo.id)).await.expect(204);
    let there = world.anonymous.post("/v1/invitations/accept", token).await.expect(201);
    let there = world.anonymous.with_session(&there);
    assert_eq!(there.get("/v1/me").await.expect(200).text("/practice/slug"), "two");
    two.owner.delete(&format!("/v1/staff/{}", there.id)).await.expect(204);
    let back = one.hires("Theo", "Therapist").await;
    assert_ne!(back.id, theo.id);
    world.anonymous.post("/v1/auth/sign-in", json!({"email": "theo@one.example"})).await.expect(202);
    let link = world.token("theo@one.example").await;
    let session = world.anonymous.post("/v1/auth/sessions", json!({"token": link})).await.expect(201);
    assert_eq!(session.text("/principal/id"), back.id);
}

// L4, decision 6
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_removed_while_signing_in_is_out() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    for round in 0..6 {
        let name = format!("Theo{round}");
        let theo = practice.hires(&name, "Therapist").await;
        let email = format!("{}@harbor.example", name.to_lowercase());
        world.anonymous.post("/v1/auth/sign-in", json!({"email": email})).await.expect(202);
        let token = json!({"token": world.token(&email).await});
        let gone = remove(&practice.owner, &theo.id, json!({}));
        let (session, gone) = tokio::join!(world.anonymous.post("/v1/auth/sessions", token), gone);
        gone.expect(204);
        if session.status == 201 {
            world.anonymous.with_session(&session).get("/v1/me").await.expect_problem(401, "unauthenticated");
        } else {
            session.expect(401);
        }
    }
}

// L4: a client added at the very moment
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_client_stays_with_somebody_who_left() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let theo = practice.hires("Theo", "Therapist").await;
    let add = |n: usize| {
        let body = json!({"first_name": format!("Client {n}"), "last_name": "Nord", "force": true});
        let theo = &theo;
        patiently(move || theo.post("/v1/clients", body.clone()))
    };
    let adds = futures_util::future::join_all((0..20).map(add));
    let (added, gone) = tokio::join!(adds, patiently(|| remove(owner, &theo.id, json!({"leave_unassigned": true}))));
    gone.expect(204);
    let made = added.iter().filter(|answer| answer.status == 201).count();
    assert!(added.iter().all(|answer| [201, 401].contains(&answer.status.as_u16())));
    let listed = owner.get("/v1/clients?staff_id=unassigned").await.expect(200);
    assert_eq!(listed.at("/total"), made);
}

// L4
#[tokio::test]
async fn a_removal_that_was_cut_off_goes_on_when_it_is_repeated() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    for n in 0..12 {
        theo.adds_client_with(&format!("Client {n} Nord"), json!({"force": true})).await;
    }
    let said = json!({"reassign_to": vera.id});
    let count = async |staff: &Persona| staff.get("/v1/clients").await.expect(200).at("/total").as_u64().unwrap_or(0);
    let mut moved = 0;
    for calls in [4, 3] {
        let fault = Fault::at(calls, Kind::ServerError).times(1000).service("dynamodb").operation("TransactWriteItems");
        world.cloud.faults().arm(fault);
        remove(owner, &theo.id, said.clone()).await.expect_problem(503, "unavailable");
        world.cloud.faults().clear();
        let (left, taken) = (count(&theo).await, count(&vera).await);
        assert!(taken > moved && left + taken == 12, "{left} left, {taken} taken");
        moved = taken;
    }
    remove(owner, &theo.id, said).await.expect(204);
    theo.get("/v1/me").await.expect(401);
    assert_eq!(count(&vera).await, 12);
}
