//! Tasks that a practice sets often: words, and how long there is time (G1).

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::{BadTask, Due, Repeat, TaskKind, TaskRefusal};
use crate::domain::date::today;
use crate::domain::ids::{PracticeId, TaskTemplateId};
use crate::domain::text::{TaskText, TaskTitle, TemplateName};

/// What a template says of the tasks that are made from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// What it is called where one is chosen.
    pub name: TemplateName,
    pub title: TaskTitle,
    pub text: Option<TaskText>,
    pub kind: TaskKind,
    /// Due so many days after it is set; 0 is the same day.
    pub due_in_days: Option<u16>,
    pub repeat: Option<Repeat>,
}

impl Wording {
    /// The longest time there can be for it, in days.
    pub const MAX_DAYS: u16 = 366;

    /// Refuses what no task could be.
    pub fn check(&self) -> Result<(), BadTask> {
        match (self.due_in_days, &self.repeat) {
            (Some(days), _) if days > Self::MAX_DAYS => Err(BadTask::TooFarAhead),
            (None, Some(_)) => Err(BadTask::RepeatNeedsDue),
            _ => Ok(()),
        }
    }

    /// When a task is due that is set now.
    #[must_use]
    pub fn due(&self, now: Timestamp, zone: &TimeZone) -> Option<Due> {
        let days = i64::from(self.due_in_days?);
        today(now, zone).checked_add(days.days()).ok().map(Due::On)
    }
}

/// A template of a practice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskTemplate {
    pub id: TaskTemplateId,
    pub practice: PracticeId,
    /// Grows by one with each change; the `ETag`.
    pub version: u64,
    pub wording: Wording,
    pub created_at: Timestamp,
}

/// How many templates a practice has. It stands in every transaction that adds or deletes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskTemplates {
    pub practice: PracticeId,
    /// Grows by one with each change; 0 before the first.
    pub version: u64,
    pub count: u32,
}

impl TaskTemplates {
    /// The most a practice can have.
    pub const MAX: u32 = 200;

    /// None yet.
    #[must_use]
    pub const fn empty(practice: PracticeId) -> Self {
        Self { practice, version: 0, count: 0 }
    }

    /// One more, if there is room.
    pub const fn add(&mut self) -> Result<(), TaskRefusal> {
        if self.count >= Self::MAX {
            return Err(TaskRefusal::TooManyTemplates);
        }
        self.count += 1;
        Ok(())
    }

    /// One less.
    pub const fn remove(&mut self) {
        self.count = self.count.saturating_sub(1);
    }
}
