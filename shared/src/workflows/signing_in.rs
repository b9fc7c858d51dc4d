//! What a sign-in hands out: tokens, and who they stand for.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Actor;
use crate::app::App;
use crate::crypto::{Claim, Token, random_id};
use crate::domain::ids::{PracticeId, SessionId};
use crate::domain::practice::Practice;
use crate::domain::session::{ACCESS_TOKEN, PrincipalId, Session};
use crate::domain::staff::OutsideIdentity;
use crate::jwt::Identity;
use crate::store::StoredSession;
use crate::web::Problem;

/// Who is signed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PrincipalView {
    /// A staff member.
    Staff {
        /// Its id.
        id: String,
        /// Its practice.
        practice_id: PracticeId,
        /// Whether it runs the practice.
        admin: bool,
        /// Name.
        full_name: String,
        /// Whether signing in takes a second factor.
        totp: bool,
    },
    /// A portal client.
    Client {
        /// Its id.
        id: String,
        /// Its practice.
        practice_id: PracticeId,
        /// First name.
        first_name: String,
    },
}

impl PrincipalView {
    /// The view of a live actor; none for those without a principal.
    #[must_use]
    pub fn new(actor: &Actor) -> Option<Self> {
        match actor {
            Actor::Staff(staff) => Some(Self::Staff {
                id: staff.id.to_string(),
                practice_id: staff.practice,
                admin: staff.admin,
                full_name: staff.full_name.as_str().to_owned(),
                totp: staff.totp,
            }),
            Actor::Client(client) => Some(Self::Client {
                id: client.id.to_string(),
                practice_id: client.practice,
                first_name: client.profile.first_name.as_str().to_owned(),
            }),
            Actor::Holder(_) | Actor::Anonymous | Actor::System(_) => None,
        }
    }
}

/// A session, as it is handed to the one who opened it.
#[derive(Serialize, ToSchema)]
pub struct SessionTokens {
    /// Access token, for `Authorization: Bearer`.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: &'static str,
    /// Seconds the access token lives.
    pub expires_in: i64,
    /// Good for one refresh.
    pub refresh_token: String,
    /// Who is signed in.
    pub principal: PrincipalView,
    /// The practice asks a second factor of its staff and this one has none yet: until it has, only its own account is
    /// open to it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub totp_enrollment_required: bool,
}

impl std::fmt::Debug for SessionTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SessionTokens")
    }
}

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
    ) -> Result<(StoredSession, Token), Problem> {
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
    pub fn session_tokens(
        &self,
        actor: &Actor,
        practice: &Practice,
        session: &Session,
        refresh: &Token,
        now: Timestamp,
    ) -> Result<SessionTokens, Problem> {
        let identity = Identity { practice: session.practice, principal: session.principal, session: session.id };
        let principal = PrincipalView::new(actor).ok_or_else(|| Problem::internal("a session without a principal"))?;
        Ok(SessionTokens {
            access_token: self.signer()?.sign(identity, now).map_err(Problem::internal)?,
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN.as_secs(),
            refresh_token: refresh.text(),
            principal,
            totp_enrollment_required: matches!(actor, Actor::Staff(staff) if practice.team.require_totp && !staff.totp),
        })
    }
}
