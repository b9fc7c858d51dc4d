//! The item of a client's task, and how one is saved: in the registry as long as another one comes after it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use super::{Guard, Tx};
use crate::domain::date::Day;
use crate::domain::ids::{FileId, PracticeId, TaskId};
use crate::domain::session::PrincipalId;
use crate::domain::task::{Count, Due, Every, Interval, Repeat, Series, Task, TaskKind, TaskState};
use crate::domain::text::{TaskText, TaskTitle};

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: TaskId,
    title: TaskTitle,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<TaskText>,
    kind: TaskKind,
    author: PrincipalId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<Due>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repeat: Option<RepeatRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    series: Option<SeriesRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<FileId>,
    state: StateRow,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edited_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    watched_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StateRow {
    Open,
    InProgress,
    Done { at: Timestamp, by: PrincipalId },
}

#[derive(Debug, Serialize, Deserialize)]
struct SeriesRow {
    first: TaskId,
    number: u32,
    wall: DateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<TaskId>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ended: bool,
}

impl From<Series> for SeriesRow {
    fn from(series: Series) -> Self {
        let Series { first, number, wall, next, ended } = series;
        Self { first, number, wall, next, ended }
    }
}

impl From<SeriesRow> for Series {
    fn from(row: SeriesRow) -> Self {
        let SeriesRow { first, number, wall, next, ended } = row;
        Self { first, number, wall, next, ended }
    }
}

/// A rule, as tasks and templates keep it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RepeatRow {
    every: Every,
    interval: Interval,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    on: BTreeSet<Day>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<Count>,
}

impl From<&Repeat> for RepeatRow {
    fn from(repeat: &Repeat) -> Self {
        let (every, interval, on, until, count) = repeat.parts();
        Self { every, interval, on: on.clone(), until, count }
    }
}

impl RepeatRow {
    pub(super) fn read(self, of: &'static str) -> Result<Repeat, Corrupt> {
        let Self { every, interval, on, until, count } = self;
        Repeat::new(every, interval, on, until, count).map_err(|_| Corrupt(of))
    }
}

crate::store::item::versioned!(Task);

impl Entity for Task {
    const NAME: &'static str = "task";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::task(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self {
            id,
            practice,
            version: _,
            title,
            text,
            kind,
            author,
            due,
            repeat,
            series,
            files,
            state,
            created_at,
            edited_at,
            watched_at,
        } = self.clone();
        let state = match state {
            TaskState::Open => StateRow::Open,
            TaskState::InProgress => StateRow::InProgress,
            TaskState::Done { at, by } => StateRow::Done { at, by },
        };
        Row {
            pid: practice.key(),
            id,
            title,
            text,
            kind,
            author,
            due,
            repeat: repeat.as_ref().map(RepeatRow::from),
            series: series.map(SeriesRow::from),
            files,
            state,
            created_at,
            edited_at,
            watched_at,
        }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row {
            pid,
            id,
            title,
            text,
            kind,
            author,
            due,
            repeat,
            series,
            files,
            state,
            created_at,
            edited_at,
            watched_at,
        } = row;
        let state = match state {
            StateRow::Open => TaskState::Open,
            StateRow::InProgress => TaskState::InProgress,
            StateRow::Done { at, by } => TaskState::Done { at, by },
        };
        Ok(Self {
            id,
            practice: PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?,
            version,
            title,
            text,
            kind,
            author,
            due,
            repeat: repeat.map(|repeat| repeat.read(Self::NAME)).transpose()?,
            series: series.map(Series::from),
            files,
            state,
            created_at,
            edited_at,
            watched_at,
        })
    }
}

impl Tx {
    /// Puts a new task, and into the registry if another one comes after it.
    pub fn create_task(&mut self, task: &mut Task, zone: &TimeZone) -> &mut Self {
        self.watch_task(task, task.watch(zone));
        self.create(task)
    }

    /// Puts a task in place of what was read of it; it stands in the registry where it has to be looked at next.
    pub fn save_task(&mut self, task: &mut Task, zone: &TimeZone) -> &mut Self {
        self.watch_task(task, task.watch(zone));
        self.replace(task)
    }

    /// Deletes a task; nothing comes after it any more.
    pub fn delete_task(&mut self, task: &mut Task) -> &mut Self {
        self.watch_task(task, None);
        self.delete(task)
    }

    fn watch_task(&mut self, task: &mut Task, at: Option<Timestamp>) {
        if at == task.watched_at {
            return;
        }
        if let Some(before) = task.watched_at {
            self.release(keys::task_watch(before.as_second(), task.id, task.practice));
        }
        if let Some(at) = at {
            self.put(&Guard::task_watch(task.practice, task.id, at));
        }
        task.watched_at = at;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::ClientId;
    use crate::domain::task::{NewTask, TaskStage};
    use crate::store::item::{from_item, to_item};

    // decision 18
    #[test]
    fn a_task_reads_back_in_every_state() {
        let client = ClientId::from_uuid(Uuid::from_u128(3));
        let id = |n| TaskId::new(client, Uuid::from_u128(n));
        let new = |due: Option<&str>, repeat| NewTask {
            title: TaskTitle::parse("Größe").unwrap(),
            text: TaskText::parse("Line\nby line").ok(),
            kind: TaskKind::Goal,
            due: due.map(|due| Due::parse(due).unwrap()),
            repeat: serde_json::from_value(repeat).unwrap(),
            files: vec![FileId::new(client, Uuid::from_u128(5))],
        };
        let (practice, by) = (PracticeId::from_uuid(Uuid::from_u128(1)), PrincipalId::Client(client));
        let (now, zone) = ("2026-12-01T10:00:00Z".parse().unwrap(), TimeZone::UTC);
        let set = |new| Task::new((id(4), practice, by), new, now, &zone).unwrap();
        let plain = set(new(None, json!(null)));
        let weekly = json!({"every": "week", "interval": 2, "on": ["mon", "fri"], "until": "2027-03-01"});
        let mut again = set(new(Some("2026-12-04T10:00:00Z"), weekly));
        again.watched_at = again.watch(&zone);
        let mut done = again.clone();
        done.step(TaskStage::Done, by, now);
        let next = done.follow(id(6), now, &zone).unwrap();
        let mut begun = plain.clone();
        begun.step(TaskStage::InProgress, by, now);
        begun.edited_at = Some(now);
        for task in [plain, again, done, next, begun] {
            assert_eq!(from_item::<Task>(to_item(&task).unwrap()), Ok(task));
        }
    }
}
