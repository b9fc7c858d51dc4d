//! Invoices: drafted, issued under a number without gaps, paid in part or whole, or void (J2, J3; decision 14).
//!
//! States only move forward: draft → open → paid, or draft or open → void. What is issued never changes its lines.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;

use super::ids::{InvoiceId, PaymentId, PracticeId};
use super::money::{Currency, Money};
use super::payable::NotPayable;
use super::text::LineDescription;

/// The most lines an invoice has.
pub const MAX_LINES: usize = 100;
/// The highest total, in minor units: every client reads it as an exact number.
pub const MAX_TOTAL: i64 = 1_000_000_000_000;

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    /// Not issued: the client does not see it.
    Draft,
    /// Issued and not fully paid.
    Open,
    /// Fully paid.
    Paid,
    /// Taken back.
    Void,
}

/// The number of an issued invoice, `2026-0001`: counted per practice and year, without gaps (J2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvoiceNumber {
    year: i16,
    sequence: u64,
}

impl InvoiceNumber {
    /// The number at this place in a year.
    #[must_use]
    pub const fn new(year: i16, sequence: u64) -> Self {
        Self { year, sequence }
    }
}

impl fmt::Display for InvoiceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:04}", self.year, self.sequence)
    }
}

/// Not an invoice number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an invoice number")]
pub struct InvalidNumber;

impl FromStr for InvoiceNumber {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        let (year, sequence) = text.split_once('-').ok_or(InvalidNumber)?;
        let number = Self {
            year: year.parse().map_err(|_| InvalidNumber)?,
            sequence: sequence.parse().map_err(|_| InvalidNumber)?,
        };
        if number.to_string() == text { Ok(number) } else { Err(InvalidNumber) }
    }
}

impl serde::Serialize for InvoiceNumber {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for InvoiceNumber {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it charges for.
    pub description: LineDescription,
    /// How many, at least one.
    pub quantity: u32,
    /// For each of them, at least nothing.
    pub unit_price: Money,
}

impl Line {
    /// Quantity times price; nothing if that cannot be counted, which no accepted invoice holds.
    #[must_use]
    pub fn amount(&self) -> Money {
        self.unit_price.times(self.quantity).unwrap_or(Money::zero(self.unit_price.currency))
    }
}

/// The checkout an invoice is in. Its address and its other invoices stand in the checkout itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenCheckout {
    /// The payment it will become.
    pub payment: PaymentId,
    /// How much of this invoice it pays.
    pub amount: Money,
    /// From when on another one may take its place.
    pub expires_at: Timestamp,
}

/// An invoice of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// Its id, which names the client.
    pub id: InvoiceId,
    pub practice: PracticeId,
    /// Grows by one with each change; the `ETag`.
    pub version: u64,
    /// Where it stands.
    pub state: InvoiceState,
    /// Given when it is issued.
    pub number: Option<InvoiceNumber>,
    /// What it charges for.
    pub lines: Vec<Line>,
    /// The sum of its lines.
    pub total: Money,
    /// The sum of the payments applied to it.
    pub paid: Money,
    /// Until when it should be paid.
    pub due_date: Option<Date>,
    /// Drafted at.
    pub created_at: Timestamp,
    pub issued_at: Option<Timestamp>,
    /// Fully paid at.
    pub paid_at: Option<Timestamp>,
    /// Taken back at.
    pub voided_at: Option<Timestamp>,
    /// The checkout it is in; it counts until it expires.
    pub checkout: Option<OpenCheckout>,
}

/// What is wrong with the lines of an invoice; the number is the place of the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLines {
    /// More than [`MAX_LINES`].
    #[error("must be at most {MAX_LINES} lines")]
    TooMany,
    /// None of it.
    #[error("must be at least 1")]
    Quantity(usize),
    /// Less than nothing.
    #[error("must not be negative")]
    Price(usize),
    /// Not the practice's currency.
    #[error("must be in the currency of the practice")]
    Currency(usize),
    /// A price that can never be paid online (decision 37).
    #[error("{1}")]
    NotPayable(usize, NotPayable),
    /// A sum that can never be paid online, likewise.
    #[error("{0}")]
    SumNotPayable(NotPayable),
    /// More than [`MAX_TOTAL`].
    #[error("must not add up to more than {MAX_TOTAL} minor units")]
    TooLarge,
}

/// Why an invoice is not issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssueRefusal {
    /// It has its number already.
    #[error("The invoice was issued already.")]
    AlreadyIssued,
    /// It was taken back.
    #[error("The invoice is void. Make a new one.")]
    Void,
    /// Nothing on it.
    #[error("The invoice has no lines.")]
    NoLines,
    /// It asks for nothing.
    #[error("The invoice asks for nothing: its total is zero.")]
    NothingToPay,
    /// It asks for what can never be paid online: drafted before that was looked at.
    #[error("The total cannot be paid: it {0}. Make a new invoice.")]
    NotPayable(NotPayable),
}

/// Why an invoice is not taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VoidRefusal {
    #[error("The invoice is void already.")]
    AlreadyVoid,
    #[error("The invoice is paid. Refund the payment instead.")]
    Paid,
    /// It is paid in part.
    #[error("A part of the invoice is paid. Refund that payment first.")]
    PartlyPaid,
    /// A client is paying it at this moment.
    #[error("The client is paying this invoice right now.")]
    InCheckout,
}

/// Why an amount that came in does not count for an invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApplyRefusal {
    /// It is not waiting for money.
    #[error("the invoice is not open")]
    NotOpen,
    /// Another currency, or not what its checkout asked for.
    #[error("the amount is not what was asked for")]
    NotAsked,
    /// More than is left to pay, or nothing.
    #[error("the amount is not within the balance")]
    NotOwed,
}

/// Checks lines and adds them up: whole minor units of one currency (decision 14).
pub fn total(lines: &[Line], currency: Currency) -> Result<Money, BadLines> {
    if lines.len() > MAX_LINES {
        return Err(BadLines::TooMany);
    }
    let mut sum = Money::zero(currency);
    for (place, line) in lines.iter().enumerate() {
        if line.quantity == 0 {
            return Err(BadLines::Quantity(place));
        }
        if line.unit_price.amount < 0 {
            return Err(BadLines::Price(place));
        }
        if line.unit_price.currency != currency {
            return Err(BadLines::Currency(place));
        }
        line.unit_price.check_step().map_err(|bad| BadLines::NotPayable(place, bad))?;
        let amount = line.unit_price.times(line.quantity).map_err(|_| BadLines::TooLarge)?;
        sum = sum.plus(amount).map_err(|_| BadLines::TooLarge)?;
    }
    if sum.amount > MAX_TOTAL {
        return Err(BadLines::TooLarge);
    }
    // A draft that asks for nothing may still become one that does.
    if sum.amount > 0 {
        sum.check_payable().map_err(BadLines::SumNotPayable)?;
    }
    Ok(sum)
}

impl Invoice {
    pub fn draft(
        id: InvoiceId,
        practice: PracticeId,
        currency: Currency,
        lines: Vec<Line>,
        due_date: Option<Date>,
        now: Timestamp,
    ) -> Result<Self, BadLines> {
        let total = total(&lines, currency)?;
        Ok(Self {
            id,
            practice,
            version: 1,
            state: InvoiceState::Draft,
            number: None,
            lines,
            total,
            paid: Money::zero(currency),
            due_date,
            created_at: now,
            issued_at: None,
            paid_at: None,
            voided_at: None,
            checkout: None,
        })
    }

    /// Whether it was ever issued: the client sees it from then on, void or not (J2).
    #[must_use]
    pub const fn is_issued(&self) -> bool {
        self.number.is_some()
    }

    /// What is left to pay.
    #[must_use]
    pub fn balance(&self) -> Money {
        let nothing = Money::zero(self.total.currency);
        match self.state {
            InvoiceState::Void => nothing,
            InvoiceState::Draft | InvoiceState::Open | InvoiceState::Paid => {
                self.total.minus(self.paid).unwrap_or(nothing)
            }
        }
    }

    /// The checkout that holds it at this moment: at most one (J3).
    #[must_use]
    pub fn live_checkout(&self, now: Timestamp) -> Option<&OpenCheckout> {
        self.checkout.as_ref().filter(|checkout| self.state == InvoiceState::Open && checkout.expires_at > now)
    }

    /// Why the draft cannot be issued, if it cannot: asked before it takes a number.
    pub fn may_issue(&self) -> Result<(), IssueRefusal> {
        match self.state {
            InvoiceState::Open | InvoiceState::Paid => Err(IssueRefusal::AlreadyIssued),
            InvoiceState::Void => Err(IssueRefusal::Void),
            InvoiceState::Draft if self.lines.is_empty() => Err(IssueRefusal::NoLines),
            InvoiceState::Draft if self.total.amount <= 0 => Err(IssueRefusal::NothingToPay),
            InvoiceState::Draft => self.total.check_payable().map_err(IssueRefusal::NotPayable),
        }
    }

    /// Issues the draft under this number.
    pub fn issue(&mut self, number: InvoiceNumber, now: Timestamp) -> Result<(), IssueRefusal> {
        self.may_issue()?;
        self.state = InvoiceState::Open;
        self.number = Some(number);
        self.issued_at = Some(now);
        Ok(())
    }

    /// Takes it back. `closed` is the checkout that was closed for it, so that nobody can pay it any more.
    pub fn void(&mut self, closed: Option<PaymentId>, now: Timestamp) -> Result<(), VoidRefusal> {
        match self.state {
            InvoiceState::Void => return Err(VoidRefusal::AlreadyVoid),
            InvoiceState::Paid => return Err(VoidRefusal::Paid),
            InvoiceState::Open if self.paid.amount > 0 => return Err(VoidRefusal::PartlyPaid),
            InvoiceState::Open | InvoiceState::Draft => {}
        }
        if self.live_checkout(now).is_some_and(|checkout| Some(checkout.payment) != closed) {
            return Err(VoidRefusal::InCheckout);
        }
        self.state = InvoiceState::Void;
        self.voided_at = Some(now);
        self.checkout = None;
        Ok(())
    }

    /// Puts it into a checkout, in the place of one that expired or was never shown to anybody.
    pub const fn enter_checkout(&mut self, checkout: OpenCheckout) {
        self.checkout = Some(checkout);
    }

    /// Takes it out of a checkout that came to nothing. Says whether it was in it.
    pub fn leave_checkout(&mut self, payment: PaymentId) -> bool {
        let held = self.checkout.is_some_and(|checkout| checkout.payment == payment);
        if held {
            self.checkout = None;
        }
        held
    }

    /// Counts a payment. A late one, whose checkout was replaced, still counts as far as money is owed.
    pub fn apply_payment(&mut self, payment: PaymentId, amount: Money, now: Timestamp) -> Result<(), ApplyRefusal> {
        if self.state != InvoiceState::Open {
            return Err(ApplyRefusal::NotOpen);
        }
        let asked = self.checkout.filter(|checkout| checkout.payment == payment);
        if amount.currency != self.total.currency || asked.is_some_and(|asked| asked.amount != amount) {
            return Err(ApplyRefusal::NotAsked);
        }
        if amount.amount <= 0 || amount.amount > self.balance().amount {
            return Err(ApplyRefusal::NotOwed);
        }
        self.paid = self.paid.plus(amount).map_err(|_| ApplyRefusal::NotOwed)?;
        if self.paid == self.total {
            self.state = InvoiceState::Paid;
            self.paid_at = Some(now);
        }
        if asked.is_some() || self.state == InvoiceState::Paid {
            self.checkout = None;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
