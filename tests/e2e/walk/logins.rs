//! A sign-in address that another client has (decision 32).

use end_to_end::{Answer, Practice, World};
use serde_json::{Value, json};

const TAKEN: &str = "maya@mail.example";

async fn denied(world: &World, answer: &Answer, action: &str) {
    let entries = world.audit(answer).await;
    assert!(entries.iter().any(|(done, decided, _)| done == action && decided == "denied"), "{entries:?}");
}

/// A practice where Maya signs in, and a therapist with a client of their own.
async fn scene(world: &World) -> (Practice, String) {
    let practice = world.practice("harbor").await;
    let maya = practice.owner.adds_and_invites("Maya", TAKEN).await.text("/id");
    (practice, maya)
}

// decision 32
#[tokio::test]
async fn a_taken_login_address_takes_consent_is_in_the_trail_and_names_nobody() {
    let world = World::start().await;
    let (practice, maya) = scene(&world).await;
    let theo = practice.hires("Theo", "Therapist").await;
    let noor = theo.adds_client("Noor").await;
    let portal = format!("/v1/clients/{noor}/portal");
    let bare = theo.patch(&portal, json!({"email": TAKEN})).await.expect_problem(422, "email_consent_missing");
    denied(&world, &bare, "portal_access.update_login_email").await;
    let body = |name: &str| json!({"first_name": name, "last_name": "Berg", "email": TAKEN, "force": true, "invite": {"consent": true}});
    for (answer, action) in [
        (theo.patch(&portal, json!({"email": TAKEN, "consent": true})).await, "portal_access.update_login_email"),
        (theo.invites(&noor, Some(TAKEN)).await, "portal_access.invite"),
        (theo.post("/v1/clients", body("Ida")).await, "portal_access.invite"),
    ] {
        let answer = answer.expect_problem(409, "email_in_use_for_login");
        denied(&world, &answer, action).await;
        let text = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert!(!text.contains(&maya) && !text.contains("nother client") && text.contains("admin"), "{text}");
        assert_eq!(answer.at("/client_id"), Value::Null);
    }
    assert_eq!(theo.get("/v1/clients").await.expect(200).at("/total"), 1, "nobody was added");
    // An admin is told who has it.
    let owner = &practice.owner;
    for answer in [owner.invites(&noor, Some(TAKEN)).await, owner.post("/v1/clients", body("Ola")).await] {
        let answer = answer.expect_problem(409, "email_in_use_for_login");
        assert_eq!(answer.text("/client_id"), maya);
        denied(&world, &answer, "portal_access.invite").await;
    }
    assert_eq!(world.mails(TAKEN).await.len(), 1);
}

// decision 32, D10: whoever tries, pays for it
#[tokio::test]
async fn tries_at_taken_addresses_count_against_the_client_and_whoever_tries() {
    let world = World::start().await;
    world.cloud.clock().set("2027-03-01T00:00:05Z".parse().expect("an instant"));
    let (practice, _) = scene(&world).await;
    let theo = practice.hires("Theo", "Therapist").await;
    let mut tried = 0;
    for number in 0..2 {
        let client = theo.adds_client(&format!("Noor Nord{number}")).await;
        for _ in 0..5 {
            theo.invites(&client, Some(TAKEN)).await.expect_problem(409, "email_in_use_for_login");
            tried += 1;
        }
        let refused = theo.invites(&client, Some(TAKEN)).await.expect_problem(429, "too_many_requests");
        assert!(!refused.header("retry-after").is_empty());
        // Used up for whatever else, too.
        theo.invites(&client, Some("free@mail.example")).await.expect_problem(429, "too_many_requests");
    }
    assert_eq!(tried, 10);
    let fresh = theo.adds_client("Ida Nord").await;
    theo.invites(&fresh, Some(TAKEN)).await.expect_problem(429, "too_many_requests");
    // What is free is still to be had.
    theo.invites(&fresh, Some("ida@mail.example")).await.expect(201);
}
