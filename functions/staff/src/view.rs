//! What an admin and what a colleague see of a staff member: two types, so that nothing reaches colleagues by accident.

use caseload::domain::catalog::Catalog;
use caseload::domain::ids::{RoleId, StaffId};
use caseload::domain::practice::Practice;
use caseload::domain::role::BillingModifier;
use caseload::domain::staff::{Staff, StaffInvitation, StaffInvitationState, StaffStatus};
use caseload::domain::team::Team;
use caseload::web::view::{ToAdmin, ToColleague};
use caseload::web::{ETag, StaffRef};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// The role a member has.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoleRef {
    id: RoleId,
    name: String,
}

/// A role by the name it is shown under.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ColleagueRole {
    name: String,
}

/// Where an invitation to the team stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StaffInvitationView {
    state: StaffInvitationState,
    sent_at: Timestamp,
    expires_at: Timestamp,
}

/// A staff member, as an admin sees it.
#[derive(Serialize, ToSchema)]
pub(crate) struct StaffView {
    #[schema(inline)]
    shown_to: ToAdmin,
    id: StaffId,
    full_name: String,
    email: String,
    admin: bool,
    status: StaffStatus,
    role: RoleRef,
    /// Instead of the role's.
    billing_modifier: Option<BillingModifier>,
    // L7
    /// What stands on claims: its own, else the role's.
    effective_billing_modifier: Option<BillingModifier>,
    /// The first is the primary one.
    supervisors: Vec<StaffRef>,
    supervises: Vec<StaffRef>,
    // L17
    /// Whether its role asks for a supervisor and there is no active one.
    supervisor_missing: bool,
    invitation: Option<StaffInvitationView>,
    /// Whether signing in takes a code as well.
    totp: bool,
    created_at: Timestamp,
    joined_at: Option<Timestamp>,
    etag: ETag,
}

/// A staff member, as colleagues see it.
#[derive(Serialize, ToSchema)]
pub(crate) struct ColleagueView {
    #[schema(inline)]
    shown_to: ToColleague,
    id: StaffId,
    full_name: String,
    role: ColleagueRole,
    status: StaffStatus,
    etag: ETag,
}

impl StaffInvitationView {
    fn new(invitation: &StaffInvitation, now: Timestamp) -> Self {
        Self { state: invitation.state_at(now), sent_at: invitation.sent_at, expires_at: invitation.expires_at }
    }
}

fn role_name(practice: &Practice, id: RoleId) -> String {
    practice.roles.get(&id).map(|role| role.name.as_str().to_owned()).unwrap_or_default()
}

impl StaffView {
    pub(crate) fn new(staff: &Staff, team: &Team, catalog: &Catalog, practice: &Practice, now: Timestamp) -> Self {
        let named = |id: &StaffId| {
            let full_name = catalog.staff.get(id)?.full_name.as_str().to_owned();
            Some(StaffRef { id: *id, full_name })
        };
        let supervisors = team.members.get(&staff.id).map_or(&[][..], |member| &member.supervisors);
        Self {
            shown_to: ToAdmin,
            id: staff.id,
            full_name: staff.full_name.as_str().to_owned(),
            email: staff.email.as_str().to_owned(),
            admin: staff.admin,
            status: staff.status,
            role: RoleRef { id: staff.role, name: role_name(practice, staff.role) },
            billing_modifier: staff.billing_modifier,
            effective_billing_modifier: staff.effective_billing_modifier(practice),
            supervisors: supervisors.iter().filter_map(named).collect(),
            supervises: staff.supervises.iter().filter_map(named).collect(),
            supervisor_missing: team.lacks_supervisor(staff.id, practice),
            invitation: staff.invitation.as_ref().map(|invitation| StaffInvitationView::new(invitation, now)),
            totp: staff.totp,
            created_at: staff.created_at,
            joined_at: staff.joined_at,
            etag: ETag::new(staff.version),
        }
    }
}

impl ColleagueView {
    pub(crate) fn new(staff: &Staff, practice: &Practice) -> Self {
        Self {
            shown_to: ToColleague,
            id: staff.id,
            full_name: staff.full_name.as_str().to_owned(),
            role: ColleagueRole { name: role_name(practice, staff.role) },
            status: staff.status,
            etag: ETag::new(staff.version),
        }
    }
}
