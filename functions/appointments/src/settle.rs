//! How a session comes to its end.

use axum::extract::State;
use caseload::access::{Action, Actor};
use caseload::app::App;
use caseload::domain::appointment::{Appointment, AppointmentRefusal, AppointmentStatus, SessionChange};
use caseload::domain::ids::{AppointmentId, StaffId};
use caseload::domain::role::BillingModifier;
use caseload::domain::scheduling::SchedulingSettings;
use caseload::domain::session::PrincipalId;
use caseload::domain::text::CancelReason;
use caseload::refusal::Stop;
use caseload::store::keys;
use caseload::web::view::appointment::AppointmentShown;
use caseload::web::{Anyone, Authorized, Caller, HonourMatch, Kind, OptionalJson, Outcome, Path, StaffOnly};
use caseload::workflows::retrying;
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::answer::answer;
use crate::found::{self, Found};
use crate::telling::{News, tell};

// L7
/// Marks a session as held, once it has begun, and keeps what its therapist's role puts on claims now.
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
}

/// Calls a scheduled session off; its time is free again. A client does so before it begins; later than the practice wants,
/// that is marked as late or refused, as the practice has set under `scheduling`.
///
/// The reason is shown with the session, to staff and to the client.
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
        if asked.subject.appointment.status == AppointmentStatus::Completed {
            asked.subject.appointment.billing_modifier = modifier(app, &asked, asked.subject.appointment.staff).await?;
        }
        // Who else has to know is known only now.
        let Appointment { staff, times, status, .. } = asked.subject.appointment;
        let told = status == AppointmentStatus::Cancelled && now < times.start();
        let therapist = match caller.identity.principal {
            PrincipalId::Staff(me) if me == staff => None,
            _ if !told => None,
            _ => app.store.load(keys::staff(asked.practice.id, staff)).await?,
        };
        let mut tx = asked.tx();
        let found = &mut asked.subject;
        tx.settle_appointment(&mut found.appointment, &mut found.client, &mut found.summary, wish);
        let Found { appointment, client, .. } = &asked.subject;
        let news = News::of(SessionChange::Cancelled, appointment);
        let told = match told {
            true => tell(app, &mut tx, &asked, (client, therapist.as_ref()), &news)?,
            false => Vec::new(),
        };
        let reply = app.finish(&asked, tx, answer(&asked)?).await?;
        app.send_notices(told).await?;
        Ok(reply)
    })
    .await
}

/// What claims for a therapist's sessions carry now. Whoever completes somebody else's session takes one read more: whose
/// it is, is known only once it is read.
async fn modifier(app: &App, asked: &Authorized<Found>, of: StaffId) -> Result<Option<BillingModifier>, Stop> {
    let therapist = match &asked.actor {
        Actor::Staff(me) if me.id == of => Some(me.as_ref().clone()),
        _ => app.store.load(keys::staff(asked.practice.id, of)).await?,
    };
    Ok(therapist.and_then(|staff| staff.effective_billing_modifier(&asked.practice)))
}
