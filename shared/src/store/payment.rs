//! The item of a payment or refund.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity, MoneyRow};
use super::keys::{self, Key};
use crate::domain::ids::{PaymentId, PracticeId};
use crate::domain::money::Money;
use crate::domain::payment::{Allocation, Payment, PaymentKind, PaymentMethod, PaymentState};

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: PaymentId,
    kind: PaymentKind,
    #[serde(with = "MoneyRow")]
    amount: Money,
    method: PaymentMethod,
    received_at: Timestamp,
    allocations: Vec<Allocation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_checkout: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider_payment: Option<String>,
    state: PaymentState,
}

crate::store::item::plain!(Payment);

impl Entity for Payment {
    const NAME: &'static str = "payment";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::payment(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self {
            id,
            practice,
            version: _,
            kind,
            amount,
            method,
            received_at,
            allocations,
            provider_checkout,
            provider_payment,
            state,
        } = self.clone();
        let pid = practice.key();
        Row { pid, id, kind, amount, method, received_at, allocations, provider_checkout, provider_payment, state }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row { pid, id, kind, amount, method, received_at, allocations, provider_checkout, provider_payment, state } =
            row;
        Ok(Self {
            id,
            practice: PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?,
            version,
            kind,
            amount,
            method,
            received_at,
            allocations,
            provider_checkout,
            provider_payment,
            state,
        })
    }
}
