//! Every key of the one table, built here and nowhere else, from typed ids only (decision 18).
//!
//! The tenant comes first in every partition key. No personal data stands in a key: ids and keyed hashes only.

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use crate::domain::ids::{
    AppointmentId, ClientId, ExportId, FileId, ImportId, InvoiceId, PaymentId, PracticeId, SessionId, StaffId,
};
use crate::domain::practice::Slug;
use crate::domain::session::PrincipalId;

/// Where an item lives.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

/// Spread of the audit trail, the outbox and the resend registry over partitions.
const SHARDS: u128 = 4;

const fn shard(id: Uuid) -> u128 {
    id.as_u128() % SHARDS
}

fn principal_part(id: PrincipalId) -> String {
    match id {
        PrincipalId::Staff(staff) => format!("S#{}", staff.key()),
        PrincipalId::Client(client) => format!("C#{}", client.key()),
    }
}

fn bits(id: Uuid) -> String {
    crate::domain::ids::RequestId::from_uuid(id).key()
}

/// The practice with its settings.
#[must_use]
pub fn practice(practice: PracticeId) -> Key {
    Key::new(format!("P#{}", practice.key()), "META")
}

/// The tags of a practice and the names of its staff: what every list shows, in one item.
#[must_use]
pub fn catalog(practice: PracticeId) -> Key {
    Key::new(format!("P#{}", practice.key()), "CATALOG")
}

/// The team of a practice: who runs it, who has which role, who supervises whom.
#[must_use]
pub fn team(practice: PracticeId) -> Key {
    Key::new(format!("P#{}", practice.key()), "TEAM")
}

/// The last invoice number given out in a year.
#[must_use]
pub fn invoice_counter(practice: PracticeId, year: i16) -> Key {
    Key::new(format!("P#{}", practice.key()), format!("COUNTER#INVOICE#{year}"))
}

/// A staff member.
#[must_use]
pub fn staff(practice: PracticeId, staff: StaffId) -> Key {
    Key::new(staff_partition(practice), format!("{STAFF}{}", staff.key()))
}

/// The partition of a practice's staff.
#[must_use]
pub fn staff_partition(practice: PracticeId) -> String {
    format!("P#{}#STAFF", practice.key())
}

/// What every staff member's sort key starts with.
pub const STAFF: &str = "S#";

/// A client.
#[must_use]
pub fn client(practice: PracticeId, client: ClientId) -> Key {
    Key::new(client_partition(practice, client), "META")
}

/// The partition that holds everything about a client.
#[must_use]
pub fn client_partition(practice: PracticeId, client: ClientId) -> String {
    format!("P#{}#C#{}", practice.key(), client.key())
}

/// A file of a client.
#[must_use]
pub fn file(practice: PracticeId, file: FileId) -> Key {
    Key::new(client_partition(practice, file.client()), format!("{}{}", FILES, file.key()))
}

/// What every file's sort key starts with.
pub const FILES: &str = "FILE#";

/// The room a client's files take.
#[must_use]
pub fn file_quota(practice: PracticeId, client: ClientId) -> Key {
    Key::new(client_partition(practice, client), "QUOTA")
}

/// An invoice of a client.
#[must_use]
pub fn invoice(practice: PracticeId, invoice: InvoiceId) -> Key {
    Key::new(client_partition(practice, invoice.client()), format!("{}{}", INVOICES, invoice.key()))
}

/// What every invoice's sort key starts with.
pub const INVOICES: &str = "INVOICE#";

/// A payment or refund of a client.
#[must_use]
pub fn payment(practice: PracticeId, payment: PaymentId) -> Key {
    Key::new(client_partition(practice, payment.client()), format!("{}{}", PAYMENTS, payment.key()))
}

/// What every payment's sort key starts with.
pub const PAYMENTS: &str = "PAYMENT#";

/// A checkout a client has started, under the id of the payment it will become.
#[must_use]
pub fn checkout(practice: PracticeId, payment: PaymentId) -> Key {
    Key::new(client_partition(practice, payment.client()), format!("CHECKOUT#{}", payment.key()))
}

/// An appointment with a client.
#[must_use]
pub fn appointment(practice: PracticeId, appointment: AppointmentId) -> Key {
    Key::new(client_partition(practice, appointment.client()), format!("{}{}", APPOINTMENTS, appointment.key()))
}

/// What every appointment's sort key starts with.
pub const APPOINTMENTS: &str = "APPT#";

/// The lowest sort key an appointment that begins at this instant can have.
#[must_use]
pub fn appointments_from(at: Timestamp) -> String {
    format!("{APPOINTMENTS}{}", bits(from_millis(at)))
}

/// An export of a client's record.
#[must_use]
pub fn export(practice: PracticeId, export: ExportId) -> Key {
    Key::new(client_partition(practice, export.client()), format!("EXPORT#{}", export.key()))
}

/// A client's appointments summed up.
#[must_use]
pub fn appointment_summary(practice: PracticeId, client: ClientId) -> Key {
    Key::new(client_partition(practice, client), "APPTS")
}

/// The partition of a staff member's calendar.
#[must_use]
pub fn calendar_partition(practice: PracticeId, staff: StaffId) -> String {
    format!("P#{}#CAL#{}", practice.key(), staff.key())
}

/// A UTC day of a staff member's calendar.
#[must_use]
pub fn calendar_day(practice: PracticeId, staff: StaffId, day: Date) -> Key {
    Key::new(calendar_partition(practice, staff), day.strftime("%Y%m%d").to_string())
}

/// The partition of a principal's sessions and its sign-in link.
#[must_use]
pub fn auth_partition(practice: PracticeId, principal: PrincipalId) -> String {
    format!("AUTH#{}#{}", practice.key(), principal_part(principal))
}

/// A session.
#[must_use]
pub fn session(practice: PracticeId, principal: PrincipalId, session: SessionId) -> Key {
    Key::new(auth_partition(practice, principal), format!("{}{}", SESSIONS, session.key()))
}

/// What every session's sort key starts with.
pub const SESSIONS: &str = "SESSION#";

/// The newest sign-in link of a principal.
#[must_use]
pub fn sign_in_link(practice: PracticeId, principal: PrincipalId) -> Key {
    Key::new(auth_partition(practice, principal), "LINK")
}

/// The second factor of a staff member.
#[must_use]
pub fn second_factor(practice: PracticeId, staff: StaffId) -> Key {
    Key::new(auth_partition(practice, PrincipalId::Staff(staff)), "TOTP")
}

/// The guard of a login address within a practice; `hash` is keyed.
#[must_use]
pub fn login_guard(practice: PracticeId, hash: &str) -> Key {
    Key::new(format!("P#{}#UNIQ", practice.key()), format!("LOGIN#{hash}"))
}

/// The guard of a staff member's address within a practice; `hash` is keyed.
#[must_use]
pub fn staff_address(practice: PracticeId, hash: &str) -> Key {
    Key::new(format!("P#{}#UNIQ", practice.key()), format!("STAFF#{hash}"))
}

/// A hint that there may be the same person already; `hash` is keyed.
#[must_use]
pub fn duplicate_hint(practice: PracticeId, hash: &str) -> Key {
    Key::new(format!("P#{}#HINT", practice.key()), hash)
}

/// A client whose permanent deletion is not finished.
#[must_use]
pub fn deletion(client: ClientId, practice: PracticeId) -> Key {
    Key::new(format!("DUE#DELETION#{}", shard(client.uuid())), format!("P#{}#C#{}", practice.key(), client.key()))
}

/// The partitions of unfinished deletions.
#[must_use]
pub fn deletion_partitions() -> Vec<String> {
    (0..SHARDS).map(|n| format!("DUE#DELETION#{n}")).collect()
}

/// A client whose therapist changes on a day to come; the registry is read in the order of days.
#[must_use]
pub fn handover(on: Date, client: ClientId, practice: PracticeId) -> Key {
    Key::new(
        format!("DUE#HANDOVER#{}", shard(client.uuid())),
        format!("{HANDOVERS}{}#P#{}#C#{}", on.strftime("%Y%m%d"), practice.key(), client.key()),
    )
}

/// What every sort key in the registry of handovers starts with.
pub const HANDOVERS: &str = "D#";

/// The partitions of handovers to come.
#[must_use]
pub fn handover_partitions() -> Vec<String> {
    (0..SHARDS).map(|n| format!("DUE#HANDOVER#{n}")).collect()
}

/// A practice whose directory log has become long.
#[must_use]
pub fn compaction(practice: PracticeId) -> Key {
    Key::new("DUE#COMPACTION#0", format!("P#{}", practice.key()))
}

/// The partition of due compactions.
pub const COMPACTIONS: &str = "DUE#COMPACTION#0";

/// The guard of a portal name.
#[must_use]
pub fn slug(slug: &Slug) -> Key {
    Key::new(format!("SLUG#{}", slug.as_str()), "GUARD")
}

/// The guard of a staff identity: one practice at a time (decision 7); `hash` is keyed.
#[must_use]
pub fn staff_identity(hash: &str) -> Key {
    Key::new(staff_identity_partition(hash), "GUARD")
}

/// A practice that knows this staff address, whether or not it was accepted yet.
#[must_use]
pub fn staff_candidate(hash: &str, practice: PracticeId) -> Key {
    Key::new(staff_identity_partition(hash), format!("P#{}", practice.key()))
}

/// The partition of a staff identity.
#[must_use]
pub fn staff_identity_partition(hash: &str) -> String {
    format!("STAFFID#{hash}")
}

/// The directory's partition.
#[must_use]
pub fn directory_partition(practice: PracticeId) -> String {
    format!("P#{}#DIR", practice.key())
}

/// The directory's head: which snapshot holds, and up to where the log is folded into it.
///
/// It sorts right behind the log, so the one query of a warm function brings it along.
#[must_use]
pub fn directory_head(practice: PracticeId) -> Key {
    Key::new(directory_partition(practice), DIRECTORY_HEAD)
}

/// The head's sort key, and the end of every query of the log.
pub const DIRECTORY_HEAD: &str = "L~HEAD";

/// A chunk of a snapshot of the directory.
#[must_use]
pub fn directory_chunk(practice: PracticeId, snapshot: Uuid, number: u32) -> Key {
    Key::new(directory_partition(practice), format!("S#{}#{number:05}", bits(snapshot)))
}

/// An entry of the directory's log.
#[must_use]
pub fn directory_log(practice: PracticeId, entry: Uuid) -> Key {
    Key::new(directory_partition(practice), format!("{DIRECTORY_LOG}{}", bits(entry)))
}

/// What every log entry's sort key starts with.
pub const DIRECTORY_LOG: &str = "L#";

/// The lowest sort key a log entry made at this instant can have.
#[must_use]
pub fn directory_log_from(at: Timestamp) -> String {
    format!("{DIRECTORY_LOG}{}", bits(from_millis(at)))
}

/// The lowest time-ordered id of an instant.
fn from_millis(at: Timestamp) -> Uuid {
    Uuid::from_u128(u128::try_from(at.as_millisecond()).unwrap_or(0) << 80)
}

/// A CSV import.
#[must_use]
pub fn import(practice: PracticeId, import: ImportId) -> Key {
    Key::new(imports_partition(practice), format!("{IMPORTS}{}", import.key()))
}

/// What every import's sort key starts with.
pub const IMPORTS: &str = "I#";

/// The pass over the rows of an import, while it lasts.
#[must_use]
pub fn import_run(practice: PracticeId, import: ImportId) -> Key {
    Key::new(imports_partition(practice), format!("RUN#{}", import.key()))
}

/// The partition of a practice's imports.
#[must_use]
pub fn imports_partition(practice: PracticeId) -> String {
    format!("P#{}#IMPORT", practice.key())
}

/// A stored answer to a request that may come twice; `hash` is over route and key.
#[must_use]
pub fn idempotency(practice: PracticeId, principal: PrincipalId, hash: &str) -> Key {
    Key::new(format!("P#{}#IDEM#{}", practice.key(), principal_part(principal)), hash)
}

/// The same for a request without a principal.
#[must_use]
pub fn anonymous_idempotency(hash: &str) -> Key {
    Key::new(format!("RL#IDEM#{hash}"), "ANSWER")
}

/// An audit entry; the id orders it within its day and shard.
#[must_use]
pub fn audit(practice: PracticeId, day: Date, id: Uuid) -> Key {
    Key::new(format!("AUDIT#{}#{}#{}", practice.key(), day.strftime("%Y%m%d"), shard(id)), bits(id))
}

/// A mail that is written but not sent.
#[must_use]
pub fn outbox(id: Uuid) -> Key {
    Key::new(format!("OUTBOX#{}", shard(id)), format!("{MAILS}{}", bits(id)))
}

/// What every unsent mail's sort key starts with: the table lists by no empty prefix.
pub const MAILS: &str = "M#";

/// The partitions of the outbox.
#[must_use]
pub fn outbox_partitions() -> Vec<String> {
    (0..SHARDS).map(|n| format!("OUTBOX#{n}")).collect()
}

/// A practice whose invitations are sent again by the schedule.
#[must_use]
pub fn resend_registry(practice: PracticeId) -> Key {
    Key::new(format!("DUE#RESEND#{}", shard(practice.uuid())), format!("P#{}", practice.key()))
}

/// The partitions of that registry.
#[must_use]
pub fn resend_partitions() -> Vec<String> {
    (0..SHARDS).map(|n| format!("DUE#RESEND#{n}")).collect()
}

/// The guard of a payment event: each takes effect once; `hash` is over the provider's event id.
#[must_use]
pub fn webhook_event(hash: &str) -> Key {
    Key::new(format!("WEBHOOK#{hash}"), "GUARD")
}

/// What is written for an address that nobody has; `hash` is keyed.
#[must_use]
pub fn decoy(hash: &str, number: u8) -> Key {
    Key::new(format!("RL#DECOY#{hash}#{number}"), "DECOY")
}

/// A counter of tries within a window.
#[must_use]
pub fn rate(kind: &str, hash: &str, window: i64) -> Key {
    Key::new(format!("RL#{kind}#{hash}"), format!("{window:012}"))
}
