//! What is kept and what is gone: permanent deletion, and the client list folded into a new snapshot.

use aws_sdk_dynamodb::types::AttributeValue;
use caseload::domain::ids::{ClientId, PracticeId};
use caseload_local::cloud::TABLE;
use caseload_local::faults::{Fault, Kind};
use end_to_end::World;
use serde_json::json;

/// The partition keys of every item that names a client in its key.
async fn keys_naming(world: &World, id: &str) -> Vec<String> {
    let key = id.parse::<ClientId>().expect("an id").key();
    let items = world.cloud.table().scan().table_name(TABLE).send().await.expect("a scan").items.unwrap_or_default();
    let text = |value: &AttributeValue| value.as_s().cloned().unwrap_or_default();
    let named = items.into_iter().map(|item| format!("{} {}", text(&item["pk"]), text(&item["sk"])));
    named.filter(|name| name.contains(&key) && !name.contains("#IDEM#")).collect()
}

// A8, decision 11, AUD-5
#[tokio::test]
async fn a_deletion_is_permanent_and_an_interrupted_one_is_finished_by_the_schedule() {
    let world = World::start().await;
    let practice = world.practice("gone").await;
    let owner = &practice.owner;
    for interrupted in [false, true] {
        let (id, portal) = practice.portal_client(if interrupted { "Ola" } else { "Maya" }).await;
        let body = json!({"name": "a.txt", "size": 5, "content_type": "text/plain"});
        let file = owner.post(&format!("/v1/clients/{id}/files"), body).await.expect(201);
        owner.upload(&file.at("/upload"), "hello").await.expect(200);
        owner.do_post(&format!("/v1/files/{}/complete", file.text("/id"))).await.expect(200);
        let link = owner.do_post(&format!("/v1/files/{}/download", file.text("/id"))).await.expect(200).text("/url");
        owner.delete(&format!("/v1/clients/{id}")).await.expect(204);
        owner.get(&format!("/v1/clients/{id}")).await.expect_problem(404, "not_found");
        portal.get("/v1/me").await.expect_problem(401, "unauthenticated");
        assert_eq!(owner.get("/v1/clients").await.at("/total"), 0);
        if interrupted {
            world.cloud.faults().arm(Fault::at(1, Kind::ServerError).times(50).service("s3"));
            assert_eq!(world.run("finish-deletions").await, json!({"due": 1, "done": 0, "skipped": 1}));
            world.cloud.faults().clear();
        }
        assert_eq!(world.run("finish-deletions").await, json!({"due": 1, "done": 1, "skipped": 0}));
        assert_eq!(world.run("finish-deletions").await["due"], 0);
        assert_eq!(keys_naming(&world, &id).await, Vec::<String>::new());
        assert_eq!(world.anonymous.fetch(&link).await.status.as_u16(), 404);
    }
    // The login address is free again.
    practice.portal_client("Maya").await;
}

// decision 20
#[tokio::test]
async fn a_folded_directory_shows_the_same_clients_to_warm_and_cold() {
    let world = World::start().await;
    let practice = world.practice("folded").await;
    let owner = &practice.owner;
    for n in 0..3 {
        owner.adds_client(&format!("Ana {n} Okafor")).await;
    }
    let before = owner.get("/v1/clients").await.expect(200);
    let id: PracticeId = practice.id.parse().expect("an id");
    for total in [3, 4] {
        world.cloud.app().store.ask_for_compaction(id).await.expect("asked");
        assert_eq!(world.run("compact-directories").await, json!({"due": 1, "done": 1, "skipped": 0}));
        let after = owner.get("/v1/clients").await.expect(200);
        assert_eq!(after.at("/total"), total);
        assert_eq!(after.at("/items/0"), before.at("/items/0"));
        if total == 3 {
            owner.adds_client("Zoë Weiß").await;
            assert_eq!(owner.post("/v1/clients/search", json!({"q": "weiss"})).await.at("/total"), 1);
        }
    }
    assert_eq!(world.run("compact-directories").await["due"], 0);
}

// H5, AUD-2, decision 11
#[tokio::test]
async fn a_file_whose_deletion_was_cut_off_goes_with_the_same_request_again() {
    let world = World::start().await;
    let owner = world.practice("half").await.owner;
    let client = owner.adds_client("Maya").await;
    let path = format!("/v1/files/{}", owner.uploads_file(&client, json!({})).await);
    let tag = owner.get(&path).await.expect(200).header("etag");
    let delete = || owner.request(http::Method::DELETE, &path).header("if-match", &tag).send();
    world.cloud.faults().arm(Fault::at(1, Kind::ServerError).times(50).service("s3"));
    delete().await.expect_problem(503, "unavailable");
    world.cloud.faults().clear();
    owner.get(&path).await.expect_problem(404, "not_found");
    let again = delete().await.expect(204);
    let trail = world.audit(&again).await;
    assert!(trail.iter().any(|(action, decided, _)| action == "file.delete" && decided == "repeated"), "{trail:?}");
    delete().await.expect_problem(404, "not_found");
}
