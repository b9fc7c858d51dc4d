//! CORS for browsers, as S3 does it by the bucket's rule: what the deployed bucket refuses is refused here, too.

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use caseload::config::Origin;

/// The methods a page may use.
pub const METHODS: [&str; 2] = ["PUT", "GET"];

/// The headers a page may send; a star stands for any ending.
pub const ALLOWED: [&str; 3] = ["content-type", "if-none-match", "x-amz-*"];

/// The headers a page may read beside those that any page may.
pub const EXPOSED: [&str; 2] = ["content-disposition", "etag"];

/// How many seconds a browser need not ask again.
pub const MAX_AGE: u32 = 600;

/// The browser origin a request names, if it is one of these.
pub(super) fn origin(request: &Request, origins: &[Origin]) -> Option<HeaderValue> {
    let named = request.headers().get(ORIGIN)?;
    origins.iter().any(|origin| origin.as_str().as_bytes() == named.as_bytes()).then(|| named.clone())
}

/// The answer to a preflight. Nothing for any other request.
pub(super) fn preflight(request: &Request, origins: &[Origin]) -> Option<Response> {
    let text = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let method = text(ACCESS_CONTROL_REQUEST_METHOD)?;
    if *request.method() != Method::OPTIONS {
        return None;
    }
    let names = text(ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
    let may =
        METHODS.contains(&method) && names.split(',').map(str::trim).all(|name| name.is_empty() || is_allowed(name));
    let Some(origin) = origin(request, origins).filter(|_| may) else {
        return Some(StatusCode::FORBIDDEN.into_response());
    };
    let mut response = StatusCode::NO_CONTENT.into_response();
    allow(&mut response, Some(origin));
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, list(&METHODS));
    if let Some(names) = request.headers().get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from(MAX_AGE));
    Some(response)
}

fn list(names: &[&str]) -> HeaderValue {
    HeaderValue::from_str(&names.join(", ")).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn is_allowed(name: &str) -> bool {
    ALLOWED.iter().any(|allowed| match allowed.strip_suffix('*') {
        Some(start) => name.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start)),
        None => name.eq_ignore_ascii_case(allowed),
    })
}

/// Lets the origin read the response, and of its headers what a download needs.
pub(super) fn allow(response: &mut Response, origin: Option<HeaderValue>) {
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, list(&EXPOSED));
    }
}
