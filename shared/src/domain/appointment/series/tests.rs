use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::civil::{DateTime, date};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn repeat(said: serde_json::Value) -> SessionRepeat {
    serde_json::from_value(said).expect("a rule")
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a zone")
}

fn hour(start: &str) -> Times {
    let start: Timestamp = start.parse().expect("an instant");
    Times::new(start, start + SignedDuration::from_mins(50)).expect("times")
}

/// When each begins, as the clock of the zone shows it.
fn shown(said: serde_json::Value, start: &str, name: &str) -> Vec<String> {
    let zone = zone(name);
    let (all, _) = repeat(said).sessions(hour(start), &zone).expect("a series");
    all.iter().map(|(_, times)| zone.to_datetime(times.start()).to_string()).collect()
}

// I8, security REL-9
#[test]
fn a_series_keeps_the_time_on_the_wall_over_a_turn_of_the_clock() {
    // The clock goes back on 1 November 2026.
    let weekly = shown(json!({"count": 3}), "2026-10-26T13:00:00Z", "America/New_York");
    assert_eq!(weekly, ["2026-10-26T09:00:00", "2026-11-02T09:00:00", "2026-11-09T09:00:00"]);
    let until = json!({"every_weeks": 2, "until": "2026-11-09"});
    let second = shown(until, "2026-10-26T13:00:00Z", "America/New_York");
    assert_eq!(second, ["2026-10-26T09:00:00", "2026-11-09T09:00:00"]);
    // 02:30 on 14 March 2027 is skipped, on 7 November 2027 shown twice.
    let skipped = repeat(json!({"count": 3})).sessions(hour("2027-03-07T07:30:00Z"), &zone("America/New_York"));
    let starts: Vec<String> = skipped.expect("a series").0.iter().map(|(_, t)| t.start().to_string()).collect();
    assert_eq!(starts, ["2027-03-07T07:30:00Z", "2027-03-14T07:30:00Z", "2027-03-21T06:30:00Z"]);
    let twice = weeks_later("2027-10-31T05:30:00Z".parse().expect("an instant"), 1, &zone("America/New_York"));
    assert_eq!(twice.map(|at| at.to_string()), Some("2027-11-07T05:30:00Z".to_owned()));
    // The first one is when it was said to be, even if that is the second time that the clock shows it.
    let second = "2027-11-07T06:30:00Z";
    let series = repeat(json!({"count": 2})).sessions(hour(second), &zone("America/New_York")).expect("a series");
    assert_eq!(series.0[0].1.start().to_string(), second);
    assert_eq!(series.0[1].1.start().to_string(), "2027-11-14T06:30:00Z");
}

// I8
#[test]
fn what_is_left_out_keeps_its_number() {
    let first = hour("2026-12-01T15:00:00Z");
    let utc = TimeZone::UTC;
    let rule = repeat(json!({"count": 4, "skip": ["2026-12-01", "2026-12-15", "2026-12-15"]}));
    let (all, of) = rule.sessions(first, &utc).expect("a series");
    assert_eq!((all.iter().map(|(index, _)| *index).collect::<Vec<_>>(), of), (vec![2, 4], 4));
    let refused = |said| repeat(said).sessions(first, &utc).expect_err("a refusal");
    assert_eq!(refused(json!({"count": 4, "skip": ["2026-12-08", "2026-12-09"]})), BadRepeat::SkipsNothing(1));
    assert_eq!(refused(json!({"count": 2, "skip": ["2026-12-08", "2026-12-01"]})), BadRepeat::NoneLeft);
    assert_eq!(refused(json!({"count": 2, "skip": vec!["2026-12-08"; 29]})), BadRepeat::TooManySkipped);
}

// I8
#[test]
fn a_series_has_two_to_twenty_eight_sessions_and_one_end() {
    let first = hour("2026-12-01T15:00:00Z");
    let count = |said| repeat(said).sessions(first, &TimeZone::UTC).map(|(all, of)| (all.len(), of));
    assert_eq!(count(json!({"count": 28})), Ok((28, 28)));
    assert_eq!(count(json!({"until": "2027-06-08"})), Ok((28, 28)));
    assert_eq!(count(json!({"until": "2027-06-15"})), Err(BadRepeat::UntilTooLate));
    assert_eq!(count(json!({"until": "2090-01-01", "every_weeks": 12})), Err(BadRepeat::UntilTooLate));
    for until in ["2026-12-07", "2026-12-01", "2026-11-30", "1990-01-01"] {
        assert_eq!(count(json!({"until": until})), Err(BadRepeat::UntilTooEarly), "{until}");
    }
    assert_eq!(count(json!({"until": "2026-12-08"})), Ok((2, 2)));
    let late = hour("2099-12-20T15:00:00Z");
    let refused = repeat(json!({"count": 9})).sessions(late, &TimeZone::UTC);
    assert_eq!(refused, Err(BadRepeat::OutOfRange));
    for (said, code) in [
        (json!({"count": 1}), "out_of_range"),
        (json!({"count": 31}), "out_of_range"),
        (json!({"count": 10_000}), "out_of_range"),
        (json!({"count": 100_000}), "out_of_range"),
        (json!({"count": 2, "every_weeks": 0}), "out_of_range"),
        (json!({"count": 2, "every_weeks": 13}), "out_of_range"),
        (json!({}), "contradiction"),
        (json!({"count": 2, "until": "2027-01-01"}), "contradiction"),
    ] {
        let refused = serde_json::from_value::<SessionRepeat>(said.clone()).expect_err("a refusal").to_string();
        assert!(refused.starts_with(code), "{said}: {refused}");
    }
}

/// When the clock shows this for the first time, looked for minute by minute; where it never does, as much behind the leap
/// as it would have been.
fn plain(wall: DateTime, zone: &TimeZone) -> Timestamp {
    let around = TimeZone::UTC.to_timestamp(wall).expect("an instant") - SignedDuration::from_hours(15);
    let minutes = (0..30 * 60).map(|n| around + SignedDuration::from_mins(n));
    let mut before = None;
    for at in minutes {
        let now = zone.to_datetime(at);
        if now == wall {
            return at;
        }
        if now > wall && before.is_some_and(|(_, shown)| shown < wall) {
            let (at, shown): (Timestamp, DateTime) = before.expect("a minute");
            return at + wall.duration_since(shown);
        }
        before = Some((at, now));
    }
    panic!("{wall} is never shown")
}

/// The turns of a zone's clock between 2024 and 2037, or some day if there are none.
fn turns(zone: &TimeZone) -> Vec<Timestamp> {
    let (from, to) = (Timestamp::constant(1_704_067_200, 0), Timestamp::constant(2_145_916_800, 0));
    let turns: Vec<_> = zone.following(from).map(|turn| turn.timestamp()).take_while(|at| *at < to).collect();
    if turns.is_empty() { vec![from] } else { turns }
}

fn compare(zone: &TimeZone, start: Timestamp, every: u16, name: &str) {
    let (count, start) = (4, start.round(jiff::Unit::Minute).expect("an instant"));
    let first = Times::new(start, start + SignedDuration::from_mins(50)).expect("times");
    let (found, _) = repeat(json!({"every_weeks": every, "count": count})).sessions(first, zone).expect("a series");
    let wall = zone.to_datetime(start);
    for (index, times) in found {
        let weeks = i64::from(index - 1) * i64::from(every);
        let wanted = if index == 1 { start } else { plain(wall + (weeks * 7).days(), zone) };
        assert_eq!(times.start(), wanted, "{name}: {start}, every {every}, {index}");
        assert_eq!(times.length(), first.length());
    }
}

// I8, REL-9: every zone that this build knows, each turn of its clock once
#[test]
fn every_zone_s_every_turn_of_the_clock_is_kept_by_a_series() {
    let (mut seen, mut compared) = (BTreeSet::new(), 0);
    for name in jiff::tz::db().available() {
        let Ok(zone) = TimeZone::get(name.as_str()) else { continue };
        for turn in turns(&zone) {
            let before = zone.to_offset(turn - SignedDuration::from_secs(1)).seconds();
            let after = zone.to_offset(turn).seconds();
            // Zones of one name or another turn their clocks together.
            if !seen.insert((turn, before, after)) {
                continue;
            }
            // Before the leap, in it and behind it, one and two weeks later.
            for (every, weeks, minutes) in [(1, 1, -30), (1, 1, 30), (2, 2, 0), (1, 2, 60), (2, 4, 90)] {
                let start = turn - SignedDuration::from_hours(weeks * 7 * 24) + SignedDuration::from_mins(minutes);
                compare(&zone, start, every, name.as_str());
                compared += 1;
            }
        }
    }
    assert!(compared > 1500, "{compared}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    // I8, REL-9
    #[test]
    fn a_series_is_that_of_a_plain_count_of_minutes(
        name in prop::sample::select(vec!["America/New_York", "Europe/Oslo", "Australia/Lord_Howe", "Africa/Casablanca"]),
        minute in 28_401_120_i64..35_765_280, every in 1_u16..=12,
    ) {
        compare(&zone(name), Timestamp::from_second(minute * 60).expect("an instant"), every, name);
    }

    // I8
    #[test]
    fn sessions_are_on_one_weekday_apart_by_the_rule_and_never_behind_its_end(
        start in 0_i64..20_000, every in 1_u16..=12, days in 0_i64..3000,
    ) {
        let (zone, start) = (zone("Europe/London"), Timestamp::constant(1_767_225_600, 0) + SignedDuration::from_hours(start));
        let first = Times::new(start, start + SignedDuration::from_mins(50)).expect("times");
        let until = zone.to_datetime(start).date() + days.days();
        let said = repeat(json!({"every_weeks": every, "until": until}));
        let most = 1 + days / (7 * i64::from(every));
        match said.sessions(first, &zone) {
            Err(refused) => {
                let wanted = if most < 2 { BadRepeat::UntilTooEarly } else { BadRepeat::UntilTooLate };
                prop_assert!(!(2..=28).contains(&most));
                prop_assert_eq!(refused, wanted);
            }
            Ok((all, of)) => {
                prop_assert_eq!((all.len(), i64::from(of)), (usize::from(of), most));
                for (index, times) in all {
                    let on = zone.to_datetime(times.start()).date();
                    let since = on.since(zone.to_datetime(start).date()).expect("days").get_days();
                    prop_assert_eq!(since, 7 * i32::from(every) * i32::from(index - 1));
                    prop_assert!(on <= until);
                }
            }
        }
    }
}

// I8
#[test]
fn a_leap_day_is_a_day_like_any_other() {
    let series = shown(json!({"count": 2, "every_weeks": 12}), "2027-12-07T15:00:00Z", "UTC");
    assert_eq!(series, ["2027-12-07T15:00:00", "2028-02-29T15:00:00"]);
    assert_eq!(date(2028, 2, 29).weekday(), date(2027, 12, 7).weekday());
}
