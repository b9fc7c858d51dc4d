use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::file::{ATTACHED, check_names};
use caseload::domain::ids::{FileId, TaskId};
use caseload::domain::task::{Due, Repeat, Task};
use caseload::domain::text::{TaskText, TaskTitle};
use caseload::refusal::{Refusal, Stop};
use caseload::web::view::task::TaskView;
use caseload::web::{Anyone, Caller, Json, Outcome, Patch, Path, Reply, RequireMatch, file_places};
use caseload::workflows::retrying;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::attach;
use crate::found::Found;

/// A change of a task.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchTask {
    #[serde(default)]
    title: Patch<TaskTitle>,
    #[serde(default)]
    body: Patch<TaskText>,
    /// A new one is not over yet; the repetition goes on from it.
    #[serde(default)]
    due: Patch<Due>,
    #[serde(default)]
    repeat: Patch<Repeat>,
    /// All that are to be attached. What is taken off stays shared.
    #[serde(default)]
    #[schema(value_type = Option<Vec<FileId>>, max_items = 10)]
    file_ids: Patch<Vec<FileId>>,
}

impl PatchTask {
    /// Applies all but the files; names what changed.
    fn apply(&self, task: &mut Task, now: Timestamp, zone: &TimeZone) -> Result<Vec<&'static str>, Stop> {
        let Self { title, body, due, repeat, file_ids: _ } = self.clone();
        let mut fields = Vec::new();
        if title.require(&mut task.title, "/title").map_err(|bad| Refusal::fields(vec![bad]))? {
            fields.push("title");
        }
        if body.apply(&mut task.text) {
            fields.push("body");
        }
        let (mut on, mut again) = (task.due, task.repeat.clone());
        let (dated, repeated) = (due.apply(&mut on), repeat.apply(&mut again));
        if dated || repeated {
            task.reschedule(on, again, now, zone)??;
            fields.extend(["due", "repeat"]);
        }
        Ok(fields)
    }
}

// G1, G2
/// Changes the words, the date, the repetition or the files of a task.
#[utoipa::path(
    patch, path = "/v1/tasks/{task_id}", tag = "tasks", params(("task_id" = TaskId, Path)), request_body = PatchTask,
    responses((status = 200, body = TaskView), (status = 409))
)]
pub(crate) async fn update_task(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(id): Path<TaskId>,
    tag: RequireMatch,
    Json(body): Json<PatchTask>,
) -> Outcome {
    let named = match &body.file_ids {
        Patch::Set(ids) => ids.clone(),
        Patch::Null | Patch::Absent => Vec::new(),
    };
    check_names(&named, ATTACHED)?;
    // Another task may change what is counted; this one is changed as it was read.
    retrying(app.clock(), async || attempt(&app, &caller, (id, &tag), body.clone(), &named).await).await
}

async fn attempt(
    app: &App,
    caller: &Caller<Anyone>,
    (id, tag): (TaskId, &RequireMatch),
    body: PatchTask,
    named: &[FileId],
) -> Outcome {
    let practice = caller.practice();
    let places = file_places(practice, id.client(), named);
    let (mut found, files) = Found::with(app, caller, Action::TaskUpdate, id, places).await?;
    let mut attached = app.attached(&found.asked, &found.client, files).await?;
    tag.check(found.asked.subject.version)?;
    let (now, zone) = (found.asked.grant.at(), found.zone());
    let (mut tx, task) = (found.asked.tx(), &mut found.asked.subject);
    let before = task.slot();
    let mut fields = body.apply(task, now, &zone)?;
    let files = if body.file_ids.is_named() {
        fields.push("files");
        task.files = named.to_vec();
        tx.share_files(&mut attached);
        attach::by_id(attached)
    } else {
        attach::of(app, practice, task.files.iter().copied()).await?
    };
    task.edited_at = Some(now);
    if before != task.slot() {
        found.tally.shift(before, task.slot())?;
        tx.replace(&mut found.tally);
    }
    tx.save_task(task, &zone).touches(id).fields(fields);
    let reply = Reply::ok_at(found.asked.subject.version, &found.view(&files))?;
    app.finish(&found.asked, tx, reply).await
}
