use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::{ClientId, TaskId};
use caseload::domain::notifications::Topic;
use caseload::domain::session::PrincipalId;
use caseload::domain::task::{Task, TaskTally};
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::task::{TaskReader, TaskView};
use caseload::web::{Anyone, Caller, Json, Outcome, Path, Reply, file_places};
use caseload::workflows::{Reader, retrying};

use crate::attach;
use crate::body::CreateTask;

// G1, G2
/// Sets a client a task, or, as a client, oneself.
///
/// Files that are attached are shared with the client at the same moment.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/tasks", tag = "tasks", params(("client_id" = ClientId, Path)),
    request_body = CreateTask,
    responses((status = 201, body = TaskView), (status = 409))
)]
pub(crate) async fn create_task(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(client): Path<ClientId>,
    Json(body): Json<CreateTask>,
) -> Outcome {
    let (practice, principal) = (caller.practice(), caller.identity.principal);
    let id = TaskId::new(client, app.new_id()?);
    let action = match principal {
        PrincipalId::Staff(_) => Action::TaskAssign,
        PrincipalId::Client(_) => Action::TaskWriteOwn,
    };
    body.check(principal)?;
    retrying(app.clock(), async || {
        let wanted = (
            keys::task_tally(practice, client),
            keys::catalog(practice).required(),
            body.template_id().map(|id| keys::task_template(practice, id)),
            file_places(practice, client, body.file_ids()),
        );
        let (asked, (tally, catalog, template, files)) = app.client_with(&caller, action, client, wanted).await?;
        let (now, zone) = (asked.grant.at(), asked.practice.time_zone.time_zone());
        let by = asked.actor.principal().ok_or_else(Refusal::absent)?;
        let new = body.filled(by, template.flatten(), now, zone)?;
        let mut files = app.attached(&asked, &asked.subject, files).await?;
        let mut task = Task::new((id, practice, by), new, now, zone)?;
        let mut tally = tally.unwrap_or_else(|| TaskTally::empty(practice, client));
        tally.add(&task)?;
        let mut tx = asked.tx();
        tx.share_files(&mut files);
        // A client whose deletion has begun gets nothing new.
        tx.create_task(&mut task, zone).replace(&mut tally).unchanged(&asked.subject).touches(id);
        let (actor, practice, client) = (&asked.actor, &asked.practice, &asked.subject);
        let told = match body.notifies(principal) {
            true => app.notify(&mut tx, practice, Reader::Client(client), Topic::Tasks)?,
            false => None,
        };
        let files = attach::by_id(files);
        let view = TaskReader { actor, practice, client, catalog: &catalog, files: &files, now }.view(&task);
        let reply = Reply::created_at(task.version, &view)?;
        let reply = app.finish(&asked, tx, reply).await?;
        app.send_notice(told).await?;
        Ok(reply)
    })
    .await
}
