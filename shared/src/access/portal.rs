//! Decisions about portal clients: the switches first, then that it is the client's own, then what is hidden (E3 to E7).

use super::Action;
use super::facts::Resource;
use super::need::{self, ClientNeed};
use super::policy::{Decision, Denied, Whose};
use crate::domain::client::Client;
use crate::domain::message::MessageRefusal;
use crate::domain::portal::{self, Block};
use crate::domain::practice::{Permission, PortalFeature, Practice};
use crate::domain::session::PrincipalId;

pub(super) fn decide(own: &Client, action: Action, resource: &Resource, practice: &Practice) -> Decision {
    if own.practice != practice.id || own.deleting || !own.blocked_by(practice.portal.on).is_empty() {
        return Err(Denied::NotLive);
    }
    let need = need::of_client(action);
    match need {
        ClientNeed::Never => return Err(Denied::WrongCaller),
        ClientNeed::Live => {}
        ClientNeed::Part(part) if practice.portal.has(part) => {}
        ClientNeed::Part(_) => return Err(Denied::Feature(FEATURE_OFF)),
        ClientNeed::Permitted(permission) | ClientNeed::Practice(permission) => {
            let blocks = permission_blocks(own, practice, permission);
            if blocks.contains(&FEATURE_OFF) {
                return Err(Denied::Feature(FEATURE_OFF));
            }
            if !blocks.is_empty() {
                return Err(Denied::Feature(code(permission)));
            }
        }
    }
    if matches!(resource, Resource::Practice) {
        return Ok(());
    }
    // By whatever id: another client's record is not there (E6).
    let client = resource.owner().filter(|client| client.practice == own.practice).ok_or(Denied::Absent)?;
    if matches!(need, ClientNeed::Practice(_)) {
        return Ok(());
    }
    if client.id != own.id || client.deleting {
        return Err(Denied::Absent);
    }
    part(own, action, resource)
}

/// The practice has this part of its portal off.
const FEATURE_OFF: &str = "feature_off";

const fn code(permission: Permission) -> &'static str {
    match permission {
        Permission::AppointmentRequests => "appointment_requests_off",
        Permission::SecureMessaging => "secure_messaging_off",
        Permission::BillingDocuments => "billing_documents_off",
        Permission::PayOutstanding => "payment_not_allowed",
    }
}

/// Something of the client's own record: what staff has hidden is absent whatever is asked (E7).
fn part(own: &Client, action: Action, resource: &Resource) -> Decision {
    let me = PrincipalId::Client(own.id);
    let written = |author: PrincipalId, shared: bool| {
        if author != me && !shared { Err(Denied::Absent) } else { Ok(author == me) }
    };
    let mine = match resource {
        // What is deleted is there for its author only, to have it back.
        Resource::Note(Some((_, note))) if action == Action::NoteRestore => {
            return if note.author == me { Ok(()) } else { Err(Denied::Absent) };
        }
        Resource::Note(Some((_, note))) | Resource::Comment(Some((_, note, _))) if note.deleted => {
            return Err(Denied::Absent);
        }
        Resource::Note(Some((_, note))) => {
            written(note.author, note.shared)? || matches!(action, Action::NoteRead | Action::NoteComment)
        }
        Resource::Comment(Some((_, note, author))) => written(note.author, note.shared).map(|_| *author == me)?,
        Resource::Task(Some((_, task))) => {
            written(task.author, task.shared)? || matches!(action, Action::TaskRead | Action::TaskComplete)
        }
        Resource::File(Some((_, file))) => {
            let author = file.uploaded_by == me;
            // A withdrawal that was interrupted is asked for again.
            let gone = file.deleting && action != Action::FileWithdraw;
            if gone || !file.shared {
                return Err(Denied::Absent);
            }
            match action {
                Action::FileDownload if file.quarantined => return Err(Denied::NotAvailable),
                // What staff has sent is not there before its bytes have been checked (H7).
                Action::FileRead if file.quarantined && !author => return Err(Denied::Absent),
                Action::FileRead | Action::FileDownload => true,
                _ => author,
            }
        }
        // A draft may still become anything.
        Resource::Invoice(Some((_, invoice))) if invoice.draft => return Err(Denied::Absent),
        // No client is ever shown one (F5).
        Resource::Clinical(_) => return Err(Denied::Absent),
        // What a staff member had put together holds what staff may read.
        Resource::Export(_) => return Err(Denied::Absent),
        Resource::Client(_) | Resource::Appointment(_) | Resource::Invoice(_) | Resource::Thread(_) => true,
        // Not part of a client's record, or not there.
        Resource::Practice | Resource::Import(_) | Resource::Staff(_) => return Err(Denied::Absent),
        Resource::Note(None) | Resource::Comment(None) | Resource::Task(None) => return Err(Denied::Absent),
        Resource::File(None) => return Err(Denied::Absent),
    };
    if mine { Ok(()) } else { Err(Denied::NotYours(Whose::Author)) }
}

/// Whether a client effectively has a permission, and what stands in the way (E4, E5).
#[must_use]
pub fn permission_blocks(client: &Client, practice: &Practice, permission: Permission) -> Vec<&'static str> {
    let stored = |p: Permission| is_permitted(client, practice, p);
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
    if permission == Permission::SecureMessaging && !practice.portal.has(PortalFeature::Messages) {
        blocks.push(FEATURE_OFF);
    }
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

/// What is stored about a permission of one client, or else the practice's default.
fn is_permitted(client: &Client, practice: &Practice, permission: Permission) -> bool {
    let default = practice.portal.permissions.get(&permission).copied().unwrap_or(false);
    client.portal.permissions.get(&permission).copied().unwrap_or(default)
}

// K1, E3, E4
/// Whether a message to or from this client would reach anybody: the practice's switch, the client's way in, its
/// permission, and somebody at the other end.
///
/// Whether the caller may write at all is [`Action::MessageSend`].
pub fn corresponds(client: &Client, practice: &Practice) -> Result<(), MessageRefusal> {
    let blocked = client.blocked_by(practice.portal.on);
    if !practice.portal.has(PortalFeature::Messages) {
        Err(MessageRefusal::FeatureOff)
    } else if !blocked.is_empty() {
        Err(MessageRefusal::CannotSignIn(blocked))
    } else if !is_permitted(client, practice, Permission::SecureMessaging) {
        Err(MessageRefusal::NotPermitted)
    } else if client.assigned_staff.is_none() {
        Err(MessageRefusal::NoTherapist)
    } else {
        Ok(())
    }
}
