use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::session::PrincipalId;
use caseload::refusal::Refusal;
use caseload::web::{Afresh, Caller, OptionalJson, Outcome, StaffOnly};
use caseload::workflows::retrying;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::removal::{AppointmentsOfLeaver, RemoveStaff};
use crate::remove::{Parting, part};

/// What becomes of the clients and sessions of whoever leaves. Giving them to somebody is an admin's to do.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeavePractice {
    /// Whether the clients are left to the practice, without a therapist.
    #[serde(default)]
    leave_unassigned: bool,
    /// Whether the sessions to come are called off.
    #[serde(default)]
    cancel_sessions: bool,
}

// L4, L15
/// Leaves the practice: the session that asks ends with it, and the address is free for another practice.
///
/// Without a word about the clients: 409 `has_clients` with counts; without one about the sessions: 409
/// `has_sessions`. The last active admin makes somebody else one first, or closes the practice: 409 `last_admin`.
#[utoipa::path(
    post, path = "/v1/me/leave", operation_id = "leave_practice", tag = "staff", request_body = Option<LeavePractice>,
    responses((status = 204), (status = 409))
)]
pub(crate) async fn leave_practice(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    _: Afresh,
    OptionalJson(body): OptionalJson<LeavePractice>,
) -> Outcome {
    let PrincipalId::Staff(me) = caller.identity.principal else { return Err(Refusal::absent().into()) };
    let body = RemoveStaff {
        reassign_to: None,
        leave_unassigned: body.leave_unassigned,
        sessions: body.cancel_sessions.then_some(AppointmentsOfLeaver::Cancel),
    };
    let parting = Parting { staff: me, tag: None, action: Action::SelfLeave, over_clients: Action::SelfLeave };
    retrying(app.clock(), async || part(&app, &caller, parting, &body).await).await
}
