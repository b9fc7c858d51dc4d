//! What may be asked for when a Checkout Session is made.

use std::collections::BTreeMap;

use super::api::Refusal;
use super::form::Form;

/// Minutes to a day: how long Stripe lets a session stay open, in seconds.
const SHORTEST: i64 = 30 * 60;
const LONGEST: i64 = 24 * 60 * 60;
/// Eight digits: the largest amount Stripe charges.
const LARGEST: i64 = 99_999_999;

/// Every parameter a caller may send; those not read here change nothing about a session.
const KNOWN: [&str; 20] = [
    "automatic_tax",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "currency",
    "customer",
    "customer_creation",
    "customer_email",
    "expand",
    "expires_at",
    "invoice_creation",
    "line_items",
    "locale",
    "metadata",
    "mode",
    "payment_intent_data",
    "payment_method_types",
    "submit_type",
    "success_url",
    "ui_mode",
];

#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) name: String,
    pub(super) quantity: i64,
    pub(super) unit_amount: i64,
}

/// What a session was made with.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) lines: Vec<Line>,
    pub(super) currency: String,
    pub(super) total: i64,
    pub(super) success_url: String,
    pub(super) cancel_url: Option<String>,
    pub(super) expires_at: i64,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) client_reference_id: Option<String>,
}

impl Order {
    /// Reads the parameters, or says what Stripe would refuse.
    pub(super) fn read(form: &Form, now: i64) -> Result<Self, Refusal> {
        if let Some(unknown) = form.roots().find(|root| !KNOWN.contains(root)) {
            let message = format!("Received unknown parameter: {unknown}");
            return Err(Refusal::parameter("parameter_unknown", unknown, message));
        }
        if form.required("mode")? != "payment" {
            return Err(Refusal::invalid("mode", "Only `payment` sessions can be made here.".to_owned()));
        }
        let expires_at = form.integer("expires_at")?.unwrap_or(now + LONGEST);
        if !(SHORTEST..=LONGEST).contains(&expires_at.saturating_sub(now)) {
            let message = "The `expires_at` timestamp must be 30 minutes to 24 hours from Checkout Session creation.";
            return Err(Refusal::invalid("expires_at", message.to_owned()));
        }
        let (lines, currency) = lines(form)?;
        let sum = |total: i64, line: &Line| total.checked_add(line.unit_amount.checked_mul(line.quantity)?);
        let total = lines.iter().try_fold(0, sum).filter(|total| *total <= LARGEST);
        let total = total.ok_or_else(|| Refusal::parameter("amount_too_large", "line_items", large()))?;
        if total == 0 {
            let message = "The Checkout Session's total amount due must be more than nothing.".to_owned();
            return Err(Refusal::parameter("amount_too_small", "line_items", message));
        }
        let client_reference_id = form.text("client_reference_id").map(str::to_owned);
        if client_reference_id.as_ref().is_some_and(|id| id.chars().count() > 200) {
            return Err(Refusal::invalid("client_reference_id", "Must be at most 200 characters".to_owned()));
        }
        url(form, "success_url")?;
        Ok(Self {
            lines,
            currency,
            total,
            success_url: form.required("success_url")?.to_owned(),
            cancel_url: url(form, "cancel_url")?,
            expires_at,
            metadata: metadata(form)?,
            client_reference_id,
        })
    }
}

fn large() -> String {
    format!("The Checkout Session's total amount must be no more than {LARGEST}.")
}

fn lines(form: &Form) -> Result<(Vec<Line>, String), Refusal> {
    let (mut lines, mut currency) = (Vec::new(), None::<String>);
    for item in form.items("line_items") {
        let of_this = form.required(&format!("{item}[price_data][currency]"))?.to_ascii_lowercase();
        if of_this.len() != 3 || !of_this.bytes().all(|byte| byte.is_ascii_lowercase()) {
            let message = format!("Invalid currency: {of_this}.");
            return Err(Refusal::invalid(&format!("{item}[price_data][currency]"), message));
        }
        if currency.as_ref().is_some_and(|first| *first != of_this) {
            let message = "You may only specify one of these currencies: all line items must have the same one.";
            return Err(Refusal::invalid("line_items", message.to_owned()));
        }
        currency = Some(of_this);
        let name = format!("{item}[price_data][unit_amount]");
        form.required(&name)?;
        let unit_amount = form.integer(&name)?.unwrap_or_default();
        let quantity = form.integer(&format!("{item}[quantity]"))?.unwrap_or(1);
        if unit_amount < 0 || quantity < 1 {
            let message = format!("Invalid amount or quantity: {quantity} × {unit_amount}");
            return Err(Refusal::invalid(&item, message));
        }
        let name = form.required(&format!("{item}[price_data][product_data][name]"))?.to_owned();
        lines.push(Line { name, quantity, unit_amount });
    }
    let missing =
        || Refusal::parameter("parameter_missing", "line_items", "Missing required param: line_items.".into());
    currency.map(|currency| (lines, currency)).ok_or_else(missing)
}

fn metadata(form: &Form) -> Result<BTreeMap<String, String>, Refusal> {
    let metadata = form.below("metadata");
    let fits = |(key, value): (&String, &String)| key.chars().count() <= 40 && value.chars().count() <= 500;
    if metadata.len() > 50 || !metadata.iter().all(fits) {
        let message = "Metadata can have up to 50 keys of up to 40 characters, with values of up to 500.".to_owned();
        return Err(Refusal::invalid("metadata", message));
    }
    Ok(metadata)
}

/// A link a person will follow: only ever http or https.
fn url(form: &Form, name: &str) -> Result<Option<String>, Refusal> {
    let Some(text) = form.text(name) else { return Ok(None) };
    if text.starts_with("https://") || text.starts_with("http://") {
        return Ok(Some(text.to_owned()));
    }
    let message = "Not a valid URL: an explicit scheme (such as https) must be provided.".to_owned();
    Err(Refusal::parameter("url_invalid", name, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "mode=payment&success_url=https://x.example/ok&client_reference_id=pay_1&metadata[invoice]=inv_1\
        &line_items[0][price_data][currency]=USD&line_items[0][price_data][unit_amount]=15000\
        &line_items[0][price_data][product_data][name]=Session&line_items[0][quantity]=2\
        &line_items[1][price_data][currency]=usd&line_items[1][price_data][unit_amount]=500\
        &line_items[1][price_data][product_data][name]=Copy&line_items[1][quantity]=1";

    #[test]
    fn an_order_is_read_and_summed() {
        let order = Order::read(&Form::read(FORM.as_bytes()), 1_000).unwrap();
        assert_eq!((order.total, order.currency.as_str()), (30_500, "usd"));
        assert_eq!(order.metadata["invoice"], "inv_1");
        assert_eq!(order.client_reference_id.as_deref(), Some("pay_1"));
        assert_eq!(order.expires_at, 1_000 + LONGEST);
    }

    #[test]
    fn what_stripe_refuses_is_refused() {
        let wrong = [
            "&mode=subscription",
            "&mode=",
            "&success_url=",
            "&success_url=javascript:alert(1)",
            "&cancel_url=x.example",
            "&clientreference=1",
            "&expires_at=1799",
            "&expires_at=86401",
            "&expires_at=soon",
            "&expires_at=-9223372036854775808",
            "&line_items[1][price_data][currency]=eur",
            "&line_items[0][price_data][unit_amount]=1.5",
            "&line_items[0][price_data][unit_amount]=-1",
            "&line_items[0][price_data][unit_amount]=9223372036854775807",
            "&line_items[0][quantity]=0",
            "&line_items[0][price_data][product_data][name]=",
        ];
        for more in wrong {
            let form = Form::read(format!("{FORM}{more}").as_bytes());
            assert!(Order::read(&form, 0).is_err(), "{more}");
        }
        assert!(Order::read(&Form::read(b"mode=payment&success_url=https://x.example"), 0).is_err());
        assert!(Order::read(&Form::read(format!("{FORM}&expires_at=1800").as_bytes()), 0).is_ok());
    }
}
