//! The HTTP client under every SDK client of the local cloud: records each call, and lets the planned faults happen.

use aws_smithy_http_client::Builder;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use caseload::web::current_request;
use http_body_util::BodyExt as _;

use crate::capacity::Units;
use crate::faults::{Faults, Verdict, answer};
use crate::label::Label;
use crate::recorder::{Recorder, Underway};

/// A plain client, for what is nobody's request.
pub(crate) fn plain() -> SharedHttpClient {
    Builder::new().build_http()
}

/// The client of the product.
pub(crate) fn tapped(recorder: Recorder, faults: Faults) -> SharedHttpClient {
    SharedHttpClient::new(Tapped { inner: plain(), tap: Tap { recorder, faults } })
}

#[derive(Debug, Clone)]
struct Tap {
    recorder: Recorder,
    faults: Faults,
}

#[derive(Debug)]
struct Tapped<T> {
    inner: T,
    tap: Tap,
}

impl HttpClient for Tapped<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Tapped {
            inner: self.inner.http_connector(settings, components),
            tap: self.tap.clone(),
        })
    }

    fn validate_base_client_config(&self, parts: &RuntimeComponentsBuilder, bag: &ConfigBag) -> Result<(), BoxError> {
        self.inner.validate_base_client_config(parts, bag)
    }

    fn validate_final_config(&self, parts: &RuntimeComponents, bag: &ConfigBag) -> Result<(), BoxError> {
        self.inner.validate_final_config(parts, bag)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}

impl HttpConnector for Tapped<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let label = Label::of(&request);
        // Begun here and not when first polled: who asks is known only while the SDK calls.
        let underway = self.tap.recorder.begin(current_request(), &label);
        let verdict = self.tap.faults.judge(&label);
        let (inner, faults) = (self.inner.clone(), self.tap.faults.clone());
        HttpConnectorFuture::new(async move {
            match verdict {
                Verdict::Pass => forward(&inner, request, &label, &underway).await,
                Verdict::Lose => {
                    forward(&inner, request, &label, &underway).await?;
                    Err(ConnectorError::io("injected: the answer was lost".into()))
                }
                Verdict::Hang => std::future::pending().await,
                Verdict::Hold => {
                    faults.forgotten().await;
                    forward(&inner, request, &label, &underway).await
                }
                Verdict::Throttle | Verdict::ServerError | Verdict::Refuse => {
                    let refused = || ConnectorError::io("injected: connection refused".into()).never_connected();
                    answer(label.service, verdict).ok_or_else(refused)
                }
            }
        })
    }
}

async fn forward(
    inner: &SharedHttpConnector,
    request: HttpRequest,
    label: &Label,
    underway: &Underway,
) -> Result<HttpResponse, ConnectorError> {
    let mut response = inner.call(request).await?;
    if label.service == "dynamodb" {
        let body = response.take_body().collect().await.map_err(ConnectorError::io)?.to_bytes();
        underway.consumed(Units::of(&label.operation, &body));
        *response.body_mut() = SdkBody::from(body);
    }
    Ok(response)
}
