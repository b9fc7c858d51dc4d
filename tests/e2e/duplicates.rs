//! Who is told, when adding a client, that the same person is here already.

use caseload_local::cloud::TABLE;
use end_to_end::{Answer, Persona, World};
use serde_json::{Value, json};

fn maya() -> Value {
    json!({"first_name": "Maya", "last_name": "Lindqvist", "date_of_birth": "1991-02-28"})
}

async fn add(who: &Persona) -> String {
    who.post("/v1/clients", maya()).await.expect(201).text("/id")
}

/// Whom somebody is told of who adds the same person once more.
async fn told(who: &Persona) -> Vec<String> {
    let refused = who.post("/v1/clients", maya()).await.expect_problem(409, "possible_duplicate");
    candidates(&refused)
}

fn candidates(refused: &Answer) -> Vec<String> {
    let candidates = refused.at("/candidates");
    let ids = candidates.as_array().into_iter().flatten().filter_map(|one| one["id"].as_str());
    let mut ids: Vec<String> = ids.map(str::to_owned).collect();
    ids.sort_unstable();
    ids
}

/// Whom each hint in the table names.
async fn hints(world: &World) -> Vec<Vec<String>> {
    let mut pages = world.cloud.table().scan().table_name(TABLE).into_paginator().items().send();
    let mut named = Vec::new();
    while let Some(item) = pages.next().await {
        let item = item.expect("an item");
        if item.get("entity").and_then(|value| value.as_s().ok()).is_some_and(|name| name == "duplicate_hint") {
            named.push(item.get("clients").and_then(|value| value.as_ss().ok()).cloned().unwrap_or_default());
        }
    }
    named
}

// A5, B14, L16: nobody has opened a list before, so that hints are all there is
#[tokio::test]
async fn a_twin_that_somebody_else_adds_hides_nobody() {
    let world = World::start().await;
    let practice = world.practice("twins").await;
    let (tess, theo) = (practice.hires("Tess", "Therapist").await, practice.hires("Theo", "Therapist").await);
    let (hers, his) = (add(&tess).await, add(&theo).await);
    assert_eq!(told(&tess).await, [&*hers]);
    assert_eq!(told(&theo).await, [&*his]);
    assert_eq!(told(&practice.owner).await, [&*hers, &*his]);
    // Who is somebody else now, or gone, takes nobody else along.
    theo.patch(&format!("/v1/clients/{his}"), json!({"first_name": "Maja"})).await.expect(200);
    assert_eq!(told(&practice.owner).await, [&*hers]);
    let again = add(&theo).await;
    assert_eq!(told(&practice.owner).await, [&*hers, &*again]);
    practice.owner.delete(&format!("/v1/clients/{again}")).await.expect(204);
    assert_eq!(told(&tess).await, [&*hers]);
    practice.owner.delete(&format!("/v1/clients/{hers}")).await.expect(204);
    let last = add(&tess).await;
    assert_eq!(hints(&world).await.concat().len(), 2, "his under another name, and her last one");
    practice.owner.delete(&format!("/v1/clients/{last}")).await.expect(204);
    assert_eq!(hints(&world).await, [[his]], "decision 11: nothing is left of who was deleted");
}

// B14: the newest sixteen
#[tokio::test]
async fn a_hint_names_many_clients_but_not_without_end() {
    let world = World::start().await;
    let owner = world.practice("many").await.owner;
    let mut body = maya();
    body["force"] = json!(true);
    let mut added = Vec::new();
    for _ in 0..19 {
        added.push(owner.post("/v1/clients", body.clone()).await.expect(201).text("/id"));
    }
    let mut named = hints(&world).await;
    assert_eq!(named.len(), 1, "one mark, one hint");
    let mut named = named.remove(0);
    named.sort_unstable();
    assert_eq!(named, added[3..]);
}

// AUD-1, AUD-2
#[tokio::test]
async fn a_refusal_that_shows_clients_is_in_the_trail() {
    let world = World::start().await;
    let practice = world.practice("trail").await;
    let tess = practice.hires("Tess", "Therapist").await;
    let (hers, other) = (add(&tess).await, add(&practice.hires("Theo", "Therapist").await).await);
    let refused = tess.post("/v1/clients", maya()).await.expect_problem(409, "possible_duplicate");
    let trail = world.audit(&refused).await;
    assert!(trail.contains(&("client.read".to_owned(), "asked".to_owned(), vec![hers.clone()])), "{trail:?}");
    assert!(!trail.iter().any(|(.., named)| named.contains(&other)), "{trail:?}");
}
