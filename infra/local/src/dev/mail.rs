//! `/dev/mail`: what was sent, and what is wrong with the mail service.

use caseload::refusal::{Kind, Refusal};
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::parse;
use crate::cloud::Parts;
use crate::mailbox::{Mailbox, Trouble};

#[derive(Deserialize)]
pub(super) struct Whose {
    to: Option<String>,
}

fn mailbox(parts: &Parts) -> Result<&Mailbox, Refusal> {
    let replaced = "AWS_ENDPOINT_URL_SESV2 names another mail service; look there.";
    let mailbox = parts.mailbox.as_ref();
    mailbox.ok_or_else(|| Refusal::new(Kind::Absent, "mailbox_replaced", replaced))
}

pub(super) async fn list(State(parts): State<Arc<Parts>>, Query(whose): Query<Whose>) -> Result<Response, Refusal> {
    let items = mailbox(&parts)?.messages(whose.to.as_deref());
    Ok(Json(json!({ "items": items })).into_response())
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    None,
    Failing,
    Hanging,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MailFilter {
    mode: Mode,
}

pub(super) async fn trouble(State(parts): State<Arc<Parts>>, body: Bytes) -> Result<Response, Refusal> {
    let wanted: MailFilter = parse(&body)?;
    mailbox(&parts)?.set_trouble(match wanted.mode {
        Mode::None => Trouble::None,
        Mode::Failing => Trouble::Failing,
        Mode::Hanging => Trouble::Hanging,
    });
    Ok(Json(wanted).into_response())
}
