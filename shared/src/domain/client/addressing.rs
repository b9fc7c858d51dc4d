//! Where a client is reached: the contact address, the address it signs in with, and what a change of one means for the
//! other (D8, D9, D19, d-13).

use jiff::Timestamp;

use super::{Client, Invited, Profile};
use crate::domain::email::EmailAddress;
use crate::domain::portal::{Access, InviteRefusal, InviteTerms};

fn same(one: Option<&EmailAddress>, other: Option<&EmailAddress>) -> bool {
    one.map(EmailAddress::folded) == other.map(EmailAddress::folded)
}

impl Client {
    /// Where an invitation goes that names no address: where the client signs in, else the contact address.
    ///
    /// An address that the practice has corrected since is nobody's any more, unless the client has come in with it.
    #[must_use]
    pub fn invited_at(&self) -> Option<&EmailAddress> {
        let login = self.portal.email.as_ref().filter(|_| !self.portal.outdated || self.registered_at.is_some());
        login.or(self.profile.email.as_ref())
    }

    /// Takes on another profile: the one way to another contact address.
    ///
    /// If the client was to sign in with the contact address, whoever reads the former one must not come in with it: an
    /// open invitation ends, and what it would take to send one there anew is gone. An address that was chosen for
    /// signing in beside the contact address stays what it is.
    pub fn replace_profile(&mut self, profile: Profile) {
        let before = std::mem::replace(&mut self.profile, profile).email;
        let (before, after, login) = (before.as_ref(), self.profile.email.as_ref(), self.portal.email.as_ref());
        if same(before, after) {
            return;
        }
        let followed = self.portal.outdated || login.is_none() || same(login, before);
        if !followed {
            return;
        }
        self.portal.outdated = login.is_some() && !same(login, after);
        if self.registered_at.is_none() {
            // Agreed to for the address before.
            self.portal.consent_at = None;
            self.portal.revoke_invitation();
        }
    }

    /// Says which address the client signs in with. Another one ends earlier links and sessions (D8); the same one says
    /// that it stays although the contact address has changed. Says whether it is another one.
    pub fn sign_in_with(&mut self, email: EmailAddress) -> bool {
        self.portal.outdated = false;
        if same(self.portal.email.as_ref(), Some(&email)) {
            return false;
        }
        self.portal.revoke_invitation();
        self.portal.end_sessions();
        self.portal.email = Some(email);
        self.portal.consent_at = None;
        true
    }

    /// Sends, resends or restores portal access (D1 to D4, D10, D11, D19).
    ///
    /// A client that has registered before is let in again as it was; everybody else gets an invitation.
    pub fn invite(
        &mut self,
        practice_portal_on: bool,
        terms: InviteTerms,
        now: Timestamp,
    ) -> Result<Invited, InviteRefusal> {
        if !practice_portal_on {
            return Err(InviteRefusal::PortalOff);
        }
        if self.suspended_at.is_some() {
            return Err(InviteRefusal::Inactive);
        }
        if self.registered_at.is_some() && self.portal.access != Access::Disabled {
            return Err(InviteRefusal::AlreadySignedIn);
        }
        if self.registered_at.is_some() && self.portal.outdated && terms.email.is_none() {
            return Err(InviteRefusal::Undecided);
        }
        let known = self.invited_at();
        let email = terms.email.as_ref().or(known).ok_or(InviteRefusal::EmailMissing)?.clone();
        // Consent was given for an address, not for whatever address comes later.
        let agreed = self.portal.consent_at.is_some() && same(known, Some(&email));
        if !terms.consent && !agreed {
            return Err(InviteRefusal::ConsentMissing);
        }
        if !agreed {
            self.portal.consent_at = Some(now);
        }
        if self.registered_at.is_some() {
            self.portal.email = Some(email);
            self.portal.access = Access::Enabled;
            self.portal.outdated = false;
            return Ok(Invited::Restored);
        }
        self.portal.invite(email, terms, now);
        Ok(Invited::Invited)
    }
}
