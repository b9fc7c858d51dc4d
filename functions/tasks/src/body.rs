//! What a task is described by.

use caseload::domain::file::{ATTACHED, check_names};
use caseload::domain::ids::{FileId, TaskTemplateId};
use caseload::domain::session::PrincipalId;
use caseload::domain::task::{BadTask, Due, NewTask, Repeat, TaskKind, TaskTemplate, Wording};
use caseload::domain::text::{TaskText, TaskTitle};
use caseload::refusal::Refusal;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::ToSchema;

/// A task to be set.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateTask {
    /// Fills what is left out here. For staff.
    template_id: Option<TaskTemplateId>,
    /// Needed without a template.
    title: Option<TaskTitle>,
    body: Option<TaskText>,
    /// Homework is what staff sets, and what it is for staff unless given. A to-do for a client.
    kind: Option<TaskKind>,
    /// Not over yet. A day is over when it has ended in the practice's zone.
    due: Option<Due>,
    /// The next one appears when this one is done or over. Needs a due date.
    repeat: Option<Repeat>,
    /// Files of the same client, which the client then sees.
    #[schema(max_items = 10)]
    file_ids: Option<Vec<FileId>>,
    /// Whether the client is told by mail that there is a task, without what it is. For tasks that staff sets.
    #[serde(default)]
    notify: bool,
}

impl CreateTask {
    /// Refuses what needs no look at what is there.
    pub(crate) fn check(&self, by: PrincipalId) -> Result<(), Refusal> {
        if let PrincipalId::Client(_) = by {
            if self.kind == Some(TaskKind::Homework) {
                return Err(BadTask::Homework.into());
            }
            if self.template_id.is_some() {
                return Err(BadTask::NoTemplate.into());
            }
        }
        if self.title.is_none() && self.template_id.is_none() {
            return Err(BadTask::NoTitle.into());
        }
        Ok(check_names(self.file_ids(), ATTACHED)?)
    }

    pub(crate) const fn template_id(&self) -> Option<TaskTemplateId> {
        self.template_id
    }

    /// Whether the client is to be told.
    pub(crate) const fn notifies(&self, by: PrincipalId) -> bool {
        self.notify && by.is_staff()
    }

    pub(crate) fn file_ids(&self) -> &[FileId] {
        self.file_ids.as_deref().unwrap_or_default()
    }

    /// What is to be set now; `template` is what was found of the one that was named.
    pub(crate) fn filled(
        &self,
        by: PrincipalId,
        template: Option<TaskTemplate>,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<NewTask, BadTask> {
        let Self { template_id, title, body, kind, due, repeat, file_ids, notify: _ } = self.clone();
        if template_id.is_some() && template.is_none() {
            return Err(BadTask::NoTemplate);
        }
        let template = template.map(|template| template.wording);
        let usual = match by {
            PrincipalId::Staff(_) => TaskKind::Homework,
            PrincipalId::Client(_) => TaskKind::Todo,
        };
        let from = |wording: &Wording| (wording.title.clone(), wording.text.clone(), wording.kind);
        let (known, text, usual) = match template.as_ref().map(from) {
            Some((title, text, kind)) => (Some(title), text, kind),
            None => (None, None, usual),
        };
        let new = NewTask {
            title: title.or(known).ok_or(BadTask::NoTitle)?,
            text: body.or(text),
            kind: kind.unwrap_or(usual),
            due: due.or_else(|| template.as_ref()?.due(now, zone)),
            repeat: repeat.or_else(|| template.as_ref()?.repeat.clone()),
            files: file_ids.unwrap_or_default(),
        };
        new.check(now, zone)?;
        Ok(new)
    }
}
