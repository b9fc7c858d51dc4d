//! What staff and what a client see of a client record: two types, so that a new field reaches the portal only when
//! somebody puts it there (E7, d-35).

use caseload::access::{Action, Actor, Resource, allowed_actions, decide, permission_blocks};
use caseload::domain::appointment::{SessionSummary, Stats};
use caseload::domain::client::{Address, Client, Ownership, Risk, RiskLevel, Status};
use caseload::domain::date::{age, today};
use caseload::domain::ids::{ClientId, StaffId};
use caseload::domain::phone::Phone;
use caseload::domain::practice::{Permission, Practice};
use caseload::store::Catalog;
use caseload::web::{PortalView, StaffRef, TagView, tag_views};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

/// A phone number, stored and shown.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PhoneView {
    pub e164: String,
    pub display: String,
    pub country: String,
}

impl PhoneView {
    pub(crate) fn new(phone: &Phone) -> Self {
        Self { e164: phone.e164().to_owned(), display: phone.display(), country: phone.country().to_owned() }
    }
}

/// Counts of sessions (B13).
#[derive(Debug, Clone, Copy, Default, Serialize, ToSchema)]
pub(crate) struct StatsView {
    /// All there are, cancelled ones included.
    pub appointments_total: u32,
    /// Scheduled, and not begun yet.
    pub appointments_upcoming: u32,
    pub sessions_completed: u32,
}

impl StatsView {
    fn new(sessions: &SessionSummary, now: Timestamp) -> Self {
        let Stats { total, upcoming, completed } = sessions.stats(now);
        Self { appointments_total: total, appointments_upcoming: upcoming, sessions_completed: completed }
    }
}

/// A client, as staff sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClientView {
    pub id: ClientId,
    pub first_name: String,
    pub middle_name: Option<String>,
    pub last_name: String,
    pub preferred_name: Option<String>,
    pub pronouns: Option<String>,
    pub email: Option<String>,
    pub phone: Option<PhoneView>,
    #[schema(value_type = Option<String>, format = Date)]
    pub date_of_birth: Option<Date>,
    pub age: Option<u16>,
    pub gender: Option<String>,
    pub sex: Option<String>,
    pub address: Address,
    pub occupation: Option<String>,
    pub employer: Option<String>,
    pub employment_status: Option<String>,
    pub relationship_status: Option<String>,
    pub living_arrangement: Option<String>,
    /// Left out for roles without clinical access.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clinical: Option<ClinicalView>,
    pub external_id: Option<String>,
    pub status: Status,
    pub ownership: Ownership,
    #[schema(value_type = String, format = Date)]
    pub join_date: Date,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    pub tags: Vec<TagView>,
    pub assigned_staff: Option<StaffRef>,
    /// Every primary therapist, oldest first (L11).
    pub therapist_history: Vec<TherapistView>,
    /// A change of therapist on a day to come (L10).
    pub handover: Option<HandoverView>,
    pub portal: PortalView,
    pub stats: StatsView,
    pub allowed_actions: Vec<&'static str>,
}

/// Diagnosis, symptoms and risk.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClinicalView {
    pub diagnosis: Option<String>,
    pub symptoms: Option<String>,
    /// Null if no clinician has set it.
    pub risk: Option<RiskView>,
}

/// A clinician's judgement of risk (L12).
#[derive(Serialize, ToSchema)]
pub(crate) struct RiskView {
    pub level: RiskLevel,
    #[schema(value_type = String, format = DateTime)]
    pub set_at: Timestamp,
    pub set_by: Option<StaffRef>,
}

fn text<T>(value: Option<&T>, as_str: impl Fn(&T) -> &str) -> Option<String> {
    value.map(|v| as_str(v).to_owned())
}

/// A primary therapist the client has, or had.
#[derive(Serialize, ToSchema)]
pub(crate) struct TherapistView {
    staff: StaffRef,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Null for the present one.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// A change of therapist that is agreed.
#[derive(Serialize, ToSchema)]
pub(crate) struct HandoverView {
    /// To whom; null for nobody.
    staff: Option<StaffRef>,
    /// On the morning of this day in the practice's zone.
    #[schema(value_type = String, format = Date)]
    on: Date,
}

/// The staff member a client is assigned to, by name.
pub(crate) fn assigned(staff: Option<StaffId>, catalog: &Catalog) -> Option<StaffRef> {
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
    /// `sessions` sums up the client's appointments; a client without any has none.
    pub(crate) fn new(
        client: &Client,
        actor: &Actor,
        practice: &Practice,
        catalog: &Catalog,
        sessions: Option<&SessionSummary>,
        now: Timestamp,
    ) -> Self {
        let p = &client.profile;
        let detail = |value: &Option<caseload::domain::text::Detail>| text(value.as_ref(), |d| d.as_str());
        let name = |value: &Option<caseload::domain::text::PersonName>| text(value.as_ref(), |n| n.as_str());
        let passage = |value: &Option<caseload::domain::text::Passage>| text(value.as_ref(), |t| t.as_str());
        let clinical = decide(actor, Action::ClientReadDiagnosis, &Resource::client(Some(client)), practice).is_ok();
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
            address: p.address.clone(),
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
            handover: client
                .handover
                .map(|planned| HandoverView { staff: assigned(planned.to, catalog), on: planned.on }),
            portal: PortalView::of(client, practice, now),
            stats: sessions.map(|sessions| StatsView::new(sessions, now)).unwrap_or_default(),
            allowed_actions: allowed_actions(actor, &client.into(), practice),
        }
    }
}

/// A client's own record, as the portal shows it.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnClientView {
    id: ClientId,
    first_name: String,
    last_name: String,
    preferred_name: Option<String>,
    pronouns: Option<String>,
    email: Option<String>,
    phone: Option<PhoneView>,
    #[schema(value_type = Option<String>, format = Date)]
    date_of_birth: Option<Date>,
    age: Option<u16>,
    address: Address,
    practice: OwnPracticeView,
    portal: OwnPortalView,
}

/// The client's practice.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnPracticeView {
    name: String,
    slug: String,
}

/// The client's own portal access.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnPortalView {
    email: Option<String>,
    permissions: Vec<Permission>,
}

impl OwnClientView {
    pub(crate) fn new(client: &Client, practice: &Practice, now: Timestamp) -> Self {
        let p = &client.profile;
        Self {
            id: client.id,
            first_name: p.first_name.as_str().to_owned(),
            last_name: p.last_name.as_str().to_owned(),
            preferred_name: text(p.preferred_name.as_ref(), |n| n.as_str()),
            pronouns: text(p.pronouns.as_ref(), |d| d.as_str()),
            email: text(p.email.as_ref(), |e| e.as_str()),
            phone: p.phone.as_ref().map(PhoneView::new),
            date_of_birth: p.date_of_birth,
            age: p.date_of_birth.and_then(|born| age(born, today(now, practice.time_zone.time_zone()))),
            address: p.address.clone(),
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
        }
    }
}
