//! Answers: JSON with a status and, for single resources, an `ETag`.

use std::fmt;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use super::Outcome;
use crate::crypto::sha256;
use crate::refusal::Refusal;
use crate::store::Answer;

/// An answer that can also be kept for a repetition of its request.
#[derive(Debug, Clone)]
pub struct Reply(Answer);

impl Reply {
    fn new(status: StatusCode, version: Option<u64>, body: &impl Serialize) -> Outcome {
        let body = serde_json::to_string(body).map_err(Refusal::broken)?;
        Ok(Self(Answer { status: status.as_u16(), etag: version.map(|version| ETag::new(version).to_string()), body }))
    }

    /// 200.
    pub fn ok(body: &impl Serialize) -> Outcome {
        Self::new(StatusCode::OK, None, body)
    }

    /// 200 of a single resource at this version.
    pub fn ok_at(version: u64, body: &impl Serialize) -> Outcome {
        Self::new(StatusCode::OK, Some(version), body)
    }

    /// 201 of something without a version.
    pub fn created(body: &impl Serialize) -> Outcome {
        Self::new(StatusCode::CREATED, None, body)
    }

    /// 201 of a single resource at this version.
    pub fn created_at(version: u64, body: &impl Serialize) -> Outcome {
        Self::new(StatusCode::CREATED, Some(version), body)
    }

    /// 202 of something without a version.
    pub fn accepted(body: &impl Serialize) -> Outcome {
        Self::new(StatusCode::ACCEPTED, None, body)
    }

    /// 202 of a single resource at this version.
    pub fn accepted_at(version: u64, body: &impl Serialize) -> Outcome {
        Self::new(StatusCode::ACCEPTED, Some(version), body)
    }

    /// 204.
    #[must_use]
    pub fn empty() -> Self {
        Self(Answer { status: StatusCode::NO_CONTENT.as_u16(), etag: None, body: String::new() })
    }

    /// What is kept of it.
    #[must_use]
    pub fn answer(&self) -> Answer {
        self.0.clone()
    }
}

/// The tag of a version, as the member `etag` of a body says it: for `If-Match`. The header says more, see `representation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ETag(u64);

impl ETag {
    /// The tag of this version.
    #[must_use]
    pub const fn new(version: u64) -> Self {
        Self(version)
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"v{}\"", self.0)
    }
}

impl Serialize for ETag {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl utoipa::PartialSchema for ETag {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("The version, for `If-Match` when it is changed or deleted; the quotes are part of it."))
            .pattern(Some("^\"v[0-9]+\"$"))
            .into()
    }
}

impl utoipa::ToSchema for ETag {}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let Answer { status, etag, body } = self.0;
        let tag = etag.map(|version| representation(&version, &body));
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, body).into_response();
        if status == StatusCode::NO_CONTENT {
            response.headers_mut().remove(header::CONTENT_TYPE);
        } else {
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(tag) = tag.and_then(|tag| HeaderValue::from_str(&tag).ok()) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

/// The tag of what is shown: the version, and what it comes to for this reader at this moment. A tag that was renamed, a
/// day that went by or a right that was taken shows something else at the same version.
fn representation(version: &str, body: &str) -> String {
    let digest = sha256(body.as_bytes());
    format!("{}-{}\"", version.trim_end_matches('"'), digest.get(..16).unwrap_or_default())
}

/// A CSV file to be kept, not shown.
#[derive(Debug)]
pub struct CsvReply {
    /// What it is called: plain ASCII.
    pub name: String,
    /// UTF-8.
    pub bytes: Vec<u8>,
    /// Where the rest of it is, if it is too long for one answer.
    pub next: Option<String>,
}

impl IntoResponse for CsvReply {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::OK, self.bytes).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
        let told = [
            (header::CONTENT_DISPOSITION, Some(format!("attachment; filename=\"{}\"", self.name))),
            (header::LINK, self.next.map(|next| format!("<{next}>; rel=\"next\""))),
        ];
        for (name, value) in told {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// A calendar for programs that come back for it.
#[derive(Debug)]
pub struct CalendarReply {
    pub text: String,
    /// What tells one state of it from another. The text itself also says when it was written.
    pub tag: String,
    /// For so long nobody needs to come back, in seconds.
    pub fresh_for: u32,
}

impl IntoResponse for CalendarReply {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::OK, self.text).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(crate::domain::ical::MEDIA_TYPE));
        let told = [
            (header::CACHE_CONTROL, format!("private, max-age={}", self.fresh_for)),
            (header::ETAG, format!("W/\"{}\"", self.tag)),
        ];
        for (name, value) in told {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// The stored answer of the first time.
pub(super) fn replay(answer: Answer) -> Response {
    let mut response = Reply(answer).into_response();
    response.headers_mut().insert("idempotent-replay", HeaderValue::from_static("true"));
    response
}
