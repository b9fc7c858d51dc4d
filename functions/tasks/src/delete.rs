use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::TaskId;
use caseload::web::{Anyone, Caller, Outcome, Path, Reply, RequireMatch};
use caseload::workflows::retrying;

use crate::found::Found;

// G2, G3
/// Deletes a task; nothing comes after it any more. Its files stay.
#[utoipa::path(
    delete, path = "/v1/tasks/{task_id}", tag = "tasks", params(("task_id" = TaskId, Path)),
    responses((status = 204))
)]
pub(crate) async fn delete_task(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(id): Path<TaskId>,
    tag: RequireMatch,
) -> Outcome {
    // Another task may change what is counted; this one is deleted as it was read.
    retrying(app.clock(), async || {
        let Found { mut asked, mut tally, .. } = Found::of(&app, &caller, Action::TaskDelete, id).await?;
        tag.check(asked.subject.version)?;
        let mut tx = asked.tx();
        tally.remove(&asked.subject);
        tx.delete_task(&mut asked.subject).replace(&mut tally).touches(id);
        app.finish(&asked, tx, Reply::empty()).await
    })
    .await
}
