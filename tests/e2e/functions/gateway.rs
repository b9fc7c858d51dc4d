//! An event as the gateway sends it, and what it is given back.

use caseload::app::App;
use caseload_local::functions::Function;
use end_to_end::Answer;
use http::{HeaderMap, HeaderName, StatusCode};
use lambda_http::request::LambdaRequest;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::Value;
use tower::ServiceExt as _;
use utoipa_axum::router::OpenApiRouter;

/// The event in a function's file.
pub(crate) fn event(function: &str) -> Value {
    let path = format!("{}/../events/{function}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The same event with one text instead of another, wherever it stands.
pub(crate) fn with(event: &Value, placeholder: &str, real: &str) -> Value {
    let text = event.to_string();
    assert!(text.contains(placeholder), "{placeholder} is not in {text}");
    serde_json::from_str(&text.replace(placeholder, real)).expect("an event")
}

pub(crate) fn routes(function: &str) -> OpenApiRouter<App> {
    Function::named(function).and_then(Function::routes).expect("a function that answers requests")
}

/// What the function gives the gateway.
#[derive(Debug)]
pub(crate) struct Given {
    pub(super) status: u64,
    pub(super) headers: Value,
    pub(super) body: String,
}

impl Given {
    /// The same as it comes over HTTP.
    fn answer(&self) -> Answer {
        let status = u16::try_from(self.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
        let mut headers = HeaderMap::new();
        for (name, value) in self.headers.as_object().into_iter().flatten() {
            let name: HeaderName = name.parse().expect("a header");
            headers.insert(name, value.as_str().unwrap_or_default().parse().expect("a value"));
        }
        Answer { status: status.expect("a status"), headers, bytes: self.body.clone().into() }
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u64) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        assert!(self.headers["x-request-id"].as_str().is_some_and(|id| id.starts_with("req_")));
        self.json()
    }
}

/// Sends an event the way `lambda_http` hands it over, from its JSON to the JSON of the answer.
pub(crate) async fn invoke(routes: OpenApiRouter<App>, app: &App, event: Value) -> Given {
    let router = caseload::web::serve(routes, app.clone());
    let asked = &event["requestContext"]["http"];
    let method = asked["method"].as_str().unwrap_or_default().parse().expect("a method");
    let path = asked["path"].as_str().unwrap_or_default().to_owned();
    let request: LambdaRequest = serde_json::from_value(event).expect("an event of the gateway");
    let adapter = lambda_http::Adapter::from(router);
    let answer = adapter.oneshot(LambdaEvent::new(request, Context::default())).await.expect("an answer");
    let answer = serde_json::to_value(answer).expect("JSON");
    assert_eq!(answer["isBase64Encoded"], false, "{answer}");
    let given = Given {
        status: answer["statusCode"].as_u64().expect("a status"),
        headers: answer["headers"].clone(),
        body: answer["body"].as_str().unwrap_or_default().to_owned(),
    };
    end_to_end::check(&method, &path, &[], &given.answer());
    given
}
