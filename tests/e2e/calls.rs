//! What a request costs in round trips to the table (performance 5.1). Calls under way at the same time are one trip.

use end_to_end::{Answer, World};
use serde_json::{Value, json};

async fn operations(world: &World, answer: &Answer) -> Vec<String> {
    let mut names: Vec<String> = world
        .calls(answer)
        .await
        .iter()
        .map(|call| call["operation"].as_str().unwrap_or_default().to_owned())
        .collect();
    names.sort_unstable();
    names
}

// performance 5.1
#[tokio::test]
async fn reads_take_one_round_trip_and_changes_two() {
    let world = World::start().await;
    let practice = world.practice("counts").await;
    let owner = &practice.owner;
    let created = owner.adds_client_with("Ana Okafor", json!({"tags": ["new"]})).await;
    assert_eq!(operations(&world, &created).await, ["BatchGetItem", "TransactWriteItems"]);
    let path = format!("/v1/clients/{}", created.text("/id"));

    let read = owner.get(&path).await.expect(200);
    let beside = ["BatchGetItem", "PutItem", "Query", "Query"];
    assert_eq!(operations(&world, &read).await, beside, "its audit entry, its files and its invoices beside it");
    assert_eq!(world.rounds(&read).await, 1);

    let updated = owner.patch(&path, json!({"occupation": "Nurse"})).await.expect(200);
    assert_eq!(operations(&world, &updated).await, ["BatchGetItem", "TransactWriteItems"]);

    let body =
        json!({"lines": [{"description": "Session", "quantity": 1, "unit_price": {"amount": 100, "currency": "USD"}}]});
    let invoice = owner.post(&format!("{path}/invoices"), body).await.expect(201);
    assert_eq!(world.rounds(&invoice).await, 2);
    let issued = owner.do_post(&format!("/v1/invoices/{}/issue", invoice.text("/id"))).await.expect(200);
    assert_eq!(operations(&world, &issued).await, ["BatchGetItem", "TransactWriteItems"]);

    owner.adds_and_invites("Ida Berg", "ida@mail.example").await;
    let token = json!({"token": world.token("ida@mail.example").await});
    let accepted = world.anonymous.post("/v1/invitations/accept", token).await.expect(201);
    assert_eq!(operations(&world, &accepted).await, ["BatchGetItem", "TransactWriteItems"]);
}

// performance 5.1
#[tokio::test]
async fn the_team_is_read_in_one_round_trip_and_changed_in_two() {
    let world = World::start().await;
    let practice = world.practice("team-counts").await;
    let owner = &practice.owner;
    let theo = practice.hires("Theo", "Therapist").await;
    let sara = practice.hires("Sara", "Supervisor").await;
    for path in ["/v1/staff".to_owned(), format!("/v1/staff/{}", theo.id), "/v1/roles".to_owned()] {
        let read = owner.get(&path).await.expect(200);
        assert_eq!(world.rounds(&read).await, 1, "{path}");
    }
    let path = format!("/v1/staff/{}", theo.id);
    let client = owner.adds_client("Ana Okafor").await;
    let two = ["BatchGetItem", "TransactWriteItems"];
    for changed in [
        owner.put(&format!("{path}/supervisors"), json!({"supervisor_ids": [sara.id]})).await,
        owner.put(&format!("{path}/status"), json!({"status": "active"})).await,
        owner.gives(&client, Some(owner), json!({})).await,
        owner.post("/v1/roles", json!({"name": "Clerk"})).await,
    ] {
        assert!(changed.status.is_success(), "{}", changed.json());
        assert_eq!(operations(&world, &changed).await, two);
    }
    // The sessions that a status affects are looked up beside the team, whom they are with only if there are any.
    let held = owner.put(&format!("{path}/status"), json!({"status": "on_hold"})).await.expect(200);
    assert_eq!(operations(&world, &held).await, ["BatchGetItem", "Query", "TransactWriteItems"]);
    assert_eq!(world.rounds(&held).await, 2);
    owner.put(&format!("{path}/status"), json!({"status": "active"})).await.expect(200);
    // A third call where somebody is written to, and one to know whom if somebody had the client before.
    let given = owner.gives(&client, Some(&theo), json!({})).await.expect(200);
    assert_eq!(operations(&world, &given).await, ["BatchGetItem", "DeleteItem", "SendEmail", "TransactWriteItems"]);
    // Whoever is not a supervisor any more is known only once the team is.
    let ended = owner.put(&format!("{path}/supervisors"), json!({"supervisor_ids": []})).await.expect(200);
    assert_eq!(operations(&world, &ended).await, ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]);
    practice.invites_staff("Ines", "Intern", false).await;
    let token = json!({"token": world.token("ines@team-counts.example").await});
    let accepted = world.anonymous.post("/v1/invitations/accept", token).await.expect(201);
    assert_eq!(operations(&world, &accepted).await, two);
}

// G1, G3, performance 5.1
#[tokio::test]
async fn tasks_are_listed_in_one_round_trip_and_changed_in_two() {
    let world = World::start().await;
    let practice = world.practice("task-counts").await;
    let theo = practice.hires("Theo", "Therapist").await;
    let client = theo.adds_client("Ana Okafor").await;
    let two = ["BatchGetItem", "TransactWriteItems"];
    let daily = json!({"due": "2026-05-08", "repeat": {"every": "day"}});
    let set = theo.tries_to_set_task(&client, daily).await.expect(201);
    assert_eq!(operations(&world, &set).await, two);
    let task = set.text("/id");
    let path = format!("/v1/tasks/{task}");
    let changed = theo.patch(&path, json!({"title": "Rest"})).await.expect(200);
    assert_eq!(operations(&world, &changed).await, two);
    let done = theo.takes_task_to(&task, "done").await.expect(200);
    assert_eq!(operations(&world, &done).await, two);
    for (query, calls) in [("", 3), ("?state=done", 3)] {
        let listed = theo.get(&format!("/v1/clients/{client}/tasks{query}")).await.expect(200);
        assert_eq!((world.rounds(&listed).await, operations(&world, &listed).await.len()), (1, calls), "{query}");
    }
    assert_eq!(world.rounds(&theo.get(&path).await.expect(200)).await, 1);
    assert_eq!(world.rounds(&theo.get(&format!("/v1/clients/{client}")).await.expect(200)).await, 1);
    let deleted = theo.delete(&path).await.expect(204);
    assert_eq!(operations(&world, &deleted).await, two);
    // Files come with the request that attaches them; what is attached already is looked at once more.
    let file = theo.uploads_file(&client, json!({})).await;
    let attached = theo.tries_to_set_task(&client, json!({"file_ids": [file]})).await.expect(201);
    assert_eq!(operations(&world, &attached).await, two);
    let listed = theo.get(&format!("/v1/clients/{client}/tasks")).await.expect(200);
    assert_eq!(operations(&world, &listed).await, ["BatchGetItem", "BatchGetItem", "PutItem", "Query"]);
}

// S4, performance 5.1
#[tokio::test]
async fn paperwork_is_read_in_one_round_trip_and_changed_in_two() {
    let world = World::start().await;
    let practice = world.practice("paper-counts").await;
    let owner = &practice.owner;
    let (maya, portal) = practice.portal_client("Maya").await;
    let two = ["BatchGetItem", "TransactWriteItems"];
    let form = json!({"title": "Consent", "kind": "consent", "text": "I agree."});
    let form = owner.post("/v1/forms", form).await.expect(201);
    assert_eq!(operations(&world, &form).await, two);
    let packet = owner.post("/v1/packets", json!({"name": "Intake", "form_ids": [form.text("/id")]})).await.expect(201);
    assert_eq!(operations(&world, &packet).await, two);
    // Which forms a packet holds is known once the packet is: one read more.
    let sent = owner.sends_packet(&maya, &packet.text("/id"), json!({})).await.expect(201);
    assert_eq!(operations(&world, &sent).await, ["BatchGetItem", "BatchGetItem", "TransactWriteItems"]);
    let path = format!("/v1/packets/{}", sent.text("/id"));
    for (who, path) in [
        (owner, "/v1/forms".to_owned()),
        (owner, "/v1/packets".to_owned()),
        (owner, format!("/v1/clients/{maya}/packets")),
        (&portal, format!("/v1/clients/{maya}/packets")),
        (owner, path.clone()),
        (&portal, path.clone()),
    ] {
        assert_eq!(world.rounds(&who.get(&path).await.expect(200)).await, 1, "{path}");
    }
    let tag = portal.get(&path).await.header("etag");
    let saved = portal.request(http::Method::PUT, &format!("{path}/answers")).header("if-match", &tag);
    let saved = saved.json(&json!({"answers": {}})).send().await.expect(200);
    assert_eq!(operations(&world, &saved).await, two);
    let signed = portal.post(&format!("{path}/sign"), json!({"typed_name": "Maya"})).await.expect(200);
    assert_eq!(operations(&world, &signed).await, two);
    let submitted = portal.do_post(&format!("{path}/submit")).await.expect(200);
    assert_eq!(operations(&world, &submitted).await, two);
    // Who opens it first is written down; from then on it is only read.
    assert_eq!(world.rounds(&owner.get(&path).await.expect(200)).await, 2);
    assert_eq!(world.rounds(&owner.get(&path).await.expect(200)).await, 1);
    let filled = owner.post(&format!("{path}/fill"), json!({"preview": true})).await.expect(200);
    assert_eq!(operations(&world, &filled).await, two);
}

// A1, A4, performance 5.1
#[tokio::test]
async fn a_warm_list_or_search_takes_one_round_trip() {
    let world = World::start().await;
    let practice = world.practice("warm").await;
    let owner = &practice.owner;
    owner.adds_client("Ana Okafor").await;
    owner.get("/v1/clients").await.expect(200);
    for answer in [owner.get("/v1/clients").await, owner.post("/v1/clients/search", json!({"q": "oka"})).await] {
        assert_eq!(answer.at("/total"), 1);
        assert_eq!(world.rounds(&answer).await, 1);
        assert_eq!(operations(&world, &answer).await, ["BatchGetItem", "PutItem", "Query"]);
        let log = world.calls(&answer).await.into_iter().find(|call| call["operation"] == "Query").expect("the log");
        assert!(log["read_units"].as_f64() <= Some(1.0), "{log}");
    }
    // Read your own write: the log entry stands in the client's transaction.
    owner.adds_client("Bo Okafor").await;
    assert_eq!(owner.post("/v1/clients/search", json!({"q": "oka"})).await.at("/total"), 2);
}

// decision 12, decision 10
#[tokio::test]
async fn presigning_and_token_checks_call_nobody() {
    let world = World::start().await;
    let practice = world.practice("local-only").await;
    let owner = &practice.owner;
    let id = owner.adds_client("Ana Okafor").await;
    let body = json!({"name": "a.pdf", "size": 100, "content_type": "application/pdf"});
    let grant = owner.post(&format!("/v1/clients/{id}/files"), body).await.expect(201);
    let services: Vec<Value> = world.calls(&grant).await.into_iter().map(|call| call["service"].clone()).collect();
    assert!(services.iter().all(|service| service == "dynamodb"), "{services:?}");
    assert_eq!(world.rounds(&grant).await, 2);
    let mut stranger = owner.clone();
    stranger.access_token = Some("not.a.token".into());
    let refused = stranger.get("/v1/me").await.expect_problem(401, "unauthenticated");
    assert_eq!(world.calls(&refused).await.len(), 0);
}

// decision 18
#[tokio::test]
async fn no_request_scans() {
    let world = World::start().await;
    let practice = world.practice("noscan").await;
    let owner = &practice.owner;
    for path in ["/v1/clients", "/v1/practice", "/v1/tags", "/v1/imports", "/v1/me", "/v1/auth/sessions"] {
        let answer = owner.get(path).await.expect(200);
        assert!(!operations(&world, &answer).await.contains(&"Scan".to_owned()), "{path}");
    }
}
