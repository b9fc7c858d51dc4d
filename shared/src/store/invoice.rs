//! The item of an invoice.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity, MoneyRow};
use super::keys::{self, Key};
use crate::domain::ids::{InvoiceId, PaymentId, PracticeId};
use crate::domain::invoice::{self, Invoice, InvoiceNumber, InvoiceState, Line, OpenCheckout};
use crate::domain::money::Money;
use crate::domain::text::LineDescription;

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: InvoiceId,
    state: InvoiceState,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<InvoiceNumber>,
    lines: Vec<LineRow>,
    #[serde(with = "MoneyRow")]
    total: Money,
    #[serde(with = "MoneyRow")]
    paid: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_date: Option<Date>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paid_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    voided_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checkout: Option<CheckoutRow>,
}

#[derive(Debug, Serialize, Deserialize)]
struct LineRow {
    description: LineDescription,
    quantity: u32,
    #[serde(with = "MoneyRow")]
    unit_price: Money,
}

#[derive(Debug, Serialize, Deserialize)]
struct CheckoutRow {
    payment: PaymentId,
    #[serde(with = "MoneyRow")]
    amount: Money,
    expires_at: Timestamp,
}

fn line_row(line: Line) -> LineRow {
    let Line { description, quantity, unit_price } = line;
    LineRow { description, quantity, unit_price }
}

fn line(row: LineRow) -> Line {
    let LineRow { description, quantity, unit_price } = row;
    Line { description, quantity, unit_price }
}

crate::store::item::versioned!(Invoice);

impl Entity for Invoice {
    const NAME: &'static str = "invoice";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::invoice(self.practice, self.id)
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
            state,
            number,
            lines,
            total,
            paid,
            due_date,
            created_at,
            issued_at,
            paid_at,
            voided_at,
            checkout,
        } = self.clone();
        Row {
            pid: practice.key(),
            id,
            state,
            number,
            lines: lines.into_iter().map(line_row).collect(),
            total,
            paid,
            due_date,
            created_at,
            issued_at,
            paid_at,
            voided_at,
            checkout: checkout.map(|OpenCheckout { payment, amount, expires_at }| CheckoutRow {
                payment,
                amount,
                expires_at,
            }),
        }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row {
            pid,
            id,
            state,
            number,
            lines,
            total,
            paid,
            due_date,
            created_at,
            issued_at,
            paid_at,
            voided_at,
            checkout,
        } = row;
        let lines: Vec<Line> = lines.into_iter().map(line).collect();
        let adds_up = invoice::total(&lines, total.currency) == Ok(total);
        if !adds_up || paid.currency != total.currency || !(0..=total.amount).contains(&paid.amount) {
            return Err(Corrupt(Self::NAME));
        }
        Ok(Self {
            id,
            practice: PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?,
            version,
            state,
            number,
            lines,
            total,
            paid,
            due_date,
            created_at,
            issued_at,
            paid_at,
            voided_at,
            checkout: checkout.map(|CheckoutRow { payment, amount, expires_at }| OpenCheckout {
                payment,
                amount,
                expires_at,
            }),
        })
    }
}
