//! `If-Match`: a change is made to the version that its caller has read, and to no other (API-3).

use axum::extract::FromRequestParts;
use http::header;
use http::request::Parts;

use crate::refusal::{Kind, Refusal};

/// What the header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    Nothing,
    /// Not one of our tags: it cannot match anything.
    Foreign,
    Version(u64),
}

impl Sent {
    fn read(parts: &Parts) -> Self {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Self::Nothing };
        // A weak tag never matches (RFC 9110, 13.1.1).
        let tag = value.to_str().unwrap_or_default().trim().trim_matches('"');
        tag.strip_prefix('v').and_then(|n| n.parse().ok()).map_or(Self::Foreign, Self::Version)
    }

    fn is(self, version: u64) -> Result<(), Refusal> {
        if self == Self::Version(version) { Ok(()) } else { Err(Refusal::outdated()) }
    }
}

/// The version a change needs.
#[derive(Debug, Clone, Copy)]
pub struct RequireMatch(Sent);

impl RequireMatch {
    /// Requires this version: 428 if none was sent, 412 for another.
    pub fn check(self, version: u64) -> Result<(), Refusal> {
        if self.0 == Sent::Nothing {
            return Err(Refusal::new(
                Kind::PreconditionMissing,
                "if_match_required",
                "Send If-Match with the ETag you read, so that nobody's change is overwritten.",
            ));
        }
        self.0.is(version)
    }
}

/// A version that is honoured where it is sent: for things that also change by themselves.
#[derive(Debug, Clone, Copy)]
pub struct HonourMatch(Sent);

impl HonourMatch {
    /// Refuses a version that was sent and is another: 412.
    pub fn check(self, version: u64) -> Result<(), Refusal> {
        if self.0 == Sent::Nothing { Ok(()) } else { self.0.is(version) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequireMatch {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Ok(Self(Sent::read(parts)))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for HonourMatch {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        Ok(Self(Sent::read(parts)))
    }
}
