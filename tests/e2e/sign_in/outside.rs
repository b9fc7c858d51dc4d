//! Staff who come in through an OIDC issuer (decision 8, IDN-3, IDN-15).

use caseload_local::Options;
use end_to_end::{Forge, World};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Phone, link, new_day, open, require_totp, statuses};

const ISSUER: &str = "https://id.example";
const OTHER: &str = "https://other.example";

/// A world whose staff may come in through an issuer, and through another one that asks a second factor itself.
async fn served(forge: &Forge) -> World {
    let issuer = |name: &str, amr: Value| {
        json!({
            "issuer": name, "audiences": ["caseload"], "jwks": {"keys": [forge.jwk()]}, "algorithms": ["EdDSA"],
            "require_amr": amr,
        })
    };
    let issuers = json!([issuer(ISSUER, json!([])), issuer(OTHER, json!(["mfa"]))]).to_string();
    new_day(Options { staff_issuers: Some(issuers), ..Options::default() }).await
}

fn claims(world: &World, subject: &str, email: &str) -> Value {
    let now = world.cloud.clock().now().as_second();
    json!({
        "iss": ISSUER, "sub": subject, "aud": ["caseload"], "iat": now, "nbf": now, "exp": now + 3600, "nonce": "n",
        "email": email, "email_verified": true,
    })
}

// IDN-3, IDN-15
#[tokio::test]
async fn the_first_time_binds_and_then_only_issuer_and_subject_count() {
    let forge = Forge::ed25519("k1");
    let world = served(&forge).await;
    let email = "owner@bound.example";
    let come = async |claims: Value| open(&world, json!({"id_token": forge.token(&claims)})).await;
    // Nobody is bound before the first sign-in has shown whose address it is.
    let body = json!({
        "name": "Bound", "slug": "bound", "time_zone": "UTC", "currency": "EUR",
        "owner": {"full_name": "Dana Owner", "email": email},
    });
    world.anonymous.post("/v1/practices", body).await.expect(201);
    come(claims(&world, "dana", email)).await.expect_problem(401, "token_invalid");
    let owner =
        world.anonymous.with_session(&open(&world, json!({"token": world.token(email).await})).await.expect(201));

    let mut unverified = claims(&world, "dana", email);
    unverified["email_verified"] = json!(false);
    come(unverified).await.expect_problem(401, "token_invalid");
    come(claims(&world, "dana", "stranger@bound.example")).await.expect_problem(401, "token_invalid");
    let session = come(claims(&world, "dana", "Owner@Bound.example")).await.expect(201);
    assert_eq!(session.text("/principal/id"), owner.id);
    assert_eq!(world.newest_mail(email).await["subject"], "How you sign in has changed");
    let mails = world.mails(email).await.len();

    let mut renamed = claims(&world, "dana", "somebody-else@other.example");
    come(renamed.clone()).await.expect(201);
    renamed.as_object_mut().expect("an object").remove("email");
    come(renamed).await.expect(201);
    assert_eq!(world.mails(email).await.len(), mails, "told once");
    // The same address at the issuer, but another person by now; and the same subject of another issuer.
    come(claims(&world, "heir", email)).await.expect_problem(401, "token_invalid");
    let mut elsewhere = claims(&world, "dana", email);
    elsewhere["iss"] = json!(OTHER);
    elsewhere["amr"] = json!(["mfa"]);
    come(elsewhere).await.expect_problem(401, "token_invalid");
    // It opens a session, and nothing else.
    let mut bearer = owner;
    bearer.access_token = Some(forge.token(&claims(&world, "dana", email)));
    bearer.get("/v1/me").await.expect_problem(401, "unauthenticated");
    open(&world, json!({})).await.expect_problem(422, "invalid_field");
    open(&world, json!({"token": "x", "id_token": "y"})).await.expect_problem(422, "invalid_field");
}

// decision 8: our own second factor is asked too, unless the issuer has asked for one
#[tokio::test]
async fn the_second_factor_is_asked_here_or_there() {
    let forge = Forge::ed25519("k1");
    let world = served(&forge).await;
    let practice = world.practice("factor").await;
    let email = "owner@factor.example";
    let come = async |claims: Value, totp: Option<String>| {
        open(&world, json!({"id_token": forge.token(&claims), "totp": totp})).await
    };
    let phone = Phone::of(&world, &practice.owner).await;
    world.advance(30).await;
    come(claims(&world, "dana", email), None).await.expect_problem(401, "totp_required");
    let wrong = Some(phone.wrong(&world));
    come(claims(&world, "dana", email), wrong).await.expect_problem(401, "totp_invalid");
    let code = Some(phone.code(&world));
    come(claims(&world, "dana", email), code.clone()).await.expect(201);
    come(claims(&world, "dana", email), code).await.expect_problem(401, "totp_invalid");

    // An issuer that is required to ask for a second factor is not believed without.
    let other = world.practice("there").await;
    Phone::of(&world, &other.owner).await;
    let mut theirs = claims(&world, "dora", "owner@there.example");
    theirs["iss"] = json!(OTHER);
    come(theirs.clone(), None).await.expect_problem(401, "token_invalid");
    theirs["amr"] = json!(["pwd"]);
    come(theirs.clone(), None).await.expect_problem(401, "token_invalid");
    theirs["amr"] = json!(["pwd", "mfa"]);
    let session = come(theirs.clone(), None).await.expect(201);
    // Its proof may be hours old: what is sensitive still takes a fresh one of ours.
    let dora = world.anonymous.with_session(&session);
    dora.get("/v1/clients").await.expect(200);
    dora.do_post("/v1/auth/totp").await.expect_problem(403, "fresh_proof_required");
    require_totp(&world, &other, true).await;
    let session = come(theirs, None).await.expect(201);
    assert_eq!(session.at("/totp_enrollment_required"), json!(null));
}

// IDN-15: races
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_people_with_one_address_one_is_bound() {
    let forge = Forge::ed25519("k1");
    let world = served(&forge).await;
    world.practice("twins").await;
    let token = |n: usize| forge.token(&claims(&world, ["one", "two"][n], "owner@twins.example"));
    let tokens: Vec<String> = (0..2).map(token).collect();
    let come = |n: usize| open(&world, json!({"id_token": tokens[n % 2]}));
    let answers = join_all((0..20).map(come)).await;
    let tally = statuses(&answers);
    let won = |parity: usize| answers.iter().skip(parity).step_by(2).filter(|answer| answer.status == 201).count();
    assert!((won(0) == 10 && won(1) == 0) || (won(0) == 0 && won(1) == 10), "{tally:?}");
    assert_eq!(tally.get(&(401, "token_invalid".to_owned())), Some(&10), "{tally:?}");
}

// decision 6, IDN-5
#[tokio::test]
async fn who_may_not_come_in_by_link_may_not_come_in_this_way() {
    let forge = Forge::ed25519("k1");
    let world = served(&forge).await;
    let practice = world.practice("walls").await;
    practice.portal_client("Maya").await;
    let come = async |subject: &str, email: &str| {
        open(&world, json!({"id_token": forge.token(&claims(&world, subject, email))})).await
    };
    come("maya", "maya@mail.example").await.expect_problem(401, "token_invalid");
    come("dana", "owner@walls.example").await.expect(201);
    // The mailed link still works beside it.
    let token = link(&world, "owner@walls.example").await;
    open(&world, json!({"token": token})).await.expect(201);
}
