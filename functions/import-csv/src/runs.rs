use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::ids::ImportId;
use caseload::domain::import::job::{Import, Start};
use caseload::domain::import::state::ImportRefusal;
use caseload::files::ImportObjects;
use caseload::web::{Caller, Outcome, Path, Reply, StaffOnly};
use caseload::workflows::retrying;
use jiff::Timestamp;

use crate::load::load;
use crate::view::ImportView;

// C4
/// Rehearses an import: every row is decided, none is written.
#[utoipa::path(
    post, path = "/v1/imports/{import_id}/dry-run", tag = "import-csv", params(("import_id" = ImportId, Path)),
    responses((status = 202, body = ImportView), (status = 409))
)]
pub(crate) async fn dry_run_import(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ImportId>,
) -> Outcome {
    start(&app, &caller, id, Import::rehearse, ImportObjects::dry_run).await
}

// C7, C10, C8
/// Writes the rows of an import. No mail leaves. Asking again while they are written starts nothing twice.
#[utoipa::path(
    post, path = "/v1/imports/{import_id}/commit", tag = "import-csv", params(("import_id" = ImportId, Path)),
    responses((status = 202, body = ImportView), (status = 409))
)]
pub(crate) async fn commit_import(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ImportId>,
) -> Outcome {
    start(&app, &caller, id, Import::commit, ImportObjects::commit).await
}

/// The state first, then the manifest that wakes the worker, then the kept answer: a repetition after a crash in between
/// wakes it again instead of repeating an answer that nothing followed.
async fn start(
    app: &App,
    caller: &Caller<StaffOnly>,
    id: ImportId,
    begin: fn(&mut Import, Timestamp) -> Result<Start, ImportRefusal>,
    manifest: fn(ImportObjects) -> String,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = load(app, caller, Action::ImportChange, id).await?;
        app.decide_also(&asked, Action::ClientCreate, &Resource::Practice).await?;
        let now = asked.grant.at();
        let run = match begin(&mut asked.subject.import, now)? {
            Start::Again => asked.subject.run.clone(),
            Start::New(run) => {
                let mut tx = asked.tx();
                tx.replace(&mut asked.subject.import).create(&*run).touches(id);
                app.store.commit(tx).await?;
                Some(*run)
            }
        };
        let key = manifest(ImportObjects::new(caller.practice(), id));
        app.files()?.put(&key, "application/json", b"{}".to_vec()).await?;
        let reply = Reply::accepted_at(
            asked.subject.import.version,
            &ImportView::new(&asked.subject.import, run.as_ref(), now),
        )?;
        if asked.answer_place().is_some() { app.finish(&asked, asked.tx(), reply).await } else { Ok(reply) }
    })
    .await
}
