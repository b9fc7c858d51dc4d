//! Free times once more, minute by minute over instants and by other rules of thumb: what the tests compare with.

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::{Exception, Plan};
use crate::domain::date::Day;

/// What is asked of it, in minutes.
pub(super) struct Asked<'a> {
    pub(super) plan: &'a Plan,
    pub(super) dates: (Date, Date),
    pub(super) earliest: Timestamp,
    pub(super) latest: Timestamp,
    pub(super) step: i64,
    pub(super) length: i64,
    pub(super) buffers: (i64, i64),
    /// The therapist's sessions.
    pub(super) booked: &'a [(Timestamp, Timestamp)],
}

/// Some days, a minute at a time.
struct Minutes {
    first: Timestamp,
    /// What the clock shows, in minutes of its own count.
    shown: Vec<i64>,
}

fn count(shown: DateTime) -> i64 {
    shown.duration_since(DateTime::constant(2000, 1, 1, 0, 0, 0, 0)).as_mins()
}

impl Minutes {
    fn of(dates: (Date, Date), zone: &TimeZone) -> Self {
        let at = |date: Date| date.to_zoned(TimeZone::UTC).expect("a day").timestamp();
        let (first, end) = (at(dates.0 - 4.days()), at(dates.1 + 6.days()));
        let minutes = 0..end.duration_since(first).as_mins();
        let ahead = |n: i64| zone.to_offset(first + SignedDuration::from_mins(n)).seconds();
        let midnight = count(TimeZone::UTC.to_datetime(first));
        let shown = minutes.map(|n| midnight + n + i64::from(ahead(n)) / 60).collect();
        Self { first, shown }
    }

    fn number(&self, at: Timestamp) -> i64 {
        at.duration_since(self.first).as_mins()
    }

    /// The minute at which the clock shows this for the first time; if it never does, the one at which it would have.
    fn showing(&self, wanted: i64) -> i64 {
        let number = |n: usize| i64::try_from(n).expect("a number");
        if let Some(n) = self.shown.iter().position(|shown| *shown == wanted) {
            return number(n);
        }
        let leaps = |pair: &[i64]| pair[0] < wanted && wanted < pair[1];
        let before = self.shown.windows(2).position(leaps).expect("a time of these days");
        number(before) + wanted - self.shown[before]
    }
}

/// When each of the free times begins.
pub(super) fn free(asked: &Asked<'_>) -> BTreeSet<Timestamp> {
    let zone = asked.plan.zone().time_zone();
    let minutes = Minutes::of(asked.dates, zone);
    let total = minutes.shown.len();
    let (mut open, mut begins, mut busy) = (vec![false; total], vec![false; total], vec![false; total]);
    let index = |n: i64| usize::try_from(n).expect("a minute of these days");
    let mut date = asked.dates.0 - 2.days();
    while date <= asked.dates.1 + 3.days() {
        for (from, to) in hours(asked.plan, date) {
            let (from, to) = (minutes.showing(from), minutes.showing(to));
            for n in from..to {
                open[index(n)] = true;
                begins[index(n)] |= (n - from) % asked.step == 0;
            }
        }
        date = date.tomorrow().expect("a day");
    }
    for (from, to) in asked.booked {
        for n in minutes.number(*from)..minutes.number(*to) {
            if (0..i64::try_from(total).expect("a number")).contains(&n) {
                busy[index(n)] = true;
            }
        }
    }
    let on = |at: Timestamp| zone.to_datetime(at).date();
    let good = |n: i64| {
        let at = minutes.first + SignedDuration::from_mins(n);
        let (before, after) = asked.buffers;
        let held = asked.booked.iter().filter(|(from, _)| on(*from) == on(at)).count();
        on(at) >= asked.dates.0
            && on(at) <= asked.dates.1
            && at >= asked.earliest
            && at <= asked.latest
            && asked.plan.daily_max().is_none_or(|most| held < usize::from(most))
            && (n..n + asked.length).all(|n| open[index(n)])
            && (n - before..n + asked.length + after).all(|n| !busy[index(n)])
    };
    let starts = (0..total).filter(|n| begins[*n]).map(|n| i64::try_from(n).expect("a number"));
    starts.filter(|n| good(*n)).map(|n| minutes.first + SignedDuration::from_mins(n)).collect()
}

/// The hours of a date, each from one count of the clock to another.
fn hours(plan: &Plan, date: Date) -> Vec<(i64, i64)> {
    let mut all = Vec::new();
    let off = plan.exceptions().iter().any(|one| match one {
        Exception::Closed { first, last } => date >= *first && date <= *last,
        Exception::Open { .. } => false,
    });
    if !off {
        all.extend(plan.weekly().iter().filter(|one| one.day == Day::of(date)).map(|one| one.hours));
    }
    for one in plan.exceptions() {
        if let Exception::Open { date: given, hours } = one
            && *given == date
        {
            all.push(*hours);
        }
    }
    let midnight = count(date.to_datetime(jiff::civil::Time::midnight()));
    let counted = |hours: super::Hours| {
        let (from, mut to) = (i64::from(hours.from().minute()), i64::from(hours.to().minute()));
        if to <= from {
            to += 1440;
        }
        (midnight + from, midnight + to)
    };
    all.into_iter().map(counted).collect()
}
