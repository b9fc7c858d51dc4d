use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::TaskId;
use caseload::domain::task::TaskStage;
use caseload::refusal::Refusal;
use caseload::web::view::task::TaskView;
use caseload::web::{Anyone, Caller, Json, Outcome, Path, Reply};
use caseload::workflows::retrying;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::attach;
use crate::found::Found;

/// How far a task is.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetTaskState {
    #[schema(inline)]
    state: TaskStage,
}

// G1, G3
/// Begins a task, marks it as done, or opens it again.
///
/// Who marks it as done first is who has done it; asking again changes nothing. The next one of a repeated task appears
/// at the same moment.
#[utoipa::path(
    post, path = "/v1/tasks/{task_id}/state", tag = "tasks", params(("task_id" = TaskId, Path)),
    request_body = SetTaskState,
    responses((status = 200, body = TaskView), (status = 409))
)]
pub(crate) async fn set_task_state(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(id): Path<TaskId>,
    Json(body): Json<SetTaskState>,
) -> Outcome {
    let following = TaskId::new(id.client(), app.new_id()?);
    retrying(app.clock(), async || {
        let mut found = Found::of(&app, &caller, Action::TaskComplete, id).await?;
        let (now, zone) = (found.asked.grant.at(), found.zone());
        let by = found.asked.actor.principal().ok_or_else(Refusal::absent)?;
        let mut tx = found.asked.tx();
        tx.touches(id);
        let Found { asked, client, tally, .. } = &mut found;
        let before = asked.subject.slot();
        let task = &mut asked.subject;
        if task.step(body.state, by, now) {
            tally.shift(before, task.slot())?;
            // Where there is no room the schedule looks again.
            let follows = task.stage() == TaskStage::Done && task.is_followed(now, &zone) && tally.check_room().is_ok();
            if let Some(mut next) = follows.then(|| task.follow(following, now, &zone)).flatten() {
                tally.add(&next)?;
                // A client whose deletion has begun gets nothing new.
                tx.create_task(&mut next, &zone).unchanged(client).touches(following);
            }
            tx.save_task(task, &zone).replace(tally).fields(["state"]);
        }
        let files = attach::of(&app, caller.practice(), found.asked.subject.files.iter().copied()).await?;
        let reply = Reply::ok_at(found.asked.subject.version, &found.view(&files))?;
        app.finish(&found.asked, tx, reply).await
    })
    .await
}
