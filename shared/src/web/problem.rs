//! The one way from a refusal to HTTP: RFC 9457 `application/problem+json`.
//!
//! `detail` is for the person who called; the cause of a 5xx goes to the log once and never to the caller.
// API-1, OBS-1

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use jiff::SignedDuration;
use serde::Serialize;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::refusal::{BadField, CODES, FIELD_CODES, Kind, Members, Refusal, Stop};

/// How long whoever finds us busy is asked to wait.
const MOMENT: SignedDuration = SignedDuration::from_secs(2);

/// One bad field.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct FieldProblem {
    /// JSON pointer into the request body.
    pointer: String,
    /// Stable code.
    #[schema(schema_with = field_code)]
    code: Cow<'static, str>,
    /// What is wrong and what would be right.
    detail: String,
}

fn one_of(codes: &[&'static str]) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes.iter().copied())).into()
}

fn code() -> RefOr<Schema> {
    one_of(CODES)
}

fn field_code() -> RefOr<Schema> {
    one_of(FIELD_CODES)
}

impl From<BadField> for FieldProblem {
    fn from(field: BadField) -> Self {
        let BadField { pointer, code, detail } = field;
        Self { pointer, code, detail }
    }
}

/// A refusal as HTTP tells it.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: Cow<'static, str>,
    detail: Cow<'static, str>,
    errors: Vec<FieldProblem>,
    more: Members,
    retry_after: Option<SignedDuration>,
    cause: Option<String>,
}

/// The body of a problem, as it is sent.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ProblemBody {
    /// `about:blank#<code>`.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What was wrong and what to do.
    detail: String,
    /// Stable, for programs to go by.
    #[schema(schema_with = code)]
    code: String,
    /// Bad fields, if it is about fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    /// The request's id, as in `x-request-id`.
    request_id: Option<String>,
    /// Further members of single codes, such as `portal_url`.
    #[serde(flatten)]
    more: serde_json::Map<String, serde_json::Value>,
}

/// Put on the response for the request log.
#[derive(Debug, Clone)]
pub(super) struct Logged {
    pub(super) code: String,
    pub(super) cause: Option<String>,
}

impl Problem {
    /// What only HTTP refuses, such as a method.
    pub(super) fn of_http(status: StatusCode, code: &'static str, detail: &'static str) -> Self {
        Self {
            status,
            code: code.into(),
            detail: detail.into(),
            errors: Vec::new(),
            more: Members::new(),
            retry_after: None,
            cause: None,
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (kind, code, detail, more) = refusal.into_parts();
        let (mut errors, mut retry_after, mut cause) = (Vec::new(), None, None);
        let status = match kind {
            Kind::Malformed => StatusCode::BAD_REQUEST,
            Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::Absent => StatusCode::NOT_FOUND,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::Outdated => StatusCode::PRECONDITION_FAILED,
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::Invalid(fields) => {
                errors = fields.into_iter().map(FieldProblem::from).collect();
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Kind::PreconditionMissing => StatusCode::PRECONDITION_REQUIRED,
            Kind::TooMany(wait) => {
                retry_after = Some(wait);
                StatusCode::TOO_MANY_REQUESTS
            }
            Kind::Broken(why) => {
                cause = Some(why);
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Kind::Unavailable(why) => {
                (cause, retry_after) = (Some(why), Some(MOMENT));
                StatusCode::SERVICE_UNAVAILABLE
            }
        };
        Self { status, code, detail, errors, more, retry_after, cause }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = ProblemBody {
            kind: format!("about:blank#{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Problem").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.into_owned(),
            code: self.code.clone().into_owned(),
            errors: self.errors,
            request_id: super::current_request().map(|id| id.to_string()),
            more: self.more,
        };
        let mut response = (self.status, axum::Json(body)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(wait) = self.retry_after.and_then(|w| HeaderValue::from_str(&w.as_secs().max(1).to_string()).ok()) {
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(Logged { code: self.code.into_owned(), cause: self.cause });
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refusal) => refusal.into_response(),
            Self::Replayed(answer) => super::reply::replay(*answer),
            Self::Lost(lost) => lost.refusal().into_response(),
        }
    }
}
