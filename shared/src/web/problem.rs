//! The one way from an error to HTTP: RFC 9457 `application/problem+json` (api.md, OBS-1).
//!
//! `detail` is for the person who called; the cause of a 5xx goes to the log once and never to the caller.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use jiff::SignedDuration;
use serde::Serialize;

use crate::access::Denied;
use crate::store::{Answer, Conflict, Corrupt, StoreError};

/// One bad field.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct FieldProblem {
    /// JSON pointer into the request body.
    pub pointer: String,
    /// Stable code.
    pub code: Cow<'static, str>,
    /// What is wrong and what would be right.
    pub detail: String,
}

impl FieldProblem {
    /// A problem with the field at this pointer.
    #[must_use]
    pub fn new(pointer: impl Into<String>, code: impl Into<Cow<'static, str>>, detail: impl ToString) -> Self {
        Self { pointer: pointer.into(), code: code.into(), detail: detail.to_string() }
    }
}

/// What went wrong, for a person and for a program.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    code: Cow<'static, str>,
    detail: Cow<'static, str>,
    errors: Vec<FieldProblem>,
    more: serde_json::Map<String, serde_json::Value>,
    retry_after: Option<SignedDuration>,
    cause: Option<String>,
    /// The request's shape was refused before anybody asked whether the credential is live.
    early: bool,
    /// Losing this race means: read again and decide again.
    stale: bool,
    answered: Option<Box<Answer>>,
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
    /// Stable, snake_case.
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

/// Put on a response that was refused for its shape: the front then looks whether the caller was signed in at all.
#[derive(Debug, Clone, Copy)]
pub(super) struct Early;

/// Put on a response for the request log.
#[derive(Debug, Clone)]
pub(super) struct Logged {
    pub(super) code: String,
    pub(super) cause: Option<String>,
}

impl Problem {
    /// A problem with a stable code and a sentence.
    #[must_use]
    pub fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            code: code.into(),
            detail: detail.into(),
            errors: Vec::new(),
            more: serde_json::Map::new(),
            retry_after: None,
            cause: None,
            early: false,
            stale: false,
            answered: None,
        }
    }

    /// 400: the request's shape, which stands before the question who asks.
    #[must_use]
    pub fn malformed(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail).early()
    }

    /// 401: the same for every reason.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Sign in: the request carries no live access token.")
    }

    /// 401 for a mailed token.
    #[must_use]
    pub fn dead_token(code: &'static str, detail: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, detail)
    }

    /// 403.
    #[must_use]
    pub fn forbidden(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, code, detail)
    }

    /// 404: absent or not yours, byte for byte the same.
    #[must_use]
    pub fn absent() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "There is nothing here, or it is not yours to see.")
    }

    /// 409.
    #[must_use]
    pub fn conflict(code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 412.
    #[must_use]
    pub fn stale() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "stale",
            "Somebody changed this since you read it. Read it again and repeat your change.",
        )
    }

    /// 422 with the field at fault.
    #[must_use]
    pub fn invalid(pointer: impl Into<String>, code: impl Into<Cow<'static, str>>, detail: impl ToString) -> Self {
        Self::fields(vec![FieldProblem::new(pointer, code, detail)])
    }

    /// 422 with several fields at fault.
    #[must_use]
    pub fn fields(errors: Vec<FieldProblem>) -> Self {
        let code = if errors.iter().any(|e| e.code == "unknown_field") { "unknown_field" } else { "invalid_field" };
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            code,
            "One or more fields are not as they should be; see errors.",
        );
        problem.errors = errors;
        problem
    }

    /// 422 with a code of its own, about the request as a whole.
    #[must_use]
    pub fn refused(code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    /// 429 with the time until it may be tried again.
    #[must_use]
    pub fn too_many(wait: SignedDuration) -> Self {
        let mut problem =
            Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Too many tries. Wait and try again.");
        problem.retry_after = Some(wait);
        problem
    }

    /// 500; the cause goes to the log only.
    #[must_use]
    pub fn internal(cause: impl ToString) -> Self {
        let mut problem = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side. Give us the request id if it happens again.",
        );
        problem.cause = Some(cause.to_string());
        problem
    }

    /// 503; the cause goes to the log only.
    #[must_use]
    pub fn unavailable(cause: impl ToString) -> Self {
        let mut problem =
            Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "We are busy right now. Try again in a moment.");
        problem.retry_after = Some(SignedDuration::from_secs(2));
        problem.cause = Some(cause.to_string());
        problem
    }

    /// With another sentence.
    #[must_use]
    pub(super) fn saying(mut self, detail: String) -> Self {
        self.detail = detail.into();
        self
    }

    /// With a further member in the body.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// Marks a refusal of the request's shape, which stands before the question who asks.
    #[must_use]
    pub const fn early(mut self) -> Self {
        self.early = true;
        self
    }

    /// Whether the same request, read and decided again, may succeed.
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        self.stale
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        if let Some(answer) = self.answered {
            return super::reply::replay(*answer);
        }
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
        if self.early {
            response.extensions_mut().insert(Early);
        }
        response.extensions_mut().insert(Logged { code: self.code.into_owned(), cause: self.cause });
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(Conflict::Stale(_)) => Self { stale: true, ..Self::stale() },
            StoreError::Conflict(Conflict::Taken(code)) => Self::conflict(code, taken(code)),
            StoreError::Conflict(Conflict::SameRequest) => Self {
                stale: true,
                ..Self::conflict("request_in_progress", "The same request is being answered. Repeat it in a moment.")
            },
            StoreError::Answered(answer) => Self { answered: Some(answer), ..Self::absent() },
            StoreError::Unavailable(cause) => Self::unavailable(cause),
            StoreError::Broken(cause) => Self::internal(cause),
        }
    }
}

fn taken(code: &str) -> &'static str {
    match code {
        "slug_taken" => "Another practice uses this slug. Choose another one.",
        "email_in_use_for_login" => {
            "Another client of this practice signs in with this address. Use another address for one of them."
        }
        "already_in_team" => "Somebody of your team, or invited to it, has this address.",
        "already_in_practice" => "You work for another practice already. Leave it first, then accept.",
        _ => "Somebody else holds this already.",
    }
}

impl From<Corrupt> for Problem {
    fn from(corrupt: Corrupt) -> Self {
        Self::internal(corrupt)
    }
}

impl From<crate::crypto::NoRandomness> for Problem {
    fn from(none: crate::crypto::NoRandomness) -> Self {
        Self::unavailable(none)
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotLive => Self::unauthenticated(),
            Denied::WrongCaller => Self::forbidden("wrong_caller", "This is not open to callers of your kind."),
            Denied::OnHold => Self::forbidden("on_hold", "Your access is on hold. Ask an admin of your practice."),
            Denied::SecondFactor => Self::forbidden(
                "second_factor_required",
                "Your practice asks for a second factor. Set one up, then go on.",
            ),
            Denied::Role(None) => Self::forbidden("role", "Only an admin of your practice does this."),
            Denied::Role(Some(feature)) => {
                Self::forbidden("role", "Your role does not include this. Ask an admin of your practice.")
                    .with("feature", feature.name())
            }
            Denied::Feature(code) => Self::forbidden(code, "Your practice has not opened this for you."),
            Denied::Absent => Self::absent(),
            Denied::NotYours => Self::forbidden("not_yours", "This is for its author or the client's therapist."),
            Denied::BreakGlass => Self::forbidden(
                "break_glass_required",
                "This is private to its author. Admins read it only in an emergency, with a reason, on the record.",
            ),
            Denied::NotAvailable => {
                Self::forbidden("file_not_available", "The file has not been found safe, so nobody can download it.")
            }
            Denied::Unsigned => Self::new(
                StatusCode::BAD_REQUEST,
                "signature_invalid",
                "The event is not signed by the payment provider.",
            ),
        }
    }
}
