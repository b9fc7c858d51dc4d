//! Who may read and write, and what stops it.

use aws_sdk_dynamodb::types::AttributeValue;
use caseload::store::Item;
use caseload_local::cloud::TABLE;
use end_to_end::World;
use serde_json::{Value, json};

use super::{Pair, pair, texts};

// K1, E3, E4, D1: sending is refused with the reason, and what was written stays readable for staff
#[tokio::test]
async fn where_messages_are_off_nobody_sends_and_staff_still_reads() {
    let world = World::start().await;
    let Pair { practice, theo, maya, client, path } = pair(&world).await;
    let owner = &practice.owner;
    let said = maya.writes(&client, "Before").await.expect(201).text("/id");
    let portal = format!("/v1/clients/{client}/portal");
    let switch = async |on: bool| {
        let patch = json!({"portal": {"features": {"messages": {"enabled": on}}}});
        owner.patch("/v1/practice", patch).await.expect(200);
    };
    let blocked = async |why: Value, code: &str| {
        let page = theo.get(&path).await.expect(200);
        assert_eq!((texts(&page), page.at("/sending/blocked_by")), (vec!["Before".to_owned()], why));
        theo.writes(&client, "x").await.expect_problem(403, code)
    };
    switch(false).await;
    let refused = blocked(json!(["feature_off"]), "feature_off").await;
    assert_eq!(world.audit(&refused).await[0].1, "denied");
    for answer in [maya.writes(&client, "x").await, maya.get(&path).await, maya.get("/v1/inbox").await] {
        answer.expect_problem(403, "feature_off");
    }
    let me = maya.get("/v1/me").await.at("/features/secure_messaging");
    assert_eq!(me, json!({"enabled": false, "blocked_by": ["feature_off"]}));
    assert_eq!(theo.has_read(&client, &said).await.expect(200).at("/unread"), 0);
    switch(true).await;

    owner.patch(&portal, json!({"permissions": {"secure_messaging": false}})).await.expect(200);
    blocked(json!(["permission"]), "secure_messaging_off").await;
    maya.writes(&client, "x").await.expect_problem(403, "secure_messaging_off");
    maya.get(&path).await.expect_problem(403, "secure_messaging_off");
    owner.patch(&portal, json!({"permissions": {"secure_messaging": true}})).await.expect(200);

    owner.do_post(&format!("/v1/clients/{client}/deactivate")).await.expect(200);
    let refused = blocked(json!(["inactive"]), "client_cannot_sign_in").await;
    assert_eq!(refused.at("/blocked_by"), json!(["inactive"]));
    // Deactivated a second ago: the next request is nobody's.
    maya.writes(&client, "x").await.expect_problem(401, "unauthenticated");
    owner.do_post(&format!("/v1/clients/{client}/reactivate")).await.expect(200);
    owner.do_post(&format!("{portal}/disable")).await.expect(200);
    blocked(json!(["access_disabled"]), "client_cannot_sign_in").await;
}

// E3: off or on, with its words and place in the menu, beside the others
#[tokio::test]
async fn messages_are_a_part_of_the_portal_that_the_practice_switches() {
    let world = World::start().await;
    let Pair { practice, .. } = pair(&world).await;
    let config = format!("/v1/portals/{}", practice.slug);
    let features = world.anonymous.get(&config).await.expect(200).at("/features");
    assert_eq!(features, json!(["notes", "tasks", "files", "messages"]));
    let label = json!({"portal": {"features": {"messages": {"label": "Letters"}}}});
    let set = practice.owner.patch("/v1/practice", label).await.expect(200).at("/portal/features/messages");
    assert_eq!(set, json!({"enabled": true, "label": "Letters", "order": 4}));
}

// decision 18, E3: a practice that is older than the switch has messages on
#[tokio::test]
async fn a_practice_that_never_heard_of_the_switch_has_messages() {
    let world = World::start().await;
    let Pair { practice, theo, maya, client, .. } = pair(&world).await;
    let table = world.cloud.table();
    let items = table.scan().table_name(TABLE).send().await.expect("a scan").items.unwrap_or_default();
    let is_practice = |item: &Item| item.get("entity").and_then(|one| one.as_s().ok()).is_some_and(|e| e == "practice");
    let mut old = items.into_iter().find(is_practice).expect("the practice");
    let Some(AttributeValue::M(features)) = old.get_mut("features") else { panic!("no features") };
    assert!(features.remove("messages").is_some());
    table.put_item().table_name(TABLE).set_item(Some(old)).send().await.expect("put");
    theo.writes(&client, "Hello").await.expect(201);
    assert_eq!(maya.get("/v1/me").await.at("/features/secure_messaging/enabled"), true);
    assert_eq!(practice.owner.get("/v1/practice").await.at("/portal/features/messages/enabled"), true);
}

// K1, K2: who never came in, or has nobody, is written by and to nobody
#[tokio::test]
async fn a_message_needs_somebody_at_either_end() {
    let world = World::start().await;
    let Pair { practice, theo, maya, client, path } = pair(&world).await;
    let ola = theo.adds_client("Ola").await;
    let refused = theo.writes(&ola, "Hello").await.expect_problem(403, "client_cannot_sign_in");
    assert_eq!(refused.at("/blocked_by"), json!(["not_registered"]));
    practice.owner.gives(&client, None, json!({})).await.expect(200);
    maya.writes(&client, "Anybody?").await.expect_problem(409, "no_therapist");
    assert_eq!(maya.get(&path).await.expect(200).at("/sending/blocked_by"), json!(["no_therapist"]));
    // There is no way to write to many.
    theo.post("/v1/messages", json!({"body": "To all"})).await.expect_problem(404, "not_found");
}

// K1: the thread belongs to the client, and is its therapist's
#[tokio::test]
async fn who_reads_a_thread_is_its_therapist_and_who_supervises_messages() {
    let world = World::start().await;
    let Pair { practice, theo, maya, client, path } = pair(&world).await;
    let (owner, vera) = (practice.owner.clone(), practice.hires("Vera", "Therapist").await);
    let sara = practice.hires("Sara", "Supervisor").await;
    practice.has_supervised(&theo, &[&sara]).await;
    let said = maya.writes(&client, "Between us").await.expect(201).text("/id");
    for who in [&owner, &sara] {
        who.get(&path).await.expect(403);
        who.writes(&client, "x").await.expect_problem(403, "not_yours");
    }
    vera.get(&path).await.expect_problem(404, "not_found");
    practice.sets_features(json!({"supervise.messages": "on"})).await;
    let page = sara.get(&path).await.expect(200);
    assert_eq!((texts(&page), page.at("/sending/blocked_by")), (vec!["Between us".to_owned()], json!(["not_yours"])));
    // Reading along is not reading: for staff the therapist reads.
    sara.has_read(&client, &said).await.expect_problem(403, "not_yours");
    sara.writes(&client, "x").await.expect_problem(403, "not_yours");
    owner.get(&path).await.expect(403);
    // Whoever takes the client over finds all that was written, and what was not read.
    owner.gives(&client, Some(&vera), json!({})).await.expect(200);
    assert_eq!(vera.get(&path).await.expect(200).at("/unread"), 1);
    theo.get(&path).await.expect_problem(404, "not_found");
    sara.get(&path).await.expect_problem(404, "not_found");
    assert_eq!(maya.get(&path).await.expect(200).at("/items/0/read_at"), Value::Null);
}
