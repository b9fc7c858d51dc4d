//! What a client's tasks come to, kept with each change: counted at any time without reading one of them (G3).

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Due, SetBy, Task, TaskRefusal, TaskStage};
use crate::domain::ids::{ClientId, PracticeId};

/// Where a task is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    pub by: SetBy,
    pub stage: TaskStage,
    /// None for what is done: it does not become overdue any more.
    pub due: Option<Due>,
}

impl Slot {
    /// Whether what is counted here is over and not done.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp, zone: &TimeZone) -> bool {
        self.stage != TaskStage::Done && self.due.is_some_and(|due| due.is_over(now, zone))
    }
}

/// The tasks of one client, counted. It stands in every transaction that changes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskTally {
    pub practice: PracticeId,
    pub client: ClientId,
    /// Grows by one with each change; 0 before the first.
    pub version: u64,
    /// How many, by side, step and due date. Nothing stands here with none.
    pub counts: BTreeMap<Slot, u32>,
}

impl TaskTally {
    /// The most tasks a client can have.
    pub const MAX: u32 = 5000;
    /// The most that are not done: their due dates are read with the profile.
    pub const MAX_OPEN: u32 = 500;

    /// No tasks yet.
    #[must_use]
    pub const fn empty(practice: PracticeId, client: ClientId) -> Self {
        Self { practice, client, version: 0, counts: BTreeMap::new() }
    }

    /// How many are counted in slots like this.
    pub fn count(&self, like: impl Fn(&Slot) -> bool) -> u32 {
        let counts = self.counts.iter().filter(|(slot, _)| like(slot));
        counts.map(|(_, count)| *count).fold(0, u32::saturating_add)
    }

    /// How many that one side has set are not done.
    #[must_use]
    pub fn open(&self, by: SetBy) -> u32 {
        self.count(|slot| slot.by == by && slot.stage != TaskStage::Done)
    }

    /// How many that one side has set are done.
    #[must_use]
    pub fn done(&self, by: SetBy) -> u32 {
        self.count(|slot| slot.by == by && slot.stage == TaskStage::Done)
    }

    /// How many are over at this moment and not done.
    #[must_use]
    pub fn overdue(&self, now: Timestamp, zone: &TimeZone) -> u32 {
        self.count(|slot| slot.is_overdue(now, zone))
    }

    /// How many of a hundred are done; none without tasks.
    #[must_use]
    pub fn done_share(&self) -> Option<u8> {
        let (done, all) = (self.count(|slot| slot.stage == TaskStage::Done), self.count(|_| true));
        u64::from(done).checked_mul(100)?.checked_div(u64::from(all)).and_then(|share| u8::try_from(share).ok())
    }

    /// Whether one more open task has room.
    pub fn check_room(&self) -> Result<(), TaskRefusal> {
        if self.count(|_| true) >= Self::MAX {
            return Err(TaskRefusal::TooMany);
        }
        self.check_open()
    }

    fn check_open(&self) -> Result<(), TaskRefusal> {
        let full = self.count(|slot| slot.stage != TaskStage::Done) >= Self::MAX_OPEN;
        if full { Err(TaskRefusal::TooManyOpen) } else { Ok(()) }
    }

    /// One comes, if there is room.
    pub fn add(&mut self, task: &Task) -> Result<(), TaskRefusal> {
        self.check_room()?;
        self.put(task.slot());
        Ok(())
    }

    /// One goes from one slot to another; what is opened again needs room.
    pub fn shift(&mut self, from: Slot, to: Slot) -> Result<(), TaskRefusal> {
        if from.stage == TaskStage::Done && to.stage != TaskStage::Done {
            self.check_open()?;
        }
        self.take(from);
        self.put(to);
        Ok(())
    }

    /// One goes.
    pub fn remove(&mut self, task: &Task) {
        self.take(task.slot());
    }

    fn put(&mut self, slot: Slot) {
        let count = self.counts.entry(slot).or_default();
        *count = count.saturating_add(1);
    }

    fn take(&mut self, slot: Slot) {
        if let Some(count) = self.counts.get_mut(&slot) {
            *count = count.saturating_sub(1);
        }
        self.counts.retain(|_, count| *count > 0);
    }
}
