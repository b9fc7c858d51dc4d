//! A task between a client and its therapist: set by one of them, done by the client (G1 to G3).
//!
//! One that comes again is one task at a time: the next appears when this one is done or over. What is to come is never
//! written down, so that a rule without an end costs nothing.

mod due;
mod repeat;
mod tally;
mod template;

pub use due::{Due, InvalidDue};
pub use repeat::{BadRepeat, Count, Every, Interval, Repeat};
pub use tally::{Slot, TaskTally};
pub use template::{TaskTemplate, TaskTemplates, Wording};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::ids::{FileId, PracticeId, TaskId};
use super::session::PrincipalId;
use super::text::{TaskText, TaskTitle};

/// What sort of task it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// From one session to the next; only staff sets it.
    Homework,
    /// Something to do.
    Todo,
    /// Something to reach.
    Goal,
    /// Something not to forget.
    Reminder,
}

/// Which side set a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SetBy {
    /// Somebody of the practice.
    Staff,
    /// The client itself.
    Client,
}

impl SetBy {
    /// The side of a principal.
    #[must_use]
    pub const fn of(principal: PrincipalId) -> Self {
        match principal {
            PrincipalId::Staff(_) => Self::Staff,
            PrincipalId::Client(_) => Self::Client,
        }
    }
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskStage {
    /// Not begun.
    Open,
    /// Begun.
    InProgress,
    /// Done.
    Done,
}

/// How far a task is, and who ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskState {
    Open,
    InProgress,
    Done { at: Timestamp, by: PrincipalId },
}

/// Why a task cannot be as it was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTask {
    /// Over before it begins.
    #[error("is over already; choose a time to come")]
    DueInPast,
    /// Comes again, and nobody knows when.
    #[error("needs a due date to repeat from")]
    RepeatNeedsDue,
    /// Ends before the first one.
    #[error("is before the task itself is due")]
    EndsBeforeDue,
    /// A client sets no homework.
    #[error("is what your therapist sets; choose todo, goal or reminder")]
    Homework,
    /// No such template in the practice.
    #[error("is not a template of your practice")]
    NoTemplate,
    /// Too long a time for a template.
    #[error("must be from 0 to 366 days")]
    TooFarAhead,
    /// Neither a title nor a template that has one.
    #[error("is required")]
    NoTitle,
}

impl BadTask {
    /// Which field, in the body that describes a task.
    #[must_use]
    pub fn pointer(self) -> String {
        match self {
            Self::DueInPast => "/due".to_owned(),
            Self::RepeatNeedsDue => "/repeat".to_owned(),
            Self::EndsBeforeDue => "/repeat/until".to_owned(),
            Self::Homework => "/kind".to_owned(),
            Self::NoTemplate => "/template_id".to_owned(),
            Self::TooFarAhead => "/due_in_days".to_owned(),
            Self::NoTitle => "/title".to_owned(),
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DueInPast => "due_in_past",
            Self::RepeatNeedsDue => "repeat_needs_due",
            Self::EndsBeforeDue | Self::TooFarAhead => "out_of_range",
            Self::Homework => "kind_not_allowed",
            Self::NoTemplate => "template_unknown",
            Self::NoTitle => "required",
        }
    }
}

/// Why something cannot be done with tasks as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TaskRefusal {
    /// As many as there may be.
    #[error("The client has 5000 tasks, which is as many as there can be. Delete some that are done.")]
    TooMany,
    /// As many as anybody could do.
    #[error("The client has 500 open tasks, which is as many as there can be. Mark some as done, or delete some.")]
    TooManyOpen,
    /// The next one goes on with the repetition.
    #[error("The next one of this task is there already. Change the repetition there.")]
    NextIsThere,
    /// As many templates as there may be.
    #[error("The practice has 200 task templates, which is as many as there can be. Delete one first.")]
    TooManyTemplates,
}

/// What somebody sets.
#[derive(Debug, Clone)]
pub struct NewTask {
    pub title: TaskTitle,
    pub text: Option<TaskText>,
    pub kind: TaskKind,
    pub due: Option<Due>,
    pub repeat: Option<Repeat>,
    pub files: Vec<FileId>,
}

impl NewTask {
    /// Refuses what cannot be: over before it begins, or again without a first time.
    pub fn check(&self, now: Timestamp, zone: &TimeZone) -> Result<(), BadTask> {
        if self.due.is_some_and(|due| due.is_over(now, zone)) {
            return Err(BadTask::DueInPast);
        }
        check_repeat(self.due, self.repeat.as_ref(), zone)
    }
}

fn check_repeat(due: Option<Due>, repeat: Option<&Repeat>, zone: &TimeZone) -> Result<(), BadTask> {
    match (due, repeat) {
        (_, None) => Ok(()),
        (None, Some(_)) => Err(BadTask::RepeatNeedsDue),
        (Some(due), Some(repeat)) if repeat.until().is_some_and(|until| until < due.wall(zone).date()) => {
            Err(BadTask::EndsBeforeDue)
        }
        (Some(_), Some(_)) => Ok(()),
    }
}

/// Which of a series a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Series {
    /// The first of them: the series' name.
    pub first: TaskId,
    /// The first is 1.
    pub number: u32,
    /// What calendar and clock were to say when it is due, whatever the clock really did that day.
    pub wall: DateTime,
    /// The one after it, once that is there.
    pub next: Option<TaskId>,
    /// It was looked for the next one, and there is none any more.
    pub ended: bool,
}

/// A task of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id, which carries the client's.
    pub id: TaskId,
    pub practice: PracticeId,
    /// Grows by one with each change; the `ETag`.
    pub version: u64,
    pub title: TaskTitle,
    pub text: Option<TaskText>,
    pub kind: TaskKind,
    /// Who set it.
    pub author: PrincipalId,
    pub due: Option<Due>,
    pub repeat: Option<Repeat>,
    /// None for a task that never repeated.
    pub series: Option<Series>,
    /// Attached, and shared with it.
    pub files: Vec<FileId>,
    pub state: TaskState,
    pub created_at: Timestamp,
    /// Its words, date, repetition or files were changed then.
    pub edited_at: Option<Timestamp>,
    /// When the schedule is to look whether the next one has to appear: where it stands in the registry.
    pub watched_at: Option<Timestamp>,
}

impl Task {
    /// One that was set just now.
    pub fn new(
        (id, practice, author): (TaskId, PracticeId, PrincipalId),
        new: NewTask,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Self, BadTask> {
        new.check(now, zone)?;
        let NewTask { title, text, kind, due, repeat, files } = new;
        let begins = |due: Due| Series { first: id, number: 1, wall: due.wall(zone), next: None, ended: false };
        Ok(Self {
            id,
            practice,
            version: 1,
            title,
            text,
            kind,
            author,
            due,
            series: due.filter(|_| repeat.is_some()).map(begins),
            repeat,
            files,
            state: TaskState::Open,
            created_at: now,
            edited_at: None,
            watched_at: None,
        })
    }

    /// How far it is.
    #[must_use]
    pub const fn stage(&self) -> TaskStage {
        match self.state {
            TaskState::Open => TaskStage::Open,
            TaskState::InProgress => TaskStage::InProgress,
            TaskState::Done { .. } => TaskStage::Done,
        }
    }

    /// Whether it is over and not done.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp, zone: &TimeZone) -> bool {
        self.stage() != TaskStage::Done && self.due.is_some_and(|due| due.is_over(now, zone))
    }

    /// Where it is counted.
    #[must_use]
    pub fn slot(&self) -> Slot {
        let stage = self.stage();
        Slot { by: SetBy::of(self.author), stage, due: self.due.filter(|_| stage != TaskStage::Done) }
    }

    // G3
    /// Takes a step, back included; `false` if it is there already: who has done it first stays.
    pub fn step(&mut self, to: TaskStage, by: PrincipalId, now: Timestamp) -> bool {
        if self.stage() == to {
            return false;
        }
        self.state = match to {
            TaskStage::Open => TaskState::Open,
            TaskStage::InProgress => TaskState::InProgress,
            TaskStage::Done => TaskState::Done { at: now, by },
        };
        true
    }

    /// Sets when it is due and how it comes again. What stays as it was may be over by now.
    pub fn reschedule(
        &mut self,
        due: Option<Due>,
        repeat: Option<Repeat>,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Result<(), BadTask>, TaskRefusal> {
        let repeats_otherwise = repeat != self.repeat;
        if repeats_otherwise && self.series.is_some_and(|series| series.next.is_some()) {
            return Err(TaskRefusal::NextIsThere);
        }
        if due != self.due && due.is_some_and(|due| due.is_over(now, zone)) {
            return Ok(Err(BadTask::DueInPast));
        }
        if let Err(bad) = check_repeat(due, repeat.as_ref(), zone) {
            return Ok(Err(bad));
        }
        if due != self.due || repeats_otherwise {
            // From here on it repeats from the new time.
            let begun = Series { first: self.id, number: 1, wall: DateTime::MIN, next: None, ended: false };
            let known = self.series.unwrap_or(begun);
            let moved = due.map(|due| Series { wall: due.wall(zone), ended: false, ..known });
            self.series = moved.filter(|_| repeat.is_some() || self.series.is_some());
        }
        (self.due, self.repeat) = (due, repeat);
        Ok(Ok(()))
    }

    /// When the schedule has to look at it: never, if nothing comes after it.
    #[must_use]
    pub fn watch(&self, zone: &TimeZone) -> Option<Timestamp> {
        let (due, repeat, series) = (self.due?, self.repeat.as_ref()?, self.series?);
        let awaited = series.next.is_none() && !series.ended && repeat.next(series.wall, series.number).is_some();
        awaited.then(|| due.over_at(zone))
    }

    /// Whether the next one has to appear now: this one is done, or over.
    #[must_use]
    pub fn is_followed(&self, now: Timestamp, zone: &TimeZone) -> bool {
        self.watch(zone).is_some()
            && (self.stage() == TaskStage::Done || self.due.is_some_and(|due| due.is_over(now, zone)))
    }

    /// The next one, which this one then knows of. One that nobody could have seen in time is left out; none if this was
    /// the last, which it then knows, too.
    pub fn follow(&mut self, id: TaskId, now: Timestamp, zone: &TimeZone) -> Option<Self> {
        let (due, repeat, series) = (self.due?, self.repeat.clone()?, self.series.as_mut()?);
        if series.next.is_some() {
            return None;
        }
        let step = |(wall, number): (DateTime, u32)| Some((repeat.next(wall, number)?, number + 1));
        let later = std::iter::successors(step((series.wall, series.number)), |last| step(*last));
        let mut dated = later.map_while(|(wall, number)| Some((wall, number, due.moved(wall, zone)?)));
        let Some((wall, number, due)) = dated.find(|(.., due)| !due.is_over(now, zone)) else {
            series.ended = true;
            return None;
        };
        series.next = Some(id);
        let following = Series { first: series.first, number, wall, next: None, ended: false };
        Some(Self {
            id,
            version: 1,
            due: Some(due),
            series: Some(following),
            state: TaskState::Open,
            created_at: now,
            edited_at: None,
            watched_at: None,
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests;
