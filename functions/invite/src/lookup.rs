use axum::extract::State;
use caseload::app::App;
use caseload::domain::portal::InvitationState;
use caseload::domain::staff::StaffInvitationState;
use caseload::web::{Afresh, Json, Outcome, Reply, Visitor};
use serde::Serialize;
use utoipa::ToSchema;

use crate::held::{Held, hold};
use crate::token::InvitationToken;

/// What an invitation page may show before somebody comes in: the practice, and nothing about who is invited.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationLookup {
    kind: InvitationKind,
    practice: LookupPractice,
    state: LookupState,
    expires_at: Option<jiff::Timestamp>,
}

/// To what.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InvitationKind {
    /// To the portal, as a client.
    Client,
    /// To the team.
    Staff,
}

/// Who invites.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LookupPractice {
    name: String,
    slug: String,
}

/// Whether it can be accepted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LookupState {
    Open,
    Expired,
    Accepted,
    Declined,
    Revoked,
}

// D22
/// Shows what an invitation is for. Consumes nothing.
#[utoipa::path(
    post, path = "/v1/invitations/lookup", tag = "invite", request_body = InvitationToken,
    responses((status = 200, body = InvitationLookup), (status = 404))
)]
pub(crate) async fn lookup_invitation(
    State(app): State<App>,
    visitor: Visitor,
    _: Afresh,
    Json(body): Json<InvitationToken>,
) -> Outcome {
    let held = hold(&app, &visitor.context, &body).await?;
    let now = visitor.context.at;
    let (kind, practice, state, expires_at) = match &held {
        Held::Client(held) => {
            let state = match held.current().map(|invitation| invitation.state_at(now)) {
                None | Some(InvitationState::Revoked | InvitationState::NotInvited) => LookupState::Revoked,
                Some(InvitationState::Accepted) => LookupState::Accepted,
                Some(InvitationState::Declined) => LookupState::Declined,
                Some(InvitationState::Expired) => LookupState::Expired,
                Some(_) => LookupState::Open,
            };
            (InvitationKind::Client, &held.practice, state, held.current().map(|invitation| invitation.expires_at))
        }
        Held::Staff(held) => {
            let state = match held.current().map(|invitation| invitation.state_at(now)) {
                None | Some(StaffInvitationState::Revoked) => LookupState::Revoked,
                Some(StaffInvitationState::Declined) => LookupState::Declined,
                Some(StaffInvitationState::Accepted) => LookupState::Accepted,
                Some(StaffInvitationState::Expired) => LookupState::Expired,
                Some(StaffInvitationState::Invited) => LookupState::Open,
            };
            (InvitationKind::Staff, &held.practice, state, held.current().map(|invitation| invitation.expires_at))
        }
    };
    let practice = LookupPractice { name: practice.name.as_str().to_owned(), slug: practice.slug.as_str().to_owned() };
    Reply::ok(&InvitationLookup { kind, practice, state, expires_at })
}
