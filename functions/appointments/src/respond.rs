//! Answers to what a client asks for.

use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::appointment::{AppointmentRefusal, AppointmentStatus, Booking, SessionChange, Times, may_book};
use caseload::domain::ids::AppointmentId;
use caseload::domain::text::CancelReason;
use caseload::store::DayChange;
use caseload::web::view::appointment::AppointmentShown;
use caseload::web::{Authorized, Caller, HonourMatch, OptionalJson, Outcome, Path, PortalOnly, StaffOnly};
use caseload::workflows::retrying;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer::answer;
use crate::found::{self, Found};
use crate::placing::days_of;
use crate::telling::{News, tell};
use crate::therapist::Therapist;

// I3
/// Accepts what the client asks for: a new session is booked, or the session moves to the new time.
///
/// 409 where somebody else has the time by now.
#[utoipa::path(
    post, path = "/v1/appointments/{appointment_id}/accept", tag = "appointments",
    params(("appointment_id" = AppointmentId, Path)),
    responses((status = 200, body = AppointmentShown), (status = 409))
)]
pub(crate) async fn accept_request(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<AppointmentId>,
    tag: HonourMatch,
) -> Outcome {
    retrying(app.clock(), async || {
        let asked = found::appointment(&app, &caller, Action::AppointmentMove, id).await?;
        tag.check(asked.subject.appointment.version)?;
        accept(&app, asked).await
    })
    .await
}

async fn accept(app: &App, mut asked: Authorized<Found>) -> Outcome {
    let now = asked.grant.at();
    let was = asked.subject.appointment.times;
    let before = asked.subject.appointment.accept(now)?;
    let times = asked.subject.appointment.times;
    if times.start() <= now {
        return Err(AppointmentRefusal::RequestExpired.into());
    }
    let Therapist { staff, days, .. } = Therapist::read(app, &asked, times).await?;
    let mut tx = asked.tx();
    let Found { appointment, summary, client, .. } = &mut asked.subject;
    let id = appointment.id;
    let mut days = days_of(appointment, times, days);
    for day in &mut days {
        day.take(Booking { id, times, status: AppointmentStatus::Scheduled })?;
        tx.replace(day);
    }
    summary.check_free(id, times)?;
    match before {
        Some(_) => summary.reschedule(id, times),
        None => {
            let walk_in = may_book(client, &staff, false)?;
            summary.book(appointment, walk_in)?;
        }
    }
    let changes: Vec<DayChange> = before.into_iter().map(DayChange::Release).collect();
    tx.amend_other_days(id, staff.id, &changes, &days)
        .save_appointment(appointment, was)
        .attendance(client, summary)
        .save_summary(summary)
        .unchanged(&staff)
        .touches(id)
        .fields(["status", "start", "end"]);
    let Found { appointment, client, .. } = &asked.subject;
    let news = News::taking(SessionChange::Accepted, appointment, &days);
    let told = tell(app, &mut tx, &asked, (client, Some(&staff)), &news).await?;
    let reply = app.finish(&asked, tx, answer(&asked)?).await?;
    app.send_notices(told).await?;
    Ok(reply)
}

/// Why a request is refused. Can be left out.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeclineRequest {
    /// For the client, which reads it with the session.
    #[serde(default)]
    reason: Option<CancelReason>,
}

/// Refuses what the client asks for; a session that it wanted to move stays as it is.
#[utoipa::path(
    post, path = "/v1/appointments/{appointment_id}/decline", tag = "appointments",
    params(("appointment_id" = AppointmentId, Path)), request_body = Option<DeclineRequest>,
    responses((status = 200, body = AppointmentShown), (status = 409))
)]
pub(crate) async fn decline_request(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<AppointmentId>,
    tag: HonourMatch,
    OptionalJson(body): OptionalJson<DeclineRequest>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = found::appointment(&app, &caller, Action::AppointmentUpdate, id).await?;
        tag.check(asked.subject.appointment.version)?;
        let (now, by) = (asked.grant.at(), caller.identity.principal);
        let dropped = asked.subject.appointment.decline(now, by, body.reason.clone())?;
        drop_request(&app, asked, dropped.times).await
    })
    .await
}

/// Takes back what one asked for, before it is answered.
#[utoipa::path(
    post, path = "/v1/appointments/{appointment_id}/withdraw", tag = "appointments",
    params(("appointment_id" = AppointmentId, Path)),
    responses((status = 200, body = AppointmentShown), (status = 409))
)]
pub(crate) async fn withdraw_request(
    State(app): State<App>,
    caller: Caller<PortalOnly>,
    Path(id): Path<AppointmentId>,
    tag: HonourMatch,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = found::appointment(&app, &caller, Action::AppointmentCancel, id).await?;
        tag.check(asked.subject.appointment.version)?;
        let (now, by) = (asked.grant.at(), caller.identity.principal);
        let dropped = asked.subject.appointment.withdraw(now, by)?;
        drop_request(&app, asked, dropped.times).await
    })
    .await
}

/// Nobody asks any more.
async fn drop_request(app: &App, mut asked: Authorized<Found>, dropped: Times) -> Outcome {
    let mut tx = asked.tx();
    let Found { appointment, summary, client, .. } = &mut asked.subject;
    let (id, staff, times) = (appointment.id, appointment.staff, appointment.times);
    summary.answered(id);
    tx.amend_days(id, staff, &[DayChange::Answer(dropped)])
        .save_appointment(appointment, times)
        .save_summary(summary)
        .unchanged(client)
        .touches(id)
        .fields(["asked"]);
    let Found { appointment, client, .. } = &asked.subject;
    let declined = match appointment.status {
        AppointmentStatus::Declined => Some(SessionChange::Declined),
        AppointmentStatus::Scheduled if asked.actor.staff_id().is_some() => Some(SessionChange::MoveDeclined),
        // Whoever takes a wish back before anybody has answered it makes nobody any work.
        _ => None,
    };
    let told = match declined {
        Some(change) => {
            let news = News::at(change, appointment, dropped);
            tell(app, &mut tx, &asked, (client, None), &news).await?
        }
        None => Vec::new(),
    };
    let reply = app.finish(&asked, tx, answer(&asked)?).await?;
    app.send_notices(told).await?;
    Ok(reply)
}
