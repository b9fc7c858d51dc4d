use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::domain::ids::{ClientId, StaffId};

fn ids(n: u128) -> TaskId {
    TaskId::new(ClientId::from_uuid(Uuid::from_u128(7)), Uuid::from_u128(n))
}

fn staff() -> PrincipalId {
    PrincipalId::Staff(StaffId::from_uuid(Uuid::from_u128(8)))
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn new(due: Option<&str>, repeat: serde_json::Value) -> NewTask {
    NewTask {
        title: TaskTitle::parse("Breathe").unwrap(),
        text: None,
        kind: TaskKind::Homework,
        due: due.map(|due| Due::parse(due).unwrap()),
        repeat: serde_json::from_value(repeat).unwrap(),
        files: Vec::new(),
    }
}

fn set(due: Option<&str>, repeat: serde_json::Value, now: &str) -> Result<Task, BadTask> {
    let practice = PracticeId::from_uuid(Uuid::from_u128(9));
    Task::new((ids(1), practice, staff()), new(due, repeat), at(now), &TimeZone::UTC)
}

const NOON: &str = "2026-12-01T12:00:00Z";

// G1
#[test]
fn what_is_set_is_not_over_and_repeats_from_a_date() {
    assert!(set(None, json!(null), NOON).is_ok());
    assert!(set(Some("2026-12-01"), json!(null), NOON).is_ok(), "the day has not ended");
    assert_eq!(set(Some("2026-11-30"), json!(null), NOON), Err(BadTask::DueInPast));
    assert_eq!(set(Some(NOON), json!(null), NOON), Err(BadTask::DueInPast));
    assert_eq!(set(None, json!({"every": "day"}), NOON), Err(BadTask::RepeatNeedsDue));
    let ends = json!({"every": "day", "until": "2026-12-01"});
    assert_eq!(set(Some("2026-12-02"), ends, NOON), Err(BadTask::EndsBeforeDue));
}

// G1: a rule without an end makes one task at a time
#[test]
fn the_next_one_appears_once() {
    let zone = TimeZone::UTC;
    let mut task = set(Some("2026-12-01"), json!({"every": "day"}), NOON).unwrap();
    assert!(!task.is_followed(at(NOON), &zone));
    assert_eq!(task.watch(&zone), Some(at("2026-12-02T00:00:00Z")));
    task.step(TaskStage::Done, staff(), at(NOON));
    assert!(task.is_followed(at(NOON), &zone));
    let next = task.follow(ids(2), at(NOON), &zone).unwrap();
    assert_eq!(next.due, Some(Due::parse("2026-12-02").unwrap()));
    assert_eq!(
        (next.stage(), next.series.map(|series| (series.first, series.number))),
        (TaskStage::Open, Some((ids(1), 2)))
    );
    task.step(TaskStage::Open, staff(), at(NOON));
    task.step(TaskStage::Done, staff(), at(NOON));
    assert_eq!((task.watch(&zone), task.follow(ids(3), at(NOON), &zone)), (None, None));
}

// G1: what nobody could have seen is not asked for
#[test]
fn a_series_goes_on_with_the_first_that_is_not_over() {
    let mut task = set(Some("2026-12-01"), json!({"every": "day", "count": 10}), NOON).unwrap();
    let late = at("2026-12-05T08:00:00Z");
    assert!(task.is_followed(late, &TimeZone::UTC));
    let next = task.follow(ids(2), late, &TimeZone::UTC).unwrap();
    assert_eq!((next.due, next.series.map(|series| series.number)), (Some(Due::parse("2026-12-05").unwrap()), Some(5)));
    let mut last = set(Some("2026-12-01"), json!({"every": "day", "count": 3}), NOON).unwrap();
    assert_eq!(last.follow(ids(2), late, &TimeZone::UTC), None);
    assert_eq!(last.watch(&TimeZone::UTC), None, "nobody looks for it again");
}

// G1
#[test]
fn a_new_date_is_what_it_repeats_from() {
    let zone = TimeZone::UTC;
    let mut task = set(Some("2026-12-01"), json!({"every": "week"}), NOON).unwrap();
    let friday = Due::parse("2026-12-04").unwrap();
    assert_eq!(task.reschedule(Some(friday), task.repeat.clone(), at(NOON), &zone), Ok(Ok(())));
    assert_eq!(task.reschedule(None, task.repeat.clone(), at(NOON), &zone), Ok(Err(BadTask::RepeatNeedsDue)));
    task.step(TaskStage::Done, staff(), at(NOON));
    let next = task.follow(ids(2), at(NOON), &zone).unwrap();
    assert_eq!(next.due, Some(Due::parse("2026-12-11").unwrap()));
    assert_eq!(task.reschedule(task.due, None, at(NOON), &zone), Err(TaskRefusal::NextIsThere));
    // A date that has gone by meanwhile does not keep anybody from mending the words.
    let late = at("2026-12-20T00:00:00Z");
    assert_eq!(task.reschedule(task.due, task.repeat.clone(), late, &zone), Ok(Ok(())));
}

// G3
#[test]
fn who_has_done_it_first_stays() {
    let mut task = set(None, json!(null), NOON).unwrap();
    let client = PrincipalId::Client(ids(1).client());
    assert!(task.step(TaskStage::Done, client, at(NOON)));
    assert!(!task.step(TaskStage::Done, staff(), at(NOON) + SignedDuration::from_hours(1)));
    assert_eq!(task.state, TaskState::Done { at: at(NOON), by: client });
}

// G3
#[test]
fn a_tally_has_room_for_500_open_ones() {
    let task = set(Some("2026-12-01"), json!(null), NOON).unwrap();
    let mut tally = TaskTally::empty(task.practice, task.id.client());
    assert_eq!(tally.done_share(), None);
    for _ in 0..TaskTally::MAX_OPEN {
        tally.add(&task).unwrap();
    }
    assert_eq!(tally.add(&task), Err(TaskRefusal::TooManyOpen));
    let mut done = task.clone();
    done.step(TaskStage::Done, staff(), at(NOON));
    tally.shift(task.slot(), done.slot()).unwrap();
    assert_eq!((tally.open(SetBy::Staff), tally.done(SetBy::Staff), tally.done_share()), (499, 1, Some(0)));
    tally.add(&task).unwrap();
    assert_eq!(tally.shift(done.slot(), task.slot()), Err(TaskRefusal::TooManyOpen));
    assert_eq!(tally.overdue(at("2026-12-02T00:00:00Z"), &TimeZone::UTC), 500);
    assert_eq!(tally.overdue(at(NOON), &TimeZone::UTC), 0);
}

proptest! {
    // G3: whatever happens, the tally says what counting them would
    #[test]
    fn a_tally_counts_what_is_there(steps in prop::collection::vec((0_u8..4, 0_usize..8, 0_u8..3), 0..60)) {
        let zone = TimeZone::UTC;
        let mut tasks: Vec<Task> = Vec::new();
        let mut tally = TaskTally::empty(PracticeId::from_uuid(Uuid::from_u128(9)), ids(1).client());
        for (what, which, more) in steps {
            let days = [None, Some("2026-12-01"), Some("2026-12-03")];
            match (what, tasks.len()) {
                (0, _) | (_, 0) => {
                    let mut task = set(days[usize::from(more)], json!(null), NOON).unwrap();
                    if which % 2 == 0 {
                        task.author = PrincipalId::Client(task.id.client());
                    }
                    tally.add(&task).unwrap();
                    tasks.push(task);
                }
                (1, count) => {
                    let task = tasks.remove(which % count);
                    tally.remove(&task);
                }
                (_, count) => {
                    let task = &mut tasks[which % count];
                    let before = task.slot();
                    let to = [TaskStage::Open, TaskStage::InProgress, TaskStage::Done][usize::from(more)];
                    task.step(to, staff(), at(NOON));
                    tally.shift(before, task.slot()).unwrap();
                }
            }
            let count = |like: &dyn Fn(&Task) -> bool| tasks.iter().filter(|task| like(task)).count() as u32;
            for by in [SetBy::Staff, SetBy::Client] {
                let side = |task: &Task| SetBy::of(task.author) == by;
                prop_assert_eq!(tally.open(by), count(&|task| side(task) && task.stage() != TaskStage::Done));
                prop_assert_eq!(tally.done(by), count(&|task| side(task) && task.stage() == TaskStage::Done));
            }
            let late = at("2026-12-02T06:00:00Z");
            prop_assert_eq!(tally.overdue(late, &zone), count(&|task| task.is_overdue(late, &zone)));
        }
    }
}
