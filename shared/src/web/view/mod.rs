//! What callers see of the records: answers, and pieces of answers, that several functions show.
//!
//! Staff and the portal get types of their own, so that a new field reaches the portal only when somebody puts it there
//! (E7, d-35).

pub mod appointment;
pub mod author;
pub mod billing;
pub mod client;
pub mod clinical;
pub mod file;
pub mod form;
pub mod menu;
pub mod message;
pub mod note;
pub mod notifications;
pub mod packet;
pub mod series;
pub mod service;
pub mod session;
pub mod tabs;
pub mod task;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::ClientFacts;
use crate::domain::catalog::Catalog;
use crate::domain::client::Client;
use crate::domain::directory::Entry;
use crate::domain::ids::{ClientId, StaffId, TagId};
use crate::domain::portal::{Access, Block, Invitation, InvitationState, blocks};
use crate::domain::practice::Practice;

/// A tag on a client.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TagView {
    pub id: TagId,
    pub name: String,
    /// `#rrggbb`.
    pub color: String,
}

/// A staff member, as lists show it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StaffRef {
    pub id: StaffId,
    pub full_name: String,
}

impl StaffRef {
    /// A staff member by the name the catalog has, who left included; none for an id the practice has never had.
    #[must_use]
    pub fn of(id: StaffId, catalog: &Catalog) -> Option<Self> {
        catalog.staff.get(&id).map(|card| Self { id, full_name: card.full_name.as_str().to_owned() })
    }
}

/// A client, as lists of other things name it.
#[derive(Serialize, ToSchema)]
pub struct ClientRef {
    pub id: ClientId,
    pub first_name: String,
    pub last_name: String,
}

impl From<&Client> for ClientRef {
    fn from(client: &Client) -> Self {
        Self {
            id: client.id,
            first_name: client.profile.first_name.as_str().to_owned(),
            last_name: client.profile.last_name.as_str().to_owned(),
        }
    }
}

impl From<&Entry> for ClientRef {
    fn from(entry: &Entry) -> Self {
        Self { id: entry.id, first_name: entry.first_name.clone(), last_name: entry.last_name.clone() }
    }
}

impl std::fmt::Debug for ClientRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ClientRef({})", self.id)
    }
}

/// Where an invitation stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InvitationView {
    /// State now.
    pub state: InvitationState,
    /// When the mail went out.
    pub sent_at: Timestamp,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// How many were sent in a row.
    pub attempts: u32,
}

impl InvitationView {
    /// The invitation at this moment.
    #[must_use]
    pub fn new(invitation: &Invitation, now: Timestamp) -> Self {
        Self {
            state: invitation.state_at(now),
            sent_at: invitation.sent_at,
            expires_at: invitation.expires_at,
            attempts: invitation.attempts,
        }
    }
}

/// The portal block of a client.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PortalView {
    /// Stored access.
    pub access: Access,
    /// Whether it can sign in now.
    pub can_sign_in: bool,
    /// What stands in the way.
    pub blocked_by: Vec<Block>,
    /// Login address.
    pub email: Option<String>,
    /// The last invitation.
    pub invitation: Option<InvitationView>,
    pub last_sign_in_at: Option<Timestamp>,
}

impl PortalView {
    /// The portal block of a client, from its record or from the directory.
    #[must_use]
    pub fn new(
        client: &ClientFacts,
        practice: &Practice,
        email: Option<String>,
        invitation: Option<InvitationView>,
        last_sign_in_at: Option<Timestamp>,
    ) -> Self {
        let blocked_by = blocks(practice.portal.on, client.suspended, client.registered, client.access);
        let can_sign_in = blocked_by.is_empty();
        Self { access: client.access, can_sign_in, blocked_by, email, invitation, last_sign_in_at }
    }

    /// From its record.
    #[must_use]
    pub fn of(client: &Client, practice: &Practice, now: Timestamp) -> Self {
        let portal = &client.portal;
        let email = portal.email.as_ref().map(|e| e.as_str().to_owned());
        let invitation = portal.invitation.as_ref().map(|i| InvitationView::new(i, now));
        Self::new(&client.into(), practice, email, invitation, portal.last_sign_in_at)
    }
}

/// Tags in the order of their names; an id without a tag was deleted and shows nothing.
pub fn tag_views(ids: impl IntoIterator<Item = TagId>, catalog: &Catalog) -> Vec<TagView> {
    let mut views: Vec<TagView> = ids
        .into_iter()
        .filter_map(|id| {
            let tag = catalog.tags.get(&id)?;
            Some(TagView { id, name: tag.name.as_str().to_owned(), color: tag.color.as_str().to_owned() })
        })
        .collect();
    views.sort_by(|a, b| a.name.cmp(&b.name));
    views
}

/// Says in a view to whom it is shown, where staff and clients are shown different ones under one address.
macro_rules! shown_to {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct $name;

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str($text)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String);
                text.enum_values(Some([$text])).into()
            }
        }

        impl ToSchema for $name {}
    )*};
}

shown_to! {
    /// To staff.
    ToStaff = "staff";
    /// To the client itself.
    ToClient = "client";
    /// To an admin, or to whom it is about.
    ToAdmin = "admin_or_self";
    /// To a colleague.
    ToColleague = "colleague";
}
