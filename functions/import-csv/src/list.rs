use axum::extract::State;
use caseload::access::{Action, Resource, decide};
use caseload::app::App;
use caseload::domain::import_job::{Import, State as ImportState};
use caseload::domain::import_run::Run;
use caseload::store::{Entity as _, Paging, keys};
use caseload::web::{Caller, Outcome, Problem, ProblemBody, Query, Reply, StaffOnly};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::view::ImportSummary;

/// Which page of the imports.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListImports {
    /// 1 to 200, 50 unless told.
    limit: Option<usize>,
    /// From the page before.
    cursor: Option<String>,
}

/// A page of imports, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportPage {
    items: Vec<ImportSummary>,
    next_cursor: Option<String>,
}

/// `limit` as every list takes it.
pub(crate) fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    match asked.unwrap_or(50) {
        limit @ 1..=200 => Ok(limit),
        _ => Err(Problem::malformed("invalid_parameter", "The query parameter limit must be 1 to 200.")),
    }
}

/// Refuses a cursor of another list.
pub(crate) fn foreign_cursor() -> Problem {
    Problem::malformed("cursor_invalid", "This cursor belongs to another list. Start from the first page.")
}

/// The imports of the practice that the caller may see: all for an admin, else its own.
#[utoipa::path(
    get, path = "/v1/imports", tag = "import-csv", params(ListImports),
    responses((status = 200, body = ImportPage), (status = 400, body = ProblemBody))
)]
pub(crate) async fn list_imports(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Query(query): Query<ListImports>,
) -> Outcome {
    let limit = limit(query.limit);
    let (practice, principal) = (caller.practice(), caller.identity.principal);
    let context = format!("imports {practice} {principal}");
    let opened = query.cursor.as_deref().map(|cursor| {
        let bytes = app.keys.open(&context, cursor).and_then(|bytes| String::from_utf8(bytes).ok());
        bytes.ok_or_else(foreign_cursor)
    });
    let after = opened.transpose();
    let partition = keys::imports_partition(practice);
    // A parameter that is wrong is told only to somebody who is signed in.
    let start = after.as_ref().ok().and_then(Option::as_deref);
    let page = Paging { newest_first: true, limit: *limit.as_ref().unwrap_or(&1), after: start };
    let (asked, found) = tokio::join!(
        app.practice(&caller, Action::ImportRead, &[]),
        app.store.list::<Import>(&partition, keys::IMPORTS, page)
    );
    let asked = asked?;
    limit?;
    after?;
    let (imports, more) = found?;
    let next_cursor = match imports.last().filter(|_| more) {
        Some(last) => Some(app.keys.seal(&context, last.key().sk.as_bytes())?),
        None => None,
    };
    let visible = |import: &Import| {
        decide(&asked.actor, Action::ImportRead, &Resource::import(Some(import)), &asked.practice).is_ok()
    };
    let imports: Vec<Import> = imports.into_iter().filter(visible).collect();
    let running = imports.iter().filter(|i| matches!(i.state, ImportState::DryRunning | ImportState::Committing));
    let wanted: Vec<keys::Key> = running.map(|import| keys::import_run(practice, import.id)).take(100).collect();
    let mut runs = app.store.load(&wanted).await?;
    let mut items = Vec::with_capacity(imports.len());
    for import in &imports {
        let run = runs.take::<Run>(&keys::import_run(practice, import.id))?;
        items.push(ImportSummary::new(import, run.as_ref(), asked.grant.at()));
    }
    Reply::ok(&ImportPage { items, next_cursor })
}
