use std::collections::BTreeSet;
use std::sync::OnceLock;

use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use proptest::prelude::*;
use uuid::Uuid;

use super::oracle::{self, Asked};
use super::*;
use crate::domain::appointment::{AppointmentStatus, Booking, CalendarDay, Times};
use crate::domain::ids::{AppointmentId, ClientId};
use crate::domain::notifications::WallTime;
use crate::domain::service::SessionNeeds;

fn time(text: &str) -> WallTime {
    WallTime::parse(text).expect("a time")
}

fn hours(from: &str, to: &str) -> Hours {
    Hours::new(time(from), time(to)).expect("hours")
}

fn on(day: Day, from: &str, to: &str) -> WeeklyHours {
    WeeklyHours { day, hours: hours(from, to) }
}

fn plan(zone: &str, weekly: Vec<WeeklyHours>, exceptions: Vec<Exception>) -> Plan {
    Plan::new(Zone::parse(zone).expect("a zone"), weekly, exceptions, None).expect("a plan")
}

fn booked(times: &[(Timestamp, Timestamp)]) -> Taken {
    let client = ClientId::from_uuid(Uuid::from_u128(1));
    let booking = |(n, (start, end)): (usize, &(Timestamp, Timestamp))| Booking {
        id: AppointmentId::new(client, Uuid::from_u128(n as u128)),
        times: Times::new(*start, *end).expect("times"),
        status: AppointmentStatus::Scheduled,
    };
    let practice = PracticeId::from_uuid(Uuid::nil());
    let mut day = CalendarDay::empty(practice, StaffId::from_uuid(Uuid::nil()), date(2026, 1, 1));
    day.bookings = times.iter().enumerate().map(booking).collect();
    Taken::of(&[day])
}

fn any_time(dates: (Date, Date)) -> Window {
    Window { dates, earliest: Timestamp::MIN, latest: Timestamp::MAX }
}

/// The starts of sessions of an hour, one an hour, on one date.
fn starts(plan: &Plan, date: Date) -> Vec<String> {
    let free = Free { needs: SessionNeeds::bare(60), step: SignedDuration::from_mins(60) };
    let times = free_times(plan, free, any_time((date, date)), &Taken::default());
    times.iter().map(|times| times.start().to_string()).collect()
}

// I2
#[test]
fn hours_are_a_part_of_a_day_a_whole_one_or_go_over_midnight() {
    assert_eq!(Hours::new(time("09:00"), time("09:00")), Err(SameTimes));
    let day = date(2026, 12, 1);
    let lasts = |from: &str, to: &str| {
        let (start, end) = hours(from, to).on(day, &TimeZone::UTC).expect("hours");
        end.duration_since(start).as_mins()
    };
    assert_eq!(lasts("09:00", "17:00"), 480);
    assert_eq!(lasts("17:00", "00:00"), 420);
    assert_eq!(lasts("22:00", "02:00"), 240);
    assert_eq!(lasts("00:00", "00:00"), 1440);
}

// I2
#[test]
fn weekly_hours_do_not_overlap_over_midnight_and_over_the_week_s_end_either() {
    let bad = |weekly: Vec<WeeklyHours>| Plan::new(Zone::parse("UTC").expect("a zone"), weekly, Vec::new(), None);
    let apart = vec![on(Day::Mon, "09:00", "12:00"), on(Day::Mon, "12:00", "15:00"), on(Day::Sun, "22:00", "09:00")];
    assert!(bad(apart).is_ok());
    let at = |first, second| Err(vec![BadPlan::Overlap(first, second)]);
    assert_eq!(bad(vec![on(Day::Mon, "09:00", "12:00"), on(Day::Mon, "11:59", "15:00")]), at(0, 1));
    assert_eq!(bad(vec![on(Day::Mon, "22:00", "02:00"), on(Day::Tue, "01:00", "03:00")]), at(0, 1));
    assert_eq!(bad(vec![on(Day::Mon, "01:00", "03:00"), on(Day::Sun, "22:00", "02:00")]), at(0, 1));
    assert_eq!(bad(vec![on(Day::Sun, "00:00", "00:00"), on(Day::Sun, "23:00", "00:00")]), at(0, 1));
}

// I2
#[test]
fn what_nobody_s_plan_can_be_is_named_with_its_place() {
    let zone = || Zone::parse("UTC").expect("a zone");
    let (first, last) = (date(2026, 12, 24), date(2026, 12, 1));
    let exceptions = vec![
        Exception::Closed { first, last },
        Exception::Open { date: date(1999, 12, 31), hours: hours("09:00", "10:00") },
        Exception::Closed { first, last: date(2100, 1, 1) },
    ];
    let bad = Plan::new(zone(), Vec::new(), exceptions, Some(0)).expect_err("a refusal");
    let pointers: Vec<String> = bad.iter().map(|one| one.pointer()).collect();
    assert_eq!(pointers, ["/exceptions/0/until", "/exceptions/1/date", "/exceptions/2/until", "/daily_max"]);
    let many = vec![Exception::Closed { first, last: first }; 201];
    assert_eq!(Plan::new(zone(), Vec::new(), many, None), Err(vec![BadPlan::TooManyExceptions]));
    let many = (0..51).map(|_| on(Day::Mon, "09:00", "10:00")).collect();
    assert_eq!(Plan::new(zone(), many, Vec::new(), None), Err(vec![BadPlan::TooManyWeekly]));
}

// I2
#[test]
fn a_closed_date_loses_its_weekly_hours_and_keeps_those_given_for_it() {
    let tuesday = date(2026, 12, 1);
    let weekly = vec![on(Day::Mon, "22:00", "02:00"), on(Day::Tue, "09:00", "11:00")];
    let closed = Exception::Closed { first: tuesday, last: tuesday };
    let extra = Exception::Open { date: tuesday, hours: hours("15:00", "16:00") };
    let of = |exceptions| starts(&plan("UTC", weekly.clone(), exceptions), tuesday);
    let at = |hours: &[&str]| hours.iter().map(|hour| format!("2026-12-01T{hour}:00:00Z")).collect::<Vec<_>>();
    assert_eq!(of(vec![]), at(&["00", "01", "09", "10"]));
    // The night that began on Monday is Monday's.
    assert_eq!(of(vec![closed]), at(&["00", "01"]));
    assert_eq!(of(vec![extra]), at(&["00", "01", "09", "10", "15"]));
    assert_eq!(of(vec![closed, extra]), at(&["00", "01", "15"]));
}

// I2, REL-9
#[test]
fn a_skipped_time_is_later_and_of_two_the_first_counts() {
    let sunday = |from: &str, to: &str| plan("Europe/Oslo", vec![on(Day::Sun, from, to)], Vec::new());
    // On 29 March the clock goes from 02:00 to 03:00; on 25 October from 03:00 back to 02:00.
    let spring = date(2026, 3, 29);
    assert_eq!(starts(&sunday("01:00", "04:00"), spring), ["2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z"]);
    assert_eq!(starts(&sunday("02:30", "04:30"), spring), ["2026-03-29T01:30:00Z"]);
    assert_eq!(starts(&sunday("02:00", "03:00"), spring), Vec::<String>::new());
    let autumn = date(2026, 10, 25);
    let first = ["2026-10-24T23:00:00Z", "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"];
    assert_eq!(starts(&sunday("01:00", "03:00"), autumn), first);
    assert_eq!(starts(&sunday("02:00", "03:00"), autumn), first[1..]);
}

// I2
#[test]
fn what_is_booked_takes_its_time_with_the_service_s_buffers_and_a_full_day_offers_nothing() {
    let day = date(2026, 12, 1);
    let at = |text: &str| format!("2026-12-01T{text}:00Z").parse::<Timestamp>().expect("an instant");
    let mut plan = plan("UTC", vec![on(Day::Tue, "09:00", "12:00")], Vec::new());
    let needs = SessionNeeds { before: SignedDuration::from_mins(10), ..SessionNeeds::bare(50) };
    let free = Free { needs, step: SignedDuration::from_mins(30) };
    let taken = booked(&[(at("10:00"), at("10:55"))]);
    let of = |plan: &Plan, taken: &Taken| -> Vec<Timestamp> {
        free_times(plan, free, any_time((day, day)), taken).iter().map(|times| times.start()).collect()
    };
    assert_eq!(of(&plan, &taken), [at("09:00")]);
    // What the client has needs no buffer.
    let own = Taken::default().and_client([Times::new(at("10:00"), at("10:30")).expect("times")]);
    assert_eq!(of(&plan, &own), [at("09:00"), at("10:30"), at("11:00")]);
    plan.daily_max = Some(1);
    assert_eq!(of(&plan, &taken), []);
    assert_eq!(of(&plan, &Taken::default()).len(), 5);
}

// I2
#[test]
fn hours_that_touch_are_one_stretch() {
    let day = date(2026, 12, 1);
    let plan = plan("UTC", vec![on(Day::Tue, "09:00", "10:30"), on(Day::Tue, "10:30", "12:00")], Vec::new());
    assert_eq!(starts(&plan, day), ["2026-12-01T09:00:00Z", "2026-12-01T10:00:00Z", "2026-12-01T10:30:00Z"]);
}

/// Zones with half hours, with clocks turned at midnight, and with none turned.
const ZONES: [&str; 12] = [
    "UTC",
    "Europe/Oslo",
    "Europe/London",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "America/Asuncion",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Beirut",
];

/// The instants between 2024 and 2037 at which a zone's clock is turned; one of some day if it never is.
fn turns(zone: &TimeZone) -> Vec<Timestamp> {
    let (from, to) = (Timestamp::constant(1_704_067_200, 0), Timestamp::constant(2_145_916_800, 0));
    let turns = zone.following(from).map(|turn| turn.timestamp()).take_while(|at| *at < to);
    let turns: Vec<Timestamp> = turns.collect();
    if turns.is_empty() { vec![from] } else { turns }
}

/// A case around an instant, in minutes counted from it.
#[derive(Debug, Clone)]
struct Case {
    weekly: Vec<(u8, u16, u16)>,
    closed: Option<(i8, i8)>,
    open: Vec<(i8, u16, u16)>,
    daily_max: Option<u16>,
    booked: Vec<(i32, u16)>,
    step: u16,
    needs: (u16, u16, u16),
    bounds: (i32, i32),
}

fn case() -> impl Strategy<Value = Case> {
    let quarter = || (0u16..96).prop_map(|n| n * 15);
    let weekly = prop::collection::vec((0u8..7, quarter(), quarter()), 1..12);
    let closed = prop::option::of((-2i8..3, 0i8..2));
    let open = prop::collection::vec((-2i8..3, quarter(), quarter()), 0..3);
    let booked = prop::collection::vec((-4000i32..4000, 5u16..300), 0..8);
    let needs = (5u16..400, 0u16..240, 0u16..240);
    let bounds = (-5000i32..2000, -2000i32..5000);
    (weekly, closed, open, prop::option::of(1u16..4), booked, 5u16..120, needs, bounds).prop_map(
        |(weekly, closed, open, daily_max, booked, step, needs, bounds)| Case {
            weekly,
            closed,
            open,
            daily_max,
            booked,
            step,
            needs,
            bounds,
        },
    )
}

fn wall(minute: u16) -> WallTime {
    time(&format!("{:02}:{:02}", minute / 60, minute % 60))
}

impl Case {
    fn plan(&self, zone: &Zone, around: Date) -> Plan {
        const DAYS: [Day; 7] = [Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri, Day::Sat, Day::Sun];
        let mut plan = Plan::none(zone.clone());
        for (day, from, to) in &self.weekly {
            let Ok(hours) = Hours::new(wall(*from), wall(*to)) else { continue };
            let mut weekly = plan.weekly.clone();
            weekly.push(WeeklyHours { day: DAYS[usize::from(*day)], hours });
            // What overlaps is left out.
            plan = Plan::new(zone.clone(), weekly, Vec::new(), self.daily_max).unwrap_or(plan);
        }
        let days = |n: i8| around + i32::from(n).days();
        let closed =
            self.closed.map(|(first, more)| Exception::Closed { first: days(first), last: days(first + more) });
        let open = self.open.iter().filter_map(|(on, from, to)| {
            let hours = Hours::new(wall(*from), wall(*to)).ok()?;
            Some(Exception::Open { date: days(*on), hours })
        });
        let exceptions = closed.into_iter().chain(open).collect();
        Plan::new(zone.clone(), plan.weekly, exceptions, self.daily_max).expect("a plan")
    }

    /// What both say of it, around a turn of the clock.
    fn compare(&self, zone: &Zone, turn: Timestamp) -> (Vec<Timestamp>, BTreeSet<Timestamp>) {
        let around = zone.time_zone().to_datetime(turn).date();
        let plan = self.plan(zone, around);
        let at = |minutes: i32| turn + SignedDuration::from_mins(i64::from(minutes));
        let mut booked_times: Vec<(Timestamp, Timestamp)> = Vec::new();
        for (start, length) in &self.booked {
            booked_times.push((at(*start), at(*start + i32::from(*length))));
        }
        let (length, before, after) = self.needs;
        let mins = |n: u16| SignedDuration::from_mins(i64::from(n));
        let needs = SessionNeeds { length: mins(length), before: mins(before), after: mins(after) };
        let dates = (around.yesterday().expect("a day"), around.tomorrow().expect("a day"));
        let (earliest, latest) = (at(self.bounds.0), at(self.bounds.1));
        let window = Window { dates, earliest, latest };
        let found = free_times(&plan, Free { needs, step: mins(self.step) }, window, &booked(&booked_times));
        assert!(found.iter().all(|times| times.end().duration_since(times.start()) == needs.length));
        let expected = oracle::free(&Asked {
            plan: &plan,
            dates,
            earliest,
            latest,
            step: i64::from(self.step),
            length: i64::from(length),
            buffers: (i64::from(before), i64::from(after)),
            booked: &booked_times,
        });
        (found.iter().map(|times| times.start()).collect(), expected)
    }
}

/// Zones by name with the instants at which their clocks are turned.
fn sampled() -> &'static [(Zone, Vec<Timestamp>)] {
    static SAMPLED: OnceLock<Vec<(Zone, Vec<Timestamp>)>> = OnceLock::new();
    SAMPLED.get_or_init(|| {
        let zones = ZONES.iter().map(|name| Zone::parse(name).expect("a zone"));
        zones
            .map(|zone| {
                let turns = turns(zone.time_zone());
                (zone, turns)
            })
            .collect()
    })
}

proptest! {
    // I2, REL-9
    #[test]
    fn free_times_are_those_of_a_plain_count_of_minutes_around_every_turn_of_the_clock(
        case in case(), zone in 0..ZONES.len(), turn: prop::sample::Index,
    ) {
        let (zone, turns) = &sampled()[zone];
        let (found, expected) = case.compare(zone, turns[turn.index(turns.len())]);
        prop_assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn no_dates_and_no_needs_make_free_times_panic(
        case in case(), first in 0i32..40_000, days in 0i32..62, step in 0i64..200, length in 0i64..100_000,
    ) {
        let zone = Zone::parse("America/New_York").expect("a zone");
        let first = FIRST + first.min(36_500).days();
        let length = SignedDuration::from_mins(length);
        let needs = SessionNeeds { length, before: length, after: length };
        let free = Free { needs, step: SignedDuration::from_mins(step.max(5)) };
        let dates = (first, first + days.days());
        let _ = free_times(&case.plan(&zone, first), free, any_time(dates), &Taken::default());
    }
}

// I2, REL-9: every zone that this build knows, each turn of its clock once
#[test]
fn every_zone_s_every_turn_of_the_clock_is_counted_right() {
    let mut seen = BTreeSet::new();
    let day: Vec<(u8, u16, u16)> =
        (0..7).flat_map(|day| [(day, 0, 135), (day, 150, 210), (day, 1380, 1440 - 15)]).collect();
    let case = Case {
        weekly: day,
        closed: None,
        open: Vec::new(),
        daily_max: None,
        booked: vec![(-90, 25), (75, 20)],
        step: 15,
        needs: (30, 5, 0),
        bounds: (-5000, 5000),
    };
    let mut compared = 0;
    for name in jiff::tz::db().available() {
        let Ok(zone) = Zone::parse(name.as_str()) else { continue };
        for turn in turns(zone.time_zone()) {
            let before = zone.time_zone().to_offset(turn - SignedDuration::from_secs(1)).seconds();
            let after = zone.time_zone().to_offset(turn).seconds();
            // Zones of one name or another turn their clocks together.
            if !seen.insert((turn, before, after)) {
                continue;
            }
            let (found, expected) = case.compare(&zone, turn);
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{} at {turn}", zone.name());
            compared += 1;
        }
    }
    assert!(compared > 300, "{compared}");
}
