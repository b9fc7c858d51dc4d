//! A staff member of a practice.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::email::EmailAddress;
use super::ids::{PracticeId, RoleId, StaffId};
use super::notifications::Notifications;
use super::portal::AcceptRefusal;
use super::practice::Practice;
use super::role::BillingModifier;
use super::text::FullName;

// decision 6
/// What a staff member can do at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StaffStatus {
    /// Invited, has not come in yet.
    Invited,
    /// Everything its role allows.
    Active,
    /// Signs in, sees no personal data, takes nothing new.
    OnHold,
    /// The next request is refused.
    Inactive,
    /// No longer of this practice.
    Removed,
}

// L2
/// Where an invitation to the team stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StaffInvitationState {
    /// Waits for an answer.
    Invited,
    /// Accepted.
    Accepted,
    /// Declined; may be invited again.
    Declined,
    /// Its time is over. Derived, never stored.
    Expired,
    /// Taken back by an admin.
    Revoked,
}

/// The invitation to the team. Its token is derived from `seed`, `serial` and a server key, and stored nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffInvitation {
    /// Random, one per staff member.
    pub seed: Uuid,
    /// Counts the invitations; an earlier token names an earlier serial and is dead.
    pub serial: u32,
    /// Where it stands.
    pub state: StaffInvitationState,
    pub sent_at: Timestamp,
    /// Not accepted from this instant on.
    pub expires_at: Timestamp,
    /// The admin who sent it last, and is told if it is declined.
    pub invited_by: Option<StaffId>,
}

impl StaffInvitation {
    /// The first invitation.
    #[must_use]
    pub fn first(seed: Uuid, now: Timestamp, expires_after: SignedDuration, by: Option<StaffId>) -> Self {
        Self {
            seed,
            serial: 1,
            state: StaffInvitationState::Invited,
            sent_at: now,
            expires_at: now + expires_after,
            invited_by: by,
        }
    }

    /// Another one; the earlier is dead with it.
    pub fn again(&mut self, now: Timestamp, expires_after: SignedDuration) {
        self.serial += 1;
        self.state = StaffInvitationState::Invited;
        (self.sent_at, self.expires_at) = (now, now + expires_after);
    }

    /// The state a person sees now.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> StaffInvitationState {
        match self.state {
            StaffInvitationState::Invited if now >= self.expires_at => StaffInvitationState::Expired,
            state => state,
        }
    }

    /// Answers it: only the newest token, only once, only in time.
    pub fn answer(&mut self, serial: u32, now: Timestamp, accept: bool) -> Result<(), AcceptRefusal> {
        if serial != self.serial {
            return Err(AcceptRefusal::Revoked);
        }
        match self.state_at(now) {
            StaffInvitationState::Invited => {
                self.state = if accept { StaffInvitationState::Accepted } else { StaffInvitationState::Declined };
                Ok(())
            }
            StaffInvitationState::Accepted => Err(AcceptRefusal::Accepted),
            StaffInvitationState::Expired => Err(AcceptRefusal::Expired),
            StaffInvitationState::Declined | StaffInvitationState::Revoked => Err(AcceptRefusal::Revoked),
        }
    }
}

/// Who a staff member is to an OIDC issuer, bound at the first sign-in through it.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OutsideIdentity {
    pub issuer: String,
    /// Its subject.
    pub subject: String,
}

crate::domain::prints_its_name!(OutsideIdentity);

/// A staff member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub id: StaffId,
    pub practice: PracticeId,
    /// Grows by one with each change.
    pub version: u64,
    pub full_name: FullName,
    /// Where sign-in links go.
    pub email: EmailAddress,
    /// Whether it runs the practice.
    pub admin: bool,
    pub status: StaffStatus,
    /// Its role, one of the practice's.
    pub role: RoleId,
    /// Whom it supervises while supervision lasts (L13). The team decides; this is what a request needs of it.
    pub supervises: Vec<StaffId>,
    /// Instead of the role's modifier (d-33).
    pub billing_modifier: Option<BillingModifier>,
    /// The invitation; the owner, who signed the practice up, has none.
    pub invitation: Option<StaffInvitation>,
    /// Added or invited at.
    pub created_at: Timestamp,
    /// Came in at.
    pub joined_at: Option<Timestamp>,
    /// Bound to a person at an OIDC issuer.
    pub outside: Option<OutsideIdentity>,
    /// Whether signing in takes a code as well.
    pub totp: bool,
    /// Which notices it wants.
    pub notifications: Notifications,
    /// Sessions opened under an earlier number are dead.
    pub session_epoch: u32,
}

/// Somebody who is to work for a practice.
#[derive(Debug, Clone)]
pub struct NewStaff {
    pub full_name: FullName,
    /// Where sign-in links go.
    pub email: EmailAddress,
    /// Whether it runs the practice.
    pub admin: bool,
    /// One of the practice's roles.
    pub role: RoleId,
    /// None for the owner, who signs the practice up.
    pub invitation: Option<StaffInvitation>,
}

impl Staff {
    /// Somebody who has not come in yet.
    #[must_use]
    pub fn new(id: StaffId, practice: PracticeId, new: NewStaff, now: Timestamp) -> Self {
        let NewStaff { full_name, email, admin, role, invitation } = new;
        Self {
            id,
            practice,
            version: 1,
            full_name,
            email,
            admin,
            status: StaffStatus::Invited,
            role,
            supervises: Vec::new(),
            billing_modifier: None,
            invitation,
            created_at: now,
            joined_at: None,
            outside: None,
            totp: false,
            notifications: Notifications::default(),
            session_epoch: 0,
        }
    }

    /// Whether clients can be given to it (decision 6).
    #[must_use]
    pub const fn takes_clients(&self) -> bool {
        matches!(self.status, StaffStatus::Active)
    }

    /// What claims for its sessions carry now: its own modifier, else its role's (L7, d-33).
    #[must_use]
    pub fn effective_billing_modifier(&self, practice: &Practice) -> Option<BillingModifier> {
        self.billing_modifier.or_else(|| practice.roles.get(&self.role)?.billing_modifier)
    }

    /// Ends every session from the next request on.
    pub const fn end_sessions(&mut self) {
        self.session_epoch += 1;
    }
}
