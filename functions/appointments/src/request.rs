//! What a client asks for: a session, or another time for one that it has.

use caseload::access::Action;
use caseload::app::App;
use caseload::domain::appointment::{
    AppointmentRefusal, AppointmentSummary, CalendarDay, Times, day_of, is_walk_in, may_meet,
};
use caseload::domain::client::Client;
use caseload::domain::ids::{AppointmentId, ClientId, PracticeId, ServiceId, StaffId};
use caseload::domain::practice::Practice;
use caseload::domain::scheduling::{SchedulingSettings, SelfService};
use caseload::domain::service::{Service, SessionNeeds};
use caseload::domain::session::PrincipalId;
use caseload::domain::staff::Staff;
use caseload::refusal::{Refusal, Stop};
use caseload::store::keys;
use caseload::web::{Anyone, Caller, Outcome};
use caseload::workflows::Sources;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::body::{BookAppointment, named};
use crate::placing::{Placed, new_appointment};

// I3
/// A client asks for a session, or books it, with a therapist that it knows.
pub(crate) async fn request(app: &App, caller: &Caller<Anyone>, client: ClientId, body: &BookAppointment) -> Outcome {
    let practice = caller.practice();
    let wanted = (
        keys::catalog(practice).required(),
        keys::appointment_summary(practice, client),
        body.service_id.map(|service| keys::service(practice, service)),
    );
    let (asked, (catalog, summary, service)) =
        app.client_with(caller, Action::AppointmentRequest, client, wanted).await?;
    let service = service.map(|found| found.filter(|service| service.terms.bookable_online));
    let service = named(body.service_id, service)?;
    let (times, needs) = body.times(service.as_ref())?;
    let rules = &asked.practice.scheduling;
    check_time(rules, rules.requests, times, asked.grant.at())?;
    match (&service, rules.requests) {
        (Some(service), _) => check_length(times, service.terms.needs().length)?,
        // Nobody looks at how long it is.
        (None, SelfService::Instant) => {
            return Err(Refusal::invalid("/service_id", "required", "is missing; choose a service").into());
        }
        (None, _) => {}
    }
    let with = therapist(&asked.subject, body.staff_id)?;
    // Whom it asks is known only now.
    let unchecked = Unchecked::read(app, (practice, with, None), times, summary.clone()).await?;
    let known = (&asked.subject, &asked.practice);
    let Asked { staff, days } = unchecked.check(known, (times, needs), rules.requests, None)?;
    let by = PrincipalId::Client(client);
    let appointment = new_appointment(&asked, (client, staff.id), (times, service.as_ref()), by)?;
    let mut placed = Placed::new(&asked, appointment, summary, days);
    match rules.requests {
        SelfService::Instant => placed.book(is_walk_in(&asked.subject, staff.id), false)?,
        SelfService::Approve | SelfService::Off => placed.request(rules.expiry(times.start(), asked.grant.at()))?,
    }
    placed.finish(app, asked, &staff, &catalog).await
}

/// Whom a client asks, with the days that the session would touch.
pub(crate) struct Asked {
    pub(crate) staff: Staff,
    pub(crate) days: Vec<Option<CalendarDay>>,
}

/// The same, with what says whether the time is offered.
pub(crate) struct Unchecked {
    sources: Sources,
    days: Vec<Option<CalendarDay>>,
    service: Option<Service>,
}

impl Unchecked {
    /// Reads whom a client asks, what is to be held, and the days around.
    pub(crate) async fn read(
        app: &App,
        (practice, with, service): (PracticeId, StaffId, Option<ServiceId>),
        times: Times,
        summary: Option<AppointmentSummary>,
    ) -> Result<Unchecked, Stop> {
        // What begins on the same date of whatever zone, and what goes on into it.
        let first = day_of(times.start());
        let around = [first.yesterday(), first.tomorrow()].into_iter().flatten();
        let touched: Vec<Date> = times.days().collect();
        let around: Vec<Date> = around.filter(|day| !touched.contains(day)).collect();
        let of = |days: &[Date]| days.iter().map(|day| keys::calendar_day(practice, with, *day)).collect::<Vec<_>>();
        let service = service.map(|service| keys::service(practice, service));
        let wanted =
            (keys::staff(practice, with), keys::availability(practice, with), service, of(&touched), of(&around));
        let (staff, availability, service, days, around) = app.store.load(wanted).await?;
        let staff = staff.ok_or(AppointmentRefusal::StaffUnavailable)?;
        let all = days.iter().chain(&around).flatten().cloned().collect();
        Ok(Unchecked { sources: Sources { staff, availability, days: all, summary }, days, service: service.flatten() })
    }

    /// How much room a session of so long needs.
    pub(crate) fn needs(&self, times: Times) -> SessionNeeds {
        let length = times.length();
        let around = self.service.as_ref().map_or_else(|| SessionNeeds::bare(0), |service| service.terms.needs());
        SessionNeeds { length, ..around }
    }

    /// Whether the time is offered. Of somebody who has set no hours, a client may ask for any, but not just take it.
    pub(crate) fn check(
        self,
        (client, practice): (&Client, &Practice),
        wanted: (Times, SessionNeeds),
        service: SelfService,
        moved: Option<AppointmentId>,
    ) -> Result<Asked, AppointmentRefusal> {
        may_meet(client, &self.sources.staff)?;
        let offered = match (&self.sources.availability, service) {
            (None, SelfService::Instant) => false,
            (None, _) => true,
            (Some(_), _) => self.sources.offers(client, practice, wanted, moved)?,
        };
        if !offered {
            return Err(AppointmentRefusal::NotOffered);
        }
        Ok(Asked { staff: self.sources.staff, days: self.days })
    }
}

/// The one it names, if it knows them; else its own.
fn therapist(client: &Client, named: Option<StaffId>) -> Result<StaffId, Stop> {
    let own = client.assigned_staff;
    let Some(named) = named.or(own) else { return Err(AppointmentRefusal::NoTherapist.into()) };
    let knows = own == Some(named) || client.seen_by.contains_key(&named);
    if knows { Ok(named) } else { Err(AppointmentRefusal::StaffUnavailable.into()) }
}

/// How long a session lasts is not the client's to say.
pub(crate) fn check_length(times: Times, length: SignedDuration) -> Result<(), Refusal> {
    if times.length() == length {
        return Ok(());
    }
    Err(Refusal::invalid("/end", "staff_only", "is for staff to change; leave it out"))
}

// I5
/// Whether a client may ask for this time by itself, as the practice has set.
pub(crate) fn check_time(
    rules: &SchedulingSettings,
    service: SelfService,
    times: Times,
    now: Timestamp,
) -> Result<(), AppointmentRefusal> {
    let (start, (earliest, latest)) = (times.start(), rules.bookable(now));
    if service == SelfService::Off {
        Err(AppointmentRefusal::OnlineOff)
    } else if start <= now {
        Err(AppointmentRefusal::Past)
    } else if start < earliest {
        Err(AppointmentRefusal::TooLate { hours: rules.notice_hours.book })
    } else if start > latest {
        Err(AppointmentRefusal::TooFar { days: rules.horizon_days })
    } else {
        Ok(())
    }
}
