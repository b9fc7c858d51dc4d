//! When a task is due: on a day, or at an instant (G1).

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Why a text is not a due date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDue {
    /// Neither a day nor an instant.
    #[error("is not a date such as 2026-12-01 or an instant such as 2026-12-01T17:00:00Z")]
    Unreadable,
    /// Before the year 2000.
    #[error("is before the year 2000; choose a later day")]
    TooEarly,
    /// After the year 2100.
    #[error("is after the year 2100; choose an earlier day")]
    TooLate,
}

impl InvalidDue {
    /// The stable code of a problem document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "due_invalid",
            Self::TooEarly => "due_too_early",
            Self::TooLate => "due_too_late",
        }
    }
}

/// A day, which is over when it has ended where the client lives; or an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Due {
    /// Some time on this day.
    On(Date),
    /// By this instant.
    At(Timestamp),
}

/// The years in which something can be due.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;

impl Due {
    /// Reads `2026-12-01`, or an instant with its offset; fractions of a second are dropped.
    pub fn parse(text: &str) -> Result<Self, InvalidDue> {
        let is_day = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let due = if is_day {
            Self::On(text.parse().map_err(|_| InvalidDue::Unreadable)?)
        } else {
            let at: Timestamp = text.parse().map_err(|_| InvalidDue::Unreadable)?;
            Self::At(Timestamp::from_second(at.as_second()).map_err(|_| InvalidDue::Unreadable)?)
        };
        match due.year() {
            year if year < *YEARS.start() => Err(InvalidDue::TooEarly),
            year if year > *YEARS.end() => Err(InvalidDue::TooLate),
            _ => Ok(due),
        }
    }

    fn year(self) -> i16 {
        match self {
            Self::On(day) => day.year(),
            Self::At(at) => at.to_zoned(TimeZone::UTC).year(),
        }
    }

    /// What the calendar and the clock on the wall say then. A day begins it at midnight.
    #[must_use]
    pub fn wall(self, zone: &TimeZone) -> DateTime {
        match self {
            Self::On(day) => day.to_datetime(jiff::civil::Time::midnight()),
            Self::At(at) => at.to_zoned(zone.clone()).datetime(),
        }
    }

    /// The same kind of due date at another reading of calendar and clock; none once nothing can be due any more.
    ///
    /// What the clock skips in spring is as much later, what it shows twice in autumn is the first time.
    #[must_use]
    pub fn moved(self, wall: DateTime, zone: &TimeZone) -> Option<Self> {
        let due = match self {
            Self::On(_) => Self::On(wall.date()),
            Self::At(_) => Self::At(wall.to_zoned(zone.clone()).ok()?.timestamp()),
        };
        YEARS.contains(&due.year()).then_some(due)
    }

    /// From when on it is over.
    #[must_use]
    pub fn over_at(self, zone: &TimeZone) -> Timestamp {
        match self {
            Self::On(day) => {
                let next = day.tomorrow().and_then(|next| next.to_zoned(zone.clone()));
                next.map_or(Timestamp::MAX, |next| next.timestamp())
            }
            Self::At(at) => at,
        }
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_over(self, now: Timestamp, zone: &TimeZone) -> bool {
        now >= self.over_at(zone)
    }
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On(day) => day.fmt(f),
            Self::At(at) => at.fmt(f),
        }
    }
}

impl serde::Serialize for Due {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Due {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|e| serde::de::Error::custom(crate::domain::coded(e.code(), e)))
    }
}

impl utoipa::PartialSchema for Due {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("A day such as 2026-12-01, or an instant such as 2026-12-01T17:00:00Z; 2000 to 2100."))
            .into()
    }
}

impl utoipa::ToSchema for Due {}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    // G1
    #[test]
    fn a_due_date_is_a_day_or_an_instant_between_2000_and_2100() {
        assert_eq!(Due::parse("2026-12-01"), Ok(Due::On(date(2026, 12, 1))));
        let at = "2026-12-01T17:00:00Z".parse().unwrap();
        assert_eq!(Due::parse("2026-12-01T18:00:00.75+01:00"), Ok(Due::At(at)));
        for (text, why) in [
            ("", InvalidDue::Unreadable),
            ("tomorrow", InvalidDue::Unreadable),
            ("2026-13-01", InvalidDue::Unreadable),
            ("2026-02-30", InvalidDue::Unreadable),
            ("2026-12-01T17:00:00", InvalidDue::Unreadable),
            ("20261201", InvalidDue::Unreadable),
            ("1999-12-31", InvalidDue::TooEarly),
            ("2101-01-01", InvalidDue::TooLate),
            ("9999-12-31", InvalidDue::TooLate),
            ("2101-01-01T00:00:00Z", InvalidDue::TooLate),
        ] {
            assert_eq!(Due::parse(text), Err(why), "{text}");
        }
    }

    // G3
    #[test]
    fn a_day_is_over_when_it_has_ended_where_the_client_lives() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let due = Due::parse("2026-12-01").unwrap();
        assert_eq!(due.over_at(&zone), "2026-12-02T05:00:00Z".parse().unwrap());
        assert!(!due.is_over("2026-12-02T04:59:59Z".parse().unwrap(), &zone));
        assert!(due.is_over("2026-12-02T05:00:00Z".parse().unwrap(), &zone));
        assert!(due.is_over("2026-12-02T00:00:00Z".parse().unwrap(), &TimeZone::UTC));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic_and_what_it_reads_reads_back(text in "\\PC{0,30}|[0-9T:Z.+-]{0,30}") {
            if let Ok(due) = Due::parse(&text) {
                prop_assert_eq!(Due::parse(&due.to_string()), Ok(due));
            }
        }

        #[test]
        fn a_due_date_in_range_reads_back(second in 946_684_800_i64..4_133_980_799) {
            let at = Timestamp::from_second(second).unwrap();
            for due in [Due::At(at), Due::On(at.to_zoned(TimeZone::UTC).date())] {
                prop_assert_eq!(Due::parse(&due.to_string()), Ok(due));
            }
        }
    }
}
