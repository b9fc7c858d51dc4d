//! The payment provider: Stripe's Checkout Sessions, a page to pay them on, and the signed event that follows.

mod api;
mod form;
mod order;
mod page;
mod session;
mod till;
mod webhook;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::routing::{get, post};
use caseload::clock::Clock;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use session::Session;
pub use webhook::sign;

/// Why the payment endpoint did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No port could be had on loopback.
    #[error("the payment endpoint cannot listen on 127.0.0.1: {0}")]
    Listen(#[from] std::io::Error),
}

/// A running payment endpoint; dropping it stops it.
#[derive(Debug)]
pub struct Payments {
    /// Where the product finds it in place of `https://api.stripe.com`: `http://127.0.0.1:<port>`.
    pub endpoint: String,
    desk: Arc<Desk>,
    _stop: oneshot::Sender<()>,
}

impl Payments {
    /// Starts with no sessions. `clock` dates and expires everything; events go to `webhook_url`, a plain `http://` one,
    /// signed with `webhook_secret`.
    pub async fn start(webhook_url: String, webhook_secret: String, clock: Clock) -> Result<Self, StartError> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let books = Books { webhook_url, ..Books::default() };
        let desk = Arc::new(Desk { base: endpoint.clone(), webhook_secret, clock, books: Mutex::new(books) });
        let (stop, stopped) = oneshot::channel::<()>();
        let server =
            axum::serve(listener, router(Arc::clone(&desk))).with_graceful_shutdown(async move { drop(stopped.await) });
        tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::error!(%error, "the payment endpoint stopped");
            }
        });
        Ok(Self { endpoint, desk, _stop: stop })
    }

    /// The events so far, oldest first, each one once however often it was delivered.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        self.desk.books().events.clone()
    }

    /// The signature header of an event body, as of now: what a delivery of it carries.
    #[must_use]
    pub fn signature(&self, body: &str) -> String {
        sign(&self.desk.webhook_secret, self.desk.now(), body)
    }

    /// From now on, events go to this URL.
    pub fn set_webhook_url(&self, url: String) {
        self.desk.books().webhook_url = url;
    }
}

fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/v1/checkout/sessions", post(api::create))
        .route("/v1/checkout/sessions/{id}", get(api::retrieve))
        .route("/v1/checkout/sessions/{id}/expire", post(api::expire))
        .route("/pay/{id}", get(till::show).post(till::pay))
        .fallback(api::unknown)
        .with_state(desk)
}

struct Desk {
    base: String,
    webhook_secret: String,
    clock: Clock,
    books: Mutex<Books>,
}

#[derive(Default)]
struct Books {
    webhook_url: String,
    sessions: HashMap<String, Session>,
    answers: HashMap<String, api::Answer>,
    events: Vec<Value>,
}

impl Desk {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> i64 {
        self.clock.now().as_second()
    }
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("base", &self.base).finish_non_exhaustive()
    }
}

/// A new identifier: the prefix and enough hexadecimal digits that nobody guesses it.
#[expect(clippy::disallowed_methods, reason = "the provider makes its own ids, not the product")]
fn new_id(prefix: &str) -> String {
    format!("{prefix}{}", uuid::Uuid::now_v7().simple())
}
