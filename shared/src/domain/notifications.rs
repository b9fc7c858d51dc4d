//! Which notices somebody wants, and when (F1, H2, K3).
//!
//! Only what can wait has a topic. What keeps access safe, such as invitations, sign-in links and changes of how somebody
//! signs in, is always sent.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::practice::PortalFeature;

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Shared notes.
    Notes,
    /// Tasks that were set.
    Tasks,
    /// Messages that wait.
    Messages,
    /// Files that came or were shared.
    Files,
    /// Clients that change hands. For staff.
    Caseload,
    /// Sessions that are booked, moved, called off, asked for or answered.
    Appointments,
    /// Sessions that begin soon. For clients.
    Reminders,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 7] =
        [Self::Notes, Self::Tasks, Self::Messages, Self::Files, Self::Caseload, Self::Appointments, Self::Reminders];

    /// Its name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notes => "notes",
            Self::Tasks => "tasks",
            Self::Messages => "messages",
            Self::Files => "files",
            Self::Caseload => "caseload",
            Self::Appointments => "appointments",
            Self::Reminders => "reminders",
        }
    }

    /// Its number in a token; never changes.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Notes => 1,
            Self::Tasks => 2,
            Self::Messages => 3,
            Self::Files => 4,
            Self::Caseload => 5,
            Self::Appointments => 6,
            Self::Reminders => 7,
        }
    }

    /// The topic with this number.
    #[must_use]
    pub fn of_number(number: u128) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| u128::from(topic.number()) == number)
    }

    /// Whether there are such notices for clients.
    #[must_use]
    pub const fn is_for_clients(self) -> bool {
        !matches!(self, Self::Caseload)
    }

    /// Whether there are such notices for staff.
    #[must_use]
    pub const fn is_for_staff(self) -> bool {
        !matches!(self, Self::Reminders)
    }

    /// The part of the portal in which a client finds what it was told of; none for its calendar, which is always there.
    #[must_use]
    pub const fn feature(self) -> Option<PortalFeature> {
        match self {
            Self::Notes => Some(PortalFeature::Notes),
            Self::Tasks => Some(PortalFeature::Tasks),
            Self::Messages => Some(PortalFeature::Messages),
            Self::Files => Some(PortalFeature::Files),
            Self::Caseload | Self::Appointments | Self::Reminders => None,
        }
    }
}

/// Why quiet hours are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadQuietHours {
    /// Not a time of day.
    #[error("must be a time of day such as 21:30")]
    Shape,
    /// From a time to itself.
    #[error("must not end when they begin; turn topics off to get no notices at all")]
    Whole,
}

/// A time of day to the minute, as a clock on the wall shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, utoipa::ToSchema)]
#[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$")]
pub struct WallTime(Time);

impl WallTime {
    /// Reads `21:30`.
    pub fn parse(text: &str) -> Result<Self, BadQuietHours> {
        let digits = |part: &str| match part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()) {
            true => part.parse::<i8>().map_err(|_| BadQuietHours::Shape),
            false => Err(BadQuietHours::Shape),
        };
        let (hour, minute) = text.split_once(':').ok_or(BadQuietHours::Shape)?;
        Time::new(digits(hour)?, digits(minute)?, 0, 0).map(Self).map_err(|_| BadQuietHours::Shape)
    }

    /// What the clock shows.
    #[must_use]
    pub const fn time(self) -> Time {
        self.0
    }

    /// How many minutes of the day have gone by when the clock shows it.
    #[must_use]
    pub fn minute(self) -> u16 {
        u16::from(self.0.hour().unsigned_abs()) * 60 + u16::from(self.0.minute().unsigned_abs())
    }
}

impl std::fmt::Display for WallTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

impl Serialize for WallTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WallTime {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|e| serde::de::Error::custom(super::coded("time_invalid", e)))
    }
}

/// When no notice is to come, by the clocks of the practice's zone. May go over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct QuietHours {
    pub from: WallTime,
    /// Not quiet any more from then on.
    pub to: WallTime,
}

impl QuietHours {
    /// Refuses hours that have no end.
    pub fn check(self) -> Result<(), BadQuietHours> {
        if self.from == self.to { Err(BadQuietHours::Whole) } else { Ok(()) }
    }

    /// When they end, if they last at this moment.
    ///
    /// An end that the clock skips is as much later as it is set forward; of one that it shows twice, the first counts.
    #[must_use]
    pub fn end(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let (Self { from: WallTime(from), to: WallTime(to) }, local) = (self, zone.to_datetime(now));
        let time = local.time();
        let over_midnight = from > to;
        let lasts = if over_midnight { time >= from || time < to } else { from <= time && time < to };
        if !lasts {
            return None;
        }
        let day = local.date();
        let day = if over_midnight && time >= from { day.tomorrow().ok()? } else { day };
        let end = zone.to_ambiguous_zoned(day.to_datetime(to)).compatible().ok()?.timestamp();
        // In an hour that a clock shows twice, its end may have been before.
        (end > now).then_some(end)
    }

    /// When those began that last at this moment; where a clock skips or repeats the time, the earliest it can have been.
    #[must_use]
    pub fn begin(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let (Self { from: WallTime(from), .. }, local) = (self, zone.to_datetime(now));
        let day = if local.time() >= *from { local.date() } else { local.date().yesterday().ok()? };
        let begin = zone.to_ambiguous_zoned(day.to_datetime(*from)).earlier().ok()?.timestamp();
        Some(begin.min(now))
    }
}

/// What somebody has set; everything is on to begin with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notifications {
    /// What they do not want.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub off: BTreeSet<Topic>,
    /// Of these, what they have turned off themselves: a consent that is withdrawn, and nobody's to give but theirs.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub refused: BTreeSet<Topic>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
}

impl Notifications {
    /// Whether nothing was ever set.
    #[must_use]
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    #[must_use]
    pub fn wants(&self, topic: Topic) -> bool {
        !self.off.contains(&topic)
    }

    /// Turns a topic on or off; says whether that changes anything.
    pub fn set(&mut self, topic: Topic, on: bool) -> bool {
        if on { self.off.remove(&topic) } else { self.off.insert(topic) }
    }

    /// What they have just turned off themselves, and have not before, is theirs to turn on again.
    pub fn own(&mut self, before: &Self) {
        self.refused.extend(self.off.difference(&before.off));
        self.refused.retain(|topic| self.off.contains(topic));
    }

    /// What they refused and somebody else has turned on.
    #[must_use]
    pub fn overruled(&self) -> Option<Topic> {
        self.refused.iter().find(|topic| self.wants(**topic)).copied()
    }

    /// Until when a notice waits that is written now.
    #[must_use]
    pub fn not_before(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        self.quiet?.end(now, zone)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hours(from: &str, to: &str) -> QuietHours {
        QuietHours { from: WallTime::parse(from).expect("a time"), to: WallTime::parse(to).expect("a time") }
    }

    fn end(hours: QuietHours, now: &str, zone: &str) -> Option<String> {
        let zone = TimeZone::get(zone).expect("a zone");
        hours.end(now.parse().expect("an instant"), &zone).map(|at| at.to_string())
    }

    // F1
    #[test]
    fn quiet_hours_end_at_their_wall_clock_time_also_over_midnight() {
        let night = hours("21:00", "07:30");
        assert_eq!(end(night, "2026-05-06T20:59:59Z", "UTC"), None);
        assert_eq!(end(night, "2026-05-06T21:00:00Z", "UTC").as_deref(), Some("2026-05-07T07:30:00Z"));
        assert_eq!(end(night, "2026-05-07T07:29:59Z", "UTC").as_deref(), Some("2026-05-07T07:30:00Z"));
        assert_eq!(end(night, "2026-05-07T07:30:00Z", "UTC"), None);
        let noon = hours("12:00", "13:00");
        assert_eq!(end(noon, "2026-05-06T10:15:00Z", "Europe/Oslo").as_deref(), Some("2026-05-06T11:00:00Z"));
        // The clock goes from 02:00 to 03:00: an end that it does not show is an hour later on it.
        let spring = hours("23:00", "02:30");
        assert_eq!(end(spring, "2026-03-28T23:30:00Z", "Europe/Oslo").as_deref(), Some("2026-03-29T01:30:00Z"));
    }

    #[test]
    fn a_time_of_day_has_two_digits_each() {
        for bad in ["", "7:00", "24:00", "07:60", "07:00:00", "+7:00", "0７:00", "07-00", "-1:00"] {
            assert_eq!(WallTime::parse(bad), Err(BadQuietHours::Shape), "{bad}");
        }
        assert_eq!(hours("07:00", "07:00").check(), Err(BadQuietHours::Whole));
    }

    proptest! {
        #[test]
        fn what_waits_waits_less_than_two_days_and_comes_when_it_is_quiet_no_more(
            from in (0i8..24, 0i8..60), to in (0i8..24, 0i8..60), now in 1_700_000_000i64..1_900_000_000,
            zone in prop::sample::select(vec!["UTC", "Europe/Oslo", "America/New_York", "Australia/Lord_Howe"]),
        ) {
            let text = |(hour, minute)| format!("{hour:02}:{minute:02}");
            let hours = hours(&text(from), &text(to));
            let now = Timestamp::from_second(now).expect("an instant");
            let zone = TimeZone::get(zone).expect("a zone");
            if let Some(end) = hours.end(now, &zone) {
                prop_assert!(end > now && end.duration_since(now) < jiff::SignedDuration::from_hours(26));
                prop_assert_eq!(hours.end(end, &zone), None);
            }
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in ".{0,8}") {
            if let Ok(time) = WallTime::parse(&text) {
                prop_assert_eq!(time.to_string(), text);
            }
        }
    }
}
