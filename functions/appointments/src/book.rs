use axum::extract::State;
use caseload::access::{Action, books_for};
use caseload::app::App;
use caseload::domain::appointment::{AppointmentRefusal, Times, may_book};
use caseload::domain::ids::{ClientId, StaffId};
use caseload::domain::session::PrincipalId;
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::appointment::AppointmentShown;
use caseload::web::{Anyone, Caller, Json, Outcome};
use caseload::workflows::retrying;

use crate::body::BookAppointment;
use crate::placing::{Placed, new_appointment};
use crate::request::request;

// L12, d-8, I3, I6
/// Books a session; one in the past is a record of it. A therapist has one at a time.
///
/// An admin and the client's therapist book for anybody who works here, everybody else for themselves. A direct client
/// has sessions with its own therapist only, an inactive one none, and nobody two at a time.
///
/// A client asks for a session, or books it, as the practice has set under `scheduling`: the answer's `status` is
/// `requested` or `scheduled`.
#[utoipa::path(
    post, path = "/v1/appointments", tag = "appointments", request_body = BookAppointment,
    responses((status = 201, body = AppointmentShown), (status = 409), (status = 404))
)]
pub(crate) async fn book_appointment(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Json(body): Json<BookAppointment>,
) -> Outcome {
    let times = Times::new(body.start, body.end)?;
    match caller.identity.principal {
        PrincipalId::Staff(me) => {
            let client = body.client_id.ok_or_else(|| Refusal::invalid("/client_id", "required", "is missing"))?;
            retrying(app.clock(), async || book(&app, &caller, (me, client), &body, times).await).await
        }
        PrincipalId::Client(_) if body.force => Err(Refusal::invalid("/force", "staff_only", "is for staff").into()),
        PrincipalId::Client(me) => {
            let client = body.client_id.unwrap_or(me);
            retrying(app.clock(), async || request(&app, &caller, client, &body, times).await).await
        }
    }
}

async fn book(
    app: &App,
    caller: &Caller<Anyone>,
    (me, client): (StaffId, ClientId),
    body: &BookAppointment,
    times: Times,
) -> Outcome {
    let practice = caller.practice();
    let with = body.staff_id.unwrap_or(me);
    let wanted = (
        keys::catalog(practice).required(),
        keys::staff(practice, with),
        keys::appointment_summary(practice, client),
        times.days().map(|day| keys::calendar_day(practice, with, day)).collect::<Vec<_>>(),
    );
    let (asked, (catalog, staff, summary, days)) =
        app.client_with(caller, Action::AppointmentBook, client, wanted).await?;
    app.insist(&asked, books_for(&asked.actor, &(&asked.subject).into(), with)).await?;
    let staff = staff.ok_or(AppointmentRefusal::StaffUnavailable)?;
    let walk_in = may_book(&asked.subject, &staff, body.force)?;
    let appointment = new_appointment(&asked, (client, staff.id), times, PrincipalId::Staff(me))?;
    let mut placed = Placed::new(&asked, appointment, summary, days);
    placed.book(walk_in, body.force)?;
    placed.finish(app, asked, &staff, &catalog).await
}
