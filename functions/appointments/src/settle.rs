//! How a session comes to its end.

use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::appointment::{Appointment, AppointmentRefusal, OpenSession};
use caseload::domain::ids::AppointmentId;
use caseload::domain::session::PrincipalId;
use caseload::web::{Anyone, Caller, Kind, Outcome, Path, ProblemBody, StaffOnly, retrying};
use jiff::Timestamp;

use crate::answer::answer;
use crate::found::{self, keep_client};
use caseload::web::view::appointment::AppointmentView;

/// Marks a session as held, once it has begun.
#[utoipa::path(
    post, path = "/v1/appointments/{appointment_id}/complete", tag = "appointments",
    params(("appointment_id" = AppointmentId, Path)),
    responses((status = 200, body = AppointmentView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 412, body = ProblemBody))
)]
pub(crate) async fn complete_appointment(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<AppointmentId>,
) -> Outcome {
    settle(&app, &caller, id, Action::AppointmentUpdate, Appointment::complete).await
}

/// Marks a session as missed by the client, once it has begun.
#[utoipa::path(
    post, path = "/v1/appointments/{appointment_id}/no-show", tag = "appointments",
    params(("appointment_id" = AppointmentId, Path)),
    responses((status = 200, body = AppointmentView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 412, body = ProblemBody))
)]
pub(crate) async fn miss_appointment(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<AppointmentId>,
) -> Outcome {
    settle(&app, &caller, id, Action::AppointmentUpdate, Appointment::miss).await
}

/// Calls a scheduled session off; its time is free again. A client does so before it begins, if the practice lets it.
#[utoipa::path(
    post, path = "/v1/appointments/{appointment_id}/cancel", tag = "appointments",
    params(("appointment_id" = AppointmentId, Path)),
    responses((status = 200, body = AppointmentView), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 412, body = ProblemBody))
)]
pub(crate) async fn cancel_appointment(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(id): Path<AppointmentId>,
) -> Outcome {
    settle(&app, &caller, id, Action::AppointmentCancel, Appointment::cancel).await
}

type Rule = fn(&mut Appointment, Timestamp, PrincipalId) -> Result<(), AppointmentRefusal>;

async fn settle<K: Kind>(app: &App, caller: &Caller<K>, id: AppointmentId, action: Action, rule: Rule) -> Outcome {
    retrying(async || {
        let mut asked = found::appointment(app, caller, action, id).await?;
        asked.check_version(asked.subject.appointment.version)?;
        let now = asked.grant.at();
        let found = &mut asked.subject;
        rule(&mut found.appointment, now, caller.identity.principal)?;
        found.summary.settle(&found.appointment);
        let grant = asked.grant.clone();
        let mut tx = caseload::store::Tx::new(&grant);
        keep_client(&mut tx, &mut found.client, &found.summary);
        let Appointment { staff, times, status, .. } = found.appointment;
        tx.replace(&found.appointment)
            .replace(&found.summary)
            .settle_slot(id, OpenSession { staff, times }, status)
            .touches(id)
            .fields(["status"]);
        let reply = answer(&asked.actor, &found.appointment, (&found.client).into(), &asked.practice, &found.catalog)?;
        app.finish(&asked, tx, reply).await
    })
    .await
}
