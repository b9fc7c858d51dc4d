//! SDK clients by hand: no default loader, one HTTP and TLS stack, endpoints from the environment (decision 23).

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;

use crate::clock::Clock;
use crate::config::{Endpoints, aws_environment};

/// How long a mail may take to be accepted.
const MAIL: Duration = Duration::from_secs(3);

/// What every SDK client of a process shares.
#[derive(Debug, Clone)]
pub struct Sdk {
    clock: Clock,
    http: SharedHttpClient,
    credentials: Credentials,
    region: String,
    attempt: Duration,
    backoff: Duration,
}

impl Sdk {
    /// Credentials and region from the environment, the process's own HTTP client.
    #[must_use]
    pub fn from_env(clock: Clock) -> Self {
        let (id, secret, session, region) = aws_environment();
        let credentials =
            Credentials::new(id.unwrap_or_default(), secret.unwrap_or_default(), session, None, "environment");
        let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https();
        Self {
            clock,
            http,
            credentials,
            region: region.unwrap_or_else(|| "us-east-1".to_owned()),
            attempt: Duration::from_secs(2),
            backoff: Duration::from_secs(1),
        }
    }

    /// For the local cloud: its own HTTP client, credentials and patience. Next door nobody is asked too much, so the
    /// second try follows at once.
    #[must_use]
    pub fn local(http: SharedHttpClient, id: &str, secret: &str, attempt: Duration, clock: Clock) -> Self {
        let credentials = Credentials::new(id, secret, None, None, "local");
        let backoff = Duration::from_millis(1);
        Self { clock, http, credentials, region: "us-east-1".to_owned(), attempt, backoff }
    }

    /// The HTTP client, for the one service that has no SDK.
    #[must_use]
    pub fn http(&self) -> SharedHttpClient {
        self.http.clone()
    }

    /// How long one try of a call may take.
    #[must_use]
    pub const fn attempt(&self) -> Duration {
        self.attempt
    }

    fn base(&self, tries: u32) -> SdkConfig {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1).max(self.attempt / 2))
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(self.attempt * 4)
            .build();
        SdkConfig::builder()
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
                self.credentials.clone(),
            ))
            .http_client(self.http.clone())
            .sleep_impl(TokioSleep::new())
            .time_source(SystemTimeSource::new())
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(tries).with_initial_backoff(self.backoff))
            .build()
    }

    /// A DynamoDB client.
    #[must_use]
    pub fn dynamodb(&self, endpoints: &Endpoints) -> aws_sdk_dynamodb::Client {
        let mut config = aws_sdk_dynamodb::config::Builder::from(&self.base(3));
        config.set_endpoint_url(endpoints.dynamodb.clone());
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// An S3 client.
    #[must_use]
    pub fn s3(&self, endpoints: &Endpoints) -> aws_sdk_s3::Client {
        let mut config = aws_sdk_s3::config::Builder::from(&self.base(3))
            .force_path_style(endpoints.s3.is_some())
            // A checksum the browser would have to send too must not slip into presigned requests.
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        config.set_endpoint_url(endpoints.s3.clone());
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// An SES client. One try per call: a second one after a lost answer would be a second mail.
    #[must_use]
    pub fn sesv2(&self, endpoints: &Endpoints) -> aws_sdk_sesv2::Client {
        // Somebody is waiting for the answer; a mail that takes longer goes out with the next flush.
        let timeouts = TimeoutConfig::builder().connect_timeout(MAIL).operation_timeout(MAIL).build();
        let mut config = aws_sdk_sesv2::config::Builder::from(&self.base(1))
            .timeout_config(timeouts)
            // The product's own clock: without tries there is nothing else that waits.
            .sleep_impl(self.clock.clone());
        config.set_endpoint_url(endpoints.sesv2.clone());
        aws_sdk_sesv2::Client::from_conf(config.build())
    }
}
