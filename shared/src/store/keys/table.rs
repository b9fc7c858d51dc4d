//! The one table of keys: how each is built, how `infra/keys.md` shows it, how it is reached.
//!
//! One entry a kind of item: its arguments, the noun that stands there, partition key and sort key with `{"hole" value}`
//! for their parts, and a sentence about its access. A `hash` is always a keyed one. What a client has many of is listed:
//! the list's name and what it holds, in which order.

use jiff::civil::Date;
use uuid::Uuid;

use super::lists::{List, client_partition};
use super::{Key, Part, Pattern, begins, fill, keys, shard, spell};
use crate::domain::appointment::{Appointment, AppointmentSummary, CalendarDay, Dated};
use crate::domain::availability::Availability;
use crate::domain::calendar_feed::CalendarFeeds;
use crate::domain::catalog::Catalog;
use crate::domain::checkout::Checkout;
use crate::domain::client::Client;
use crate::domain::clinical::ClinicalNote;
use crate::domain::export::Export;
use crate::domain::file::{File, Quota};
use crate::domain::ids::{
    AppointmentId, ClientId, ClinicalNoteId, CommentId, ExportId, FileId, FormId, ImportId, InvoiceId, MessageId,
    NoteId, PacketId, PaymentId, PracticeId, SentPacketId, ServiceId, SessionId, StaffId, TaskId, TaskTemplateId,
};
use crate::domain::import::job::Import;
use crate::domain::import::run::Run;
use crate::domain::invoice::Invoice;
use crate::domain::mail::Outgoing;
use crate::domain::message::Message;
use crate::domain::note::{Comment, Edition, Note, NoteTally};
use crate::domain::paperwork::{Form, Library, Packet, PacketTally, SentPacket};
use crate::domain::payment::Payment;
use crate::domain::practice::{Practice, Slug};
use crate::domain::service::{Service, ServicesTally};
use crate::domain::session::PrincipalId;
use crate::domain::staff::Staff;
use crate::domain::task::{Task, TaskTally, TaskTemplate, TaskTemplates};
use crate::domain::team::Team;
use crate::domain::thread::Thread;
use crate::domain::totp::SecondFactor;
use crate::store::decoy::Decoy;
use crate::store::directory::{Chunk, Head, LogItem};
use crate::store::import_turn::ImportTurn;
use crate::store::rate::RateCounter;
use crate::store::{AuditEntry, Counter, DuplicateHint, Guard, Record, SignInLink, StaffCandidate, StoredSession};

keys! {
    /// The practice with its settings.
    practice(practice: PracticeId) -> Practice {
        ["P#" {"practice" practice}] ["META"]
        "BatchGet with every request"
    }

    /// The tags of a practice and the names of its staff: what every list shows, in one item.
    catalog(practice: PracticeId) -> Catalog {
        ["P#" {"practice" practice}] ["CATALOG"]
        "BatchGet with requests that name tags or staff"
    }

    /// The team of a practice: who runs it, who has which role, who supervises whom.
    team(practice: PracticeId) -> Team {
        ["P#" {"practice" practice}] ["TEAM"]
        "BatchGet and conditional put with each change of the team"
    }

    /// The last invoice number given out in a year.
    invoice_counter(practice: PracticeId, year: i16) -> Counter {
        ["P#" {"practice" practice}] ["COUNTER#INVOICE#" {"year" year}]
        "BatchGet and conditional put when an invoice is issued"
    }

    /// A staff member.
    staff(practice: PracticeId, staff: StaffId) -> Staff {
        ["P#" {"practice" practice} "#STAFF"] ["S#" {"staff" staff}]
        "BatchGet with every request of a staff member; Query by prefix for the roster"
    }

    /// A client.
    client(practice: PracticeId, client: ClientId) -> Client {
        ["P#" {"practice" practice} "#C#" {"client" client}] ["META"]
        "BatchGet with every request about the client"
    }

    /// A file of a client.
    file(practice: PracticeId, file: FileId) -> File {
        ["P#" {"practice" practice} "#C#" {"client" file.client()}] ["FILE#" {"file" file}]
        "BatchGet by id; Query by prefix for the list"
        files: "The files of a client, in the order in which they came."
    }

    /// The room a client's files take.
    file_quota(practice: PracticeId, client: ClientId) -> Quota {
        ["P#" {"practice" practice} "#C#" {"client" client}] ["QUOTA"]
        "BatchGet and conditional put when a file comes or goes"
    }

    /// A note of a client.
    note(practice: PracticeId, note: NoteId) -> Note {
        ["P#" {"practice" practice} "#C#" {"client" note.client()}] ["NOTE#" {"note" note}]
        "BatchGet by id; Query by prefix for the list"
        notes: "The notes of a client, in the order in which they were written."
    }

    /// What a note said before its author changed it.
    note_edition(practice: PracticeId, note: NoteId, number: u32) -> Edition {
        ["P#" {"practice" practice} "#C#" {"client" note.client()}] ["EDITION#" {"note" note} "#" {"number" format!("{number:05}")}]
        "put with each change of a note; Query by its prefix for the note's author"
    }

    /// A comment on a note.
    note_comment(practice: PracticeId, note: NoteId, comment: CommentId) -> Comment {
        ["P#" {"practice" practice} "#C#" {"client" note.client()}] ["COMMENT#" {"note" note} "#" {"comment" comment}]
        "BatchGet with its note; Query by the note's prefix for the list"
        comments: "The comments on all notes of a client, note by note."
    }

    /// A client's notes summed up.
    note_tally(practice: PracticeId, client: ClientId) -> NoteTally {
        ["P#" {"practice" practice} "#C#" {"client" client}] ["NOTES"]
        "BatchGet with the profile and the portal's first page; conditional put with each change of a note"
    }

    /// A clinical note about a client.
    clinical_note(practice: PracticeId, note: ClinicalNoteId) -> ClinicalNote {
        ["P#" {"practice" practice} "#C#" {"client" note.client()}] ["CLINICAL#" {"note" note}]
        "BatchGet by id; Query by prefix for the list"
        clinical_notes: "The clinical notes about a client, in the order in which they were begun."
    }

    /// A deleted note whose author can have it back until this day.
    note_purge(day: Date, note: NoteId, practice: PracticeId) -> Guard {
        ["DUE#PURGE#" {"shard" shard(note.client().uuid())}] ["D#" {"day" day} "#P#" {"practice" practice} "#C#" {"client" note.client()} "#N#" {"note" note}]
        "Query by the schedule that forgets deleted notes"
    }

    /// A message between a client and its therapist.
    message(practice: PracticeId, message: MessageId) -> Message {
        ["P#" {"practice" practice} "#C#" {"client" message.client()}] ["MSG#" {"message" message}]
        "Query by prefix for the list; BatchGet by id and Update when it is read"
        messages: "The messages of a client's thread, in the order in which they were taken."
    }

    /// A client's thread summed up: who wrote last, how far each side has read.
    thread(practice: PracticeId, client: ClientId) -> Thread {
        ["P#" {"practice" practice} "#C#" {"client" client}] ["THREAD"]
        "BatchGet with profile, messages and inbox; conditional put when a message is sent or read"
    }

    /// An invoice of a client.
    invoice(practice: PracticeId, invoice: InvoiceId) -> Invoice {
        ["P#" {"practice" practice} "#C#" {"client" invoice.client()}] ["INVOICE#" {"invoice" invoice}]
        "BatchGet by id; Query by prefix for the list"
        invoices: "The invoices of a client, in the order in which they were drafted."
    }

    /// A payment or refund of a client.
    payment(practice: PracticeId, payment: PaymentId) -> Payment {
        ["P#" {"practice" practice} "#C#" {"client" payment.client()}] ["PAYMENT#" {"payment" payment}]
        "Query by prefix for the timeline"
        payments: "The payments and refunds of a client, in the order in which they were started."
    }

    /// A checkout a client has started, under the id of the payment it will become.
    checkout(practice: PracticeId, payment: PaymentId) -> Checkout {
        ["P#" {"practice" practice} "#C#" {"client" payment.client()}] ["CHECKOUT#" {"payment" payment}]
        "BatchGet when the provider reports"
    }

    /// An appointment with a client; its id orders it by its start.
    appointment(practice: PracticeId, appointment: AppointmentId) -> Appointment {
        ["P#" {"practice" practice} "#C#" {"client" appointment.client()}] ["APPT#" {"appointment" appointment}]
        "BatchGet by id"
    }

    /// An appointment a second time, once it has moved: in the order of starts, among those that stand there by their ids.
    dated_appointment(practice: PracticeId, place: AppointmentId, appointment: AppointmentId) -> Dated {
        ["P#" {"practice" practice} "#C#" {"client" appointment.client()}] ["APPT#" {"place" place} "#" {"appointment" appointment}]
        "put and deleted when it moves; Query between two instants for the list"
    }

    /// A task of a client.
    task(practice: PracticeId, task: TaskId) -> Task {
        ["P#" {"practice" practice} "#C#" {"client" task.client()}] ["TASK#" {"task" task}]
        "BatchGet by id; Query by prefix for the list"
        tasks: "The tasks of a client, in the order in which they came."
    }

    /// A client's tasks, counted.
    task_tally(practice: PracticeId, client: ClientId) -> TaskTally {
        ["P#" {"practice" practice} "#C#" {"client" client}] ["TASKS"]
        "BatchGet with the profile and the list; conditional put with each change of a task"
    }

    /// A task after which another one comes; the registry is read in the order of time.
    task_watch(at: i64, task: TaskId, practice: PracticeId) -> Guard {
        ["DUE#TASK#" {"shard" shard(task.client().uuid())}] ["T#" {"second" format!("{at:012}")} "#P#" {"practice" practice} "#C#" {"client" task.client()} "#" {"task" task}]
        "Query by the schedule that lets the next one appear"
    }

    /// A template of tasks.
    task_template(practice: PracticeId, template: TaskTemplateId) -> TaskTemplate {
        ["P#" {"practice" practice} "#TASKTEMPLATE"] ["T#" {"template" template}]
        "BatchGet by id; Query by prefix for the list"
    }

    /// How many templates of tasks there are.
    task_templates_tally(practice: PracticeId) -> TaskTemplates {
        ["P#" {"practice" practice} "#TASKTEMPLATE"] ["COUNT"]
        "BatchGet and conditional put when one comes or goes"
    }

    /// A form of a practice's library.
    form(practice: PracticeId, form: FormId) -> Form {
        ["P#" {"practice" practice} "#FORM"] ["F#" {"form" form}]
        "BatchGet by id, and with the packet that holds it; Query by prefix for the list"
    }

    /// A packet of a practice's library.
    packet(practice: PracticeId, packet: PacketId) -> Packet {
        ["P#" {"practice" practice} "#FORM"] ["PACKET#" {"packet" packet}]
        "BatchGet by id; Query by prefix for the list"
    }

    /// How many forms and packets a library holds.
    library(practice: PracticeId) -> Library {
        ["P#" {"practice" practice} "#FORM"] ["COUNT"]
        "BatchGet and conditional put when a form or a packet comes or goes"
    }

    /// A packet that was sent to a client, with what the client answers.
    sent_packet(practice: PracticeId, packet: SentPacketId) -> SentPacket {
        ["P#" {"practice" practice} "#C#" {"client" packet.client()}] ["PACKET#" {"packet" packet}]
        "BatchGet by id; Query by prefix for the list"
        sent_packets: "The packets that were sent to a client, in the order in which they were."
    }

    /// A client's packets, counted.
    packet_tally(practice: PracticeId, client: ClientId) -> PacketTally {
        ["P#" {"practice" practice} "#C#" {"client" client}] ["PACKETS"]
        "BatchGet with the list; conditional put when one is sent, submitted, opened by staff or withdrawn"
    }

    /// An export of a client's record.
    export(practice: PracticeId, export: ExportId) -> Export {
        ["P#" {"practice" practice} "#C#" {"client" export.client()}] ["EXPORT#" {"export" export}]
        "BatchGet by id while the archive is made and kept"
    }

    /// A client's appointments summed up.
    appointment_summary(practice: PracticeId, client: ClientId) -> AppointmentSummary {
        ["P#" {"practice" practice} "#C#" {"client" client}] ["APPTS"]
        "BatchGet with the profile; conditional put when an appointment is booked or settled"
    }

    /// A UTC day of a staff member's calendar.
    calendar_day(practice: PracticeId, staff: StaffId, day: Date) -> CalendarDay {
        ["P#" {"practice" practice} "#CAL#" {"staff" staff}] ["" {"day" day}]
        "BatchGet and conditional put when booked; Update when settled; Query between two days"
    }

    /// When a staff member works.
    availability(practice: PracticeId, staff: StaffId) -> Availability {
        ["P#" {"practice" practice} "#STAFF"] ["HOURS#" {"staff" staff}]
        "BatchGet and conditional put; BatchGet with the free times"
    }

    /// A service of the practice.
    service(practice: PracticeId, service: ServiceId) -> Service {
        ["P#" {"practice" practice} "#SERVICE"] ["S#" {"service" service}]
        "BatchGet by id, and with the free times; Query by prefix for the list"
    }

    /// How many services there are.
    services_tally(practice: PracticeId) -> ServicesTally {
        ["P#" {"practice" practice} "#SERVICE"] ["COUNT"]
        "BatchGet and conditional put when one comes or goes"
    }

    /// A session of a staff member about which it has a signed note; in the order of the sessions' starts.
    noted_session(practice: PracticeId, staff: StaffId, appointment: AppointmentId) -> Guard {
        ["P#" {"practice" practice} "#NOTED#" {"staff" staff}] ["" {"appointment" appointment}]
        "put when a clinical note is signed; Query between two instants for what is still to be written"
    }

    /// A session of somebody who is signed in.
    session(practice: PracticeId, principal: PrincipalId, session: SessionId) -> StoredSession {
        ["AUTH#" {"practice" practice} "#" {"principal" principal}] ["SESSION#" {"session" session}]
        "BatchGet with every request; Query by prefix for the list"
    }

    /// The newest sign-in link of a principal.
    sign_in_link(practice: PracticeId, principal: PrincipalId) -> SignInLink {
        ["AUTH#" {"practice" practice} "#" {"principal" principal}] ["LINK"]
        "BatchGet when redeemed"
    }

    /// The calendar feeds of a principal.
    calendar_feeds(practice: PracticeId, principal: PrincipalId) -> CalendarFeeds {
        ["AUTH#" {"practice" practice} "#" {"principal" principal}] ["FEEDS"]
        "BatchGet when a feed is read, listed, made or ended; conditional put"
    }

    /// The second factor of a staff member.
    second_factor(practice: PracticeId, staff: StaffId) -> SecondFactor {
        ["AUTH#" {"practice" practice} "#S#" {"staff" staff}] ["TOTP"]
        "BatchGet when staff sign in or prove themselves; conditional put with each code used"
    }

    /// The guard of a login address within a practice.
    login_guard(practice: PracticeId, hash: &str) -> Guard {
        ["P#" {"practice" practice} "#UNIQ"] ["LOGIN#" {"keyed hash of address" hash}]
        "Get on portal sign-in; conditional put"
    }

    /// The guard of a staff member's address within a practice.
    staff_address(practice: PracticeId, hash: &str) -> Guard {
        ["P#" {"practice" practice} "#UNIQ"] ["STAFF#" {"keyed hash of address" hash}]
        "conditional put when somebody is invited to the team"
    }

    /// A hint that there may be the same person already.
    duplicate_hint(practice: PracticeId, hash: &str) -> DuplicateHint {
        ["P#" {"practice" practice} "#HINT"] ["" {"keyed hash of name and address, phone or birthday" hash}]
        "BatchGet when a client is created; clients are put in and taken out in place"
    }

    /// A client whose permanent deletion is not finished.
    deletion(client: ClientId, practice: PracticeId) -> Guard {
        ["DUE#DELETION#" {"shard" shard(client.uuid())}] ["P#" {"practice" practice} "#C#" {"client" client}]
        "Query by the schedule that finishes deletions"
    }

    /// A client whose therapist changes on a day to come; the registry is read in the order of days.
    handover(day: Date, client: ClientId, practice: PracticeId) -> Guard {
        ["DUE#HANDOVER#" {"shard" shard(client.uuid())}] ["D#" {"day" day} "#P#" {"practice" practice} "#C#" {"client" client}]
        "Query by the schedule that applies handovers"
    }

    /// A thread in which somebody may have to be told that a message waits, from this minute on.
    message_notice(minute: i64, client: ClientId, practice: PracticeId) -> Guard {
        ["DUE#MESSAGE#" {"shard" shard(client.uuid())}] ["T#" {"minute" format!("{minute:012}")} "#P#" {"practice" practice} "#C#" {"client" client}]
        "Query by the schedule that tells of waiting messages"
    }

    /// A client to look at for reminders of its sessions; the registry is read in the order of time.
    reminder(at: i64, client: ClientId, practice: PracticeId) -> Guard {
        ["DUE#REMINDER#" {"shard" shard(client.uuid())}] ["T#" {"second" format!("{at:012}")} "#P#" {"practice" practice} "#C#" {"client" client}]
        "put and deleted with the client's summary; Query by the schedule that reminds"
    }

    /// A practice whose directory log has become long.
    compaction(practice: PracticeId) -> Guard {
        ["DUE#COMPACTION#0"] ["P#" {"practice" practice}]
        "Query by the schedule that folds directories"
    }

    /// The guard of a portal name.
    slug_guard(slug: &Slug) -> Guard {
        ["SLUG#" {"slug" slug}] ["GUARD"]
        "Get on portal sign-in; conditional put"
    }

    /// The guard of a staff identity: one practice at a time.
    staff_identity(hash: &str) -> Guard {
        ["STAFFID#" {"keyed hash of address, or of issuer and subject" hash}] ["GUARD"]
        "Query on staff sign-in; conditional put"
    }

    /// A practice that knows this staff address, whether or not it was accepted yet.
    staff_candidate(hash: &str, practice: PracticeId) -> StaffCandidate {
        ["STAFFID#" {"keyed hash of address" hash}] ["P#" {"practice" practice}]
        "Query on staff sign-in"
    }

    /// The directory's head: which snapshot holds, and up to where the log is folded into it.
    ///
    /// It sorts right behind the log, so the one query of a warm function brings it along.
    directory_head(practice: PracticeId) -> Head {
        ["P#" {"practice" practice} "#DIR"] ["L~HEAD"]
        "BatchGet when cold; with the log when warm; conditional put when a snapshot is flipped"
    }

    /// A chunk of a snapshot of the directory.
    directory_chunk(practice: PracticeId, snapshot: Uuid, number: u32) -> Chunk {
        ["P#" {"practice" practice} "#DIR"] ["S#" {"snapshot" snapshot} "#" {"number" format!("{number:05}")}]
        "BatchGet when cold"
    }

    /// An entry of the directory's log.
    directory_log(practice: PracticeId, id: Uuid) -> LogItem {
        ["P#" {"practice" practice} "#DIR"] ["L#" {"time-ordered id" id}]
        "Query from the last seen entry on, strongly consistent"
    }

    /// A CSV import.
    import(practice: PracticeId, import: ImportId) -> Import {
        ["P#" {"practice" practice} "#IMPORT"] ["I#" {"import" import}]
        "BatchGet by id; Query for the list"
    }

    /// The pass over the rows of an import, while it lasts.
    import_run(practice: PracticeId, import: ImportId) -> Run {
        ["P#" {"practice" practice} "#IMPORT"] ["RUN#" {"import" import}]
        "BatchGet with its import; conditional Update takes its lease; deleted when the run ends"
    }

    /// Whose turn it is to write imported rows, and which imports wait for it.
    import_turn(practice: PracticeId) -> ImportTurn {
        ["P#" {"practice" practice} "#IMPORT"] ["TURN"]
        "conditional Update by the worker before rows are written and when they are"
    }

    /// A stored answer to a request that may come twice.
    idempotency(practice: PracticeId, principal: PrincipalId, hash: &str) -> Record {
        ["P#" {"practice" practice} "#IDEM#" {"principal" principal}] ["" {"hash of route and key" hash}]
        "BatchGet with every POST that carries a key"
    }

    /// The same for a request without a principal.
    anonymous_idempotency(hash: &str) -> Record {
        ["RL#IDEM#" {"hash of route and key" hash}] ["ANSWER"]
        "Get with a sign-up that carries a key"
    }

    /// An audit entry; the id orders it within its day and shard.
    audit(practice: PracticeId, day: Date, id: Uuid) -> AuditEntry {
        ["AUDIT#" {"practice" practice} "#" {"day" day} "#" {"shard" shard(id)}] ["" {"time-ordered id" id}]
        "put only; Query by day"
    }

    /// A mail that is written but not sent.
    outbox(id: Uuid) -> Outgoing {
        ["OUTBOX#" {"shard" shard(id)}] ["M#" {"time-ordered id" id}]
        "Query by the flush; deleted once sent"
    }

    /// A practice whose invitations are sent again by the schedule.
    resend_registry(practice: PracticeId) -> Guard {
        ["DUE#RESEND#" {"shard" shard(practice.uuid())}] ["P#" {"practice" practice}]
        "Query by the resend schedule"
    }

    /// The guard of a payment event: each takes effect once.
    webhook_event(hash: &str) -> Guard {
        ["WEBHOOK#" {"hash of event id" hash}] ["GUARD"]
        "conditional put with the effect"
    }

    /// What is written for an address that nobody has.
    decoy(hash: &str, number: u8) -> Decoy {
        ["RL#DECOY#" {"keyed hash of address" hash} "#" {"number" number}] ["DECOY"]
        "put only, when somebody signs in with an unknown address"
    }

    /// A counter of tries within a window.
    rate(kind: &str, hash: &str, window: i64) -> RateCounter {
        ["RL#" {"kind" kind} "#" {"keyed hash" hash}] ["" {"window" format!("{window:012}")}]
        "conditional Update before the secret is checked"
    }
}
