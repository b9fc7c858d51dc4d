//! Against a plain oracle: every zone, every transition from 2024 to 2037.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use proptest::prelude::*;

use super::*;
use crate::domain::notifications::WallTime;

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a zone")
}

fn quiet(from: &str, to: &str) -> Option<QuietHours> {
    let time = |text| WallTime::parse(text).expect("a time");
    Some(QuietHours { from: time(from), to: time(to) })
}

fn leads(hours: &[u16]) -> Leads {
    Leads::new(hours.to_vec()).expect("leads")
}

/// When each is due, as text.
fn due(hours: &[u16], in_zone: &str, quiet: Option<QuietHours>, start: &str) -> Vec<String> {
    let (leads, zone) = (leads(hours), zone(in_zone));
    let timing = Timing { leads: &leads, zone: &zone, quiet };
    timing.moments(at(start)).map(|moment| moment.at.to_string()).collect()
}

// I7
#[test]
fn leads_are_few_and_distinct_and_no_longer_than_a_week() {
    assert_eq!(leads(&[2, 24]).hours(), [24, 2]);
    assert_eq!(leads(&[]).hours(), [0u16; 0]);
    assert_eq!(Leads::default().hours(), [24, 2]);
    assert_eq!(Leads::new(vec![1, 2, 3, 4, 5]), Err(BadLeads::TooMany));
    assert_eq!(Leads::new(vec![1, 0]), Err(BadLeads::OutOfRange(1)));
    assert_eq!(Leads::new(vec![169]), Err(BadLeads::OutOfRange(0)));
    assert_eq!(Leads::new(vec![2, 24, 2]), Err(BadLeads::Twice(2)));
}

// I7: whole days are days of the calendar, other leads go by
#[test]
fn a_day_before_is_the_same_time_on_the_clock_whatever_the_clock_did_meanwhile() {
    // New York goes forward on 8 March 2026 at 02:00, back on 1 November at 02:00.
    let york = "America/New_York";
    assert_eq!(due(&[24, 2], york, None, "2026-03-08T18:00:00Z"), ["2026-03-07T19:00:00Z", "2026-03-08T16:00:00Z"]);
    assert_eq!(due(&[24], york, None, "2026-11-01T19:00:00Z"), ["2026-10-31T18:00:00Z"]);
    // 02:30 of the day before is not there: an hour later on the clock.
    assert_eq!(due(&[24], york, None, "2026-03-09T06:30:00Z"), ["2026-03-08T07:30:00Z"]);
    // 01:30 of the day before is there twice: the first.
    assert_eq!(due(&[24], york, None, "2026-11-02T06:30:00Z"), ["2026-11-01T05:30:00Z"]);
    assert_eq!(due(&[6], york, None, "2026-03-08T12:00:00Z"), ["2026-03-08T06:00:00Z"]);
}

// I7, F1
#[test]
fn a_reminder_waits_for_the_end_of_quiet_hours_or_comes_before_they_begin() {
    let night = quiet("21:00", "07:30");
    let oslo = "Europe/Oslo";
    // At 09:00: two hours before is within them, and their end leaves an hour and a half.
    assert_eq!(due(&[2], oslo, night, "2026-05-07T07:00:00Z"), ["2026-05-07T05:30:00Z"]);
    // At 08:00 it does not leave one: the evening before.
    assert_eq!(due(&[2], oslo, night, "2026-05-07T06:00:00Z"), ["2026-05-06T18:50:00Z"]);
    assert_eq!(due(&[24], oslo, night, "2026-05-07T06:00:00Z"), ["2026-05-06T06:00:00Z"]);
    assert_eq!(due(&[2], oslo, quiet("10:00", "11:00"), "2026-05-07T10:30:00Z"), ["2026-05-07T09:00:00Z"]);
}

/// The offset of a zone at an instant, by the table of its transitions alone.
struct Plain {
    /// From when on, which offset in seconds.
    steps: Vec<(Timestamp, i32)>,
}

impl Plain {
    fn of(zone: &TimeZone) -> Self {
        let (first, last) = (at("2023-12-01T00:00:00Z"), at("2038-02-01T00:00:00Z"));
        let mut steps = vec![(Timestamp::MIN, zone.to_offset(first).seconds())];
        let following = zone.following(first).take_while(|step| step.timestamp() < last);
        steps.extend(following.map(|step| (step.timestamp(), step.offset().seconds())));
        Self { steps }
    }

    fn offset(&self, at: Timestamp) -> i32 {
        self.steps.iter().rev().find(|(from, _)| *from <= at).expect("one that holds from ever").1
    }

    fn wall(&self, at: Timestamp) -> DateTime {
        let shifted = at + SignedDuration::from_secs(i64::from(self.offset(at)));
        shifted.to_zoned(TimeZone::UTC).datetime()
    }

    /// The first instant at which the clock shows this; where it is skipped, as much later as the clock is set forward.
    fn first(&self, shown: DateTime) -> Timestamp {
        let utc = shown.to_zoned(TimeZone::UTC).expect("a time").timestamp();
        let candidates: BTreeSet<Timestamp> = self
            .steps
            .iter()
            .map(|(_, offset)| utc - SignedDuration::from_secs(i64::from(*offset)))
            .filter(|candidate| self.wall(*candidate) == shown)
            .collect();
        if let Some(first) = candidates.into_iter().next() {
            return first;
        }
        // Skipped: by the offset that held until then.
        let near = |(from, _): &&(Timestamp, i32)| from.duration_since(utc).abs() < SignedDuration::from_hours(48);
        let gap = self.steps.iter().enumerate().skip(1).find(|(n, step)| {
            let before = self.steps[n - 1].1;
            let moment = utc - SignedDuration::from_secs(i64::from(before));
            near(step) && step.1 > before && moment >= step.0 && self.offset(moment) == step.1
        });
        let (n, _) = gap.expect("a gap");
        utc - SignedDuration::from_secs(i64::from(self.steps[n - 1].1))
    }

    /// Whether the clock shows a quiet time.
    fn is_quiet(&self, quiet: QuietHours, at: Timestamp) -> bool {
        let (time, from, to) = (self.wall(at).time(), quiet.from.time(), quiet.to.time());
        if from < to { from <= time && time < to } else { time >= from || time < to }
    }
}

/// The zones that this build knows, those with the same steps once.
fn zones() -> Vec<(String, TimeZone, Plain)> {
    let mut seen = BTreeSet::new();
    let mut zones = Vec::new();
    for name in jiff::tz::db().available() {
        let Ok(zone) = TimeZone::get(name.as_str()) else { continue };
        let plain = Plain::of(&zone);
        if seen.insert(format!("{:?}", plain.steps)) {
            zones.push((name.to_string(), zone, plain));
        }
    }
    zones
}

// I7: for every zone and every transition from 2024 to 2037
#[test]
fn reminders_around_every_transition_are_when_a_plain_reading_of_the_clock_says() {
    let zones = zones();
    let all = leads(&[168, 48, 24, 2]);
    let (from, to) = (at("2024-01-01T00:00:00Z"), at("2038-01-01T00:00:00Z"));
    let mut transitions = 0;
    for (name, zone, plain) in &zones {
        let timing = Timing { leads: &all, zone, quiet: None };
        let steps: Vec<Timestamp> = plain.steps.iter().map(|(at, _)| *at).filter(|at| *at > from && *at < to).collect();
        transitions += steps.len();
        for step in steps.into_iter().chain([from]) {
            // Starts from just before it to more than a week after it.
            for minutes in (-240..=240).step_by(15).chain(
                [1440, 2880, 10_080]
                    .into_iter()
                    .flat_map(|days: i64| (-120..=120).step_by(30).map(move |minutes: i64| days + minutes)),
            ) {
                let start = step + SignedDuration::from_mins(minutes);
                for Moment { lead, nominal, at } in timing.moments(start) {
                    let wanted = match lead {
                        2 => start - SignedDuration::from_hours(2),
                        _ => plain.first(plain.wall(start).checked_sub(i64::from(lead / 24).days()).expect("a day")),
                    };
                    assert_eq!((nominal, at), (wanted, wanted), "{name}, {lead} hours before {start}");
                }
            }
        }
    }
    // Hundreds of names, but no more histories than these in these years.
    assert!(zones.len() >= 70 && transitions >= 800, "{} zones, {transitions} transitions", zones.len());
}

// I7, F1: likewise with quiet hours: never within them, and never too close to the start for their sake
#[test]
fn no_reminder_around_a_transition_is_due_in_quiet_hours() {
    let all = leads(&[24, 2]);
    let nights = [quiet("21:00", "07:30"), quiet("01:15", "02:45"), quiet("00:00", "03:00"), quiet("02:30", "23:00")];
    for (name, zone, plain) in zones() {
        let steps = plain.steps.iter().skip(1).map(|(at, _)| *at);
        for step in steps.filter(|at| *at > self::at("2024-01-01T00:00:00Z") && *at < self::at("2038-01-01T00:00:00Z"))
        {
            for night in nights.into_iter().flatten() {
                let timing = Timing { leads: &all, zone: &zone, quiet: Some(night) };
                for minutes in (-360..=1560).step_by(60) {
                    let start = step + SignedDuration::from_mins(minutes);
                    for Moment { lead, nominal, at } in timing.moments(start) {
                        let what = format!("{name}, {lead} hours before {start}, {} to {}", night.from, night.to);
                        assert!(!plain.is_quiet(night, at) || night.end(nominal, &zone).is_none(), "{what}: {at}");
                        if !plain.is_quiet(night, nominal) {
                            assert_eq!(at, nominal, "{what}");
                        }
                        assert!(at <= nominal || start.duration_since(at) >= LEFT_BY_QUIET, "{what}: {at}");
                        assert!(nominal.duration_since(at) < SignedDuration::from_hours(26), "{what}: {at}");
                    }
                }
            }
        }
    }
}

proptest! {
    // I7
    #[test]
    fn every_reminder_comes_before_its_session_and_the_same_one_each_time(
        hours in prop::collection::btree_set(1u16..=168, 0..=4), start in 1_700_000_000i64..2_100_000_000,
        night in prop::option::of(((0i8..24, 0i8..60), (0i8..24, 0i8..60))),
        zone in prop::sample::select(vec!["UTC", "Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Asia/Gaza"]),
    ) {
        let text = |(hour, minute)| format!("{hour:02}:{minute:02}");
        let quiet = night.filter(|(from, to)| from != to).and_then(|(from, to)| quiet(&text(from), &text(to)));
        let (leads, zone) = (leads(&hours.into_iter().collect::<Vec<_>>()), TimeZone::get(zone).expect("a zone"));
        let timing = Timing { leads: &leads, zone: &zone, quiet };
        let start = Timestamp::from_second(start).expect("an instant");
        for moment in timing.moments(start) {
            prop_assert!(moment.at < start && moment.nominal < start);
            // Nine days before, nothing is due yet.
            prop_assert!(start.duration_since(moment.at) < SignedDuration::from_hours(9 * 24));
        }
    }
}
