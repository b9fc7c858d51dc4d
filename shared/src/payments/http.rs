//! One HTTP call to the provider, over the SDK's own connector, timeouts and runtime: no second HTTP stack.

use std::convert::Infallible;
use std::time::Duration;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::timeout::TimeoutConfig;
use bytes::Bytes;
use serde::Deserialize;

use super::ProviderError;
use crate::aws::Sdk;
use crate::config::Secret;

/// Card networks are slower than tables; still well within what a function may take.
const PATIENCE: Duration = Duration::from_secs(6);

/// The provider's HTTP interface.
#[derive(Debug, Clone)]
pub(super) struct Api(Operation<Call, Answer, Infallible>);

#[derive(Debug)]
struct Call {
    method: &'static str,
    path: String,
    form: String,
    key: Option<String>,
}

#[derive(Debug)]
struct Answer {
    status: u16,
    body: Bytes,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorDetail,
}

/// The message is left out: it may repeat what was sent.
#[derive(Deserialize)]
struct ErrorDetail {
    #[serde(rename = "type")]
    kind: Option<String>,
    code: Option<String>,
    param: Option<String>,
}

impl Api {
    pub(super) fn new(sdk: &Sdk, endpoint: &str, secret: Secret) -> Self {
        let patience = PATIENCE.max(sdk.attempt());
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(patience / 3)
            .operation_attempt_timeout(patience)
            .operation_timeout(patience)
            .build();
        let operation = Operation::builder()
            .service_name("payments")
            .operation_name("payments")
            .behavior_version(BehaviorVersion::latest())
            .http_client(sdk.http())
            .endpoint_url(endpoint)
            .no_auth()
            // Whoever asks again does so with the same idempotency key, after having looked at the table.
            .no_retry()
            .timeout_config(timeouts)
            .sleep_impl(TokioSleep::new())
            .time_source(SystemTimeSource::new())
            .serializer(move |call: Call| request(call, &secret))
            .deserializer(|response: &HttpResponse| -> Result<Answer, OrchestratorError<Infallible>> {
                let body = Bytes::copy_from_slice(response.body().bytes().unwrap_or_default());
                Ok(Answer { status: response.status().as_u16(), body })
            })
            .build();
        Self(operation)
    }

    pub(super) async fn post(&self, path: &str, form: String, key: Option<String>) -> Result<Bytes, ProviderError> {
        self.call(Call { method: "POST", path: path.to_owned(), form, key }).await
    }

    pub(super) async fn get(&self, path: &str) -> Result<Bytes, ProviderError> {
        self.call(Call { method: "GET", path: path.to_owned(), form: String::new(), key: None }).await
    }

    async fn call(&self, call: Call) -> Result<Bytes, ProviderError> {
        match self.0.invoke(call).await {
            Ok(answer) => sort(answer),
            // The source may hold the request, and the request the secret key.
            Err(SdkError::ConstructionFailure(_)) => {
                Err(ProviderError::Locked("the request cannot be made".to_owned()))
            }
            Err(SdkError::TimeoutError(_)) => Err(ProviderError::Unknown("timeout".to_owned())),
            Err(SdkError::DispatchFailure(failure)) if failure.is_timeout() => {
                Err(ProviderError::Unknown("timeout".to_owned()))
            }
            Err(_) => Err(ProviderError::Unknown("the connection failed".to_owned())),
        }
    }
}

fn request(call: Call, secret: &Secret) -> Result<HttpRequest, BoxError> {
    let Call { method, path, form, key } = call;
    let mut request = HttpRequest::new(SdkBody::empty());
    request.set_method(method)?;
    request.set_uri(path)?;
    let headers = request.headers_mut();
    headers.try_insert("authorization", format!("Bearer {}", secret.expose()))?;
    headers.try_insert("accept", "application/json")?;
    if let Some(key) = key {
        headers.try_insert("idempotency-key", key)?;
    }
    if method == "POST" {
        headers.try_insert("content-type", "application/x-www-form-urlencoded")?;
        *request.body_mut() = SdkBody::from(form);
    }
    Ok(request)
}

/// 409: another call under this key is under way; 429: too many calls. Both say nothing about the call itself.
fn sort(answer: Answer) -> Result<Bytes, ProviderError> {
    let Answer { status, body } = answer;
    if (200..300).contains(&status) {
        return Ok(body);
    }
    let detail = serde_json::from_slice::<ErrorBody>(&body).ok().map(|body| body.error);
    let words =
        detail.map(|ErrorDetail { kind, code, param }| [kind, code, param].into_iter().flatten().collect::<Vec<_>>());
    let text = format!("{status} {}", words.unwrap_or_default().join(" "));
    Err(match status {
        409 | 429 => ProviderError::Unknown(text),
        401 | 403 => ProviderError::Locked(text),
        400..=499 => ProviderError::Refused(text),
        500 => ProviderError::Broken(text),
        // A proxy on the way may have answered in the provider's place.
        _ => ProviderError::Unknown(text),
    })
}
