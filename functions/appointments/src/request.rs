//! What a client asks for: a session, or another time for one that it has.

use caseload::access::Action;
use caseload::app::App;
use caseload::domain::appointment::{AppointmentRefusal, Times, is_walk_in, may_meet};
use caseload::domain::client::Client;
use caseload::domain::ids::{ClientId, StaffId};
use caseload::domain::scheduling::{SchedulingSettings, SelfService};
use caseload::domain::session::PrincipalId;
use caseload::refusal::Stop;
use caseload::store::keys;
use caseload::web::{Anyone, Caller, Outcome};
use jiff::{SignedDuration, Timestamp};

use crate::body::BookAppointment;
use crate::placing::{Placed, new_appointment};

// I3
/// A client asks for a session, or books it, with a therapist that it knows.
pub(crate) async fn request(
    app: &App,
    caller: &Caller<Anyone>,
    client: ClientId,
    body: &BookAppointment,
    times: Times,
) -> Outcome {
    let practice = caller.practice();
    let wanted = (keys::catalog(practice).required(), keys::appointment_summary(practice, client));
    let (asked, (catalog, summary)) = app.client_with(caller, Action::AppointmentRequest, client, wanted).await?;
    let rules = &asked.practice.scheduling;
    check_time(rules, rules.requests, times, asked.grant.at())?;
    let with = therapist(&asked.subject, body.staff_id)?;
    // Whom it asks is known only now.
    let days = times.days().map(|day| keys::calendar_day(practice, with, day)).collect::<Vec<_>>();
    let (staff, days) = app.store.load((keys::staff(practice, with), days)).await?;
    let staff = staff.ok_or(AppointmentRefusal::StaffUnavailable)?;
    may_meet(&asked.subject, &staff)?;
    let appointment = new_appointment(&asked, (client, staff.id), times, PrincipalId::Client(client))?;
    let mut placed = Placed::new(&asked, appointment, summary, days);
    match rules.requests {
        SelfService::Instant => placed.book(is_walk_in(&asked.subject, staff.id), false)?,
        SelfService::Approve | SelfService::Off => placed.request(rules.expiry(times.start(), asked.grant.at()))?,
    }
    placed.finish(app, asked, &staff, &catalog).await
}

/// The one it names, if it knows them; else its own.
fn therapist(client: &Client, named: Option<StaffId>) -> Result<StaffId, Stop> {
    let own = client.assigned_staff;
    let Some(named) = named.or(own) else { return Err(AppointmentRefusal::NoTherapist.into()) };
    let knows = own == Some(named) || client.seen_by.contains(&named);
    if knows { Ok(named) } else { Err(AppointmentRefusal::StaffUnavailable.into()) }
}

// I5
/// Whether a client may ask for this time by itself, as the practice has set.
pub(crate) fn check_time(
    rules: &SchedulingSettings,
    service: SelfService,
    times: Times,
    now: Timestamp,
) -> Result<(), AppointmentRefusal> {
    let (start, hours, days) = (times.start(), rules.notice_hours.book, rules.horizon_days);
    let horizon = SignedDuration::from_hours(24 * i64::from(days));
    if service == SelfService::Off {
        Err(AppointmentRefusal::OnlineOff)
    } else if start <= now {
        Err(AppointmentRefusal::Past)
    } else if SchedulingSettings::is_late(start, hours, now) {
        Err(AppointmentRefusal::TooLate { hours })
    } else if start.duration_since(now) > horizon {
        Err(AppointmentRefusal::TooFar { days })
    } else {
        Ok(())
    }
}
