use axum::extract::State;
use caseload::app::App;
use caseload::domain::portal::InvitationState;
use caseload::web::{Json, Outcome, ProblemBody, Reply, Visitor};
use serde::Serialize;
use utoipa::ToSchema;

use crate::held::{InvitationToken, hold};

/// What an invitation page may show before somebody comes in: the practice, and nothing about the client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct InvitationLookup {
    kind: &'static str,
    practice: LookupPractice,
    state: LookupState,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<jiff::Timestamp>,
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
    Revoked,
}

/// Shows what an invitation is for. Consumes nothing (D22).
#[utoipa::path(
    post, path = "/v1/invitations/lookup", tag = "invite", request_body = InvitationToken, security(()),
    responses((status = 200, body = InvitationLookup), (status = 404, body = ProblemBody))
)]
pub(crate) async fn lookup_invitation(
    State(app): State<App>,
    visitor: Visitor,
    Json(body): Json<InvitationToken>,
) -> Outcome {
    let held = hold(&app, &visitor.context, &body).await?;
    let state = match held.current().map(|invitation| invitation.state_at(visitor.context.at)) {
        None | Some(InvitationState::Revoked | InvitationState::NotInvited) => LookupState::Revoked,
        Some(InvitationState::Accepted) => LookupState::Accepted,
        Some(InvitationState::Expired) => LookupState::Expired,
        Some(_) => LookupState::Open,
    };
    Reply::ok(&InvitationLookup {
        kind: "client",
        practice: LookupPractice {
            name: held.practice.name.as_str().to_owned(),
            slug: held.practice.slug.as_str().to_owned(),
        },
        state,
        expires_at: held.current().map(|invitation| invitation.expires_at),
    })
}
