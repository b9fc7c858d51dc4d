//! A session and those of its series that follow it, moved or called off together (I8).
//!
//! What they take may be more than one transaction writes. Then there are several, the last of which writes the answer and
//! the mail: each session is moved wholly or not at all, and whoever repeats what was cut off finds those that were written
//! and goes on. Where there is no room is known before the first one is written.

use std::collections::BTreeSet;

use caseload::access::{Action, ClientFacts, Resource};
use caseload::app::App;
use caseload::domain::appointment::{
    Appointment, AppointmentRefusal, AppointmentStatus, BadTimes, Booking, SessionChange, Times, weeks_later,
};
use caseload::domain::ids::{AppointmentId, StaffId};
use caseload::domain::session::PrincipalId;
use caseload::domain::staff::Staff;
use caseload::domain::text::CancelReason;
use caseload::refusal::{Lost, Refusal, Stop};
use caseload::store::{Tx, keys};
use caseload::web::view::series::{LeftSessionView, SeriesSessionView, SeriesWritten, WhyLeft};
use caseload::web::{Authorized, Outcome, Reply};
use jiff::SignedDuration;

use crate::answer::shown;
use crate::body::Reschedule;
use crate::calendar::Calendar;
use crate::fitting::Fitting;
use crate::found::Found;
use crate::hours::check_hours;
use crate::telling::{News, tell};
use crate::therapist::Therapist;

/// How many items of a transaction the sessions and their days may be; what is written beside them is fewer than sixteen.
const ITEMS: usize = 84;

/// What becomes of them.
pub(crate) enum Change<'a> {
    /// They go where the first one goes, each as many weeks later as it is now.
    Move(&'a Reschedule),
    /// They are called off.
    Cancel { by: PrincipalId, reason: Option<&'a CancelReason> },
}

/// A session on its way.
struct Step {
    appointment: Appointment,
    /// When it is now.
    was: Times,
    /// When it is to be.
    to: Times,
    /// What the client still asks for.
    wish: Option<Times>,
}

impl Step {
    /// The times whose days it is written into.
    fn touches(&self) -> impl Iterator<Item = Times> {
        [self.was, self.to].into_iter().chain(self.wish)
    }

    fn is_in_place(&self) -> bool {
        self.was == self.to
    }
}

/// Carries a change out for a session and those that follow it.
pub(crate) async fn change_following(app: &App, mut asked: Authorized<Found>, change: &Change<'_>) -> Outcome {
    let (first, others, left) = read(app, &asked, change).await?;
    let all: Vec<_> = std::iter::once(&first).chain(&others).map(|one| (one.appointment.id, one.to)).collect();
    let (practice, of) = (asked.practice.id, first.appointment.staff);
    let touched = std::iter::once(&first).chain(&others).flat_map(Step::touches).collect::<Vec<_>>();
    let therapist = async {
        match change {
            Change::Move(_) => Therapist::read(app, &asked, first.to).await.map(Some),
            Change::Cancel { .. } => Ok(None),
        }
    };
    let (calendar, therapist) = tokio::join!(Calendar::read(app, (practice, of), touched), therapist);
    let (mut calendar, therapist) = (calendar?, therapist?);
    let (there, steps): (Vec<Step>, Vec<Step>) =
        others.into_iter().partition(|step| therapist.is_some() && step.is_in_place());
    let mut written = Vec::new();
    let (mut txs, mut fitting) = (Vec::new(), Fitting::new(asked.practice.time_zone.time_zone().clone()));
    for mut steps in parts(first, steps) {
        let mut tx = asked.tx();
        match (change, &therapist) {
            (Change::Move(whereto), Some(therapist)) => {
                make_room(&mut asked, &mut steps, &mut calendar)?;
                take(&asked, &steps, &mut calendar, (whereto, therapist), &mut fitting);
                let Found { client, summary, .. } = &mut asked.subject;
                tx.attendance(client, summary).unchanged(&therapist.staff).fields(["start", "end"]);
            }
            (Change::Cancel { by, reason }, _) => {
                cancel(&mut asked, &mut steps, &mut calendar, (*by, *reason))?;
                let Found { client, summary, .. } = &mut asked.subject;
                tx.attendance(client, summary).fields(["status"]);
            }
            (Change::Move(_), None) => return Err(Refusal::broken("a move without a therapist").into()),
        }
        calendar.write(&mut tx);
        for step in &mut steps {
            tx.save_appointment(&mut step.appointment, step.was).touches(step.appointment.id);
        }
        tx.save_summary(&mut asked.subject.summary);
        for Step { appointment, was, to, .. } in steps {
            if appointment.id == asked.subject.appointment.id {
                asked.subject.appointment = appointment.clone();
            }
            if matches!(change, Change::Cancel { .. }) || was != to {
                written.push(appointment);
            }
        }
        txs.push(tx);
    }
    fitting.check(all.len(), Some(there.len()))?;
    let last = txs.pop().ok_or_else(|| Refusal::broken("nothing to change"))?;
    for tx in txs {
        app.store.commit(tx).await?;
    }
    written.sort_by_key(|one| one.times.start());
    // Who does it to their own calendar is not told.
    let staff = match therapist {
        Some(therapist) => Some(therapist.staff),
        None if asked.actor.staff_id() == Some(of) => None,
        None => app.store.load(keys::staff(practice, of)).await?,
    };
    let news = match change {
        Change::Move(_) => News::of_series(SessionChange::Moved, &written, calendar.days(), asked.grant.at()),
        Change::Cancel { .. } => {
            News::of_series(SessionChange::Cancelled, &written, std::iter::empty(), asked.grant.at())
        }
    };
    finish(app, asked, last, (news, staff.as_ref()), (all, left)).await
}

/// What is to happen to the session that was named, to those that follow, and which of them stay as they are.
async fn read(
    app: &App,
    asked: &Authorized<Found>,
    change: &Change<'_>,
) -> Result<(Step, Vec<Step>, Vec<LeftSessionView>), Stop> {
    let Found { appointment: named, summary, .. } = &asked.subject;
    let (practice, now) = (asked.practice.id, asked.grant.at());
    let series = named.series.ok_or(AppointmentRefusal::NotInSeries)?;
    let mut left = Vec::new();
    let mut keys = Vec::new();
    for (id, open) in summary.following(series.id, series.index) {
        // Who may change this session may not for that reason change another therapist's, nor see it.
        if open.staff == named.staff {
            keys.push(keys::appointment(practice, id));
        } else if sees(asked, open.staff) {
            left.push(LeftSessionView::new(id, open.times, WhyLeft::OtherTherapist));
        }
    }
    let step = |appointment: Appointment, to: Times| {
        let wish = appointment.asked_at(now).map(|asked| asked.times);
        Step { was: appointment.times, to, wish, appointment }
    };
    let whereto = match change {
        Change::Move(whereto) => Some((whereto, whereto.times(named.times)?)),
        Change::Cancel { .. } => None,
    };
    let mut others = Vec::new();
    for found in app.store.load(keys).await? {
        let Some((one, at)) = found.and_then(|one| one.series.map(|at| (one, at))) else {
            return Err(Stop::Lost(Lost::Changed));
        };
        let to = match whereto {
            Some(_) if at.apart => {
                left.push(LeftSessionView::new(one.id, one.times, WhyLeft::MovedByItself));
                continue;
            }
            Some((whereto, first)) => {
                let weeks = i64::from(at.index - series.index) * i64::from(series.every_weeks);
                let length = if whereto.end.is_none() { one.times.length() } else { first.length() };
                later(first, weeks, length, asked)?
            }
            None => one.times,
        };
        others.push(step(one, to));
    }
    let first = step(named.clone(), whereto.map_or(named.times, |(_, first)| first));
    Ok((first, others, left))
}

/// Whether the caller sees the client's scheduled sessions with this staff member.
fn sees(asked: &Authorized<Found>, staff: StaffId) -> bool {
    let facts = ClientFacts::from(&asked.subject.client).in_session(staff, AppointmentStatus::Scheduled);
    asked.sees(Action::AppointmentRead, &Resource::Appointment(Some((facts, staff))))
}

/// A session of this length so many weeks after another one.
fn later(first: Times, weeks: i64, length: SignedDuration, asked: &Authorized<Found>) -> Result<Times, BadTimes> {
    let start = weeks_later(first.start(), weeks, asked.practice.time_zone.time_zone()).ok_or(BadTimes::OutOfRange)?;
    Times::new(start, start.checked_add(length).map_err(|_| BadTimes::OutOfRange)?)
}

/// In parts that a transaction holds: one may go where another one was, so that whoever goes later begins with the last one,
/// and whoever goes earlier with the first.
fn parts(first: Step, others: Vec<Step>) -> Vec<Vec<Step>> {
    let mut steps: Vec<Step> = std::iter::once(first).chain(others).collect();
    if steps.iter().all(|step| step.to.start() >= step.was.start()) {
        steps.reverse();
    }
    let (mut parts, mut part, mut items, mut days) = (Vec::new(), Vec::new(), 0, BTreeSet::new());
    for step in steps {
        let touched: BTreeSet<_> = step.touches().flat_map(Times::days).collect();
        let record = Tx::items_of_appointment(step.appointment.id, step.was.start(), step.to.start());
        if items + record + days.union(&touched).count() > ITEMS {
            parts.push(std::mem::take(&mut part));
            (items, days) = (0, BTreeSet::new());
        }
        items += record;
        days.extend(touched);
        part.push(step);
    }
    parts.push(part);
    parts
}

/// Takes sessions out of the times that they had.
fn make_room(
    asked: &mut Authorized<Found>,
    steps: &mut [Step],
    calendar: &mut Calendar,
) -> Result<(), AppointmentRefusal> {
    let now = asked.grant.at();
    for Step { appointment, was, to, wish } in steps {
        appointment.reschedule_along(*to)?;
        Appointment::check_move(*was, *to, now)?;
        for times in std::iter::once(*was).chain(*wish) {
            calendar.release(appointment.id, times);
        }
        asked.subject.summary.reschedule(appointment.id, *to);
    }
    Ok(())
}

/// Puts them where they are to be.
fn take(
    asked: &Authorized<Found>,
    steps: &[Step],
    calendar: &mut Calendar,
    (whereto, therapist): (&Reschedule, &Therapist),
    fitting: &mut Fitting,
) {
    for Step { appointment, to, .. } in steps {
        let (id, times, status) = (appointment.id, *to, AppointmentStatus::Scheduled);
        let hours = check_hours(therapist.availability.as_ref(), times, asked.grant.at(), whereto.outside_hours);
        let mut fits = hours.and_then(|()| calendar.take(Booking { id, times, status }));
        if !whereto.force {
            fits = fits.and_then(|()| asked.subject.summary.check_free(id, times));
        }
        fitting.note(times, fits);
    }
}

fn cancel(
    asked: &mut Authorized<Found>,
    steps: &mut [Step],
    calendar: &mut Calendar,
    (by, reason): (PrincipalId, Option<&CancelReason>),
) -> Result<(), AppointmentRefusal> {
    let now = asked.grant.at();
    for Step { appointment, was, wish, .. } in steps {
        appointment.cancel(now, by, &asked.practice.scheduling)?;
        appointment.cancel_reason = reason.cloned();
        for times in std::iter::once(*was).chain(*wish) {
            calendar.settle(appointment.id, times, appointment.status);
        }
        asked.subject.summary.settle(appointment);
    }
    Ok(())
}

/// Writes the last part and answers; one mail tells of them all.
async fn finish(
    app: &App,
    asked: Authorized<Found>,
    mut tx: Tx,
    (news, staff): (Option<News<'_>>, Option<&Staff>),
    (all, mut left): (Vec<(AppointmentId, Times)>, Vec<LeftSessionView>),
) -> Outcome {
    let Found { appointment, client, catalog, .. } = &asked.subject;
    let told = match news {
        Some(news) => tell(app, &mut tx, &asked, (client, staff), &news).await?,
        None => Vec::new(),
    };
    left.sort_by_key(LeftSessionView::start);
    let sessions = all.into_iter().map(|(id, times)| SeriesSessionView::new(id, times)).collect();
    let shown = shown(&asked, appointment, client, catalog);
    let shown = shown.with_written(SeriesWritten { sessions, left: Some(left) });
    let reply = app.finish(&asked, tx, Reply::ok_at(appointment.version, &shown)?).await?;
    app.send_notices(told).await?;
    Ok(reply)
}
