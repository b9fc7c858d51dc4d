use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::InvoiceId;
use caseload::domain::invoice::Invoice;
use caseload::refusal::{Refusal, Stop};
use caseload::store::{Lookup, keys};
use caseload::web::view::billing::InvoiceView;
use caseload::web::{Anyone, Authorized, Caller, Kind, Outcome, Path, ProblemBody, Reply};

/// Authorizes an action on the client an invoice belongs to: 404 unless both are there.
pub(crate) async fn find_invoice<K: Kind, L: Lookup>(
    app: &App,
    caller: &Caller<K>,
    action: Action,
    id: InvoiceId,
    more: L,
) -> Result<(Authorized<Invoice>, L::Found), Stop> {
    let key = keys::invoice(caller.practice(), id);
    let (asked, (invoice, found)) = app.client_with(caller, action, id.client(), (key, more)).await?;
    let invoice = invoice.ok_or_else(Refusal::absent)?;
    Ok((asked.map(|_| invoice), found))
}

// J2
/// An invoice; a client gets it once it is issued.
#[utoipa::path(
    get, path = "/v1/invoices/{invoice_id}", tag = "pay", params(("invoice_id" = InvoiceId, Path)),
    responses((status = 200, body = InvoiceView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(crate) async fn read_invoice(State(app): State<App>, caller: Caller<Anyone>, Path(id): Path<InvoiceId>) -> Outcome {
    let (asked, ()) = find_invoice(&app, &caller, Action::InvoiceRead, id, ()).await?;
    let view = InvoiceView::new(&asked.subject, &asked.actor, asked.grant.at()).ok_or_else(Refusal::absent)?;
    Reply::ok_at(asked.subject.version, &view)
}
