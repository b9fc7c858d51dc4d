//! The staff member's item.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::domain::email::EmailAddress;
use crate::domain::ids::{PracticeId, RoleId, StaffId};
use crate::domain::notifications::Notifications;
use crate::domain::role::BillingModifier;
use crate::domain::staff::{OutsideIdentity, Staff, StaffInvitation, StaffInvitationState, StaffStatus};
use crate::domain::text::FullName;

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: StaffId,
    full_name: FullName,
    email: EmailAddress,
    admin: bool,
    status: StaffStatus,
    role: RoleId,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    supervises: Vec<StaffId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_modifier: Option<BillingModifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<InvitationRow>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    joined_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outside: Option<OutsideIdentity>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    totp: bool,
    #[serde(default, skip_serializing_if = "Notifications::is_default")]
    notifications: Notifications,
    session_epoch: u32,
}

#[derive(Debug, Serialize, Deserialize)]
struct InvitationRow {
    seed: Uuid,
    serial: u32,
    state: StaffInvitationState,
    sent_at: Timestamp,
    expires_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    invited_by: Option<StaffId>,
}

crate::store::item::versioned!(Staff);

impl Entity for Staff {
    const NAME: &'static str = "staff";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::staff(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let staff = self.clone();
        let invitation = staff.invitation.map(|invitation| {
            let StaffInvitation { seed, serial, state, sent_at, expires_at, invited_by } = invitation;
            InvitationRow { seed, serial, state, sent_at, expires_at, invited_by }
        });
        Row {
            pid: staff.practice.key(),
            id: staff.id,
            full_name: staff.full_name,
            email: staff.email,
            admin: staff.admin,
            status: staff.status,
            role: staff.role,
            supervises: staff.supervises,
            billing_modifier: staff.billing_modifier,
            invitation,
            created_at: staff.created_at,
            joined_at: staff.joined_at,
            outside: staff.outside,
            totp: staff.totp,
            notifications: staff.notifications,
            session_epoch: staff.session_epoch,
        }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let invitation = row.invitation.map(|row| {
            let InvitationRow { seed, serial, state, sent_at, expires_at, invited_by } = row;
            StaffInvitation { seed, serial, state, sent_at, expires_at, invited_by }
        });
        Ok(Self {
            id: row.id,
            practice: PracticeId::from_key(&row.pid).map_err(|_| Corrupt(Self::NAME))?,
            version,
            full_name: row.full_name,
            email: row.email,
            admin: row.admin,
            status: row.status,
            role: row.role,
            supervises: row.supervises,
            billing_modifier: row.billing_modifier,
            invitation,
            created_at: row.created_at,
            joined_at: row.joined_at,
            outside: row.outside,
            totp: row.totp,
            notifications: row.notifications,
            session_epoch: row.session_epoch,
        })
    }
}
