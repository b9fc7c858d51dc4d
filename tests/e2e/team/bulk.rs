//! Many clients at once.

use end_to_end::World;
use serde_json::{Value, json};

use super::sees;

fn ask(clients: &[&str], to: &str) -> Value {
    json!({"action": "reassign", "client_ids": clients, "staff_id": to})
}

// L10
#[tokio::test]
async fn many_clients_are_reassigned_and_each_is_accounted_for() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let (one, two) = (theo.adds_client("Maya").await, vera.adds_client("Noor").await);
    let done = owner.post("/v1/clients/bulk", ask(&[&one, &two], &vera.id)).await.expect(200);
    let results = json!([
        {"client_id": one, "outcome": "done"},
        {"client_id": two, "outcome": "unchanged"},
    ]);
    assert_eq!(done.at("/results"), results);
    assert!(!sees(&theo, &one).await && sees(&vera, &one).await);
    let audit = world.audit(&done).await;
    let moves: Vec<_> = audit.iter().filter(|(_, decided, _)| decided == "done").collect();
    assert_eq!(moves.len(), 1);
    // AUD-2: who stays as they were is shown, too
    assert!(audit.contains(&("client.reassign".to_owned(), "asked".to_owned(), vec![two.clone()])), "{audit:?}");
    assert!(moves[0].2.contains(&theo.id) && moves[0].2.contains(&vera.id));
    let again = owner.post("/v1/clients/bulk", ask(&[&one, &two], &vera.id)).await.expect(200);
    assert_eq!(
        (again.at("/results/0/outcome"), again.at("/results/1/outcome")),
        (json!("unchanged"), json!("unchanged"))
    );
}

// L10
#[tokio::test]
async fn one_client_that_is_not_the_callers_and_nothing_happens() {
    let world = World::start().await;
    let (practice, other) = (world.practice("harbor").await, world.practice("other").await);
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let (own, foreign) = (theo.adds_client("Maya").await, other.owner.adds_client("Noor").await);
    for absent in [foreign, format!("cli_{}", "0".repeat(26))] {
        let asked = owner.post("/v1/clients/bulk", ask(&[&own, &absent], &vera.id)).await;
        asked.expect_problem(404, "not_found");
    }
    assert!(sees(&theo, &own).await && !sees(&vera, &own).await);
    theo.post("/v1/clients/bulk", ask(&[&own], &vera.id)).await.expect_problem(403, "role");
    vera.post("/v1/clients/bulk", ask(&[&own], &vera.id)).await.expect_problem(404, "not_found");
    let refused = owner.post("/v1/clients/bulk", ask(&[&own], &other.owner.id)).await.expect(422);
    assert_eq!(refused.at("/errors/0/code"), "reassign_target");
    for ids in [vec![], vec![own.as_str(), own.as_str()]] {
        owner.post("/v1/clients/bulk", ask(&ids, &vera.id)).await.expect(422);
    }
    let many: Vec<String> = (0..101).map(|n| format!("cli_{n:026}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    owner.post("/v1/clients/bulk", ask(&many, &vera.id)).await.expect(422);
}

// L10: as many as one request takes
#[tokio::test]
async fn a_hundred_clients_are_one_request() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let vera = practice.hires("Vera", "Therapist").await;
    let mut clients = Vec::new();
    for n in 0..100 {
        let added = practice.owner.adds_client_with(&format!("Client {n} Nord"), json!({"force": true})).await;
        clients.push(added.text("/id"));
    }
    let ids: Vec<&str> = clients.iter().map(String::as_str).collect();
    let done = practice.owner.post("/v1/clients/bulk", ask(&ids, &vera.id)).await.expect(200);
    let done = done.at("/results");
    assert!(done.as_array().into_iter().flatten().all(|result| result["outcome"] == "done"), "{done}");
    assert_eq!(vera.get("/v1/clients").await.expect(200).at("/total"), 100);
}

// L10
#[tokio::test]
async fn many_handovers_are_planned_at_once() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let (one, two) = (theo.adds_client("Maya").await, theo.adds_client("Noor").await);
    let joined = owner.get(&format!("/v1/clients/{one}")).await.expect(200).text("/join_date");
    let on = joined.parse::<jiff::civil::Date>().expect("a day").saturating_add(jiff::Span::new().days(1));
    let mut body = ask(&[&one, &two], &vera.id);
    body["on"] = json!(on);
    let planned = owner.post("/v1/clients/bulk", body.clone()).await.expect(200);
    assert_eq!((planned.at("/results/0/outcome"), planned.at("/results/1/outcome")), (json!("done"), json!("done")));
    let again = owner.post("/v1/clients/bulk", body.clone()).await.expect(200);
    assert_eq!(again.at("/results/0/outcome"), "unchanged");
    assert!(sees(&theo, &one).await && !sees(&vera, &one).await);
    body["on"] = json!("2020-01-01");
    owner.post("/v1/clients/bulk", body).await.expect(422);
    world.advance(24 * 3600).await;
    assert_eq!(world.run("apply-handovers").await, json!({"due": 2, "done": 2, "skipped": 0}));
}
