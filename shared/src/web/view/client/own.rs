//! What a client sees of its own record in the portal: a type of its own, so that a new field gets there only when
//! somebody puts it there (E7, d-35).

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::{AddressView, PhoneView, text};
use crate::access::permission_blocks;
use crate::domain::client::Client;
use crate::domain::date::{age, today};
use crate::domain::ids::ClientId;
use crate::domain::practice::{Permission, PortalFeature, Practice};
use crate::domain::task::{SetBy, TaskTally};
use crate::store::Sums;
use crate::web::ETag;
use crate::web::view::ToClient;

/// A client's own record, as the portal shows it.
#[derive(Serialize, ToSchema)]
pub struct OwnClientView {
    #[schema(inline)]
    shown_to: ToClient,
    id: ClientId,
    first_name: String,
    last_name: String,
    preferred_name: Option<String>,
    pronouns: Option<String>,
    email: Option<String>,
    phone: Option<PhoneView>,
    date_of_birth: Option<Date>,
    age: Option<u16>,
    address: AddressView,
    practice: OwnPracticeView,
    portal: OwnPortalView,
    // G3
    /// How far the tasks are. Left out where the practice has them off.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<ProgressView>,
    etag: ETag,
}

/// How far a client is with its tasks, its own and those it was given.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgressView {
    tasks_open: u32,
    tasks_overdue: u32,
    tasks_done: u32,
    /// Null without tasks.
    tasks_done_percent: Option<u8>,
}

impl ProgressView {
    fn new(tasks: Option<&TaskTally>, practice: &Practice, now: Timestamp) -> Self {
        let both = |count: fn(&TaskTally, SetBy) -> u32| {
            tasks.map_or(0, |tasks| count(tasks, SetBy::Staff).saturating_add(count(tasks, SetBy::Client)))
        };
        Self {
            tasks_open: both(TaskTally::open),
            tasks_overdue: tasks.map_or(0, |tasks| tasks.overdue(now, practice.time_zone.time_zone())),
            tasks_done: both(TaskTally::done),
            tasks_done_percent: tasks.and_then(TaskTally::done_share),
        }
    }
}

/// The client's practice.
#[derive(Serialize, ToSchema)]
pub struct OwnPracticeView {
    name: String,
    slug: String,
}

/// The client's own portal access.
#[derive(Serialize, ToSchema)]
pub struct OwnPortalView {
    email: Option<String>,
    permissions: Vec<Permission>,
}

impl OwnClientView {
    /// What the portal shows now.
    #[must_use]
    pub fn new(client: &Client, practice: &Practice, sums: &Sums, now: Timestamp) -> Self {
        let p = &client.profile;
        Self {
            shown_to: ToClient,
            id: client.id,
            first_name: p.first_name.as_str().to_owned(),
            last_name: p.last_name.as_str().to_owned(),
            preferred_name: text(p.preferred_name.as_ref(), |n| n.as_str()),
            pronouns: text(p.pronouns.as_ref(), |d| d.as_str()),
            email: text(p.email.as_ref(), |e| e.as_str()),
            phone: p.phone.as_ref().map(PhoneView::new),
            date_of_birth: p.date_of_birth,
            age: p.date_of_birth.and_then(|born| age(born, today(now, practice.time_zone.time_zone()))),
            address: AddressView::new(&p.address),
            practice: OwnPracticeView {
                name: practice.name.as_str().to_owned(),
                slug: practice.slug.as_str().to_owned(),
            },
            portal: OwnPortalView {
                email: text(client.portal.email.as_ref(), |e| e.as_str()),
                permissions: Permission::ALL
                    .into_iter()
                    .filter(|p| permission_blocks(client, practice, *p).is_empty())
                    .collect(),
            },
            progress: practice
                .portal
                .has(PortalFeature::Tasks)
                .then(|| ProgressView::new(sums.tasks.as_ref(), practice, now)),
            etag: ETag::new(client.version),
        }
    }
}

crate::domain::prints_its_name!(OwnClientView);
crate::domain::prints_its_name!(OwnPracticeView);
crate::domain::prints_its_name!(OwnPortalView);
