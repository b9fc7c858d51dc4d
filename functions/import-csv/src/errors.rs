use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::ImportId;
use caseload::domain::import::error_sheet::ErrorSheet;
use caseload::domain::import::state::ImportRefusal;
use caseload::files::ImportObjects;
use caseload::refusal::Stop;
use caseload::web::{Caller, CsvReply, Path, Query, StaffOnly};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::load::load;

/// As much as one answer holds: Lambda lets 6 MB pass.
const LONGEST: usize = 4 * 1024 * 1024;

/// Where to go on, for a sheet that is too long for one answer.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadErrors {
    /// From the `Link` header of the answer before.
    part: Option<usize>,
}

// C5
/// The failed rows as they stood in the file, with an `error` column; corrected, it imports as it is.
///
/// A sheet that is too long comes in pieces, each with the header; `Link: <…>; rel="next"` says where the next one is.
#[utoipa::path(
    get, path = "/v1/imports/{import_id}/errors.csv", tag = "import-csv", params(("import_id" = ImportId, Path), ReadErrors),
    responses((status = 200, body = String, content_type = "text/csv", headers(
            ("content-disposition" = String, description = "An attachment with a name."),
            ("link" = String, description = "`<…>; rel=\"next\"`, where there is more.")
        )), (status = 409))
)]
pub(crate) async fn read_errors(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ImportId>,
    Query(query): Query<ReadErrors>,
) -> Result<CsvReply, Stop> {
    let asked = load(&app, &caller, Action::ImportReport, id).await?;
    let import = &asked.subject.import;
    let plan = import.plan().ok_or(ImportRefusal::NotReady)?;
    let objects = ImportObjects::new(import.practice, id);
    let (_, mut bytes) = ErrorSheet::of(plan);
    let mut next = None;
    if let Some(report) = import.report_at_hand(asked.subject.run.as_ref()) {
        let parts = report.parts.iter().enumerate().skip(query.part.unwrap_or(0));
        let mut first = true;
        for (number, _) in parts.filter(|(_, counts)| counts.failed > 0) {
            let part = app.files()?.get(&objects.errors(report, number)).await?;
            if !first && bytes.len() + part.len() > LONGEST {
                next = Some(format!("/v1/imports/{id}/errors.csv?part={number}"));
                break;
            }
            bytes.extend_from_slice(&part);
            first = false;
        }
    }
    Ok(CsvReply { name: format!("errors-{id}.csv"), bytes, next })
}
