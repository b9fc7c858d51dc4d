//! Payments and refunds: what came in, and which invoices it counts for (J1, J6).

use jiff::Timestamp;

use super::ids::{InvoiceId, PaymentId, PracticeId};
use super::money::Money;

/// Which way the money went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentKind {
    /// From the client.
    Payment,
    /// Back to the client.
    Refund,
}

/// How it was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// By card, online.
    Card,
    /// In notes and coins.
    Cash,
    /// By check.
    Check,
    /// By bank transfer.
    BankTransfer,
    /// Another way.
    Other,
}

/// Whether it counts for invoices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// It does, as its allocations say.
    Applied,
    /// It came in, but not as we asked: a person has to look at it.
    Unapplied,
}

/// The part of a payment that one invoice gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Allocation {
    pub invoice: InvoiceId,
    /// How much of it.
    pub amount: Money,
}

/// A payment or refund of a client. Never changed once it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id, which names the client.
    pub id: PaymentId,
    pub practice: PracticeId,
    /// Grows by one with each change.
    pub version: u64,
    /// Payment or refund.
    pub kind: PaymentKind,
    /// How much.
    pub amount: Money,
    pub method: PaymentMethod,
    /// When we learned of it.
    pub received_at: Timestamp,
    /// Which invoices it counts for; none while it is unapplied.
    pub allocations: Vec<Allocation>,
    /// The provider's checkout session.
    pub provider_checkout: Option<String>,
    /// The provider's payment.
    pub provider_payment: Option<String>,
    /// Whether it counts.
    pub state: PaymentState,
}

impl Payment {
    /// Money that came in by card and counts for nothing yet.
    #[must_use]
    pub const fn unapplied(id: PaymentId, practice: PracticeId, amount: Money, now: Timestamp) -> Self {
        Self {
            id,
            practice,
            version: 1,
            kind: PaymentKind::Payment,
            amount,
            method: PaymentMethod::Card,
            received_at: now,
            allocations: Vec::new(),
            provider_checkout: None,
            provider_payment: None,
            state: PaymentState::Unapplied,
        }
    }
}
