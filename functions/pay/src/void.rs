use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::checkout::Checkout;
use caseload::domain::ids::{InvoiceId, PaymentId};
use caseload::domain::invoice::{Invoice, VoidRefusal};
use caseload::payments::Closed;
use caseload::refusal::{Refusal, Stop};
use caseload::store::keys;
use caseload::web::view::billing::StaffInvoiceView;
use caseload::web::{Authorized, Caller, Outcome, Path, Reply, StaffOnly};
use caseload::workflows::retrying;

// J2, J3
/// Takes an invoice back. A page that the client has open to pay it is closed first.
#[utoipa::path(
    post, path = "/v1/invoices/{invoice_id}/void", tag = "pay", params(("invoice_id" = InvoiceId, Path)),
    responses((status = 200, body = StaffInvoiceView), (status = 409))
)]
pub(crate) async fn void_invoice(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<InvoiceId>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = app.thing(&caller, Action::InvoiceVoid, id).await?;
        let now = asked.grant.at();
        let held = asked.subject.live_checkout(now).map(|checkout| checkout.payment);
        // Whether it may be taken back at all stands before anything is closed for it.
        asked.subject.clone().void(held, now)?;
        let mut freed = match held {
            Some(payment) => Some(close(&app, &asked, payment).await?),
            None => None,
        };
        asked.subject.void(held, now)?;
        let mut tx = asked.tx();
        tx.replace(&mut asked.subject).touches(id).fields(["state"]);
        let reply = Reply::ok_at(asked.subject.version, &StaffInvoiceView::new(&asked.subject, now))?;
        if let Some((checkout, others)) = &mut freed {
            tx.replace(checkout).touches(checkout.payment);
            for other in others {
                tx.replace(other);
            }
        }
        app.finish(&asked, tx, reply).await
    })
    .await
}

/// Closes a checkout at the provider; gives it back with the other invoices that are free again.
async fn close(app: &App, asked: &Authorized<Invoice>, payment: PaymentId) -> Result<(Checkout, Vec<Invoice>), Stop> {
    let practice = asked.practice.id;
    let found = app.store.load(keys::checkout(practice, payment)).await?;
    let mut checkout = found.ok_or_else(|| Refusal::broken("an invoice in a checkout that is not there"))?;
    let wanted: Vec<_> = checkout.bill.iter().map(|share| keys::invoice(practice, share.invoice)).collect();
    let mut others = Vec::new();
    for mut other in app.store.load(wanted).await?.into_iter().flatten() {
        if other.id != asked.subject.id && other.leave_checkout(payment) {
            others.push(other);
        }
    }
    // Without a session nobody was ever given an address to pay at.
    if let Some(session) = &checkout.session
        && app.payments()?.close_checkout(&session.id).await? == Closed::Paid
    {
        return Err(VoidRefusal::InCheckout.into());
    }
    checkout.expire();
    Ok((checkout, others))
}
