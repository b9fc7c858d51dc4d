use axum::extract::State;
use caseload::access::{Action, books_for};
use caseload::app::App;
use caseload::domain::appointment::{AppointmentRefusal, may_book};
use caseload::domain::ids::{ClientId, StaffId};
use caseload::domain::session::PrincipalId;
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::appointment::AppointmentShown;
use caseload::web::{Anyone, Caller, Json, Outcome};
use caseload::workflows::retrying;

use crate::body::{BookAppointment, named};
use crate::hours::check_hours;
use crate::placing::{Placed, new_appointment};
use crate::request::request;
use crate::series::{With, book_series};

// L12, d-8, I3, I6
/// Books a session; one in the past is a record of it. A therapist has one at a time.
///
/// An admin and the client's therapist book for anybody who works here, everybody else for themselves. A direct client
/// has sessions with its own therapist only, an inactive one none, and nobody two at a time.
///
/// With `repeat`, staff books a series at once: at the same time of day in the practice's zone, every so many weeks, with at
/// most 28 sessions. All are booked, or none; `conflicts` then names those that do not fit, whose dates can be given under
/// `skip`. The answer is the first session, with all of them under `series.sessions`.
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
    body.longest()?;
    match caller.identity.principal {
        PrincipalId::Staff(me) => {
            let client = body.client_id.ok_or_else(|| Refusal::invalid("/client_id", "required", "is missing"))?;
            retrying(app.clock(), async || book(&app, &caller, (me, client), &body).await).await
        }
        PrincipalId::Client(_) if body.force => Err(Refusal::invalid("/force", "staff_only", "is for staff").into()),
        PrincipalId::Client(_) if body.repeat.is_some() => {
            Err(Refusal::invalid("/repeat", "staff_only", "is for staff").into())
        }
        PrincipalId::Client(_) if body.outside_hours => {
            Err(Refusal::invalid("/override", "staff_only", "is for staff").into())
        }
        PrincipalId::Client(me) => {
            let client = body.client_id.unwrap_or(me);
            retrying(app.clock(), async || request(&app, &caller, client, &body).await).await
        }
    }
}

async fn book(
    app: &App,
    caller: &Caller<Anyone>,
    (me, client): (StaffId, ClientId),
    body: &BookAppointment,
) -> Outcome {
    let practice = caller.practice();
    let with = body.staff_id.unwrap_or(me);
    let wanted = (
        keys::catalog(practice).required(),
        keys::staff(practice, with),
        keys::appointment_summary(practice, client),
        keys::availability(practice, with),
        body.service_id.map(|service| keys::service(practice, service)),
        body.longest()?.days().map(|day| keys::calendar_day(practice, with, day)).collect::<Vec<_>>(),
    );
    let (asked, (catalog, staff, summary, availability, service, days)) =
        app.client_with(caller, Action::AppointmentBook, client, wanted).await?;
    app.insist(&asked, books_for(&asked.actor, &(&asked.subject).into(), with)).await?;
    let staff = staff.ok_or(AppointmentRefusal::StaffUnavailable)?;
    let service = named(body.service_id, service)?;
    let (times, _) = body.times(service.as_ref())?;
    if let Some(repeat) = &body.repeat {
        let walk_in = may_book(&asked.subject, &staff, body.force)?;
        let with = With { staff, service, summary, availability, catalog, walk_in };
        return book_series(app, asked, with, (times, body, repeat), PrincipalId::Staff(me)).await;
    }
    check_hours(availability.as_ref(), times, asked.grant.at(), body.outside_hours)?;
    let walk_in = may_book(&asked.subject, &staff, body.force)?;
    let appointment = new_appointment(&asked, (client, staff.id), (times, service.as_ref()), PrincipalId::Staff(me))?;
    let mut placed = Placed::new(&asked, appointment, summary, days);
    placed.book(walk_in, body.force)?;
    placed.finish(app, asked, &staff, &catalog).await
}
