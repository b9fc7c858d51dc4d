//! What is listed: the items of a kind that stand side by side in a partition. The lists of a client stand in `table`.

use std::fmt;
use std::marker::PhantomData;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::table::messages;
use super::{Part, Place, SHARDS, fill};
use crate::domain::appointment::{CalendarDay, Dated};
use crate::domain::ids::{ClientId, MessageId, NoteId, PracticeId, StaffId};
use crate::domain::import::job::Import;
use crate::domain::mail::Outgoing;
use crate::domain::message::Message;
use crate::domain::note::{Comment, Edition};
use crate::domain::paperwork::{Form, Packet};
use crate::domain::service::Service;
use crate::domain::session::PrincipalId;
use crate::domain::staff::Staff;
use crate::domain::task::TaskTemplate;
use crate::store::{Guard, StaffCandidate, StoredSession};

/// Where the items of one kind stand: a partition, and the lowest and highest sort key, both included.
pub struct List<E> {
    pub(in crate::store) pk: String,
    pub(in crate::store) low: String,
    pub(in crate::store) high: String,
    of: PhantomData<fn() -> E>,
}

impl<E> fmt::Debug for List<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "List({}, {} to {})", self.pk, self.low, self.high)
    }
}

impl<E> List<E> {
    /// All whose sort key starts like this.
    pub(super) fn under(pk: String, prefix: &str) -> Self {
        Self { pk, low: prefix.to_owned(), high: format!("{prefix}~"), of: PhantomData }
    }

    /// Whether what stands there is in the list.
    pub(in crate::store) fn holds(&self, place: &Place) -> bool {
        place.pk == self.pk && place.sk >= self.low && place.sk <= self.high
    }
}

/// The staff of a practice, in the order in which they came.
#[must_use]
pub fn roster(practice: PracticeId) -> List<Staff> {
    List::under(fill!("P#" {"practice" practice} "#STAFF"), "S#")
}

/// The partition that holds everything about a client.
#[must_use]
pub(in crate::store) fn client_partition(practice: PracticeId, client: ClientId) -> String {
    fill!("P#" {"practice" practice} "#C#" {"client" client})
}

/// What a note has said before, the first first.
#[must_use]
pub fn note_editions(practice: PracticeId, note: NoteId) -> List<Edition> {
    List::under(client_partition(practice, note.client()), &fill!("EDITION#" {"note" note} "#"))
}

/// The comments on a note, in the order in which they came.
#[must_use]
pub fn note_comments(practice: PracticeId, note: NoteId) -> List<Comment> {
    List::under(client_partition(practice, note.client()), &fill!("COMMENT#" {"note" note} "#"))
}

/// The deleted notes that nobody can have back on this day, by shard.
#[must_use]
pub fn note_purges(until: Date) -> Vec<List<Guard>> {
    let shard = |n| List { high: fill!("D#" {"day" until} "~"), ..List::under(format!("DUE#PURGE#{n}"), "D#") };
    (0..SHARDS).map(shard).collect()
}

/// The appointments of a client in the order of their starts.
#[must_use]
pub fn appointments(practice: PracticeId, client: ClientId) -> List<Dated> {
    List::under(client_partition(practice, client), "APPT#")
}

/// Those that begin at `from` or later and before `to`, and perhaps some that begin within the same millisecond.
#[must_use]
pub fn appointments_between(
    practice: PracticeId,
    client: ClientId,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
) -> List<Dated> {
    let starts = |at: Timestamp| fill!("APPT#" {"time-ordered id" from_millis(at)});
    let mut list = appointments(practice, client);
    if let Some(from) = from {
        list.low = starts(from);
    }
    if let Some(to) = to {
        // Keys count whole milliseconds.
        list.high = starts(to.saturating_add(SignedDuration::from_millis(1)).unwrap_or(Timestamp::MAX));
    }
    list
}

/// The days of a staff member's calendar from one to another, both included.
#[must_use]
pub fn calendar(practice: PracticeId, staff: StaffId, (first, last): (Date, Date)) -> List<CalendarDay> {
    let pk = fill!("P#" {"practice" practice} "#CAL#" {"staff" staff});
    List { pk, low: fill!("" {"day" first}), high: fill!("" {"day" last}), of: PhantomData }
}

/// The sessions of a staff member that begin from one instant to another and have a signed note.
#[must_use]
pub fn noted_sessions(practice: PracticeId, staff: StaffId, (from, to): (Timestamp, Timestamp)) -> List<Guard> {
    let pk = fill!("P#" {"practice" practice} "#NOTED#" {"staff" staff});
    let starts = |at: Timestamp| fill!("" {"time-ordered id" from_millis(at)});
    // Keys count whole milliseconds.
    let high = starts(to.saturating_add(SignedDuration::from_millis(1)).unwrap_or(Timestamp::MAX));
    List { pk, low: starts(from), high, of: PhantomData }
}

/// The partition of a principal's sessions and its sign-in link.
#[must_use]
pub(in crate::store) fn auth_partition(practice: PracticeId, principal: PrincipalId) -> String {
    fill!("AUTH#" {"practice" practice} "#" {"principal" principal})
}

/// The sessions of a principal, in the order in which they were opened.
#[must_use]
pub fn sessions(practice: PracticeId, principal: PrincipalId) -> List<StoredSession> {
    List::under(auth_partition(practice, principal), "SESSION#")
}

/// The clients whose permanent deletion is not finished, by shard.
#[must_use]
pub fn deletions() -> Vec<List<Guard>> {
    (0..SHARDS).map(|n| List::under(format!("DUE#DELETION#{n}"), "P#")).collect()
}

/// The handovers of this day or an earlier one, soonest first, by shard.
#[must_use]
pub fn handovers(until: Date) -> Vec<List<Guard>> {
    let shard = |n| List { high: fill!("D#" {"day" until} "~"), ..List::under(format!("DUE#HANDOVER#{n}"), "D#") };
    (0..SHARDS).map(shard).collect()
}

/// The tasks that are over by this instant and after which another one comes, soonest first, by shard.
#[must_use]
pub fn task_watches(until: Timestamp) -> Vec<List<Guard>> {
    let high = format!("T#{:012}~", until.as_second());
    (0..SHARDS).map(|n| List { high: high.clone(), ..List::under(format!("DUE#TASK#{n}"), "T#") }).collect()
}

/// The templates of tasks of a practice, in the order in which they came.
#[must_use]
pub fn task_templates(practice: PracticeId) -> List<TaskTemplate> {
    List::under(fill!("P#" {"practice" practice} "#TASKTEMPLATE"), "T#")
}

/// The services of a practice, in the order in which they came.
#[must_use]
pub fn services(practice: PracticeId) -> List<Service> {
    List::under(fill!("P#" {"practice" practice} "#SERVICE"), "S#")
}

/// The forms of a practice, in the order in which they came.
#[must_use]
pub fn forms(practice: PracticeId) -> List<Form> {
    List::under(fill!("P#" {"practice" practice} "#FORM"), "F#")
}

/// The packets of a practice, in the order in which they came.
#[must_use]
pub fn packets(practice: PracticeId) -> List<Packet> {
    List::under(fill!("P#" {"practice" practice} "#FORM"), "PACKET#")
}

/// The threads somebody may have to be told of in this minute or before, by shard.
#[must_use]
pub fn message_notices(until: i64) -> Vec<List<Guard>> {
    let until = fill!("T#" {"minute" format!("{until:012}")} "~");
    let shard = |n| List { high: until.clone(), ..List::under(format!("DUE#MESSAGE#{n}"), "T#") };
    (0..SHARDS).map(shard).collect()
}

/// The clients to look at for reminders by this instant, soonest first, by shard.
#[must_use]
pub fn reminders(until: Timestamp) -> Vec<List<Guard>> {
    let high = format!("T#{:012}~", until.as_second());
    (0..SHARDS).map(|n| List { high: high.clone(), ..List::under(format!("DUE#REMINDER#{n}"), "T#") }).collect()
}

/// The messages of a thread up to this one.
#[must_use]
pub fn messages_up_to(practice: PracticeId, last: MessageId) -> List<Message> {
    List { high: fill!("MSG#" {"message" last}), ..messages(practice, last.client()) }
}

/// The practices whose directory log has become long.
#[must_use]
pub fn compactions() -> List<Guard> {
    List::under("DUE#COMPACTION#0".to_owned(), "P#")
}

/// Who holds a staff identity: one or nobody.
#[must_use]
pub fn staff_identities(hash: &str) -> List<Guard> {
    List::under(fill!("STAFFID#" {"keyed hash" hash}), "GUARD")
}

/// The practices that know a staff address.
#[must_use]
pub fn staff_candidates(hash: &str) -> List<StaffCandidate> {
    List::under(fill!("STAFFID#" {"keyed hash" hash}), "P#")
}

/// The directory's partition: head, snapshots and log.
#[must_use]
pub(in crate::store) fn directory_partition(practice: PracticeId) -> String {
    fill!("P#" {"practice" practice} "#DIR")
}

/// The head's sort key, and the end of every query of the log.
pub(in crate::store) const DIRECTORY_HEAD: &str = "L~HEAD";

/// What every log entry's sort key starts with.
pub(in crate::store) const DIRECTORY_LOG: &str = "L#";

/// The lowest sort key a log entry made at this instant can have.
#[must_use]
pub(in crate::store) fn directory_log_from(at: Timestamp) -> String {
    fill!("L#" {"time-ordered id" from_millis(at)})
}

/// The lowest time-ordered id of an instant.
fn from_millis(at: Timestamp) -> Uuid {
    Uuid::from_u128(u128::try_from(at.as_millisecond()).unwrap_or(0) << 80)
}

/// The imports of a practice, in the order in which they were begun.
#[must_use]
pub fn imports(practice: PracticeId) -> List<Import> {
    List::under(fill!("P#" {"practice" practice} "#IMPORT"), "I#")
}

/// The mails that are written but not sent, oldest first, by shard.
#[must_use]
pub fn mails() -> Vec<List<Outgoing>> {
    (0..SHARDS).map(|n| List::under(format!("OUTBOX#{n}"), "M#")).collect()
}

/// The practices whose invitations are sent again by the schedule, by shard.
#[must_use]
pub fn resends() -> Vec<List<Guard>> {
    (0..SHARDS).map(|n| List::under(format!("DUE#RESEND#{n}"), "P#")).collect()
}
