//! Tokens with every trick: each is refused with 401, and nothing is written (security 0.1, IDN-2).

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caseload::jwt::oidc::Issuers;
use caseload_local::Options;
use caseload_local::cloud::TABLE;
use end_to_end::{Forge, World};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Everything in the table, to be compared: where it stands, and the number that grows with each change.
async fn contents(world: &World) -> Vec<String> {
    let mut all = Vec::new();
    let mut pages = world.cloud.table().scan().table_name(TABLE).into_paginator().items().send();
    while let Some(item) = pages.next().await {
        let item = item.expect("an item");
        all.push(["pk", "sk", "version", "n"].map(|name| format!("{:?}", item.get(name))).join(" "));
    }
    all.sort_unstable();
    all
}

fn part(token: &str, place: usize) -> Value {
    let text = token.split('.').nth(place).expect("a part");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).expect("base64")).expect("JSON")
}

/// The same object with this member; `Null` takes it away.
fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    match value {
        Value::Null => drop(object.as_object_mut().expect("an object").remove(name)),
        value => object[name] = value,
    }
    object
}

/// Names tokens after what is wrong with them.
struct Corpus<'f> {
    forge: &'f Forge,
    header: Value,
    claims: Value,
    tokens: Vec<(String, String)>,
}

impl<'f> Corpus<'f> {
    fn new(forge: &'f Forge, header: Value, claims: Value) -> Self {
        Self { forge, header, claims, tokens: Vec::new() }
    }

    fn add(&mut self, what: &str, token: String) {
        self.tokens.push((what.to_owned(), token));
    }

    fn header(&mut self, name: &str, value: Value) {
        let token = self.forge.sign(&with(&self.header, name, value.clone()).to_string(), &self.claims.to_string());
        self.add(&format!("header {name}: {value}"), token);
    }

    fn claim(&mut self, name: &str, value: Value) {
        let token = self.forge.sign(&self.header.to_string(), &with(&self.claims, name, value.clone()).to_string());
        self.add(&format!("claim {name}: {value}"), token);
    }

    /// What is wrong whoever the issuer is.
    fn usual_tricks(&mut self, now: i64) {
        let (header, claims) = (self.header.clone(), self.claims.clone());
        let stranger = Forge::ed25519(&self.forge.kid);
        for value in
            [json!("none"), json!("None"), json!("HS256"), json!("RS512"), json!("PS256"), json!(1), Value::Null]
        {
            self.header("alg", value);
        }
        for value in [json!("refresh+jwt"), json!("at+JWT "), json!(["JWT"])] {
            self.header("typ", value);
        }
        for value in [json!("nobody"), json!(""), json!(7), json!([self.forge.kid]), Value::Null] {
            self.header("kid", value);
        }
        for name in ["crit", "jku", "x5u", "x5c", "b64"] {
            self.header(name, json!(["https://keys.example"]));
        }
        let own_key = with(&header, "jwk", stranger.jwk());
        self.add("brings its own key", stranger.sign(&own_key.to_string(), &claims.to_string()));
        self.add("signed by a stranger", stranger.sign(&header.to_string(), &claims.to_string()));

        let none = with(&header, "alg", json!("none")).to_string();
        let unsigned = self.forge.sign(&none, &claims.to_string());
        let unsigned = unsigned.rsplit_once('.').expect("a signature").0;
        self.add("unsigned", format!("{unsigned}."));
        let shared = with(&header, "alg", json!("HS256")).to_string();
        let jwk = self.forge.jwk();
        let public = URL_SAFE_NO_PAD.decode(jwk["x"].as_str().expect("a key")).expect("base64");
        for secret in [public, jwk.to_string().into_bytes(), Vec::new()] {
            self.add("HS256 with the public key", Forge::sign_hs256(&secret, &shared, &claims.to_string()));
        }

        for name in ["iss", "sub", "iat", "exp"] {
            self.claim(name, Value::Null);
        }
        let iss = claims["iss"].clone();
        for value in [json!([iss]), json!([iss, "https://other.example"]), json!("https://other.example"), json!("")] {
            self.claim("iss", value);
        }
        for value in [json!(u64::MAX), json!(i64::MAX), json!("2030"), json!(now - 31), json!(-1), json!(now + 200_000)]
        {
            self.claim("exp", value);
        }
        for value in [json!(now + 60), json!(u64::MAX), json!("now"), json!(now - 200_000)] {
            self.claim("iat", value);
        }
        for value in [json!(now + 60), json!(u64::MAX), json!("now")] {
            self.claim("nbf", value);
        }
        let text = claims.to_string();
        let twice = format!("{},\"exp\":{}}}", text.trim_end_matches('}'), now + 500);
        self.add("a claim twice", self.forge.sign(&header.to_string(), &twice));
        let twice = format!("{},\"sub\":{}}}", text.trim_end_matches('}'), claims["sub"]);
        self.add("its subject twice", self.forge.sign(&header.to_string(), &twice));
        let twice = header.to_string().replacen('{', "{\"alg\":\"none\",", 1);
        self.add("an algorithm twice", self.forge.sign(&twice, &text));

        let long = format!("{text}{}", " ".repeat(4000));
        self.add("too long", self.forge.sign(&header.to_string(), &long));
        self.add("no claims", self.forge.sign(&header.to_string(), "[]"));
        self.add("no JSON", self.forge.sign(&header.to_string(), "claims"));
        let good = self.forge.sign(&header.to_string(), &text);
        self.add("a part too many", format!("{good}."));
        self.add("a part too few", good.rsplit_once('.').expect("a signature").0.to_owned());
        self.add("padded", format!("{good}="));
        self.add("cut", good[..good.len() - 2].to_owned());
        self.add("empty", String::new());
    }
}

/// A world whose signing key the test knows.
async fn open_world(name: &str) -> (World, Forge, std::path::PathBuf) {
    let folder = std::env::temp_dir().join(format!("caseload-{name}-{}", std::process::id()));
    let world = World::with(Options { data_dir: Some(folder.clone()), ..Options::default() }).await;
    let secrets = std::fs::read(folder.join("secrets.json")).expect("secrets");
    let secrets: Value = serde_json::from_slice(&secrets).expect("JSON");
    let forge = Forge::configured(secrets["token_signing_key"].as_str().expect("a key"));
    (world, forge, folder)
}

// security 0.1, IDN-2, decision 10
#[tokio::test]
async fn access_tokens_with_tricks_open_nothing() {
    let (world, forge, folder) = open_world("tokens").await;
    let (here, there) = (world.practice("here").await, world.practice("there").await);
    let genuine = here.owner.access_token.clone().expect("a token");
    let foreign = part(there.owner.access_token.as_deref().expect("a token"), 1);
    let (header, claims) = (part(&genuine, 0), part(&genuine, 1));
    let now = world.cloud.clock().now().as_second();
    let ask = async |token: &str, write: bool| {
        let mut owner = here.owner.clone();
        owner.access_token = Some(token.to_owned());
        if write { owner.post("/v1/tags", json!({"name": "forged"})).await } else { owner.get("/v1/me").await }
    };
    // What this test forges is good as long as nothing is wrong with it.
    ask(&forge.sign(&header.to_string(), &claims.to_string()), false).await.expect(200);

    let mut corpus = Corpus::new(&forge, header.clone(), claims.clone());
    corpus.usual_tricks(now);
    corpus.header("typ", json!("JWT"));
    corpus.header("typ", Value::Null);
    corpus.header("x5t", json!("more than ours ever say"));
    for name in ["aud", "pid", "sid", "nbf"] {
        corpus.claim(name, Value::Null);
    }
    corpus.claim("aud", json!([claims["aud"], "another-api"]));
    corpus.claim("aud", json!("another-api"));
    corpus.claim("role", json!("admin"));
    corpus.claim("exp", json!(claims["iat"].as_i64().expect("a time") + 16 * 60));
    corpus.claim("pid", foreign["pid"].clone());
    corpus.claim("sid", foreign["sid"].clone());
    corpus.claim("sub", foreign["sub"].clone());
    corpus.claim("sid", json!("ses_00000000000000000000000000"));
    corpus.claim("sub", json!("cli_00000000000000000000000000"));
    let mixed = with(&with(&foreign, "sid", claims["sid"].clone()), "sub", claims["sub"].clone());
    corpus.add("a session of another practice", forge.sign(&header.to_string(), &mixed.to_string()));

    let before = contents(&world).await;
    assert!(corpus.tokens.len() > 60);
    for (what, token) in &corpus.tokens {
        for write in [false, true] {
            let refused = ask(token, write).await;
            assert_eq!((refused.status.as_u16(), refused.code().as_str()), (401, "unauthenticated"), "{what}");
        }
    }
    assert_eq!(contents(&world).await, before, "a refused token wrote something");
    drop(world);
    std::fs::remove_dir_all(folder).expect("the folder");
}

const ISSUER: &str = "https://id.example";

fn issuer(keys: &[Value]) -> Value {
    json!({
        "issuer": ISSUER, "audiences": ["caseload"], "client_ids": ["pool-client"],
        "jwks": {"keys": keys}, "algorithms": ["EdDSA", "ES256", "RS256"],
    })
}

fn claims(now: i64) -> Value {
    json!({
        "iss": ISSUER, "sub": "dana-1", "aud": "caseload", "iat": now, "exp": now + 3600,
        "email": "owner@oidc.example", "email_verified": true,
    })
}

// security 0.1, IDN-2, IDN-3
#[tokio::test]
async fn identity_tokens_with_tricks_sign_nobody_in() {
    let forge = Forge::ed25519("k1");
    let issuers = json!([issuer(&[forge.jwk()])]).to_string();
    let world = World::with(Options { staff_issuers: Some(issuers), ..Options::default() }).await;
    world.practice("oidc").await;
    let now = world.cloud.clock().now().as_second();
    let ask = async |token: &str| world.anonymous.post("/v1/auth/sessions", json!({"id_token": token})).await;
    ask(&forge.token(&claims(now))).await.expect(201);

    let mut corpus = Corpus::new(&forge, forge.header(), claims(now));
    corpus.usual_tricks(now);
    for value in [json!("another"), json!([]), json!(["caseload", "another"]), json!(7), Value::Null] {
        corpus.claim("aud", value);
    }
    corpus.claim("exp", json!(now + 24 * 3600 + 1));
    corpus.claim("exp", json!(now));
    corpus.claim("token_use", json!("access"));
    corpus.claim("sub", json!(""));
    corpus.claim("sub", json!("x".repeat(256)));
    corpus.claim("sub", json!("dana-2"));
    let access = with(&with(&claims(now), "aud", Value::Null), "client_id", json!("pool-client"));
    corpus.add("no use", forge.token(&access));
    let other = with(&with(&access, "client_id", json!("another")), "token_use", json!("access"));
    corpus.add("another client's", forge.token(&other));
    let refresh = with(&access, "token_use", json!("refresh"));
    corpus.add("another use", forge.token(&refresh));

    let before = contents(&world).await;
    let mut answers = BTreeSet::new();
    for (what, token) in &corpus.tokens {
        let refused = ask(token).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (401, "token_invalid"), "{what}");
        answers.insert(with(&refused.json(), "request_id", Value::Null).to_string());
    }
    assert_eq!(answers.len(), 1, "the same answer for every reason");
    assert_eq!(contents(&world).await, before, "a refused token wrote something");
    // What was wrong was not the person: known by now, an access token of Cognito will do, without any address.
    let access = with(&with(&access, "token_use", json!("access")), "email", Value::Null);
    ask(&forge.token(&access)).await.expect(201);
}

// IDN-2: half a minute of skew, on both sides
#[test]
fn clocks_may_differ_by_thirty_seconds() {
    let forge = Forge::ed25519("k1");
    let issuers = Issuers::new(&json!([issuer(&[forge.jwk()])]).to_string()).expect("issuers");
    let start = Timestamp::from_second(1_800_000_000).expect("an instant");
    let begins = |name: &str, at: i64| forge.token(&with(&claims(1_800_000_000), name, json!(1_800_000_000 + at)));
    let ok = |token: &str, seconds| issuers.verify(token, start + SignedDuration::from_secs(seconds)).is_ok();
    let plain = forge.token(&claims(1_800_000_000));
    assert!(ok(&plain, -29) && !ok(&plain, -31), "iat");
    assert!(ok(&plain, 3629) && !ok(&plain, 3631), "exp");
    assert!(ok(&begins("nbf", 29), 0) && !ok(&begins("nbf", 31), 0), "nbf");
    assert!(ok(&begins("nbf", -500), 0));
    for token in [begins("exp", 24 * 3600), begins("exp", 1)] {
        assert!(ok(&token, 0));
    }
}

// IDN-2, IDN-3
#[test]
fn each_kind_of_key_signs_with_its_own_algorithm_only() {
    let keys = [Forge::ed25519("ed"), Forge::p256("ec"), Forge::rsa("rsa")];
    let jwks: Vec<Value> = keys.iter().map(Forge::jwk).collect();
    let issuers = Issuers::new(&json!([issuer(&jwks)]).to_string()).expect("issuers");
    let now = Timestamp::from_second(1_800_000_000).expect("an instant");
    let body = claims(1_800_000_000);
    for key in &keys {
        let person = issuers.verify(&key.token(&body), now).expect("a good token");
        assert_eq!((person.identity.issuer.as_str(), person.identity.subject.as_str()), (ISSUER, "dana-1"));
        for other in &keys {
            if key.kid != other.kid {
                let confused = with(&key.header(), "alg", json!(other.alg()));
                assert!(issuers.verify(&key.sign(&confused.to_string(), &body.to_string()), now).is_err());
                let confused = with(&key.header(), "kid", json!(other.kid));
                assert!(issuers.verify(&key.sign(&confused.to_string(), &body.to_string()), now).is_err());
            }
        }
    }
    // Only who is verified is looked for by address.
    for (verified, found) in [(json!(true), true), (json!("true"), false), (json!(false), false), (Value::Null, false)]
    {
        let token = keys[0].token(&with(&body, "email_verified", verified));
        assert_eq!(issuers.verify(&token, now).expect("a good token").email.is_some(), found);
    }
}

// IDN-2: a key of one issuer vouches for no other
#[test]
fn issuers_do_not_speak_for_each_other() {
    let (one, two) = (Forge::ed25519("k1"), Forge::ed25519("k1"));
    let other = with(&issuer(&[two.jwk()]), "issuer", json!("https://other.example"));
    let issuers = Issuers::new(&json!([issuer(&[one.jwk()]), other]).to_string()).expect("issuers");
    let now = Timestamp::from_second(1_800_000_000).expect("an instant");
    let body = claims(1_800_000_000);
    assert!(issuers.verify(&one.token(&body), now).is_ok());
    assert!(issuers.verify(&two.token(&body), now).is_err());
    let theirs = with(&body, "iss", json!("https://other.example"));
    assert!(issuers.verify(&two.token(&theirs), now).is_ok());
    assert!(issuers.verify(&one.token(&theirs), now).is_err());
}

// IDN-3: what is configured wrongly stops the function at its start
#[tokio::test]
async fn issuers_that_cannot_be_trusted_do_not_start() {
    let (key, other) = (Forge::ed25519("k1").jwk(), Forge::p256("k2").jwk());
    let good = issuer(&[key.clone(), other.clone()]);
    assert!(Issuers::new(&json!([good]).to_string()).is_ok());
    assert!(Issuers::new("[]").is_ok());
    let keys = |keys: Value| with(&good, "jwks", json!({"keys": keys}));
    let short = URL_SAFE_NO_PAD.encode([0xff; 128]);
    let secret = json!({"kty": "oct", "kid": "k3", "k": "c2VjcmV0", "alg": "HS256"});
    let many: Vec<Value> = (0..21).map(|n| with(&key, "kid", json!(format!("k{n}")))).collect();
    let bad = [
        keys(json!([secret])),
        keys(json!([key, with(&other, "kid", json!("k1"))])),
        keys(json!([{"kty": "RSA", "kid": "k3", "n": short, "e": "AQAB"}])),
        keys(json!([{"kty": "EC", "crv": "P-384", "kid": "k3", "x": "AA", "y": "AA"}])),
        keys(json!([with(&key, "d", json!("a private key"))])),
        keys(json!([with(&key, "kid", Value::Null)])),
        keys(json!([with(&key, "alg", json!("HS256"))])),
        keys(json!([with(&key, "use", json!("enc"))])),
        keys(json!([with(&key, "x", json!("AA"))])),
        keys(json!([])),
        keys(json!(many)),
        with(&good, "algorithms", json!(["EdDSA"])),
        with(&good, "algorithms", json!(["HS256"])),
        with(&good, "algorithms", json!([])),
        with(&with(&good, "audiences", Value::Null), "client_ids", Value::Null),
        with(&good, "audiences", json!([""])),
        with(&good, "issuer", json!("")),
        with(&good, "jwks_uri", json!("https://id.example/keys")),
        with(&good, "issuer", Value::Null),
    ];
    for bad in &bad {
        assert!(Issuers::new(&json!([bad]).to_string()).is_err(), "{bad}");
    }
    for text in ["", "{}", "null", &json!([good, good]).to_string()] {
        assert!(Issuers::new(text).is_err(), "{text}");
    }
    let options = Options { staff_issuers: Some(json!([bad[0]]).to_string()), ..Options::default() };
    let refused = caseload_local::Cloud::start(options).await.expect_err("no start").to_string();
    assert!(refused.contains("STAFF_ISSUERS") && !refused.contains("c2VjcmV0"), "{refused}");
}

// IDN-7, B6: what is no link, or one of nobody, is no link anywhere
#[tokio::test]
async fn a_link_that_nobody_was_sent_opens_nothing() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    practice.owner.adds_and_invites("Maya", "maya@mail.example").await;
    let token = world.token("maya@mail.example").await;
    let (head, last) = token.split_at(token.len() - 1);
    let changed = format!("{head}{}", if last == "A" { "B" } else { "A" });
    for path in ["accept", "decline", "lookup", "renew"].map(|how| format!("/v1/invitations/{how}")) {
        for token in [&changed, "", "nonsense", &practice.owner.access_token.clone().expect("a token")] {
            let told = world.anonymous.post(&path, json!({"token": token})).await;
            told.expect_problem(404, "invitation_not_found");
        }
    }
}
