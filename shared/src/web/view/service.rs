//! Services, as staff and as clients see them.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ToClient, ToStaff};
use crate::domain::ids::ServiceId;
use crate::domain::money::Money;
use crate::domain::service::{Service, ServicePlace, ServiceTerms};
use crate::web::ETag;

/// A service, as its reader may see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "shown_to", mapping(("staff" = "#/components/schemas/ServiceView"), ("client" = "#/components/schemas/PortalServiceView"))))]
pub enum AnyServiceView {
    Staff(ServiceView),
    Portal(PortalServiceView),
}

/// A service of the practice.
#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceView {
    shown_to: ToStaff,
    id: ServiceId,
    name: String,
    /// How long a session is.
    minutes: u16,
    price: Option<Money>,
    /// Minutes that stay free before a session.
    buffer_before: u16,
    /// Minutes that stay free after it.
    buffer_after: u16,
    /// Whether clients see it and its free times.
    bookable_online: bool,
    place: ServicePlace,
    /// Of the video room.
    link: Option<String>,
    created_at: Timestamp,
    /// For `If-Match` when it is changed or deleted.
    etag: ETag,
}

impl ServiceView {
    /// The service as it is now.
    #[must_use]
    pub fn new(service: &Service) -> Self {
        let Service { id, practice: _, version, terms, created_at } = service;
        let ServiceTerms { name, minutes, price, buffer_before, buffer_after, bookable_online, place, link } = terms;
        Self {
            shown_to: ToStaff,
            id: *id,
            name: name.as_str().to_owned(),
            minutes: *minutes,
            price: *price,
            buffer_before: *buffer_before,
            buffer_after: *buffer_after,
            bookable_online: *bookable_online,
            place: *place,
            link: link.as_ref().map(|link| link.as_str().to_owned()),
            created_at: *created_at,
            etag: ETag::new(*version),
        }
    }
}

/// A service that clients can book.
#[derive(Debug, Serialize, ToSchema)]
pub struct PortalServiceView {
    shown_to: ToClient,
    id: ServiceId,
    name: String,
    /// How long a session is.
    minutes: u16,
    price: Option<Money>,
    place: ServicePlace,
}

impl PortalServiceView {
    /// What a client sees of it.
    #[must_use]
    pub fn new(service: &Service) -> Self {
        let ServiceTerms { name, minutes, price, place, .. } = &service.terms;
        Self {
            shown_to: ToClient,
            id: service.id,
            name: name.as_str().to_owned(),
            minutes: *minutes,
            price: *price,
            place: *place,
        }
    }
}
