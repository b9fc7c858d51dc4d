use std::collections::BTreeSet;

use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::CODE_SEPARATOR;
use caseload::domain::checkout::{Checkout, bill};
use caseload::domain::client::Client;
use caseload::domain::ids::{ClientId, InvoiceId, PaymentId};
use caseload::domain::invoice::Invoice;
use caseload::domain::money::Money;
use caseload::domain::payment::Allocation;
use caseload::payments::CheckoutOrder;
use caseload::refusal::{Refusal, Stop};
use caseload::store::keys;
use caseload::web::{Authorized, Caller, Json, Outcome, Path, PortalOnly, ProblemBody, Reply};
use caseload::workflows::retrying;
use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// The most invoices paid at once.
const MAX_INVOICES: usize = 20;

/// Which invoices to pay.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckOut {
    #[serde(deserialize_with = "distinct")]
    #[schema(value_type = Vec<InvoiceId>, min_items = 1, max_items = 20)]
    invoice_ids: BTreeSet<InvoiceId>,
    /// A part of a single invoice's balance; without it everything that is left.
    #[serde(default)]
    amount: Option<Money>,
}

/// Where to pay.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckOutView {
    checkout_url: String,
    expires_at: Timestamp,
}

fn distinct<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<InvoiceId>, D::Error> {
    let refused = |code: &str, detail: String| D::Error::custom(format!("{code}{CODE_SEPARATOR}{detail}"));
    let ids = Vec::<InvoiceId>::deserialize(deserializer)?;
    let set: BTreeSet<InvoiceId> = ids.iter().copied().collect();
    match ids.len() {
        0 => Err(refused("required", "must name at least one invoice".to_owned())),
        count if count > MAX_INVOICES => Err(refused("too_many", format!("must be at most {MAX_INVOICES} invoices"))),
        count if count > set.len() => Err(refused("duplicate", "must name every invoice once".to_owned())),
        _ => Ok(set),
    }
}

// J3, E5
/// Opens a page to pay invoices at; for the same invoices again, the same page.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/checkout", tag = "pay", params(("client_id" = ClientId, Path)),
    request_body = CheckOut,
    responses(
        (status = 201, body = CheckOutView),
        (status = 409), (status = 503, body = ProblemBody)
    )
)]
pub(crate) async fn check_out(
    State(app): State<App>,
    caller: Caller<PortalOnly>,
    Path(client_id): Path<ClientId>,
    Json(body): Json<CheckOut>,
) -> Outcome {
    let wanted: Vec<_> = body.invoice_ids.iter().map(|id| keys::invoice(caller.practice(), *id)).collect();
    retrying(app.clock(), async || {
        let (asked, found) = app.client_with(&caller, Action::PayOnline, client_id, wanted.clone()).await?;
        if body.invoice_ids.iter().any(|id| id.client() != asked.subject.id) {
            return Err(Refusal::absent().into());
        }
        let mut invoices = found.into_iter().collect::<Option<Vec<Invoice>>>().ok_or_else(Refusal::absent)?;
        let bill = bill(&invoices, body.amount)?;
        let checkout = match open_checkouts(&app, &asked, &invoices, &bill).await? {
            OpenCheckouts::Same(checkout) => *checkout,
            OpenCheckouts::Unseen(unseen) => start(&app, &asked, &mut invoices, bill, unseen).await?,
        };
        open(&app, &asked, invoices, checkout).await
    })
    .await
}

/// The checkouts that invoices are in already.
enum OpenCheckouts {
    /// One for the same amounts: it goes on.
    Same(Box<Checkout>),
    /// None that anybody was shown the address of: another one may take their place.
    Unseen(Vec<Checkout>),
}

/// Looks for open checkouts of these invoices; one for other amounts that may be paid is in the way (J3).
async fn open_checkouts(
    app: &App,
    asked: &Authorized<Client>,
    invoices: &[Invoice],
    bill: &[Allocation],
) -> Result<OpenCheckouts, Stop> {
    let now = asked.grant.at();
    let held = invoices.iter().filter_map(|invoice| invoice.live_checkout(now)).map(|checkout| checkout.payment);
    let held: BTreeSet<PaymentId> = held.collect();
    let mut unseen = Vec::new();
    if held.is_empty() {
        return Ok(OpenCheckouts::Unseen(unseen));
    }
    let wanted: Vec<_> = held.into_iter().map(|payment| keys::checkout(asked.practice.id, payment)).collect();
    let checkouts = app.store.load(wanted).await?.into_iter().flatten();
    for found in checkouts.filter(|checkout| checkout.is_open(now)) {
        if found.bill == bill {
            return Ok(OpenCheckouts::Same(Box::new(found)));
        }
        if let Some(session) = &found.session {
            let detail = "One of the invoices is in another checkout. Pay there, or wait until it expires.";
            return Err(Refusal::conflict("checkout_open", detail)
                .with("checkout_url", session.url.as_str())
                .with("expires_at", found.expires_at.to_string())
                .into());
        }
        unseen.push(found);
    }
    Ok(OpenCheckouts::Unseen(unseen))
}

/// Writes the intent down before the provider hears of it (PAY-2).
async fn start(
    app: &App,
    asked: &Authorized<Client>,
    invoices: &mut [Invoice],
    bill: Vec<Allocation>,
    unseen: Vec<Checkout>,
) -> Result<Checkout, Stop> {
    let payment = PaymentId::new(asked.subject.id, app.new_id()?);
    let checkout = Checkout::start(payment, asked.practice.id, bill, asked.grant.at())?;
    checkout.hold(invoices);
    let mut tx = asked.tx();
    tx.create(&checkout).touches(payment);
    for invoice in invoices.iter_mut() {
        tx.replace(invoice).touches(invoice.id);
    }
    // Ended by this write, so that an answer of the provider still on its way cannot open them any more.
    for mut replaced in unseen {
        replaced.expire();
        tx.replace(&mut replaced).touches(replaced.payment);
    }
    app.store.commit(tx).await?;
    Ok(checkout)
}

/// Asks the provider for the page unless it has given one, and answers with it once it is written down.
async fn open(app: &App, asked: &Authorized<Client>, mut invoices: Vec<Invoice>, mut checkout: Checkout) -> Outcome {
    let mut tx = asked.tx();
    tx.touches(checkout.payment);
    if checkout.session.is_none() {
        let portal_url = app.portal_url(&asked.practice.slug);
        let order = CheckoutOrder { checkout: &checkout, invoices: &invoices, portal_url: &portal_url };
        match app.payments()?.create_checkout(&order).await {
            Ok(session) => checkout.opened(session),
            Err(error) if error.is_final() => {
                take_back(app, asked, &mut invoices, checkout).await?;
                return Err(error.into());
            }
            Err(error) => return Err(error.into()),
        }
        tx.replace(&mut checkout);
        // Voided or taken by another checkout meanwhile: then nobody may get this address.
        for invoice in &invoices {
            tx.unchanged(invoice);
        }
    }
    let Checkout { session, expires_at, .. } = &checkout;
    let checkout_url = session.as_ref().map(|session| session.url.clone());
    let checkout_url = checkout_url.ok_or_else(|| Refusal::broken("an opened checkout without an address"))?;
    let reply = Reply::created(&CheckOutView { checkout_url, expires_at: *expires_at })?;
    app.finish(asked, tx, reply).await
}

/// The provider takes no money for it: the invoices are free again.
async fn take_back(
    app: &App,
    asked: &Authorized<Client>,
    invoices: &mut [Invoice],
    mut checkout: Checkout,
) -> Result<(), Stop> {
    checkout.expire();
    let mut tx = asked.tx();
    tx.replace(&mut checkout).touches(checkout.payment);
    for invoice in invoices.iter_mut() {
        if invoice.leave_checkout(checkout.payment) {
            tx.replace(invoice).touches(invoice.id);
        }
    }
    Ok(app.store.commit(tx).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(ids: &[String]) -> Result<CheckOut, String> {
        let body = serde_json::json!({ "invoice_ids": ids });
        serde_json::from_value(body).map_err(|e| e.to_string())
    }

    // J3
    #[test]
    fn a_checkout_names_each_of_a_few_invoices_once() {
        let id = |n: usize| format!("inv_{}{n:026}", "0".repeat(26));
        assert_eq!(read(&[id(2), id(1)]).unwrap().invoice_ids.len(), 2);
        for (ids, code) in [
            (vec![], "required"),
            (vec![id(1), id(1)], "duplicate"),
            ((0..=MAX_INVOICES).map(id).collect(), "too_many"),
        ] {
            let message = read(&ids).unwrap_err();
            assert!(message.starts_with(&format!("{code}{CODE_SEPARATOR}")), "{message}");
        }
    }
}
