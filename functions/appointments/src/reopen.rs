use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::appointment::{AppointmentStatus, Booking, SessionChange, may_book, may_meet};
use caseload::domain::ids::AppointmentId;
use caseload::web::view::appointment::AppointmentShown;
use caseload::web::{Authorized, Caller, HonourMatch, Outcome, Path, StaffOnly};
use caseload::workflows::retrying;

use crate::answer::answer;
use crate::found::{self, Found};
use crate::placing::days_of;
use crate::telling::{News, tell};
use crate::therapist::Therapist;

/// Takes back that a session was completed, missed or cancelled, within 24 hours of that: it is scheduled again, and what
/// was kept for billing is dropped.
///
/// 409 where somebody else has the time of a cancelled session by now.
#[utoipa::path(
    post, path = "/v1/appointments/{appointment_id}/reopen", tag = "appointments",
    params(("appointment_id" = AppointmentId, Path)),
    responses((status = 200, body = AppointmentShown), (status = 409))
)]
pub(crate) async fn reopen_appointment(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<AppointmentId>,
    tag: HonourMatch,
) -> Outcome {
    retrying(app.clock(), async || {
        let asked = found::appointment(&app, &caller, Action::AppointmentMove, id).await?;
        tag.check(asked.subject.appointment.version)?;
        reopen(&app, asked).await
    })
    .await
}

async fn reopen(app: &App, mut asked: Authorized<Found>) -> Outcome {
    let before = asked.subject.appointment.clone();
    asked.subject.appointment.reopen(asked.grant.at())?;
    let Therapist { staff, days, .. } = Therapist::read(app, &asked, before.times).await?;
    let mut tx = asked.tx();
    let Found { appointment, summary, client, .. } = &mut asked.subject;
    match before.status {
        AppointmentStatus::Cancelled => may_book(client, &staff, false).map(|_| ())?,
        _ => may_meet(client, &staff)?,
    }
    let (id, times) = (appointment.id, appointment.times);
    let booking = Booking { id, times, status: AppointmentStatus::Scheduled };
    let mut days = days_of(appointment, times, days);
    for day in &mut days {
        day.take(booking)?;
        tx.replace(day);
    }
    summary.check_free(id, times)?;
    summary.reopen(&before)?;
    tx.save_appointment(appointment, times)
        .attendance(client, summary)
        .save_summary(summary)
        .unchanged(&staff)
        .touches(id)
        .fields(["status"]);
    let Found { appointment, client, .. } = &asked.subject;
    let told = match before.status {
        // Its calendars have dropped it.
        AppointmentStatus::Cancelled => {
            let news = News::taking(SessionChange::Reopened, appointment, &days);
            tell(app, &mut tx, &asked, (client, Some(&staff)), &news).await?
        }
        _ => Vec::new(),
    };
    let reply = app.finish(&asked, tx, answer(&asked)?).await?;
    app.send_notices(told).await?;
    Ok(reply)
}
