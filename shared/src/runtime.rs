//! How a function starts: configuration, logs, parts, then the Lambda runtime.

use axum::Router;
use lambda_http::Error;
use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::app::App;
use crate::config::{FunctionSpec, log_filter};
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
    lambda_http::run(serve(routes, app)).await
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
