//! Nobody can make us mail somebody else without end.

use end_to_end::World;
use serde_json::{Value, json};

use super::functions::{event, invoke, routes, with};

/// A world at the beginning of a day, so that no window of tries ends in the middle of a test.
async fn morning() -> World {
    let world = World::start().await;
    world.cloud.clock().set("2027-03-01T00:00:05Z".parse().expect("an instant"));
    world
}

// IDN-13
#[tokio::test]
async fn a_network_signs_ten_practices_up_an_hour() {
    let world = morning().await;
    let sign_up = async |number: usize, source: &str, status: u64| {
        let asked = with(&event("practice"), "harbor", &format!("harbor{number}"));
        let asked = with(&asked, "5d2f6c1e", &format!("{number:08}"));
        invoke(routes("practice"), world.cloud.app(), with(&asked, "203.0.113.10", source)).await.expect(status)
    };
    for number in 0..10 {
        sign_up(number, "203.0.113.10", 201).await;
    }
    let refused = sign_up(10, "203.0.113.10", 429).await;
    assert_eq!(refused["code"], "too_many_requests");
    assert!(world.mails("dana@harbor10.example").await.is_empty());
    // Neither repetitions nor others pay for it, and it passes.
    sign_up(9, "203.0.113.10", 201).await;
    sign_up(11, "198.51.100.7", 201).await;
    world.advance(3600).await;
    sign_up(10, "203.0.113.10", 201).await;
}

// IDN-13
#[tokio::test]
async fn an_address_is_mailed_five_sign_ups_a_day() {
    let world = morning().await;
    let sign_up = async |slug: &str, email: &str| {
        let body: Value = json!({
            "name": "Harbor", "slug": slug, "time_zone": "UTC", "currency": "EUR",
            "owner": {"full_name": "Dana Owner", "email": email},
        });
        world.anonymous.post("/v1/practices", body).await
    };
    let email = "victim@mail.example";
    for number in 0..5 {
        sign_up(&format!("slug{number}"), email).await.expect(201);
        // A name that is taken mails nobody, so it does not count.
        sign_up("slug0", email).await.expect_problem(409, "slug_taken");
    }
    for spelled in [email, "VICTIM@Mail.Example"] {
        let refused = sign_up("slug5", spelled).await.expect_problem(429, "too_many_requests");
        assert!(!refused.header("retry-after").is_empty());
    }
    assert_eq!(world.mails(email).await.len(), 5);
    sign_up("slug5", "other@mail.example").await.expect(201);
    world.advance(24 * 3600).await;
    sign_up("slug6", email).await.expect(201);
}

// D10, IDN-13
#[tokio::test]
async fn a_client_is_mailed_five_invitations_a_day() {
    let world = morning().await;
    let practice = world.practice("harbor").await;
    let email = "maya@mail.example";
    let id = practice.owner.adds_client_with("Maya", json!({"email": email})).await.text("/id");
    let path = format!("/v1/clients/{id}/portal/invitation");
    let invite = async || practice.owner.post(&path, json!({"consent": true})).await;
    // What is refused mails nobody, so it does not count.
    practice.owner.do_post(&path).await.expect_problem(422, "email_consent_missing");
    for _ in 0..5 {
        invite().await.expect(201);
    }
    let newest = world.token(email).await;
    invite().await.expect_problem(429, "too_many_requests");
    assert_eq!(world.mails(email).await.len(), 5);
    // The newest one still works.
    world.anonymous.post("/v1/invitations/accept", json!({"token": newest})).await.expect(201);
}

// L2, IDN-13
#[tokio::test]
async fn an_invitation_to_the_team_is_repeated_five_times_a_day() {
    let world = morning().await;
    let practice = world.practice("harbor").await;
    let (email, invited) = practice.invites_staff("Theo", "Therapist", false).await;
    let (_, other) = practice.invites_staff("Vera", "Therapist", false).await;
    let path = |invited: &end_to_end::Answer| format!("/v1/staff/{}/invitation", invited.text("/id"));
    for _ in 0..5 {
        practice.owner.do_post(&path(&invited)).await.expect(200);
    }
    let refused = practice.owner.do_post(&path(&invited)).await.expect_problem(429, "too_many_requests");
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(world.mails(&email).await.len(), 6);
    practice.owner.do_post(&path(&other)).await.expect(200);
    world.advance(24 * 3600).await;
    world.sign_in("owner@harbor.example").await.do_post(&path(&invited)).await.expect(200);
    // The link of the last mail is the one that works.
    world.accept(&email).await;
}

// L2, IDN-13
#[tokio::test]
async fn a_practice_invites_a_hundred_to_its_team_a_day() {
    let world = morning().await;
    let practice = world.practice("harbor").await;
    let role = practice.role("Therapist").await;
    let invite = async |number: u32| {
        let body = json!({"full_name": "Theo Berg", "email": format!("theo{number}@mail.example"), "role_id": role});
        practice.owner.post("/v1/staff", body).await
    };
    for number in 0..100 {
        invite(number).await.expect(201);
    }
    invite(100).await.expect_problem(429, "too_many_requests");
    assert!(world.mails("theo100@mail.example").await.is_empty());
}

// IDN-12, IDN-13
#[tokio::test]
async fn a_network_asks_for_fifty_links_in_a_quarter_of_an_hour() {
    let world = morning().await;
    let ask = async |source: &str, status: u64| {
        let asked = with(&event("auth"), "203.0.113.10", source);
        invoke(routes("auth"), world.cloud.app(), asked).await.expect(status)
    };
    for _ in 0..50 {
        ask("203.0.113.10", 202).await;
    }
    assert_eq!(ask("203.0.113.10", 429).await["code"], "too_many_requests");
    ask("198.51.100.7", 202).await;
    world.advance(900).await;
    ask("203.0.113.10", 202).await;
}
