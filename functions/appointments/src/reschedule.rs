use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::appointment::{
    Appointment, AppointmentStatus, AskedTime, Booking, OpenRequest, Request, Scope, SessionChange, Times,
};
use caseload::domain::ids::AppointmentId;
use caseload::domain::scheduling::SelfService;
use caseload::domain::session::PrincipalId;
use caseload::domain::staff::Staff;
use caseload::refusal::Refusal;
use caseload::store::DayChange;
use caseload::web::view::appointment::AppointmentShown;
use caseload::web::{Anyone, Authorized, Caller, HonourMatch, Json, Outcome, Path};
use caseload::workflows::retrying;

use crate::answer::answer;
use crate::body::Reschedule;
use crate::following::{Change, change_following};
use crate::found::{self, Found};
use crate::hours::check_hours;
use crate::placing::days_of;
use crate::request::{Asked, Unchecked, check_length, check_time};
use crate::telling::{News, tell};
use crate::therapist::{Days, Therapist};

// I4, I5
/// Moves a scheduled session to another time; the old one is free at once, the session keeps its id.
///
/// A client asks for it, or does it, as the practice has set under `scheduling`. Where it asks, the session stays as it
/// is, with what is asked for under `asked`, until staff accepts; asking again replaces the earlier wish.
///
/// With `scope` set to `following`, the later sessions of its series that are still scheduled move along: each begins as
/// many weeks after the new time as it does now, at the same time of day. All move, or none; `conflicts` names those that
/// do not fit. What was moved by itself before, or is another therapist's by now, stays and is named under `series.left`.
/// For staff.
#[utoipa::path(
    post, path = "/v1/appointments/{appointment_id}/reschedule", tag = "appointments",
    params(("appointment_id" = AppointmentId, Path)), request_body = Reschedule,
    responses((status = 200, body = AppointmentShown), (status = 409))
)]
pub(crate) async fn reschedule_appointment(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(id): Path<AppointmentId>,
    tag: HonourMatch,
    Json(body): Json<Reschedule>,
) -> Outcome {
    let principal = caller.identity.principal;
    let following = body.scope == Scope::Following;
    let beyond = [("/force", body.force), ("/override", body.outside_hours), ("/scope", following)];
    if let Some((pointer, _)) = beyond.into_iter().find(|(_, wanted)| *wanted && !principal.is_staff()) {
        return Err(Refusal::invalid(pointer, "staff_only", "is for staff").into());
    }
    let action = match principal {
        PrincipalId::Staff(_) => Action::AppointmentMove,
        PrincipalId::Client(_) => Action::AppointmentRescheduleRequest,
    };
    retrying(app.clock(), async || {
        let asked = found::appointment(&app, &caller, action, id).await?;
        let times = body.times(asked.subject.appointment.times)?;
        if following {
            // It may stand there since an earlier try, which went no further.
            if times != asked.subject.appointment.times {
                tag.check(asked.subject.appointment.version)?;
            }
            return change_following(&app, asked, &Change::Move(&body)).await;
        }
        tag.check(asked.subject.appointment.version)?;
        let (rules, now) = (&asked.practice.scheduling, asked.grant.at());
        if principal.is_staff() {
            let Therapist { staff, days, availability } = Therapist::read(&app, &asked, times).await?;
            check_hours(availability.as_ref(), times, now, body.outside_hours)?;
            return move_to(&app, asked, times, (staff, days), body.force).await;
        }
        asked.subject.appointment.may_move(now, rules)?;
        check_length(times, asked.subject.appointment.times.length())?;
        check_time(rules, rules.reschedule, times, now)?;
        let Found { appointment, summary, client, .. } = &asked.subject;
        let whom = (asked.practice.id, appointment.staff, appointment.service);
        let unchecked = Unchecked::read(&app, whom, times, Some(summary.clone())).await?;
        let needs = unchecked.needs(times);
        let known = (client, &asked.practice);
        let Asked { staff, days } = unchecked.check(known, (times, needs), rules.reschedule, Some(id))?;
        match rules.reschedule {
            SelfService::Instant => move_to(&app, asked, times, (staff, days), false).await,
            SelfService::Approve | SelfService::Off => ask_for(&app, asked, times, (staff, days)).await,
        }
    })
    .await
}

async fn move_to(
    app: &App,
    mut asked: Authorized<Found>,
    times: Times,
    (staff, days): (Staff, Days),
    force: bool,
) -> Outcome {
    let (now, mut tx) = (asked.grant.at(), asked.tx());
    let Found { appointment, summary, client, .. } = &mut asked.subject;
    let wish = appointment.asked_at(now).map(|asked| asked.times);
    let was = appointment.reschedule(times)?;
    Appointment::check_move(was, times, now)?;
    let mut days = days_of(appointment, times, days);
    let booking = Booking { id: appointment.id, times, status: AppointmentStatus::Scheduled };
    for day in &mut days {
        day.take(booking)?;
        tx.replace(day);
    }
    if !force {
        summary.check_free(appointment.id, times)?;
    }
    summary.reschedule(appointment.id, times);
    let changes = DayChange::with_answer(DayChange::Release(was), wish);
    tx.amend_other_days(appointment.id, staff.id, &changes, &days)
        .save_appointment(appointment, was)
        .attendance(client, summary)
        .save_summary(summary)
        .unchanged(&staff)
        .touches(appointment.id)
        .fields(["start", "end"]);
    let Found { appointment, client, .. } = &asked.subject;
    let mut told = Vec::new();
    if times != was {
        let news = News::taking(SessionChange::Moved, appointment, &days);
        told = tell(app, &mut tx, &asked, (client, Some(&staff)), &news).await?;
    }
    let reply = app.finish(&asked, tx, answer(&asked)?).await?;
    app.send_notices(told).await?;
    Ok(reply)
}

async fn ask_for(app: &App, mut asked: Authorized<Found>, times: Times, (staff, days): (Staff, Days)) -> Outcome {
    let (now, mut tx) = (asked.grant.at(), asked.tx());
    let rules = &asked.practice.scheduling;
    let Found { appointment, summary, client, .. } = &mut asked.subject;
    let (id, was) = (appointment.id, appointment.times);
    // Once the session has begun, nobody moves it any more.
    let expires_at = rules.expiry(times.start().min(was.start()), now);
    let earlier = appointment.asked_at(now).map(|earlier| DayChange::Answer(earlier.times));
    appointment.ask(AskedTime { times, at: now, expires_at })?;
    summary.check_free(id, times)?;
    summary.ask(id, OpenRequest { staff: staff.id, times, expires_at }, now)?;
    let mut days = days_of(appointment, times, days);
    for day in &mut days {
        day.ask(Request { id, times, expires_at }, now)?;
        tx.replace(day);
    }
    tx.amend_other_days(id, staff.id, earlier.as_slice(), &days)
        .save_appointment(appointment, was)
        .save_summary(summary)
        .unchanged(client)
        .unchanged(&staff)
        .touches(id)
        .fields(["asked"]);
    let Found { appointment, client, .. } = &asked.subject;
    let news = News::at(SessionChange::MoveRequested, appointment, times);
    let told = tell(app, &mut tx, &asked, (client, Some(&staff)), &news).await?;
    let reply = app.finish(&asked, tx, answer(&asked)?).await?;
    app.send_notices(told).await?;
    Ok(reply)
}
