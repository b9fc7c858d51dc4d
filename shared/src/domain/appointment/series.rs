//! Sessions that come again every so many weeks at the same time on the wall (I8).

use std::collections::BTreeSet;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AppointmentRefusal, Times};
use crate::domain::ids::SeriesId;
use crate::domain::whole::whole_numbers;

/// The most sessions of one series. They are booked in one transaction, which the table takes up to 100 items of: each
/// session is its record and, where it goes on over midnight UTC, two days of its therapist, and fewer than
/// sixteen items are written whatever their number.
const MOST: usize = 28;

whole_numbers! {
    /// How many weeks lie between one session and the next.
    EveryWeeks: 1 to 12;
    /// How many sessions there are, the first one included.
    SessionCount: 2 to 28, "book those behind them as another series";
}

impl EveryWeeks {
    const ONE: Self = Self(1);

    const fn one() -> Self {
        Self::ONE
    }
}

/// Where a session stands in its series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesPlace {
    pub id: SeriesId,
    /// Counted from 1, with those that were left out.
    pub index: u16,
}

/// The series that a session was booked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InSeries {
    pub id: SeriesId,
    /// Counted from 1, with those that were left out.
    pub index: u16,
    /// How many there were to be, with those that were left out.
    pub of: u16,
    pub every_weeks: u16,
    /// Whether it was moved by itself: then it stays where it is when the others move.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub apart: bool,
}

/// Which sessions of a series are meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// This one.
    #[default]
    This,
    /// This one and those of its series that follow it.
    Following,
}

/// Why a session cannot come again like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRepeat {
    /// Neither, or both.
    #[error("ends with until or with count: give exactly one of them")]
    Ends,
    /// The last one would be the first.
    #[error("must lie so far behind the first session that there is a second one")]
    UntilTooEarly,
    /// More than are booked at once.
    #[error("would make more than {MOST} sessions; end earlier, and book those behind them as another series")]
    UntilTooLate,
    /// More dates than there are sessions.
    #[error("must hold at most {MOST} dates")]
    TooManySkipped,
    /// A slip: nothing would be left out by it.
    #[error("is no date of the series")]
    SkipsNothing(usize),
    /// Every one is left out.
    #[error("leaves no session")]
    NoneLeft,
    /// In another century.
    #[error("must end before 2100")]
    OutOfRange,
}

impl BadRepeat {
    /// Where in the request.
    #[must_use]
    pub fn pointer(self) -> String {
        match self {
            Self::Ends | Self::OutOfRange => "/repeat".to_owned(),
            Self::UntilTooEarly | Self::UntilTooLate => "/repeat/until".to_owned(),
            Self::TooManySkipped | Self::NoneLeft => "/repeat/skip".to_owned(),
            Self::SkipsNothing(place) => format!("/repeat/skip/{place}"),
        }
    }

    /// The stable code of a field.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ends => "contradiction",
            Self::UntilTooEarly | Self::OutOfRange => "out_of_range",
            Self::UntilTooLate | Self::TooManySkipped => "too_many",
            Self::SkipsNothing(_) | Self::NoneLeft => "not_in_series",
        }
    }
}

/// That a session comes again: at the same time of day in the practice's zone, every so many weeks, until a date or so
/// often. Exactly one of `until` and `count` is given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(try_from = "Said")]
pub struct SessionRepeat {
    /// 1 unless given.
    #[schema(required = false)]
    every_weeks: EveryWeeks,
    /// None begins after this date.
    until: Option<Date>,
    /// The first one included, and those that are left out.
    count: Option<SessionCount>,
    /// Dates of the series on which there is none, such as holidays.
    #[schema(required = false, max_items = 28)]
    skip: Vec<Date>,
}

/// As it is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    #[serde(default = "EveryWeeks::one")]
    every_weeks: EveryWeeks,
    #[serde(default)]
    until: Option<Date>,
    #[serde(default)]
    count: Option<SessionCount>,
    #[serde(default)]
    skip: Vec<Date>,
}

impl TryFrom<Said> for SessionRepeat {
    type Error = String;

    fn try_from(said: Said) -> Result<Self, String> {
        let Said { every_weeks, until, count, skip } = said;
        if until.is_some() == count.is_some() {
            return Err(crate::domain::coded(BadRepeat::Ends.code(), BadRepeat::Ends));
        }
        Ok(Self { every_weeks, until, count, skip })
    }
}

/// The same time on the wall so many weeks later, or earlier. What the clock skips is as much later; of what it shows twice,
/// the first counts. None outside of what a clock can show.
#[must_use]
pub fn weeks_later(start: Timestamp, weeks: i64, zone: &TimeZone) -> Option<Timestamp> {
    if weeks == 0 {
        return Some(start);
    }
    let wall = zone.to_datetime(start).checked_add(weeks.weeks()).ok()?;
    zone.to_ambiguous_timestamp(wall).compatible().ok()
}

impl SessionRepeat {
    /// How many weeks lie between one session and the next.
    #[must_use]
    pub const fn every_weeks(&self) -> u16 {
        self.every_weeks.get()
    }

    /// The sessions, each with its place in the series, and how many there would be if none were left out. Each lasts as
    /// long as the first one.
    pub fn sessions(&self, first: Times, zone: &TimeZone) -> Result<(Vec<(u16, Times)>, u16), BadRepeat> {
        if self.skip.len() > MOST {
            return Err(BadRepeat::TooManySkipped);
        }
        let mut all: Vec<(u16, Times)> = Vec::new();
        let mut dates: BTreeSet<Date> = BTreeSet::new();
        let mut of = 0;
        let most = self.count.map_or(u16::MAX, SessionCount::get);
        for index in 1..=most {
            let weeks = i64::from(index - 1) * i64::from(self.every_weeks());
            let start = weeks_later(first.start(), weeks, zone).ok_or(BadRepeat::OutOfRange)?;
            let date = zone.to_datetime(start).date();
            if self.until.is_some_and(|until| date > until) {
                break;
            }
            if usize::from(index) > MOST {
                return Err(BadRepeat::UntilTooLate);
            }
            of = index;
            dates.insert(date);
            if self.skip.contains(&date) {
                continue;
            }
            let end = start.checked_add(first.length()).map_err(|_| BadRepeat::OutOfRange)?;
            all.push((index, Times::new(start, end).map_err(|_| BadRepeat::OutOfRange)?));
        }
        if of < 2 {
            return Err(BadRepeat::UntilTooEarly);
        }
        if let Some(place) = self.skip.iter().position(|date| !dates.contains(date)) {
            return Err(BadRepeat::SkipsNothing(place));
        }
        if all.is_empty() { Err(BadRepeat::NoneLeft) } else { Ok((all, of)) }
    }
}

/// A session of a series for whose time there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misfit {
    /// The date in the practice's zone: what `skip` takes.
    pub date: Date,
    pub start: Timestamp,
    pub why: AppointmentRefusal,
}

/// Some sessions of a series have no room where they are to be, so that none is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoesNotFit {
    /// In the order of the series; never none.
    pub misfits: Vec<Misfit>,
    /// Out of how many.
    pub of: usize,
    /// How many stand where they are to be already, since an earlier try was cut off.
    pub in_place: usize,
    /// Whether they are about to move, and not to be booked.
    pub moving: bool,
}

#[cfg(test)]
mod tests;
