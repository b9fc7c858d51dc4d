//! The second factor: set up, asked, used once, counted, turned off (X9, IDN-11, IDN-13).

use end_to_end::Persona;
use futures_util::future::join_all;
use http::Method;
use serde_json::json;

use super::{Phone, another_session, link, morning, open, recovery_codes, refreshed, require_totp, statuses};

// X9, IDN-11, IDN-7
#[tokio::test]
async fn a_link_alone_no_longer_opens_a_session_and_survives_a_wrong_code() {
    let world = morning().await;
    let owner = world.practice("totp").await.owner;
    let email = "owner@totp.example";
    let other = another_session(&world, email).await;
    owner.post("/v1/auth/totp/confirm", json!({"code": "123456"})).await.expect_problem(409, "totp_not_begun");
    let begun = owner.do_post("/v1/auth/totp").await.expect(201);
    let phone = Phone::scan(&begun);
    let url = begun.text("/otpauth_url");
    assert!(url.starts_with("otpauth://totp/totp%20Therapy:owner%40totp.example?secret="), "{url}");
    // Begun is not yet asked for, and a wrong code does not put it in force.
    let wrong = json!({"code": phone.wrong(&world)});
    owner.post("/v1/auth/totp/confirm", wrong).await.expect_problem(403, "totp_invalid");
    other.get("/v1/me").await.expect(200);
    let confirmed = owner.post("/v1/auth/totp/confirm", json!({"code": phone.code(&world)})).await.expect(200);
    assert_eq!(recovery_codes(&confirmed).len(), 10);
    other.get("/v1/me").await.expect_problem(401, "unauthenticated");
    assert_eq!(owner.get("/v1/me").await.expect(200).at("/principal/totp"), true);
    assert_eq!(world.newest_mail(email).await["subject"], "How you sign in has changed");

    let token = link(&world, email).await;
    open(&world, json!({"token": token})).await.expect_problem(401, "totp_required");
    open(&world, json!({"token": token, "totp": phone.wrong(&world)})).await.expect_problem(401, "totp_invalid");
    let code = phone.code(&world);
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    open(&world, json!({"token": token, "totp": spaced})).await.expect(201);
    open(&world, json!({"token": token, "totp": code})).await.expect_problem(401, "token_used");
    let token = link(&world, email).await;
    open(&world, json!({"token": token, "totp": code})).await.expect_problem(401, "totp_invalid");
}

// IDN-11, X9
#[tokio::test]
async fn recovery_codes_open_one_door_each_until_they_are_replaced() {
    let world = morning().await;
    let practice = world.practice("paper").await;
    let email = "owner@paper.example";
    let phone = Phone::of(&world, &practice.owner).await;
    let token = link(&world, email).await;
    let first = phone.recovery[0].to_lowercase();
    open(&world, json!({"token": token, "totp": first})).await.expect(201);
    let token = link(&world, email).await;
    open(&world, json!({"token": token, "totp": first})).await.expect_problem(401, "totp_invalid");
    let session = open(&world, json!({"token": token, "totp": phone.recovery[1]})).await.expect(201);
    let owner = world.anonymous.with_session(&session);
    world.advance(300).await;
    let renewed = owner.post("/v1/auth/totp/recovery-codes", json!({"code": phone.code(&world)})).await.expect(200);
    let renewed = recovery_codes(&renewed);
    assert_eq!(renewed.len(), 10);
    let old = json!({"totp": phone.recovery[2]});
    owner.post("/v1/auth/proof", old).await.expect_problem(403, "totp_invalid");

    require_totp(&world, &practice, true).await;
    let off = |code: &str| owner.request(Method::DELETE, "/v1/auth/totp").json(&json!({"code": code})).send();
    off(&renewed[0]).await.expect_problem(409, "totp_required_by_practice");
    require_totp(&world, &practice, false).await;
    off(&renewed[0]).await.expect(204);
    off(&renewed[1]).await.expect_problem(409, "totp_not_enabled");
    owner.get("/v1/me").await.expect(200);
    another_session(&world, email).await.get("/v1/me").await.expect(200);
}

// IDN-11: what is stored opens nothing
#[tokio::test]
async fn no_secret_and_no_recovery_code_stands_in_the_table() {
    let world = morning().await;
    let owner = world.practice("sealed").await.owner;
    let phone = Phone::of(&world, &owner).await;
    let stored = world.cloud.table().scan().table_name(caseload_local::cloud::TABLE).send().await.expect("a scan");
    let stored = format!("{:?}", stored.items());
    assert!(stored.contains("second_factor"));
    assert!(!stored.contains(&phone.secret.base32()));
    for code in &phone.recovery {
        assert!(!stored.contains(code.as_str()) && !stored.contains(&code.replace('-', "")));
    }
}

// IDN-11: races
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_requests_with_one_code_one_wins() {
    let world = morning().await;
    let owner = world.practice("once-each").await.owner;
    let phone = Phone::of(&world, &owner).await;
    world.advance(30).await;
    for code in [phone.code(&world), phone.recovery[0].clone()] {
        let proof = json!({"totp": code});
        let answers = join_all((0..2).map(|_| owner.post("/v1/auth/proof", proof.clone()))).await;
        let tally = statuses(&answers);
        assert_eq!(tally.get(&(200, String::new())), Some(&1), "{tally:?}");
        assert_eq!(tally.values().sum::<usize>(), 2);
        world.advance(300).await;
    }
}

// IDN-13, security 0.6
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_wrong_codes_at_once_at_most_five_are_looked_at() {
    let world = morning().await;
    let owner = world.practice("guess").await.owner;
    let phone = Phone::of(&world, &owner).await;
    let token = link(&world, "owner@guess.example").await;
    world.advance(300).await;
    let guess = json!({"token": token, "totp": phone.wrong(&world)});
    let answers = join_all((0..50).map(|_| open(&world, guess.clone()))).await;
    let tally = statuses(&answers);
    assert_eq!(tally.get(&(401, "totp_invalid".to_owned())), Some(&5), "{tally:?}");
    assert_eq!(tally.get(&(429, "too_many_requests".to_owned())), Some(&45), "{tally:?}");
    let right = open(&world, json!({"token": token, "totp": phone.code(&world)})).await;
    let right = right.expect_problem(429, "too_many_requests");
    let wait: i64 = right.header("retry-after").parse().expect("seconds");
    assert!((1..=300).contains(&wait), "{wait}");
    // The link was not used up by any of this, and the right code opens it once the wait is over.
    world.advance(wait).await;
    open(&world, json!({"token": token, "totp": phone.code(&world)})).await.expect(201);
}

// IDN-11, IDN-13: a guess is a guess, wherever it is made
#[tokio::test]
async fn every_route_that_takes_a_code_counts_the_same_tries() {
    let world = morning().await;
    let owner = world.practice("tries").await.owner;
    let none = json!({"code": "123456"});
    owner.post("/v1/auth/proof", json!({"totp": "123456"})).await.expect_problem(409, "totp_not_enabled");
    owner.post("/v1/auth/totp/recovery-codes", none).await.expect_problem(409, "totp_not_enabled");
    let phone = Phone::scan(&owner.do_post("/v1/auth/totp").await.expect(201));
    let wrong = json!({"code": phone.wrong(&world)});
    for _ in 0..5 {
        owner.post("/v1/auth/totp/confirm", wrong.clone()).await.expect_problem(403, "totp_invalid");
    }
    owner.post("/v1/auth/totp/confirm", wrong.clone()).await.expect_problem(429, "too_many_requests");
    world.advance(300).await;
    owner.post("/v1/auth/totp/confirm", json!({"code": phone.code(&world)})).await.expect(200);
    for _ in 0..4 {
        owner.post("/v1/auth/proof", json!({"totp": phone.wrong(&world)})).await.expect_problem(403, "totp_invalid");
    }
    owner.post("/v1/auth/totp/recovery-codes", wrong.clone()).await.expect_problem(429, "too_many_requests");
    let off = owner.request(Method::DELETE, "/v1/auth/totp").json(&wrong).send().await;
    off.expect_problem(429, "too_many_requests");
}

// IDN-13
#[tokio::test]
async fn twenty_tries_are_all_a_day_has() {
    let world = morning().await;
    let mut owner: Persona = world.practice("daily").await.owner;
    let phone = Phone::of(&world, &owner).await;
    for _ in 0..19 {
        world.advance(100).await;
        owner = refreshed(&world, &owner).await;
        let wrong = json!({"totp": phone.wrong(&world)});
        owner.post("/v1/auth/proof", wrong).await.expect_problem(403, "totp_invalid");
    }
    world.advance(301).await;
    owner = refreshed(&world, &owner).await;
    let right = json!({"totp": phone.code(&world)});
    let refused = owner.post("/v1/auth/proof", right).await.expect_problem(429, "too_many_requests");
    assert!(refused.header("retry-after").parse::<i64>().expect("seconds") > 300);
}

// decision 8
#[tokio::test]
async fn a_practice_may_require_it_and_until_then_only_ones_own_account_is_open() {
    let world = morning().await;
    let practice = world.practice("strict").await;
    require_totp(&world, &practice, true).await;
    let token = link(&world, "owner@strict.example").await;
    let session = open(&world, json!({"token": token})).await.expect(201);
    assert_eq!(session.at("/totp_enrollment_required"), true);
    let owner = world.anonymous.with_session(&session);
    owner.get("/v1/clients").await.expect_problem(403, "second_factor_required");
    owner.get("/v1/me").await.expect(200);
    owner.get("/v1/auth/sessions").await.expect(200);
    let phone = Phone::of(&world, &owner).await;
    owner.get("/v1/clients").await.expect(200);
    let token = link(&world, "owner@strict.example").await;
    let session = open(&world, json!({"token": token, "totp": phone.code(&world)})).await.expect(201);
    assert_eq!(session.at("/totp_enrollment_required"), json!(null));
}
