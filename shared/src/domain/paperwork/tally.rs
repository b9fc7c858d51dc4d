//! What a client's paperwork comes to, kept with each change: counted at any time without reading one packet.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::PaperworkRefusal;
use crate::domain::ids::{ClientId, PracticeId};
use crate::domain::task::Due;

/// The packets of one client, counted. It stands in every transaction that sends, submits or withdraws one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PacketTally {
    pub practice: PracticeId,
    pub client: ClientId,
    /// Grows by one with each change; 0 before the first.
    pub version: u64,
    /// How many are open, by due date. Nothing stands here with none.
    pub open: BTreeMap<Option<Due>, u32>,
    /// How many are submitted.
    pub submitted: u32,
    /// How many of those nobody of the staff has opened.
    pub unseen: u32,
}

impl PacketTally {
    /// The most that are open.
    pub const MAX_OPEN: u32 = 50;
    /// The most altogether.
    pub const MAX: u32 = 1000;

    /// No packets yet.
    #[must_use]
    pub const fn empty(practice: PracticeId, client: ClientId) -> Self {
        Self { practice, client, version: 0, open: BTreeMap::new(), submitted: 0, unseen: 0 }
    }

    /// How many are open.
    #[must_use]
    pub fn open(&self) -> u32 {
        self.open.values().copied().fold(0, u32::saturating_add)
    }

    /// How many are open and over at this moment.
    #[must_use]
    pub fn overdue(&self, now: Timestamp, zone: &TimeZone) -> u32 {
        let over = |due: &Option<Due>| due.is_some_and(|due| due.is_over(now, zone));
        self.open.iter().filter(|(due, _)| over(due)).map(|(_, count)| *count).fold(0, u32::saturating_add)
    }

    /// One comes, if there is room.
    pub fn add(&mut self, due: Option<Due>) -> Result<(), PaperworkRefusal> {
        if self.open() >= Self::MAX_OPEN {
            return Err(PaperworkRefusal::TooManyOpen);
        }
        if self.open().saturating_add(self.submitted) >= Self::MAX {
            return Err(PaperworkRefusal::TooMany);
        }
        let count = self.open.entry(due).or_default();
        *count = count.saturating_add(1);
        Ok(())
    }

    /// One is taken back.
    pub fn withdraw(&mut self, due: Option<Due>) {
        if let Some(count) = self.open.get_mut(&due) {
            *count = count.saturating_sub(1);
        }
        self.open.retain(|_, count| *count > 0);
    }

    /// One is submitted.
    pub fn submit(&mut self, due: Option<Due>) {
        self.withdraw(due);
        self.submitted = self.submitted.saturating_add(1);
        self.unseen = self.unseen.saturating_add(1);
    }

    /// Somebody of the staff opens a submitted one for the first time.
    pub const fn see(&mut self) {
        self.unseen = self.unseen.saturating_sub(1);
    }
}
