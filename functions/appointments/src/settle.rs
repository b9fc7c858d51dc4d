//! How a session comes to its end.

use std::ops::Deref;

use axum::extract::State;
use caseload::access::{Action, Actor};
use caseload::app::App;
use caseload::domain::appointment::{Appointment, AppointmentRefusal, AppointmentStatus, Scope, SessionChange};
use caseload::domain::ids::AppointmentId;
use caseload::domain::scheduling::SchedulingSettings;
use caseload::domain::session::PrincipalId;
use caseload::domain::staff::Staff;
use caseload::domain::text::CancelReason;
use caseload::refusal::{Refusal, Stop};
use caseload::store::keys;
use caseload::web::view::appointment::AppointmentShown;
use caseload::web::{Anyone, Authorized, Caller, HonourMatch, Kind, OptionalJson, Outcome, Path, StaffOnly};
use caseload::workflows::retrying;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer::answer;
use crate::following::{Change, change_following};
use crate::found::{self, Found};
use crate::telling::{News, tell};

// L7
/// Marks a session as held, once it has begun, and keeps what its therapist's role puts on claims and what its service
/// costs now. For 24 hours that can be taken back.
#[utoipa::path(
    post, path = "/v1/appointments/{appointment_id}/complete", tag = "appointments",
    params(("appointment_id" = AppointmentId, Path)),
    responses((status = 200, body = AppointmentShown), (status = 409))
)]
pub(crate) async fn complete_appointment(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<AppointmentId>,
    tag: HonourMatch,
) -> Outcome {
    settle(&app, &caller, (id, &tag), Action::AppointmentUpdate, |one, now, by, _| one.complete(now, by)).await
}

/// Marks a session as missed by the client, once it has begun.
#[utoipa::path(
    post, path = "/v1/appointments/{appointment_id}/no-show", tag = "appointments",
    params(("appointment_id" = AppointmentId, Path)),
    responses((status = 200, body = AppointmentShown), (status = 409))
)]
pub(crate) async fn miss_appointment(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<AppointmentId>,
    tag: HonourMatch,
) -> Outcome {
    settle(&app, &caller, (id, &tag), Action::AppointmentUpdate, |one, now, by, _| one.miss(now, by)).await
}

/// Why a session is called off. Can be left out.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CancelAppointment {
    /// For the other side, which reads it with the session.
    #[serde(default)]
    reason: Option<CancelReason>,
    /// This one only, unless given. For staff.
    #[serde(default)]
    scope: Scope,
}

/// Calls a scheduled session off; its time is free again. A client does so before it begins; later than the practice wants,
/// that is marked as late or refused, as the practice has set under `scheduling`.
///
/// The reason is shown with the session, to staff and to the client.
///
/// With `scope` set to `following`, the later sessions of its series that are still scheduled are called off with it,
/// wherever they stand by now. Those of another therapist stay, and are named under `series.left`. For staff.
#[utoipa::path(
    post, path = "/v1/appointments/{appointment_id}/cancel", tag = "appointments",
    params(("appointment_id" = AppointmentId, Path)), request_body = Option<CancelAppointment>,
    responses((status = 200, body = AppointmentShown), (status = 409))
)]
pub(crate) async fn cancel_appointment(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(id): Path<AppointmentId>,
    tag: HonourMatch,
    OptionalJson(body): OptionalJson<CancelAppointment>,
) -> Outcome {
    if body.scope == Scope::Following {
        let by = caller.identity.principal;
        if !by.is_staff() {
            return Err(Refusal::invalid("/scope", "staff_only", "is for staff").into());
        }
        return retrying(app.clock(), async || {
            let asked = found::appointment(&app, &caller, Action::AppointmentCancel, id).await?;
            tag.check(asked.subject.appointment.version)?;
            change_following(&app, asked, &Change::Cancel { by, reason: body.reason.as_ref() }).await
        })
        .await;
    }
    let cancel = |appointment: &mut Appointment, now, by, rules: &SchedulingSettings| {
        appointment.cancel(now, by, rules)?;
        appointment.cancel_reason.clone_from(&body.reason);
        Ok(())
    };
    settle(&app, &caller, (id, &tag), Action::AppointmentCancel, cancel).await
}

async fn settle<K: Kind>(
    app: &App,
    caller: &Caller<K>,
    (id, tag): (AppointmentId, &HonourMatch),
    action: Action,
    rule: impl Fn(&mut Appointment, Timestamp, PrincipalId, &SchedulingSettings) -> Result<(), AppointmentRefusal>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = found::appointment(app, caller, action, id).await?;
        tag.check(asked.subject.appointment.version)?;
        let now = asked.grant.at();
        let wish = asked.subject.appointment.asked_at(now).map(|asked| asked.times);
        rule(&mut asked.subject.appointment, now, caller.identity.principal, &asked.practice.scheduling)?;
        let Appointment { times, status, .. } = asked.subject.appointment;
        let told = status == AppointmentStatus::Cancelled && now < times.start();
        let therapist = stamp(app, &mut asked, told).await?;
        let mut tx = asked.tx();
        let found = &mut asked.subject;
        tx.settle_appointment(&mut found.appointment, &mut found.client, &mut found.summary, wish);
        let Found { appointment, client, .. } = &asked.subject;
        let news = News::at(SessionChange::Cancelled, appointment, times);
        let told = match told {
            true => tell(app, &mut tx, &asked, (client, therapist.as_ref()), &news).await?,
            false => Vec::new(),
        };
        let reply = app.finish(&asked, tx, answer(&asked)?).await?;
        app.send_notices(told).await?;
        Ok(reply)
    })
    .await
}

// L7, I5
/// Keeps with a session that has come to its end what billing takes from it: its therapist's modifier and what it costs.
/// The answer is the therapist, where that is not the caller and is to be `told`.
///
/// Whose session it is, and of what, is known only once it is read: one read more.
async fn stamp(app: &App, asked: &mut Authorized<Found>, told: bool) -> Result<Option<Staff>, Stop> {
    let (practice, one) = (asked.practice.id, &asked.subject.appointment);
    let (completed, share) = (one.status == AppointmentStatus::Completed, one.charged(&asked.practice.scheduling));
    let me = match &asked.actor {
        Actor::Staff(me) => Some(me.as_ref()).filter(|me| me.id == one.staff),
        _ => None,
    };
    let therapist = (me.is_none() && (told || completed)).then(|| keys::staff(practice, one.staff));
    let service = one.service.filter(|_| share > 0).map(|id| keys::service(practice, id));
    let (therapist, service) = app.store.load((therapist, service)).await?;
    let (therapist, service) = (therapist.flatten(), service.flatten());
    let holder = therapist.as_ref().or(me.map(Deref::deref)).filter(|_| completed);
    let modifier = holder.and_then(|staff| staff.effective_billing_modifier(&asked.practice));
    let fee = service.and_then(|service| service.terms.price).map(|price| price.percent(share));
    let one = &mut asked.subject.appointment;
    (one.billing_modifier, one.fee) = (modifier, fee);
    Ok(therapist)
}
