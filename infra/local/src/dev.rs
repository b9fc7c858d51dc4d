//! What only the local server has: the mailbox, the clock, the schedules, the call records, and pages for people.

mod clock;
mod guard;
mod mail;
mod pages;
mod practices;

use caseload::refusal::{Kind, Refusal};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::cloud::Parts;
use crate::schedules::{self, RunError};

/// The routes, outside the product's front.
pub(crate) fn router(parts: Arc<Parts>) -> Router {
    Router::new()
        .route("/dev/mail", get(mail::list))
        .route("/dev/mail/trouble", post(mail::trouble))
        .route("/dev/clock", get(clock::show).post(clock::set))
        .route("/dev/run/{schedule}", post(run))
        .route("/dev/calls", get(calls))
        .route("/dev/practices", get(practices::list))
        .with_state(parts)
        .merge(pages::router())
        .layer(middleware::from_fn(guard::guard))
}

/// A body of these routes; one that is none says what was expected.
fn parse<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal::malformed("malformed_json", format!("The body is not right: {error}.")))
}

async fn run(State(parts): State<Arc<Parts>>, Path(schedule): Path<String>) -> Response {
    match schedules::run(&parts.app, &schedule).await {
        Ok(answer) => Json(answer).into_response(),
        Err(RunError::Unknown) => {
            let detail = format!("There is no such schedule; there are {}.", schedules::names());
            Refusal::new(Kind::Absent, "unknown_schedule", detail).into_response()
        }
        Err(error @ RunError::Failed(_)) => {
            tracing::error!(schedule, %error, "schedule");
            Refusal::new(Kind::Broken(String::new()), "schedule_failed", error.to_string()).into_response()
        }
    }
}

#[derive(Deserialize)]
struct Whose {
    request_id: Option<String>,
}

async fn calls(State(parts): State<Arc<Parts>>, Query(whose): Query<Whose>) -> Response {
    let items = match whose.request_id {
        Some(id) => parts.recorder.of(&id),
        None => parts.recorder.all(),
    };
    Json(json!({ "items": items })).into_response()
}
