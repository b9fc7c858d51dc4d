//! The front of every function: request id, token check, body, request log, headers, and the answer of last resort.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::correlation::Correlation;
use super::extract::MAX_BODY;
use super::problem::{Logged, Problem};
use super::version::Held;
use super::{Buffered, Progress, RequestContext, cors, within_request};
use crate::app::App;
use crate::crypto::{ordered_id, sha256};
use crate::domain::ids::RequestId;
use crate::refusal::Refusal;
use crate::store::audit::{self, Account};

/// Puts a function's routes behind the front.
pub fn serve(routes: impl Into<Router<App>>, app: App) -> Router {
    let routes: Router<App> = routes.into();
    let cors = cors::layer(app.origins());
    routes
        .fallback(|| async { Refusal::absent() })
        .method_not_allowed_fallback(|| async {
            Problem::of_http(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This address does not answer that method.",
            )
        })
        .layer(from_fn_with_state(app.clone(), front))
        .layer(cors)
        .with_state(app)
}

#[expect(clippy::disallowed_methods, reason = "how long it took, for the log and nothing else")]
async fn front(State(app): State<App>, request: Request, next: Next) -> Response {
    let at = app.now();
    let started = std::time::Instant::now();
    let id = match ordered_id(at) {
        Ok(id) => RequestId::from_uuid(id),
        Err(none) => return Refusal::unavailable(none).into_response(),
    };
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("-", |p| p.as_str()).to_owned();
    let Correlation { trace, id: correlation } = Correlation::of(request.headers());
    let held = Held::of(&request);
    within_request(id, async {
        let mut response = match AssertUnwindSafe(answer(&app, id, at, request, next)).catch_unwind().await {
            Ok(response) => response,
            // The hook has logged where; what it said may hold personal data.
            Err(_) => Refusal::broken("a handler panicked").into_response(),
        };
        if held.is_shown_by(&response) {
            unchanged(&mut response);
        }
        let logged = response.extensions().get::<Logged>().cloned();
        let code = logged.as_ref().map(|l| l.code.as_str());
        let cause = logged.as_ref().and_then(|l| l.cause.as_deref());
        let ms = started.elapsed().as_millis();
        let status = response.status().as_u16();
        if response.status().is_server_error() {
            tracing::error!(request_id = %id, %method, route, status, ms, trace, correlation, code, cause, "request");
        } else {
            tracing::info!(request_id = %id, %method, route, status, ms, trace, correlation, code, "request");
        }
        seal(&mut response, id);
        response
    })
    .await
}

/// Tells no more than that the caller has it already.
fn unchanged(response: &mut Response) {
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.body_mut() = Body::empty();
    response.headers_mut().remove(header::CONTENT_TYPE);
}

fn seal(response: &mut Response, id: RequestId) {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert("x-request-id", id);
    }
}

async fn answer(app: &App, id: RequestId, at: jiff::Timestamp, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let route = parts.extensions.get::<MatchedPath>().map_or("-", |p| p.as_str());
    let asked = format!("{} {route}", parts.method);
    let buffered = buffer(body).await;
    let identity = bearer(&parts.headers).and_then(|token| app.verifier()?.verify(token, at).ok());
    let key = (parts.method == Method::POST).then(|| parts.headers.get("idempotency-key")).flatten();
    let blank_key = key.is_some_and(|key| key.as_bytes().trim_ascii().is_empty());
    let repeatable = key.map(|key| {
        let place = format!("{} {} {}", parts.method, parts.uri.path(), String::from_utf8_lossy(key.as_bytes()));
        let payload = if let Buffered::Whole(bytes) = &buffered { sha256(bytes) } else { String::new() };
        (sha256(place.as_bytes()), payload)
    });
    let (source, domain) = parts.extensions.get().map(of_gateway).unwrap_or_default();
    let progress = Arc::<Progress>::default();
    parts.extensions.insert(RequestContext {
        id,
        at,
        identity,
        repeatable,
        blank_key,
        source,
        domain,
        progress: progress.clone(),
    });
    parts.extensions.insert(buffered);
    let (response, account) = audit::accounted(next.run(Request::from_parts(parts, Body::empty()))).await;
    if response.status().is_success() && progress.owes_account() {
        return tell(app, response, account).await;
    }
    match identity {
        // Whatever was refused before the caller was read, such as a request of the wrong shape, still tells a signed-out
        // caller nothing but that.
        Some(identity) if is_refusal(&response) && progress.left_caller_open() => {
            match app.is_live(&identity, at).await {
                // Nobody has asked the policy yet, so no action has a name: the route stands for it in the trail (AZ-8).
                Ok(true) if response.status() == StatusCode::FORBIDDEN => {
                    match app.audit_refusal(&identity, &asked, crate::access::Cause { request: id, at }).await {
                        Ok(()) => response,
                        Err(stop) => stop.into_response(),
                    }
                }
                Ok(true) => response,
                Ok(false) => Refusal::unauthenticated().into_response(),
                Err(stop) => stop.into_response(),
            }
        }
        _ => response,
    }
}

/// An answer to a caller, once the trail knows of it (AUD-2).
async fn tell(app: &App, response: Response, account: Account) -> Response {
    match account {
        Account::Given => response,
        Account::Owed(entry) => app.append_audit(&entry).await.map_or_else(IntoResponse::into_response, |()| response),
        Account::Silent => Refusal::broken("an answer to a caller without an entry in the trail").into_response(),
    }
}

/// Whether it says no; trouble on our side is told as it is.
fn is_refusal(response: &Response) -> bool {
    response.extensions().get::<Logged>().is_some() && !response.status().is_server_error()
}

/// Where a request came from, and at which of the API's domains it was asked.
fn of_gateway(context: &lambda_http::request::RequestContext) -> (String, String) {
    match context {
        lambda_http::request::RequestContext::ApiGatewayV2(v2) => {
            (v2.http.source_ip.clone().unwrap_or_default(), v2.domain_name.clone().unwrap_or_default())
        }
        _ => Default::default(),
    }
}

async fn buffer(body: Body) -> Buffered {
    match Limited::new(body, MAX_BODY).collect().await {
        Ok(whole) => Buffered::Whole(whole.to_bytes()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => Buffered::TooLarge,
        Err(_) => Buffered::Broken,
    }
}

fn bearer(headers: &http::HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}
