//! How a function starts: configuration, logs, parts, then the Lambda runtime.

use axum::Router;
use futures_util::TryFutureExt as _;
use futures_util::future::BoxFuture;
use http_body_util::BodyExt as _;
use lambda_http::Error;
use lambda_http::tower::ServiceExt as _;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::app::{App, FunctionSpec};
use crate::config::log_filter;
use crate::web::serve;

/// JSON logs, one line per event, personal data nowhere: fields are ids, codes and numbers.
pub fn start_logs() {
    let lines =
        tracing_subscriber::fmt::layer().json().flatten_event(true).with_current_span(false).with_span_list(false);
    let _ = tracing_subscriber::registry().with(lines).with(log_filter()).try_init();
    quiet_panics();
}

/// A panic logs where it happened and not what it said, which may be personal.
pub fn quiet_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(code = "panic", place, "panic");
    }));
}

/// Runs an HTTP function.
pub async fn http(spec: &FunctionSpec, routes: Router<App>) -> Result<(), Error> {
    start_logs();
    let app = App::from_env(spec)?;
    app.store.warm().await;
    let routes = serve(routes, app);
    lambda_http::run(service_fn(|request: lambda_http::Request| routes.clone().oneshot(request).map_ok(Answer))).await
}

/// An answer on its way to the platform.
///
/// The library would turn any charset into UTF-8 and brings the tables of all of them, in every function; ours is
/// UTF-8 already.
struct Answer(axum::response::Response);

impl lambda_http::IntoResponse for Answer {
    fn into_response(self) -> BoxFuture<'static, http::Response<lambda_http::Body>> {
        Box::pin(async move {
            let (parts, body) = self.0.into_parts();
            match body.collect().await.map(|whole| String::from_utf8(whole.to_bytes().into())) {
                Ok(Ok(text)) => http::Response::from_parts(parts, text.into()),
                Ok(Err(binary)) => http::Response::from_parts(parts, binary.into_bytes().into()),
                Err(error) => {
                    tracing::error!(code = "answer_broken", %error, "answer");
                    let mut answer = http::Response::new(lambda_http::Body::Empty);
                    *answer.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
                    answer
                }
            }
        })
    }
}

/// Runs a function that answers events. An error makes the platform deliver the event again.
pub async fn events<E, R, F>(spec: &FunctionSpec, handle: impl Fn(App, LambdaEvent<E>) -> F) -> Result<(), Error>
where
    E: DeserializeOwned,
    R: Serialize,
    F: Future<Output = Result<R, Error>>,
{
    start_logs();
    let app = App::from_env(spec)?;
    app.store.warm().await;
    lambda_runtime::run(service_fn(|event| handle(app.clone(), event))).await
}
