//! The policy: pure, total, default deny.
//!
//! The order is that of decision 24: the gate (kind of caller, status, feature or permission) stands before the
//! question whether the thing exists, so that a refusal tells nothing about what is there.

use super::{Action, Actor, files};
use crate::domain::client::{Client, Ownership};
use crate::domain::file::File;
use crate::domain::ids::ClientId;
use crate::domain::import_job::Import;
use crate::domain::portal::{self, Block};
use crate::domain::practice::{Permission, PortalFeature, Practice};
use crate::domain::session::PrincipalId;
use crate::domain::staff::{Staff, StaffStatus};

/// What an action is about, as the table says at this moment.
#[derive(Debug, Clone, Copy)]
pub enum Resource<'a> {
    /// The practice as a whole, or a list in it.
    Practice,
    /// A client that was looked for: absent here means absent, deleted, or of another practice.
    Client(Option<&'a Client>),
    /// A file of a client.
    File(Option<(&'a Client, &'a File)>),
    /// An import.
    Import(Option<&'a Import>),
}

impl Resource<'_> {
    /// The client it belongs to.
    #[must_use]
    pub fn client(&self) -> Option<ClientId> {
        match self {
            Self::Client(Some(client)) | Self::File(Some((client, _))) => Some(client.id),
            _ => None,
        }
    }
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// No live credential: 401.
    NotLive,
    /// A live credential of the wrong kind: 403.
    WrongCaller,
    /// The staff member is on hold: 403.
    OnHold,
    /// A role does not include it: 403.
    Role,
    /// The practice has the feature off, or the client lacks a permission: 403.
    Feature(&'static str),
    /// Absent, or not the caller's: 404.
    Absent,
    /// Known and visible, but not for this caller to change: 403.
    NotYours,
}

pub(super) type Decision = Result<(), Denied>;

/// Decides. `Ok` allows.
pub fn decide(actor: &Actor, action: Action, resource: &Resource<'_>, practice: &Practice) -> Decision {
    match actor {
        Actor::Staff(staff) => {
            staff_live(staff, practice)?;
            staff_gate(staff, action)?;
            staff_relation(staff, action, resource)
        }
        Actor::Client(client) => {
            client_live(client, practice)?;
            client_gate(client, action, practice)?;
            client_relation(client, action, resource)
        }
        Actor::Holder(principal) => holder(*principal, action, resource),
        Actor::Anonymous => match action {
            Action::SignIn => Ok(()),
            _ => Err(Denied::NotLive),
        },
        Actor::System(_) => decide_system(actor, action),
    }
}

/// What the product does by itself, and what anybody may start.
pub(super) fn decide_system(actor: &Actor, action: Action) -> Decision {
    match (actor, action) {
        (Actor::Anonymous, Action::PracticeSignUp)
        | (Actor::System("import"), Action::ImportApply)
        | (Actor::System("payments"), Action::PaymentApply)
        | (Actor::System("schedule"), Action::InvitationResend | Action::Housekeeping) => Ok(()),
        _ => Err(Denied::NotLive),
    }
}

/// The holder of a mailed link may do what the link is for, to the record it names.
fn holder(principal: PrincipalId, action: Action, resource: &Resource<'_>) -> Decision {
    match (action, resource) {
        (Action::SignIn, _) => Ok(()),
        (
            Action::InvitationAccept | Action::InvitationDecline | Action::InvitationRenew,
            Resource::Client(Some(client)),
        ) if principal == PrincipalId::Client(client.id) => Ok(()),
        _ => Err(Denied::Absent),
    }
}

fn staff_live(staff: &Staff, practice: &Practice) -> Decision {
    match staff.status {
        StaffStatus::Active | StaffStatus::OnHold if staff.practice == practice.id => Ok(()),
        _ => Err(Denied::NotLive),
    }
}

/// What a caller of this kind, status and role can ask for at all.
fn staff_gate(staff: &Staff, action: Action) -> Decision {
    let on_hold_allows =
        matches!(action, Action::SettingsRead | Action::TagsRead | Action::SelfRead | Action::SelfSessions);
    if staff.status == StaffStatus::OnHold && !on_hold_allows {
        return Err(Denied::OnHold);
    }
    match action {
        Action::SettingsRead
        | Action::TagsRead
        | Action::TagsManage
        | Action::SelfRead
        | Action::SelfSessions
        | Action::ClientList
        | Action::ClientCreate
        | Action::ClientRead
        | Action::ClientReadDiagnosis
        | Action::ClientUpdate
        | Action::ClientDeactivate
        | Action::ClientReactivate
        | Action::PortalRead
        | Action::PortalInvite
        | Action::PortalDisable
        | Action::PortalUpdate
        | Action::FileList
        | Action::FileRead
        | Action::FileUpload
        | Action::FileUpdate
        | Action::FileDelete
        | Action::InvoiceRead
        | Action::InvoiceCreate
        | Action::InvoiceVoid
        | Action::PaymentTimeline
        | Action::ImportCreate
        | Action::ImportRead
        | Action::ImportChange => Ok(()),
        Action::SettingsUpdate | Action::PaymentsConnect | Action::ClientDelete => {
            if staff.admin {
                Ok(())
            } else {
                Err(Denied::Role)
            }
        }
        Action::PayOnline => Err(Denied::WrongCaller),
        Action::PracticeSignUp
        | Action::SignIn
        | Action::InvitationAccept
        | Action::InvitationDecline
        | Action::InvitationRenew
        | Action::InvitationResend
        | Action::PaymentApply
        | Action::ImportApply
        | Action::Housekeeping => Err(Denied::WrongCaller),
    }
}

/// How a staff member stands to a client (decision 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Own,
    Supervised,
    Admin,
    None,
}

fn relation(staff: &Staff, client: &Client) -> Relation {
    match client.assigned_staff {
        Some(id) if id == staff.id => Relation::Own,
        _ if staff.admin => Relation::Admin,
        Some(id) if staff.supervises.contains(&id) => Relation::Supervised,
        _ => Relation::None,
    }
}

fn staff_relation(staff: &Staff, action: Action, resource: &Resource<'_>) -> Decision {
    match resource {
        Resource::Practice => Ok(()),
        Resource::Client(client) => {
            let client = present(staff, *client)?;
            client_rule(action, relation(staff, client))
        }
        Resource::File(found) => {
            let (client, file) = found.ok_or(Denied::Absent)?;
            files::staff_rule(staff, action, present(staff, Some(client))?, file)
        }
        Resource::Import(import) => match import {
            Some(import) if import.practice == staff.practice && (staff.admin || import.created_by == staff.id) => {
                Ok(())
            }
            _ => Err(Denied::Absent),
        },
    }
}

fn present<'a>(staff: &Staff, client: Option<&'a Client>) -> Result<&'a Client, Denied> {
    let client = client.filter(|c| c.practice == staff.practice && !c.deleting).ok_or(Denied::Absent)?;
    if relation(staff, client) == Relation::None { Err(Denied::Absent) } else { Ok(client) }
}

/// Supervisors read; the therapist and admins change (A7).
const fn client_rule(action: Action, relation: Relation) -> Decision {
    match (action, relation) {
        (
            Action::ClientRead
            | Action::ClientReadDiagnosis
            | Action::PortalRead
            | Action::FileList
            | Action::FileRead
            | Action::SelfRead
            | Action::SelfSessions,
            _,
        )
        | (_, Relation::Own | Relation::Admin) => Ok(()),
        _ => Err(Denied::NotYours),
    }
}

fn client_live(client: &Client, practice: &Practice) -> Decision {
    if client.practice == practice.id && !client.deleting && client.blocked_by(practice.portal.on).is_empty() {
        Ok(())
    } else {
        Err(Denied::NotLive)
    }
}

/// Whether a client effectively has a permission, and what stands in the way (E4, E5).
#[must_use]
pub fn permission_blocks(client: &Client, practice: &Practice, permission: Permission) -> Vec<&'static str> {
    let stored = |p: Permission| {
        let default = practice.portal.permissions.get(&p).copied().unwrap_or(false);
        client.portal.permissions.get(&p).copied().unwrap_or(default)
    };
    let mut blocks: Vec<&'static str> = portal::blocks(
        practice.portal.on,
        client.suspended_at.is_some(),
        client.registered_at.is_some(),
        client.portal.access,
    )
    .into_iter()
    .map(|block| match block {
        Block::PracticePortalOff => "practice_portal_off",
        Block::Inactive => "inactive",
        Block::NotRegistered => "not_registered",
        Block::AccessDisabled => "access_disabled",
    })
    .collect();
    if !stored(permission) {
        blocks.push("permission");
    }
    if permission == Permission::PayOutstanding {
        if !stored(Permission::BillingDocuments) {
            blocks.push("billing_documents");
        }
        if !practice.online_payments {
            blocks.push("payments_account");
        }
    }
    blocks
}

fn permitted(client: &Client, practice: &Practice, permission: Permission, code: &'static str) -> Decision {
    if permission_blocks(client, practice, permission).is_empty() { Ok(()) } else { Err(Denied::Feature(code)) }
}

fn client_gate(client: &Client, action: Action, practice: &Practice) -> Decision {
    match action {
        Action::SelfRead | Action::SelfSessions | Action::ClientRead => Ok(()),
        Action::FileList | Action::FileRead | Action::FileUpload => {
            if practice.portal.has(PortalFeature::Files) {
                Ok(())
            } else {
                Err(Denied::Feature("feature_off"))
            }
        }
        Action::InvoiceRead | Action::PaymentTimeline => {
            permitted(client, practice, Permission::BillingDocuments, "billing_documents_off")
        }
        Action::PayOnline => permitted(client, practice, Permission::PayOutstanding, "payment_not_allowed"),
        _ => Err(Denied::WrongCaller),
    }
}

/// A client reaches its own record and nothing else, by any id (E6).
fn client_relation(own: &Client, action: Action, resource: &Resource<'_>) -> Decision {
    match resource {
        Resource::Practice => Ok(()),
        Resource::Client(Some(client)) if client.id == own.id && client.practice == own.practice => Ok(()),
        Resource::File(Some((client, file))) if client.id == own.id && client.practice == own.practice => {
            files::client_rule(own, action, file)
        }
        _ => Err(Denied::Absent),
    }
}

/// The actions a list or a profile offers for this client: exactly what [`decide`] allows now (A3).
#[must_use]
pub fn allowed_actions(actor: &Actor, client: &Client, practice: &Practice) -> Vec<&'static str> {
    let may = |action| decide(actor, action, &Resource::Client(Some(client)), practice).is_ok();
    let inactive = client.suspended_at.is_some();
    let offered = [
        ("edit", Action::ClientUpdate, true),
        ("invite", Action::PortalInvite, !inactive && practice.portal.on && !has_signed_in(client)),
        (
            "disable_access",
            Action::PortalDisable,
            matches!(client.portal.access, portal::Access::Invited | portal::Access::Enabled),
        ),
        ("deactivate", Action::ClientDeactivate, !inactive),
        ("reactivate", Action::ClientReactivate, inactive),
        ("delete", Action::ClientDelete, true),
    ];
    offered.into_iter().filter(|(_, action, offer)| *offer && may(*action)).map(|(name, ..)| name).collect()
}

fn has_signed_in(client: &Client) -> bool {
    client.registered_at.is_some() && client.portal.access != portal::Access::Disabled
}

/// The staff whose clients a staff member sees in lists; `None` = every client of the practice (L9, L13).
#[must_use]
pub fn caseload_scope(staff: &Staff) -> Option<Vec<crate::domain::ids::StaffId>> {
    (!staff.admin).then(|| std::iter::once(staff.id).chain(staff.supervises.iter().copied()).collect())
}

/// Whom a new client belongs to when this staff member adds it (d-8).
#[must_use]
pub const fn ownership_of_new(staff: &Staff) -> (Ownership, Option<crate::domain::ids::StaffId>) {
    if staff.admin { (Ownership::Practice, None) } else { (Ownership::Direct, Some(staff.id)) }
}
