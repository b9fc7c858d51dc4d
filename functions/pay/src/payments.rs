use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::ClientId;
use caseload::domain::invoice::{Invoice, InvoiceState};
use caseload::domain::money::{Currency, InvalidMoney, Money};
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::billing::PaymentView;
use caseload::web::{Anyone, Caller, Outcome, PageQuery, Path, Query, Reply, Shown};
use serde::Serialize;
use utoipa::ToSchema;

/// Payments and refunds, newest first, and what is left to pay.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentTimeline {
    items: Vec<PaymentView>,
    /// The sum of what is left to pay of the open invoices.
    balance: Money,
    next_cursor: Option<String>,
}

// J1
/// The payment timeline of a client.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}/payments", tag = "pay", params(("client_id" = ClientId, Path), PageQuery),
    responses((status = 200, body = PaymentTimeline))
)]
pub(crate) async fn list_payments(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(client_id): Path<ClientId>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let practice = caller.practice();
    let page = app.page(practice, &format!("payments {client_id}"), &query)?;
    let (payments, invoices) = (keys::payments(practice, client_id), keys::invoices(practice, client_id));
    let asked = app.client(&caller, Action::PaymentTimeline, client_id);
    // Whoever may read the timeline sees every payment in it.
    let (shown, invoices) =
        tokio::join!(app.visible_page(&page, &payments, asked, |_, _| true), app.store.all(&invoices));
    let (asked, Shown { items: mut payments, next_cursor }) = shown?;
    let balance = balance(&invoices?, asked.practice.currency).map_err(Refusal::broken)?;
    // The table orders by the start of the checkout; who starts first may pay last.
    payments.sort_by_key(|payment| std::cmp::Reverse(payment.received_at));
    let items = payments.into_iter().map(|payment| PaymentView::new(payment, &asked.actor)).collect();
    Reply::ok(&PaymentTimeline { items, balance, next_cursor })
}

fn balance(invoices: &[Invoice], currency: Currency) -> Result<Money, InvalidMoney> {
    let open = invoices.iter().filter(|invoice| invoice.state == InvoiceState::Open);
    open.map(Invoice::balance).try_fold(Money::zero(currency), Money::plus)
}
