use std::sync::atomic::{AtomicI64, Ordering};

use caseload::store::Entity;
use caseload::store::keys::Key;
use caseload_local::cloud::{Cloud, Options, TABLE};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::{Answer, Persona, Practice};

/// A local cloud and somebody anonymous in front of it.
#[derive(Debug)]
pub struct World {
    pub cloud: Cloud,
    pub anonymous: Persona,
    hours: AtomicI64,
}

/// A file of `tests/data`.
pub fn sample(name: &str) -> Vec<u8> {
    let path = format!("{}/data/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

impl World {
    pub async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Self {
        // Shown for tests that fail; says why a 5xx was one.
        let filter = Targets::new()
            .with_default(LevelFilter::ERROR)
            .with_targets([("s3s", LevelFilter::OFF), ("s3s_fs", LevelFilter::OFF)]);
        let lines = tracing_subscriber::fmt::layer().with_test_writer();
        let _ = tracing_subscriber::registry().with(lines).with(filter).try_init();
        let cloud = Cloud::start(options).await.expect("a local cloud");
        let anonymous = Persona::anonymous(&cloud.url, cloud.clock().clone());
        Self { cloud, anonymous, hours: AtomicI64::new(1) }
    }

    /// Signs an event body as the payment provider would, now.
    pub fn sign_webhook(&self, body: &str) -> String {
        self.cloud.payments().expect("payments").signature(body)
    }

    /// How many mails have gone out to anybody.
    pub async fn mail_count(&self) -> usize {
        self.anonymous.get("/dev/mail").await.expect(200).at("/items").as_array().map_or(0, Vec::len)
    }

    /// Does what meets a mail service that hangs: once it does, the clock moves on until patience is at an end.
    pub async fn losing_patience<F: Future>(&self, work: F) -> F::Output {
        let mut hanging = self.cloud.mailbox().expect("a mailbox").hanging();
        let before = *hanging.borrow();
        let patience = async {
            hanging.wait_for(|calls| *calls > before).await.expect("a mailbox");
            self.cloud.clock().advance(SignedDuration::from_secs(3));
        };
        tokio::join!(work, patience).0
    }

    /// The newest mail to an address, as `/dev/mail` shows it.
    pub async fn newest_mail(&self, to: &str) -> Value {
        self.mails(to).await.into_iter().next().unwrap_or(Value::Null)
    }

    pub async fn mails(&self, to: &str) -> Vec<Value> {
        self.anonymous.mails(to).await
    }

    /// The token in the newest mail to an address.
    pub async fn token(&self, to: &str) -> String {
        self.anonymous.mailed_token(to).await
    }

    pub async fn advance(&self, seconds: i64) {
        self.anonymous.post("/dev/clock", json!({"advance_seconds": seconds})).await.expect(200);
    }

    pub async fn run(&self, schedule: &str) -> Value {
        self.anonymous.do_post(&format!("/dev/run/{schedule}")).await.expect(200).json()
    }

    /// The calls a request made, by its answer's request id.
    pub async fn calls(&self, answer: &Answer) -> Vec<Value> {
        let id = answer.header("x-request-id");
        let calls = self.anonymous.get(&format!("/dev/calls?request_id={id}")).await.expect(200);
        calls.at("/items").as_array().cloned().unwrap_or_default()
    }

    /// How many round trips to the table a request took: calls under way at the same time count as one.
    pub async fn rounds(&self, answer: &Answer) -> u64 {
        let calls = self.calls(answer).await;
        let table = calls.iter().filter(|call| call["service"] == "dynamodb");
        let mut rounds: Vec<u64> = table.filter_map(|call| call["round"].as_u64()).collect();
        rounds.sort_unstable();
        rounds.dedup();
        rounds.len() as u64
    }

    /// Signs a practice up and its owner in.
    pub async fn practice(&self, slug: &str) -> Practice {
        let email = format!("owner@{slug}.example");
        let body = json!({
            "name": format!("{slug} Therapy"), "slug": slug, "time_zone": "America/New_York", "currency": "USD",
            "default_region": "US", "owner": {"full_name": "Dana Owner", "email": email},
        });
        let practice = self.anonymous.post("/v1/practices", body).await.expect(201);
        let token = self.token(&email).await;
        let session = self.anonymous.post("/v1/auth/sessions", json!({"token": token})).await.expect(201);
        Practice { id: practice.text("/id"), slug: slug.to_owned(), owner: self.anonymous.with_session(&session) }
    }

    fn hour(&self) -> SignedDuration {
        SignedDuration::from_hours(self.hours.fetch_add(1, Ordering::Relaxed))
    }

    /// The start of an hour to come in which nobody has a session yet; also a number nobody has.
    pub fn free_hour(&self) -> Timestamp {
        self.cloud.clock().now() + self.hour()
    }

    /// The start of an hour gone by in which nobody had a session.
    pub fn past_hour(&self) -> Timestamp {
        self.cloud.clock().now() - self.hour()
    }

    /// Invites somebody to the team and lets them accept.
    pub async fn staff(&self, admin: &Persona, full_name: &str, role_id: &str) -> Persona {
        let mailbox = full_name.to_lowercase().replace(' ', ".");
        let email = format!("{mailbox}{}@staff.example", self.hours.fetch_add(1, Ordering::Relaxed));
        let body = json!({"full_name": full_name, "email": email, "role_id": role_id});
        admin.post("/v1/staff", body).await.expect(201);
        self.accept(&email).await
    }

    /// This many minutes from now, as the API writes instants.
    pub fn in_minutes(&self, minutes: i64) -> String {
        (self.cloud.app().now() + jiff::SignedDuration::from_mins(minutes)).to_string()
    }

    /// Accepts the newest invitation mailed to an address.
    pub async fn accept(&self, email: &str) -> Persona {
        self.anonymous.accepts(email).await
    }

    /// Signs a staff member in by mailed link.
    pub async fn sign_in(&self, address: &str) -> Persona {
        self.anonymous.post("/v1/auth/sign-in", json!({"email": address})).await.expect(202);
        let token = self.token(address).await;
        let session = self.anonymous.post("/v1/auth/sessions", json!({"token": token})).await.expect(201);
        self.anonymous.with_session(&session)
    }

    /// Signs a client into the portal of this name by mailed link.
    pub async fn comes_back(&self, address: &str, slug: &str) -> Persona {
        let body = json!({"email": address, "portal": slug});
        self.anonymous.post("/v1/auth/sign-in", body).await.expect(202);
        let token = self.token(address).await;
        let session = self.anonymous.post("/v1/auth/sessions", json!({"token": token})).await.expect(201);
        self.anonymous.with_session(&session)
    }

    /// An item as it stands in the table.
    pub async fn stored<E: Entity>(&self, key: &Key<E>) -> E {
        self.cloud.app().store.load(key.clone()).await.expect("the table").expect("an item")
    }

    /// The audit entries a request left: action, decision and what they name.
    pub async fn audit(&self, answer: &Answer) -> Vec<(String, String, Vec<String>)> {
        let id = answer.header("x-request-id");
        let mut found = Vec::new();
        let mut pages = self.cloud.table().scan().table_name(TABLE).into_paginator().items().send();
        while let Some(item) = pages.next().await {
            let item = item.expect("an item");
            let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
            if text("entity") == "audit" && text("request") == id {
                let resources = item.get("resources").and_then(|value| value.as_l().ok()).into_iter().flatten();
                let resources = resources.filter_map(|value| value.as_s().ok().cloned()).collect();
                found.push((text("action"), text("decided"), resources));
            }
        }
        found
    }
}
