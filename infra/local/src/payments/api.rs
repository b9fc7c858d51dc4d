//! The calls under `/v1`, with Stripe's errors and its idempotency keys.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::form::Form;
use super::order::Order;
use super::session::Session;
use super::{Books, Desk};

/// `POST /v1/checkout/sessions`
pub(super) async fn create(State(desk): State<Arc<Desk>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Reply {
    let form = Form::read(&body);
    desk.once(&headers, uri.path(), &form, |books, now| {
        let session = Session::open(Order::read(&form, now)?, now);
        let json = session.to_json(&desk.base, now);
        books.sessions.insert(session.id.clone(), session);
        Ok(json)
    })
}

/// `GET /v1/checkout/sessions/{id}`
pub(super) async fn retrieve(State(desk): State<Arc<Desk>>, headers: HeaderMap, Path(id): Path<String>) -> Reply {
    authorize(&headers)?;
    let books = desk.books();
    let session = books.sessions.get(&id).ok_or_else(|| Refusal::no_session(&id))?;
    Ok(Json(session.to_json(&desk.base, desk.now())).into_response())
}

/// `POST /v1/checkout/sessions/{id}/expire`
pub(super) async fn expire(
    State(desk): State<Arc<Desk>>,
    uri: Uri,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Bytes,
) -> Reply {
    desk.once(&headers, uri.path(), &Form::read(&body), |books, now| {
        let session = books.sessions.get_mut(&id).ok_or_else(|| Refusal::no_session(&id))?;
        session.expire(now).map_err(|status| {
            let status = status.as_str();
            Refusal::invalid_request(format!(
                "Only Checkout Sessions with a status in [\"open\"] can be expired. \
                 This Checkout Session has a status of `{status}`."
            ))
        })?;
        Ok(session.to_json(&desk.base, now))
    })
}

/// Any other address.
pub(super) async fn unknown(method: Method, uri: Uri) -> Refusal {
    Refusal {
        status: StatusCode::NOT_FOUND,
        ..Refusal::invalid_request(format!("Unrecognized request URL ({method}: {}).", uri.path()))
    }
}

type Reply = Result<Response, Refusal>;

/// What was answered to an idempotency key, and to which call.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    path: String,
    form: Form,
    json: Value,
}

impl Desk {
    /// Does the work once for an idempotency key and repeats its answer after that. As with Stripe, a refusal is not
    /// kept: the key may be used again with the mistake put right.
    fn once(
        &self,
        headers: &HeaderMap,
        path: &str,
        form: &Form,
        work: impl FnOnce(&mut Books, i64) -> Result<Value, Refusal>,
    ) -> Reply {
        authorize(headers)?;
        let now = self.now();
        let mut books = self.books();
        let Some(key) = header(headers, "idempotency-key") else {
            return Ok(Json(work(&mut books, now)?).into_response());
        };
        if let Some(answer) = books.answers.get(key) {
            if answer.path != path || answer.form != *form {
                return Err(Refusal::other_call(key));
            }
            return Ok(([("idempotent-replayed", "true")], Json(answer.json.clone())).into_response());
        }
        let json = work(&mut books, now)?;
        let answer = Answer { path: path.to_owned(), form: form.clone(), json: json.clone() };
        books.answers.insert(key.to_owned(), answer);
        Ok(Json(json).into_response())
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A secret or restricted key as a bearer token or as the user of basic authentication, and never a live one.
fn authorize(headers: &HeaderMap) -> Result<(), Refusal> {
    let unauthorized =
        |message: &str| Refusal { status: StatusCode::UNAUTHORIZED, ..Refusal::invalid_request(message.to_owned()) };
    let (scheme, rest) = header(headers, "authorization").and_then(|value| value.split_once(' ')).unwrap_or_default();
    let key = match scheme.to_ascii_lowercase().as_str() {
        "bearer" => rest.trim().to_owned(),
        "basic" => {
            let pair = STANDARD.decode(rest.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            pair.unwrap_or_default().split(':').next().unwrap_or_default().to_owned()
        }
        _ => String::new(),
    };
    if key.starts_with("sk_live_") || key.starts_with("rk_live_") {
        return Err(unauthorized("A live key was sent to the local stand-in. Use a test key, and roll that one."));
    }
    if key.starts_with("sk_") || key.starts_with("rk_") {
        return Ok(());
    }
    Err(unauthorized("You did not provide an API key: a test secret key as a bearer token or basic auth user."))
}

/// An error as Stripe writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    kind: &'static str,
    code: Option<&'static str>,
    param: Option<String>,
    message: String,
}

impl Refusal {
    fn invalid_request(message: String) -> Self {
        let status = StatusCode::BAD_REQUEST;
        Self { status, kind: "invalid_request_error", code: None, param: None, message }
    }

    /// A parameter's value cannot be accepted.
    pub(super) fn invalid(param: &str, message: String) -> Self {
        Self { param: Some(param.to_owned()), ..Self::invalid_request(message) }
    }

    /// The same, with a code of Stripe's.
    pub(super) fn parameter(code: &'static str, param: &str, message: String) -> Self {
        Self { code: Some(code), ..Self::invalid(param, message) }
    }

    fn no_session(id: &str) -> Self {
        let refusal = Self::parameter("resource_missing", "session", format!("No such checkout.session: '{id}'"));
        Self { status: StatusCode::NOT_FOUND, ..refusal }
    }

    fn other_call(key: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. \
             Try using a key other than '{key}' if you meant to execute a different request."
        );
        Self { kind: "idempotency_error", ..Self::invalid_request(message) }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut error = json!({ "type": self.kind, "message": self.message });
        if let (Some(error), Some(code)) = (error.as_object_mut(), self.code) {
            error.insert("code".to_owned(), code.into());
        }
        if let (Some(error), Some(param)) = (error.as_object_mut(), self.param) {
            error.insert("param".to_owned(), param.into());
        }
        (self.status, Json(json!({ "error": error }))).into_response()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use caseload::clock::Clock;
    use http_body_util::BodyExt;
    use jiff::Timestamp;
    use tower::ServiceExt;

    use super::*;

    const FORM: &str = "mode=payment&success_url=https://x.example/ok\
        &line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=15000\
        &line_items[0][price_data][product_data][name]=Session&line_items[0][quantity]=1";

    fn desk() -> Arc<Desk> {
        let clock = Clock::standing();
        clock.set(Timestamp::from_second(1_000).unwrap());
        Arc::new(Desk { base: "http://local".into(), webhook_secret: "s".into(), clock, books: Default::default() })
    }

    async fn call(desk: &Arc<Desk>, method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(axum::body::Body::from(body.to_owned())).unwrap();
        let response = crate::payments::router(Arc::clone(desk)).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    const KEY: (&str, &str) = ("authorization", "Bearer sk_test_local");
    const SESSIONS: &str = "/v1/checkout/sessions";

    #[tokio::test]
    async fn a_secret_key_is_needed() {
        let desk = desk();
        let basic = format!("Basic {}", STANDARD.encode("sk_test_local:"));
        for (value, status) in [
            ("Bearer sk_test_local", 200),
            (basic.as_str(), 200),
            ("Bearer pk_test_local", 401),
            ("Bearer sk_live_local", 401),
            ("Basic %%%", 401),
            ("", 401),
        ] {
            let answer = call(&desk, Method::POST, SESSIONS, &[("authorization", value)], FORM).await;
            assert_eq!(answer.0, status, "{value}: {}", answer.1);
        }
        assert_eq!(call(&desk, Method::GET, &format!("{SESSIONS}/cs_test_1"), &[], "").await.0, 401);
    }

    #[tokio::test]
    async fn an_idempotency_key_does_the_work_once() {
        let desk = desk();
        let headers = [KEY, ("idempotency-key", "inv_1_1")];
        let (_, first) = call(&desk, Method::POST, SESSIONS, &headers, FORM).await;
        let (status, again) = call(&desk, Method::POST, SESSIONS, &headers, FORM).await;
        assert_eq!((status, &again), (200, &first));
        let other = FORM.replace("15000", "14000");
        let (status, refused) = call(&desk, Method::POST, SESSIONS, &headers, &other).await;
        assert_eq!((status, &refused["error"]["type"]), (400, &json!("idempotency_error")));
        assert_eq!(desk.books().sessions.len(), 1);

        let headers = [KEY, ("idempotency-key", "inv_1_2")];
        assert_eq!(call(&desk, Method::POST, SESSIONS, &headers, "mode=payment").await.0, 400);
        let (status, second) = call(&desk, Method::POST, SESSIONS, &headers, FORM).await;
        assert_eq!(status, 200);
        assert_ne!(second["id"], first["id"]);
    }

    #[tokio::test]
    async fn a_session_is_read_and_expired_once() {
        let desk = desk();
        let (_, session) = call(&desk, Method::POST, SESSIONS, &[KEY], FORM).await;
        let path = format!("{SESSIONS}/{}", session["id"].as_str().unwrap());
        assert_eq!(call(&desk, Method::GET, &path, &[KEY], "").await, (200, session));
        let (status, expired) = call(&desk, Method::POST, &format!("{path}/expire"), &[KEY], "").await;
        assert_eq!((status, &expired["status"], &expired["url"]), (200, &json!("expired"), &Value::Null));
        assert_eq!(call(&desk, Method::POST, &format!("{path}/expire"), &[KEY], "").await.0, 400);

        let (status, missing) = call(&desk, Method::GET, &format!("{SESSIONS}/cs_test_0"), &[KEY], "").await;
        assert_eq!((status, &missing["error"]["code"]), (404, &json!("resource_missing")));
        assert_eq!(call(&desk, Method::GET, "/v1/charges", &[KEY], "").await.0, 404);
    }
}
