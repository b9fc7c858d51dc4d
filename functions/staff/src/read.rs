use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::StaffId;
use caseload::web::{Caller, Outcome, Path, StaffOnly};

use crate::member::{member, reply};
use crate::view::StaffView;

/// A member of the team with role, supervisors and invitation.
#[utoipa::path(
    get, path = "/v1/staff/{staff_id}", tag = "staff", params(("staff_id" = StaffId, Path)),
    responses((status = 200, body = StaffView))
)]
pub(crate) async fn read_staff(State(app): State<App>, caller: Caller<StaffOnly>, Path(id): Path<StaffId>) -> Outcome {
    reply(&member(&app, &caller, Action::StaffRead, id).await?)
}
