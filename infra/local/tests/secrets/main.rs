//! `secrets`, as the pages on deploying and on rotation run it: what it prints is read by a shell, then by the product.

#![expect(
    clippy::expect_used,
    reason = "what a test needs and does not get ends it, also outside of the test's own body"
)]

use std::collections::BTreeMap;
use std::process::{Command, Output};

use caseload::app::{App, FunctionSpec, Services};
use caseload::aws::Sdk;
use caseload::clock::Clock;
use caseload::config::{Config, Var};
use caseload::domain::ids::{ClientId, PracticeId, SessionId};
use caseload::domain::session::PrincipalId;
use caseload::jwt::{Identity, Signer, Verifier};
use caseload_local::deployment::JWKS_AFTERWARDS;
use caseload_local::functions::FUNCTIONS;
use uuid::Uuid;

type Set = BTreeMap<String, String>;

fn secrets(arguments: &[&str], jwks: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_caseload-local"));
    command.arg("secrets").args(arguments).env("TOKEN_JWKS", jwks).output().expect("the program")
}

/// What a shell takes from the lines that were printed.
fn read(printed: &Output) -> Set {
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let lines = std::str::from_utf8(&printed.stdout).expect("text");
    let mut shell = Command::new("sh");
    let shell =
        shell.args(["-c", "set -a; eval \"$1\"; exec env", "sh", lines]).env_clear().env("PATH", "/usr/bin:/bin");
    let seen = shell.output().expect("a shell").stdout;
    let seen = String::from_utf8(seen).expect("text");
    seen.lines().filter_map(|line| line.split_once('=')).map(|(name, value)| (name.into(), value.into())).collect()
}

/// A set, and what the template's other parameters say.
fn config(spec: &FunctionSpec, set: &Set) -> Config {
    let parameter = |name: &str| match name {
        "PORTAL_ORIGIN" => Some("https://portal.example.com".to_owned()),
        "STAFF_ISSUERS" => Some("[]".to_owned()),
        "TABLE_NAME" | "BUCKET_NAME" | "MAIL_FROM" | "PAYMENTS_SECRET_KEY" => Some("given".to_owned()),
        _ => None,
    };
    let value = |name: &'static str| set.get(name).cloned().or_else(|| parameter(name));
    Config::from_values(spec.needs, value).unwrap_or_else(|error| panic!("{}: {error}", spec.name))
}

#[test]
fn every_function_starts_with_the_set_that_is_printed() {
    let set = read(&secrets(&[], ""));
    for function in FUNCTIONS {
        let config = config(&function.spec, &set);
        let app = App::new(&config, &Sdk::from_env(Clock::default()), Services::NONE, Clock::default(), false);
        let app = app.unwrap_or_else(|error| panic!("{}: {error}", function.spec.name));
        assert_eq!(app.verifier().is_some(), function.spec.needs.contains(&Var::TokenJwks), "{}", function.spec.name);
    }
}

#[test]
fn nobody_is_signed_out_while_the_signing_key_is_replaced() {
    let first = read(&secrets(&[], ""));
    let next = read(&secrets(&["--rotate"], &first["TOKEN_JWKS"]));
    assert!(!next.contains_key("SECRET_KEY"), "it stays as it is");
    let now = Clock::default().now();
    let who = Identity {
        practice: PracticeId::from_uuid(Uuid::from_u128(1)),
        principal: PrincipalId::Client(ClientId::from_uuid(Uuid::from_u128(2))),
        session: SessionId::from_uuid(Uuid::from_u128(3)),
    };
    let signed = |set: &Set| {
        let signer = Signer::new(&caseload::config::Secret::new(&set["TOKEN_SIGNING_KEY"])).expect("a key");
        signer.sign(who, now).expect("a token")
    };
    let (old, new) = (signed(&first), signed(&next));
    let good = |jwks: &str| {
        let verifier = Verifier::new(jwks).expect("keys");
        [&old, &new].map(|token| verifier.verify(token, now) == Ok(who))
    };
    assert_eq!(good(&first["TOKEN_JWKS"]), [true, false], "which is why the public keys go first");
    assert_eq!(good(&next["TOKEN_JWKS"]), [true, true]);
    assert_eq!(good(&next[JWKS_AFTERWARDS]), [false, true]);
}

#[test]
fn the_next_set_is_not_made_beside_nothing() {
    for (jwks, says) in [("", "TOKEN_JWKS is not set"), ("{}", "TOKEN_JWKS is malformed")] {
        let refused = secrets(&["--rotate"], jwks);
        let told = String::from_utf8_lossy(&refused.stderr);
        assert!(!refused.status.success() && refused.stdout.is_empty() && told.contains(says), "{told}");
    }
}
