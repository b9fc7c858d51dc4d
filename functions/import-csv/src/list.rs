use axum::extract::State;
use caseload::access::{Action, Resource, decide};
use caseload::app::App;
use caseload::domain::import_job::{Import, State as ImportState};
use caseload::domain::import_run::Run;
use caseload::store::keys;
use caseload::web::{Caller, Outcome, PageQuery, ProblemBody, Query, Reply, StaffOnly};
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
    responses((status = 200, body = ImportPage), (status = 400, body = ProblemBody))
)]
pub(crate) async fn list_imports(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let (practice, principal) = (caller.practice(), caller.identity.principal);
    let page = app.page(practice, &format!("imports {principal}"), &query)?;
    let partition = keys::imports_partition(practice);
    let (asked, found) = tokio::join!(
        app.practice(&caller, Action::ImportRead, &[]),
        app.store.list::<Import>(&partition, keys::IMPORTS, page.newest_first())
    );
    let (asked, (imports, more)) = (asked?, found?);
    let next_cursor = app.next_cursor(&page, &imports, more)?;
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
