//! `If-Match`: a change is made to the version that its caller has read, and to no other (API-3).
//!
//! `If-None-Match`: who has a version is not sent it again.

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderValue, Method, Request, StatusCode, header};

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
        // The header of an answer says more than the version; a change is made to that alone.
        let version = tag.split_once('-').map_or(tag, |(version, _)| version);
        version
            .strip_prefix('v')
            .filter(|n| n.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|n| n.parse().ok())
            .map_or(Self::Foreign, Self::Version)
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

/// The versions that whoever reads has already.
#[derive(Debug, Default)]
pub(super) struct Held(Vec<HeaderValue>);

impl Held {
    /// What the request says. Only who reads has a use for it.
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        if *request.method() != Method::GET {
            return Self::default();
        }
        Self(request.headers().get_all(header::IF_NONE_MATCH).iter().cloned().collect())
    }

    /// Whether what is shown is one of them. Weak tags are as good as strong ones here (RFC 9110, 13.1.2).
    pub(super) fn is_shown_by(&self, response: &Response) -> bool {
        let Some(shown) = response.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()) else { return false };
        let tags = self.0.iter().filter_map(|value| value.to_str().ok()).flat_map(|list| list.split(','));
        response.status() == StatusCode::OK && tags.map(str::trim).any(|tag| tag == "*" || opaque(tag) == opaque(shown))
    }
}

/// The tag without its mark of weakness.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_unchanged(method: Method, status: u16, shown: Option<&str>, held: &[&str]) -> bool {
        let mut request = Request::builder().method(method);
        for held in held {
            request = request.header("if-none-match", *held);
        }
        let response = shown.into_iter().fold(Response::builder().status(status), |all, tag| all.header("etag", tag));
        Held::of(&request.body(()).unwrap()).is_shown_by(&response.body(axum::body::Body::empty()).unwrap())
    }

    // API-3
    #[test]
    fn who_has_a_version_is_told_that_it_is_still_that() {
        let shown = Some("\"v3\"");
        for held in ["\"v3\"", "W/\"v3\"", "*", "\"v1\", W/\"v2\" ,\"v3\"", " \"v3\""] {
            assert!(is_unchanged(Method::GET, 200, shown, &[held]), "{held}");
        }
        assert!(is_unchanged(Method::GET, 200, shown, &["\"v1\"", "\"v3\""]));
        for held in ["", "\"v30\"", "v3", "w/\"v3\"", "\"*\"", "\"v1\",,"] {
            assert!(!is_unchanged(Method::GET, 200, shown, &[held]), "{held}");
        }
        assert!(!is_unchanged(Method::GET, 200, shown, &[]));
        assert!(!is_unchanged(Method::GET, 200, None, &["*"]));
        assert!(!is_unchanged(Method::GET, 404, shown, &["*"]));
        assert!(!is_unchanged(Method::POST, 200, shown, &["*"]));
    }
}
