//! The mail that a message waits (K3).

use end_to_end::{Persona, World};
use serde_json::json;

use super::{Pair, pair};

const SUBJECT: &str = "A message is waiting for you";

/// How many such mails an address has got.
async fn told(world: &World, address: &str) -> usize {
    world.mails(address).await.iter().filter(|mail| mail["subject"] == SUBJECT).count()
}

/// Time goes by, and whoever is there stays signed in.
async fn wait(world: &World, minutes: i64, who: &mut [&mut Persona]) {
    for _ in 0..minutes.div_euclid(8) + 1 {
        world.advance(minutes * 60 / (minutes.div_euclid(8) + 1)).await;
        for one in &mut *who {
            **one = one.later().await;
        }
    }
}

// K3, security EML-1: after a quarter of an hour, once, without content
#[tokio::test]
async fn who_has_not_read_for_a_quarter_of_an_hour_is_told_once_and_without_content() {
    let world = World::start().await;
    let Pair { mut theo, mut maya, client, .. } = pair(&world).await;
    theo.writes(&client, "Something private").await.expect(201);
    wait(&world, 14, &mut [&mut theo, &mut maya]).await;
    theo.writes(&client, "And more").await.expect(201);
    assert_eq!(world.run("tell-of-messages").await, json!({"due": 0, "done": 0, "skipped": 0}));
    wait(&world, 2, &mut [&mut theo, &mut maya]).await;
    let (one, two) = tokio::join!(world.run("tell-of-messages"), world.run("tell-of-messages"));
    assert_eq!(one["done"].as_u64().unwrap() + two["done"].as_u64().unwrap(), 1, "{one} {two}");
    assert_eq!(told(&world, "maya@mail.example").await, 1);
    let mail = world.newest_mail("maya@mail.example").await.to_string();
    assert!(mail.contains("/harbor") && !mail.contains("private") && !mail.contains("Theo"), "{mail}");
    // Collapsed: whatever comes, until the reader has read.
    let last = theo.writes(&client, "Still there?").await.expect(201).text("/id");
    wait(&world, 60, &mut [&mut theo, &mut maya]).await;
    assert_eq!(world.run("tell-of-messages").await["due"], 0);
    maya.has_read(&client, &last).await.expect(200);
    theo.writes(&client, "Good").await.expect(201);
    wait(&world, 16, &mut [&mut theo, &mut maya]).await;
    assert_eq!(world.run("tell-of-messages").await["done"], 1);
    assert_eq!(told(&world, "maya@mail.example").await, 2);
    assert_eq!(told(&world, "theo@harbor.example").await, 0);
}

// K3: staff likewise, and nobody's name stands in it
#[tokio::test]
async fn a_therapist_is_told_without_a_name_and_whoever_takes_over_anew() {
    let world = World::start().await;
    let Pair { mut practice, mut maya, client, .. } = pair(&world).await;
    let vera = practice.hires("Vera", "Therapist").await;
    maya.writes(&client, "Help").await.expect(201);
    wait(&world, 16, &mut [&mut practice.owner, &mut maya]).await;
    assert_eq!(world.run("tell-of-messages").await["done"], 1);
    let mail = world.newest_mail("theo@harbor.example").await.to_string();
    assert!(mail.contains(SUBJECT) && !mail.contains("Maya") && !mail.contains("Help"), "{mail}");
    practice.owner.gives(&client, Some(&vera), json!({})).await.expect(200);
    maya.writes(&client, "Hello?").await.expect(201);
    wait(&world, 16, &mut [&mut practice.owner, &mut maya]).await;
    assert_eq!(world.run("tell-of-messages").await["done"], 1);
    assert_eq!((told(&world, "theo@harbor.example").await, told(&world, "vera@harbor.example").await), (1, 1));
}

// K3: who has read, cannot come in, or may not use messages any more, is not written to
#[tokio::test]
async fn nobody_is_told_of_what_they_have_read_or_cannot_read() {
    let world = World::start().await;
    let Pair { mut practice, mut theo, mut maya, client, .. } = pair(&world).await;
    let nothing = json!({"due": 1, "done": 0, "skipped": 1});
    let read = theo.writes(&client, "One").await.expect(201).text("/id");
    maya.has_read(&client, &read).await.expect(200);
    wait(&world, 16, &mut [&mut practice.owner, &mut theo, &mut maya]).await;
    assert_eq!(world.run("tell-of-messages").await, nothing);
    theo.writes(&client, "Two").await.expect(201);
    let path = format!("/v1/clients/{client}/portal");
    practice.owner.patch(&path, json!({"permissions": {"secure_messaging": false}})).await.expect(200);
    wait(&world, 16, &mut [&mut practice.owner, &mut theo, &mut maya]).await;
    assert_eq!(world.run("tell-of-messages").await, nothing);
    practice.owner.patch(&path, json!({"permissions": {"secure_messaging": true}})).await.expect(200);
    // It was let go, so the next message waits anew.
    theo.writes(&client, "Three").await.expect(201);
    wait(&world, 16, &mut [&mut practice.owner, &mut theo, &mut maya]).await;
    assert_eq!(world.run("tell-of-messages").await["done"], 1);
    maya.writes(&client, "Four").await.expect(201);
    practice.sets_status(&theo, "on_hold").await;
    wait(&world, 16, &mut [&mut practice.owner, &mut theo, &mut maya]).await;
    assert_eq!(world.run("tell-of-messages").await, nothing);
    assert_eq!(told(&world, "theo@harbor.example").await, 0);
    // Nor of what is gone.
    practice.sets_status(&theo, "active").await;
    maya.writes(&client, "Five").await.expect(201);
    practice.owner.delete(&format!("/v1/clients/{client}")).await.expect(204);
    world.advance(16 * 60).await;
    assert_eq!(world.run("tell-of-messages").await, nothing);
    assert_eq!(world.run("tell-of-messages").await["due"], 0);
}

// K3, decision 22: a mail that did not go out is sent by the flush, once
#[tokio::test]
async fn a_notice_that_did_not_go_out_is_sent_later() {
    let world = World::start().await;
    let Pair { theo, client, .. } = pair(&world).await;
    theo.writes(&client, "One").await.expect(201);
    world.advance(16 * 60).await;
    world.anonymous.post("/dev/mail/trouble", json!({"mode": "failing"})).await.expect(200);
    assert_eq!(world.run("tell-of-messages").await["done"], 1);
    assert_eq!(told(&world, "maya@mail.example").await, 0);
    world.anonymous.post("/dev/mail/trouble", json!({"mode": "none"})).await.expect(200);
    assert_eq!(world.run("flush-mail").await["done"], 1);
    assert_eq!(told(&world, "maya@mail.example").await, 1);
    assert_eq!(world.run("tell-of-messages").await["due"], 0);
}

// K3, IDN-13: what an address may be sent in a day is no reason to forget, nor to try every minute
#[tokio::test]
async fn a_notice_that_would_be_too_many_waits_until_there_is_room() {
    let world = World::start().await;
    let Pair { practice, theo, maya, client, .. } = pair(&world).await;
    let vera = practice.hires("Vera", "Therapist").await;
    // As much to her as to him.
    let other = practice.owner.adds_client("Ola").await;
    practice.owner.gives(&other, Some(&vera), json!({})).await.expect(200);
    let mut turn = [&vera, &theo].into_iter().cycle();
    while practice.owner.gives(&client, turn.next(), json!({})).await.status == 200 {}
    maya.writes(&client, "Hello?").await.expect(201);
    world.advance(16 * 60).await;
    assert_eq!(world.run("tell-of-messages").await, json!({"due": 1, "done": 0, "skipped": 1}));
    world.advance(60).await;
    assert_eq!(world.run("tell-of-messages").await["due"], 0, "not before there is room");
    world.advance(24 * 3600).await;
    assert_eq!(world.run("tell-of-messages").await["done"], 1);
    let told = told(&world, "theo@harbor.example").await + told(&world, "vera@harbor.example").await;
    assert_eq!(told, 1);
}
