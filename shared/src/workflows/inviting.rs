//! One way to invite: from a new client, from its portal tab, from the schedule.

use super::mailing::Occasion;
use crate::app::App;
use crate::crypto::random_id;
use crate::domain::client::{Client, Invited};
use crate::domain::email::EmailAddress;
use crate::domain::ids::PracticeId;
use crate::domain::mail::{Outgoing, Template};
use crate::domain::portal::{InviteRefusal, InviteTerms};
use crate::domain::practice::Practice;
use crate::domain::session::PrincipalId;
use crate::domain::staff::Staff;
use crate::domain::text::InvitationMessage;
use crate::refusal::Refusal;
use crate::store::{Conflict, Guard, SignInLink, Taken, Tx, keys};

/// What somebody asks for when inviting.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// Another address than the one on record.
    pub email: Option<EmailAddress>,
    /// Whether the client agreed to mail there.
    pub consent: bool,
    /// The personal line.
    pub message: Option<InvitationMessage>,
    /// Whether the schedule asks.
    pub automatic: bool,
    // D5
    /// Whether documents are shared at the same moment, which the mail then says.
    pub documents: bool,
}

impl App {
    /// Invites, or lets in again, and adds everything but the client itself to the transaction: guard, link, mail.
    pub fn invite(&self, tx: &mut Tx, client: &mut Client, practice: &Practice, ask: Ask) -> Result<Outgoing, Refusal> {
        let now = tx.grant().at();
        let (before, documents) = (client.portal.email.clone(), ask.documents);
        let message = ask.message.clone();
        let terms = InviteTerms {
            email: ask.email,
            consent: ask.consent,
            message: ask.message,
            automatic: ask.automatic,
            expires_after: practice.invitations.expires_after(),
            seed: random_id()?,
        };
        let invited = client.invite(practice.portal.on, terms, now).map_err(|refusal| match refusal {
            InviteRefusal::AlreadySignedIn => {
                Refusal::from(refusal).with("portal_url", self.portal_url(&practice.slug))
            }
            InviteRefusal::EmailMissing
            | InviteRefusal::ConsentMissing
            | InviteRefusal::Undecided
            | InviteRefusal::Inactive
            | InviteRefusal::PortalOff => refusal.into(),
        })?;
        let to = client.portal.email.clone().ok_or_else(|| Refusal::broken("invited without an address"))?;
        self.move_login(tx, client, before.as_ref(), Some(&to));
        let template = match (invited, &client.portal.invitation) {
            (Invited::Invited, Some(invitation)) => Template::Invitation {
                client: client.id,
                serial: invitation.serial,
                seed: invitation.seed,
                first_name: client.profile.preferred_name.clone().unwrap_or_else(|| client.profile.first_name.clone()),
                message: invitation.message.clone(),
                expires_at: invitation.expires_at,
                documents,
            },
            // Nobody asked to sign in just now: the address of the portal lasts longer than a link.
            _ if documents => Template::Shared { slug: practice.slug.clone(), message },
            _ => {
                let principal = PrincipalId::Client(client.id);
                let link = SignInLink::new(practice.id, principal, client.portal.session_epoch, random_id()?, now);
                tx.put(&link);
                Template::SignIn { principal, seed: link.seed }
            }
        };
        self.write_mail(tx, Occasion::Access(client.id), practice, to, template)
    }

    /// The mail of a staff member's invitation as it stands now; also part of the transaction (L2).
    pub fn invite_staff(&self, tx: &mut Tx, staff: &Staff, practice: &Practice) -> Result<Outgoing, Refusal> {
        let invitation = staff.invitation.as_ref().ok_or_else(|| Refusal::broken("invited without an invitation"))?;
        let template = Template::StaffInvitation {
            staff: staff.id,
            serial: invitation.serial,
            seed: invitation.seed,
            expires_at: invitation.expires_at,
        };
        self.write_mail(tx, Occasion::Team, practice, staff.email.clone(), template)
    }

    /// Moves the guard of a login address: unique per practice (decision 3).
    pub fn move_login(
        &self,
        tx: &mut Tx,
        client: &Client,
        before: Option<&EmailAddress>,
        after: Option<&EmailAddress>,
    ) {
        let hash = |email: &EmailAddress| self.login_hash(client.practice, email);
        let (old, new) = (before.map(hash), after.map(hash));
        if let Some(new) = &new {
            let guard = Guard::login(client.practice, new, client.id);
            tx.put_if_absent_or_same(&guard, "held_by", &client.id.to_string(), Conflict::Taken(Taken::LoginAddress));
        }
        if let Some(old) = old.filter(|old| new.as_ref() != Some(old)) {
            tx.release(keys::login_guard(client.practice, &old));
        }
    }

    /// The keyed hash a login address is guarded under.
    #[must_use]
    pub fn login_hash(&self, practice: PracticeId, email: &EmailAddress) -> String {
        self.keys.hash("login", &[practice.uuid().as_bytes(), email.folded().as_bytes()])
    }
}
