//! Invitations to the team, from the invited one's end (L2, L15).

use caseload::access::{Action, Actor, Cause, Grant, Resource};
use caseload::app::App;
use caseload::crypto::Token;
use caseload::domain::catalog::Catalog;
use caseload::domain::ids::StaffId;
use caseload::domain::mail::{Outgoing, Template};
use caseload::domain::portal::InvitationState;
use caseload::domain::practice::Practice;
use caseload::domain::session::PrincipalId;
use caseload::domain::staff::{Staff, StaffInvitation, StaffInvitationState, StaffStatus};
use caseload::domain::team::Team;
use caseload::refusal::Stop;
use caseload::store::{Tx, keys};
use caseload::web::{Outcome, Reply, Visitor};
use caseload::workflows::Occasion;

use crate::token::{genuine, only_expired, unknown};

/// The invitation of a staff member, with the team it is to.
pub(crate) struct HeldByStaff {
    pub practice: Practice,
    staff: Staff,
    team: Team,
    catalog: Catalog,
    serial: u32,
}

/// Admins who are told of one declined invitation, at most: their mails stand in one transaction.
const TOLD: usize = 20;

impl HeldByStaff {
    /// Reads the invited one and the team in one round trip.
    pub(crate) async fn read(app: &App, token: &Token, id: StaffId, serial: u32) -> Result<Self, Stop> {
        let of = token.practice;
        let wanted = (keys::staff(of, id), keys::practice(of), keys::team(of), keys::catalog(of));
        let (Some(staff), Some(practice), Some(team), Some(catalog)) = app.store.load(wanted).await? else {
            return Err(unknown().into());
        };
        let held = Self { practice, staff, team, catalog, serial };
        genuine(app, token, held.staff.invitation.as_ref().ok_or_else(unknown)?.seed)?;
        Ok(held)
    }

    /// The invitation the token is for; none if a later one replaced it.
    pub(crate) fn current(&self) -> Option<&StaffInvitation> {
        self.staff.invitation.as_ref().filter(|invitation| invitation.serial == self.serial)
    }

    fn grant(&self, action: Action, visitor: &Visitor) -> Result<Grant, Stop> {
        let cause = Cause { request: visitor.context.id, at: visitor.context.at };
        let (actor, subject) = (Actor::Holder(PrincipalId::Staff(self.staff.id)), Resource::Staff(Some(self.staff.id)));
        Ok(Grant::decide(&actor, action, &subject, &self.practice, cause)?)
    }

    fn answer(&mut self, accept: bool, visitor: &Visitor) -> Result<(), Stop> {
        let invitation = self.staff.invitation.as_mut().ok_or_else(unknown)?;
        Ok(invitation.answer(self.serial, visitor.context.at, accept)?)
    }

    /// Joins the team and signs in. Whoever works for another practice already is refused, and told no name (L15).
    pub(crate) async fn accept(mut self, app: &App, visitor: &Visitor) -> Outcome {
        let grant = self.grant(Action::InvitationAccept, visitor)?;
        self.answer(true, visitor)?;
        let mut tx = Tx::new(&grant);
        app.join_team(&mut tx, &mut self.staff, &mut self.team, &mut self.catalog)?;
        let principal = PrincipalId::Staff(self.staff.id);
        let (session, refresh) =
            app.new_session(&self.practice, principal, self.staff.session_epoch, visitor.context.at)?;
        let actor = Actor::staff(self.staff, visitor.context.at);
        let tokens = app.session_tokens(&actor, &self.practice, &session.session, &refresh, visitor.context.at)?;
        let reply = Reply::created(&tokens)?;
        tx.create(&session).fields(["status", "joined_at"]).touches(principal).touches(session.session.id);
        app.store.commit(tx).await?;
        Ok(reply)
    }

    /// Declines; the practice may ask again. The admin who invited is told, or every one once that is no active admin.
    pub(crate) async fn decline(mut self, app: &App, visitor: &Visitor) -> Outcome {
        let grant = self.grant(Action::InvitationDecline, visitor)?;
        self.answer(false, visitor)?;
        let mut tx = Tx::new(&grant);
        tx.replace(&mut self.staff).fields(["invitation"]).touches(self.staff.id);
        let mails = self.notices(app, &mut tx).await?;
        app.store.commit(tx).await?;
        for mail in &mails {
            app.send_now(mail).await?;
        }
        Ok(Reply::empty())
    }

    async fn notices(&self, app: &App, tx: &mut Tx) -> Result<Vec<Outgoing>, Stop> {
        let members = self.team.members.iter();
        let admins = members.filter(|(_, member)| member.admin && member.status == StaffStatus::Active);
        let admins: Vec<StaffId> = admins.map(|(id, _)| *id).collect();
        let inviter = self.staff.invitation.as_ref().and_then(|invitation| invitation.invited_by);
        let told = match inviter.filter(|inviter| admins.contains(inviter)) {
            Some(inviter) => vec![inviter],
            None => admins,
        };
        let wanted: Vec<_> = told.into_iter().take(TOLD).map(|id| keys::staff(self.practice.id, id)).collect();
        let admins = app.store.load(wanted).await?;
        let mut mails = Vec::with_capacity(admins.len());
        for admin in admins.into_iter().flatten() {
            mails.push(app.write_mail(tx, Occasion::Notice, &self.practice, admin.email, Template::StaffDeclined)?);
        }
        Ok(mails)
    }

    /// Mails a fresh link to the same mailbox once the old one has expired.
    pub(crate) async fn renew(mut self, app: &App, visitor: &Visitor) -> Result<(), Stop> {
        let now = visitor.context.at;
        only_expired(self.current().map(|invitation| match invitation.state_at(now) {
            StaffInvitationState::Invited => InvitationState::Sent,
            StaffInvitationState::Accepted => InvitationState::Accepted,
            StaffInvitationState::Expired => InvitationState::Expired,
            StaffInvitationState::Declined | StaffInvitationState::Revoked => InvitationState::Revoked,
        }))?;
        let grant = self.grant(Action::InvitationRenew, visitor)?;
        let invitation = self.staff.invitation.as_mut().ok_or_else(unknown)?;
        invitation.again(now, self.practice.invitations.expires_after());
        let mut tx = Tx::new(&grant);
        tx.replace(&mut self.staff).fields(["invitation"]).touches(self.staff.id);
        let mail = app.invite_staff(&mut tx, &self.staff, &self.practice)?;
        app.store.commit(tx).await?;
        app.send_now(&mail).await?;
        Ok(())
    }
}
