//! `If-Match`: a change is made to the version that its caller has read, and to no other (API-3).
//!
//! `If-None-Match`: who has a version is not sent it again.

use axum::extract::FromRequestParts;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderValue, Method, Request, StatusCode, header};

use crate::refusal::{Kind, Refusal};

/// What the header says (RFC 9110, 13.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
enum Sent {
    Nothing,
    /// `*`: whatever is there.
    Any,
    /// One of these. What is none of our tags cannot match anything, and a weak tag never does.
    Versions(Vec<u64>),
}

impl Sent {
    fn read(parts: &Parts) -> Self {
        let mut lines = parts.headers.get_all(header::IF_MATCH).iter().peekable();
        if lines.peek().is_none() {
            return Self::Nothing;
        }
        let tags: Vec<&str> =
            lines.filter_map(|line| line.to_str().ok()).flat_map(|l| l.split(',')).map(str::trim).collect();
        if tags == ["*"] { Self::Any } else { Self::Versions(tags.into_iter().filter_map(version).collect()) }
    }

    fn is(&self, version: u64) -> Result<(), Refusal> {
        match self {
            Self::Any => Ok(()),
            Self::Versions(sent) if sent.contains(&version) => Ok(()),
            Self::Nothing | Self::Versions(_) => Err(Refusal::outdated()),
        }
    }
}

/// The version that one of our strong tags names. The header of an answer says more than that; a change is made to the
/// version alone.
fn version(tag: &str) -> Option<u64> {
    let tag = tag.strip_prefix('"')?.strip_suffix('"')?;
    let version = tag.split_once('-').map_or(tag, |(version, _)| version).strip_prefix('v')?;
    version.bytes().all(|byte| byte.is_ascii_digit()).then(|| version.parse().ok()).flatten()
}

/// The version a change needs.
#[derive(Debug, Clone)]
pub struct RequireMatch(Sent);

impl RequireMatch {
    /// Requires this version: 428 if none was sent, 412 for another.
    pub fn check(&self, version: u64) -> Result<(), Refusal> {
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
#[derive(Debug, Clone)]
pub struct HonourMatch(Sent);

impl HonourMatch {
    /// Refuses a version that was sent and is another: 412.
    pub fn check(&self, version: u64) -> Result<(), Refusal> {
        if self.0 == Sent::Nothing { Ok(()) } else { self.0.is(version) }
    }

    /// Requires it of what is there; what is at version 0 is not, and is made without one.
    pub fn check_if_made(&self, version: u64) -> Result<(), Refusal> {
        if version == 0 { self.check(version) } else { RequireMatch(self.0.clone()).check(version) }
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

    // API-3
    #[test]
    fn a_change_is_made_to_one_of_the_versions_that_are_named_or_to_any() {
        let sent = |lines: &[&str]| {
            let request = lines.iter().fold(Request::builder(), |all, line| all.header("if-match", *line));
            Sent::read(&request.body(()).unwrap().into_parts().0)
        };
        assert_eq!(sent(&[]), Sent::Nothing);
        let one_of = [
            vec!["\"v3\""],
            vec!["\"v3-0123456789abcdef\""],
            vec!["\"v1\", \"v3\""],
            vec!["\"v1\",\"v3\",W/\"v4\""],
            vec!["\"v1\"", "\"v3\""],
            vec!["*"],
            vec![" * "],
        ];
        for lines in one_of {
            assert!(sent(&lines).is(3).is_ok(), "{lines:?}");
        }
        let none_of =
            ["", " ", ",", "\"\"", "v3", "\"v3", "W/\"v3\"", "\"*\"", "\"v03x\"", "\"v\"", "\"3\"", "*, \"v3\"\""];
        for line in none_of {
            assert!(sent(&[line]).is(3).is_err(), "{line}");
            assert_ne!(sent(&[line]), Sent::Nothing, "{line}");
        }
    }

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
