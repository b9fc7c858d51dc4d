//! Several sessions booked as one (I8).

use caseload::app::App;
use caseload::domain::appointment::{
    Appointment, AppointmentStatus, AppointmentSummary, Booking, InSeries, SessionChange, SessionRepeat, Times,
};
use caseload::domain::availability::Availability;
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::ids::SeriesId;
use caseload::domain::service::Service;
use caseload::domain::session::PrincipalId;
use caseload::domain::staff::Staff;
use caseload::refusal::{Refusal, Stop};
use caseload::web::view::series::{SeriesSessionView, SeriesWritten};
use caseload::web::{Authorized, Outcome, Reply};

use crate::answer::shown;
use crate::body::BookAppointment;
use crate::calendar::Calendar;
use crate::fitting::Fitting;
use crate::hours::check_hours;
use crate::placing::new_appointment;
use crate::telling::{News, tell};

/// What a booking takes, beside the client.
pub(crate) struct With {
    pub(crate) staff: Staff,
    pub(crate) service: Option<Service>,
    pub(crate) summary: Option<AppointmentSummary>,
    pub(crate) availability: Option<Availability>,
    pub(crate) catalog: Catalog,
    pub(crate) walk_in: bool,
}

/// Books all sessions of a series or none, in one transaction; one mail tells of them.
pub(crate) async fn book_series(
    app: &App,
    mut asked: Authorized<Client>,
    with: With,
    (first, body, repeat): (Times, &BookAppointment, &SessionRepeat),
    by: PrincipalId,
) -> Outcome {
    let sessions = sessions(app, &asked, &with, (first, repeat), by)?;
    let With { staff, summary, availability, catalog, walk_in, .. } = with;
    let (practice, client, now) = (asked.practice.id, asked.subject.id, asked.grant.at());
    let mut summary = summary.unwrap_or_else(|| AppointmentSummary::empty(practice, client));
    let mut calendar = Calendar::read(app, (practice, staff.id), sessions.iter().map(|one| one.times)).await?;
    let mut fitting = Fitting::new(asked.practice.time_zone.time_zone().clone());
    for one in &sessions {
        let Appointment { id, times, .. } = *one;
        let mut fits = check_hours(availability.as_ref(), times, now, body.outside_hours);
        fits = fits.and_then(|()| calendar.take(Booking { id, times, status: AppointmentStatus::Scheduled }));
        if !body.force {
            fits = fits.and_then(|()| summary.check_free(id, times));
        }
        fitting.note(times, fits);
        summary.book(one, walk_in)?;
    }
    fitting.check(sessions.len(), None)?;
    let mut tx = asked.tx();
    calendar.write(&mut tx);
    for one in &sessions {
        tx.create_appointment(one).touches(one.id);
    }
    tx.save_summary(&mut summary).unchanged(&staff).attendance(&mut asked.subject, &summary);
    let first = sessions.first().ok_or_else(|| Refusal::broken("a series of no sessions"))?;
    let told = match News::of_series(SessionChange::Booked, &sessions, calendar.days(), now) {
        Some(news) => tell(app, &mut tx, &asked, (&asked.subject, Some(&staff)), &news).await?,
        None => Vec::new(),
    };
    let all = sessions.iter().map(|one| SeriesSessionView::new(one.id, one.times)).collect();
    let shown = shown(&asked, first, &asked.subject, &catalog);
    let shown = shown.with_written(SeriesWritten { sessions: all, left: None });
    let reply = Reply::created_at(first.version, &shown)?;
    let reply = app.finish(&asked, tx, reply).await?;
    app.send_notices(told).await?;
    Ok(reply)
}

/// The sessions of a series, which nobody has put anywhere yet.
fn sessions(
    app: &App,
    asked: &Authorized<Client>,
    With { staff, service, .. }: &With,
    (first, repeat): (Times, &SessionRepeat),
    by: PrincipalId,
) -> Result<Vec<Appointment>, Stop> {
    let (times, of) = repeat.sessions(first, asked.practice.time_zone.time_zone())?;
    let (client, every_weeks) = (asked.subject.id, repeat.every_weeks());
    let id = SeriesId::new(client, app.new_id()?);
    let session = |(index, times): (u16, Times)| {
        let mut one = new_appointment(asked, (client, staff.id), (times, service.as_ref()), by)?;
        one.series = Some(InSeries { id, index, of, every_weeks, apart: false });
        Ok(one)
    };
    times.into_iter().map(session).collect()
}
