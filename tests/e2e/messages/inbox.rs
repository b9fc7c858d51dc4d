//! One place to see who has written.

use end_to_end::{Answer, Persona, World};
use serde_json::{Value, json};

use super::{Pair, pair};

/// Whose threads are shown, in order, with what is unread of each.
fn shown(inbox: &Answer) -> Vec<(String, u64)> {
    let items = inbox.at("/items");
    let items = items.as_array().into_iter().flatten();
    items
        .map(|item| (item["client"]["first_name"].as_str().unwrap().to_owned(), item["unread"].as_u64().unwrap()))
        .collect()
}

async fn inbox(who: &Persona) -> Vec<(String, u64)> {
    shown(&who.get("/v1/inbox").await.expect(200))
}

fn of(name: &str, unread: u64) -> (String, u64) {
    (name.to_owned(), unread)
}

// K1, K2
#[tokio::test]
async fn an_inbox_shows_the_unread_first_then_the_latest() {
    let world = World::start().await;
    let Pair { practice, theo, maya, client, .. } = pair(&world).await;
    assert_eq!(inbox(&theo).await, [], "nothing was written yet");
    let mut others = Vec::new();
    for name in ["Ida", "Ola"] {
        let (id, portal) = practice.portal_client(name).await;
        practice.owner.gives(&id, Some(&theo), json!({})).await.expect(200);
        others.push((id, portal));
    }
    let [(ida, at_ida), (ola, _)] = others.try_into().expect("two");
    let said = maya.writes(&client, &format!("First.\n{}", "x".repeat(300))).await.expect(201).text("/id");
    world.advance(1).await;
    at_ida.writes(&ida, "Second").await.expect(201);
    world.advance(1).await;
    theo.writes(&ola, "Third").await.expect(201);
    let all = theo.get("/v1/inbox").await.expect(200);
    assert_eq!(shown(&all), [of("Ida", 1), of("Maya", 1), of("Ola", 0)]);
    assert_eq!(all.at("/items/1/last/id"), json!(said));
    assert_eq!(all.at("/items/1/last/from"), json!({"kind": "client", "id": client, "name": "Maya Lindqvist"}));
    let excerpt = all.text("/items/1/last/excerpt");
    assert!(excerpt.starts_with("First. xxx") && excerpt.chars().count() == 140, "{excerpt}");
    theo.has_read(&client, &said).await.expect(200);
    assert_eq!(inbox(&theo).await, [of("Ida", 1), of("Ola", 0), of("Maya", 0)]);
    // In pages.
    let first = theo.get("/v1/inbox?limit=2").await.expect(200);
    let second = theo.get(&format!("/v1/inbox?limit=2&cursor={}", first.text("/next_cursor"))).await.expect(200);
    assert_eq!((shown(&first).len(), shown(&second), second.at("/next_cursor")), (2, vec![of("Maya", 0)], Value::Null));
    // The client's own thread.
    let own = maya.get("/v1/inbox").await.expect(200);
    assert_eq!(own.at("/items/0/staff"), json!({"id": theo.id, "full_name": "Theo Berg"}));
    assert_eq!((own.at("/items/0/unread"), own.at("/items/1")), (json!(0), Value::Null));
}

// K1, L10, decision 11: an entry follows the client, and goes with it
#[tokio::test]
async fn an_inbox_follows_who_may_read() {
    let world = World::start().await;
    let Pair { practice, theo, maya, client, .. } = pair(&world).await;
    let owner = &practice.owner;
    let vera = practice.hires("Vera", "Therapist").await;
    let sara = practice.hires("Sara", "Supervisor").await;
    practice.has_supervised(&theo, &[&sara]).await;
    maya.writes(&client, "Hello").await.expect(201);
    for who in [owner, &sara, &vera] {
        assert_eq!(inbox(who).await, []);
    }
    practice.sets_features(json!({"supervise.messages": "on"})).await;
    assert_eq!(inbox(&sara).await, [of("Maya", 1)]);
    owner.gives(&client, Some(&vera), json!({})).await.expect(200);
    for who in [owner, &sara, &theo] {
        assert_eq!(inbox(who).await, []);
    }
    assert_eq!(inbox(&vera).await, [of("Maya", 1)]);
    // A client that is away does not take what it said along.
    owner.do_post(&format!("/v1/clients/{client}/deactivate")).await.expect(200);
    assert_eq!(inbox(&vera).await, [of("Maya", 1)]);
    owner.delete(&format!("/v1/clients/{client}")).await.expect(204);
    assert_eq!(inbox(&vera).await, []);
    vera.get(&format!("/v1/clients/{client}/messages")).await.expect(404);
}

// performance 5.1: calls do not grow with the clients
#[tokio::test]
async fn an_inbox_takes_the_same_calls_however_many_clients_there_are() {
    let world = World::start().await;
    let Pair { practice, theo, maya, client, .. } = pair(&world).await;
    maya.writes(&client, "Hello").await.expect(201);
    theo.get("/v1/inbox").await.expect(200);
    let few = theo.get("/v1/inbox").await.expect(200);
    assert_eq!(world.calls(&few).await.len(), 4, "session, list of clients, threads, trail");
    for n in 0..20 {
        let (id, portal) = practice.portal_client(&format!("Client{n}")).await;
        practice.owner.gives(&id, Some(&theo), json!({})).await.expect(200);
        portal.writes(&id, "Hello").await.expect(201);
    }
    theo.get("/v1/inbox").await.expect(200);
    let many = theo.get("/v1/inbox").await.expect(200);
    assert_eq!(shown(&many).len(), 21);
    assert_eq!(world.calls(&many).await.len(), 4);
    assert_eq!(world.rounds(&many).await, 3);
}
