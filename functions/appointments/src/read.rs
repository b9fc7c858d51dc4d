use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::AppointmentId;
use caseload::web::view::appointment::AppointmentShown;
use caseload::web::{Anyone, Caller, Outcome, Path};

use crate::answer::answer;
use crate::found;

// I1
/// An appointment; the client's own, allow-listed one in the portal.
#[utoipa::path(
    get, path = "/v1/appointments/{appointment_id}", tag = "appointments",
    params(("appointment_id" = AppointmentId, Path)),
    responses((status = 200, body = AppointmentShown))
)]
pub(crate) async fn read_appointment(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(id): Path<AppointmentId>,
) -> Outcome {
    let asked = found::appointment(&app, &caller, Action::AppointmentRead, id).await?;
    answer(&asked)
}
