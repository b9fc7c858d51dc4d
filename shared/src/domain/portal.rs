//! Portal access of a client: who may sign in, what stands in the way, and the life of an invitation (D1 to D23).

use jiff::{SignedDuration, Timestamp};

use super::email::EmailAddress;
use super::text::InvitationMessage;
use uuid::Uuid;

// decision 1
/// The stored fact about one client's access.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Never invited.
    #[default]
    None,
    /// Invited, not registered.
    Invited,
    /// Let in.
    Enabled,
    /// Cut from the portal; the status stays.
    Disabled,
}

/// One thing that stands between a client and the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// The practice has turned its portal off.
    PracticePortalOff,
    /// The client is deactivated.
    Inactive,
    /// The client has not registered yet.
    NotRegistered,
    /// Access was disabled for this client.
    AccessDisabled,
}

/// Everything that blocks, in the order a person would fix it; empty means the client can sign in.
#[must_use]
pub fn blocks(practice_portal_on: bool, suspended: bool, registered: bool, access: Access) -> Vec<Block> {
    [
        (!practice_portal_on, Block::PracticePortalOff),
        (suspended, Block::Inactive),
        (!registered, Block::NotRegistered),
        (access == Access::Disabled, Block::AccessDisabled),
    ]
    .into_iter()
    .filter_map(|(blocked, by)| blocked.then_some(by))
    .collect()
}

// D7
/// What a person is told about an invitation.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// Never invited.
    NotInvited,
    /// Written down; the mail is on its way out.
    Queued,
    /// The mail service took it.
    Sent,
    /// It reached the mailbox.
    Delivered,
    /// The mailbox refused it.
    Bounced,
    /// The mailbox called it unwanted.
    Complained,
    /// Its time is over.
    Expired,
    /// Ended by staff.
    Revoked,
    /// The client came in with it.
    Accepted,
    /// The client said no.
    Declined,
}

impl InvitationState {
    /// The state a person sees at this moment, of an invitation that ends then.
    #[must_use]
    pub fn at(self, expires_at: Timestamp, now: Timestamp) -> Self {
        if self.is_open() && now >= expires_at { Self::Expired } else { self }
    }

    const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Sent | Self::Delivered | Self::Bounced | Self::Complained)
    }
}

/// The one invitation a client can have at a time.
///
/// Its token is derived from `seed`, `serial` and a server key, and stored nowhere (security IDN-8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Random, one per client: without it nobody can compute a token, not even with the server's key.
    pub seed: Uuid,
    /// Counts the invitations of this client; an earlier token names an earlier serial and is dead.
    pub serial: u32,
    /// Where the mail stands. `Expired` is derived, never stored.
    pub state: InvitationState,
    /// When the mail service took the mail; the time it was queued until then.
    pub sent_at: Timestamp,
    /// Not accepted from this instant on.
    pub expires_at: Timestamp,
    /// How many invitations were sent in a row without an acceptance.
    pub attempts: u32,
    /// How many of them the schedule sent by itself.
    pub resends: u32,
    /// The personal line.
    pub message: Option<InvitationMessage>,
}

impl Invitation {
    /// The state a person sees now.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> InvitationState {
        self.state.at(self.expires_at, now)
    }

    /// Whether it can still be accepted.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.state.is_open() && now < self.expires_at
    }
}

/// A client's portal side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Portal {
    /// None, invited, enabled or disabled.
    pub access: Access,
    /// The login address, unique per practice (decision 3).
    pub email: Option<EmailAddress>,
    /// It was the contact address, which was corrected since, and nobody has said yet what that means here (D9).
    pub outdated: bool,
    /// When and by whom the address was agreed to; required to invite (D4).
    pub consent_at: Option<Timestamp>,
    /// The last invitation.
    pub invitation: Option<Invitation>,
    /// Sessions opened under an earlier number are dead (IDN-7).
    pub session_epoch: u32,
    pub last_sign_in_at: Option<Timestamp>,
    /// The client's own permissions; what is absent follows the practice's default (E4).
    pub permissions: super::practice::Permissions,
    /// Which notices the client wants.
    pub notifications: super::notifications::Notifications,
}

/// Why an invitation is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InviteRefusal {
    /// No address (D4).
    #[error("The client has no e-mail address to invite.")]
    EmailMissing,
    /// Nobody said that the client agreed to mail (D4).
    #[error("The client has not agreed to receive mail at this address.")]
    ConsentMissing,
    /// After the first sign-in there is nothing to resend (D11).
    #[error("The client has signed in already; send the portal link instead.")]
    AlreadySignedIn,
    /// The contact address has changed since the client signed in with it (D9).
    #[error("The contact address has changed. Say which e-mail address the client signs in with from now on.")]
    Undecided,
    /// The client is deactivated.
    #[error("The client is inactive; reactivate first.")]
    Inactive,
    /// The practice's portal is off (D20).
    #[error("The practice's client portal is off.")]
    PortalOff,
}

/// Why an invitation token opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcceptRefusal {
    /// Unknown, or replaced by a later invitation, or ended by staff.
    #[error("This invitation is no longer valid.")]
    Revoked,
    /// Its time is over (D21).
    #[error("This invitation has expired.")]
    Expired,
    /// Used (D14).
    #[error("This invitation was accepted already; sign in instead.")]
    Accepted,
    /// Practice portal off, client inactive or cut off.
    #[error("The client portal is not available.")]
    Unavailable,
}

/// What an invitation is sent with.
#[derive(Debug, Clone)]
pub struct InviteTerms {
    /// To this address; none = the login address, else the contact address.
    pub email: Option<EmailAddress>,
    /// Whether the client is said, here and now, to have agreed to mail at the address (D4).
    pub consent: bool,
    /// The personal line.
    pub message: Option<InvitationMessage>,
    /// Whether the practice's schedule sends it, not a person.
    pub automatic: bool,
    /// Practice setting (decision 9).
    pub expires_after: SignedDuration,
    /// Random bits for a client that was never invited before.
    pub seed: Uuid,
}

impl Portal {
    /// Starts a new invitation to `email`; the earlier one, if any, is dead with it (D10).
    pub(super) fn invite(&mut self, email: EmailAddress, terms: InviteTerms, now: Timestamp) {
        let earlier = self.invitation.as_ref();
        let next = Invitation {
            seed: earlier.map_or(terms.seed, |i| i.seed),
            serial: earlier.map_or(1, |i| i.serial + 1),
            state: InvitationState::Queued,
            sent_at: now,
            expires_at: now + terms.expires_after,
            attempts: earlier.filter(|i| i.state != InvitationState::Accepted).map_or(0, |i| i.attempts) + 1,
            resends: if terms.automatic { earlier.map_or(0, |i| i.resends) + 1 } else { 0 },
            message: terms.message,
        };
        self.access = Access::Invited;
        self.email = Some(email);
        self.outdated = false;
        self.consent_at = self.consent_at.or(Some(now));
        self.invitation = Some(next);
    }

    /// Whether this would be another login address than the one there is: whose mailbox it is, gets in.
    #[must_use]
    pub fn is_moved_by(&self, email: &EmailAddress) -> bool {
        self.email.as_ref().is_some_and(|known| known.folded() != email.folded())
    }

    /// Ends the open invitation, if there is one.
    pub fn revoke_invitation(&mut self) {
        if let Some(invitation) = self.invitation.as_mut().filter(|i| i.state.is_open()) {
            invitation.state = InvitationState::Revoked;
        }
    }

    /// The client says no to the open invitation.
    pub fn decline_invitation(&mut self) {
        if let Some(invitation) = self.invitation.as_mut().filter(|i| i.state.is_open()) {
            invitation.state = InvitationState::Declined;
        }
    }

    /// Ends every session of the client from the next request on.
    pub fn end_sessions(&mut self) {
        self.session_epoch += 1;
    }

    /// Whether the token with this serial can be accepted.
    pub fn accept(&mut self, serial: u32, now: Timestamp) -> Result<(), AcceptRefusal> {
        let invitation = self.invitation.as_mut().filter(|i| i.serial == serial).ok_or(AcceptRefusal::Revoked)?;
        match invitation.state_at(now) {
            InvitationState::Accepted => Err(AcceptRefusal::Accepted),
            InvitationState::Revoked | InvitationState::Declined | InvitationState::NotInvited => {
                Err(AcceptRefusal::Revoked)
            }
            InvitationState::Expired => Err(AcceptRefusal::Expired),
            _ => {
                invitation.state = InvitationState::Accepted;
                Ok(())
            }
        }
    }
}
