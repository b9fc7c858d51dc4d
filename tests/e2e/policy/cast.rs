//! The principals of the matrix and what they ask about, as plain values.

use std::collections::{BTreeMap, BTreeSet};

use caseload::access::{
    Action, Actor, ClientFacts, ClinicalFacts, FileFacts, InvoiceFacts, NoteFacts, Resource, Writing,
};
use caseload::domain::appointment::day_of;
use caseload::domain::client::{Address, Client, Ownership, Profile};
use caseload::domain::clinical::ClinicalStage;
use caseload::domain::email::EmailAddress;
use caseload::domain::ids::{ClientId, PracticeId, RoleId, StaffId};
use caseload::domain::portal::Access;
use caseload::domain::practice::{
    FeatureSettings, InvitationSettings, Permission, PortalFeature, PortalSettings, Practice, Slug, TeamSettings, Zone,
};
use caseload::domain::role::{Feature, Role};
use caseload::domain::scheduling::SchedulingSettings;
use caseload::domain::session::PrincipalId;
use caseload::domain::staff::{NewStaff, Staff, StaffStatus};
use caseload::domain::text::{FamilyName, FullName, PersonName, PracticeName};
use end_to_end::matrix::Row;
use jiff::Timestamp;
use uuid::Uuid;

pub(super) const NOW: Timestamp = Timestamp::UNIX_EPOCH;

pub(super) fn staff_id(n: u128) -> StaffId {
    StaffId::from_uuid(Uuid::from_u128(n))
}

pub(super) fn role_id(n: u128) -> RoleId {
    RoleId::from_uuid(Uuid::from_u128(n))
}

fn practice_id(n: u128) -> PracticeId {
    PracticeId::from_uuid(Uuid::from_u128(n))
}

/// The staff of the practice, by number.
pub(super) const T: u128 = 10;
pub(super) const W: u128 = 11;
const OTHER: u128 = 12;
/// Roles: therapist, supervisor, intern as they come; then all on, all off.
pub(super) const THERAPIST: u128 = 1;
pub(super) const SUPERVISOR: u128 = 2;
pub(super) const INTERN: u128 = 3;
const GRANTED: u128 = 4;
const RESTRICTED: u128 = 5;

pub(super) fn practice(n: u128) -> Practice {
    let mut roles = Role::standard([THERAPIST, SUPERVISOR, INTERN].map(role_id));
    for (n, on) in [(GRANTED, true), (RESTRICTED, false)] {
        let plain = roles[&role_id(THERAPIST)].clone();
        let overrides: BTreeMap<Feature, bool> = Feature::ALL.iter().map(|feature| (*feature, on)).collect();
        roles.insert(role_id(n), Role { id: role_id(n), overrides, ..plain });
    }
    Practice {
        id: practice_id(n),
        version: 1,
        name: PracticeName::parse("Harbor").expect("a name"),
        slug: Slug::parse("harbor").expect("a slug"),
        time_zone: Zone::parse("America/New_York").expect("a zone"),
        currency: serde_json::from_str("\"USD\"").expect("a currency"),
        default_region: None,
        created_at: NOW,
        portal: PortalSettings::default(),
        online_payments: true,
        closed_at: None,
        invitations: InvitationSettings::default(),
        scheduling: SchedulingSettings::default(),
        team: TeamSettings::default(),
        roles,
    }
}

pub(super) fn staff(n: u128, role: u128, supervises: &[u128]) -> Staff {
    let new = NewStaff {
        full_name: FullName::parse("Somebody").expect("a name"),
        email: EmailAddress::parse("s@harbor.example").expect("an address"),
        admin: false,
        role: role_id(role),
        invitation: None,
    };
    Staff {
        status: StaffStatus::Active,
        supervises: supervises.iter().map(|n| staff_id(*n)).collect(),
        joined_at: Some(NOW),
        ..Staff::new(staff_id(n), practice_id(1), new, NOW)
    }
}

pub(super) fn client(n: u128, of: u128) -> Client {
    let profile = Profile {
        first_name: PersonName::parse("Maya").expect("a name"),
        middle_name: None,
        last_name: FamilyName::parse("Lindqvist").expect("a name"),
        preferred_name: None,
        pronouns: None,
        email: None,
        phone: None,
        date_of_birth: None,
        gender: None,
        sex: None,
        address: Address::default(),
        occupation: None,
        employer: None,
        employment_status: None,
        relationship_status: None,
        living_arrangement: None,
        diagnosis: None,
        symptoms: None,
        external_id: None,
        tags: BTreeSet::new(),
    };
    let (id, day) = (ClientId::from_uuid(Uuid::from_u128(n)), jiff::civil::date(2026, 11, 21));
    let mut client = Client::new(id, practice_id(of), profile, Ownership::Practice, Some(staff_id(T)), NOW, day);
    client.seen_by = BTreeMap::from([(staff_id(W), day)]);
    client.registered_at = Some(NOW);
    client.portal.access = Access::Enabled;
    client.portal.permissions = Permission::ALL.into_iter().map(|permission| (permission, true)).collect();
    client
}

/// A principal in its practice, and client C of practice P.
pub(super) struct Scene {
    pub(super) practice: Practice,
    pub(super) actor: Actor,
    pub(super) client: Client,
    /// Whose client C is.
    pub(super) therapist: u128,
    /// Who has seen it as well.
    pub(super) walk_in: u128,
    /// Whose session an appointment is: the walk-in's for those who only see that.
    pub(super) appointment_with: u128,
}

/// As `authz-principals.tsv` says how to build it.
pub(super) fn scene(principal: &str) -> Scene {
    let mut scene = Scene::of(practice(1), Actor::Anonymous, client(5, 1));
    let parts = principal.strip_prefix("client_");
    match parts {
        Some(which) => scene.as_client(which),
        None if principal != "anonymous" => scene.as_staff(principal),
        None => {}
    }
    scene
}

impl Scene {
    pub(super) const fn of(practice: Practice, actor: Actor, client: Client) -> Self {
        Self { practice, actor, client, therapist: T, walk_in: W, appointment_with: T }
    }

    fn as_staff(&mut self, principal: &str) {
        let in_status = |status| Staff { status, ..staff(T, THERAPIST, &[]) };
        let actor = match principal {
            "admin" => Staff { admin: true, ..staff(OTHER, THERAPIST, &[]) },
            "therapist_assigned" => staff(T, THERAPIST, &[]),
            "therapist_granted" => staff(T, GRANTED, &[]),
            "therapist_restricted" => staff(T, RESTRICTED, &[]),
            "supervisee_assigned" => staff(T, INTERN, &[]),
            "therapist_walkin" => staff(W, THERAPIST, &[]),
            "supervisor" | "supervisor_supervision_off" => staff(OTHER, SUPERVISOR, &[T]),
            "supervisor_of_walkin" => staff(OTHER, SUPERVISOR, &[W]),
            "supervisor_unrelated" => staff(OTHER, SUPERVISOR, &[13]),
            "supervisee_of_client_therapist" => staff(OTHER, INTERN, &[]),
            "therapist_unassigned" | "therapist_former_direct" | "therapist_former" | "therapist_walkin_past" => {
                staff(OTHER, THERAPIST, &[])
            }
            "therapist_on_hold" => in_status(StaffStatus::OnHold),
            "therapist_inactive" => in_status(StaffStatus::Inactive),
            "therapist_removed" => in_status(StaffStatus::Removed),
            "staff_invited" => in_status(StaffStatus::Invited),
            "staff_other_practice" => Staff { admin: true, practice: practice_id(2), ..staff(OTHER, THERAPIST, &[]) },
            other => panic!("{other} has no fixture"),
        };
        match principal {
            "therapist_walkin" | "supervisor_of_walkin" => self.appointment_with = W,
            "supervisor_supervision_off" => self.practice.team.supervision = false,
            "therapist_former_direct" => {
                // A session was held while the client was theirs; a direct client has no walk-ins.
                self.client.ownership = Ownership::Direct;
                self.client.seen_by.insert(staff_id(OTHER), day_of(NOW));
            }
            "therapist_walkin_past" => {
                let ended = self.practice.team.walk_ins_since(day_of(NOW)).yesterday().expect("a day");
                self.client.seen_by.insert(staff_id(OTHER), ended);
            }
            "staff_other_practice" => self.practice = practice(2),
            _ => {}
        }
        self.actor = Actor::staff(actor, NOW);
    }

    fn as_client(&mut self, which: &str) {
        let only = |allowed: &[Permission]| Permission::ALL.into_iter().map(|p| (p, allowed.contains(&p))).collect();
        let mut own = self.client.clone();
        match which {
            "self" => {}
            "self_minimal" => {
                own.portal.permissions = only(&[]);
                for feature in [PortalFeature::Notes, PortalFeature::Tasks, PortalFeature::Files] {
                    let off = FeatureSettings { enabled: false, label: None, order: 1, intro: None };
                    self.practice.portal.features.insert(feature, off);
                }
            }
            "billing_only" => own.portal.permissions = only(&[Permission::BillingDocuments]),
            "pay_only" => own.portal.permissions = only(&[Permission::PayOutstanding]),
            "pending" => own.registered_at = None,
            "inactive" => own.suspended_at = Some(NOW),
            "portal_disabled" => own.portal.access = Access::Disabled,
            "practice_portal_off" => self.practice.portal.on = false,
            "other" => own = client(6, 1),
            "other_practice" => {
                own = client(7, 2);
                self.practice = practice(2);
            }
            other => panic!("{other} has no fixture"),
        }
        self.actor = Actor::Client(Box::new(own));
    }

    /// What a row asks, about client C of practice P.
    pub(super) fn asked(&self, row: &Row) -> (Action, Resource) {
        let facts = ClientFacts::from(&self.client);
        let found = (self.practice.id == practice_id(1)).then_some(facts);
        let (therapist, own) = (PrincipalId::Staff(staff_id(self.therapist)), PrincipalId::Client(self.client.id));
        let note = |author, shared| {
            let deleted = row.action == "restore";
            found.clone().map(|client| (client, NoteFacts { author, shared, deleted }))
        };
        let clinical = |stage| {
            let author = staff_id(self.therapist);
            found.clone().map(|client| (client, ClinicalFacts { author, stage }))
        };
        let writing = |author, shared| found.clone().map(|client| (client, Writing { author, shared }));
        let file = |uploaded_by, shared, quarantined| {
            let facts = FileFacts { uploaded_by, shared, quarantined, deleting: false };
            found.clone().map(|client| (client, facts))
        };
        let create = row.action == "create" || row.action == "upload";
        let resource = match row.resource.as_str() {
            _ if row.kind != "object" => Resource::Practice,
            "note_provider_shared"
            | "note_provider_hidden"
            | "note_walkin_hidden"
            | "note_client_shared"
            | "note_client_private"
            | "note_provider"
            | "task_provider"
            | "task_client"
            | "file_provider"
            | "file_client"
                if create =>
            {
                Resource::Client(found)
            }
            "note_provider_shared" => Resource::Note(note(therapist, true)),
            "note_provider_hidden" => Resource::Note(note(therapist, false)),
            "note_walkin_hidden" => Resource::Note(note(PrincipalId::Staff(staff_id(self.walk_in)), false)),
            "note_client_shared" => Resource::Note(note(own, true)),
            "note_client_private" => Resource::Note(note(own, false)),
            "clinical_note_draft" => Resource::Clinical(clinical(ClinicalStage::Draft)),
            "clinical_note_submitted" => Resource::Clinical(clinical(ClinicalStage::InReview)),
            "clinical_note_signed" => Resource::Clinical(clinical(ClinicalStage::Signed)),
            "note_comment" => Resource::Comment(note(therapist, true).map(|(client, note)| (client, note, therapist))),
            "task_provider" => Resource::Task(writing(therapist, true)),
            "task_client" => Resource::Task(writing(own, true)),
            "file_provider_shared" | "file_provider" => Resource::File(file(therapist, true, false)),
            "file_provider_hidden" => Resource::File(file(therapist, false, false)),
            "file_client_unlocked" | "file_client" => Resource::File(file(own, true, false)),
            "file_client_locked" => Resource::File(file(own, false, false)),
            "file_quarantined" => Resource::File(file(therapist, true, true)),
            "appointment" if !matches!(row.action.as_str(), "book" | "request") => {
                Resource::Appointment(found.map(|client| (client, staff_id(self.appointment_with))))
            }
            "invoice" if row.action != "create" => {
                Resource::Invoice(found.map(|client| (client, InvoiceFacts { draft: false })))
            }
            "message" => Resource::Thread(found),
            "staff_caseload" | "working_hours" => Resource::Staff(found.map(|_| staff_id(self.therapist))),
            "import_of_T" => Resource::Import(found.map(|client| (client.practice, staff_id(self.therapist)))),
            _ => Resource::Client(found),
        };
        (row.asks(), resource)
    }
}

/// The same question about something that is not there.
pub(super) fn absent(resource: &Resource) -> Resource {
    match resource {
        Resource::Practice => Resource::Practice,
        Resource::Client(_) => Resource::Client(None),
        Resource::Note(_) => Resource::Note(None),
        Resource::Comment(_) => Resource::Comment(None),
        Resource::Clinical(_) => Resource::Clinical(None),
        Resource::Task(_) => Resource::Task(None),
        Resource::File(_) => Resource::File(None),
        Resource::Appointment(_) => Resource::Appointment(None),
        Resource::Invoice(_) => Resource::Invoice(None),
        Resource::Export(_) => Resource::Export(None),
        Resource::Thread(_) => Resource::Thread(None),
        Resource::Import(_) => Resource::Import(None),
        Resource::Staff(_) => Resource::Staff(None),
    }
}
