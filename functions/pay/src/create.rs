use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::{ClientId, InvoiceId};
use caseload::domain::invoice::{Invoice, Line};
use caseload::domain::money::Money;
use caseload::domain::text::LineDescription;
use caseload::web::view::billing::StaffInvoiceView;
use caseload::web::{Caller, Json, Outcome, Path, Reply, StaffOnly};
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::ToSchema;

/// A new invoice.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateInvoice {
    #[schema(max_items = 100)]
    lines: Vec<CreateLine>,
    #[serde(default)]
    due_date: Option<Date>,
}

/// A line of it; the price is in the practice's currency.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateLine {
    description: LineDescription,
    #[schema(minimum = 1)]
    quantity: u32,
    unit_price: Money,
}

impl From<CreateLine> for Line {
    fn from(line: CreateLine) -> Self {
        let CreateLine { description, quantity, unit_price } = line;
        Self { description, quantity, unit_price }
    }
}

// J2
/// Drafts an invoice: without a number, and not for the client's eyes, until it is issued.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/invoices", tag = "pay", params(("client_id" = ClientId, Path)),
    request_body = CreateInvoice,
    responses((status = 201, body = StaffInvoiceView))
)]
pub(crate) async fn create_invoice(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(client_id): Path<ClientId>,
    Json(body): Json<CreateInvoice>,
) -> Outcome {
    let CreateInvoice { lines, due_date } = body;
    let asked = app.client(&caller, Action::InvoiceCreate, client_id).await?;
    let now = asked.grant.at();
    let lines = lines.into_iter().map(Line::from).collect();
    let id = InvoiceId::new(asked.subject.id, app.new_id()?);
    let invoice = Invoice::draft(id, asked.practice.id, asked.practice.currency, lines, due_date, now)?;
    let reply = Reply::created_at(invoice.version, &StaffInvoiceView::new(&invoice, now))?;
    let mut tx = asked.tx();
    tx.create(&invoice).touches(id);
    app.finish(&asked, tx, reply).await
}
