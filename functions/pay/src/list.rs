use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::ClientId;
use caseload::store::keys;
use caseload::web::view::billing::InvoiceView;
use caseload::web::{Anyone, Caller, Outcome, PageQuery, Path, ProblemBody, Query, Reply};
use serde::Serialize;
use utoipa::ToSchema;

/// Invoices of a client, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvoiceList {
    items: Vec<InvoiceView>,
    next_cursor: Option<String>,
}

// J2
/// The invoices of a client; a client sees the issued ones, so that its pages may be shorter than asked for.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}/invoices", tag = "pay", params(("client_id" = ClientId, Path), PageQuery),
    responses((status = 200, body = InvoiceList), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody))
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
    // Read while the caller is looked at: one round trip. Nothing of it is told before the decision.
    let (asked, found) =
        tokio::join!(app.client(&caller, Action::InvoiceRead, client_id), app.store.list(&list, page.newest_first()),);
    let (asked, (invoices, more)) = (asked?, found?);
    let next_cursor = app.next_cursor(&page, &invoices, more)?;
    let items =
        invoices.iter().filter_map(|invoice| InvoiceView::new(invoice, &asked.actor, asked.grant.at())).collect();
    Reply::ok(&InvoiceList { items, next_cursor })
}
