//! What every route says when the table is busy, and when it is not there at all.

use std::collections::BTreeMap;

use caseload::web::STAFF;
use caseload_local::cloud::TABLE;
use caseload_local::faults::{Fault, Kind};
use end_to_end::{Answer, Persona, Practice, World};
use http::Method;
use serde_json::{Value, json};

use crate::functions::event;

use super::routes::{Operation, documented, nobodys_ids};

/// What reads nothing, and what looks at the table only with the token of a mail.
const UNTROUBLED: [&str; 2] = ["GET /.well-known/jwks.json", "POST /v1/mail/unsubscribe"];

/// Somebody of each kind, and what those send who have no session: every token is a live one, so that it is looked up.
struct Stage {
    world: World,
    practice: Practice,
    portal: Persona,
    ids: BTreeMap<String, String>,
    public: BTreeMap<&'static str, Value>,
}

impl Stage {
    async fn set(slug: &str) -> Self {
        let world = World::start().await;
        let practice = world.practice(slug).await;
        let (_, portal) = practice.portal_client("Maya").await;
        practice.owner.adds_and_invites("Ola", "ola@mail.example").await;
        let email = format!("owner@{slug}.example");
        world.anonymous.post("/v1/auth/sign-in", json!({"email": email})).await.expect(202);
        let invitation = json!({"token": world.token("ola@mail.example").await});
        let public = BTreeMap::from([
            ("POST /v1/auth/refresh", json!({"refresh_token": practice.owner.refresh_token})),
            ("POST /v1/auth/sessions", json!({"token": world.token(&email).await})),
            ("POST /v1/auth/sign-in", json!({"email": email})),
            ("POST /v1/invitations/accept", invitation.clone()),
            ("POST /v1/invitations/decline", invitation.clone()),
            ("POST /v1/invitations/lookup", invitation.clone()),
            ("POST /v1/invitations/renew", invitation),
            (
                "POST /v1/practices",
                json!({"name": "Harbor", "slug": "harbor", "time_zone": "UTC", "currency": "EUR",
                    "owner": {"full_name": "Dana Owner", "email": "dana@harbor.example"}}),
            ),
        ]);
        let mut ids = nobodys_ids();
        ids.insert("slug".to_owned(), slug.to_owned());
        let feed = practice.owner.makes_feed("busy").await.text("/url");
        ids.insert("token".to_owned(), feed.rsplit_once('/').expect("an address").1.to_owned());
        Self { world, practice, portal, ids, public }
    }

    /// Asks an operation, as somebody it serves.
    async fn ask(&self, operation: &Operation) -> Answer {
        let path = operation.path_with(&self.ids);
        if operation.takes_bytes() {
            let event = event("payment-webhook")["body"].as_str().expect("a body").to_owned();
            let sent = self.world.anonymous.request(Method::POST, &path);
            let sent = sent.header("stripe-signature", &self.world.sign_webhook(&event));
            return sent.header("content-type", "application/json").body(event).send().await;
        }
        let who = match operation {
            _ if operation.is_public() => &self.world.anonymous,
            _ if operation.is_for(STAFF) => &self.practice.owner,
            _ => &self.portal,
        };
        operation.ask(who, &self.ids, self.public.get(operation.name().as_str())).await
    }
}

// API-1, OBS-1: whoever asks too early is told when to come back
#[tokio::test]
async fn every_route_says_when_to_come_back_while_the_table_is_busy() {
    let stage = Stage::set("busy").await;
    stage.world.cloud.faults().arm(Fault::at(1, Kind::Throttle).service("dynamodb").times(u64::MAX));
    for operation in documented().into_iter().filter(|operation| !UNTROUBLED.contains(&operation.name().as_str())) {
        let told = stage.ask(&operation).await;
        assert_eq!(told.status, 503, "{}: {}", operation.name(), told.code());
        told.expect_problem(503, "unavailable");
    }
}

// API-1, OBS-1: what will not get better by itself is not called busy, and nothing of the inside is told
#[tokio::test]
async fn every_route_is_sorry_when_the_table_is_gone() {
    let stage = Stage::set("gone").await;
    stage.world.cloud.table().delete_table().table_name(TABLE).send().await.expect("no table");
    for operation in documented().into_iter().filter(|operation| !UNTROUBLED.contains(&operation.name().as_str())) {
        let told = stage.ask(&operation).await;
        assert_eq!(told.status, 500, "{}: {}", operation.name(), told.code());
        let told = told.expect_problem(500, "internal");
        assert!(!told.bytes.windows(5).any(|some| some.eq_ignore_ascii_case(b"table")), "{}", operation.name());
    }
}
