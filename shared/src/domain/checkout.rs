//! Checkouts: a client pays chosen invoices online, whole or one of them in part (J3, E5).
//!
//! The amounts come from our invoices only. One open checkout per invoice; what the provider reports is compared with
//! what we asked for before it counts (decision 14, PAY-4).

use jiff::{SignedDuration, Timestamp};

use super::ids::{ClientId, PaymentId, PracticeId};
use super::invoice::{Invoice, InvoiceState, OpenCheckout};
use super::money::Money;
use super::payable::NotPayable;
use super::payment::{Allocation, Payment, PaymentState};

/// How long a client has to pay. The provider takes nothing under 30 minutes.
pub const OPEN_FOR: SignedDuration = SignedDuration::from_mins(60);

/// Where a checkout stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckoutState {
    /// It may be paid until it expires.
    Open,
    /// It was paid.
    Completed,
    /// It came to nothing.
    Expired,
}

/// What the provider calls a checkout, and where its page is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderCheckout {
    /// Its id.
    pub id: String,
    /// Its page.
    pub url: String,
    /// Whether it takes real money.
    pub live: bool,
}

/// A checkout, written down before the provider hears of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// The payment it will become.
    pub payment: PaymentId,
    pub practice: PracticeId,
    /// Grows by one with each change.
    pub version: u64,
    /// The invoices, in the order of their ids, with what each gets.
    pub bill: Vec<Allocation>,
    pub total: Money,
    /// Known once the provider has answered: before that nobody has an address to pay at.
    pub session: Option<ProviderCheckout>,
    /// Started at.
    pub created_at: Timestamp,
    /// Open until.
    pub expires_at: Timestamp,
    /// Where it stands.
    pub state: CheckoutState,
}

/// Why invoices cannot be paid as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckoutRefusal {
    /// A draft or a void invoice.
    #[error("One of the invoices is not open for payment.")]
    NotOpen,
    /// A paid one.
    #[error("One of the invoices is paid already.")]
    AlreadyPaid,
    /// A part of several invoices: of which?
    #[error("can be given for a single invoice only")]
    PartOfSeveral,
    /// Nothing, or more than is left.
    #[error("must be more than zero and at most the balance")]
    PartOutOfRange,
    /// Not the invoice's currency.
    #[error("must be in the currency of the invoice")]
    PartCurrency,
    /// A part that cannot be paid online, or that leaves what cannot.
    #[error("{0}")]
    PartNotPayable(NotPayable),
    /// A sum that cannot be paid online (decision 37).
    #[error("The amount cannot be paid online: it {0}. Ask your practice.")]
    NotPayable(NotPayable),
    /// Amounts that cannot be added.
    #[error("The invoices cannot be paid together.")]
    NoSum,
}

/// What the provider says came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The provider's checkout session.
    pub session: String,
    /// The provider's payment.
    pub payment: Option<String>,
    /// How much.
    pub amount: Money,
    /// Whether it was real money.
    pub live: bool,
}

/// What each invoice gets: its balance, or the part asked for (J3). The order of `invoices` does not matter.
pub fn bill(invoices: &[Invoice], part: Option<Money>) -> Result<Vec<Allocation>, CheckoutRefusal> {
    let mut bill = Vec::with_capacity(invoices.len());
    for invoice in invoices {
        match invoice.state {
            InvoiceState::Open => bill.push(Allocation { invoice: invoice.id, amount: invoice.balance() }),
            InvoiceState::Paid => return Err(CheckoutRefusal::AlreadyPaid),
            InvoiceState::Draft | InvoiceState::Void => return Err(CheckoutRefusal::NotOpen),
        }
    }
    if let Some(part) = part {
        let [only] = bill.as_mut_slice() else {
            return Err(CheckoutRefusal::PartOfSeveral);
        };
        if part.currency != only.amount.currency {
            return Err(CheckoutRefusal::PartCurrency);
        }
        if part.amount <= 0 || part.amount > only.amount.amount {
            return Err(CheckoutRefusal::PartOutOfRange);
        }
        part.check_payable().map_err(CheckoutRefusal::PartNotPayable)?;
        let rest = only.amount.minus(part).map_err(|_| CheckoutRefusal::NoSum)?;
        if rest.amount > 0 {
            rest.check_payable().map_err(CheckoutRefusal::PartNotPayable)?;
        }
        only.amount = part;
    }
    let mut shares = bill.iter().map(|share| share.amount);
    if let Some(first) = shares.next() {
        let sum = shares.try_fold(first, Money::plus).map_err(|_| CheckoutRefusal::NoSum)?;
        let fine = bill.iter().try_for_each(|share| share.amount.check_step());
        fine.and_then(|()| sum.check_payable()).map_err(CheckoutRefusal::NotPayable)?;
    }
    bill.sort_by_key(|share| share.invoice);
    Ok(bill)
}

impl Checkout {
    /// The intent to pay a bill: written with its invoices before the provider is called.
    pub fn start(
        payment: PaymentId,
        practice: PracticeId,
        bill: Vec<Allocation>,
        now: Timestamp,
    ) -> Result<Self, CheckoutRefusal> {
        let mut shares = bill.iter().map(|share| share.amount);
        let first = shares.next().ok_or(CheckoutRefusal::NotOpen)?;
        let total = shares.try_fold(first, Money::plus).map_err(|_| CheckoutRefusal::NoSum)?;
        // In whole seconds, as the provider counts: both sides then call it expired at the same instant.
        let expires_at = now.saturating_add(OPEN_FOR).unwrap_or(Timestamp::MAX);
        let expires_at = Timestamp::from_second(expires_at.as_second()).unwrap_or(expires_at);
        Ok(Self {
            payment,
            practice,
            version: 1,
            bill,
            total,
            session: None,
            created_at: now,
            expires_at,
            state: CheckoutState::Open,
        })
    }

    /// Whose it is.
    #[must_use]
    pub const fn client(&self) -> ClientId {
        self.payment.client()
    }

    /// Whether it may still be paid.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state == CheckoutState::Open && self.expires_at > now
    }

    /// Puts its invoices into it.
    pub fn hold(&self, invoices: &mut [Invoice]) {
        for share in &self.bill {
            for invoice in invoices.iter_mut().filter(|invoice| invoice.id == share.invoice) {
                invoice.enter_checkout(OpenCheckout {
                    payment: self.payment,
                    amount: share.amount,
                    expires_at: self.expires_at,
                });
            }
        }
    }

    /// The provider has answered: from now on it can be paid.
    pub fn opened(&mut self, session: ProviderCheckout) {
        self.session = Some(session);
    }

    /// It came to nothing.
    pub const fn expire(&mut self) {
        self.state = CheckoutState::Expired;
    }

    /// Whether what came in is what was asked for: the same session, amount, currency, and kind of money (PAY-4).
    #[must_use]
    pub fn expects(&self, received: &Received) -> bool {
        let Received { session, payment: _, amount, live } = received;
        *amount == self.total && self.session.as_ref().is_some_and(|ours| ours.id == *session && ours.live == *live)
    }

    /// Completes it: every invoice gets its share, or none does and the payment waits for a person.
    ///
    /// Money that came in counts even if the checkout looks expired by now.
    pub fn settle(&mut self, invoices: &mut [Invoice], received: &Received, now: Timestamp) -> Payment {
        let mut payment = Payment::unapplied(self.payment, self.practice, received.amount, now);
        payment.provider_checkout = Some(received.session.clone());
        payment.provider_payment.clone_from(&received.payment);
        let mut after = invoices.to_vec();
        let whole = self.bill.iter().all(|share| {
            let invoice = after.iter_mut().find(|invoice| invoice.id == share.invoice);
            invoice.is_some_and(|invoice| invoice.apply_payment(self.payment, share.amount, now).is_ok())
        });
        if whole {
            invoices.clone_from_slice(&after);
            payment.allocations.clone_from(&self.bill);
            payment.state = PaymentState::Applied;
        } else {
            for invoice in invoices.iter_mut() {
                invoice.leave_checkout(self.payment);
            }
        }
        self.state = CheckoutState::Completed;
        payment
    }
}
