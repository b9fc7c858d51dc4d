//! Until every function speaks of refusals: what `Problem` could do.

use std::borrow::Cow;

use http::StatusCode;
use jiff::SignedDuration;

use crate::refusal::{BadField, Kind, Refusal, Stop};

#[expect(missing_docs, reason = "gone with the next change")]
impl Stop {
    #[must_use]
    pub fn new(status: StatusCode, code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        let kind = match status {
            StatusCode::NOT_FOUND => Kind::Absent,
            StatusCode::PAYLOAD_TOO_LARGE => Kind::TooLarge,
            _ => Kind::Broken(String::new()),
        };
        Refusal::new(kind, code, detail).into()
    }
    #[must_use]
    pub fn malformed(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Refusal::malformed(code, detail).into()
    }
    #[must_use]
    pub fn dead_token(code: &'static str, detail: &'static str) -> Self {
        Refusal::dead_token(code, detail).into()
    }
    #[must_use]
    pub fn forbidden(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Refusal::forbidden(code, detail).into()
    }
    #[must_use]
    pub fn absent() -> Self {
        Refusal::absent().into()
    }
    #[must_use]
    pub fn conflict(code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Refusal::conflict(code, detail).into()
    }
    #[must_use]
    pub fn invalid(pointer: impl Into<String>, code: impl Into<Cow<'static, str>>, detail: impl ToString) -> Self {
        Refusal::invalid(pointer, code, detail).into()
    }
    #[must_use]
    pub fn fields(errors: Vec<BadField>) -> Self {
        Refusal::fields(errors).into()
    }
    #[must_use]
    pub fn refused(code: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Refusal::unfit(code, detail).into()
    }
    #[must_use]
    pub fn too_many(wait: SignedDuration) -> Self {
        Refusal::too_many(wait).into()
    }
    #[must_use]
    pub fn internal(cause: impl ToString) -> Self {
        Refusal::broken(cause).into()
    }
    #[must_use]
    pub fn unavailable(cause: impl ToString) -> Self {
        Refusal::unavailable(cause).into()
    }
    #[must_use]
    pub fn with(self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        match self {
            Self::Refused(refusal) => refusal.with(name, value).into(),
            other => other,
        }
    }
    #[must_use]
    pub const fn early(self) -> Self {
        self
    }
    #[must_use]
    pub const fn is_stale(&self) -> bool {
        matches!(self, Self::Lost(_))
    }
}
