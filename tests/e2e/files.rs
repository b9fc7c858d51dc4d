//! What becomes of a file once it is there: who has opened it, what can be taken back, and what an admin may open.

use end_to_end::{Persona, World};
use serde_json::{Value, json};

struct Stage {
    world: World,
    owner: Persona,
    theo: Persona,
    maya: String,
    portal: Persona,
}

impl Stage {
    async fn set() -> Self {
        let world = World::start().await;
        let practice = world.practice("files").await;
        let theo = practice.hires("Theo", "Therapist").await;
        let maya = theo.adds_and_invites("Maya", "maya@mail.example").await.text("/id");
        let portal = world.accept("maya@mail.example").await;
        Self { world, owner: practice.owner, theo, maya, portal }
    }

    fn list(&self) -> String {
        format!("/v1/clients/{}/files", self.maya)
    }

    async fn opens(&self, by: &Persona, id: &str) {
        by.do_post(&format!("/v1/files/{id}/download")).await.expect(200);
    }
}

// H2, H6
#[tokio::test]
async fn what_arrives_is_new_until_the_other_side_opens_it() {
    let stage = Stage::set().await;
    let hers = stage.portal.uploads_file(&stage.maya, json!({})).await;
    let his = stage.theo.uploads_file(&stage.maya, json!({"shared": true})).await;
    let new = async |by: &Persona, id: &str| by.get(&format!("/v1/files/{id}")).await.expect(200).at("/new");
    assert_eq!((new(&stage.theo, &hers).await, new(&stage.theo, &his).await), (json!(true), json!(false)));
    assert_eq!((new(&stage.portal, &hers).await, new(&stage.portal, &his).await), (json!(false), json!(true)));
    // One's own download opens nothing for the other side.
    stage.opens(&stage.theo, &his).await;
    assert_eq!(new(&stage.portal, &his).await, true);
    for _ in 0..2 {
        stage.opens(&stage.theo, &hers).await;
        stage.opens(&stage.portal, &his).await;
    }
    assert_eq!((new(&stage.theo, &hers).await, new(&stage.portal, &his).await), (json!(false), json!(false)));
    let seen = stage.theo.get(&format!("/v1/files/{his}")).await.expect(200);
    assert_eq!((seen.at("/opened_by_client/downloads"), seen.at("/opened_by_staff/downloads")), (json!(2), json!(1)));
    assert_ne!(seen.at("/opened_by_client/first_at"), seen.at("/opened_by_client/last_at"));
    // Staff's own looks are not the client's business.
    assert_eq!(stage.portal.get(&format!("/v1/files/{his}")).await.at("/opened_by_staff"), Value::Null);
    // That somebody has opened it is no change of the file.
    let tag = stage.theo.get(&format!("/v1/files/{his}")).await.header("etag");
    stage.opens(&stage.portal, &his).await;
    let patch = stage.theo.request(http::Method::PATCH, &format!("/v1/files/{his}")).header("if-match", &tag);
    patch.json(&json!({"name": "plan.pdf"})).send().await.expect(200);
}

// H2, H5, decision 30
#[tokio::test]
async fn a_client_takes_back_what_nobody_has_opened() {
    let stage = Stage::set().await;
    let (one, two) = (
        stage.portal.uploads_file(&stage.maya, json!({})).await,
        stage.portal.uploads_file(&stage.maya, json!({})).await,
    );
    stage.portal.delete(&format!("/v1/files/{one}")).await.expect(204);
    stage.theo.get(&format!("/v1/files/{one}")).await.expect_problem(404, "not_found");
    stage.opens(&stage.theo, &two).await;
    stage.portal.delete(&format!("/v1/files/{two}")).await.expect_problem(409, "already_opened");
    let his = stage.theo.uploads_file(&stage.maya, json!({"shared": true})).await;
    stage.portal.delete(&format!("/v1/files/{his}")).await.expect_problem(403, "not_yours");
    let usage = stage.theo.get(&stage.list()).await.expect(200).at("/usage");
    assert_eq!(
        (&usage["files"], &usage["max_files"], &usage["max_bytes"]),
        (&json!(2), &json!(200), &json!(2_147_483_648_u64))
    );
    assert_eq!(stage.portal.get(&stage.list()).await.at("/usage"), Value::Null);
}

// H1
#[tokio::test]
async fn files_are_found_by_name() {
    let stage = Stage::set().await;
    for name in ["Übung eins.pdf", "Worksheet 2.pdf"] {
        let body = json!({"name": name, "shared": true});
        stage.theo.uploads_file(&stage.maya, body).await;
    }
    let found = async |by: &Persona, q: &str| {
        let items = by.get(&format!("{}?q={q}", stage.list())).await.expect(200).at("/items");
        items.as_array().expect("items").iter().map(|item| item["name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(found(&stage.theo, "ubung").await, ["Übung eins.pdf"]);
    assert_eq!(found(&stage.portal, "SHEET").await, ["Worksheet 2.pdf"]);
    assert!(found(&stage.portal, "nothing").await.is_empty());
    stage.theo.get(&format!("{}?q={}", stage.list(), "a".repeat(201))).await.expect(400);
}

// decision 31
#[tokio::test]
async fn an_admin_opens_a_hidden_file_with_a_reason_and_is_seen() {
    let stage = Stage::set().await;
    let hidden = stage.theo.uploads_file(&stage.maya, json!({"shared": false})).await;
    let glass = format!("/v1/files/{hidden}/break-glass");
    stage.owner.do_post(&format!("/v1/files/{hidden}/download")).await.expect_problem(403, "not_yours");
    stage.owner.post(&glass, json!({})).await.expect(422);
    let mails = async |to: &str| stage.world.mails(to).await.len();
    let before = (mails("theo@files.example").await, mails("owner@files.example").await);
    let opened = stage.owner.post(&glass, json!({"reason": "Theo is away."})).await.expect(200);
    assert!(stage.owner.fetch(&opened.text("/url")).await.status.is_success());
    assert_eq!((mails("theo@files.example").await, mails("owner@files.example").await), (before.0 + 1, before.1 + 1));
    assert_eq!(stage.theo.get(&format!("/v1/files/{hidden}")).await.at("/opened_by_staff/downloads"), 1);
    stage.theo.post(&glass, json!({"reason": "Mine."})).await.expect(403);
}
