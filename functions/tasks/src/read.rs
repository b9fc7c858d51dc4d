use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::TaskId;
use caseload::web::view::task::TaskView;
use caseload::web::{Anyone, Caller, Outcome, Path, Reply};

use crate::attach;
use crate::found::Found;

// G1, G3
/// A task, with the files that are attached to it.
#[utoipa::path(
    get, path = "/v1/tasks/{task_id}", tag = "tasks", params(("task_id" = TaskId, Path)),
    responses((status = 200, body = TaskView))
)]
pub(crate) async fn read_task(State(app): State<App>, caller: Caller<Anyone>, Path(id): Path<TaskId>) -> Outcome {
    let found = Found::of(&app, &caller, Action::TaskRead, id).await?;
    let files = attach::of(&app, caller.practice(), found.asked.subject.files.iter().copied()).await?;
    Reply::ok_at(found.asked.subject.version, &found.view(&files))
}
