use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::InvoiceId;
use caseload::domain::invoice::Invoice;
use caseload::store::keys::{self, Key};
use caseload::web::view::billing::InvoiceView;
use caseload::web::{Anyone, Authorized, Caller, Kind, Outcome, Path, Problem, ProblemBody, Reply};

/// Authorizes an action on the client an invoice belongs to: 404 unless both are there.
pub(crate) async fn find_invoice<K: Kind>(
    app: &App,
    caller: &Caller<K>,
    action: Action,
    id: InvoiceId,
    more: &[Key],
) -> Result<Authorized<Invoice>, Problem> {
    let key = keys::invoice(caller.practice(), id);
    let mut wanted = vec![key.clone()];
    wanted.extend_from_slice(more);
    let mut asked = app.client(caller, action, id.client(), &wanted).await?;
    let invoice = asked.items.take::<Invoice>(&key)?.ok_or_else(Problem::absent)?;
    Ok(asked.map(|_| invoice))
}

/// An invoice; a client gets it once it is issued (J2).
#[utoipa::path(
    get, path = "/v1/invoices/{invoice_id}", tag = "pay", params(("invoice_id" = InvoiceId, Path)),
    responses((status = 200, body = InvoiceView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(crate) async fn read_invoice(State(app): State<App>, caller: Caller<Anyone>, Path(id): Path<InvoiceId>) -> Outcome {
    let asked = find_invoice(&app, &caller, Action::InvoiceRead, id, &[]).await?;
    let view = InvoiceView::new(&asked.subject, &asked.actor, asked.grant.at()).ok_or_else(Problem::absent)?;
    Reply::ok_at(asked.subject.version, &view)
}
