//! Calendar dates and ages: a birthday is a date, never an instant (B6).

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The calendar day in a practice's zone.
#[must_use]
pub fn today(now: Timestamp, zone: &TimeZone) -> Date {
    now.to_zoned(zone.clone()).date()
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the days of the week")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    /// That of a date.
    #[must_use]
    pub fn of(date: Date) -> Self {
        match date.weekday() {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }

    /// Days after Monday.
    #[must_use]
    pub const fn after_monday(self) -> i64 {
        match self {
            Self::Mon => 0,
            Self::Tue => 1,
            Self::Wed => 2,
            Self::Thu => 3,
            Self::Fri => 4,
            Self::Sat => 5,
            Self::Sun => 6,
        }
    }
}

/// Whole years from `born` to `today`; a 29 February birthday turns on 1 March in common years.
#[must_use]
pub fn age(born: Date, today: Date) -> Option<u16> {
    let before_birthday = (today.month(), today.day()) < (born.month(), born.day());
    let years = i32::from(today.year()) - i32::from(born.year()) - i32::from(before_birthday);
    u16::try_from(years).ok()
}

/// Why nobody was born on a day (b.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadBirthday {
    /// It is still to come.
    #[error("lies in the future")]
    Future,
    /// Nobody is that old.
    #[error("lies too far in the past")]
    TooOld,
}

impl BadBirthday {
    /// The stable code of a problem document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Future => "date_in_future",
            Self::TooOld => "date_invalid",
        }
    }
}

/// Refuses a day on which nobody who lives was born.
pub fn check_birthday(date: Date, today: Date) -> Result<(), BadBirthday> {
    if date > today {
        return Err(BadBirthday::Future);
    }
    if date.year() < 1850 { Err(BadBirthday::TooOld) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    // B6
    #[test]
    fn an_age_counts_whole_years() {
        assert_eq!(age(date(1991, 2, 28), date(2026, 11, 21)), Some(35));
        assert_eq!(age(date(1992, 2, 29), date(2026, 2, 28)), Some(33));
        assert_eq!(age(date(1992, 2, 29), date(2026, 3, 1)), Some(34));
        assert_eq!(age(date(2027, 1, 1), date(2026, 1, 1)), None);
    }

    proptest! {
        #[test]
        fn an_age_grows_by_one_each_birthday(year in 1900i16..2020, month in 1i8..=12, day in 1i8..=28, years in 0i16..80) {
            let born = date(year, month, day);
            prop_assert_eq!(age(born, date(year + years, month, day)), u16::try_from(years).ok());
        }
    }
}
