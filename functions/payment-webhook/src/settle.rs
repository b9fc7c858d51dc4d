use caseload::access::Grant;
use caseload::app::App;
use caseload::domain::checkout::{Checkout, CheckoutState};
use caseload::domain::ids::{PaymentId, PracticeId};
use caseload::domain::invoice::Invoice;
use caseload::domain::payment::{Payment, PaymentState};
use caseload::payments::Session;
use caseload::refusal::Stop;
use caseload::store::{Conflict, Guard, StoreError, Taken, Tx, keys};
use serde::Serialize;
use utoipa::ToSchema;

/// What came of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    /// The invoices of a checkout are paid.
    Applied,
    /// Money came in that is not what we asked for: recorded, and no invoice changed.
    Unapplied,
    /// A checkout came to nothing; its invoices are free.
    Expired,
    /// It has taken effect before.
    Duplicate,
    /// It is not about anything of ours, or too late to matter.
    Ignored,
}

/// Pays the invoices of a checkout: event, payment, invoices, checkout and audit entry in one transaction (J7, PAY-4).
pub(crate) async fn settle(
    app: &App,
    grant: &Grant,
    once: &Guard,
    mut checkout: Checkout,
    session: &Session,
) -> Result<Effect, Stop> {
    let Some(received) = session.received() else {
        mismatch(checkout.practice, checkout.payment, "the event names no amount that can be counted");
        return Ok(Effect::Ignored);
    };
    if !checkout.expects(&received) {
        mismatch(checkout.practice, checkout.payment, "not the session or the amount that was asked for");
        let id = PaymentId::new(checkout.client(), app.new_id()?);
        let mut payment = Payment::unapplied(id, checkout.practice, received.amount, grant.at());
        payment.provider_checkout = Some(received.session);
        payment.provider_payment = received.payment;
        let mut tx = Tx::new(grant);
        tx.claim(once, Conflict::Taken(Taken::Event)).create(&payment).touches(id);
        return finish(app, tx, Effect::Unapplied).await;
    }
    if checkout.state == CheckoutState::Completed {
        return Ok(Effect::Ignored);
    }
    let mut invoices = invoices(app, &checkout).await?;
    let before = invoices.clone();
    let payment = checkout.settle(&mut invoices, &received, grant.at());
    let taken = match payment.state {
        PaymentState::Applied => Effect::Applied,
        PaymentState::Unapplied => {
            mismatch(checkout.practice, checkout.payment, "the invoices no longer owe the amount");
            Effect::Unapplied
        }
    };
    let mut tx = Tx::new(grant);
    tx.claim(once, Conflict::Taken(Taken::Event)).create(&payment).replace(&mut checkout).touches(payment.id);
    for (invoice, _) in invoices.iter_mut().zip(before).filter(|(invoice, before)| *invoice != before) {
        tx.replace(invoice).touches(invoice.id);
    }
    finish(app, tx, taken).await
}

/// Frees the invoices of a checkout that came to nothing. One that was paid or closed meanwhile stays as it is.
pub(crate) async fn free(
    app: &App,
    grant: &Grant,
    once: &Guard,
    mut checkout: Checkout,
    session: &Session,
) -> Result<Effect, Stop> {
    let ours = checkout.session.as_ref().is_some_and(|ours| ours.id == session.id);
    if !ours || checkout.state != CheckoutState::Open {
        return Ok(Effect::Ignored);
    }
    checkout.expire();
    let mut tx = Tx::new(grant);
    tx.claim(once, Conflict::Taken(Taken::Event)).replace(&mut checkout).touches(checkout.payment);
    for mut invoice in invoices(app, &checkout).await? {
        if invoice.leave_checkout(checkout.payment) {
            tx.replace(&mut invoice).touches(invoice.id);
        }
    }
    finish(app, tx, Effect::Expired).await
}

async fn invoices(app: &App, checkout: &Checkout) -> Result<Vec<Invoice>, Stop> {
    let wanted: Vec<_> = checkout.bill.iter().map(|share| keys::invoice(checkout.practice, share.invoice)).collect();
    Ok(app.store.load(wanted).await?.into_iter().flatten().collect())
}

async fn finish(app: &App, tx: Tx, taken: Effect) -> Result<Effect, Stop> {
    match app.store.commit(tx).await {
        Ok(()) => Ok(taken),
        Err(StoreError::Conflict(Conflict::Taken(_))) => Ok(Effect::Duplicate),
        Err(error) => Err(error.into()),
    }
}

/// For the alarm: money is there that no invoice accounts for.
fn mismatch(practice: PracticeId, payment: PaymentId, reason: &'static str) {
    tracing::error!(code = "payment_mismatch", %practice, %payment, reason, "payment");
}
