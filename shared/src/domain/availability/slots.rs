//! Free times: computed from hours and bookings whenever somebody asks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::Plan;
use crate::domain::appointment::{Booking, CalendarDay, Times};
use crate::domain::ids::AppointmentId;
use crate::domain::service::SessionNeeds;

/// What fills the time of those who are to meet.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// The therapist's sessions.
    sessions: BTreeMap<AppointmentId, Times>,
    /// What the client has, with whomever.
    client: Vec<Times>,
}

impl Taken {
    /// The sessions that count, of a therapist's days. One that goes over midnight stands in two of them.
    #[must_use]
    pub fn of(days: &[CalendarDay]) -> Self {
        let counting = days.iter().flat_map(|day| &day.bookings).filter(|booking| booking.status.counts());
        let sessions = counting.map(|Booking { id, times, .. }| (*id, *times)).collect();
        Self { sessions, client: Vec::new() }
    }

    /// Besides, what the client has.
    #[must_use]
    pub fn and_client(self, client: impl IntoIterator<Item = Times>) -> Self {
        Self { client: client.into_iter().collect(), ..self }
    }

    /// How many sessions begin on each date of a zone.
    fn beginning(&self, zone: &TimeZone) -> BTreeMap<Date, u16> {
        let mut counts: BTreeMap<Date, u16> = BTreeMap::new();
        for times in self.sessions.values() {
            let count = counts.entry(zone.to_datetime(times.start()).date()).or_default();
            *count = count.saturating_add(1);
        }
        counts
    }
}

/// Which of the free times are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Those that begin on these dates of the staff member's zone, both included.
    pub dates: (Date, Date),
    /// Not before this instant.
    pub earliest: Timestamp,
    /// Not after this one.
    pub latest: Timestamp,
}

/// A session that would fit in, and how its times are laid out.
#[derive(Debug, Clone, Copy)]
pub struct Free {
    pub needs: SessionNeeds,
    /// From one start to the next.
    pub step: SignedDuration,
}

/// Stretches of time, in order, none touching another.
struct Stretches(Vec<(Timestamp, Timestamp)>);

impl Stretches {
    /// Puts together what overlaps or touches.
    fn of(mut all: Vec<(Timestamp, Timestamp)>) -> Self {
        all.sort_unstable();
        let mut merged: Vec<(Timestamp, Timestamp)> = Vec::new();
        for (from, to) in all {
            match merged.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => merged.push((from, to)),
            }
        }
        Self(merged)
    }

    /// Whether all of it lies in one of them.
    fn hold(&self, from: Timestamp, to: Timestamp) -> bool {
        let begun = self.0.partition_point(|stretch| stretch.0 <= from);
        begun.checked_sub(1).and_then(|last| self.0.get(last)).is_some_and(|stretch| to <= stretch.1)
    }

    /// Whether some of it lies in one of them.
    fn touch(&self, from: Timestamp, to: Timestamp) -> bool {
        let over = self.0.partition_point(|stretch| stretch.1 <= from);
        self.0.get(over).is_some_and(|stretch| stretch.0 < to)
    }
}

/// The times at which such a session can be booked, in order.
///
/// One begins at the start of some hours, or a number of steps later; it fits into hours, of which those that touch are
/// one stretch; with what stays free around it, it meets no session of the therapist, and by itself none of the client;
/// and on its date the therapist has sessions left to hold.
#[must_use]
pub fn free_times(plan: &Plan, free: Free, window: Window, taken: &Taken) -> Vec<Times> {
    let zone = plan.zone().time_zone();
    let hours = hours_around(plan, window.dates, zone);
    let SessionNeeds { length, before, after } = free.needs;
    let day_counts = taken.beginning(zone);
    let is_full =
        |date: Date| plan.daily_max().is_some_and(|most| day_counts.get(&date).is_some_and(|count| *count >= most));
    let sessions = Stretches::of(taken.sessions.values().map(|times| (times.start(), times.end())).collect());
    let clients = Stretches::of(taken.client.iter().map(|times| (times.start(), times.end())).collect());
    let starts: BTreeSet<Timestamp> = hours.iter().flat_map(|stretch| steps(*stretch, free.step)).collect();
    let open = Stretches::of(hours);
    let fits = |start: Timestamp| {
        let date = zone.to_datetime(start).date();
        if start < window.earliest || start > window.latest || date < window.dates.0 || date > window.dates.1 {
            return None;
        }
        let times = Times::new(start, start.checked_add(length).ok()?).ok()?;
        let (from, to) = (start.checked_sub(before).ok()?, times.end().checked_add(after).ok()?);
        let free = open.hold(times.start(), times.end())
            && !sessions.touch(from, to)
            && !clients.touch(times.start(), times.end())
            && !is_full(date);
        free.then_some(times)
    };
    starts.into_iter().filter_map(fits).collect()
}

impl Plan {
    /// Whether all of it lies in hours of this plan, whatever else fills them.
    #[must_use]
    pub fn holds(&self, times: Times) -> bool {
        let zone = self.zone().time_zone();
        let date = zone.to_datetime(times.start()).date();
        Stretches::of(hours_around(self, (date, date), zone)).hold(times.start(), times.end())
    }
}

/// The hours that a session of these dates can lie in: also those of the night before, and of the days it may last into.
fn hours_around(plan: &Plan, (first, last): (Date, Date), zone: &TimeZone) -> Vec<(Timestamp, Timestamp)> {
    let first = first.yesterday().unwrap_or(first);
    // A day of 23 hours is shorter than the longest session.
    let last = last.saturating_add(2.days());
    let dates = first.series(1.day()).take_while(|date| *date <= last);
    dates.flat_map(|date| plan.hours_of(date).filter_map(move |hours| hours.on(date, zone))).collect()
}

/// The instants of a stretch at which something may begin.
fn steps((from, to): (Timestamp, Timestamp), step: SignedDuration) -> impl Iterator<Item = Timestamp> {
    // A step of nothing would never end.
    let step = step.max(SignedDuration::from_mins(1));
    std::iter::successors(Some(from), move |at| at.checked_add(step).ok()).take_while(move |at| *at < to)
}
