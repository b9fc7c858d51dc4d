//! The only home of the payment provider, Stripe: checkout sessions out, signed events in (J3, J7; decision 14).
//!
//! What leaves for the provider is ids, amounts and invoice numbers: nobody's name, nothing about health.

mod http;
mod order;
mod units;
mod webhook;

pub use order::CheckoutOrder;
pub use webhook::{Event, EventReport, Session, WebhookRefusal, verify_webhook};

use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;

use self::http::Api;
use crate::aws::Sdk;
use crate::config::{Config, Secret};
use crate::domain::checkout::ProviderCheckout;

/// Why the provider did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It said no, and nothing has happened.
    #[error("the payment provider refused: {0}")]
    Refused(String),
    /// It does not know us at this moment: no key, or not the one it has. Nothing has happened, and whoever deployed this
    /// has to act.
    #[error("the payment provider refused: {0}")]
    Locked(String),
    /// It broke. It repeats that answer for the same idempotency key: only another key helps (PAY-2).
    #[error("the payment provider broke: {0}")]
    Broken(String),
    /// Nobody knows whether it happened: ask again under the same idempotency key.
    #[error("the payment provider gave no answer: {0}")]
    Unknown(String),
}

impl ProviderError {
    /// Whether asking again under the same key is of no use.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Locked(_) | Self::Broken(_))
    }
}

/// How a session that should take no more money ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// It expired, and was not paid.
    Unpaid,
    /// The client was faster.
    Paid,
}

/// The payment provider.
#[derive(Debug, Clone)]
pub struct Payments {
    api: Option<Api>,
    secrets: Vec<Secret>,
}

#[derive(Deserialize)]
struct SessionBody {
    id: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    livemode: bool,
}

const SESSIONS: &str = "/v1/checkout/sessions";

impl Payments {
    /// From configuration; none where the function needs none.
    #[must_use]
    pub fn new(config: &Config, sdk: &Sdk) -> Option<Self> {
        let endpoint = config.endpoints.payments.as_deref().unwrap_or("https://api.stripe.com");
        let api = config.payments_secret.clone().map(|secret| Api::new(sdk, endpoint, secret));
        let secrets = config.webhook_secrets.clone();
        (api.is_some() || !secrets.is_empty()).then_some(Self { api, secrets })
    }

    fn api(&self) -> Result<&Api, ProviderError> {
        self.api.as_ref().ok_or_else(|| ProviderError::Locked("no secret key".to_owned()))
    }

    /// Opens a page to pay at. The same order again gets the same page: the payment's id is the idempotency key.
    pub async fn create_checkout(&self, order: &CheckoutOrder<'_>) -> Result<ProviderCheckout, ProviderError> {
        let form = order.form().ok_or_else(|| ProviderError::Refused("amount".to_owned()))?;
        let body = self.api()?.post(SESSIONS, form, Some(order.checkout.payment.to_string())).await?;
        let SessionBody { id, url, status: _, livemode } = read(&body)?;
        let url = url.ok_or_else(|| ProviderError::Broken("a session without an address".to_owned()))?;
        Ok(ProviderCheckout { id, url, live: livemode })
    }

    /// Closes a page, so that nobody can pay at it any more; or says that somebody has.
    pub async fn close_checkout(&self, session: &str) -> Result<Closed, ProviderError> {
        let api = self.api()?;
        let body = match api.post(&format!("{SESSIONS}/{session}/expire"), String::new(), None).await {
            // Only an open one can be closed: then it has ended already, one way or the other.
            Err(ProviderError::Refused(_)) => api.get(&format!("{SESSIONS}/{session}")).await?,
            other => other?,
        };
        match read(&body)?.status.as_deref() {
            Some("expired") => Ok(Closed::Unpaid),
            Some("complete") => Ok(Closed::Paid),
            _ => Err(ProviderError::Unknown("the session is still open".to_owned())),
        }
    }

    /// Reads an event that the provider signed.
    pub fn event(&self, body: &[u8], signature: Option<&str>, now: Timestamp) -> Result<Event, WebhookRefusal> {
        verify_webhook(body, signature, now, &self.secrets)
    }
}

fn read(body: &Bytes) -> Result<SessionBody, ProviderError> {
    serde_json::from_slice(body).map_err(|_| ProviderError::Unknown("an unreadable session".to_owned()))
}

#[cfg(test)]
mod tests;
