//! A new appointment on its way into the therapist's days and the client's summary.

use caseload::app::App;
use caseload::crypto::ordered_id;
use caseload::domain::appointment::{
    Appointment, AppointmentRefusal, AppointmentStatus, AppointmentSummary, AskedTime, CalendarDay, OpenRequest,
    Request, SessionChange, Times,
};
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::ids::{AppointmentId, ClientId, StaffId};
use caseload::domain::service::Service;
use caseload::domain::session::PrincipalId;
use caseload::domain::staff::Staff;
use caseload::refusal::Stop;
use caseload::web::{Authorized, Outcome, Reply};
use jiff::Timestamp;

use crate::answer::shown;
use crate::telling::{News, tell};

/// A scheduled appointment that nobody has put anywhere yet.
pub(crate) fn new_appointment(
    asked: &Authorized<Client>,
    (client, staff): (ClientId, StaffId),
    (times, service): (Times, Option<&Service>),
    by: PrincipalId,
) -> Result<Appointment, Stop> {
    Ok(Appointment {
        // Ordered by its start: the client's appointments stand in the order of their times.
        id: AppointmentId::new(client, ordered_id(times.start())?),
        practice: asked.practice.id,
        version: 1,
        staff,
        service: service.map(|service| service.id),
        times,
        status: AppointmentStatus::Scheduled,
        created_by: by,
        created_at: asked.grant.at(),
        asked: None,
        settled: None,
        billing_modifier: None,
        fee: None,
        cancel_reason: None,
        late_cancel: false,
        decline_reason: None,
        series: None,
    })
}

/// The days that an appointment touches, those that nothing stands in yet made.
pub(crate) fn days_of(appointment: &Appointment, times: Times, found: Vec<Option<CalendarDay>>) -> Vec<CalendarDay> {
    let Appointment { practice, staff, .. } = *appointment;
    let day =
        |(day, found): (_, Option<CalendarDay>)| found.unwrap_or_else(|| CalendarDay::empty(practice, staff, day));
    times.days().zip(found).map(day).collect()
}

/// A new appointment with what it is written into.
pub(crate) struct Placed {
    pub(crate) appointment: Appointment,
    summary: AppointmentSummary,
    days: Vec<CalendarDay>,
    now: Timestamp,
}

impl Placed {
    pub(crate) fn new(
        asked: &Authorized<Client>,
        appointment: Appointment,
        summary: Option<AppointmentSummary>,
        days: Vec<Option<CalendarDay>>,
    ) -> Self {
        let (practice, client) = (appointment.practice, appointment.client());
        let summary = summary.unwrap_or_else(|| AppointmentSummary::empty(practice, client));
        let days = days_of(&appointment, appointment.times, days);
        Self { appointment, summary, days, now: asked.grant.at() }
    }

    /// It fills the therapist's time from now on; `force` where the client is with somebody else, too.
    pub(crate) fn book(&mut self, walk_in: bool, force: bool) -> Result<(), AppointmentRefusal> {
        for day in &mut self.days {
            day.book(&self.appointment)?;
        }
        if !force {
            self.summary.check_free(self.appointment.id, self.appointment.times)?;
        }
        self.summary.book(&self.appointment, walk_in)
    }

    // I3
    /// It is only asked for, and fills nobody's time.
    pub(crate) fn request(&mut self, expires_at: Timestamp) -> Result<(), AppointmentRefusal> {
        let Appointment { id, staff, times, .. } = self.appointment;
        for day in &mut self.days {
            day.ask(Request { id, times, expires_at }, self.now)?;
        }
        self.summary.check_free(id, times)?;
        self.summary.ask(id, OpenRequest { staff, times, expires_at }, self.now)?;
        self.appointment.status = AppointmentStatus::Requested;
        self.appointment.asked = Some(AskedTime { times, at: self.now, expires_at });
        Ok(())
    }

    /// Writes and answers.
    pub(crate) async fn finish(
        self,
        app: &App,
        mut asked: Authorized<Client>,
        staff: &Staff,
        catalog: &Catalog,
    ) -> Outcome {
        let Self { appointment, mut summary, mut days, now: _ } = self;
        let mut tx = asked.tx();
        for day in &mut days {
            tx.replace(day);
        }
        tx.create_appointment(&appointment).save_summary(&mut summary).unchanged(staff).touches(appointment.id);
        tx.attendance(&mut asked.subject, &summary);
        let news = match appointment.status {
            AppointmentStatus::Requested => News::at(SessionChange::Requested, &appointment, appointment.times),
            _ => News::taking(SessionChange::Booked, &appointment, &days),
        };
        let told = tell(app, &mut tx, &asked, (&asked.subject, Some(staff)), &news).await?;
        let shown = shown(&asked, &appointment, &asked.subject, catalog);
        let reply = Reply::created_at(appointment.version, &shown)?;
        let reply = app.finish(&asked, tx, reply).await?;
        app.send_notices(told).await?;
        Ok(reply)
    }
}
