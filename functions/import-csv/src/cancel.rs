use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::ImportId;
use caseload::store::{Tx, keys};
use caseload::web::{Caller, Outcome, Path, Reply, StaffOnly};
use caseload::workflows::retrying;

use crate::load::load;
use crate::view::ImportView;

/// Ends an import before anything was written.
#[utoipa::path(
    post, path = "/v1/imports/{import_id}/cancel", tag = "import-csv", params(("import_id" = ImportId, Path)),
    responses((status = 200, body = ImportView), (status = 409))
)]
pub(crate) async fn cancel_import(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ImportId>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = load(&app, &caller, Action::ImportChange, id).await?;
        let now = asked.grant.at();
        let import = &mut asked.subject.import;
        import.cancel(now)?;
        let mut tx = Tx::new(&asked.grant);
        tx.replace(import).touches(id);
        let reply = Reply::ok_at(import.version, &ImportView::new(import, None, now))?;
        if asked.subject.run.is_some() {
            // A rehearsal under way loses its lease with it.
            tx.release(keys::import_run(caller.practice(), id));
        }
        app.finish(&asked, tx, reply).await
    })
    .await
}
