//! One practice at a time, and a way out of it (L4, L15, X6).

use end_to_end::{Answer, World};
use serde_json::{Value, json};

async fn sign_up(world: &World, slug: &str, email: &str) -> Answer {
    let body = json!({"name": "Harbor", "slug": slug, "time_zone": "UTC", "currency": "EUR",
        "owner": {"full_name": "Dana Owner", "email": email}});
    world.anonymous.post("/v1/practices", body).await
}

// L15, decision 7
#[tokio::test]
async fn whoever_is_in_a_practice_signs_up_no_other_and_takes_no_name() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    practice.hires("Theo", "Therapist").await;
    for email in ["owner@harbor.example", "theo@harbor.example", "THEO@Harbor.Example"] {
        let before = world.mail_count().await;
        sign_up(&world, "second", email).await.expect_problem(409, "already_in_practice");
        assert_eq!(world.mail_count().await, before);
        world.anonymous.get("/v1/portals/second").await.expect_problem(404, "not_found");
    }
    // Nothing was taken by it.
    sign_up(&world, "second", "vera@other.example").await.expect(201);
}

// L4, L15
#[tokio::test]
async fn a_member_leaves_and_is_free_for_another_practice() {
    let world = World::start().await;
    let (practice, other) = (world.practice("harbor").await, world.practice("other").await);
    let theo = practice.hires("Theo", "Therapist").await;
    let maya = theo.adds_client("Maya").await;
    let session = theo.books(&maya, &theo, (60, 110)).await;
    let refused = theo.do_post("/v1/me/leave").await.expect_problem(409, "has_clients");
    assert_eq!(refused.at("/counts"), json!({"direct": 1, "primary": 0}));
    let body = json!({"leave_unassigned": true});
    let refused = theo.post("/v1/me/leave", body).await.expect_problem(409, "has_sessions");
    assert_eq!(refused.at("/counts"), json!({"sessions": 1, "clients": 1}));
    theo.get("/v1/me").await.expect(200);
    let left = theo.post("/v1/me/leave", json!({"leave_unassigned": true, "cancel_sessions": true})).await.expect(204);
    assert!(world.audit(&left).await.iter().any(|(action, decided, _)| action == "self.leave" && decided == "done"));
    theo.get("/v1/me").await.expect_problem(401, "unauthenticated");
    let owner = &practice.owner;
    let shown = owner.get(&format!("/v1/clients/{maya}")).await.expect(200);
    assert_eq!((shown.at("/assigned_staff"), shown.text("/ownership")), (Value::Null, "practice".to_owned()));
    assert_eq!(owner.get(&format!("/v1/appointments/{session}")).await.expect(200).text("/status"), "cancelled");
    let roster = owner.get("/v1/staff").await.expect(200);
    assert!(!String::from_utf8_lossy(&roster.bytes).contains(&theo.id), "{}", roster.json());
    // Free at once: for an invitation as for a practice of their own.
    let role = other.role("Therapist").await;
    let body = json!({"full_name": "Theo Berg", "email": "theo@harbor.example", "role_id": role});
    other.owner.post("/v1/staff", body).await.expect(201);
    let theo = world.accept("theo@harbor.example").await;
    theo.do_post("/v1/me/leave").await.expect(204);
    sign_up(&world, "theos", "theo@harbor.example").await.expect(201);
}

// L5, INV-11
#[tokio::test]
async fn the_last_admin_hands_over_or_closes() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let refused = owner.do_post("/v1/me/leave").await.expect_problem(409, "last_admin");
    assert!(refused.text("/detail").contains("admin"), "{}", refused.json());
    let vera = practice.hires_admin("Vera").await;
    owner.do_post("/v1/me/leave").await.expect(204);
    owner.get("/v1/me").await.expect_problem(401, "unauthenticated");
    vera.do_post("/v1/me/leave").await.expect_problem(409, "last_admin");
    vera.get("/v1/staff").await.expect(200);
}

// X6, L15
#[tokio::test]
async fn a_practice_is_closed_by_its_last_member_once_it_is_empty() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let theo = practice.hires("Theo", "Therapist").await;
    theo.do_post("/v1/practice/close").await.expect_problem(403, "role");
    let refused = owner.do_post("/v1/practice/close").await.expect_problem(409, "has_team");
    assert_eq!(refused.at("/counts/members"), 1);
    theo.do_post("/v1/me/leave").await.expect(204);
    let maya = owner.adds_client("Maya").await;
    let refused = owner.do_post("/v1/practice/close").await.expect_problem(409, "has_clients");
    assert_eq!(refused.at("/counts/clients"), 1);
    owner.delete(&format!("/v1/clients/{maya}")).await.expect(204);
    world.anonymous.get("/v1/portals/harbor").await.expect(200);
    owner.do_post("/v1/practice/close").await.expect(204);
    owner.get("/v1/me").await.expect_problem(401, "unauthenticated");
    world.anonymous.get("/v1/portals/harbor").await.expect_problem(404, "not_found");
    let mails = world.mail_count().await;
    world.anonymous.post("/v1/auth/sign-in", json!({"email": "owner@harbor.example"})).await.expect(202);
    assert_eq!(world.mail_count().await, mails);
    sign_up(&world, "harbor", "owner@harbor.example").await.expect(201);
    let token = json!({"token": world.token("owner@harbor.example").await});
    world.anonymous.post("/v1/auth/sessions", token).await.expect(201);
}
