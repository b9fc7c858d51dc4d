//! Asking for a link tells nobody which addresses are known (IDN-12, IDN-13).

use end_to_end::{Answer, World};
use serde_json::{Value, json};

use super::morning;

/// What a request asked of every service, in order, and how many times it waited.
async fn calls(world: &World, answer: &Answer) -> Vec<String> {
    let mut calls: Vec<String> = world
        .calls(answer)
        .await
        .iter()
        .map(|call| format!("{} {} {}", call["round"], call["service"], call["operation"]))
        .collect();
    // Calls of one round are under way at the same time.
    calls.sort_unstable();
    calls
}

async fn ask(world: &World, body: Value) -> Answer {
    world.anonymous.post("/v1/auth/sign-in", body).await.expect(202)
}

// IDN-12
#[tokio::test]
async fn known_and_unknown_addresses_cost_the_same_calls() {
    let world = morning().await;
    let practice = world.practice("quiet").await;
    practice.portal_client("Maya").await;
    let (pending, inactive) = ("pending@mail.example", "gone@mail.example");
    for email in [pending, inactive] {
        practice.owner.adds_and_invites("Ana Okafor", email).await;
    }
    let id = world.accept(inactive).await.id;
    practice.owner.do_post(&format!("/v1/clients/{id}/deactivate")).await.expect(200);

    let staff = ask(&world, json!({"email": "owner@quiet.example"})).await;
    let client = ask(&world, json!({"email": "maya@mail.example", "portal": "quiet"})).await;
    assert_eq!(world.mails("maya@mail.example").await.len(), 2);
    let mails = world.mail_count().await;
    let strangers = [
        (&staff, json!({"email": "nobody@quiet.example"})),
        (&staff, json!({"email": "maya@mail.example"})),
        (&client, json!({"email": "nobody@mail.example", "portal": "quiet"})),
        (&client, json!({"email": "owner@quiet.example", "portal": "quiet"})),
        (&client, json!({"email": pending, "portal": "quiet"})),
        (&client, json!({"email": inactive, "portal": "quiet"})),
        (&client, json!({"email": "maya@mail.example", "portal": "nowhere"})),
    ];
    for (known, stranger) in strangers {
        let answer = ask(&world, stranger.clone()).await;
        assert_eq!(answer.bytes, known.bytes);
        assert_eq!(calls(&world, &answer).await, calls(&world, known).await, "{stranger}");
    }
    assert_eq!(world.mail_count().await, mails, "no mail leaves for a stranger");
    // A link that is asked for too often costs the same too, whoever asks.
    let again = ask(&world, json!({"email": "owner@quiet.example"})).await;
    let stranger = ask(&world, json!({"email": "nobody@quiet.example"})).await;
    assert_eq!(calls(&world, &again).await, calls(&world, &stranger).await);
    assert_eq!((&again.bytes, &stranger.bytes), (&staff.bytes, &staff.bytes));
}

// IDN-13
#[tokio::test]
async fn one_mail_a_minute_and_five_an_hour() {
    let world = morning().await;
    world.practice("often").await;
    let email = "owner@often.example";
    let (body, before) = (json!({"email": email}), world.mails(email).await.len());
    let sent = async || world.mails(email).await.len() - before;
    for _ in 0..2 {
        ask(&world, body.clone()).await;
        assert_eq!(sent().await, 1, "the second within the minute brings no mail");
    }
    // Whom the minute stops is not counted towards the hour.
    for mails in 2..=5 {
        world.advance(60).await;
        ask(&world, body.clone()).await;
        assert_eq!(sent().await, mails);
    }
    world.advance(60).await;
    ask(&world, body.clone()).await;
    assert_eq!(sent().await, 5);
    world.advance(3600).await;
    ask(&world, body).await;
    assert_eq!(sent().await, 6);
}
