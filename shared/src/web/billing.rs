//! How refusals about invoices, checkouts and payment events are told.

use super::problem::Problem;
use crate::domain::checkout::CheckoutRefusal;
use crate::domain::invoice::{BadLines, IssueRefusal, VoidRefusal};
use crate::payments::{ProviderError, WebhookRefusal};

impl From<BadLines> for Problem {
    fn from(bad: BadLines) -> Self {
        let (pointer, code) = match bad {
            BadLines::TooMany => ("/lines".to_owned(), "too_many"),
            BadLines::Quantity(place) => (format!("/lines/{place}/quantity"), "out_of_range"),
            BadLines::Price(place) => (format!("/lines/{place}/unit_price/amount"), "out_of_range"),
            BadLines::Currency(place) => (format!("/lines/{place}/unit_price/currency"), "currency_mismatch"),
            BadLines::TooLarge => ("/lines".to_owned(), "too_large"),
        };
        Self::invalid(pointer, code, bad)
    }
}

impl From<IssueRefusal> for Problem {
    fn from(refusal: IssueRefusal) -> Self {
        let code = match refusal {
            IssueRefusal::AlreadyIssued => "already_issued",
            IssueRefusal::Void => "already_void",
            IssueRefusal::NoLines => "no_lines",
            IssueRefusal::NothingToPay => "nothing_to_pay",
        };
        Self::conflict(code, refusal.to_string())
    }
}

impl From<VoidRefusal> for Problem {
    fn from(refusal: VoidRefusal) -> Self {
        let code = match refusal {
            VoidRefusal::AlreadyVoid => "already_void",
            VoidRefusal::Paid => "already_paid",
            VoidRefusal::PartlyPaid => "partly_paid",
            VoidRefusal::InCheckout => "checkout_open",
        };
        Self::conflict(code, refusal.to_string())
    }
}

impl From<CheckoutRefusal> for Problem {
    fn from(refusal: CheckoutRefusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            CheckoutRefusal::NotOpen => Self::conflict("not_open", text),
            CheckoutRefusal::AlreadyPaid => Self::conflict("already_paid", text),
            CheckoutRefusal::NoSum => Self::conflict("not_payable_together", text),
            CheckoutRefusal::PartOfSeveral => Self::invalid("/amount", "single_invoice_only", text),
            CheckoutRefusal::PartOutOfRange => Self::invalid("/amount/amount", "out_of_range", text),
            CheckoutRefusal::PartCurrency => Self::invalid("/amount/currency", "currency_mismatch", text),
        }
    }
}

impl From<ProviderError> for Problem {
    fn from(error: ProviderError) -> Self {
        Self::unavailable(error)
    }
}

impl From<WebhookRefusal> for Problem {
    fn from(refusal: WebhookRefusal) -> Self {
        let code = match refusal {
            WebhookRefusal::Signature => "signature_invalid",
            WebhookRefusal::Timestamp => "timestamp_old",
            WebhookRefusal::Malformed => "malformed_json",
        };
        Self::malformed(code, refusal.to_string())
    }
}
