//! How often a task comes again (G1).

use std::collections::BTreeSet;

use jiff::civil::{Date, DateTime};
use jiff::{Span, ToSpan as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::date::Day;
use crate::domain::whole::whole_numbers;

/// What is counted between one and the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// Days.
    Day,
    /// Weeks, which begin on Monday.
    Week,
}

whole_numbers! {
    /// How many days or weeks lie between one and the next.
    Interval: 1 to 52;
    /// How many there are in all.
    Count: 1 to 366;
}

impl Interval {
    const ONE: Self = Self(1);

    const fn one() -> Self {
        Self::ONE
    }
}

/// Why a rule cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRepeat {
    /// Two ends.
    #[error("ends with until or with count, not with both")]
    TwoEnds,
    /// Days of the week where days are counted.
    #[error("has days of the week only where it repeats by week")]
    DaysOfDays,
}

/// How often a task comes again, and until when. Without an end it goes on as long as the tasks do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "Said")]
pub struct Repeat {
    every: Every,
    /// 1 unless given.
    #[schema(required = false)]
    interval: Interval,
    /// On these days of each such week; on the day of the first one if there are none.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[schema(required = false)]
    on: BTreeSet<Day>,
    /// None is due after this day.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Date>,
    /// The first one included.
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<Count>,
}

/// As it is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    every: Every,
    #[serde(default = "Interval::one")]
    interval: Interval,
    #[serde(default)]
    on: BTreeSet<Day>,
    #[serde(default)]
    until: Option<Date>,
    #[serde(default)]
    count: Option<Count>,
}

impl TryFrom<Said> for Repeat {
    type Error = String;

    fn try_from(said: Said) -> Result<Self, String> {
        let Said { every, interval, on, until, count } = said;
        Self::new(every, interval, on, until, count).map_err(|e| crate::domain::coded("contradiction", e))
    }
}

impl Repeat {
    /// Checks.
    pub fn new(
        every: Every,
        interval: Interval,
        on: BTreeSet<Day>,
        until: Option<Date>,
        count: Option<Count>,
    ) -> Result<Self, BadRepeat> {
        if until.is_some() && count.is_some() {
            return Err(BadRepeat::TwoEnds);
        }
        if every == Every::Day && !on.is_empty() {
            return Err(BadRepeat::DaysOfDays);
        }
        Ok(Self { every, interval, on, until, count })
    }

    /// Its parts.
    #[must_use]
    pub const fn parts(&self) -> (Every, Interval, &BTreeSet<Day>, Option<Date>, Option<Count>) {
        (self.every, self.interval, &self.on, self.until, self.count)
    }

    /// The last day on which one can be due, if it says one.
    #[must_use]
    pub const fn until(&self) -> Option<Date> {
        self.until
    }

    /// When the one after the `number`th is due, at the same time of day; none if that was the last.
    #[must_use]
    pub fn next(&self, wall: DateTime, number: u32) -> Option<DateTime> {
        if self.count.is_some_and(|count| number >= u32::from(count.get())) {
            return None;
        }
        let day = self.next_day(wall.date())?;
        let in_time = self.until.is_none_or(|until| day <= until);
        in_time.then(|| day.to_datetime(wall.time()))
    }

    fn next_day(&self, day: Date) -> Option<Date> {
        let interval = i64::from(self.interval.get());
        let after = |day: Date, span: Span| day.checked_add(span).ok();
        let Some(first) = self.on.first() else {
            let span = match self.every {
                Every::Day => interval.days(),
                Every::Week => interval.weeks(),
            };
            return after(day, span);
        };
        let today = Day::of(day);
        let monday = day.checked_sub(today.after_monday().days()).ok()?;
        match self.on.iter().find(|later| **later > today) {
            Some(later) => after(monday, later.after_monday().days()),
            None => after(monday, (interval * 7 + first.after_monday()).days()),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::Due;
    use super::*;

    fn rule(said: serde_json::Value) -> Repeat {
        serde_json::from_value(said).unwrap()
    }

    /// The days on which it is due from the first on, at most so many.
    fn days(repeat: &Repeat, first: Date, most: usize) -> Vec<Date> {
        let first = (first.to_datetime(jiff::civil::time(9, 30, 0, 0)), 1_u32);
        let next = |(wall, number): &(DateTime, u32)| Some((repeat.next(*wall, *number)?, number + 1));
        std::iter::successors(Some(first), next).take(most).map(|(wall, _)| wall.date()).collect()
    }

    // G1
    #[test]
    fn a_task_comes_again_on_the_days_that_were_said() {
        let weekly = rule(json!({"every": "week", "on": ["wed", "mon"]}));
        let expected = [date(2026, 12, 2), date(2026, 12, 7), date(2026, 12, 9), date(2026, 12, 14)];
        assert_eq!(days(&weekly, date(2026, 12, 2), 4), expected);
        let second = rule(json!({"every": "week", "interval": 2, "on": ["sun"]}));
        assert_eq!(days(&second, date(2026, 12, 6), 3), [date(2026, 12, 6), date(2026, 12, 20), date(2027, 1, 3)]);
        let third = rule(json!({"every": "day", "interval": 3, "count": 3}));
        assert_eq!(days(&third, date(2028, 2, 27), 9), [date(2028, 2, 27), date(2028, 3, 1), date(2028, 3, 4)]);
        let until = rule(json!({"every": "day", "until": "2026-12-03"}));
        assert_eq!(days(&until, date(2026, 12, 2), 9), [date(2026, 12, 2), date(2026, 12, 3)]);
        let plain = rule(json!({"every": "week"}));
        assert_eq!(days(&plain, date(2026, 12, 2), 2), [date(2026, 12, 2), date(2026, 12, 9)]);
    }

    // G1: the clock goes back on 1 November 2026 and forward on 14 March 2027
    #[test]
    fn the_time_of_day_stays_when_the_clock_is_changed() {
        let zone = TimeZone::get("America/New_York").unwrap();
        let repeat = rule(json!({"every": "day"}));
        let mut due = Due::parse("2026-10-31T13:30:00Z").unwrap();
        let wall = repeat.next(due.wall(&zone), 1).unwrap();
        due = due.moved(wall, &zone).unwrap();
        assert_eq!(due, Due::parse("2026-11-01T14:30:00Z").unwrap());
        // What is skipped in spring is later on that day, and back where it was on the next.
        let start = Due::parse("2027-03-13T07:30:00Z").unwrap();
        let skipped = repeat.next(start.wall(&zone), 1).unwrap();
        assert_eq!(start.moved(skipped, &zone), Some(Due::parse("2027-03-14T07:30:00Z").unwrap()));
        let after = repeat.next(skipped, 2).unwrap();
        assert_eq!(start.moved(after, &zone), Some(Due::parse("2027-03-15T06:30:00Z").unwrap()));
    }

    // G1
    #[test]
    fn a_rule_that_contradicts_itself_is_refused() {
        for (said, code) in [
            (json!({"every": "week", "until": "2027-01-01", "count": 3}), "contradiction"),
            (json!({"every": "day", "on": ["mon"]}), "contradiction"),
            (json!({"every": "day", "interval": 0}), "out_of_range"),
            (json!({"every": "day", "interval": 53}), "out_of_range"),
            (json!({"every": "day", "count": 0}), "out_of_range"),
            (json!({"every": "day", "count": 367}), "out_of_range"),
            (json!({"every": "day", "count": 70_000}), "out_of_range"),
        ] {
            let refused = serde_json::from_value::<Repeat>(said.clone()).unwrap_err().to_string();
            assert!(refused.starts_with(code), "{said}: {refused}");
        }
        for said in [json!({"every": "month"}), json!({"every": "week", "on": ["someday"]}), json!({"by": 1})] {
            assert!(serde_json::from_value::<Repeat>(said).is_err());
        }
    }

    prop_compose! {
        fn any_rule()(
            weekly: bool,
            interval in 1_u16..=52,
            on in prop::collection::btree_set(0_usize..7, 0..=7),
            end in 0_u8..3,
            count in 1_u16..=366,
            later in 0_i64..2000,
        ) -> Repeat {
            let all = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri, Day::Sat, Day::Sun];
            let every = if weekly { Every::Week } else { Every::Day };
            let on = if weekly { on.into_iter().map(|at| all[at]).collect() } else { BTreeSet::new() };
            let until = (end == 1).then(|| date(2026, 1, 1).saturating_add(later.days()));
            let count = (end == 2).then(|| Count::new(count).unwrap());
            Repeat::new(every, Interval::new(interval).unwrap(), on, until, count).unwrap()
        }
    }

    proptest! {
        // G1
        #[test]
        fn the_next_one_is_later_on_a_day_that_was_said_and_the_end_ends_it(
            repeat in any_rule(),
            start in 0_i64..3650,
        ) {
            let first = date(2026, 1, 1).saturating_add(start.days());
            let all = days(&repeat, first, 400);
            let (every, interval, on, until, count) = repeat.parts();
            for pair in all.windows(2) {
                prop_assert!(pair[1] > pair[0]);
                prop_assert!(until.is_none_or(|until| pair[1] <= until));
                if !on.is_empty() {
                    prop_assert!(on.contains(&Day::of(pair[1])));
                }
                let weeks = |day: Date| {
                    let monday = day.checked_sub(Day::of(day).after_monday().days()).unwrap();
                    monday.since(date(2026, 1, 5)).unwrap().get_days() / 7
                };
                let apart = match every {
                    Every::Day => pair[1].since(pair[0]).unwrap().get_days(),
                    Every::Week => weeks(pair[1]) - weeks(pair[0]),
                };
                let interval = i32::from(interval.get());
                // The first one may be due on a day that the rule does not name.
                let within = apart == 0 && !on.is_empty();
                prop_assert!(apart == interval || within, "{} {}", apart, interval);
            }
            if let Some(count) = count {
                prop_assert_eq!(all.len(), usize::from(count.get()));
            }
            if until.is_none() && count.is_none() {
                prop_assert_eq!(all.len(), 400);
            }
        }

        // G1
        #[test]
        fn the_time_on_the_wall_is_kept_in_every_zone(
            repeat in any_rule(),
            second in 1_767_225_600_i64..2_082_758_400,
            zone in prop::sample::select(vec!["America/New_York", "Europe/Oslo", "Asia/Kolkata", "Australia/Lord_Howe"]),
        ) {
            let zone = TimeZone::get(zone).unwrap();
            let due = Due::At(jiff::Timestamp::from_second(second).unwrap());
            let (first, mut wall) = (due.wall(&zone), due.wall(&zone));
            for number in 1..60 {
                let Some(next) = repeat.next(wall, number) else { break };
                prop_assert_eq!(next.time(), first.time());
                let moved = due.moved(next, &zone).unwrap();
                let shown = moved.wall(&zone);
                // Only what the clock skips is shown later.
                let skipped = zone.to_ambiguous_zoned(next).is_ambiguous() && shown != next;
                prop_assert!(shown == next || (skipped && shown > next && shown.date() == next.date()));
                wall = next;
            }
        }

        // G1
        #[test]
        fn a_rule_reads_back(repeat in any_rule()) {
            let said = serde_json::to_value(&repeat).unwrap();
            prop_assert_eq!(rule(said), repeat);
        }
    }
}
