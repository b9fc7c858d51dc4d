//! What a client's things come to, each summed up in an item of its own: read together, with the profile.

use super::item::Corrupt;
use super::keys::{self, Key, Place};
use super::lookup::{Items, Lookup};
use crate::domain::appointment::AppointmentSummary;
use crate::domain::ids::{ClientId, PracticeId};
use crate::domain::note::NoteTally;
use crate::domain::task::TaskTally;
use crate::domain::thread::Thread;

/// The sums of one client. Who has none of a kind has no sum of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    pub sessions: Option<AppointmentSummary>,
    pub tasks: Option<TaskTally>,
    pub notes: Option<NoteTally>,
    pub thread: Option<Thread>,
}

impl Sums {
    /// Asks for those of a client.
    #[must_use]
    pub fn of(practice: PracticeId, client: ClientId) -> SumsOf {
        SumsOf {
            sessions: keys::appointment_summary(practice, client),
            tasks: keys::task_tally(practice, client),
            notes: keys::note_tally(practice, client),
            thread: keys::thread(practice, client),
        }
    }
}

/// Where they stand.
#[derive(Debug, Clone)]
pub struct SumsOf {
    sessions: Key<AppointmentSummary>,
    tasks: Key<TaskTally>,
    notes: Key<NoteTally>,
    thread: Key<Thread>,
}

impl Lookup for SumsOf {
    type Found = Sums;

    fn places(&self, into: &mut Vec<Place>) {
        self.sessions.places(into);
        self.tasks.places(into);
        self.notes.places(into);
        self.thread.places(into);
    }

    fn find(self, items: &mut Items) -> Result<Sums, Corrupt> {
        Ok(Sums {
            sessions: self.sessions.find(items)?,
            tasks: self.tasks.find(items)?,
            notes: self.notes.find(items)?,
            thread: self.thread.find(items)?,
        })
    }
}
