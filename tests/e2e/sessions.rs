//! Sessions: rotation, reuse, and revocation from the next request on.

use end_to_end::World;
use serde_json::json;

// X9, decision 10, IDN-6
#[tokio::test]
async fn a_refresh_rotates_and_an_old_token_ends_the_session() {
    let world = World::start().await;
    let practice = world.practice("rotate").await;
    let first = json!({"refresh_token": practice.owner.refresh_token});
    let second = world.anonymous.post("/v1/auth/refresh", first.clone()).await.expect(201);
    // A lost answer may be asked for again for a few seconds.
    let again = world.anonymous.post("/v1/auth/refresh", first.clone()).await.expect(201);
    assert_eq!(again.text("/refresh_token"), second.text("/refresh_token"));
    let owner = world.anonymous.with_session(&second);
    owner.get("/v1/me").await.expect(200);
    world.advance(60).await;
    world.anonymous.post("/v1/auth/refresh", first).await.expect_problem(401, "token_reused");
    owner.get("/v1/me").await.expect_problem(401, "unauthenticated");
    practice.owner.get("/v1/me").await.expect_problem(401, "unauthenticated");
}

// IDN-6
#[tokio::test]
async fn a_refresh_token_that_was_never_handed_out_ends_nothing() {
    let world = World::start().await;
    let practice = world.practice("altered").await;
    let refresh = async |token: &str| world.anonymous.post("/v1/auth/refresh", json!({"refresh_token": token})).await;
    let first = practice.owner.refresh_token.clone().expect("a token");
    let mut live = first.clone();
    for round in 0..3 {
        let mut altered = live.clone();
        let at = altered.len() - 20 + round;
        let other = if altered[at..].starts_with('A') { "B" } else { "A" };
        altered.replace_range(at..=at, other);
        refresh(&altered).await.expect_problem(401, "session_ended");
        practice.owner.get("/v1/me").await.expect(200);
        live = refresh(&live).await.expect(201).text("/refresh_token");
        world.advance(60).await;
    }
    // One that was handed out is known however long ago that was.
    refresh(&first).await.expect_problem(401, "token_reused");
    practice.owner.get("/v1/me").await.expect_problem(401, "unauthenticated");
    refresh(&live).await.expect_problem(401, "session_ended");
}

// IDN-7
#[tokio::test]
async fn a_sign_in_link_of_before_opens_nothing_after_a_revocation() {
    let world = World::start().await;
    let practice = world.practice("links").await;
    let owner = &practice.owner;
    let redeem = async |token: String| world.anonymous.post("/v1/auth/sessions", json!({"token": token})).await;
    let link = async |email: &str, portal: Option<&str>| {
        world.advance(60).await;
        world.anonymous.post("/v1/auth/sign-in", json!({"email": email, "portal": portal})).await.expect(202);
        world.token(email).await
    };

    let theo = practice.hires("Theo", "Therapist").await;
    let before = link("theo@links.example", None).await;
    practice.sets_status(&theo, "inactive").await;
    practice.sets_status(&theo, "active").await;
    redeem(before).await.expect_problem(401, "token_invalid");
    redeem(link("theo@links.example", None).await).await.expect(201);

    let (id, _) = practice.portal_client("Maya").await;
    let before = link("maya@mail.example", Some("links")).await;
    owner.do_post(&format!("/v1/clients/{id}/deactivate")).await.expect(200);
    owner.do_post(&format!("/v1/clients/{id}/reactivate")).await.expect(200);
    redeem(before).await.expect_problem(401, "token_invalid");
    let before = link("maya@mail.example", Some("links")).await;
    owner.patch(&format!("/v1/clients/{id}/portal"), json!({"email": "new@mail.example"})).await.expect(200);
    redeem(before).await.expect_problem(401, "token_invalid");
    redeem(link("new@mail.example", Some("links")).await).await.expect(201);
}

// decision 10
#[tokio::test]
async fn an_access_token_lives_ten_minutes_and_signing_out_ends_it_at_once() {
    let world = World::start().await;
    let practice = world.practice("out").await;
    let other = {
        world.anonymous.post("/v1/auth/sign-in", json!({"email": "owner@out.example"})).await.expect(202);
        let token = world.token("owner@out.example").await;
        let session = world.anonymous.post("/v1/auth/sessions", json!({"token": token})).await.expect(201);
        world.anonymous.with_session(&session)
    };
    let sessions = other.get("/v1/auth/sessions").await.expect(200);
    assert_eq!(sessions.at("/items").as_array().map(Vec::len), Some(2));
    other.request(http::Method::DELETE, "/v1/auth/sessions/current").send().await.expect(204);
    other.get("/v1/me").await.expect_problem(401, "unauthenticated");
    practice.owner.get("/v1/me").await.expect(200);
    world.advance(700).await;
    practice.owner.get("/v1/me").await.expect_problem(401, "unauthenticated");
}

// decision 8
#[tokio::test]
async fn only_the_newest_link_works_and_only_for_ten_minutes() {
    let world = World::start().await;
    world.practice("newest").await;
    let email = "owner@newest.example";
    world.anonymous.post("/v1/auth/sign-in", json!({"email": email})).await.expect(202);
    let older = world.token(email).await;
    world.advance(60).await;
    world.anonymous.post("/v1/auth/sign-in", json!({"email": email})).await.expect(202);
    world.anonymous.post("/v1/auth/sessions", json!({"token": older})).await.expect_problem(401, "token_invalid");
    let newest = json!({"token": world.token(email).await});
    world.advance(601).await;
    world.anonymous.post("/v1/auth/sessions", newest).await.expect_problem(401, "token_expired");
    let (known, unknown) = (json!({"email": email}), json!({"email": "nobody@newest.example"}));
    let known = world.anonymous.post("/v1/auth/sign-in", known).await.expect(202);
    let unknown = world.anonymous.post("/v1/auth/sign-in", unknown).await.expect(202);
    assert_eq!(known.bytes, unknown.bytes, "the answer tells nothing");
}

// D18, D19, D20, D23, IDN-7, decision 1, decision 2
#[tokio::test]
async fn whatever_cuts_a_client_off_holds_from_the_next_request() {
    let world = World::start().await;
    let practice = world.practice("cut").await;
    let owner = &practice.owner;
    let (id, portal) = practice.portal_client("Maya").await;
    portal.get("/v1/me").await.expect(200);

    owner.patch("/v1/practice", json!({"portal": {"on": false}})).await.expect(200);
    portal.get("/v1/me").await.expect_problem(401, "unauthenticated");
    owner.do_post(&format!("/v1/clients/{id}/portal/invitation")).await.expect_problem(409, "portal_off");
    owner.patch("/v1/practice", json!({"portal": {"on": true}})).await.expect(200);
    portal.get("/v1/me").await.expect(200);

    owner.do_post(&format!("/v1/clients/{id}/portal/disable")).await.expect(200);
    portal.get("/v1/me").await.expect_problem(401, "unauthenticated");
    assert_eq!(owner.get(&format!("/v1/clients/{id}")).await.text("/status"), "active");
    let restored = owner.do_post(&format!("/v1/clients/{id}/portal/invitation")).await.expect(201);
    assert_eq!(restored.text("/access"), "enabled");
    portal.get("/v1/me").await.expect_problem(401, "unauthenticated");
    let token = world.token("maya@mail.example").await;
    let session = world.anonymous.post("/v1/auth/sessions", json!({"token": token})).await.expect(201);
    let portal = world.anonymous.with_session(&session);
    portal.get("/v1/me").await.expect(200);

    owner.do_post(&format!("/v1/clients/{id}/deactivate")).await.expect(200);
    portal.get("/v1/me").await.expect_problem(401, "unauthenticated");
    owner.do_post(&format!("/v1/clients/{id}/deactivate")).await.expect_problem(409, "already_inactive");
    let back = owner.do_post(&format!("/v1/clients/{id}/reactivate")).await.expect(200);
    assert_eq!(back.text("/status"), "active");
    owner.do_post(&format!("/v1/clients/{id}/reactivate")).await.expect_problem(409, "not_inactive");
    portal.get("/v1/me").await.expect_problem(401, "unauthenticated");
    assert_eq!(owner.get(&format!("/v1/clients/{id}")).await.at("/portal/blocked_by"), json!([]));
}

// D10, D21
#[tokio::test]
async fn an_expired_invitation_can_be_renewed_to_the_same_mailbox_only() {
    let world = World::start().await;
    let practice = world.practice("renew").await;
    practice.owner.adds_and_invites("Noor Haddad", "noor@mail.example").await;
    let token = json!({"token": world.token("noor@mail.example").await});
    world.anonymous.post("/v1/invitations/renew", token.clone()).await.expect_problem(409, "invitation_open");
    world.advance(7 * 24 * 3600).await;
    world.anonymous.post("/v1/invitations/accept", token.clone()).await.expect_problem(409, "invitation_expired");
    assert_eq!(world.anonymous.post("/v1/invitations/lookup", token.clone()).await.text("/state"), "expired");
    world.anonymous.post("/v1/invitations/renew", token.clone()).await.expect(202);
    assert_eq!(world.mails("noor@mail.example").await.len(), 2);
    world.anonymous.post("/v1/invitations/accept", token).await.expect_problem(409, "invitation_revoked");
    world.accept("noor@mail.example").await;
}
