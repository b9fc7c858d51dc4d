//! What the rules of invoices and payments, and the provider, refuse, in everybody's words.

use super::Refusal;
use crate::domain::checkout::CheckoutRefusal;
use crate::domain::invoice::{BadLines, IssueRefusal, VoidRefusal};
use crate::payments::{ProviderError, WebhookRefusal};

impl From<BadLines> for Refusal {
    fn from(bad: BadLines) -> Self {
        let (pointer, code) = match bad {
            BadLines::TooMany => ("/lines".to_owned(), "too_many"),
            BadLines::Quantity(place) => (format!("/lines/{place}/quantity"), "out_of_range"),
            BadLines::Price(place) => (format!("/lines/{place}/unit_price/amount"), "out_of_range"),
            BadLines::Currency(place) => (format!("/lines/{place}/unit_price/currency"), "currency_mismatch"),
            BadLines::NotPayable(place, _) => (format!("/lines/{place}/unit_price/amount"), "not_payable"),
            BadLines::SumNotPayable(_) => ("/lines".to_owned(), "not_payable"),
            BadLines::TooLarge => ("/lines".to_owned(), "too_large"),
        };
        Self::invalid(pointer, code, bad)
    }
}

impl From<IssueRefusal> for Refusal {
    fn from(refusal: IssueRefusal) -> Self {
        let code = match refusal {
            IssueRefusal::AlreadyIssued => "already_issued",
            IssueRefusal::Void => "already_void",
            IssueRefusal::NoLines => "no_lines",
            IssueRefusal::NothingToPay => "nothing_to_pay",
            IssueRefusal::NotPayable(_) => "not_payable",
        };
        Self::conflict(code, refusal.to_string())
    }
}

impl From<VoidRefusal> for Refusal {
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

impl From<CheckoutRefusal> for Refusal {
    fn from(refusal: CheckoutRefusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            CheckoutRefusal::NotOpen => Self::conflict("not_open", text),
            CheckoutRefusal::AlreadyPaid => Self::conflict("already_paid", text),
            CheckoutRefusal::NoSum => Self::conflict("not_payable_together", text),
            CheckoutRefusal::NotPayable(_) => Self::conflict("not_payable", text),
            CheckoutRefusal::PartNotPayable(_) => Self::invalid("/amount/amount", "not_payable", text),
            CheckoutRefusal::PartOfSeveral => Self::invalid("/amount", "single_invoice_only", text),
            CheckoutRefusal::PartOutOfRange => Self::invalid("/amount/amount", "out_of_range", text),
            CheckoutRefusal::PartCurrency => Self::invalid("/amount/currency", "currency_mismatch", text),
        }
    }
}

impl From<ProviderError> for Refusal {
    /// Only what another try may change is told as such.
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Refused(_) => Self::conflict(
                "payment_refused",
                "The payment provider does not take this payment. Ask your practice for another way to pay.",
            ),
            ProviderError::Locked(_) | ProviderError::Broken(_) | ProviderError::Unknown(_) => Self::unavailable(error),
        }
    }
}

impl From<WebhookRefusal> for Refusal {
    fn from(refusal: WebhookRefusal) -> Self {
        let code = match refusal {
            WebhookRefusal::Signature => "signature_invalid",
            WebhookRefusal::Timestamp => "timestamp_old",
            WebhookRefusal::Malformed => "malformed_json",
        };
        Self::malformed(code, refusal.to_string())
    }
}
