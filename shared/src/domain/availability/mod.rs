//! When a staff member works, by the clocks of its zone, and which times are free (I2).

mod hours;
mod slots;

use jiff::civil::Date;

use super::date::Day;
use super::ids::{PracticeId, StaffId};
use super::practice::Zone;

pub use hours::{Hours, SameTimes, WeeklyHours};
pub use slots::{Free, Taken, Window, free_times};

/// Dates in which exceptions may lie.
const FIRST: Date = Date::constant(2000, 1, 1);
const LAST: Date = Date::constant(2099, 12, 31);

/// Whether a date is one that a calendar has.
#[must_use]
pub fn is_in_range(date: Date) -> bool {
    (FIRST..=LAST).contains(&date)
}

/// What is different on one date, or on several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exception {
    /// From one date to another, both included, the weekly hours that begin then are off.
    Closed { first: Date, last: Date },
    /// Hours of this date, besides what is left of the weekly ones.
    Open { date: Date, hours: Hours },
}

/// Why nobody's hours can be like this. Places count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadPlan {
    /// More weekly entries than [`Plan::MAX_WEEKLY`].
    #[error("must have at most {} entries", Plan::MAX_WEEKLY)]
    TooManyWeekly,
    /// More exceptions than [`Plan::MAX_EXCEPTIONS`].
    #[error("must have at most {} entries", Plan::MAX_EXCEPTIONS)]
    TooManyExceptions,
    /// Two weekly entries share a minute of the week.
    #[error("overlaps /weekly/{0}; change one of the two")]
    Overlap(usize, usize),
    /// A date of another century.
    #[error("must lie between 2000 and 2099")]
    Date(usize, &'static str),
    /// Ends before it begins.
    #[error("must not lie before the date")]
    Until(usize),
    /// Nothing, or more than anybody holds.
    #[error("must be from 1 to {}", Plan::MAX_DAILY)]
    DailyMax,
}

impl BadPlan {
    /// The field at fault.
    #[must_use]
    pub fn pointer(self) -> String {
        match self {
            Self::TooManyWeekly => "/weekly".to_owned(),
            Self::TooManyExceptions => "/exceptions".to_owned(),
            Self::Overlap(_, second) => format!("/weekly/{second}"),
            Self::Date(place, field) => format!("/exceptions/{place}/{field}"),
            Self::Until(place) => format!("/exceptions/{place}/until"),
            Self::DailyMax => "/daily_max".to_owned(),
        }
    }

    /// The stable code of a problem document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooManyWeekly | Self::TooManyExceptions => "too_many",
            Self::Overlap(..) => "hours_overlap",
            Self::Date(..) | Self::Until(_) | Self::DailyMax => "out_of_range",
        }
    }
}

/// Hours of the week with their exceptions, in a zone. No two weekly entries overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    zone: Zone,
    weekly: Vec<WeeklyHours>,
    exceptions: Vec<Exception>,
    daily_max: Option<u16>,
}

impl Plan {
    /// The most weekly entries.
    pub const MAX_WEEKLY: usize = 50;
    /// The most exceptions.
    pub const MAX_EXCEPTIONS: usize = 200;
    /// The most sessions a day.
    pub const MAX_DAILY: u16 = 100;

    /// Checks the whole; names everything at fault.
    pub fn new(
        zone: Zone,
        weekly: Vec<WeeklyHours>,
        exceptions: Vec<Exception>,
        daily_max: Option<u16>,
    ) -> Result<Self, Vec<BadPlan>> {
        let mut bad = Vec::new();
        if weekly.len() > Self::MAX_WEEKLY {
            bad.push(BadPlan::TooManyWeekly);
        } else {
            bad.extend(hours::overlaps(&weekly).map(|(first, second)| BadPlan::Overlap(first, second)));
        }
        if exceptions.len() > Self::MAX_EXCEPTIONS {
            bad.push(BadPlan::TooManyExceptions);
        } else {
            bad.extend(exceptions.iter().enumerate().filter_map(|(place, one)| one.fault(place)));
        }
        if daily_max.is_some_and(|most| !(1..=Self::MAX_DAILY).contains(&most)) {
            bad.push(BadPlan::DailyMax);
        }
        if bad.is_empty() { Ok(Self { zone, weekly, exceptions, daily_max }) } else { Err(bad) }
    }

    /// No hours at all.
    #[must_use]
    pub const fn none(zone: Zone) -> Self {
        Self { zone, weekly: Vec::new(), exceptions: Vec::new(), daily_max: None }
    }

    #[must_use]
    pub const fn zone(&self) -> &Zone {
        &self.zone
    }

    #[must_use]
    pub fn weekly(&self) -> &[WeeklyHours] {
        &self.weekly
    }

    #[must_use]
    pub fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }

    /// The most sessions that begin on one date.
    #[must_use]
    pub const fn daily_max(&self) -> Option<u16> {
        self.daily_max
    }

    /// The hours that begin on a date: those of the week unless it is closed, and those given for it.
    pub fn hours_of(&self, date: Date) -> impl Iterator<Item = Hours> {
        let closed = self
            .exceptions
            .iter()
            .any(|one| matches!(one, Exception::Closed { first, last } if (*first..=*last).contains(&date)));
        let weekday = Day::of(date);
        let weekly = self.weekly.iter().filter(move |one| !closed && one.day == weekday).map(|one| one.hours);
        let given = self.exceptions.iter().filter_map(move |one| match one {
            Exception::Open { date: on, hours } if *on == date => Some(*hours),
            Exception::Open { .. } | Exception::Closed { .. } => None,
        });
        weekly.chain(given)
    }
}

impl Exception {
    fn fault(&self, place: usize) -> Option<BadPlan> {
        let (first, last) = match *self {
            Self::Closed { first, last } => (first, last),
            Self::Open { date, .. } => (date, date),
        };
        if !is_in_range(first) {
            Some(BadPlan::Date(place, "date"))
        } else if !is_in_range(last) {
            Some(BadPlan::Date(place, "until"))
        } else if last < first {
            Some(BadPlan::Until(place))
        } else {
            None
        }
    }
}

/// The hours of one staff member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    pub practice: PracticeId,
    /// Whose.
    pub staff: StaffId,
    /// Grows by one with each change; 0 before the first.
    pub version: u64,
    pub plan: Plan,
}

impl Availability {
    /// What holds before anybody has said anything: no hours.
    #[must_use]
    pub const fn empty(practice: PracticeId, staff: StaffId, zone: Zone) -> Self {
        Self { practice, staff, version: 0, plan: Plan::none(zone) }
    }
}

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
