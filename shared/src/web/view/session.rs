//! Who is signed in, and what a sign-in hands out.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::Actor;
use crate::app::App;
use crate::crypto::Token;
use crate::domain::ids::PracticeId;
use crate::domain::practice::Practice;
use crate::domain::session::{ACCESS_TOKEN, Session};
use crate::refusal::Refusal;
use crate::workflows::Tokens;

/// Who is signed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PrincipalView {
    /// A staff member.
    Staff {
        id: String,
        practice_id: PracticeId,
        /// Whether it runs the practice.
        admin: bool,
        full_name: String,
        /// Whether signing in takes a second factor.
        totp: bool,
    },
    /// A portal client.
    Client { id: String, practice_id: PracticeId, first_name: String },
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

crate::domain::prints_its_name!(SessionTokens);

impl App {
    /// What the holder of a session gets, as it is shown.
    pub fn session_tokens(
        &self,
        actor: &Actor,
        practice: &Practice,
        session: &Session,
        refresh: &Token,
        now: Timestamp,
    ) -> Result<SessionTokens, Refusal> {
        let Tokens { access, refresh, second_factor_missing } = self.tokens(actor, practice, session, refresh, now)?;
        let principal = PrincipalView::new(actor).ok_or_else(|| Refusal::broken("a session without a principal"))?;
        Ok(SessionTokens {
            access_token: access,
            token_type: "Bearer",
            expires_in: ACCESS_TOKEN.as_secs(),
            refresh_token: refresh,
            principal,
            totp_enrollment_required: second_factor_missing,
        })
    }
}
