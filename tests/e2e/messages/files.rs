//! Files that go along with a message.

use end_to_end::World;
use serde_json::json;

use super::{Pair, pair};

// K1, H3: attaching shares, in the same transaction
#[tokio::test]
async fn a_hidden_file_that_goes_with_a_message_is_shared_by_that() {
    let world = World::start().await;
    let Pair { theo, maya, client, path, .. } = pair(&world).await;
    let hidden = theo.uploads_file(&client, json!({})).await;
    maya.get(&format!("/v1/files/{hidden}")).await.expect(404);
    let sent = theo.post(&path, json!({"body": "Read this", "file_ids": [hidden]})).await.expect(201);
    assert_eq!(sent.at("/file_ids"), json!([hidden]));
    assert_eq!(maya.get(&path).await.at("/items/0/file_ids"), json!([hidden]));
    assert_eq!(maya.get(&format!("/v1/files/{hidden}")).await.expect(200).at("/shared"), true);
    let (action, decided, named) = world.audit(&sent).await.pop().expect("an entry");
    assert_eq!((action.as_str(), decided.as_str()), ("message.send", "done"));
    assert!(named.contains(&hidden), "{named:?}");
    // The client's own, and what is shared already.
    let own = maya.uploads_file(&client, json!({})).await;
    maya.post(&path, json!({"body": "Mine", "file_ids": [own, hidden]})).await.expect(201);
}

// K1, E6, E7: what the sender does not see is not there, and nothing is sent or shared
#[tokio::test]
async fn a_file_of_somebody_else_or_that_is_not_ready_is_refused_and_nothing_is_sent() {
    let world = World::start().await;
    let Pair { practice, theo, maya, client, path } = pair(&world).await;
    let other = theo.adds_client("Ola").await;
    let foreign = theo.uploads_file(&other, json!({"shared": true})).await;
    let hidden = theo.uploads_file(&client, json!({})).await;
    let late = theo.begins_upload(&client, json!({})).await.text("/id");
    let with = |files: serde_json::Value| json!({"body": "x", "file_ids": files});
    for who in [&theo, &maya] {
        who.post(&path, with(json!([foreign]))).await.expect_problem(404, "not_found");
    }
    theo.post(&path, with(json!([hidden, foreign]))).await.expect_problem(404, "not_found");
    maya.post(&path, with(json!([hidden]))).await.expect_problem(404, "not_found");
    let refused = theo.post(&path, with(json!([hidden, late]))).await.expect_problem(409, "file_not_ready");
    assert_eq!(refused.at("/file_id"), json!(late));
    let many: Vec<&str> = std::iter::repeat_n(hidden.as_str(), 11).collect();
    let refused = theo.post(&path, with(json!(many))).await.expect_problem(422, "invalid_field");
    assert_eq!(refused.text("/errors/0/code"), "too_many");
    let refused = theo.post(&path, with(json!([hidden, hidden]))).await.expect_problem(422, "invalid_field");
    assert_eq!(refused.text("/errors/0/pointer"), "/file_ids/1");
    // A role without files shares none.
    practice.sets_features(json!({"files": "off"})).await;
    theo.post(&path, with(json!([hidden]))).await.expect_problem(403, "role");
    practice.sets_features(json!({"files": "inherit"})).await;
    assert_eq!(theo.get(&path).await.at("/items"), json!([]));
    assert_eq!(theo.get(&format!("/v1/files/{hidden}")).await.at("/shared"), false);
}
