//! Files that are attached to a task are shared with it.

use end_to_end::World;
use serde_json::{Value, json};

use super::Cast;

// G1, E7
#[tokio::test]
async fn a_file_that_is_attached_is_shared_at_the_same_moment() {
    let cast = Cast::meet().await;
    let (theo, portal) = (&cast.theo, &cast.portal);
    let file = theo.uploads_file(&cast.maya, json!({"shared": false})).await;
    portal.get(&format!("/v1/files/{file}")).await.expect_problem(404, "not_found");
    let set = theo.post(&cast.tasks(), json!({"title": "Read", "file_ids": [file]})).await.expect(201);
    let attached = json!([{"id": file, "name": "a.pdf", "content_type": "application/pdf", "size": 24}]);
    assert_eq!(set.at("/files"), attached);
    assert_eq!(portal.get(&format!("/v1/files/{file}")).await.expect(200).at("/shared"), true);
    let path = format!("/v1/tasks/{}", set.text("/id"));
    assert_eq!(portal.get(&path).await.expect(200).at("/files"), attached);
    assert_eq!(portal.get(&cast.tasks()).await.expect(200).at("/items/0/files"), attached);
    let (_, _, named) = cast.world.audit(&set).await.into_iter().next().expect("an entry");
    assert!(named.contains(&file), "{named:?}");

    // Hidden again, it is not told of in the portal; deleted, nowhere.
    theo.patch(&format!("/v1/files/{file}"), json!({"shared": false})).await.expect(200);
    assert_eq!(portal.get(&path).await.expect(200).at("/files"), json!([]));
    assert_eq!(theo.get(&path).await.expect(200).at("/files"), attached);
    theo.delete(&format!("/v1/files/{file}")).await.expect(204);
    assert_eq!(theo.get(&path).await.expect(200).at("/files"), json!([]));

    // Others are attached in its place.
    let other = theo.uploads_file(&cast.maya, json!({"name": "b.pdf"})).await;
    let changed = theo.patch(&path, json!({"file_ids": [other]})).await.expect(200);
    assert_eq!(changed.text("/files/0/name"), "b.pdf");
    assert_eq!(theo.get(&format!("/v1/files/{other}")).await.expect(200).at("/shared"), true);
    assert_eq!(theo.patch(&path, json!({"file_ids": null})).await.expect(200).at("/files"), json!([]));
    assert_eq!(theo.get(&format!("/v1/files/{other}")).await.expect(200).at("/shared"), true, "taken off stays shared");

    // A client attaches what it has uploaded.
    let own = portal.uploads_file(&cast.maya, json!({"name": "c.pdf"})).await;
    let todo = portal.post(&cast.tasks(), json!({"title": "Mine", "file_ids": [own]})).await.expect(201);
    assert_eq!(todo.text("/files/0/name"), "c.pdf");
}

// G1, H7: nobody attaches what is another client's, what is not there, what is not theirs to share
#[tokio::test]
async fn what_is_not_there_or_not_ones_own_is_not_attached() {
    let cast = Cast::meet().await;
    let (theo, owner) = (&cast.theo, &cast.practice.owner);
    let other = theo.adds_client("Noor").await;
    let foreign = theo.uploads_file(&other, json!({"shared": true})).await;
    let attach = |file: &str| json!({"title": "Read", "file_ids": [file]});
    theo.post(&cast.tasks(), attach(&foreign)).await.expect_problem(404, "not_found");
    let hidden = theo.uploads_file(&cast.maya, json!({"shared": false})).await;
    cast.portal.post(&cast.tasks(), attach(&hidden)).await.expect_problem(404, "not_found");
    let waiting = theo.begins_upload(&cast.maya, json!({})).await.text("/id");
    theo.post(&cast.tasks(), attach(&waiting)).await.expect_problem(409, "file_not_ready");
    let mut unknown = hidden.clone();
    unknown.replace_range(unknown.len() - 4.., "0000");
    theo.post(&cast.tasks(), attach(&unknown)).await.expect_problem(404, "not_found");
    // Whoever only holds a session with the client sees what is shared, and shares nothing of others.
    owner.gives(&cast.maya, Some(theo), json!({"ownership": "practice"})).await.expect(200);
    let walt = cast.practice.hires("Walt", "Therapist").await;
    owner.books(&cast.maya, &walt, (60, 110)).await;
    walt.post(&cast.tasks(), attach(&hidden)).await.expect_problem(404, "not_found");
    assert_eq!(theo.get(&format!("/v1/files/{hidden}")).await.expect(200).at("/shared"), false, "nothing was shared");

    let mut all = Vec::new();
    for _ in 0..11 {
        all.push(theo.uploads_file(&cast.maya, json!({})).await);
    }
    let refused = theo.post(&cast.tasks(), json!({"title": "Read", "file_ids": all})).await;
    assert_eq!(refused.expect_problem(422, "invalid_field").text("/errors/0/code"), "too_many");
    let twice = json!({"title": "Read", "file_ids": [all[0], all[0]]});
    let refused = theo.post(&cast.tasks(), twice).await.expect_problem(422, "invalid_field");
    assert_eq!(
        (refused.text("/errors/0/code"), refused.text("/errors/0/pointer")),
        ("named_twice".into(), "/file_ids/1".into())
    );
    let ten = theo.post(&cast.tasks(), json!({"title": "Read", "file_ids": all[..10]})).await.expect(201);
    assert_eq!(ten.at("/files").as_array().map(Vec::len), Some(10));
    assert_eq!(cast.titles(theo, "").await, ["Read"]);
}

// G1, L5: who has no files attaches none, and is told of none
#[tokio::test]
async fn files_of_a_task_are_for_those_who_have_files() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let theo = practice.hires("Theo", "Therapist").await;
    let maya = theo.adds_client("Maya").await;
    let file = theo.uploads_file(&maya, json!({})).await;
    let task = theo.sets_task(&maya, json!({"file_ids": [file]})).await;
    practice.sets_features(json!({"files": "off"})).await;
    let shown = theo.get(&format!("/v1/tasks/{task}")).await.expect(200);
    assert_eq!((shown.at("/files"), shown.at("/title")), (json!([]), Value::from("Breathe")));
    theo.tries_to_set_task(&maya, json!({"file_ids": [file]})).await.expect_problem(403, "role");
}
