use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::ImportId;
use caseload::web::{Caller, Outcome, Path, Reply, StaffOnly};

use crate::load::load;
use crate::view::ImportView;

// C2, C9
/// Where an import stands, what its file holds, what is still to be answered.
#[utoipa::path(
    get, path = "/v1/imports/{import_id}", tag = "import-csv", params(("import_id" = ImportId, Path)),
    responses((status = 200, body = ImportView))
)]
pub(crate) async fn read_import(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ImportId>,
) -> Outcome {
    let asked = load(&app, &caller, Action::ImportRead, id).await?;
    let import = &asked.subject.import;
    Reply::ok_at(import.version, &ImportView::new(import, asked.subject.run.as_ref(), asked.grant.at()))
}
