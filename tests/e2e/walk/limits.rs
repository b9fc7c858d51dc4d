//! Whatever mails somebody is counted, in one place, against its address and its practice (IDN-13, D10, D19).

use end_to_end::{Answer, World};
use serde_json::json;

/// A world at the beginning of a day, so that no window of tries ends in the middle of a test.
async fn morning() -> World {
    let world = World::start().await;
    world.cloud.clock().set("2027-03-01T00:00:05Z".parse().expect("an instant"));
    world
}

/// Refused until the day is over: the wait that is told is the one that helps.
fn until_midnight(world: &World, refused: Answer) -> i64 {
    let refused = refused.expect_problem(429, "too_many_requests");
    let wait: i64 = refused.header("retry-after").parse().expect("seconds");
    let now = world.cloud.clock().now().as_second();
    let left = 86_400 - now.rem_euclid(86_400);
    assert!((left..=left + 1).contains(&wait), "{wait} of {left}");
    wait
}

// D19, IDN-13
#[tokio::test]
async fn restoring_access_mails_five_times_a_day() {
    let world = morning().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (id, _) = practice.portal_client("Maya").await;
    let email = "maya@mail.example";
    let mut refused = None;
    for _ in 0..15 {
        owner.do_post(&format!("/v1/clients/{id}/portal/disable")).await;
        let answer = owner.invites(&id, None).await;
        if answer.status != 201 {
            refused = Some(answer);
        }
    }
    // The invitation was the first of five.
    assert_eq!(world.mails(email).await.len(), 5);
    let wait = until_midnight(&world, refused.expect("a refusal"));
    world.advance(wait).await;
    let owner = world.sign_in("owner@harbor.example").await;
    owner.invites(&id, None).await.expect(201);
    assert_eq!(world.mails(email).await.len(), 6);
}

// D10, IDN-13: neither another address nor another client gets around it
#[tokio::test]
async fn invitations_are_counted_by_client_and_by_address() {
    let world = morning().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let id = owner.adds_client("Maya").await;
    for number in 0..5 {
        owner.invites(&id, Some(&format!("maya{number}@mail.example"))).await.expect(201);
    }
    until_midnight(&world, owner.invites(&id, Some("maya5@mail.example")).await);
    assert!(world.mails("maya5@mail.example").await.is_empty());
    let victim = "victim@mail.example";
    for number in 0..5 {
        let id = owner.adds_and_invites(&format!("Ida Nord{number}"), victim).await.text("/id");
        let path = format!("/v1/clients/{id}");
        let tag = owner.get(&path).await.header("etag");
        let gone = owner.request(http::Method::DELETE, &path).header("if-match", &tag).send().await;
        gone.expect(204);
    }
    let body = json!({"first_name": "Ida", "last_name": "Berg", "email": victim, "invite": {"consent": true}});
    until_midnight(&world, owner.post("/v1/clients", body).await);
    assert_eq!(world.mails(victim).await.len(), 5);
    assert_eq!(owner.get("/v1/clients").await.expect(200).at("/total"), 1, "nobody was added");
}

// IDN-13: what a holder and the schedule cause counts like what staff does
#[tokio::test]
async fn fresh_links_for_holders_count_like_any_other() {
    let world = morning().await;
    let practice = world.practice("harbor").await;
    practice.owner.adds_and_invites("Maya", "maya@mail.example").await;
    let (staff, _) = practice.invites_staff("Theo", "Therapist", false).await;
    practice.owner.patch("/v1/practice", json!({"invitations": {"expires_after_days": 1}})).await.expect(200);
    for (email, most) in [("maya@mail.example", 5), (staff.as_str(), 6)] {
        world.advance(9 * 24 * 3600).await;
        let before = world.mails(email).await.len();
        let mut token = world.token(email).await;
        for _ in 0..8 {
            let renewed = world.anonymous.post("/v1/invitations/renew", json!({"token": token})).await;
            if renewed.status == 202 {
                token = world.token(email).await;
            }
        }
        // An open one is not renewed at all: one mail, however often it is asked for.
        assert!(world.mails(email).await.len() - before <= most);
    }
}

// IDN-13: over all practices together
#[tokio::test]
async fn an_address_is_invited_by_many_practices_twenty_times_a_day() {
    let world = morning().await;
    let victim = "victim@mail.example";
    let mut sent = 0;
    let mut last = None;
    for number in 0..5 {
        let practice = world.practice(&format!("storm{number}")).await;
        let id = practice.owner.adds_client("Maya").await;
        for _ in 0..5 {
            let answer = practice.owner.invites(&id, Some(victim)).await;
            if answer.status == 201 { sent += 1 } else { last = Some(answer) }
        }
    }
    assert_eq!((sent, world.mails(victim).await.len()), (20, 20));
    until_midnight(&world, last.expect("a refusal"));
}
