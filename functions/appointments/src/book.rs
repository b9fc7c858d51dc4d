use axum::extract::State;
use caseload::access::{Action, books_for};
use caseload::app::App;
use caseload::crypto::ordered_id;
use caseload::domain::appointment::{
    Appointment, AppointmentRefusal, AppointmentStatus, AppointmentSummary, CalendarDay, Times, may_book,
};
use caseload::domain::ids::{AppointmentId, ClientId, StaffId};
use caseload::domain::session::PrincipalId;
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::appointment::AppointmentView;
use caseload::web::{Caller, Json, Outcome, Reply, StaffOnly};
use caseload::workflows::retrying;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

/// A new appointment.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BookAppointment {
    client_id: ClientId,
    /// Whose session it is; the caller's without it.
    #[serde(default)]
    staff_id: Option<StaffId>,
    start: Timestamp,
    /// 5 minutes to 24 hours later.
    end: Timestamp,
}

// L12, d-8
/// Books a session; one in the past is a record of it. A therapist has one at a time.
///
/// An admin and the client's therapist book for anybody who works here, everybody else for themselves. A direct client
/// has sessions with its own therapist only, an inactive one none, and nobody two at a time.
#[utoipa::path(
    post, path = "/v1/appointments", tag = "appointments", request_body = BookAppointment,
    responses((status = 201, body = AppointmentView), (status = 409), (status = 404))
)]
pub(crate) async fn book_appointment(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Json(body): Json<BookAppointment>,
) -> Outcome {
    let times = Times::new(body.start, body.end)?;
    let PrincipalId::Staff(me) = caller.identity.principal else { return Err(Refusal::absent().into()) };
    retrying(app.clock(), async || attempt(&app, &caller, me, &body, times).await).await
}

async fn attempt(app: &App, caller: &Caller<StaffOnly>, me: StaffId, body: &BookAppointment, times: Times) -> Outcome {
    let (practice, client_id) = (caller.practice(), body.client_id);
    let with = body.staff_id.unwrap_or(me);
    let wanted = (
        keys::catalog(practice).required(),
        keys::staff(practice, with),
        keys::appointment_summary(practice, client_id),
        times.days().map(|day| keys::calendar_day(practice, with, day)).collect::<Vec<_>>(),
    );
    let (mut asked, (catalog, staff, summary, days)) =
        app.client_with(caller, Action::AppointmentBook, client_id, wanted).await?;
    app.insist(&asked, books_for(&asked.actor, &(&asked.subject).into(), with)).await?;
    let staff = staff.ok_or(AppointmentRefusal::StaffUnavailable)?;
    let walk_in = may_book(&asked.subject, &staff)?;
    let now = asked.grant.at();
    let appointment = Appointment {
        // Ordered by its start: the client's appointments stand in the order of their times.
        id: AppointmentId::new(client_id, ordered_id(times.start())?),
        practice,
        version: 1,
        staff: staff.id,
        times,
        status: AppointmentStatus::Scheduled,
        created_by: me,
        created_at: now,
        settled: None,
        billing_modifier: None,
        cancel_reason: None,
    };
    let mut summary = summary.unwrap_or_else(|| AppointmentSummary::empty(practice, client_id));
    let mut tx = asked.tx();
    for (day, found) in times.days().zip(days) {
        let mut day = found.unwrap_or_else(|| CalendarDay::empty(practice, staff.id, day));
        day.book(&appointment)?;
        tx.replace(&mut day);
    }
    summary.check_free(times)?;
    summary.book(&appointment, walk_in)?;
    tx.create(&appointment).replace(&mut summary).unchanged(&staff).touches(appointment.id);
    tx.attendance(&mut asked.subject, &summary);
    let view = AppointmentView::new(&appointment, Some((&asked.subject).into()), &asked.practice, &catalog);
    let reply = Reply::created_at(appointment.version, &view)?;
    app.finish(&asked, tx, reply).await
}
