use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::author::AuthorView;
use super::{ToClient, ToStaff};
use crate::access::Actor;
use crate::domain::catalog::Catalog;
use crate::domain::client::Client;
use crate::domain::ids::{AppointmentId, ClientId, CommentId, NoteId};
use crate::domain::note::{Comment, Edition, Note, Seen, Visibility};
use crate::domain::session::PrincipalId;
use crate::web::ETag;

/// Says that something is a note.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoteKind {
    Note,
}

/// What both sides see of a note.
#[derive(Serialize, ToSchema)]
pub struct NoteBase {
    id: NoteId,
    kind: NoteKind,
    author: AuthorView,
    title: Option<String>,
    /// Plain text: markup in it means nothing.
    body: String,
    /// Whether the other side sees it.
    visibility: Visibility,
    /// The session it is about.
    appointment_id: Option<AppointmentId>,
    created_at: Timestamp,
    edited_at: Option<Timestamp>,
    /// When somebody on the other side of its author saw it; null if nobody has.
    read_by_other_side: Option<Seen>,
    /// How many comments there are.
    comments: u32,
    /// How many of them the reader's side has not seen.
    unread_comments: u32,
    /// Until its author restores it, nobody else sees it.
    deleted_at: Option<Timestamp>,
    /// What the reader may do with it now.
    allowed_actions: Vec<NoteOffer>,
    /// For `If-Match` when it is changed or deleted.
    etag: ETag,
}

/// What can be done with a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoteOffer {
    Edit,
    Hide,
    Share,
    Comment,
    Delete,
    Restore,
}

/// A note, as staff sees it.
#[derive(Serialize, ToSchema)]
pub struct StaffNoteView {
    #[schema(inline)]
    shown_to: ToStaff,
    client_id: ClientId,
    #[serde(flatten)]
    note: NoteBase,
}

/// A note, as the client sees it in the portal.
#[derive(Serialize, ToSchema)]
pub struct PortalNoteView {
    #[schema(inline)]
    shown_to: ToClient,
    #[serde(flatten)]
    note: NoteBase,
    /// Whether the therapist can read it, in words for the page that shows it.
    who_can_read: &'static str,
}

/// A note, as its reader may see it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "shown_to", mapping(("staff" = "#/components/schemas/StaffNoteView"), ("client" = "#/components/schemas/PortalNoteView"))))]
pub enum NoteView {
    Staff(Box<StaffNoteView>),
    Portal(Box<PortalNoteView>),
}

crate::domain::prints_its_name!(NoteBase);
crate::domain::prints_its_name!(StaffNoteView);
crate::domain::prints_its_name!(PortalNoteView);
crate::domain::prints_its_name!(NoteView);

impl NoteView {
    /// What this reader sees of a note of this client now, and what the policy allows it.
    #[must_use]
    pub fn new(note: &Note, reader: &Actor, (client, catalog): (&Client, &Catalog), offers: Vec<NoteOffer>) -> Self {
        let Note { id, practice: _, version: _, edition, author, content, created_at, edited_at, seen, .. } = note;
        let side = reader.principal().unwrap_or(PrincipalId::Client(client.id));
        let base = NoteBase {
            id: *id,
            kind: NoteKind::Note,
            author: AuthorView::new(*author, client, catalog),
            title: content.title.as_ref().map(|title| title.as_str().to_owned()),
            body: content.body.as_str().to_owned(),
            visibility: Visibility::of(content.shared),
            appointment_id: content.appointment,
            created_at: *created_at,
            edited_at: *edited_at,
            read_by_other_side: *seen,
            comments: note.comments,
            unread_comments: note.unread_by(side),
            deleted_at: note.deleted_at,
            allowed_actions: offers,
            etag: ETag::new(u64::from(*edition)),
        };
        match reader {
            Actor::Staff(_) => {
                Self::Staff(Box::new(StaffNoteView { shown_to: ToStaff, client_id: id.client(), note: base }))
            }
            Actor::Client(_) | Actor::Holder(_) | Actor::Anonymous | Actor::System(_) => {
                let who_can_read = match (note.is_from_client(), content.shared) {
                    (_, true) => "You and your therapist can read this.",
                    (true, false) => "Only you can read this.",
                    (false, false) => "Your therapist keeps this private.",
                };
                Self::Portal(Box::new(PortalNoteView { shown_to: ToClient, note: base, who_can_read }))
            }
        }
    }
}

/// What a note said at some time.
#[derive(Serialize, ToSchema)]
pub struct EditionView {
    /// Counts from 1; the last one is what the note says now.
    number: u32,
    title: Option<String>,
    body: String,
    visibility: Visibility,
    appointment_id: Option<AppointmentId>,
    /// Since when it said so.
    at: Timestamp,
}

impl From<&Edition> for EditionView {
    fn from(edition: &Edition) -> Self {
        let Edition { note: _, practice: _, number, content, at } = edition;
        Self {
            number: *number,
            title: content.title.as_ref().map(|title| title.as_str().to_owned()),
            body: content.body.as_str().to_owned(),
            visibility: Visibility::of(content.shared),
            appointment_id: content.appointment,
            at: *at,
        }
    }
}

/// A comment on a note.
#[derive(Serialize, ToSchema)]
pub struct CommentView {
    id: CommentId,
    note_id: NoteId,
    author: AuthorView,
    /// Plain text.
    body: String,
    created_at: Timestamp,
    edited_at: Option<Timestamp>,
    /// Whether the reader wrote it, and may change and delete it.
    own: bool,
    /// For `If-Match` when it is changed or deleted.
    etag: ETag,
}

impl CommentView {
    /// The comment, as this reader sees it.
    #[must_use]
    pub fn new(comment: &Comment, reader: &Actor, client: &Client, catalog: &Catalog) -> Self {
        let Comment { id, practice: _, note, version, author, body, created_at, edited_at } = comment;
        Self {
            id: *id,
            note_id: *note,
            author: AuthorView::new(*author, client, catalog),
            body: body.as_str().to_owned(),
            created_at: *created_at,
            edited_at: *edited_at,
            own: reader.principal() == Some(*author),
            etag: ETag::new(*version),
        }
    }
}

crate::domain::prints_its_name!(EditionView);
crate::domain::prints_its_name!(CommentView);
