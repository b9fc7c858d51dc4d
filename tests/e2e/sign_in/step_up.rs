//! What is sensitive takes a fresh proof; and sessions end when their owner says so (IDN-14, X9).

use http::Method;
use serde_json::json;

use super::{Phone, another_session, link, morning, open, refreshed};

// IDN-14
#[tokio::test]
async fn what_is_sensitive_takes_a_proof_of_the_last_five_minutes() {
    let world = morning().await;
    let practice = world.practice("fresh").await;
    let owner = &practice.owner;
    let connect = json!({"payments": {"online": true}});
    let client = owner.adds_and_invites("Ana Okafor", "ana@mail.example").await;
    let client = format!("/v1/clients/{}", client.text("/id"));
    let export = format!("{client}/export");
    let download = format!("/v1/exports/{}/download", owner.do_post(&export).await.expect(202).text("/id"));
    world.cloud.settled().await;
    let tess = practice.hires("Tess", "Therapist").await;
    // Who has no second factor is not held up.
    owner.patch("/v1/practice", connect.clone()).await.expect(200);
    let phone = Phone::of(&world, owner).await;
    owner.patch("/v1/practice", connect.clone()).await.expect(200);
    world.advance(301).await;
    owner.patch("/v1/practice", connect.clone()).await.expect_problem(403, "fresh_proof_required");
    owner.do_post("/v1/auth/totp").await.expect_problem(403, "fresh_proof_required");
    owner.do_post(&export).await.expect_problem(403, "fresh_proof_required");
    owner.do_post(&download).await.expect_problem(403, "fresh_proof_required");
    // Nor is anybody let into the team, or out of it, without one.
    let role = practice.role("Therapist").await;
    let mallory = json!({"full_name": "Mallory", "email": "mallory@mail.example", "role_id": role, "admin": true});
    owner.post("/v1/staff", mallory).await.expect_problem(403, "fresh_proof_required");
    let tess = format!("/v1/staff/{}", tess.id);
    owner
        .put(&format!("{tess}/status"), json!({"status": "inactive"}))
        .await
        .expect_problem(403, "fresh_proof_required");
    owner
        .put(&format!("{tess}/supervisors"), json!({"supervisor_ids": []}))
        .await
        .expect_problem(403, "fresh_proof_required");
    owner.delete(&tess).await.expect_problem(403, "fresh_proof_required");
    // A login address opens a client's portal to whoever has the mailbox.
    let portal = format!("{client}/portal");
    let moved = json!({"email": "mallory@mail.example", "consent": true});
    owner.patch(&portal, moved.clone()).await.expect_problem(403, "fresh_proof_required");
    owner.post(&format!("{portal}/invitation"), moved).await.expect_problem(403, "fresh_proof_required");
    let team = json!({"team": {"require_totp": false}});
    owner.patch("/v1/practice", team).await.expect_problem(403, "fresh_proof_required");
    // What is not sensitive goes on as before.
    owner.patch("/v1/practice", json!({"portal": {"on": true}})).await.expect(200);
    let proof = owner.post("/v1/auth/proof", json!({"totp": phone.code(&world)})).await.expect(200);
    assert!(!proof.text("/fresh_until").is_empty());
    owner.patch("/v1/practice", connect.clone()).await.expect(200);
    owner.do_post("/v1/auth/totp").await.expect(201);
    owner.do_post(&download).await.expect(200);
    // A proof outlives the tokens it was given under, but belongs to its session.
    let owner = refreshed(&world, owner).await;
    owner.patch("/v1/practice", connect.clone()).await.expect(200);
    world.advance(240).await;
    let token = link(&world, "owner@fresh.example").await;
    let session = open(&world, json!({"token": token, "totp": phone.code(&world)})).await.expect(201);
    owner.patch("/v1/practice", connect.clone()).await.expect_problem(403, "fresh_proof_required");
    world.anonymous.with_session(&session).patch("/v1/practice", connect).await.expect(200);
}

// IDN-14, AZ-8
#[tokio::test]
async fn a_missing_proof_stands_in_the_trail() {
    let world = morning().await;
    let owner = world.practice("trail").await.owner;
    Phone::of(&world, &owner).await;
    world.advance(301).await;
    let refused = owner.do_post("/v1/auth/totp").await.expect_problem(403, "fresh_proof_required");
    let stored = world.cloud.table().scan().table_name(caseload_local::cloud::TABLE).send().await.expect("a scan");
    let request = refused.header("x-request-id");
    let entry =
        stored.items().iter().find(|item| item.get("request").and_then(|value| value.as_s().ok()) == Some(&request));
    let entry = format!("{:?}", entry.expect("an entry"));
    assert!(entry.contains("denied") && entry.contains("self.change_credentials"), "{entry}");
}

// X9, IDN-7
#[tokio::test]
async fn ending_all_sessions_ends_every_one_from_the_next_request() {
    let world = morning().await;
    let practice = world.practice("all").await;
    let (_, maya) = practice.portal_client("Maya").await;
    let (_, noor) = practice.portal_client("Noor").await;
    let owner = another_session(&world, "owner@all.example").await;
    let sign_in = json!({"email": "maya@mail.example", "portal": "all"});
    world.anonymous.post("/v1/auth/sign-in", sign_in).await.expect(202);
    let session = open(&world, json!({"token": world.token("maya@mail.example").await})).await.expect(201);
    let phone = world.anonymous.with_session(&session);
    for (asks, other) in [(&owner, &practice.owner), (&maya, &phone)] {
        asks.get("/v1/me").await.expect(200);
        other.get("/v1/me").await.expect(200);
        asks.request(Method::DELETE, "/v1/auth/sessions/all").send().await.expect(204);
        for ended in [asks, other] {
            ended.get("/v1/me").await.expect_problem(401, "unauthenticated");
            let tokens = json!({"refresh_token": ended.refresh_token});
            world.anonymous.post("/v1/auth/refresh", tokens).await.expect_problem(401, "session_ended");
        }
    }
    noor.get("/v1/me").await.expect(200);
    let back = another_session(&world, "owner@all.example").await;
    let sessions = back.get("/v1/auth/sessions").await.expect(200);
    assert_eq!(sessions.at("/items").as_array().map(Vec::len), Some(1), "{}", sessions.json());
}
