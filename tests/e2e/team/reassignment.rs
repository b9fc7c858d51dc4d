//! From one therapist to another, at once or on a day to come.

use end_to_end::World;
use http::Method;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{families, sees, send};

// L10, L11, L16
#[tokio::test]
async fn the_former_therapist_loses_a_direct_client_with_the_next_request() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let client = theo.adds_client("Maya").await;
    assert!(sees(&theo, &client).await && !sees(&vera, &client).await);
    let path = format!("/v1/clients/{client}/reassign");
    theo.post(&path, json!({"staff_id": vera.id})).await.expect_problem(403, "role");
    vera.post(&path, json!({"staff_id": vera.id})).await.expect_problem(404, "not_found");
    let done = owner.post(&path, json!({"staff_id": vera.id})).await.expect(200);
    assert_eq!((done.text("/assigned_staff/id"), done.text("/ownership")), (vera.id.clone(), "direct".into()));
    let history = done.at("/therapist_history");
    assert_eq!((&history[0]["staff"]["id"], &history[1]["staff"]["id"]), (&json!(theo.id), &json!(vera.id)));
    assert_eq!((&history[0]["until"], &history[1]["until"]), (&history[1]["from"], &Value::Null));
    let audit = world.audit(&done).await;
    let (_, _, named) = audit.iter().find(|(action, ..)| action == "client.reassign").expect("an entry");
    assert!(named.contains(&theo.id) && named.contains(&vera.id), "{named:?}");
    assert!(!sees(&theo, &client).await && sees(&vera, &client).await);
    for ask in families(&client).into_iter().filter(|(_, path, _)| path.contains(&client)) {
        send(&theo, &ask).await.expect_problem(404, "not_found");
    }
    // The same again changes nothing.
    let again = owner.post(&path, json!({"staff_id": vera.id})).await.expect(200);
    assert_eq!(again.header("etag"), done.header("etag"));
    let none = owner.post(&path, json!({"staff_id": null})).await.expect(200);
    assert_eq!((none.at("/assigned_staff"), none.text("/ownership")), (Value::Null, "practice".into()));
    let direct = owner.post(&path, json!({"staff_id": theo.id, "ownership": "direct"})).await.expect(200);
    assert_eq!(direct.text("/ownership"), "direct");
    assert_eq!(direct.at("/therapist_history").as_array().map(Vec::len), Some(3));
}

// L10
#[tokio::test]
async fn clients_go_only_to_who_takes_clients() {
    let world = World::start().await;
    let (practice, other) = (world.practice("harbor").await, world.practice("other").await);
    let owner = &practice.owner;
    let client = owner.adds_client("Maya").await;
    let vera = practice.hires("Vera", "Therapist").await;
    let (_, invited) = practice.invites_staff("Ines", "Intern", false).await;
    let path = format!("/v1/clients/{client}/reassign");
    let refused = |target: Value| {
        let (owner, path) = (owner.clone(), path.clone());
        async move {
            let refused = owner.post(&path, json!({"staff_id": target})).await.expect_problem(422, "invalid_field");
            assert_eq!(refused.at("/errors/0/pointer"), "/staff_id");
            assert_eq!(refused.at("/errors/0/code"), "reassign_target");
        }
    };
    refused(json!(other.owner.id)).await;
    refused(invited.at("/id")).await;
    for status in ["on_hold", "inactive"] {
        owner.put(&format!("/v1/staff/{}/status", vera.id), json!({"status": status})).await.expect(200);
        refused(json!(vera.id)).await;
    }
    owner.post(&path, json!({})).await.expect(422);
    owner.post(&path, json!({"staff_id": null, "ownership": "direct"})).await.expect(422);
    owner.post(&path, json!({"staff_id": null, "on": "2020-01-01"})).await.expect(422);
    other.owner.post(&path, json!({"staff_id": null})).await.expect_problem(404, "not_found");
    let stale = owner.request(Method::POST, &path).header("if-match", "\"v9\"").json(&json!({"staff_id": owner.id}));
    stale.send().await.expect_problem(412, "stale");
}

/// Today, and a later day, in the practice's zone.
fn days(client: &Value) -> (Date, Date) {
    let today: Date = client.as_str().expect("a day").parse().expect("a day");
    (today, today.saturating_add(3.days()))
}

// L10
#[tokio::test]
async fn a_handover_for_a_day_to_come_happens_that_morning() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let client = theo.adds_client("Maya").await;
    let (today, on) = days(&owner.get(&format!("/v1/clients/{client}")).await.at("/join_date"));
    let path = format!("/v1/clients/{client}/reassign");
    let planned = owner.post(&path, json!({"staff_id": vera.id, "on": on, "ownership": "practice"})).await.expect(200);
    assert_eq!(planned.text("/assigned_staff/id"), theo.id);
    let agreed = json!({"staff": {"id": vera.id, "full_name": "Vera Berg"}, "on": on, "sessions": "stay"});
    assert_eq!(planned.at("/handover"), agreed);
    let idle = json!({"due": 0, "done": 0, "skipped": 0});
    assert_eq!(world.run("apply-handovers").await, idle);
    assert!(sees(&theo, &client).await && !sees(&vera, &client).await);
    world.advance(2 * 24 * 3600).await;
    assert_eq!(world.run("apply-handovers").await, idle);
    world.advance(24 * 3600).await;
    assert_eq!(world.run("apply-handovers").await, json!({"due": 1, "done": 1, "skipped": 0}));
    assert_eq!(world.run("apply-handovers").await, idle);
    let owner = sign_in(&world, "owner@harbor.example").await;
    let done = owner.get(&format!("/v1/clients/{client}")).await.expect(200);
    assert_eq!((done.text("/assigned_staff/id"), done.at("/handover")), (vera.id.clone(), Value::Null));
    assert_eq!(done.text("/ownership"), "practice");
    // Today is now.
    let today = today.saturating_add(3.days());
    let back = owner.post(&path, json!({"staff_id": theo.id, "on": today})).await.expect(200);
    assert_eq!(back.text("/assigned_staff/id"), theo.id);
}

async fn sign_in(world: &World, email: &str) -> end_to_end::Persona {
    world.anonymous.post("/v1/auth/sign-in", json!({"email": email})).await.expect(202);
    let token = world.token(email).await;
    let session = world.anonymous.post("/v1/auth/sessions", json!({"token": token})).await.expect(201);
    world.anonymous.with_session(&session)
}

// L10
#[tokio::test]
async fn a_planned_handover_is_moved_called_off_or_falls_with_its_therapist() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let (moved, off, falls) =
        (theo.adds_client("Maya").await, theo.adds_client("Noor").await, theo.adds_client("Ola").await);
    let (_, on) = days(&owner.get(&format!("/v1/clients/{moved}")).await.at("/join_date"));
    let sven = practice.hires("Sven", "Therapist").await;
    let plan = |client: &str, to: &str, on: Date| {
        let (owner, path) = (owner.clone(), format!("/v1/clients/{client}/reassign"));
        let body = json!({"staff_id": to, "on": on});
        async move { owner.post(&path, body).await.expect(200) }
    };
    plan(&moved, &vera.id, on).await;
    plan(&moved, &vera.id, on.saturating_add(5.days())).await;
    plan(&off, &vera.id, on).await;
    owner.gives(&off, Some(&theo), json!({})).await.expect(200);
    plan(&falls, &sven.id, on).await;
    owner.delete(&format!("/v1/staff/{}", sven.id)).await.expect(204);
    world.advance(3 * 24 * 3600).await;
    let (one, two) = tokio::join!(world.run("apply-handovers"), world.run("apply-handovers"));
    let skipped = one["skipped"].as_u64().unwrap_or(0) + two["skipped"].as_u64().unwrap_or(0);
    assert_eq!((&one["done"], &two["done"], skipped), (&json!(0), &json!(0), 1), "{one} {two}");
    let owner = sign_in(&world, "owner@harbor.example").await;
    for client in [&moved, &off, &falls] {
        let shown = owner.get(&format!("/v1/clients/{client}")).await.expect(200);
        assert_eq!(shown.text("/assigned_staff/id"), theo.id);
        assert_eq!(shown.at("/handover").is_null(), client != &moved);
    }
    world.advance(5 * 24 * 3600).await;
    assert_eq!(world.run("apply-handovers").await, json!({"due": 1, "done": 1, "skipped": 0}));
}

// AUD-2: a change that changes nothing still shows the client
#[tokio::test]
async fn a_reassignment_that_changes_nothing_stands_in_the_trail() {
    let world = World::start().await;
    let practice = world.practice("nothing").await;
    let tess = practice.hires("Tess", "Therapist").await;
    let client = tess.adds_client("Maya").await;
    let again = practice.owner.gives(&client, Some(&tess), json!({})).await;
    let trail = world.audit(&again.expect(200)).await;
    assert!(trail.iter().any(|(action, decided, _)| action == "client.reassign" && decided == "done"), "{trail:?}");
}
