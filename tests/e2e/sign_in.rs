//! Coming in: the second factor, other issuers, step-up, ending sessions, and telling nobody who is known.

mod outside;
mod quiet;
mod second_factor;
mod step_up;

use caseload::access::{Action, Actor, Cause, Grant, System};
use caseload::crypto::TotpSecret;
use caseload::domain::ids::{PracticeId, RequestId};
use caseload::domain::practice::Practice as Stored;
use caseload::store::{Tx, keys};
use caseload_local::Options;
use data_encoding::BASE32_NOPAD;
use end_to_end::{Answer, Persona, Practice, World};
use serde_json::{Value, json};

/// A world at the beginning of a day, so that no window of tries ends in the middle of a test.
async fn new_day(options: Options) -> World {
    let world = World::with(options).await;
    world.cloud.clock().set("2027-03-01T00:00:05Z".parse().expect("an instant"));
    world
}

async fn morning() -> World {
    new_day(Options::default()).await
}

/// A fresh sign-in link for somebody.
async fn link(world: &World, email: &str) -> String {
    world.advance(60).await;
    world.anonymous.post("/v1/auth/sign-in", json!({"email": email})).await.expect(202);
    world.token(email).await
}

async fn open(world: &World, body: Value) -> Answer {
    world.anonymous.post("/v1/auth/sessions", body).await
}

/// Another session of somebody without a second factor.
async fn another_session(world: &World, email: &str) -> Persona {
    let token = link(world, email).await;
    world.anonymous.with_session(&open(world, json!({"token": token})).await.expect(201))
}

/// The same session with fresh tokens: time has passed.
async fn refreshed(world: &World, persona: &Persona) -> Persona {
    let tokens = world.anonymous.post("/v1/auth/refresh", json!({"refresh_token": persona.refresh_token})).await;
    world.anonymous.with_session(&tokens.expect(201))
}

/// An authenticator app, and the paper with the recovery codes.
struct Phone {
    secret: TotpSecret,
    recovery: Vec<String>,
}

impl Phone {
    /// Reads what an app is given when a factor is begun.
    fn scan(begun: &Answer) -> Self {
        let secret = BASE32_NOPAD.decode(begun.text("/secret").as_bytes()).expect("base32");
        Self { secret: TotpSecret::from_bytes(&secret).expect("a secret"), recovery: Vec::new() }
    }

    /// Sets a second factor up for somebody signed in.
    async fn of(world: &World, persona: &Persona) -> Self {
        let mut phone = Self::scan(&persona.do_post("/v1/auth/totp").await.expect(201));
        let code = json!({"code": phone.code(world)});
        let confirmed = persona.post("/v1/auth/totp/confirm", code).await.expect(200);
        phone.recovery = recovery_codes(&confirmed);
        phone
    }

    fn step(world: &World) -> u64 {
        u64::try_from(world.cloud.clock().now().as_second()).expect("a time after 1970") / 30
    }

    /// What it shows now.
    fn code(&self, world: &World) -> String {
        self.secret.code(Self::step(world))
    }

    /// What it does not show now, nor anywhere near.
    fn wrong(&self, world: &World) -> String {
        let near: Vec<String> =
            (Self::step(world) - 3..Self::step(world) + 4).map(|step| self.secret.code(step)).collect();
        let mut all = (0..1_000_000).map(|number| format!("{number:06}"));
        all.find(|code| !near.contains(code)).expect("a code")
    }
}

fn recovery_codes(answer: &Answer) -> Vec<String> {
    let codes = answer.at("/recovery_codes");
    codes.as_array().expect("codes").iter().map(|code| code.as_str().expect("a code").to_owned()).collect()
}

/// Sets what a practice asks of its staff, below the API.
async fn require_totp(world: &World, practice: &Practice, required: bool) {
    let app = world.cloud.app();
    let id: PracticeId = practice.id.parse().expect("an id");
    let mut stored: Stored = app.store.load(keys::practice(id)).await.expect("a read").expect("a practice");
    stored.team.require_totp = required;
    let cause = Cause { request: RequestId::from_uuid(uuid::Uuid::nil()), at: app.now() };
    let grant = Grant::system(id, Actor::System(System::Schedule), Action::Housekeeping, None, cause).expect("a grant");
    let mut tx = Tx::new(&grant);
    tx.replace(&mut stored);
    app.store.commit(tx).await.expect("a write");
}

fn statuses(answers: &[Answer]) -> std::collections::BTreeMap<(u16, String), usize> {
    let mut all = std::collections::BTreeMap::new();
    for answer in answers {
        *all.entry((answer.status.as_u16(), answer.code())).or_default() += 1;
    }
    all
}
