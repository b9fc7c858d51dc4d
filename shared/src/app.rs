//! What the handlers of a process share. Made once, before the first request.

use std::sync::Arc;

use jiff::Timestamp;

use crate::aws::Sdk;
use crate::clock::Clock;
use crate::config::{Config, ConfigError, Origins, Var};
use crate::crypto::{Keys, ordered_id};
use crate::files::Files;
use crate::jwt::oidc::{BadIssuers, Issuers};
use crate::jwt::{Signer, Verifier};
use crate::mail::Mailer;
use crate::payments::Payments;
use crate::refusal::Refusal;
use crate::store::Store;
use crate::store::directory::Directories;

/// The services a process talks to beside the table, by what makes their client.
///
/// Named here and not merely configured: the code of a service that a function never names is not in its binary.
#[derive(Debug, Clone, Copy)]
pub struct Services {
    /// S3.
    pub files: Option<Make<Files>>,
    /// SES.
    pub mail: Option<Make<Mailer>>,
    /// The payment provider.
    pub payments: Option<Make<Payments>>,
}

/// Makes a service's client, if it is configured.
pub type Make<T> = fn(&Config, &Sdk) -> Option<T>;

impl Services {
    /// None but the table.
    pub const NONE: Self = Self { files: None, mail: None, payments: None };
    /// Every one: the local cloud.
    pub const ALL: Self =
        Self { files: Some(Files::from_config), mail: Some(Mailer::from_config), payments: Some(Payments::new) };
}

/// What a function is called and what it needs: compared with the template by a test.
#[derive(Debug, Clone, Copy)]
pub struct FunctionSpec {
    /// The name of its folder, its package and its template resource.
    pub name: &'static str,
    /// What it is for, in a line: in the template and in the description of the API.
    pub about: &'static str,
    /// The services it talks to beside the table.
    pub services: Services,
    /// The variables it reads.
    pub needs: &'static [Var],
}

/// The parts of a process. Cloning is cheap.
#[derive(Debug, Clone)]
pub struct App {
    /// The table.
    pub store: Store,
    /// Keyed hashes, tokens, sealing.
    pub keys: Keys,
    /// Client lists of the practices this process has served lately.
    pub directories: Directories,
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    clock: Clock,
    origins: Origins,
    verifier: Option<Verifier>,
    signer: Option<Signer>,
    issuers: Issuers,
    mailer: Option<Mailer>,
    files: Option<Files>,
    payments: Option<Payments>,
}

impl App {
    /// From the environment, for a function.
    pub fn from_env(spec: &FunctionSpec) -> Result<Self, ConfigError> {
        let clock = Clock::default();
        Self::new(&Config::from_env(spec.needs)?, &Sdk::from_env(clock.clone()), spec.services, clock, false)
    }

    /// From parts. `count` asks the table to report what each call consumed.
    pub fn new(config: &Config, sdk: &Sdk, services: Services, clock: Clock, count: bool) -> Result<Self, ConfigError> {
        let keys = Keys::new(&config.secret.0);
        let malformed = |var: Var| move |_| ConfigError::Malformed(var.name(), "not a key in the expected form");
        let verifier =
            config.token_jwks.as_deref().map(Verifier::new).transpose().map_err(malformed(Var::TokenJwks))?;
        let signer =
            config.token_signing_key.as_ref().map(Signer::new).transpose().map_err(malformed(Var::TokenSigningKey))?;
        let issuers = config.staff_issuers.as_deref().map(Issuers::new).transpose();
        let issuers = issuers.map_err(|BadIssuers(why)| ConfigError::Malformed(Var::StaffIssuers.name(), why))?;
        let origins = config.origins.clone().ok_or(ConfigError::Missing(Var::PortalOrigin.name()))?;
        let mailer = services.mail.and_then(|make| make(config, sdk));
        let files = services.files.and_then(|make| make(config, sdk));
        let payments = services.payments.and_then(|make| make(config, sdk));
        Ok(Self {
            store: Store::new(sdk.dynamodb(&config.endpoints), &config.table, count, clock.clone()),
            keys,
            directories: Directories::default(),
            parts: Arc::new(Parts {
                clock,
                origins,
                verifier,
                signer,
                issuers: issuers.unwrap_or_default(),
                mailer,
                files,
                payments,
            }),
        })
    }

    /// What the clock says, which tests set and move.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// The clock: for waiting, and for what has to grow wherever the clock is moved to.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.parts.clock
    }

    /// A new time-ordered id.
    pub fn new_id(&self) -> Result<uuid::Uuid, Refusal> {
        Ok(ordered_id(self.now())?)
    }

    /// Where pages may call from.
    #[must_use]
    pub fn origins(&self) -> &Origins {
        &self.parts.origins
    }

    /// Where the portal of a practice lives.
    #[must_use]
    pub fn portal_url(&self, slug: &crate::domain::practice::Slug) -> String {
        format!("{}/{}", self.parts.origins.portal(), slug.as_str())
    }

    /// Checks access tokens, in functions that take them.
    #[must_use]
    pub fn verifier(&self) -> Option<&Verifier> {
        self.parts.verifier.as_ref()
    }

    /// Checks identity tokens of other issuers.
    #[must_use]
    pub fn issuers(&self) -> &Issuers {
        &self.parts.issuers
    }

    /// Makes access tokens.
    pub fn signer(&self) -> Result<&Signer, Refusal> {
        self.parts.signer.as_ref().ok_or_else(|| Refusal::broken("this function makes no tokens"))
    }

    /// Sends mail.
    pub fn mailer(&self) -> Result<&Mailer, Refusal> {
        self.parts.mailer.as_ref().ok_or_else(|| Refusal::broken("this function sends no mail"))
    }

    /// Files and imports.
    pub fn files(&self) -> Result<&Files, Refusal> {
        self.parts.files.as_ref().ok_or_else(|| Refusal::broken("this function has no bucket"))
    }

    /// The payment provider.
    pub fn payments(&self) -> Result<&Payments, Refusal> {
        self.parts.payments.as_ref().ok_or_else(|| Refusal::broken("this function takes no payments"))
    }
}
