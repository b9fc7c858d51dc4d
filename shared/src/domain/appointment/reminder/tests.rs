//! A client's sessions on a line of time, with a schedule that runs every five minutes, against a count by hand.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::ids::{ClientId, PracticeId, StaffId};
use crate::domain::reminders::Leads;

const TICK: i64 = 5;
/// Sixteen days.
const END: i64 = 16 * 1440;

fn at(minutes: i64) -> Timestamp {
    Timestamp::constant(1_778_061_600, 0) + SignedDuration::from_mins(minutes)
}

fn times(start: i64) -> Times {
    Times::new(at(start), at(start + 50)).expect("times")
}

fn id(n: usize) -> AppointmentId {
    AppointmentId::new(ClientId::from_uuid(Uuid::from_u128(7)), Uuid::from_u128(n as u128))
}

/// As a booking puts it in.
fn booked(times: Times) -> OpenAppointment {
    let staff = StaffId::from_uuid(Uuid::from_u128(3));
    OpenAppointment { staff, times, walk_in: false, series: None, since: None, reminded: None }
}

fn empty() -> AppointmentSummary {
    AppointmentSummary::empty(PracticeId::from_uuid(Uuid::from_u128(1)), ClientId::from_uuid(Uuid::from_u128(7)))
}

/// What happens to a session, and when.
#[derive(Debug, Clone)]
struct Session {
    booked: i64,
    start: i64,
    /// It moves, or is called off.
    changed: Option<(i64, Option<i64>)>,
}

fn session() -> impl Strategy<Value = Session> {
    let tick = 0i64..END / TICK;
    let change = prop::option::of((tick.clone(), prop::option::of(0i64..END)));
    (tick, 0i64..END, change).prop_map(|(booked, start, change)| {
        let booked = booked * TICK;
        let changed = change.map(|(at, to)| (at * TICK, to)).filter(|(at, _)| *at > booked && *at < start);
        Session { booked, start, changed }
    })
}

/// How many reminders a time that holds from one moment to another has: those that pass at the same run are one.
fn expected(leads: &[u16], start: i64, (since, until): (i64, i64)) -> usize {
    let run = |lead: &u16| (start - i64::from(*lead) * 60, (start - i64::from(*lead) * 60 + TICK - 1).div_euclid(TICK));
    let runs = leads.iter().map(run).filter(|(moment, run)| *moment > since && run * TICK < until);
    let mut runs: Vec<i64> = runs.map(|(_, run)| run).filter(|run| start - run * TICK >= 30).collect();
    runs.dedup();
    runs.len()
}

proptest! {
    // I7
    #[test]
    fn each_time_of_a_session_is_reminded_of_as_often_as_its_leads_say(
        sessions in prop::collection::vec(session(), 1..5),
        leads in prop::sample::select(vec![vec![], vec![2], vec![24, 2], vec![168, 48, 24, 3], vec![30, 6]]),
    ) {
        let set = Leads::new(leads.clone()).expect("leads");
        let timing = Timing { leads: &set, zone: &TimeZone::UTC, quiet: None };
        let (mut summary, mut told) = (empty(), BTreeMap::<(AppointmentId, Timestamp), usize>::new());
        let mut looks = 0;
        for now in (0..=END).step_by(usize::try_from(TICK).expect("a few")) {
            if summary.look_at.is_some_and(|look| look <= at(now)) {
                looks += 1;
                if let Some(due) = summary.look(at(now), &timing) {
                    *told.entry((due.id, due.times.start())).or_default() += 1;
                }
                prop_assert!(summary.look_at.is_none_or(|look| look >= at(now)));
            }
            let mut changed = false;
            for (n, session) in sessions.iter().enumerate() {
                if session.booked == now {
                    summary.open.insert(id(n), booked(times(session.start)));
                    changed = true;
                }
                match session.changed {
                    Some((when, Some(to))) if when == now => {
                        summary.reschedule(id(n), times(to));
                        changed = true;
                    }
                    Some((when, None)) if when == now => {
                        summary.open.remove(&id(n));
                        changed = true;
                    }
                    _ => {}
                }
            }
            if changed {
                summary.plan(at(now));
            }
        }
        let mut wanted = BTreeMap::new();
        for (n, Session { booked, start, changed }) in sessions.iter().enumerate() {
            let until = changed.map_or(END, |(at, _)| at);
            wanted.insert((id(n), at(*start)), expected(&leads, *start, (*booked, until + 1)));
            if let Some((since, Some(to))) = changed.filter(|(_, to)| *to != Some(*start)) {
                wanted.insert((id(n), at(to)), expected(&leads, to, (since, END + 1)));
            }
        }
        wanted.retain(|_, count| *count > 0);
        prop_assert_eq!(&told, &wanted);
        // No more looks than reminders, and a first one for each time; one more where something was called off.
        prop_assert!(looks <= told.values().sum::<usize>() + 4 * sessions.len(), "{looks} looks, {told:?}");
    }
}

// I7: what was stored before there were reminders
#[test]
fn a_session_without_a_time_it_was_booked_at_is_planned_with_the_next_change() {
    let mut summary = empty();
    summary.open.insert(id(1), booked(times(20 * 1440)));
    summary.plan(at(0));
    assert_eq!(summary.look_at, Some(at(11 * 1440)));
    // What comes later does not put it off, and what has begun asks for no look.
    summary.open.insert(id(2), booked(times(30 * 1440)));
    summary.open.insert(id(3), booked(times(-60)));
    summary.plan(at(5));
    assert_eq!(summary.look_at, Some(at(11 * 1440)));
    summary.open.remove(&id(1));
    summary.open.remove(&id(2));
    summary.plan(at(6));
    assert_eq!(summary.look_at, None);
}
