//! Configuration: read once, before the first request; what is missing is named.

mod origins;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tracing::Level;
use tracing_subscriber::filter::Targets;

pub use origins::{NoOrigin, Origin, Origins};

/// Why the process cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable that this function needs is not set.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// A variable holds something else than it should.
    #[error("the environment variable {0} is malformed: {1}")]
    Malformed(&'static str, &'static str),
}

/// A value that `Debug` never prints.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret, for the one call that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

crate::domain::prints_its_name!(Secret);

macro_rules! variables {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// Every variable a function may need.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Var { $($(#[$doc])* $name,)* }

        impl Var {
            /// Its name in the environment and in the template.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

variables! {
    /// The one table that holds every item.
    TableName = "TABLE_NAME";
    /// 32 secret bytes in base64: keyed hashes, link tokens, sealing.
    SecretKey = "SECRET_KEY";
    /// The origins that pages may call from, one or several; the first is where links lead.
    PortalOrigin = "PORTAL_ORIGIN";
    /// The address mail comes from.
    MailFrom = "MAIL_FROM";
    /// The public keys of access tokens, as a JWK set.
    TokenJwks = "TOKEN_JWKS";
    /// The private key of access tokens: `<key id>:<base64 of the PKCS#8 document>`.
    TokenSigningKey = "TOKEN_SIGNING_KEY";
    /// The OIDC issuers staff may sign in through, as JSON; `[]` for none.
    StaffIssuers = "STAFF_ISSUERS";
    /// The bucket of files and imports.
    BucketName = "BUCKET_NAME";
    /// The payment provider's secret key.
    PaymentsSecretKey = "PAYMENTS_SECRET_KEY";
    /// The payment provider's webhook signing secrets, comma separated while one is being replaced.
    PaymentsWebhookSecret = "PAYMENTS_WEBHOOK_SECRET";
}

/// What a process was configured with. A function only has what it names as its needs.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// See [`Var::TableName`].
    pub table: String,
    /// See [`Var::SecretKey`].
    pub secret: SecretBytes,
    /// See [`Var::PortalOrigin`].
    pub origins: Option<Origins>,
    /// See [`Var::MailFrom`].
    pub mail_from: Option<String>,
    /// See [`Var::TokenJwks`].
    pub token_jwks: Option<String>,
    /// See [`Var::TokenSigningKey`].
    pub token_signing_key: Option<Secret>,
    /// See [`Var::StaffIssuers`].
    pub staff_issuers: Option<String>,
    /// See [`Var::BucketName`].
    pub bucket: Option<String>,
    /// See [`Var::PaymentsSecretKey`].
    pub payments_secret: Option<Secret>,
    /// See [`Var::PaymentsWebhookSecret`].
    pub webhook_secrets: Vec<Secret>,
    /// Where the services are, when not where the SDK would look.
    pub endpoints: Endpoints,
}

/// The 32 bytes every key is derived from.
#[derive(Clone, Copy, Default)]
pub struct SecretBytes(pub [u8; 32]);

crate::domain::prints_its_name!(SecretBytes);

/// Endpoints that replace the usual ones: `AWS_ENDPOINT_URL_DYNAMODB`, `…_S3`, `…_SESV2`, `PAYMENTS_ENDPOINT_URL`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// The table.
    pub dynamodb: Option<String>,
    /// The bucket.
    pub s3: Option<String>,
    /// Mail.
    pub sesv2: Option<String>,
    /// The payment provider.
    pub payments: Option<String>,
}

impl Endpoints {
    /// Reads the variables.
    #[must_use]
    pub fn from_env() -> Self {
        let all = read("AWS_ENDPOINT_URL");
        Self {
            dynamodb: read("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| all.clone()),
            s3: read("AWS_ENDPOINT_URL_S3").or_else(|| all.clone()),
            sesv2: read("AWS_ENDPOINT_URL_SESV2").or(all),
            payments: read("PAYMENTS_ENDPOINT_URL"),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place configuration is read")]
fn read(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Credentials and region as the Lambda runtime, or a shell, gives them.
#[must_use]
pub fn aws_environment() -> (Option<String>, Option<String>, Option<String>, Option<String>) {
    let region = read("AWS_REGION").or_else(|| read("AWS_DEFAULT_REGION"));
    (read("AWS_ACCESS_KEY_ID"), read("AWS_SECRET_ACCESS_KEY"), read("AWS_SESSION_TOKEN"), region)
}

/// The log filter, `info` unless `RUST_LOG` says otherwise.
#[must_use]
pub fn log_filter() -> Targets {
    read("RUST_LOG").and_then(|text| text.parse().ok()).unwrap_or_else(|| Targets::new().with_default(Level::INFO))
}

impl Config {
    /// Reads the variables a function needs; the first one missing or malformed is the error.
    pub fn from_env(needs: &[Var]) -> Result<Self, ConfigError> {
        Ok(Self { endpoints: Endpoints::from_env(), ..Self::from_values(needs, read)? })
    }

    /// The same from what is not the environment yet: what a set of secrets would come to.
    pub fn from_values(needs: &[Var], value: impl Fn(&'static str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        for var in needs {
            let value = value(var.name()).ok_or(ConfigError::Missing(var.name()))?;
            config.set(*var, value)?;
        }
        Ok(config)
    }

    fn set(&mut self, var: Var, value: String) -> Result<(), ConfigError> {
        match var {
            Var::TableName => self.table = value,
            Var::SecretKey => {
                let bytes = STANDARD.decode(value.trim()).ok().and_then(|b| <[u8; 32]>::try_from(b).ok());
                self.secret =
                    SecretBytes(bytes.ok_or(ConfigError::Malformed(var.name(), "32 bytes in base64 expected"))?);
            }
            Var::PortalOrigin => {
                let origins = value.parse().map_err(|NoOrigin| {
                    ConfigError::Malformed(
                        var.name(),
                        "one or several origins expected, such as https://portal.example.com",
                    )
                })?;
                self.origins = Some(origins);
            }
            Var::MailFrom => self.mail_from = Some(value),
            Var::TokenJwks => self.token_jwks = Some(value),
            Var::TokenSigningKey => self.token_signing_key = Some(Secret::new(value)),
            Var::StaffIssuers => self.staff_issuers = Some(value),
            Var::BucketName => self.bucket = Some(value),
            Var::PaymentsSecretKey => self.payments_secret = Some(Secret::new(value)),
            Var::PaymentsWebhookSecret => {
                self.webhook_secrets = value.split(',').map(|secret| Secret::new(secret.trim())).collect();
            }
        }
        Ok(())
    }
}
