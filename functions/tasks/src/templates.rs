use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::TaskTemplateId;
use caseload::domain::task::{Repeat, TaskKind, TaskTemplate, TaskTemplates, Wording};
use caseload::domain::text::{TaskText, TaskTitle, TemplateName};
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::task::TaskTemplateView;
use caseload::web::{Caller, Json, Outcome, PageQuery, Patch, Path, Query, Reply, RequireMatch, Shown, StaffOnly};
use caseload::workflows::retrying;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A page of templates, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskTemplatePage {
    items: Vec<TaskTemplateView>,
    next_cursor: Option<String>,
}

/// A new template.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateTaskTemplate {
    /// What it is called where one is chosen.
    name: TemplateName,
    title: TaskTitle,
    body: Option<TaskText>,
    /// Homework unless given.
    kind: Option<TaskKind>,
    /// Due so many days after it is set; 0 is the same day.
    #[schema(maximum = 366)]
    due_in_days: Option<u16>,
    /// Needs the days until it is due.
    repeat: Option<Repeat>,
}

impl CreateTaskTemplate {
    fn wording(self) -> Wording {
        let Self { name, title, body, kind, due_in_days, repeat } = self;
        Wording { name, title, text: body, kind: kind.unwrap_or(TaskKind::Homework), due_in_days, repeat }
    }
}

/// A change of a template. Tasks that were made from it stay as they are.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchTaskTemplate {
    #[serde(default)]
    name: Patch<TemplateName>,
    #[serde(default)]
    title: Patch<TaskTitle>,
    #[serde(default)]
    body: Patch<TaskText>,
    #[serde(default)]
    kind: Patch<TaskKind>,
    #[serde(default)]
    due_in_days: Patch<u16>,
    #[serde(default)]
    repeat: Patch<Repeat>,
}

impl PatchTaskTemplate {
    /// Applies it; names what changed.
    fn apply(self, wording: &mut Wording) -> Result<Vec<&'static str>, Refusal> {
        let Self { name, title, body, kind, due_in_days, repeat } = self;
        let refused = |bad| Refusal::fields(vec![bad]);
        let named = [
            ("name", name.require(&mut wording.name, "/name").map_err(refused)?),
            ("title", title.require(&mut wording.title, "/title").map_err(refused)?),
            ("kind", kind.require(&mut wording.kind, "/kind").map_err(refused)?),
            ("body", body.apply(&mut wording.text)),
            ("due_in_days", due_in_days.apply(&mut wording.due_in_days)),
            ("repeat", repeat.apply(&mut wording.repeat)),
        ];
        wording.check()?;
        Ok(named.into_iter().filter(|(_, named)| *named).map(|(field, _)| field).collect())
    }
}

// G1
/// The practice's templates of tasks, newest first.
#[utoipa::path(
    get, path = "/v1/task-templates", tag = "tasks", params(PageQuery),
    responses((status = 200, body = TaskTemplatePage))
)]
pub(crate) async fn list_task_templates(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let practice = caller.practice();
    let page = app.page(practice, "task templates", &query)?;
    let asked = app.practice(&caller, Action::TaskTemplatesRead);
    let list = keys::task_templates(practice);
    let (_, Shown { items, next_cursor }) = app.visible_page(&page, &list, asked, |_, _| true).await?;
    Reply::ok(&TaskTemplatePage { items: items.iter().map(TaskTemplateView::new).collect(), next_cursor })
}

// G1
/// Adds a template, for everybody in the practice who sets tasks.
#[utoipa::path(
    post, path = "/v1/task-templates", tag = "tasks", request_body = CreateTaskTemplate,
    responses((status = 201, body = TaskTemplateView), (status = 409))
)]
pub(crate) async fn create_task_template(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Json(body): Json<CreateTaskTemplate>,
) -> Outcome {
    let (practice, id) = (caller.practice(), TaskTemplateId::from_uuid(app.new_id()?));
    let wording = body.wording();
    wording.check()?;
    retrying(app.clock(), async || {
        let wanted = keys::task_templates_tally(practice);
        let (asked, tally) = app.practice_with(&caller, Action::TaskTemplatesManage, wanted).await?;
        let mut tally = tally.unwrap_or_else(|| TaskTemplates::empty(practice));
        tally.add()?;
        let template =
            TaskTemplate { id, practice, version: 1, wording: wording.clone(), created_at: asked.grant.at() };
        let mut tx = asked.tx();
        tx.create(&template).replace(&mut tally).touches(id);
        let reply = Reply::created_at(template.version, &TaskTemplateView::new(&template))?;
        app.finish(&asked, tx, reply).await
    })
    .await
}

// G1
/// Changes a template; tasks that were made from it stay as they are.
#[utoipa::path(
    patch, path = "/v1/task-templates/{task_template_id}", tag = "tasks",
    params(("task_template_id" = TaskTemplateId, Path)), request_body = PatchTaskTemplate,
    responses((status = 200, body = TaskTemplateView))
)]
pub(crate) async fn update_task_template(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<TaskTemplateId>,
    tag: RequireMatch,
    Json(body): Json<PatchTaskTemplate>,
) -> Outcome {
    let wanted = keys::task_template(caller.practice(), id);
    let (asked, found) = app.practice_with(&caller, Action::TaskTemplatesManage, wanted).await?;
    let mut template = found.ok_or_else(Refusal::absent)?;
    tag.check(template.version)?;
    let fields = body.apply(&mut template.wording)?;
    let mut tx = asked.tx();
    tx.replace(&mut template).touches(id).fields(fields);
    let reply = Reply::ok_at(template.version, &TaskTemplateView::new(&template))?;
    app.finish(&asked, tx, reply).await
}

// G1
/// Deletes a template; tasks that were made from it stay.
#[utoipa::path(
    delete, path = "/v1/task-templates/{task_template_id}", tag = "tasks",
    params(("task_template_id" = TaskTemplateId, Path)),
    responses((status = 204))
)]
pub(crate) async fn delete_task_template(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<TaskTemplateId>,
    tag: RequireMatch,
) -> Outcome {
    let practice = caller.practice();
    retrying(app.clock(), async || {
        let wanted = (keys::task_template(practice, id), keys::task_templates_tally(practice));
        let (asked, (found, tally)) = app.practice_with(&caller, Action::TaskTemplatesManage, wanted).await?;
        let template = found.ok_or_else(Refusal::absent)?;
        tag.check(template.version)?;
        let mut tally = tally.unwrap_or_else(|| TaskTemplates::empty(practice));
        tally.remove();
        let mut tx = asked.tx();
        tx.delete(&template).replace(&mut tally).touches(id);
        app.finish(&asked, tx, Reply::empty()).await
    })
    .await
}
