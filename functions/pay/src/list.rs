use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::ids::ClientId;
use caseload::domain::invoice::Invoice;
use caseload::store::keys;
use caseload::web::view::billing::InvoiceView;
use caseload::web::{Anyone, Authorized, Caller, Outcome, PageQuery, Path, Query, Reply, Shown};
use serde::Serialize;
use utoipa::ToSchema;

/// Invoices of a client, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvoiceList {
    items: Vec<InvoiceView>,
    next_cursor: Option<String>,
}

/// The invoices of a client; the client sees those that were issued.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}/invoices", tag = "pay", params(("client_id" = ClientId, Path), PageQuery),
    responses((status = 200, body = InvoiceList))
)]
pub(crate) async fn list_invoices(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(client_id): Path<ClientId>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let practice = caller.practice();
    let page = app.page(practice, &format!("invoices {client_id}"), &query)?;
    let list = keys::invoices(practice, client_id);
    let asked = app.client(&caller, Action::InvoiceRead, client_id);
    let sees = |asked: &Authorized<Client>, invoice: &Invoice| {
        asked.sees(Action::InvoiceRead, &Resource::invoice(Some((&asked.subject, invoice))))
    };
    let (asked, Shown { items, next_cursor }) = app.visible_page(&page, &list, asked, sees).await?;
    let view = |invoice: &Invoice| InvoiceView::new(invoice, &asked.actor, asked.grant.at());
    Reply::ok(&InvoiceList { items: items.iter().map(view).collect(), next_cursor })
}
