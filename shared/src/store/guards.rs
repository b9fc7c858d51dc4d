//! Guards: items whose only point is that there can be one of them. Uniqueness comes from here, never from an index.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key, Place};
use super::{Paging, Store, StoreError};
use crate::domain::date::today;
use crate::domain::ids::{AppointmentId, ClientId, NoteId, PracticeId, StaffId, TaskId};
use crate::domain::practice::Slug;

/// What somebody else holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// The name of a portal.
    Slug,
    /// The address a client signs in with.
    LoginAddress,
    /// The address of somebody in the team.
    TeamAddress,
    /// A person, by another practice.
    Identity,
    /// The effect of a payment event.
    Event,
}

/// A guard and who holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    key: Key<Self>,
    /// The practice that holds it.
    pub practice: PracticeId,
    /// The id, as text, of what holds it.
    pub owner: String,
}

impl Guard {
    /// The name of a portal.
    #[must_use]
    pub fn slug(slug: &Slug, practice: PracticeId) -> Self {
        Self { key: keys::slug_guard(slug), practice, owner: practice.to_string() }
    }

    /// A deleted note that nobody can have back from this instant on.
    #[must_use]
    pub fn note_purge(practice: PracticeId, note: NoteId, from: Timestamp) -> Self {
        let day = today(from, &TimeZone::UTC);
        Self { key: keys::note_purge(day, note, practice), practice, owner: note.to_string() }
    }

    /// A session about which this staff member has a signed note.
    #[must_use]
    pub fn noted_session(practice: PracticeId, staff: StaffId, appointment: AppointmentId) -> Self {
        let key = keys::noted_session(practice, staff, appointment);
        Self { key, practice, owner: appointment.to_string() }
    }

    /// A login address within a practice; the hash is keyed.
    #[must_use]
    pub fn login(practice: PracticeId, hash: &str, owner: impl ToString) -> Self {
        Self { key: keys::login_guard(practice, hash), practice, owner: owner.to_string() }
    }

    /// The address of a staff member, or of somebody invited to be one, within a practice; the hash is keyed.
    #[must_use]
    pub fn staff_address(practice: PracticeId, hash: &str, staff: StaffId) -> Self {
        Self { key: keys::staff_address(practice, hash), practice, owner: staff.to_string() }
    }

    /// A staff identity: one practice at a time (decision 7).
    #[must_use]
    pub fn staff_identity(hash: &str, practice: PracticeId, staff: StaffId) -> Self {
        Self { key: keys::staff_identity(hash), practice, owner: staff.to_string() }
    }

    /// A payment event that has taken effect.
    #[must_use]
    pub fn webhook_event(hash: &str, practice: PracticeId, owner: impl ToString) -> Self {
        Self { key: keys::webhook_event(hash), practice, owner: owner.to_string() }
    }

    /// A permanent deletion to be finished.
    #[must_use]
    pub fn deletion(practice: PracticeId, client: ClientId) -> Self {
        Self { key: keys::deletion(client, practice), practice, owner: client.to_string() }
    }

    // L10
    /// A change of therapist on a day to come.
    #[must_use]
    pub fn handover(practice: PracticeId, client: ClientId, on: Date) -> Self {
        Self { key: keys::handover(on, client, practice), practice, owner: client.to_string() }
    }

    /// A task after which another one comes.
    #[must_use]
    pub fn task_watch(practice: PracticeId, task: TaskId, at: Timestamp) -> Self {
        Self { key: keys::task_watch(at.as_second(), task, practice), practice, owner: task.to_string() }
    }

    // K3
    /// A thread to look at when something has waited there long enough.
    #[must_use]
    pub fn message_notice(practice: PracticeId, client: ClientId, at: Timestamp) -> Self {
        // The minute that begins then or next: nobody is told too early.
        let minute = at.as_second().saturating_add(59).div_euclid(60);
        Self { key: keys::message_notice(minute, client, practice), practice, owner: client.to_string() }
    }

    // I7
    /// A client to look at then, for a reminder.
    #[must_use]
    pub fn reminder(practice: PracticeId, client: ClientId, at: Timestamp) -> Self {
        // The second that begins then or next: nobody is looked at too early.
        let second = at.as_second().saturating_add(i64::from(at.subsec_nanosecond() > 0));
        Self { key: keys::reminder(second, client, practice), practice, owner: client.to_string() }
    }

    /// A directory to be folded.
    #[must_use]
    pub fn compaction(practice: PracticeId) -> Self {
        Self { key: keys::compaction(practice), practice, owner: practice.to_string() }
    }

    /// A practice in the registry of the resend schedule.
    #[must_use]
    pub fn resend_registry(practice: PracticeId) -> Self {
        Self { key: keys::resend_registry(practice), practice, owner: practice.to_string() }
    }
}

/// A guard's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    // Not "owner", which the table's expressions reserve.
    held_by: String,
    pk: String,
    sk: String,
}

crate::store::item::plain!(Guard);

impl Entity for Guard {
    const NAME: &'static str = "guard";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        self.key.clone()
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        1
    }
    fn to_row(&self) -> Row {
        let Place { pk, sk } = self.key.clone().into_place();
        Row { pid: self.practice.key(), held_by: self.owner.clone(), pk, sk }
    }
    fn from_row(row: Row, _: u64) -> Result<Self, Corrupt> {
        let Row { pid, held_by: owner, pk, sk } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { key: Key::new(pk, sk), practice, owner })
    }
}

/// A practice that knows a staff address: found at sign-in before the first one has claimed the identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffCandidate {
    /// Keyed hash of the address.
    pub hash: String,
    pub practice: PracticeId,
    pub staff: StaffId,
}

/// A candidate's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct CandidateRow {
    pid: String,
    hash: String,
    staff: StaffId,
}

crate::store::item::plain!(StaffCandidate);

impl Entity for StaffCandidate {
    const NAME: &'static str = "staff_candidate";
    const SCHEMA: u32 = 1;
    type Row = CandidateRow;

    fn key(&self) -> Key<Self> {
        keys::staff_candidate(&self.hash, self.practice)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        1
    }
    fn to_row(&self) -> CandidateRow {
        CandidateRow { pid: self.practice.key(), hash: self.hash.clone(), staff: self.staff }
    }
    fn from_row(row: CandidateRow, _: u64) -> Result<Self, Corrupt> {
        let CandidateRow { pid, hash, staff } = row;
        Ok(Self { hash, practice: PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?, staff })
    }
}

/// The last number given out; the next transaction that takes one must find it unchanged, so there are no gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    pub practice: PracticeId,
    /// The year it counts in.
    pub year: i16,
    /// The last number given out.
    pub last: u64,
}

/// A counter's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct CounterRow {
    pid: String,
    year: i16,
}

impl Entity for Counter {
    const NAME: &'static str = "invoice_counter";
    const SCHEMA: u32 = 1;
    type Row = CounterRow;

    fn key(&self) -> Key<Self> {
        keys::invoice_counter(self.practice, self.year)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.last
    }
    fn to_row(&self) -> CounterRow {
        CounterRow { pid: self.practice.key(), year: self.year }
    }
    fn from_row(row: CounterRow, version: u64) -> Result<Self, Corrupt> {
        let practice = PracticeId::from_key(&row.pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { practice, year: row.year, last: version })
    }
}

impl Store {
    /// Where a staff address belongs: the practice that holds its identity, else the one that asked for it last.
    pub async fn staff_with_identity(&self, hash: &str) -> Result<Option<(PracticeId, StaffId)>, StoreError> {
        let page = |newest_first| Paging { newest_first, limit: 1, after: None };
        let (held_by, asked_by) = (keys::staff_identities(hash), keys::staff_candidates(hash));
        let (held, asked) = tokio::join!(self.list(&held_by, page(false)), self.list(&asked_by, page(true)));
        let owner = held?.0.pop().and_then(|guard| Some((guard.practice, guard.owner.parse().ok()?)));
        Ok(owner.or(asked?.0.pop().map(|candidate| (candidate.practice, candidate.staff))))
    }
}
