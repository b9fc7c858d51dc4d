//! Hours of a day by the clock on the wall, and of a week.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::domain::date::Day;
use crate::domain::notifications::WallTime;

/// From a time to itself, which is midnight for a whole day and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must differ from the start; 00:00 to 00:00 is the whole day")]
pub struct SameTimes;

/// Hours of a day. An end of 00:00 is the end of the day; one before the start is on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    from: WallTime,
    to: WallTime,
}

/// Minutes of a day.
const DAY: u32 = 24 * 60;
/// Minutes of a week.
const WEEK: u32 = 7 * DAY;

impl Hours {
    /// Refuses hours from a time to itself, but for the whole day.
    pub fn new(from: WallTime, to: WallTime) -> Result<Self, SameTimes> {
        if from == to && from.minute() != 0 { Err(SameTimes) } else { Ok(Self { from, to }) }
    }

    #[must_use]
    pub const fn from(self) -> WallTime {
        self.from
    }

    #[must_use]
    pub const fn to(self) -> WallTime {
        self.to
    }

    /// First and last minute, the last not included, counted from the midnight the day begins with.
    fn minutes(self) -> (u32, u32) {
        let (from, to) = (u32::from(self.from.minute()), u32::from(self.to.minute()));
        (from, if to > from { to } else { to + DAY })
    }

    /// The instants they begin and end at on a date; none if the clock skips them all.
    ///
    /// A time that the clock skips is as much later as it is set forward; of one that it shows twice, the first counts.
    #[must_use]
    pub fn on(self, date: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let (from, to) = self.minutes();
        let last = if to >= DAY { date.tomorrow().ok()? } else { date };
        debug_assert!(from < DAY, "hours begin on their day");
        let at = |date: Date, time: WallTime| zone.to_ambiguous_timestamp(date.to_datetime(time.time())).compatible();
        let (start, end) = (at(date, self.from).ok()?, at(last, self.to).ok()?);
        (start < end).then_some((start, end))
    }
}

/// Hours of a day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeeklyHours {
    /// The day they begin on.
    pub day: Day,
    pub hours: Hours,
}

impl WeeklyHours {
    /// Its minutes of the week, the end not included; after the week's end they go on with the next one.
    fn minutes(&self) -> (u32, u32) {
        let midnight = self.day as u32 * DAY;
        let (from, to) = self.hours.minutes();
        (midnight + from, midnight + to)
    }

    fn overlaps(&self, other: &Self) -> bool {
        let (from, to) = self.minutes();
        let (other_from, other_to) = other.minutes();
        // The same, a week later: what goes over the week's end meets what begins the next one.
        [0, WEEK].into_iter().any(|later| {
            (from < other_to + later && other_from + later < to) || (from + later < other_to && other_from < to + later)
        })
    }
}

/// The places of weekly hours that overlap an earlier one, each with the first of those.
pub(super) fn overlaps(weekly: &[WeeklyHours]) -> impl Iterator<Item = (usize, usize)> {
    weekly.iter().enumerate().filter_map(|(second, one)| {
        let first = weekly.iter().take(second).position(|other| other.overlaps(one))?;
        Some((first, second))
    })
}
