//! Opening a session: what is stored of it, and what its holder gets.

use jiff::Timestamp;

use crate::access::Actor;
use crate::app::App;
use crate::crypto::{Claim, Token, random_id};
use crate::domain::ids::SessionId;
use crate::domain::practice::Practice;
use crate::domain::session::{PrincipalId, Session};
use crate::domain::staff::OutsideIdentity;
use crate::jwt::Identity;
use crate::refusal::Refusal;
use crate::store::StoredSession;

/// What is handed to whoever opened a session.
pub struct Tokens {
    /// Shown with every request; good for [`crate::domain::session::ACCESS_TOKEN`].
    pub access: String,
    /// Good for one refresh.
    pub refresh: String,
    /// The practice asks a second factor of its staff and this one has none yet.
    pub second_factor_missing: bool,
}

crate::domain::prints_its_name!(Tokens);

impl App {
    /// The keyed hash under which the identity of a person at an OIDC issuer is guarded: one practice at a time.
    #[must_use]
    pub fn outside_identity_hash(&self, outside: &OutsideIdentity) -> String {
        self.keys.hash("outside identity", &[outside.issuer.as_bytes(), outside.subject.as_bytes()])
    }

    /// A new session and its first refresh token, not stored yet.
    pub fn new_session(
        &self,
        practice: &Practice,
        principal: PrincipalId,
        epoch: u32,
        now: Timestamp,
    ) -> Result<(StoredSession, Token), Refusal> {
        let id = SessionId::from_uuid(self.new_id()?);
        let token = self.keys.token(practice.id, Claim::Refresh(principal, id), random_id()?);
        let session = Session {
            id,
            practice: practice.id,
            principal,
            epoch,
            created_at: now,
            refreshed_at: now,
            current: token.hash(),
            previous: None,
            revoked_at: None,
            proved_at: None,
        };
        Ok((StoredSession { session, version: 1 }, token))
    }

    /// What the holder of a session gets.
    pub fn tokens(
        &self,
        actor: &Actor,
        practice: &Practice,
        session: &Session,
        refresh: &Token,
        now: Timestamp,
    ) -> Result<Tokens, Refusal> {
        let identity = Identity { practice: session.practice, principal: session.principal, session: session.id };
        let access = self.signer()?.sign(identity, now).map_err(Refusal::broken)?;
        let second_factor_missing = matches!(actor, Actor::Staff(staff) if practice.team.require_totp && !staff.totp);
        Ok(Tokens { access, refresh: refresh.text(), second_factor_missing })
    }
}
