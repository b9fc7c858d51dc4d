//! Authenticate and load in one round trip, then decide: the only way to a [`Grant`] for somebody signed in.

use std::sync::atomic::Ordering;

use jiff::Timestamp;

use super::RequestContext;
use super::caller::{Caller, Kind};
use super::repeat::kept;
use super::reply::Reply;
use crate::access::{Action, Actor, Cause, Grant, Obligation, Resource, Shows, standing};
use crate::app::App;
use crate::crypto::{ordered_id, sha256};
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, PracticeId};
use crate::domain::practice::Practice;
use crate::jwt::Identity;
use crate::refusal::{Lost, Refusal, Stop};
use crate::store::audit;
use crate::store::keys::{self, Key};
use crate::store::{
    AnswerPlace, AuditEntry, Conflict, Decided, Kept, Lookup, PrincipalKey, StoreError, StoredSession, Taken, Tx,
};
use crate::workflows::Authority;

/// A live caller: what the table said about it in the one read of this request.
#[derive(Debug)]
pub struct Entered {
    /// Who asks.
    pub actor: Actor,
    pub practice: Practice,
    pub session: StoredSession,
    /// The request and its time.
    pub cause: Cause,
    repeated: Option<Kept>,
    place: Option<AnswerPlace>,
}

/// A decided request about something.
#[derive(Debug)]
pub struct Authorized<T> {
    /// The proof.
    pub grant: Grant,
    /// Who asks.
    pub actor: Actor,
    pub practice: Practice,
    /// What it is about.
    pub subject: T,
    session: StoredSession,
    place: Option<AnswerPlace>,
}

impl<T> Authorized<T> {
    /// The same authority, over each of a client's sessions.
    #[must_use]
    pub const fn authority(&self) -> Authority<'_> {
        let (actor, practice, grant) = (&self.actor, &self.practice, &self.grant);
        Authority { actor, practice, cause: grant.cause(), action: grant.action() }
    }

    /// A transaction under the grant.
    #[must_use]
    pub fn tx(&self) -> Tx {
        Tx::new(&self.grant)
    }

    /// Where the answer is kept for a repetition of the request.
    #[must_use]
    pub const fn answer_place(&self) -> Option<&AnswerPlace> {
        self.place.as_ref()
    }

    /// The same decision about something read along with it.
    pub fn map<U>(self, subject: impl FnOnce(T) -> U) -> Authorized<U> {
        let Self { grant, actor, practice, subject: old, session, place } = self;
        Authorized { grant, actor, practice, subject: subject(old), session, place }
    }
}

impl App {
    /// Whether the session behind a token still lives. For requests refused before they were loaded.
    pub(super) async fn is_live(&self, identity: &Identity, at: Timestamp) -> Result<bool, Stop> {
        Ok(live(identity, self.store.load(credential(identity, at)).await?, at).is_some())
    }

    /// Writes that a live caller was refused before its request was loaded.
    pub(super) async fn audit_refusal(&self, identity: &Identity, asked: &str, cause: Cause) -> Result<(), Stop> {
        let (actor, id) = (identity.principal.to_string(), ordered_id(cause.at)?);
        let entry = AuditEntry::of(identity.practice, &actor, asked, Decided::Denied, None, cause, id);
        self.append_audit(&entry).await
    }

    /// Loads session, principal and practice together with `more`: one round trip, 401 unless all are live.
    ///
    /// A repetition of a request with an `Idempotency-Key` ends with its first answer once it was decided like any other.
    pub async fn enter<K: Kind, L: Lookup>(&self, caller: &Caller<K>, more: L) -> Result<(Entered, L::Found), Stop> {
        let Caller { identity, context, .. } = caller;
        let mut place = self.answer_place_of(identity, context);
        let record = place.as_ref().map(|place| place.key.clone());
        let (credential, found, record) = self.store.load((credential(identity, context.at), more, record)).await?;
        context.progress.caller_read.store(true, Ordering::Relaxed);
        let (actor, practice, session) = live(identity, credential, context.at).ok_or_else(Refusal::unauthenticated)?;
        let mut repeated = None;
        if let Some(place) = &mut place {
            place.standing = sha256(standing(&actor, &practice).as_bytes());
            repeated = kept(place, record.flatten(), context.at)?;
        }
        let cause = Cause { request: context.id, at: context.at };
        let entered = Entered { actor, practice, session, cause, repeated, place };
        Ok((entered, found))
    }

    fn answer_place_of(&self, identity: &Identity, context: &RequestContext) -> Option<AnswerPlace> {
        let (place, payload) = context.repeatable.clone()?;
        let key = keys::idempotency(identity.practice, identity.principal, &place);
        let (practice, standing) = (Some(identity.practice), String::new());
        Some(AnswerPlace { key, practice, payload, standing, keys: self.keys.clone() })
    }

    /// Decides; a refusal is written to the audit trail before it is told (AZ-8). A request that was answered before ends
    /// here with that answer.
    ///
    /// What is sensitive also takes a fresh proof from staff with a second factor: 403 `fresh_proof_required`.
    pub async fn decide(&self, entered: &Entered, action: Action, resource: &Resource) -> Result<Grant, Stop> {
        let Entered { actor, practice, session, cause, repeated, .. } = entered;
        let grant = self.decide_as(actor, practice, session, *cause, action, resource).await?;
        match repeated {
            None => Ok(grant),
            Some(kept) => Err(self.tell_again(&grant, practice, kept.clone()).await),
        }
    }

    /// Decides about a further action that the same request takes.
    pub async fn decide_also<T>(
        &self,
        authorized: &Authorized<T>,
        action: Action,
        resource: &Resource,
    ) -> Result<Grant, Stop> {
        let Authorized { actor, practice, session, grant, .. } = authorized;
        self.decide_as(actor, practice, session, grant.cause(), action, resource).await
    }

    async fn decide_as(
        &self,
        actor: &Actor,
        practice: &Practice,
        session: &StoredSession,
        cause: Cause,
        action: Action,
        resource: &Resource,
    ) -> Result<Grant, Stop> {
        let refused = match Grant::decide(actor, action, resource, practice, cause) {
            Ok(grant) if owes_proof(&grant, session) => Refusal::forbidden(
                "fresh_proof_required",
                "This takes a fresh code from your authenticator app. Send one to /v1/auth/proof, then repeat.",
            ),
            Ok(grant) => {
                match action.shows() {
                    Shows::Nothing => audit::account(),
                    Shows::Changed => {
                        audit::owe(AuditEntry::new(&grant, Decided::Repeated, ordered_id(cause.at)?));
                    }
                    Shows::Clients => {}
                }
                return Ok(grant);
            }
            Err(denied) => denied.into(),
        };
        Err(self.refuse((practice.id, actor, action, resource.client_id()), cause, refused).await)
    }

    /// Refuses what the policy allows for others: written to the trail like every refusal.
    pub async fn insist<T>(&self, asked: &Authorized<T>, decided: Result<(), impl Into<Refusal>>) -> Result<(), Stop> {
        let Err(denied) = decided else { return Ok(()) };
        let refused = (asked.practice.id, &asked.actor, asked.grant.action(), asked.grant.subject());
        Err(self.refuse(refused, asked.grant.cause(), denied.into()).await)
    }

    /// Writes a refusal to the trail before it is told.
    async fn refuse(
        &self,
        (practice, actor, action, client): (PracticeId, &Actor, Action, Option<ClientId>),
        cause: Cause,
        refusal: Refusal,
    ) -> Stop {
        let id = match ordered_id(cause.at) {
            Ok(id) => id,
            Err(none) => return none.into(),
        };
        let entry = AuditEntry::of(practice, &actor.name(), action.name(), Decided::Denied, client, cause, id);
        self.append_audit(&entry).await.err().unwrap_or_else(|| refusal.into())
    }

    /// Appends to the trail; whoever reads personal data answers only if this held (AUD-2).
    pub async fn append_audit(&self, entry: &AuditEntry) -> Result<(), Stop> {
        self.store.append_audit(entry).await.map_err(|error| {
            tracing::error!(code = "audit_unavailable", %error, "audit");
            Refusal::unavailable(error).into()
        })
    }

    /// Loads and, for reads of personal data, writes the audit entry at the same time (decision 19).
    pub async fn enter_for<K: Kind, L: Lookup>(
        &self,
        caller: &Caller<K>,
        action: Action,
        client: Option<ClientId>,
        more: L,
    ) -> Result<(Entered, L::Found), Stop> {
        self.enter_about(caller, action, client, Vec::new(), more).await
    }

    /// Likewise; the audit entry names these things.
    pub async fn enter_about<K: Kind, L: Lookup>(
        &self,
        caller: &Caller<K>,
        action: Action,
        client: Option<ClientId>,
        about: Vec<String>,
        more: L,
    ) -> Result<(Entered, L::Found), Stop> {
        let decided = match action.shows() {
            Shows::Clients => Decided::Asked,
            Shows::Changed => Decided::Repeated,
            Shows::Nothing => return self.enter(caller, more).await,
        };
        let (practice, cause) = (caller.identity.practice, Cause { request: caller.context.id, at: caller.context.at });
        let (actor, id) = (caller.identity.principal.to_string(), ordered_id(cause.at)?);
        let entry = AuditEntry::of(practice, &actor, action.name(), decided, client, cause, id).with_resources(about);
        if action.shows() == Shows::Changed {
            audit::owe(entry);
            return self.enter(caller, more).await;
        }
        let (entered, written) = tokio::join!(self.enter(caller, more), self.append_audit(&entry));
        let entered = entered?;
        written?;
        Ok(entered)
    }

    /// Authorizes an action on the practice as a whole.
    pub async fn practice<K: Kind>(&self, caller: &Caller<K>, action: Action) -> Result<Authorized<()>, Stop> {
        self.practice_with(caller, action, ()).await.map(|(asked, ())| asked)
    }

    /// Likewise, with `more` out of the same round trip.
    pub async fn practice_with<K: Kind, L: Lookup>(
        &self,
        caller: &Caller<K>,
        action: Action,
        more: L,
    ) -> Result<(Authorized<()>, L::Found), Stop> {
        let (entered, found) = self.enter_for(caller, action, None, more).await?;
        let grant = self.decide(&entered, action, &Resource::Practice).await?;
        Ok((entered.authorized(grant, ()), found))
    }

    /// Authorizes an action on a client: 404 for one that is absent, deleted, or not the caller's.
    pub async fn client<K: Kind>(
        &self,
        caller: &Caller<K>,
        action: Action,
        id: ClientId,
    ) -> Result<Authorized<Client>, Stop> {
        self.client_with(caller, action, id, ()).await.map(|(asked, ())| asked)
    }

    /// Likewise, with `more` out of the same round trip.
    pub async fn client_with<K: Kind, L: Lookup>(
        &self,
        caller: &Caller<K>,
        action: Action,
        id: ClientId,
        more: L,
    ) -> Result<(Authorized<Client>, L::Found), Stop> {
        let key = keys::client(caller.identity.practice, id).unless_deleting();
        let (entered, (client, found)) = self.enter_for(caller, action, Some(id), (key, more)).await?;
        let grant = self.decide(&entered, action, &Resource::client(client.as_ref())).await?;
        let client = client.ok_or_else(Refusal::absent)?;
        Ok((entered.authorized(grant, client), found))
    }

    /// Commits and answers. The answer is kept if the request carries a key; a twin of the request gets it too.
    pub async fn finish<T>(&self, authorized: &Authorized<T>, tx: Tx, reply: Reply) -> Result<Reply, Stop> {
        Ok(self.try_finish(authorized, tx, reply).await??)
    }

    /// The same for whoever has something to say about what is taken.
    pub(super) async fn try_finish<T>(
        &self,
        authorized: &Authorized<T>,
        mut tx: Tx,
        reply: Reply,
    ) -> Result<Result<Reply, Taken>, Stop> {
        tx.answer(authorized.place.as_ref(), reply.answer());
        match self.store.commit(tx).await {
            Ok(()) => Ok(Ok(reply)),
            Err(StoreError::Conflict(Conflict::Taken(taken))) => Ok(Err(taken)),
            Err(StoreError::Conflict(Conflict::SameRequest)) => {
                if let Some(place) = &authorized.place {
                    let record = self.store.load(place.key.clone()).await?;
                    if let Some(kept) = kept(place, record, authorized.grant.at())? {
                        return Err(self.tell_again(&authorized.grant, &authorized.practice, kept).await);
                    }
                }
                Err(Stop::Lost(Lost::Twin))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Entered {
    /// Where the answer is kept for a repetition of the request.
    #[must_use]
    pub const fn answer_place(&self) -> Option<&AnswerPlace> {
        self.place.as_ref()
    }

    /// With its decision.
    #[must_use]
    pub fn authorized<T>(self, grant: Grant, subject: T) -> Authorized<T> {
        let Self { actor, practice, session, cause: _, repeated: _, place } = self;
        Authorized { grant, actor, practice, subject, session, place }
    }
}

/// What a live caller takes: session, principal, practice.
type Credential = (Key<StoredSession>, PrincipalKey, Key<Practice>);

fn credential(identity: &Identity, now: Timestamp) -> Credential {
    let Identity { practice, principal, session, .. } = *identity;
    (keys::session(practice, principal, session), PrincipalKey::of(practice, principal, now), keys::practice(practice))
}

/// Who is signed in, if session, principal and practice are all there and alive (IDN-5).
fn live(
    identity: &Identity,
    (session, principal, practice): <Credential as Lookup>::Found,
    at: Timestamp,
) -> Option<(Actor, Practice, StoredSession)> {
    let (stored, (actor, epoch), practice) = (session?, principal?, practice?);
    let session = &stored.session;
    let alive = session.is_live(at) && session.principal == identity.principal && session.epoch == epoch;
    let allowed = crate::access::decide(&actor, Action::SelfRead, &Resource::Practice, &practice).is_ok();
    (alive && allowed && practice.closed_at.is_none()).then_some((actor, practice, stored))
}

/// Whether staff with a second factor has to show it again first (IDN-14); who has none is not held up.
fn owes_proof(grant: &Grant, session: &StoredSession) -> bool {
    grant.obligations().contains(&Obligation::FreshProof)
        && matches!(grant.actor(), Actor::Staff(staff) if staff.totp)
        && !session.session.is_proved(grant.at())
}
