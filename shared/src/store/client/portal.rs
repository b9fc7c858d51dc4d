//! The portal's part of a client's item.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::email::EmailAddress;
use crate::domain::notifications::Notifications;
use crate::domain::portal::{Access, Invitation, InvitationState, Portal};
use crate::domain::practice::Permissions;
use crate::domain::text::InvitationMessage;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PortalRow {
    access: Access,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<EmailAddress>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    outdated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<InvitationRow>,
    session_epoch: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sign_in_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Permissions::is_empty")]
    permissions: Permissions,
    #[serde(default, skip_serializing_if = "Notifications::is_default")]
    notifications: Notifications,
}

#[derive(Debug, Serialize, Deserialize)]
struct InvitationRow {
    seed: Uuid,
    serial: u32,
    state: InvitationState,
    sent_at: Timestamp,
    expires_at: Timestamp,
    attempts: u32,
    resends: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<InvitationMessage>,
}

pub(super) fn portal_row(portal: &Portal) -> PortalRow {
    let Portal {
        access,
        email,
        outdated,
        consent_at,
        invitation,
        session_epoch,
        last_sign_in_at,
        permissions,
        notifications,
    } = portal.clone();
    let invitation = invitation.map(|invitation| {
        let Invitation { seed, serial, state, sent_at, expires_at, attempts, resends, message } = invitation;
        InvitationRow { seed, serial, state, sent_at, expires_at, attempts, resends, message }
    });
    PortalRow {
        access,
        email,
        outdated,
        consent_at,
        invitation,
        session_epoch,
        last_sign_in_at,
        permissions,
        notifications,
    }
}

pub(super) fn portal(row: PortalRow) -> Portal {
    let PortalRow {
        access,
        email,
        outdated,
        consent_at,
        invitation,
        session_epoch,
        last_sign_in_at,
        permissions,
        notifications,
    } = row;
    let invitation = invitation.map(|row| {
        let InvitationRow { seed, serial, state, sent_at, expires_at, attempts, resends, message } = row;
        Invitation { seed, serial, state, sent_at, expires_at, attempts, resends, message }
    });
    Portal {
        access,
        email,
        outdated,
        consent_at,
        invitation,
        session_epoch,
        last_sign_in_at,
        permissions,
        notifications,
    }
}
