//! Partitions, and where in them the items of a kind stand: what is listed.

use jiff::Timestamp;
use uuid::Uuid;

use super::{SHARDS, fill};
use crate::domain::ids::{ClientId, PracticeId, StaffId};
use crate::domain::session::PrincipalId;

/// The partition of a practice's staff.
#[must_use]
pub fn staff_partition(practice: PracticeId) -> String {
    fill!("P#" {"practice" practice} "#STAFF")
}

/// What every staff member's sort key starts with.
pub const STAFF: &str = "S#";

/// The partition that holds everything about a client.
#[must_use]
pub fn client_partition(practice: PracticeId, client: ClientId) -> String {
    fill!("P#" {"practice" practice} "#C#" {"client" client})
}

/// What every file's sort key starts with.
pub const FILES: &str = "FILE#";

/// What every invoice's sort key starts with.
pub const INVOICES: &str = "INVOICE#";

/// What every payment's sort key starts with.
pub const PAYMENTS: &str = "PAYMENT#";

/// What every appointment's sort key starts with.
pub const APPOINTMENTS: &str = "APPT#";

/// The lowest sort key an appointment that begins at this instant can have.
#[must_use]
pub fn appointments_from(at: Timestamp) -> String {
    fill!("APPT#" {"time-ordered id" from_millis(at)})
}

/// The partition of a staff member's calendar.
#[must_use]
pub fn calendar_partition(practice: PracticeId, staff: StaffId) -> String {
    fill!("P#" {"practice" practice} "#CAL#" {"staff" staff})
}

/// The partition of a principal's sessions and its sign-in link.
#[must_use]
pub fn auth_partition(practice: PracticeId, principal: PrincipalId) -> String {
    fill!("AUTH#" {"practice" practice} "#" {"principal" principal})
}

/// What every session's sort key starts with.
pub const SESSIONS: &str = "SESSION#";

/// The partitions of unfinished deletions.
#[must_use]
pub fn deletion_partitions() -> Vec<String> {
    (0..SHARDS).map(|n| format!("DUE#DELETION#{n}")).collect()
}

/// What every sort key in the registry of handovers starts with.
pub const HANDOVERS: &str = "D#";

/// The partitions of handovers to come.
#[must_use]
pub fn handover_partitions() -> Vec<String> {
    (0..SHARDS).map(|n| format!("DUE#HANDOVER#{n}")).collect()
}

/// The partition of due compactions.
pub const COMPACTIONS: &str = "DUE#COMPACTION#0";

/// The partition of a staff identity.
#[must_use]
pub fn staff_identity_partition(hash: &str) -> String {
    fill!("STAFFID#" {"keyed hash" hash})
}

/// The directory's partition.
#[must_use]
pub fn directory_partition(practice: PracticeId) -> String {
    fill!("P#" {"practice" practice} "#DIR")
}

/// The head's sort key, and the end of every query of the log.
pub const DIRECTORY_HEAD: &str = "L~HEAD";

/// What every log entry's sort key starts with.
pub const DIRECTORY_LOG: &str = "L#";

/// The lowest sort key a log entry made at this instant can have.
#[must_use]
pub fn directory_log_from(at: Timestamp) -> String {
    fill!("L#" {"time-ordered id" from_millis(at)})
}

/// The lowest time-ordered id of an instant.
fn from_millis(at: Timestamp) -> Uuid {
    Uuid::from_u128(u128::try_from(at.as_millisecond()).unwrap_or(0) << 80)
}

/// What every import's sort key starts with.
pub const IMPORTS: &str = "I#";

/// The partition of a practice's imports.
#[must_use]
pub fn imports_partition(practice: PracticeId) -> String {
    fill!("P#" {"practice" practice} "#IMPORT")
}

/// What every unsent mail's sort key starts with: the table lists by no empty prefix.
pub const MAILS: &str = "M#";

/// The partitions of the outbox.
#[must_use]
pub fn outbox_partitions() -> Vec<String> {
    (0..SHARDS).map(|n| format!("OUTBOX#{n}")).collect()
}

/// The partitions of the registry of the resend schedule.
#[must_use]
pub fn resend_partitions() -> Vec<String> {
    (0..SHARDS).map(|n| format!("DUE#RESEND#{n}")).collect()
}
