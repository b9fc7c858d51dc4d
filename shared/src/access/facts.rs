//! What the policy looks at: the few facts of a record that a decision hangs on, from wherever the record was read.

use jiff::civil::Date;

use crate::domain::appointment::{Appointment, AppointmentStatus};
use crate::domain::client::{Client, Ownership};
use crate::domain::clinical::{ClinicalNote, ClinicalStage};
use crate::domain::directory::Entry;
use crate::domain::export::Export;
use crate::domain::file::File;
use crate::domain::ids::{ClientId, PracticeId, StaffId};
use crate::domain::import::job::Import;
use crate::domain::invoice::Invoice;
use crate::domain::note::{Comment, Note};
use crate::domain::paperwork::SentPacket;
use crate::domain::portal::Access;
use crate::domain::session::PrincipalId;
use crate::domain::task::Task;

/// A client, from its record or from the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientFacts {
    pub id: ClientId,
    pub practice: PracticeId,
    /// Direct or practice client.
    pub ownership: Ownership,
    pub therapist: Option<StaffId>,
    /// Its walk-ins, each with the UTC day on which the last session that makes it one ends.
    pub seen_by: Vec<(StaffId, Date)>,
    /// On its way out: absent for everybody.
    pub deleting: bool,
    /// Deactivated.
    pub suspended: bool,
    /// Has come in once.
    pub registered: bool,
    pub access: Access,
    /// Who holds the session that is asked about, as long as that was not cancelled.
    pub held_by: Option<StaffId>,
}

impl From<&Client> for ClientFacts {
    fn from(client: &Client) -> Self {
        Self {
            id: client.id,
            practice: client.practice,
            ownership: client.ownership,
            therapist: client.assigned_staff,
            seen_by: client.seen_by.iter().map(|(staff, until)| (*staff, *until)).collect(),
            deleting: client.deleting,
            suspended: client.suspended_at.is_some(),
            registered: client.registered_at.is_some(),
            access: client.portal.access,
            held_by: None,
        }
    }
}

impl ClientFacts {
    /// From a row of the practice's directory, which shows no client that is on its way out.
    #[must_use]
    pub fn of_entry(entry: &Entry, practice: PracticeId) -> Self {
        Self {
            id: entry.id,
            practice,
            ownership: entry.ownership,
            therapist: entry.assigned_staff,
            seen_by: entry.seen_by.clone(),
            deleting: false,
            suspended: entry.suspended,
            registered: entry.registered,
            access: entry.access,
            held_by: None,
        }
    }

    /// The same client, asked about for a session of this staff member.
    #[must_use]
    pub fn in_session(self, staff: StaffId, status: AppointmentStatus) -> Self {
        Self { held_by: status.counts().then_some(staff), ..self }
    }
}

/// A note: whose it is, and whether the other side may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoteFacts {
    /// Who wrote it.
    pub author: PrincipalId,
    /// Shared with the other side.
    pub shared: bool,
    /// Gone for everybody, but its author can have it back.
    pub deleted: bool,
}

impl From<&Note> for NoteFacts {
    fn from(note: &Note) -> Self {
        Self { author: note.author, shared: note.content.shared, deleted: note.deleted_at.is_some() }
    }
}

/// A clinical note: whose it is, and how far it has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClinicalFacts {
    /// Who wrote it.
    pub author: StaffId,
    pub stage: ClinicalStage,
}

impl From<&ClinicalNote> for ClinicalFacts {
    fn from(note: &ClinicalNote) -> Self {
        Self { author: note.author, stage: note.state.stage() }
    }
}

/// A task: whose it is, and whether the other side may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Writing {
    /// Who wrote it.
    pub author: PrincipalId,
    /// Shared with the other side.
    pub shared: bool,
}

impl From<&Task> for Writing {
    /// What one side sets, the other one sees.
    fn from(task: &Task) -> Self {
        Self { author: task.author, shared: true }
    }
}

/// A file of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFacts {
    pub uploaded_by: PrincipalId,
    /// Visible to the client, or to staff beyond its author and the therapist.
    pub shared: bool,
    /// Its bytes have not been found good.
    pub quarantined: bool,
    /// On its way out.
    pub deleting: bool,
}

impl From<&File> for FileFacts {
    fn from(file: &File) -> Self {
        Self {
            uploaded_by: file.uploaded_by,
            shared: file.shared,
            quarantined: file.is_quarantined(),
            deleting: file.deleting,
        }
    }
}

impl FileFacts {
    pub(super) const fn is_from_client(&self) -> bool {
        matches!(self.uploaded_by, PrincipalId::Client(_))
    }
}

/// An invoice of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvoiceFacts {
    /// Not issued: staff's own business so far.
    pub draft: bool,
}

impl From<&Invoice> for InvoiceFacts {
    fn from(invoice: &Invoice) -> Self {
        Self { draft: !invoice.is_issued() }
    }
}

/// What an action is about, as the table says at this moment. `None` means absent, deleted, or of another practice.
#[derive(Debug, Clone)]
pub enum Resource {
    /// The practice as a whole, or a list in it.
    Practice,
    /// A client, or everything of one kind that belongs to it.
    Client(Option<ClientFacts>),
    /// A note of a client.
    Note(Option<(ClientFacts, NoteFacts)>),
    /// A comment on a note, by who wrote it.
    Comment(Option<(ClientFacts, NoteFacts, PrincipalId)>),
    /// A clinical note about a client.
    Clinical(Option<(ClientFacts, ClinicalFacts)>),
    /// A task of a client.
    Task(Option<(ClientFacts, Writing)>),
    /// A file of a client.
    File(Option<(ClientFacts, FileFacts)>),
    /// An appointment of a client with this staff member.
    Appointment(Option<(ClientFacts, StaffId)>),
    /// An invoice of a client.
    Invoice(Option<(ClientFacts, InvoiceFacts)>),
    /// An export of a client's record, by who asked for it.
    Export(Option<(ClientFacts, StaffId)>),
    /// The messages between a client and its therapist.
    Thread(Option<ClientFacts>),
    /// An import, by who began it.
    Import(Option<(PracticeId, StaffId)>),
    /// A staff member.
    Staff(Option<StaffId>),
}

impl Resource {
    /// A client that was looked for.
    #[must_use]
    pub fn client(client: Option<&Client>) -> Self {
        Self::Client(client.map(ClientFacts::from))
    }

    /// A note that was looked for, with its client.
    #[must_use]
    pub fn note(found: Option<(&Client, &Note)>) -> Self {
        Self::Note(found.map(|(client, note)| (client.into(), note.into())))
    }

    /// A clinical note that was looked for, with its client.
    #[must_use]
    pub fn clinical(found: Option<(&Client, &ClinicalNote)>) -> Self {
        Self::Clinical(found.map(|(client, note)| (client.into(), note.into())))
    }

    /// A comment that was looked for, with its client and its note.
    #[must_use]
    pub fn comment(found: Option<(&Client, &Note, &Comment)>) -> Self {
        Self::Comment(found.map(|(client, note, comment)| (client.into(), note.into(), comment.author)))
    }

    /// A task that was looked for, with its client.
    #[must_use]
    pub fn task(found: Option<(&Client, &Task)>) -> Self {
        Self::Task(found.map(|(client, task)| (client.into(), task.into())))
    }

    /// A packet that was sent to a client, with the client: who sees the one sees the other.
    #[must_use]
    pub fn packet(found: Option<(&Client, &SentPacket)>) -> Self {
        Self::client(found.map(|(client, _)| client))
    }

    /// The thread of a client that was looked for.
    #[must_use]
    pub fn thread(client: Option<&Client>) -> Self {
        Self::Thread(client.map(ClientFacts::from))
    }

    /// A file that was looked for, with its client.
    #[must_use]
    pub fn file(found: Option<(&Client, &File)>) -> Self {
        Self::File(found.map(|(client, file)| (client.into(), file.into())))
    }

    /// An appointment that was looked for, with its client.
    #[must_use]
    pub fn appointment(found: Option<(&Client, &Appointment)>) -> Self {
        Self::Appointment(found.map(|(client, Appointment { staff, status, .. })| {
            (ClientFacts::from(client).in_session(*staff, *status), *staff)
        }))
    }

    /// An invoice that was looked for, with its client.
    #[must_use]
    pub fn invoice(found: Option<(&Client, &Invoice)>) -> Self {
        Self::Invoice(found.map(|(client, invoice)| (client.into(), invoice.into())))
    }

    /// An export that was looked for, with its client.
    #[must_use]
    pub fn export(found: Option<(&Client, &Export)>) -> Self {
        Self::Export(found.map(|(client, export)| (client.into(), export.requested_by)))
    }

    /// An import that was looked for.
    #[must_use]
    pub fn import(import: Option<&Import>) -> Self {
        Self::Import(import.map(|import| (import.practice, import.created_by)))
    }

    /// The client it belongs to, if it belongs to one and is there.
    #[must_use]
    pub const fn owner(&self) -> Option<&ClientFacts> {
        match self {
            Self::Client(Some(client)) | Self::Thread(Some(client)) => Some(client),
            Self::Note(Some((client, _))) | Self::Comment(Some((client, ..))) => Some(client),
            Self::Task(Some((client, _))) => Some(client),
            Self::Clinical(Some((client, _))) => Some(client),
            Self::File(Some((client, _))) => Some(client),
            Self::Invoice(Some((client, _))) => Some(client),
            Self::Appointment(Some((client, _))) | Self::Export(Some((client, _))) => Some(client),
            Self::Client(None) | Self::Thread(None) | Self::Note(None) | Self::Comment(None) => None,
            Self::Task(None) | Self::File(None) | Self::Clinical(None) => None,
            Self::Appointment(None) | Self::Invoice(None) | Self::Export(None) => None,
            Self::Practice | Self::Import(_) | Self::Staff(_) => None,
        }
    }

    /// Whose record it is part of, for the audit trail.
    #[must_use]
    pub fn client_id(&self) -> Option<ClientId> {
        self.owner().map(|client| client.id)
    }
}
