//! Keeps other web sites out: a page from elsewhere must neither read this machine's mail nor move its clock.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use caseload::refusal::Refusal;
use http::{HeaderMap, HeaderValue, header};

const POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) async fn guard(request: Request, next: Next) -> Response {
    if !is_local(request.headers()) {
        return Refusal::forbidden("not_local", "This is for programs and pages of this machine only.").into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether the address asked for is this machine's, and the page that asks, if it is one, comes from the same address.
fn is_local(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or_default());
    let host = text(header::HOST).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let own = text(header::ORIGIN).is_none_or(|origin| origin.strip_prefix("http://") == Some(host));
    own && ["127.0.0.1", "localhost", "[::1]"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_asks_this_machine() {
        for (host, origin, local) in [
            ("127.0.0.1:9000", None, true),
            ("localhost:9000", Some("http://localhost:9000"), true),
            ("localhost", None, true),
            ("127.0.0.1:9000", Some("http://evil.example"), false),
            ("127.0.0.1:9000", Some("null"), false),
            ("evil.example:9000", None, false),
            ("", None, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            headers.extend(origin.map(|origin| (header::ORIGIN, HeaderValue::from_static(origin))));
            assert_eq!(is_local(&headers), local, "{host} {origin:?}");
        }
    }
}
