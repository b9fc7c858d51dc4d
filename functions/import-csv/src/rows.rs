use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::ImportId;
use caseload::domain::import::report::{RowOutcome, RowReport};
use caseload::files::ImportObjects;
use caseload::refusal::Refusal;
use caseload::web::{Caller, Outcome, PageQuery, Path, Query, Reply, StaffOnly};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::load::load;

/// Parts read for one page at most; a page may be short while there is more.
const PARTS: usize = 20;

/// Which rows.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListRows {
    /// Only those of this outcome.
    #[param(inline)]
    outcome: Option<RowOutcome>,
    /// 1 to 200, 50 unless told.
    limit: Option<u16>,
    /// From the page before.
    cursor: Option<String>,
}

/// What became of the rows, in the order of the file.
#[derive(Serialize, ToSchema)]
pub(crate) struct RowPage {
    items: Vec<RowReport>,
    next_cursor: Option<String>,
}

/// The first row not shown yet: its part, and its number in the part.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Position {
    part: usize,
    row: usize,
}

// C4, C7
/// What became of each row: file line, column, value, code, fix.
#[utoipa::path(
    get, path = "/v1/imports/{import_id}/rows", tag = "import-csv", params(("import_id" = ImportId, Path), ListRows),
    responses((status = 200, body = RowPage))
)]
pub(crate) async fn list_rows(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ImportId>,
    Query(query): Query<ListRows>,
) -> Outcome {
    let asked = load(&app, &caller, Action::ImportRead, id).await?;
    let import = &asked.subject.import;
    let Some(report) = import.report_at_hand(asked.subject.run.as_ref()) else {
        return Reply::ok(&RowPage { items: Vec::new(), next_cursor: None });
    };
    let list = format!("rows {id} {report} {:?} {}", query.outcome, caller.identity.principal);
    let page = app.page_of::<Position>(import.practice, &list, &PageQuery::new(query.limit, query.cursor))?;
    let (limit, mut at) = (page.limit, page.after.unwrap_or_default());
    let objects = ImportObjects::new(import.practice, id);
    let (mut items, mut read): (Vec<RowReport>, usize) = (Vec::new(), 0);
    while let Some(counts) = report.parts.get(at.part).filter(|_| items.len() < limit && read < PARTS) {
        if counts.of(query.outcome) > 0 {
            let bytes = app.files()?.get(&objects.rows(report, at.part)).await?;
            let rows: Vec<RowReport> = serde_json::from_slice(&bytes).map_err(Refusal::broken)?;
            read += 1;
            let total = rows.len();
            let mut left = rows.into_iter().enumerate().skip(at.row);
            for (number, row) in left.by_ref() {
                if query.outcome.is_none_or(|outcome| outcome == row.outcome) {
                    items.push(row);
                }
                at.row = number + 1;
                if items.len() == limit {
                    break;
                }
            }
            if at.row < total {
                break;
            }
        }
        at = Position { part: at.part + 1, row: 0 };
    }
    if !import.shows_clients() {
        // A client that the list does not show yet is nobody's to open, change or delete.
        items.iter_mut().filter(|row| row.outcome == RowOutcome::Created).for_each(|row| row.client_id = None);
    }
    let more = report.parts.iter().skip(at.part).any(|counts| counts.of(query.outcome) > 0);
    let next_cursor = more.then(|| app.cursor(&page, &at)).transpose()?;
    Reply::ok(&RowPage { items, next_cursor })
}
