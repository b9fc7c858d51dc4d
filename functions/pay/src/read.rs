use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::InvoiceId;
use caseload::web::view::billing::InvoiceView;
use caseload::web::{Anyone, Caller, Outcome, Path, Reply};

// J2
/// An invoice; a client gets it once it is issued.
#[utoipa::path(
    get, path = "/v1/invoices/{invoice_id}", tag = "pay", params(("invoice_id" = InvoiceId, Path)),
    responses((status = 200, body = InvoiceView))
)]
pub(crate) async fn read_invoice(State(app): State<App>, caller: Caller<Anyone>, Path(id): Path<InvoiceId>) -> Outcome {
    let asked = app.thing(&caller, Action::InvoiceRead, id).await?;
    let view = InvoiceView::new(&asked.subject, &asked.actor, asked.grant.at());
    Reply::ok_at(asked.subject.version, &view)
}
