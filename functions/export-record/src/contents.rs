//! Everything a client's partition holds, and what becomes of it in an archive.

use std::collections::BTreeMap;

use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::appointment::Dated;
use caseload::domain::client::Client;
use caseload::domain::clinical::ClinicalNote;
use caseload::domain::export::{Part, Piece};
use caseload::domain::file::File;
use caseload::domain::ids::{ClientId, FileId, PracticeId};
use caseload::domain::invoice::Invoice;
use caseload::domain::message::Message;
use caseload::domain::note::{Comment, Note};
use caseload::domain::paperwork::SentPacket;
use caseload::domain::payment::Payment;
use caseload::domain::task::Task;
use caseload::store::StoreError;
use caseload::store::keys::{self, List};
use caseload::web::view::appointment::AppointmentView;
use caseload::web::view::billing::{PaymentView, StaffInvoiceView};
use caseload::web::view::clinical::ClinicalNoteView;
use caseload::web::view::file::StaffFileView;
use caseload::web::view::message::StaffMessageView;
use caseload::web::view::note::{CommentView, NoteView};
use caseload::web::view::packet::{PacketReader, StaffPacketView};
use caseload::web::view::task::{StaffTaskView, TaskReader};
use serde::Serialize;

use crate::drawing::{Archived, Drawing};

/// What becomes of a kind of item when a record is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InArchive {
    /// It is in `record.json`, at this pointer.
    At(&'static str),
    /// It is not in the archive, for this reason.
    Not(&'static str),
}

/// Every kind of item that stands in a client's partition, by the name of its key, and what becomes of it.
pub const KINDS: &[(&str, InArchive)] = &[
    ("client", InArchive::At("/client")),
    ("file", InArchive::At("/files")),
    ("message", InArchive::At("/messages")),
    ("thread", InArchive::Not("who has read the messages how far; each of them says when it was read")),
    ("file_quota", InArchive::Not("room counted for the files, which are there themselves")),
    ("note", InArchive::At("/notes")),
    ("note_comment", InArchive::At("/note_comments")),
    ("note_edition", InArchive::Not("what a note said before is for its author, not for whoever exports")),
    ("note_tally", InArchive::Not("counted from the notes, which are there themselves")),
    ("clinical_note", InArchive::At("/clinical_notes")),
    ("invoice", InArchive::At("/invoices")),
    ("payment", InArchive::At("/payments")),
    ("checkout", InArchive::Not("a page at the provider; what comes of it is a payment")),
    ("appointment", InArchive::At("/appointments")),
    ("dated_appointment", InArchive::Not("an appointment once more, at the time that it moved to")),
    ("export", InArchive::Not("another archive, for whoever asked for it")),
    ("task", InArchive::At("/tasks")),
    (
        "task_tally",
        InArchive::Not("counted from the tasks, which are there themselves; the share is in the client's stats"),
    ),
    ("sent_packet", InArchive::At("/packets")),
    ("packet_tally", InArchive::Not("counted from the packets, which are there themselves")),
    ("appointment_summary", InArchive::At("/client/stats")),
];

/// What reading a part takes, if there is a part of that name.
pub(crate) fn reading(part: &Part) -> Option<Action> {
    PARTS.iter().find(|(name, _)| *name == part.name()).map(|(_, action)| *action)
}

/// What that is decided about.
pub(crate) fn about(reading: Action, client: Option<&Client>) -> Resource {
    match reading {
        Action::MessageRead => Resource::thread(client),
        _ => Resource::client(client),
    }
}

/// Diagnosis, symptoms and risk, within the client.
pub(crate) const CLINICAL: &str = "clinical";

/// Makes what is loaded and what is shown of one list.
macro_rules! lists {
    ($($name:ident: $thing:ty),* $(,)?) => {
        /// The lists of `record.json`, as the reader sees them.
        #[derive(Serialize)]
        pub(crate) struct Lists {
            $(
                #[serde(skip_serializing_if = "Option::is_none")]
                $name: Option<Vec<<$thing as Archived>::View>>,
            )*
        }

        /// All that the partition holds of them, whoever asks.
        pub(crate) struct Contents {
            $($name: Vec<$thing>,)*
        }

        /// The parts of a record, each with what reading it takes.
        pub(crate) const PARTS: &[(&str, Action)] =
            &[(CLINICAL, Action::ClientReadDiagnosis), $((stringify!($name), <$thing as Archived>::READ)),*];

        impl Contents {
            pub(crate) async fn of(app: &App, practice: PracticeId, client: ClientId) -> Result<Self, StoreError> {
                $(let $name = <$thing as Archived>::list(practice, client);)*
                let ($($name,)*) = tokio::join!($(app.store.all(&$name)),*);
                Ok(Self { $($name: $name?),* })
            }

            /// The files by id, for what they are attached to.
            pub(crate) fn files_by_id(&self) -> BTreeMap<FileId, File> {
                self.files.iter().map(|file| (file.id, file.clone())).collect()
            }

            pub(crate) fn draw(&self, drawing: &mut Drawing<'_>) -> Lists {
                Lists { $($name: drawing.list(stringify!($name), &self.$name)),* }
            }
        }
    };
}

lists! {
    files: File,
    notes: Note,
    note_comments: Comment,
    clinical_notes: ClinicalNote,
    tasks: Task,
    messages: Message,
    packets: SentPacket,
    appointments: Dated,
    invoices: Invoice,
    payments: Payment,
}

/// A file, and where it is in the archive; nowhere if there are no good bytes of it.
#[derive(Serialize)]
pub(crate) struct FiledAs {
    #[serde(flatten)]
    file: StaffFileView,
    path: Option<String>,
}

impl Archived for File {
    const READ: Action = Action::FileList;
    type View = FiledAs;

    fn list(practice: PracticeId, client: ClientId) -> List<Self> {
        keys::files(practice, client)
    }
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn is_for(&self, reader: &Drawing<'_>) -> bool {
        reader.may(Action::FileRead, &Resource::file(Some((&reader.asked.subject, self))))
    }
    fn view(&self, drawing: &mut Drawing<'_>) -> FiledAs {
        let found = Resource::file(Some((&drawing.asked.subject, self)));
        let has_bytes = drawing.may(Action::FileDownload, &found);
        let path = has_bytes.then(|| drawing.paths.give(&self.download_name()));
        drawing.pieces.extend(path.clone().map(|path| Piece { file: self.id, path }));
        FiledAs { file: StaffFileView::new(self, drawing.now), path }
    }
}

impl Archived for Message {
    const READ: Action = Action::MessageRead;
    type View = StaffMessageView;

    fn list(practice: PracticeId, client: ClientId) -> List<Self> {
        keys::messages(practice, client)
    }
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn view(&self, drawing: &mut Drawing<'_>) -> StaffMessageView {
        StaffMessageView::new(self, drawing.thread, &drawing.asked.subject, drawing.catalog)
    }
}

impl Archived for Dated {
    const READ: Action = Action::AppointmentRead;
    type View = AppointmentView;

    fn list(practice: PracticeId, client: ClientId) -> List<Self> {
        keys::appointments(practice, client)
    }
    fn id(&self) -> String {
        self.appointment.id.to_string()
    }
    fn is_for(&self, reader: &Drawing<'_>) -> bool {
        let about = Resource::appointment(Some((&reader.asked.subject, &self.appointment)));
        reader.may(Action::AppointmentRead, &about)
    }
    fn view(&self, drawing: &mut Drawing<'_>) -> AppointmentView {
        AppointmentView::new(
            &self.appointment,
            Some((&drawing.asked.subject).into()),
            &drawing.asked.practice,
            drawing.catalog,
            drawing.now,
        )
    }
}

impl Archived for Note {
    const READ: Action = Action::NoteRead;
    type View = NoteView;

    fn list(practice: PracticeId, client: ClientId) -> List<Self> {
        keys::notes(practice, client)
    }
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn is_for(&self, reader: &Drawing<'_>) -> bool {
        reader.may(Action::NoteRead, &Resource::note(Some((&reader.asked.subject, self))))
    }
    fn view(&self, drawing: &mut Drawing<'_>) -> NoteView {
        // There is nothing to do with it in an archive.
        NoteView::new(self, &drawing.asked.actor, (&drawing.asked.subject, drawing.catalog), Vec::new())
    }
}

impl Archived for ClinicalNote {
    const READ: Action = Action::ClinicalRead;
    type View = ClinicalNoteView;

    fn list(practice: PracticeId, client: ClientId) -> List<Self> {
        keys::clinical_notes(practice, client)
    }
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn is_for(&self, reader: &Drawing<'_>) -> bool {
        reader.may(Action::ClinicalRead, &Resource::clinical(Some((&reader.asked.subject, self))))
    }
    fn view(&self, drawing: &mut Drawing<'_>) -> ClinicalNoteView {
        let days = drawing.asked.practice.team.review_days;
        ClinicalNoteView::new(self, drawing.catalog, days, Vec::new(), drawing.now)
    }
}

impl Archived for Comment {
    const READ: Action = Action::NoteRead;
    type View = CommentView;

    fn list(practice: PracticeId, client: ClientId) -> List<Self> {
        keys::comments(practice, client)
    }
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn is_for(&self, reader: &Drawing<'_>) -> bool {
        // The notes are drawn before the comments on them.
        reader.ids.contains(&self.note.to_string())
    }
    fn view(&self, drawing: &mut Drawing<'_>) -> CommentView {
        CommentView::new(self, &drawing.asked.actor, &drawing.asked.subject, drawing.catalog)
    }
}

impl Archived for Invoice {
    const READ: Action = Action::InvoiceRead;
    type View = StaffInvoiceView;

    fn list(practice: PracticeId, client: ClientId) -> List<Self> {
        keys::invoices(practice, client)
    }
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn view(&self, drawing: &mut Drawing<'_>) -> StaffInvoiceView {
        StaffInvoiceView::new(self, drawing.now)
    }
}

impl Archived for Payment {
    const READ: Action = Action::PaymentTimeline;
    type View = PaymentView;

    fn list(practice: PracticeId, client: ClientId) -> List<Self> {
        keys::payments(practice, client)
    }
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn view(&self, drawing: &mut Drawing<'_>) -> PaymentView {
        PaymentView::new(self.clone(), &drawing.asked.actor)
    }
}

impl Archived for Task {
    const READ: Action = Action::TaskRead;
    type View = StaffTaskView;

    fn list(practice: PracticeId, client: ClientId) -> List<Self> {
        keys::tasks(practice, client)
    }
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn is_for(&self, reader: &Drawing<'_>) -> bool {
        reader.may(Action::TaskRead, &Resource::task(Some((&reader.asked.subject, self))))
    }
    fn view(&self, drawing: &mut Drawing<'_>) -> StaffTaskView {
        let Drawing { asked, catalog, now, attachable: files, .. } = drawing;
        let (actor, practice, client) = (&asked.actor, &asked.practice, &asked.subject);
        TaskReader { actor, practice, client, catalog, files, now: *now }.staff_view(self)
    }
}

impl Archived for SentPacket {
    const READ: Action = Action::PacketRead;
    type View = StaffPacketView;

    fn list(practice: PracticeId, client: ClientId) -> List<Self> {
        keys::sent_packets(practice, client)
    }
    fn id(&self) -> String {
        self.id.to_string()
    }
    fn is_for(&self, reader: &Drawing<'_>) -> bool {
        reader.may(Action::PacketRead, &Resource::packet(Some((&reader.asked.subject, self))))
    }
    fn view(&self, drawing: &mut Drawing<'_>) -> StaffPacketView {
        let Drawing { asked, catalog, now, .. } = drawing;
        let (actor, practice, client) = (&asked.actor, &asked.practice, &asked.subject);
        PacketReader { actor, practice, client, catalog, now: *now }.staff_view(self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use caseload::store::patterns::in_client_partition;

    use super::KINDS;

    // X5: a new kind of item is decided about before it can be stored
    #[test]
    fn every_kind_of_item_of_a_client_is_in_the_archive_or_left_out_for_a_reason() {
        let stored: BTreeSet<&str> = in_client_partition().map(|pattern| pattern.entity).collect();
        let decided: BTreeSet<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(stored, decided);
        assert_eq!(decided.len(), KINDS.len(), "one kind twice");
    }
}
