use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::author::AuthorView;
use super::{ToClient, ToStaff};
use crate::access::{Action, Actor, Resource, decide};
use crate::domain::catalog::Catalog;
use crate::domain::client::Client;
use crate::domain::file::{ContentType, File};
use crate::domain::ids::{ClientId, FileId, TaskId, TaskTemplateId};
use crate::domain::practice::Practice;
use crate::domain::session::PrincipalId;
use crate::domain::task::{Due, Repeat, Series, Task, TaskKind, TaskStage, TaskState, TaskTemplate, Wording};
use crate::web::ETag;

/// A file that is attached to something, as far as its reader may see it.
#[derive(Serialize, ToSchema)]
pub struct AttachedFileView {
    id: FileId,
    name: String,
    content_type: ContentType,
    size: u64,
}

/// What its reader can do with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskOffer {
    /// Change its words, its date, its repetition, its files.
    Edit,
    /// Begin it, mark it as done, open it again.
    SetState,
    Delete,
}

/// Which of a series a task is.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesView {
    /// The same for all of them: the id of the first one.
    id: TaskId,
    /// The first one is 1.
    number: u32,
    /// The one after it, once that is there.
    next: Option<TaskId>,
}

/// What both sides see of a task.
#[derive(Serialize, ToSchema)]
pub struct TaskParts {
    id: TaskId,
    kind: TaskKind,
    title: String,
    body: Option<String>,
    due: Option<Due>,
    repeat: Option<Repeat>,
    /// Null for a task that never repeated.
    series: Option<SeriesView>,
    state: TaskStage,
    /// Its due date is over, and it is not done.
    overdue: bool,
    done_at: Option<Timestamp>,
    done_by: Option<AuthorView>,
    /// Who set it.
    assigned_by: AuthorView,
    /// The files its reader may see.
    files: Vec<AttachedFileView>,
    created_at: Timestamp,
    edited_at: Option<Timestamp>,
    allowed_actions: Vec<TaskOffer>,
    /// For `If-Match` when it is changed or deleted.
    etag: ETag,
}

/// A task, as staff sees it.
#[derive(Serialize, ToSchema)]
pub struct StaffTaskView {
    #[schema(inline)]
    shown_to: ToStaff,
    client_id: ClientId,
    #[serde(flatten)]
    task: TaskParts,
}

/// A task, as the client sees it in the portal.
#[derive(Serialize, ToSchema)]
pub struct PortalTaskView {
    #[schema(inline)]
    shown_to: ToClient,
    #[serde(flatten)]
    task: TaskParts,
}

/// A task, as its reader may see it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "shown_to", mapping(("staff" = "#/components/schemas/StaffTaskView"), ("client" = "#/components/schemas/PortalTaskView"))))]
pub enum TaskView {
    Staff(Box<StaffTaskView>),
    Portal(Box<PortalTaskView>),
}

crate::domain::prints_its_name!(AttachedFileView);
crate::domain::prints_its_name!(TaskParts);
crate::domain::prints_its_name!(StaffTaskView);
crate::domain::prints_its_name!(PortalTaskView);
crate::domain::prints_its_name!(TaskView);

/// Who reads tasks of a client, and what is needed to show them.
#[derive(Debug, Clone, Copy)]
pub struct TaskReader<'a> {
    pub actor: &'a Actor,
    pub practice: &'a Practice,
    pub client: &'a Client,
    pub catalog: &'a Catalog,
    /// Those that are attached, whoever may see them.
    pub files: &'a BTreeMap<FileId, File>,
    pub now: Timestamp,
}

impl TaskReader<'_> {
    /// What this reader sees of a task now.
    #[must_use]
    pub fn view(&self, task: &Task) -> TaskView {
        match self.actor {
            Actor::Staff(_) => TaskView::Staff(Box::new(self.staff_view(task))),
            Actor::Client(_) | Actor::Holder(_) | Actor::Anonymous | Actor::System(_) => {
                TaskView::Portal(Box::new(PortalTaskView { shown_to: ToClient, task: self.parts(task) }))
            }
        }
    }

    /// What staff sees of it now.
    #[must_use]
    pub fn staff_view(&self, task: &Task) -> StaffTaskView {
        StaffTaskView { shown_to: ToStaff, client_id: task.id.client(), task: self.parts(task) }
    }

    fn may(&self, action: Action, resource: &Resource) -> bool {
        decide(self.actor, action, resource, self.practice).is_ok()
    }

    fn author(&self, principal: PrincipalId) -> AuthorView {
        AuthorView::new(principal, self.client, self.catalog)
    }

    fn parts(&self, task: &Task) -> TaskParts {
        let overdue = task.is_overdue(self.now, self.practice.time_zone.time_zone());
        let state = task.stage();
        let Task {
            id,
            practice: _,
            version,
            title,
            text,
            kind,
            author,
            due,
            repeat,
            series,
            files,
            state: ended,
            created_at,
            edited_at,
            watched_at: _,
        } = task;
        let (done_at, done_by) = match *ended {
            TaskState::Done { at, by } => (Some(at), Some(self.author(by))),
            TaskState::Open | TaskState::InProgress => (None, None),
        };
        TaskParts {
            id: *id,
            kind: *kind,
            title: title.as_str().to_owned(),
            body: text.as_ref().map(|text| text.as_str().to_owned()),
            due: *due,
            repeat: repeat.clone(),
            series: series.map(|Series { first, number, next, .. }| SeriesView { id: first, number, next }),
            state,
            overdue,
            done_at,
            done_by,
            assigned_by: self.author(*author),
            files: files.iter().filter_map(|id| self.file(*id)).collect(),
            created_at: *created_at,
            edited_at: *edited_at,
            allowed_actions: self.offers(task),
            etag: ETag::new(*version),
        }
    }

    fn file(&self, id: FileId) -> Option<AttachedFileView> {
        let file = self.files.get(&id)?;
        let seen = self.may(Action::FileRead, &Resource::file(Some((self.client, file))));
        seen.then(|| AttachedFileView {
            id,
            name: file.name.as_str().to_owned(),
            content_type: file.content_type,
            size: file.size.bytes(),
        })
    }

    fn offers(&self, task: &Task) -> Vec<TaskOffer> {
        let about = Resource::task(Some((self.client, task)));
        let offers = [
            (TaskOffer::Edit, Action::TaskUpdate),
            (TaskOffer::SetState, Action::TaskComplete),
            (TaskOffer::Delete, Action::TaskDelete),
        ];
        offers.into_iter().filter(|(_, action)| self.may(*action, &about)).map(|(offer, _)| offer).collect()
    }
}

/// A template of tasks.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskTemplateView {
    id: TaskTemplateId,
    name: String,
    title: String,
    body: Option<String>,
    kind: TaskKind,
    /// Due so many days after it is set.
    due_in_days: Option<u16>,
    repeat: Option<Repeat>,
    created_at: Timestamp,
    /// For `If-Match` when it is changed or deleted.
    etag: ETag,
}

impl TaskTemplateView {
    /// The template as it is now.
    #[must_use]
    pub fn new(template: &TaskTemplate) -> Self {
        let TaskTemplate { id, practice: _, version, wording, created_at } = template;
        let Wording { name, title, text, kind, due_in_days, repeat } = wording;
        Self {
            id: *id,
            name: name.as_str().to_owned(),
            title: title.as_str().to_owned(),
            body: text.as_ref().map(|text| text.as_str().to_owned()),
            kind: *kind,
            due_in_days: *due_in_days,
            repeat: repeat.clone(),
            created_at: *created_at,
            etag: ETag::new(*version),
        }
    }
}
