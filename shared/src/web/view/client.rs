//! What staff and what a client see of a client record: two types, so that a new field reaches the portal only when
//! somebody puts it there (E7, d-35).

mod own;

pub use own::{OwnClientView, OwnPortalView, OwnPracticeView, ProgressView};

use super::tabs::{Asking, EngagementView, TabsView, Things};
use super::{PortalView, StaffRef, TagView, ToStaff, tag_views};
use crate::access::{Action, Actor, ClientFacts, Offer, Resource, allowed_actions, decide};
use crate::domain::appointment::Stats;
use crate::domain::catalog::Catalog;
use crate::domain::client::{Address, AppointmentsToCome, Client, Handover, Ownership, Risk, RiskLevel, Status};
use crate::domain::date::{age, today};
use crate::domain::ids::{ClientId, StaffId};
use crate::domain::phone::Phone;
use crate::domain::practice::Practice;
use crate::domain::task::TaskTally;
use crate::store::Sums;
use crate::web::ETag;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// A phone number, stored and shown.
#[derive(Clone, Serialize, ToSchema)]
pub struct PhoneView {
    e164: String,
    /// What is dialled once somebody has answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    extension: Option<String>,
    display: String,
    country: String,
}

impl PhoneView {
    /// The number as it is dialled and as it is written.
    #[must_use]
    pub fn new(phone: &Phone) -> Self {
        Self {
            e164: phone.e164().to_owned(),
            extension: phone.extension().map(str::to_owned),
            display: phone.display(),
            country: phone.country().to_owned(),
        }
    }
}

// B13
/// Counts of appointments, and how far the tasks are.
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub struct StatsView {
    /// All there are, cancelled ones included.
    appointments_total: u32,
    /// Scheduled, and not begun yet.
    appointments_upcoming: u32,
    sessions_completed: u32,
    /// Sessions to which the client did not come.
    no_shows: u32,
    /// Sessions that the client called off later than the practice wants.
    late_cancellations: u32,
    /// When the last session that was held began.
    last_session_at: Option<Timestamp>,
    /// When the next one begins.
    next_session_at: Option<Timestamp>,
    // G3
    /// How many of a hundred tasks are done; null without tasks. Left out for roles without tasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u8>, required = false)]
    tasks_done_percent: Option<Option<u8>>,
}

impl StatsView {
    fn new(sums: &Sums, with_tasks: bool, now: Timestamp, sees: impl Fn(StaffId) -> bool) -> Self {
        let stats = sums.sessions.as_ref().map(|sessions| sessions.stats(now, sees));
        let Stats { total, upcoming, completed, no_shows, late_cancellations, last, next } = stats.unwrap_or_default();
        Self {
            appointments_total: total,
            appointments_upcoming: upcoming,
            sessions_completed: completed,
            no_shows,
            late_cancellations,
            last_session_at: last,
            next_session_at: next,
            tasks_done_percent: with_tasks.then(|| sums.tasks.as_ref().and_then(TaskTally::done_share)),
        }
    }
}

/// A client, as staff sees it.
#[derive(Serialize, ToSchema)]
pub struct ClientView {
    #[schema(inline)]
    shown_to: ToStaff,
    #[serde(flatten)]
    record: ClientRecord,
    allowed_actions: Vec<Offer>,
    /// How much there is under each tab; where the profile is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    tabs: Option<TabsView>,
    /// How much the client has to do with its portal; where the profile is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    engagement: Option<EngagementView>,
    etag: ETag,
}

/// A client record, as its reader may see it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "shown_to", mapping(("staff" = "#/components/schemas/ClientView"), ("client" = "#/components/schemas/OwnClientView"))))]
pub enum ClientShown {
    Staff(Box<ClientView>),
    Portal(Box<OwnClientView>),
}

/// What is written down about a client, as far as this staff member may read it.
#[derive(Serialize, ToSchema)]
pub struct ClientRecord {
    id: ClientId,
    first_name: String,
    middle_name: Option<String>,
    last_name: String,
    preferred_name: Option<String>,
    pronouns: Option<String>,
    email: Option<String>,
    phone: Option<PhoneView>,
    date_of_birth: Option<Date>,
    age: Option<u16>,
    gender: Option<String>,
    sex: Option<String>,
    address: AddressView,
    occupation: Option<String>,
    employer: Option<String>,
    employment_status: Option<String>,
    relationship_status: Option<String>,
    living_arrangement: Option<String>,
    /// Left out for roles without clinical access.
    #[serde(skip_serializing_if = "Option::is_none")]
    clinical: Option<ClinicalView>,
    external_id: Option<String>,
    status: Status,
    ownership: Ownership,
    join_date: Date,
    created_at: Timestamp,
    tags: Vec<TagView>,
    assigned_staff: Option<StaffRef>,
    // L11
    /// Every primary therapist, oldest first.
    therapist_history: Vec<TherapistView>,
    // L10
    /// A change of therapist on a day to come.
    handover: Option<HandoverView>,
    portal: PortalView,
    /// Left out for roles without appointments.
    #[serde(skip_serializing_if = "Option::is_none")]
    stats: Option<StatsView>,
}

/// Where a client lives. Every part is optional.
#[derive(Serialize, ToSchema)]
pub struct AddressView {
    /// Street, house, flat; may have several lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    street: Option<String>,
    /// City or town.
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    /// State, province or county.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    /// Postal or zip code.
    #[serde(skip_serializing_if = "Option::is_none")]
    postal_code: Option<String>,
    /// Country, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
}

impl AddressView {
    fn new(address: &Address) -> Self {
        let Address { street, city, region, postal_code, country } = address;
        let detail = |part: &Option<crate::domain::text::Detail>| text(part.as_ref(), |part| part.as_str());
        Self {
            street: text(street.as_ref(), |street| street.as_str()),
            city: detail(city),
            region: detail(region),
            postal_code: detail(postal_code),
            country: detail(country),
        }
    }
}

/// Diagnosis, symptoms and risk.
#[derive(Serialize, ToSchema)]
pub struct ClinicalView {
    diagnosis: Option<String>,
    symptoms: Option<String>,
    /// Null if no clinician has set it.
    risk: Option<RiskView>,
}

// L12
/// A clinician's judgement of risk.
#[derive(Serialize, ToSchema)]
pub struct RiskView {
    level: RiskLevel,
    set_at: Timestamp,
    set_by: Option<StaffRef>,
}

fn text<T>(value: Option<&T>, as_str: impl Fn(&T) -> &str) -> Option<String> {
    value.map(|v| as_str(v).to_owned())
}

/// A primary therapist the client has, or had.
#[derive(Debug, Serialize, ToSchema)]
pub struct TherapistView {
    staff: StaffRef,
    from: Timestamp,
    /// Null for the present one.
    until: Option<Timestamp>,
}

/// A change of therapist that is agreed.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandoverView {
    /// To whom; null for nobody.
    staff: Option<StaffRef>,
    /// On the morning of this day in the practice's zone.
    on: Date,
    /// What becomes then of the appointments to come.
    sessions: AppointmentsToCome,
}

/// The staff member a client is assigned to, by name.
#[must_use]
pub fn assigned(staff: Option<StaffId>, catalog: &Catalog) -> Option<StaffRef> {
    staff.and_then(|id| StaffRef::of(id, catalog))
}

fn history(client: &Client, catalog: &Catalog) -> Vec<TherapistView> {
    let past = client.past_therapists.iter().map(|past| (past.staff, past.from, Some(past.until)));
    let present = client.assigned_staff.map(|staff| (staff, client.assigned_at, None));
    let all = past.chain(present);
    let view = |(staff, from, until)| Some(TherapistView { staff: StaffRef::of(staff, catalog)?, from, until });
    all.filter_map(view).collect()
}

impl ClientView {
    /// `sums` is what the client's things come to.
    #[must_use]
    pub fn new(
        client: &Client,
        actor: &Actor,
        practice: &Practice,
        catalog: &Catalog,
        sums: &Sums,
        now: Timestamp,
    ) -> Self {
        Self {
            shown_to: ToStaff,
            record: ClientRecord::new(client, actor, practice, catalog, sums, now),
            allowed_actions: allowed_actions(actor, &client.into(), practice),
            tabs: None,
            engagement: None,
            etag: ETag::new(client.version),
        }
    }

    // E1, E9
    /// With how much there is under each tab, and how much the client has to do with it.
    #[must_use]
    pub fn with_things(mut self, asking: Asking<'_>, things: &Things<'_>) -> Self {
        self.tabs = Some(TabsView::new(asking, things));
        self.engagement = Some(EngagementView::new(asking, things));
        self
    }
}

impl ClientRecord {
    /// `sums` is what the client's things come to.
    #[must_use]
    pub fn new(
        client: &Client,
        actor: &Actor,
        practice: &Practice,
        catalog: &Catalog,
        sums: &Sums,
        now: Timestamp,
    ) -> Self {
        let p = &client.profile;
        let detail = |value: &Option<crate::domain::text::Detail>| text(value.as_ref(), |d| d.as_str());
        let name = |value: &Option<crate::domain::text::PersonName>| text(value.as_ref(), |n| n.as_str());
        let passage = |value: &Option<crate::domain::text::Passage>| text(value.as_ref(), |t| t.as_str());
        let may = |action| decide(actor, action, &Resource::client(Some(client)), practice).is_ok();
        let clinical = may(Action::ClientReadDiagnosis);
        // A walk-in sees its own sessions only.
        let sees = |staff| {
            let about = Resource::Appointment(Some((ClientFacts::from(client), staff)));
            decide(actor, Action::AppointmentRead, &about, practice).is_ok()
        };
        let stats = || StatsView::new(sums, may(Action::TaskRead), now, sees);
        Self {
            id: client.id,
            first_name: p.first_name.as_str().to_owned(),
            middle_name: name(&p.middle_name),
            last_name: p.last_name.as_str().to_owned(),
            preferred_name: name(&p.preferred_name),
            pronouns: detail(&p.pronouns),
            email: text(p.email.as_ref(), |e| e.as_str()),
            phone: p.phone.as_ref().map(PhoneView::new),
            date_of_birth: p.date_of_birth,
            age: p.date_of_birth.and_then(|born| age(born, today(now, practice.time_zone.time_zone()))),
            gender: detail(&p.gender),
            sex: detail(&p.sex),
            address: AddressView::new(&p.address),
            occupation: detail(&p.occupation),
            employer: detail(&p.employer),
            employment_status: detail(&p.employment_status),
            relationship_status: detail(&p.relationship_status),
            living_arrangement: detail(&p.living_arrangement),
            clinical: clinical.then(|| ClinicalView {
                diagnosis: passage(&p.diagnosis),
                symptoms: passage(&p.symptoms),
                risk: client.risk.map(|Risk { level, set_at, set_by }| RiskView {
                    level,
                    set_at,
                    set_by: StaffRef::of(set_by, catalog),
                }),
            }),
            external_id: text(p.external_id.as_ref(), |x| x.as_str()),
            status: client.status(),
            ownership: client.ownership,
            join_date: client.join_date,
            created_at: client.created_at,
            tags: tag_views(p.tags.iter().copied(), catalog),
            assigned_staff: assigned(client.assigned_staff, catalog),
            therapist_history: history(client, catalog),
            handover: client.handover.map(|Handover { to, on, sessions, .. }| HandoverView {
                staff: assigned(to, catalog),
                on,
                sessions,
            }),
            portal: PortalView::of(client, practice, now),
            // decision 29
            stats: may(Action::ClientReadStats).then(stats),
        }
    }
}

crate::domain::prints_its_name!(AddressView);
crate::domain::prints_its_name!(PhoneView);
crate::domain::prints_its_name!(ClientShown);
crate::domain::prints_its_name!(ClientView);
crate::domain::prints_its_name!(ClientRecord);
crate::domain::prints_its_name!(ClinicalView);
crate::domain::prints_its_name!(RiskView);
