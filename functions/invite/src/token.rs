//! What an invitation token is, and what is asked of every one.

use caseload::app::App;
use caseload::crypto::Token;
use caseload::domain::portal::InvitationState;
use caseload::web::Problem;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The token of a mailed invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InvitationToken {
    pub token: String,
}

pub(crate) fn unknown() -> Problem {
    Problem::new(
        http::StatusCode::NOT_FOUND,
        "invitation_not_found",
        "This invitation is not valid. Ask your practice for a new one.",
    )
}

/// Refuses a token that only looks like one of ours.
pub(crate) fn genuine(app: &App, token: &Token, seed: Uuid) -> Result<(), Problem> {
    let ours = app.keys.token(token.practice, token.claim, seed);
    if ours.matches(token) { Ok(()) } else { Err(unknown()) }
}

/// Refuses to renew an invitation that was answered, taken back, or still works.
pub(crate) fn only_expired(state: Option<InvitationState>) -> Result<(), Problem> {
    match state {
        Some(InvitationState::Expired) => Ok(()),
        Some(InvitationState::Accepted) => {
            Err(Problem::conflict("already_accepted", "This invitation was accepted already; sign in instead."))
        }
        Some(InvitationState::Revoked | InvitationState::NotInvited) | None => {
            Err(Problem::conflict("invitation_revoked", "This invitation is no longer valid. Ask your practice."))
        }
        Some(_) => Err(Problem::conflict("invitation_open", "This invitation still works. Use it.")),
    }
}
