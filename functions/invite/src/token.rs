//! What an invitation token is, and what is asked of every one.

use caseload::app::App;
use caseload::crypto::Token;
use caseload::domain::portal::InvitationState;
use caseload::refusal::{Kind, Refusal, Stop};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// The token of a mailed invitation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InvitationToken {
    pub token: String,
}

pub(crate) fn unknown() -> Refusal {
    Refusal::new(Kind::Absent, "invitation_not_found", "This invitation is not valid. Ask your practice for a new one.")
}

/// Refuses a token that only looks like one of ours.
pub(crate) fn genuine(app: &App, token: &Token, seed: Uuid) -> Result<(), Stop> {
    let ours = app.keys.token(token.practice, token.claim, seed);
    if ours.matches(token) { Ok(()) } else { Err(unknown().into()) }
}

/// Refuses to renew an invitation that was answered, taken back, or still works.
pub(crate) fn only_expired(state: Option<InvitationState>) -> Result<(), Stop> {
    match state {
        Some(InvitationState::Expired) => Ok(()),
        Some(InvitationState::Accepted) => {
            Err(Refusal::conflict("already_accepted", "This invitation was accepted already; sign in instead.").into())
        }
        Some(InvitationState::Revoked | InvitationState::Declined | InvitationState::NotInvited) | None => {
            Err(Refusal::conflict("invitation_revoked", "This invitation is no longer valid. Ask your practice.")
                .into())
        }
        Some(_) => Err(Refusal::conflict("invitation_open", "This invitation still works. Use it.").into()),
    }
}
