use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::import::job::Import;
use caseload::domain::import::run::Run;
use caseload::store::keys;
use caseload::web::{Authorized, Caller, Outcome, PageQuery, Query, Reply, Shown, StaffOnly};
use serde::Serialize;
use utoipa::ToSchema;

use crate::view::ImportSummary;

/// A page of imports, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportPage {
    items: Vec<ImportSummary>,
    next_cursor: Option<String>,
}

/// The imports of the practice that the caller may see: all for an admin, else its own.
#[utoipa::path(
    get, path = "/v1/imports", tag = "import-csv", params(PageQuery),
    responses((status = 200, body = ImportPage))
)]
pub(crate) async fn list_imports(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let (practice, principal) = (caller.practice(), caller.identity.principal);
    let page = app.page(practice, &format!("imports {principal}"), &query)?;
    let list = keys::imports(practice);
    let asked = app.practice(&caller, Action::ImportRead);
    let sees =
        |asked: &Authorized<()>, import: &Import| asked.sees(Action::ImportRead, &Resource::import(Some(import)));
    let (asked, Shown { items: imports, next_cursor }) = app.visible_page(&page, &list, asked, sees).await?;
    let running = imports.iter().filter(|i| i.state.is_running());
    let wanted: Vec<_> = running.map(|import| keys::import_run(practice, import.id)).take(100).collect();
    let runs: Vec<Run> = app.store.load(wanted).await?.into_iter().flatten().collect();
    let item = |import: &Import| {
        let run = runs.iter().find(|run| run.import == import.id);
        ImportSummary::new(import, run, asked.grant.at())
    };
    let items = imports.iter().map(item).collect();
    Reply::ok(&ImportPage { items, next_cursor })
}
