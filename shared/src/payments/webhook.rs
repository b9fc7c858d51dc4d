//! Events of the provider: believed only with a fresh signature over the very bytes that came in (J7, PAY-3).

use jiff::Timestamp;
use serde::Deserialize;

use super::units::from_provider;
use crate::config::Secret;
use crate::crypto::{mac_sha256, same_secret};
use crate::domain::checkout::Received;
use crate::domain::ids::{PaymentId, PracticeId};

/// How far the provider's clock and ours may be apart, in seconds; also how long a captured event can be played again.
const TOLERANCE: i64 = 300;

/// Why an event is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookRefusal {
    /// Not signed with one of our secrets.
    #[error("The signature is missing or does not fit the body.")]
    Signature,
    /// Signed, but not now.
    #[error("The signature is too old or from the future.")]
    Timestamp,
    /// Signed and fresh, but unreadable.
    #[error("The body is not an event.")]
    Malformed,
}

/// An event that the provider signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The provider's id of it: the same for every delivery.
    pub id: String,
    /// What happened.
    pub report: EventReport,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventReport {
    /// A checkout was paid.
    Paid(Session),
    /// A checkout came to nothing.
    Unpaid(Session),
    /// Something we have no use for.
    Other,
}

/// A checkout session, as far as an event tells. Whose it is is a claim until our own checkout agrees.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: String,
    #[serde(default)]
    client_reference_id: Option<String>,
    #[serde(default)]
    metadata: Option<Metadata>,
    #[serde(default)]
    amount_total: Option<i64>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    payment_status: Option<String>,
    #[serde(default)]
    payment_intent: Option<Expandable>,
    #[serde(default)]
    livemode: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
struct Metadata {
    #[serde(default)]
    practice_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Expandable {
    Id(String),
    Whole { id: String },
}

#[derive(Deserialize)]
struct Head {
    id: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Whole {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Session,
}

impl Session {
    /// The payment and practice it claims to be for; none for a session that is not of our making.
    #[must_use]
    pub fn claims(&self) -> Option<(PracticeId, PaymentId)> {
        let practice = self.metadata.as_ref()?.practice_id.as_deref()?.parse().ok()?;
        Some((practice, self.client_reference_id.as_deref()?.parse().ok()?))
    }

    /// What came in; none if it does not say in money that we can count.
    #[must_use]
    pub fn received(&self) -> Option<Received> {
        let payment = self.payment_intent.as_ref().map(|(Expandable::Id(id) | Expandable::Whole { id })| id.clone());
        let amount = from_provider(self.amount_total?, self.currency.as_deref()?)?;
        Some(Received { session: self.id.clone(), payment, amount, live: self.livemode })
    }

    fn is_paid(&self) -> bool {
        self.payment_status.as_deref() == Some("paid")
    }
}

/// Checks the signature in constant time against every secret, then the time, then reads what is needed.
pub fn verify_webhook(
    body: &[u8],
    signature: Option<&str>,
    now: Timestamp,
    secrets: &[Secret],
) -> Result<Event, WebhookRefusal> {
    let (mut at, mut given) = (None, Vec::new());
    for part in signature.unwrap_or_default().split(',') {
        match part.trim().split_once('=') {
            Some(("t", text)) => at = Some(text),
            Some(("v1", text)) => given.push(text),
            _ => {}
        }
    }
    let at = at.ok_or(WebhookRefusal::Signature)?;
    let good = secrets.iter().fold(false, |good, secret| {
        let ours = mac_sha256(secret.expose().as_bytes(), &[at.as_bytes(), b".", body]);
        given.iter().fold(good, |good, theirs| good | same_secret(ours.as_bytes(), theirs.as_bytes()))
    });
    if !good {
        return Err(WebhookRefusal::Signature);
    }
    let at: i64 = at.parse().map_err(|_| WebhookRefusal::Signature)?;
    if now.as_second().abs_diff(at) > TOLERANCE.unsigned_abs() {
        return Err(WebhookRefusal::Timestamp);
    }
    read(body)
}

fn read(body: &[u8]) -> Result<Event, WebhookRefusal> {
    let Head { id, kind } = serde_json::from_slice(body).map_err(|_| WebhookRefusal::Malformed)?;
    let session = || match serde_json::from_slice::<Whole>(body) {
        Ok(whole) => Ok(whole.data.object),
        Err(_) => Err(WebhookRefusal::Malformed),
    };
    let report = match kind.as_str() {
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
            let session = session()?;
            if session.is_paid() { EventReport::Paid(session) } else { EventReport::Other }
        }
        "checkout.session.expired" | "checkout.session.async_payment_failed" => EventReport::Unpaid(session()?),
        _ => EventReport::Other,
    };
    Ok(Event { id, report })
}
