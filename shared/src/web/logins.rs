//! Committing what gives a client an address to sign in with, and what somebody is told who chose one that is taken.
// decision 32

use crate::access::{Action, Actor};
use crate::app::App;
use crate::crypto::ordered_id;
use crate::domain::client::Client;
use crate::domain::email::EmailAddress;
use crate::domain::portal::InviteRefusal;
use crate::refusal::{Refusal, Stop};
use crate::store::{AuditEntry, Decided, Taken, Tx, keys};

use super::authorize::Authorized;
use super::reply::Reply;

/// An address that a client is to sign in with from now on.
#[derive(Debug)]
pub struct LoginClaim<'a> {
    pub email: Option<&'a EmailAddress>,
    /// Whether the same request says that the client agreed to mail there.
    pub consent: bool,
    /// The client, if it was there before.
    pub client: Option<&'a Client>,
    /// What the trail calls it.
    pub action: Action,
}

impl App {
    /// Commits and answers, like [`App::finish`]. An address that another client has is refused without saying so to
    /// anybody who does not see all clients, and only after the try was counted and written to the trail: 422 without
    /// consent in the same request, 429 after too many, then 409.
    pub async fn finish_login<T>(
        &self,
        asked: &Authorized<T>,
        tx: Tx,
        reply: Reply,
        claim: LoginClaim<'_>,
    ) -> Result<Reply, Stop> {
        match self.try_finish(asked, tx, reply).await? {
            Ok(reply) => Ok(reply),
            Err(Taken::LoginAddress) => Err(self.login_taken(asked, claim).await),
            Err(taken) => Err(taken.into()),
        }
    }

    async fn login_taken<T>(&self, asked: &Authorized<T>, claim: LoginClaim<'_>) -> Stop {
        match self.refuse_login(asked, &claim).await {
            Ok(refusal) => refusal.into(),
            Err(stop) => stop,
        }
    }

    async fn refuse_login<T>(&self, asked: &Authorized<T>, claim: &LoginClaim<'_>) -> Result<Refusal, Stop> {
        let LoginClaim { email, consent, client, action } = *claim;
        let (practice, now) = (asked.practice.id, asked.grant.at());
        let tried = self.tried_login(&asked.actor, practice, client.map(|client| client.id), now).await?;
        let admin = matches!(&asked.actor, Actor::Staff(staff) if staff.admin);
        let holder = match email.filter(|_| admin && consent && tried.is_ok()) {
            Some(email) => {
                let guard = self.store.load(keys::login_guard(practice, &self.login_hash(practice, email))).await?;
                guard.map(|guard| guard.owner)
            }
            None => None,
        };
        let id = ordered_id(now)?;
        let (actor, of) = (asked.actor.name(), client.map(|client| client.id));
        let entry = AuditEntry::of(practice, &actor, action.name(), Decided::Denied, of, asked.grant.cause(), id)
            .with_resources(holder.iter().cloned().collect());
        self.append_audit(&entry).await?;
        Ok(match (tried, consent, holder) {
            (Err(wait), ..) => Refusal::mailed_enough(wait),
            (_, false, _) => InviteRefusal::ConsentMissing.into(),
            (_, _, None) => Taken::LoginAddress.into(),
            (_, _, Some(holder)) => Refusal::conflict(
                "email_in_use_for_login",
                "Another client of this practice signs in with this address, see client_id. Use another address for one \
                 of them.",
            )
            .with("client_id", holder),
        })
    }
}
