use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::ExportId;
use caseload::web::{Caller, Outcome, Path, Reply, StaffOnly};

use crate::view::ExportView;

// X5
/// Where an export stands, for who asked for it.
#[utoipa::path(
    get, path = "/v1/exports/{export_id}", tag = "export-record", params(("export_id" = ExportId, Path)),
    responses((status = 200, body = ExportView))
)]
pub(crate) async fn read_export(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ExportId>,
) -> Outcome {
    let read = app.thing(&caller, Action::ClientRead, id).await?;
    let export = &read.subject;
    Reply::ok_at(export.version, &ExportView::new(export, read.grant.at()))
}
