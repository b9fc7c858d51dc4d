use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::ids::ClientId;

fn at(minutes: i64) -> Timestamp {
    Timestamp::constant(1_795_392_000, 0) + SignedDuration::from_mins(minutes)
}

fn times(start: i64, end: i64) -> Times {
    Times::new(at(start), at(end)).expect("times")
}

const fn staff(n: u128) -> StaffId {
    StaffId::from_uuid(Uuid::from_u128(n))
}

fn appointment(n: u128, with: u128, times: Times) -> Appointment {
    Appointment {
        id: AppointmentId::new(ClientId::from_uuid(Uuid::from_u128(7)), Uuid::from_u128(n)),
        practice: PracticeId::from_uuid(Uuid::from_u128(1)),
        version: 1,
        staff: staff(with),
        service: None,
        times,
        status: AppointmentStatus::Scheduled,
        created_by: PrincipalId::Staff(staff(with)),
        created_at: at(0),
        asked: None,
        settled: None,
        billing_modifier: None,
        fee: None,
        cancel_reason: None,
        late_cancel: false,
        decline_reason: None,
        series: None,
    }
}

// issue 3, item 7
#[test]
fn a_session_lasts_from_five_minutes_to_a_day() {
    assert!(Times::new(at(0), at(5)).is_ok() && Times::new(at(0), at(24 * 60)).is_ok());
    assert_eq!(Times::new(at(0), at(4)), Err(BadTimes::TooShort));
    assert_eq!(Times::new(at(5), at(0)), Err(BadTimes::TooShort));
    assert_eq!(Times::new(at(0), at(24 * 60 + 1)), Err(BadTimes::TooLong));
    assert_eq!(Times::new(Timestamp::UNIX_EPOCH, at(0)), Err(BadTimes::OutOfRange));
    assert_eq!(Times::new(at(0), Timestamp::MAX), Err(BadTimes::OutOfRange));
}

// security REL-8
#[test]
fn a_session_belongs_to_the_days_it_touches() {
    let days = |start, end| times(start, end).days().map(|day| day.to_string()).collect::<Vec<_>>();
    assert_eq!(days(0, 60), ["2026-11-23"]);
    assert_eq!(days(23 * 60, 24 * 60), ["2026-11-23"], "it ends with the day");
    assert_eq!(days(23 * 60, 24 * 60 + 5), ["2026-11-23", "2026-11-24"]);
    assert_eq!(days(0, 24 * 60), ["2026-11-23"]);
}

// issue 3, item 7
#[test]
fn a_session_comes_to_one_end_and_not_before_it_has_begun() {
    let (by_staff, by_client) =
        (PrincipalId::Staff(staff(1)), PrincipalId::Client(ClientId::from_uuid(Uuid::from_u128(7))));
    let (fresh, rules) = (appointment(1, 1, times(60, 120)), SchedulingSettings::default());
    assert_eq!(fresh.clone().complete(at(59), by_staff), Err(AppointmentRefusal::NotStarted));
    assert_eq!(fresh.clone().miss(at(59), by_staff), Err(AppointmentRefusal::NotStarted));
    assert_eq!(fresh.clone().cancel(at(60), by_client, &rules), Err(AppointmentRefusal::AlreadyStarted));
    assert_eq!(fresh.clone().cancel(at(59), by_client, &rules), Ok(()));
    type Change = fn(&mut Appointment, Timestamp, PrincipalId) -> Result<(), AppointmentRefusal>;
    let changes: [(Change, AppointmentRefusal); 3] = [
        (Appointment::complete, AppointmentRefusal::AlreadyCompleted),
        (Appointment::miss, AppointmentRefusal::AlreadyNoShow),
        (|one, now, by| one.cancel(now, by, &SchedulingSettings::default()), AppointmentRefusal::AlreadyCancelled),
    ];
    for (change, refusal) in changes {
        let mut ended = fresh.clone();
        assert_eq!(change(&mut ended, at(60), by_staff), Ok(()));
        assert_eq!(ended.settled, Some(Settled { at: at(60), by: by_staff, walk_in: false }));
        for (again, _) in changes {
            let mut other = ended.clone();
            assert_eq!(again(&mut other, at(60), by_staff), Err(refusal));
            assert_eq!(other, ended);
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Book { with: u128, start: i64, length: i64 },
    Settle { which: usize, how: usize },
    Reopen { which: usize },
    HandOver { which: usize, to: u128 },
    Move { which: usize, start: i64, length: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0u128..3, 0i64..5760, 5i64..600).prop_map(|(with, start, length)| Step::Book { with, start, length }),
        (any::<usize>(), 0usize..3).prop_map(|(which, how)| Step::Settle { which, how }),
        any::<usize>().prop_map(|which| Step::Reopen { which }),
        (any::<usize>(), 0u128..3).prop_map(|(which, to)| Step::HandOver { which, to }),
        (any::<usize>(), 0i64..5760, 5i64..600).prop_map(|(which, start, length)| Step::Move { which, start, length }),
    ]
}

/// The same from scratch.
fn recount(all: &[Appointment], walk_ins: &BTreeSet<AppointmentId>) -> AppointmentSummary {
    let mut fresh =
        AppointmentSummary::empty(PracticeId::from_uuid(Uuid::from_u128(1)), ClientId::from_uuid(Uuid::from_u128(7)));
    for appointment in all {
        fresh.counts.entry(appointment.staff).or_default().add(appointment.status);
        if appointment.status == AppointmentStatus::Scheduled {
            let Appointment { id, staff, times, .. } = *appointment;
            let walk_in = walk_ins.contains(&id);
            let open = OpenAppointment { staff, times, walk_in, series: None, since: None, reminded: None };
            fresh.open.insert(id, open);
        }
        if appointment.status == AppointmentStatus::Completed {
            let Appointment { id, staff, times, .. } = *appointment;
            fresh.held.entry(staff).or_default().push(Held { id, times, walk_in: walk_ins.contains(&id) });
        }
    }
    for held in fresh.held.values_mut() {
        held.sort_unstable_by_key(|held| (held.times.end(), held.id));
        held.drain(..held.len().saturating_sub(4));
    }
    fresh
}

proptest! {
    // L10, L12, d-8, B13, INV-10: whatever was booked, handed over and settled in whatever order
    #[test]
    fn the_summary_is_a_recount_and_no_two_sessions_of_a_therapist_overlap(steps in prop::collection::vec(step(), 1..60)) {
        let mut all: Vec<Appointment> = Vec::new();
        let mut walk_ins = BTreeSet::new();
        let mut summary = recount(&[], &walk_ins);
        let mut days: BTreeMap<(StaffId, Date), CalendarDay> = BTreeMap::new();
        for (n, step) in (0..).zip(steps) {
            match step {
                Step::Book { with, start, length } => {
                    let new = appointment(n, with, times(start, start + length));
                    let mut touched: Vec<CalendarDay> = new.times.days()
                        .map(|day| days.get(&(new.staff, day)).cloned()
                            .unwrap_or_else(|| CalendarDay::empty(new.practice, new.staff, day)))
                        .collect();
                    let taken = all.iter().any(|other| {
                        other.staff == new.staff && other.status.counts() && other.times.overlaps(new.times)
                    });
                    let booked = touched.iter_mut().try_for_each(|day| day.book(&new));
                    prop_assert_eq!(booked, if taken { Err(AppointmentRefusal::SlotTaken) } else { Ok(()) });
                    if !taken {
                        days.extend(touched.into_iter().map(|day| ((day.staff, day.day), day)));
                        let walk_in = n % 2 == 0;
                        summary.book(&new, walk_in).expect("room");
                        walk_ins.extend(walk_in.then_some(new.id));
                        all.push(new);
                    }
                }
                Step::Settle { which, how } => {
                    let count = all.len().max(1);
                    let Some(appointment) = all.get_mut(which % count) else { continue };
                    let by = PrincipalId::Staff(appointment.staff);
                    let late = appointment.times.end();
                    let ended = match how {
                        0 => appointment.complete(late, by),
                        1 => appointment.miss(late, by),
                        _ => appointment.cancel(late, by, &SchedulingSettings::default()),
                    };
                    if ended.is_ok() {
                        summary.settle(appointment);
                        for day in appointment.times.days() {
                            let day = days.get_mut(&(appointment.staff, day)).expect("a day");
                            let booking = day.bookings.iter_mut().find(|booking| booking.id == appointment.id);
                            booking.expect("a booking").status = appointment.status;
                        }
                    }
                }
                Step::Reopen { which } => {
                    let count = all.len().max(1);
                    let Some(before) = all.get(which % count).cloned() else { continue };
                    let mut after = before.clone();
                    let settled = before.settled.map_or(at(0), |settled| settled.at);
                    let Ok(()) = after.reopen(settled) else {
                        prop_assert_eq!(before.status, AppointmentStatus::Scheduled);
                        continue;
                    };
                    let booking = Booking { id: after.id, times: after.times, status: after.status };
                    let mut touched: Vec<CalendarDay> =
                        after.times.days().map(|day| days[&(after.staff, day)].clone()).collect();
                    let taken = before.status == AppointmentStatus::Cancelled && all.iter().any(|other| {
                        other.id != after.id && other.staff == after.staff && other.status.counts()
                            && other.times.overlaps(after.times)
                    });
                    let again = touched.iter_mut().try_for_each(|day| day.take(booking));
                    prop_assert_eq!(again, if taken { Err(AppointmentRefusal::SlotTaken) } else { Ok(()) });
                    if !taken {
                        days.extend(touched.into_iter().map(|day| ((day.staff, day.day), day)));
                        summary.reopen(&before).expect("room");
                        all[which % count] = after;
                    }
                }
                Step::Move { which, start, length } => {
                    let count = all.len().max(1);
                    let Some(before) = all.get(which % count).cloned() else { continue };
                    let (mut after, to) = (before.clone(), times(start, start + length));
                    if before.status != AppointmentStatus::Scheduled {
                        prop_assert!(after.reschedule(to).is_err());
                        continue;
                    }
                    prop_assert_eq!(after.reschedule(to), Ok(before.times));
                    let booking = Booking { id: after.id, times: to, status: after.status };
                    let mut touched: Vec<CalendarDay> = to.days()
                        .map(|day| days.get(&(after.staff, day)).cloned()
                            .unwrap_or_else(|| CalendarDay::empty(after.practice, after.staff, day)))
                        .collect();
                    let taken = all.iter().any(|other| {
                        other.id != after.id && other.staff == after.staff && other.status.counts()
                            && other.times.overlaps(to)
                    });
                    let moved = touched.iter_mut().try_for_each(|day| day.take(booking));
                    prop_assert_eq!(moved, if taken { Err(AppointmentRefusal::SlotTaken) } else { Ok(()) });
                    if taken {
                        continue;
                    }
                    for day in before.times.days() {
                        days.get_mut(&(before.staff, day)).expect("a day").release(before.id);
                    }
                    days.extend(touched.into_iter().map(|day| ((day.staff, day.day), day)));
                    summary.reschedule(after.id, to);
                    all[which % count] = after;
                }
                Step::HandOver { which, to } => {
                    let count = all.len().max(1);
                    let Some(before) = all.get(which % count).cloned() else { continue };
                    let mut after = before.clone();
                    if before.staff == staff(to) || before.status != AppointmentStatus::Scheduled {
                        prop_assert!(!summary.clone().hand_over(before.id, staff(9), staff(to), true));
                        continue;
                    }
                    after.staff = staff(to);
                    let mut touched: Vec<CalendarDay> = after.times.days()
                        .map(|day| days.get(&(after.staff, day)).cloned()
                            .unwrap_or_else(|| CalendarDay::empty(after.practice, after.staff, day)))
                        .collect();
                    if touched.iter_mut().try_for_each(|day| day.book(&after)).is_err() {
                        continue;
                    }
                    days.extend(touched.into_iter().map(|day| ((day.staff, day.day), day)));
                    for day in before.times.days() {
                        days.get_mut(&(before.staff, day)).expect("a day").bookings.retain(|booking| booking.id != before.id);
                    }
                    let walk_in = n % 3 == 0;
                    prop_assert!(summary.hand_over(before.id, before.staff, after.staff, walk_in));
                    walk_ins.remove(&after.id);
                    walk_ins.extend(walk_in.then_some(after.id));
                    all[which % count] = after;
                }
            }
            prop_assert_eq!(&summary, &recount(&all, &walk_ins));
            // What stands in a day is what touches it, whatever has moved.
            for day in days.values() {
                let touching = all.iter().filter(|a| a.staff == day.staff && a.times.days().any(|one| one == day.day));
                prop_assert_eq!(day.bookings.len(), touching.count());
            }
            let makes = |a: &&Appointment| {
                walk_ins.contains(&a.id) && matches!(a.status, AppointmentStatus::Scheduled | AppointmentStatus::Completed)
            };
            let mut seen: BTreeMap<StaffId, Date> = BTreeMap::new();
            for (staff, until) in all.iter().filter(makes).map(|a| (a.staff, day_of(a.times.end()))) {
                let last = seen.entry(staff).or_insert(until);
                *last = until.max(*last);
            }
            // Only the latest are remembered: a walk-in's may all be followed by sessions that make none.
            let read = summary.seen_by();
            prop_assert!(read.iter().all(|(staff, until)| seen.get(staff).is_some_and(|last| until <= last)));
            let few = |staff: &StaffId| all.iter().filter(|a| a.staff == *staff && a.status == AppointmentStatus::Completed).count() <= 4;
            prop_assert!(seen.iter().all(|(staff, last)| !few(staff) || read.get(staff) == Some(last)));
            let now = at(2880);
            let upcoming = all.iter().filter(|a| a.status == AppointmentStatus::Scheduled && a.times.start() > now);
            let of = |status| all.iter().filter(move |a| a.status == status);
            let wanted = Stats {
                total: all.len() as u32,
                upcoming: upcoming.clone().count() as u32,
                completed: of(AppointmentStatus::Completed).count() as u32,
                no_shows: of(AppointmentStatus::NoShow).count() as u32,
                late_cancellations: 0,
                last: of(AppointmentStatus::Completed).max_by_key(|a| (a.times.end(), a.id)).map(|a| a.times.start()),
                next: upcoming.map(|a| a.times.start()).min(),
            };
            let stats = summary.stats(now, |_| true);
            prop_assert_eq!(Stats { last: wanted.last, ..stats }, wanted);
            prop_assert_eq!(stats.last.is_some(), wanted.last.is_some());
            let begun: usize = days.values().map(|day| day.beginning().count()).sum();
            prop_assert_eq!(begun, all.len());
        }
    }
}
