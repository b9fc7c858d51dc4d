//! Authenticate and load in one round trip, then decide: the only way to a [`Grant`] for somebody signed in.

use jiff::Timestamp;

use super::caller::{Caller, Kind};
use super::problem::Problem;
use super::repeat::kept;
use super::reply::Reply;
use super::{IfMatch, RequestContext};
use crate::access::{Action, Actor, Cause, Denied, Grant, Obligation, Resource, Shows, standing};
use crate::app::App;
use crate::crypto::{ordered_id, sha256};
use crate::domain::client::Client;
use crate::domain::ids::{ClientId, PracticeId};
use crate::domain::practice::Practice;
use crate::domain::session::PrincipalId;
use crate::domain::staff::Staff;
use crate::jwt::Identity;
use crate::store::keys::{self, Key};
use crate::store::{AnswerPlace, AuditEntry, Conflict, Decided, Items, Kept, StoreError, StoredSession, Tx};
use crate::workflows::Authority;

/// A live caller: what the table said about it in the one read of this request.
#[derive(Debug)]
pub struct Entered {
    /// Who asks.
    pub actor: Actor,
    /// The practice.
    pub practice: Practice,
    /// The session.
    pub session: StoredSession,
    /// Whatever else was read in the same round trip.
    pub items: Items,
    /// The request and its time.
    pub cause: Cause,
    repeated: Option<Kept>,
    place: Option<AnswerPlace>,
    if_match: IfMatch,
}

/// A decided request about something.
#[derive(Debug)]
pub struct Authorized<T> {
    /// The proof.
    pub grant: Grant,
    /// Who asks.
    pub actor: Actor,
    /// The practice.
    pub practice: Practice,
    /// What it is about.
    pub subject: T,
    /// Whatever else was read in the same round trip.
    pub items: Items,
    session: StoredSession,
    place: Option<AnswerPlace>,
    if_match: IfMatch,
}

impl<T> Authorized<T> {
    /// Requires `If-Match` with this version: 428 without, 412 with another (api.md).
    pub fn require_version(&self, version: u64) -> Result<(), Problem> {
        match self.if_match {
            IfMatch::Version(sent) if sent == version => Ok(()),
            IfMatch::Version(_) | IfMatch::Foreign => Err(Problem::stale()),
            IfMatch::Missing => Err(Problem::new(
                http::StatusCode::PRECONDITION_REQUIRED,
                "if_match_required",
                "Send If-Match with the ETag you read, so that nobody's change is overwritten.",
            )),
        }
    }

    /// Honours `If-Match` where it is sent: for things that also change by themselves.
    pub fn check_version(&self, version: u64) -> Result<(), Problem> {
        match self.if_match {
            IfMatch::Missing => Ok(()),
            _ => self.require_version(version),
        }
    }

    /// The same authority, over each of a client's sessions.
    #[must_use]
    pub const fn authority(&self) -> Authority<'_> {
        let (actor, practice, grant) = (&self.actor, &self.practice, &self.grant);
        Authority { actor, practice, cause: grant.cause(), action: grant.action() }
    }

    /// A transaction under the grant.
    #[must_use]
    pub const fn tx(&self) -> Tx<'_> {
        Tx::new(&self.grant)
    }

    /// Where the answer is kept for a repetition of the request.
    #[must_use]
    pub const fn answer_place(&self) -> Option<&AnswerPlace> {
        self.place.as_ref()
    }

    /// The same decision about something read along with it.
    pub fn map<U>(self, subject: impl FnOnce(T) -> U) -> Authorized<U> {
        let Self { grant, actor, practice, subject: old, items, session, place, if_match } = self;
        Authorized { grant, actor, practice, subject: subject(old), items, session, place, if_match }
    }
}

impl App {
    fn principal_key(identity: &Identity) -> Key {
        match identity.principal {
            PrincipalId::Staff(id) => keys::staff(identity.practice, id),
            PrincipalId::Client(id) => keys::client(identity.practice, id),
        }
    }

    /// Whether the session behind a token still lives. For requests refused before they were loaded.
    pub(super) async fn is_live(&self, identity: &Identity, at: Timestamp) -> Result<bool, Problem> {
        let wanted = [
            keys::session(identity.practice, identity.principal, identity.session),
            Self::principal_key(identity),
            keys::practice(identity.practice),
        ];
        let mut items = self.store.load(&wanted).await?;
        Ok(live(identity, &mut items, at)?.is_some())
    }

    /// Writes that a live caller was refused before its request was loaded.
    pub(super) async fn audit_refusal(&self, identity: &Identity, asked: &str, cause: Cause) -> Result<(), Problem> {
        let (actor, id) = (identity.principal.to_string(), ordered_id(cause.at)?);
        let entry = AuditEntry::of(identity.practice, &actor, asked, Decided::Denied, None, cause, id);
        self.append_audit(&entry).await
    }

    /// Loads session, principal and practice together with `wanted`: one round trip, 401 unless all are live.
    ///
    /// A repetition of a request with an `Idempotency-Key` ends with its first answer once it was decided like any other.
    pub async fn enter<K: Kind>(&self, caller: &Caller<K>, wanted: &[Key]) -> Result<Entered, Problem> {
        let Caller { identity, context, .. } = caller;
        let mut keys = vec![
            keys::session(identity.practice, identity.principal, identity.session),
            Self::principal_key(identity),
            keys::practice(identity.practice),
        ];
        keys.extend_from_slice(wanted);
        let place = self.answer_place_of(identity, context);
        keys.extend(place.iter().map(|place| place.key.clone()));
        let mut items = self.store.load(&keys).await?;
        // The principal may itself be what was asked for.
        let own = Self::principal_key(identity);
        let again = wanted.contains(&own).then(|| items.copy(&own));
        let (actor, practice, session) =
            live(identity, &mut items, context.at)?.ok_or_else(Problem::unauthenticated)?;
        if let Some(again) = again {
            items.give_back(own, again);
        }
        let (mut place, mut repeated) = (place, None);
        if let Some(place) = &mut place {
            place.standing = sha256(standing(&actor, &practice).as_bytes());
            repeated = kept(place, &mut items, context.at)?;
        }
        let cause = Cause { request: context.id, at: context.at };
        Ok(Entered { actor, practice, session, items, cause, repeated, place, if_match: context.if_match })
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
    pub async fn decide(&self, entered: &Entered, action: Action, resource: &Resource) -> Result<Grant, Problem> {
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
    ) -> Result<Grant, Problem> {
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
    ) -> Result<Grant, Problem> {
        let refused = match Grant::decide(actor, action, resource, practice, cause) {
            Ok(grant) if owes_proof(&grant, session) => Problem::forbidden(
                "fresh_proof_required",
                "This takes a fresh code from your authenticator app. Send one to /v1/auth/proof, then repeat.",
            ),
            Ok(grant) => return Ok(grant),
            Err(denied) => denied.into(),
        };
        Err(self.refuse((practice.id, actor, action, resource.client_id()), cause, refused).await)
    }

    /// Refuses what the policy allows for others: written to the trail like every refusal.
    pub async fn insist<T>(&self, asked: &Authorized<T>, decided: Result<(), Denied>) -> Result<(), Problem> {
        let Err(denied) = decided else { return Ok(()) };
        let refused = (asked.practice.id, &asked.actor, asked.grant.action(), asked.grant.subject());
        Err(self.refuse(refused, asked.grant.cause(), denied.into()).await)
    }

    /// Writes a refusal to the trail before it is told.
    async fn refuse(
        &self,
        (practice, actor, action, client): (PracticeId, &Actor, Action, Option<ClientId>),
        cause: Cause,
        refusal: Problem,
    ) -> Problem {
        let id = match ordered_id(cause.at) {
            Ok(id) => id,
            Err(none) => return none.into(),
        };
        let entry = AuditEntry::of(practice, &actor.name(), action.name(), Decided::Denied, client, cause, id);
        self.append_audit(&entry).await.err().unwrap_or(refusal)
    }

    /// Appends to the trail; whoever reads personal data answers only if this held (AUD-2).
    pub async fn append_audit(&self, entry: &AuditEntry) -> Result<(), Problem> {
        self.store.append_audit(entry).await.map_err(|error| {
            tracing::error!(code = "audit_unavailable", %error, "audit");
            Problem::unavailable(error)
        })
    }

    /// Loads and, for reads of personal data, writes the audit entry at the same time (decision 19).
    pub async fn enter_for<K: Kind>(
        &self,
        caller: &Caller<K>,
        action: Action,
        client: Option<ClientId>,
        wanted: &[Key],
    ) -> Result<Entered, Problem> {
        self.enter_about(caller, action, client, Vec::new(), wanted).await
    }

    /// Likewise; the audit entry names these things.
    pub async fn enter_about<K: Kind>(
        &self,
        caller: &Caller<K>,
        action: Action,
        client: Option<ClientId>,
        about: Vec<String>,
        wanted: &[Key],
    ) -> Result<Entered, Problem> {
        match action.shows() {
            Shows::Clients => {}
            Shows::Nothing | Shows::Changed => return self.enter(caller, wanted).await,
        }
        let (practice, cause) = (caller.identity.practice, Cause { request: caller.context.id, at: caller.context.at });
        let actor = caller.identity.principal.to_string();
        let entry =
            AuditEntry::of(practice, &actor, action.name(), Decided::Asked, client, cause, ordered_id(cause.at)?)
                .with_resources(about);
        let (entered, written) = tokio::join!(self.enter(caller, wanted), self.append_audit(&entry));
        let entered = entered?;
        written?;
        Ok(entered)
    }

    /// Authorizes an action on the practice as a whole.
    pub async fn practice<K: Kind>(
        &self,
        caller: &Caller<K>,
        action: Action,
        wanted: &[Key],
    ) -> Result<Authorized<()>, Problem> {
        let entered = self.enter_for(caller, action, None, wanted).await?;
        let grant = self.decide(&entered, action, &Resource::Practice).await?;
        Ok(entered.authorized(grant, ()))
    }

    /// Authorizes an action on a client: 404 for one that is absent, deleted, or not the caller's.
    pub async fn client<K: Kind>(
        &self,
        caller: &Caller<K>,
        action: Action,
        id: ClientId,
        wanted: &[Key],
    ) -> Result<Authorized<Client>, Problem> {
        let mut keys = vec![keys::client(caller.identity.practice, id)];
        keys.extend_from_slice(wanted);
        let mut entered = self.enter_for(caller, action, Some(id), &keys).await?;
        let client = entered.items.client(caller.identity.practice, id)?;
        let grant = self.decide(&entered, action, &Resource::client(client.as_ref())).await?;
        let client = client.ok_or_else(Problem::absent)?;
        Ok(entered.authorized(grant, client))
    }

    /// Commits and answers. The answer is kept if the request carries a key; a twin of the request gets it too.
    pub async fn finish<T>(&self, authorized: &Authorized<T>, mut tx: Tx<'_>, reply: Reply) -> Result<Reply, Problem> {
        tx.answer(authorized.place.as_ref(), reply.answer());
        match self.store.commit(tx).await {
            Ok(()) => Ok(reply),
            Err(StoreError::Conflict(Conflict::SameRequest)) => {
                if let Some(place) = &authorized.place {
                    let mut items = self.store.load(std::slice::from_ref(&place.key)).await?;
                    if let Some(kept) = kept(place, &mut items, authorized.grant.at())? {
                        return Err(self.tell_again(&authorized.grant, &authorized.practice, kept).await);
                    }
                }
                Err(StoreError::Conflict(Conflict::SameRequest).into())
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Entered {
    /// With its decision.
    #[must_use]
    pub fn authorized<T>(self, grant: Grant, subject: T) -> Authorized<T> {
        let Self { actor, practice, session, items, cause: _, repeated: _, place, if_match } = self;
        Authorized { grant, actor, practice, subject, items, session, place, if_match }
    }
}

/// Who is signed in, if session, principal and practice are all there and alive (IDN-5).
fn live(
    identity: &Identity,
    items: &mut Items,
    at: Timestamp,
) -> Result<Option<(Actor, Practice, StoredSession)>, Problem> {
    let practice = items.take::<Practice>(&keys::practice(identity.practice))?;
    let session =
        items.take::<StoredSession>(&keys::session(identity.practice, identity.principal, identity.session))?;
    let (Some(practice), Some(stored)) = (practice, session) else {
        return Ok(None);
    };
    let (actor, epoch) = match identity.principal {
        PrincipalId::Staff(id) => match items.take::<Staff>(&keys::staff(identity.practice, id))? {
            Some(staff) => {
                let epoch = staff.session_epoch;
                (Actor::Staff(Box::new(staff)), epoch)
            }
            None => return Ok(None),
        },
        PrincipalId::Client(id) => match items.client(identity.practice, id)? {
            Some(client) => {
                let epoch = client.portal.session_epoch;
                (Actor::Client(Box::new(client)), epoch)
            }
            None => return Ok(None),
        },
    };
    let session = &stored.session;
    let alive = session.is_live(at) && session.principal == identity.principal && session.epoch == epoch;
    let allowed = crate::access::decide(&actor, Action::SelfRead, &Resource::Practice, &practice).is_ok();
    Ok((alive && allowed).then_some((actor, practice, stored)))
}

/// Whether staff with a second factor has to show it again first (IDN-14); who has none is not held up.
fn owes_proof(grant: &Grant, session: &StoredSession) -> bool {
    grant.obligations().contains(&Obligation::FreshProof)
        && matches!(grant.actor(), Actor::Staff(staff) if staff.totp)
        && !session.session.is_proved(grant.at())
}
