use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::StaffId;
use caseload::domain::session::PrincipalId;
use caseload::web::{Caller, Outcome, Path, StaffOnly};

use crate::member::{member, reply};
use crate::view::StaffView;

// decision 29
/// A member of the team with role, supervisors and invitation: for admins, and for oneself.
#[utoipa::path(
    get, path = "/v1/staff/{staff_id}", tag = "staff", params(("staff_id" = StaffId, Path)),
    responses((status = 200, body = StaffView))
)]
pub(crate) async fn read_staff(State(app): State<App>, caller: Caller<StaffOnly>, Path(id): Path<StaffId>) -> Outcome {
    let own = caller.identity.principal == PrincipalId::Staff(id);
    let action = if own { Action::SelfRead } else { Action::StaffRead };
    reply(&member(&app, &caller, action, id).await?)
}
