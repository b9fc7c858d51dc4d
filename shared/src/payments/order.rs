//! What is asked of the provider for a checkout. The same order always reads the same, letter for letter: a repetition
//! under the same idempotency key must not differ.

use form_urlencoded::Serializer;

use super::units::to_provider;
use crate::domain::checkout::Checkout;
use crate::domain::invoice::Invoice;

/// A checkout, its invoices, and where the client comes back to.
#[derive(Debug, Clone, Copy)]
pub struct CheckoutOrder<'a> {
    pub checkout: &'a Checkout,
    /// Its invoices: only their numbers are told.
    pub invoices: &'a [Invoice],
    /// The address of the practice's portal.
    pub portal_url: &'a str,
}

impl CheckoutOrder<'_> {
    /// The form; none for an amount that the provider does not take.
    pub(super) fn form(&self) -> Option<String> {
        let Self { checkout, invoices, portal_url } = self;
        let (payment, practice) = (checkout.payment.to_string(), checkout.practice.to_string());
        let mut form = Serializer::new(String::new());
        form.append_pair("mode", "payment")
            .append_pair("payment_method_types[0]", "card")
            .append_pair("client_reference_id", &payment)
            .append_pair("metadata[practice_id]", &practice)
            .append_pair("metadata[client_id]", &checkout.client().to_string())
            .append_pair("metadata[payment_id]", &payment)
            .append_pair("payment_intent_data[metadata][practice_id]", &practice)
            .append_pair("payment_intent_data[metadata][payment_id]", &payment)
            .append_pair("success_url", &format!("{portal_url}/billing?checkout=done"))
            .append_pair("cancel_url", &format!("{portal_url}/billing?checkout=cancelled"))
            .append_pair("expires_at", &checkout.expires_at.as_second().to_string());
        for (place, share) in checkout.bill.iter().enumerate() {
            let (amount, currency) = to_provider(share.amount)?;
            let number =
                invoices.iter().find(|invoice| invoice.id == share.invoice).and_then(|invoice| invoice.number)?;
            let line = format!("line_items[{place}]");
            form.append_pair(&format!("{line}[quantity]"), "1")
                .append_pair(&format!("{line}[price_data][currency]"), &currency)
                .append_pair(&format!("{line}[price_data][unit_amount]"), &amount.to_string())
                .append_pair(&format!("{line}[price_data][product_data][name]"), &format!("Invoice {number}"));
        }
        Some(form.finish())
    }
}
