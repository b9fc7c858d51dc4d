//! What follows from the policy for lists, forms and new records: never a second opinion, always the same decision.

use super::facts::{ClientFacts, Resource};
use super::portal::permission_blocks;
use super::staff::Asker;
use super::{Acting, Action, Actor, Denied, Whose, decide};
use crate::domain::client::Ownership;
use crate::domain::directory::Scope;
use crate::domain::ids::StaffId;
use crate::domain::portal::Access;
use crate::domain::practice::{Permission, Practice};
use crate::domain::role::Feature;
use crate::domain::staff::{Staff, StaffStatus};

/// What a list or a profile offers to do with a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Offer {
    Edit,
    /// To the portal, for the first time or again.
    Invite,
    DisableAccess,
    Deactivate,
    Reactivate,
    Reassign,
    Export,
    Delete,
}

// A3
/// What is offered for this client: exactly what [`decide`] allows now.
#[must_use]
pub fn allowed_actions(actor: &Actor, client: &ClientFacts, practice: &Practice) -> Vec<Offer> {
    let resource = Resource::Client(Some(client.clone()));
    let signed_in = client.registered && client.access != Access::Disabled;
    let offered = [
        (Offer::Edit, Action::ClientUpdate, true),
        (Offer::Invite, Action::PortalInvite, !client.suspended && practice.portal.on && !signed_in),
        (Offer::DisableAccess, Action::PortalDisable, matches!(client.access, Access::Invited | Access::Enabled)),
        (Offer::Deactivate, Action::ClientDeactivate, !client.suspended),
        (Offer::Reactivate, Action::ClientReactivate, client.suspended),
        (Offer::Reassign, Action::ClientReassign, true),
        (Offer::Export, Action::ClientExport, true),
        (Offer::Delete, Action::ClientDelete, true),
    ];
    let may = |action| decide(actor, action, &resource, practice).is_ok();
    offered.into_iter().filter(|(_, action, wanted)| *wanted && may(*action)).map(|(offer, ..)| offer).collect()
}

/// What a caller can do at this moment, in words: the same text as long as nothing was given or taken.
#[must_use]
pub fn standing(actor: &Actor, practice: &Practice) -> String {
    match actor {
        Actor::Staff(staff) => {
            let asker = Asker::new(staff, practice);
            let features = Feature::ALL.iter().filter(|feature| asker.has(**feature)).map(|feature| feature.name());
            std::iter::once(if staff.admin { "admin" } else { "staff" }).chain(features).collect::<Vec<_>>().join(" ")
        }
        Actor::Client(client) => {
            let permitted = Permission::ALL.iter().filter(|one| permission_blocks(client, practice, **one).is_empty());
            permitted.map(|permission| format!("{permission:?}")).collect::<Vec<_>>().join(" ")
        }
        Actor::Holder(_) | Actor::Anonymous | Actor::System(_) => String::new(),
    }
}

/// What stands between a staff member and a feature at this moment; empty means it is open (`GET /v1/me`).
#[must_use]
pub fn feature_blocks(staff: &Acting, feature: Feature, practice: &Practice) -> Vec<&'static str> {
    let blocks = [
        (staff.status != StaffStatus::Active, "on_hold"),
        (practice.team.require_totp && !staff.totp, "second_factor"),
        (!Asker::new(staff, practice).has(feature), "role"),
    ];
    blocks.into_iter().filter_map(|(blocked, by)| blocked.then_some(by)).collect()
}

// decision 28
/// Whether somebody may book appointments of this client for this staff member: an admin and the client's therapist for
/// anybody, everybody else for themselves.
///
/// That the client can be booked for at all is [`Action::AppointmentBook`].
pub fn books_for(actor: &Actor, client: &ClientFacts, staff: StaffId) -> Result<(), Denied> {
    match actor {
        Actor::Staff(me) if me.admin || me.id == staff || client.therapist == Some(me.id) => Ok(()),
        Actor::Staff(_) | Actor::Client(_) | Actor::Holder(_) | Actor::Anonymous | Actor::System(_) => {
            Err(Denied::NotYours(Whose::Calendar))
        }
    }
}

/// The clients whom a staff member sees in lists (L9, L13).
#[must_use]
pub fn caseload_scope(staff: &Acting, practice: &Practice) -> Scope {
    if staff.admin { Scope::All } else { thread_scope(staff, practice) }
}

/// The clients whose threads a staff member may read, as far as they are known without the clients (K1).
///
/// Each of them is decided by itself: an admin as such reads none.
#[must_use]
pub fn thread_scope(staff: &Acting, practice: &Practice) -> Scope {
    let asker = Asker::new(staff, practice);
    let of = std::iter::once(staff.id).chain(asker.supervises().iter().copied()).collect();
    Scope::Staff { of, since: asker.walk_ins_since() }
}

/// Whom a new client belongs to when this staff member adds it (d-8).
#[must_use]
pub const fn ownership_of_new(staff: &Staff) -> (Ownership, Option<StaffId>) {
    if staff.admin { (Ownership::Practice, None) } else { (Ownership::Direct, Some(staff.id)) }
}
