//! What pages of other origins may send and see. The gateway says the same in the deployment, compared by a test.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::config::Origins;

/// The methods a page may use.
pub const METHODS: [Method; 5] = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// The headers a page may send beside those that any page may.
pub const ALLOWED: [&str; 7] = [
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "traceparent",
    "x-correlation-id",
];

/// The headers a page may read beside those that any page may.
pub const EXPOSED: [&str; 6] =
    ["content-disposition", "etag", "idempotent-replay", "link", "retry-after", "x-request-id"];

/// How long a browser need not ask again: what Chromium keeps at most.
pub const MAX_AGE: Duration = Duration::from_secs(7200);

pub(super) fn layer(origins: &Origins) -> CorsLayer {
    let origins = origins.iter().filter_map(|origin| HeaderValue::from_str(origin.as_str()).ok());
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods(METHODS)
        .allow_headers(ALLOWED.map(HeaderName::from_static))
        .expose_headers(EXPOSED.map(HeaderName::from_static))
        .max_age(MAX_AGE)
}
