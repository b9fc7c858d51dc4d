use super::author::AuthorView;
use super::{ClientRef, StaffRef, ToClient, ToStaff};
use crate::access::{Action, Actor, Resource, decide, permission_blocks};
use crate::domain::catalog::Catalog;
use crate::domain::client::Client;
use crate::domain::ids::{FileId, MessageId};
use crate::domain::message::Message;
use crate::domain::practice::{Permission, Practice};
use crate::domain::side::Side;
use crate::domain::thread::{Last, Thread};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A message, as staff sees it.
#[derive(Serialize, ToSchema)]
pub struct StaffMessageView {
    #[schema(inline)]
    shown_to: ToStaff,
    id: MessageId,
    from: AuthorView,
    /// Plain text.
    body: String,
    /// Files of the client that came with it; each is read as long as it is there and shared.
    file_ids: Vec<FileId>,
    created_at: Timestamp,
    /// When the other side read it.
    read_at: Option<Timestamp>,
}

/// A message, as the client sees it in the portal.
#[derive(Serialize, ToSchema)]
pub struct PortalMessageView {
    #[schema(inline)]
    shown_to: ToClient,
    id: MessageId,
    from: AuthorView,
    /// Plain text.
    body: String,
    /// Files that came with it; each is read as long as it is there and shared.
    file_ids: Vec<FileId>,
    created_at: Timestamp,
    /// When the other side read it.
    read_at: Option<Timestamp>,
}

crate::domain::prints_its_name!(StaffMessageView);
crate::domain::prints_its_name!(PortalMessageView);

impl StaffMessageView {
    /// A message of this client's thread.
    #[must_use]
    pub fn new(message: &Message, thread: &Thread, client: &Client, catalog: &Catalog) -> Self {
        let read_at = thread.read_at(message);
        let Message { id, practice: _, version: _, from, body, files, created_at, counted: _, read_at: _ } = message;
        Self {
            shown_to: ToStaff,
            id: *id,
            from: AuthorView::new(*from, client, catalog),
            body: body.as_str().to_owned(),
            file_ids: files.clone(),
            created_at: *created_at,
            read_at,
        }
    }
}

/// A message, as its reader may see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "shown_to", mapping(("staff" = "#/components/schemas/StaffMessageView"), ("client" = "#/components/schemas/PortalMessageView"))))]
pub enum MessageView {
    Staff(StaffMessageView),
    Portal(PortalMessageView),
}

impl MessageView {
    /// What this reader sees of it.
    #[must_use]
    pub fn new(reader: &Actor, message: &Message, thread: &Thread, client: &Client, catalog: &Catalog) -> Self {
        let staff = StaffMessageView::new(message, thread, client, catalog);
        if !matches!(reader, Actor::Client(_)) {
            return Self::Staff(staff);
        }
        let StaffMessageView { shown_to: _, id, from, body, file_ids, created_at, read_at } = staff;
        Self::Portal(PortalMessageView { shown_to: ToClient, id, from, body, file_ids, created_at, read_at })
    }
}

/// Whether the reader may write in a thread now.
#[derive(Debug, Serialize, ToSchema)]
pub struct SendingView {
    enabled: bool,
    /// What stands in the way: what keeps the client from the portal, `feature_off`, `permission`, `no_therapist`, and
    /// `not_yours` for who may only read.
    blocked_by: Vec<&'static str>,
}

impl SendingView {
    /// For this reader.
    #[must_use]
    pub fn new(reader: &Actor, client: &Client, practice: &Practice) -> Self {
        let mut blocked_by = permission_blocks(client, practice, Permission::SecureMessaging);
        if client.assigned_staff.is_none() {
            blocked_by.push("no_therapist");
        }
        let writes = decide(reader, Action::MessageSend, &Resource::thread(Some(client)), practice).is_ok();
        if blocked_by.is_empty() && !writes {
            blocked_by.push("not_yours");
        }
        Self { enabled: blocked_by.is_empty(), blocked_by }
    }
}

/// The last message of a thread.
#[derive(Debug, Serialize, ToSchema)]
pub struct LastMessageView {
    id: MessageId,
    at: Timestamp,
    from: AuthorView,
    /// How it begins, on one line.
    excerpt: String,
}

impl LastMessageView {
    fn new(last: &Last, client: &ClientRef, catalog: &Catalog) -> Self {
        let Last { id, from, at, excerpt } = last;
        let from = AuthorView::named(*from, client, catalog);
        Self { id: *id, at: *at, from, excerpt: excerpt.as_str().to_owned() }
    }
}

/// A client's thread in the inbox of staff.
#[derive(Debug, Serialize, ToSchema)]
pub struct StaffInboxItem {
    #[schema(inline)]
    shown_to: ToStaff,
    client: ClientRef,
    /// How many messages of the client its therapist has not read.
    unread: u32,
    last: Option<LastMessageView>,
}

/// The client's own thread.
#[derive(Debug, Serialize, ToSchema)]
pub struct PortalInboxItem {
    #[schema(inline)]
    shown_to: ToClient,
    /// With whom; none while the client has no therapist.
    staff: Option<StaffRef>,
    /// How many messages the client has not read.
    unread: u32,
    last: Option<LastMessageView>,
}

/// A thread in an inbox.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "shown_to", mapping(("staff" = "#/components/schemas/StaffInboxItem"), ("client" = "#/components/schemas/PortalInboxItem"))))]
pub enum InboxItem {
    Staff(StaffInboxItem),
    Portal(PortalInboxItem),
}

impl InboxItem {
    /// A client's thread, for staff.
    #[must_use]
    pub fn of_client(client: ClientRef, thread: &Thread, catalog: &Catalog) -> Self {
        let last = thread.last.as_ref().map(|last| LastMessageView::new(last, &client, catalog));
        Self::Staff(StaffInboxItem { shown_to: ToStaff, client, unread: thread.unread(Side::Staff), last })
    }

    /// The thread of a client, for itself.
    #[must_use]
    pub fn own(client: &Client, thread: &Thread, catalog: &Catalog) -> Self {
        let staff = client.assigned_staff.and_then(|id| StaffRef::of(id, catalog));
        let last = thread.last.as_ref().map(|last| LastMessageView::new(last, &client.into(), catalog));
        Self::Portal(PortalInboxItem { shown_to: ToClient, staff, unread: thread.unread(Side::Client), last })
    }
}
