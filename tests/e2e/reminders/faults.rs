//! Nobody is reminded twice and nobody is forgotten, whatever becomes of a run; and what a reminder costs.

use std::collections::BTreeMap;

use caseload_local::faults::{Fault, Kind, Life};
use end_to_end::World;
use serde_json::{Value, json};

use super::reminders;

const NAMES: [&str; 3] = ["Maya", "Noor", "Ola"];
/// As many as a run of three reminders has calls, and none.
const DAYS: i64 = 17;

/// Three clients, each with a session at the same time of each day, and the schedule has looked at them.
async fn three(leads: Value) -> World {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    practice.owner.patch("/v1/practice", json!({"scheduling": {"reminders": leads}})).await.expect(200);
    for (n, name) in (0..).zip(NAMES) {
        let (client, _) = practice.portal_client(name).await;
        for day in 2..2 + DAYS {
            practice.owner.books(&client, &practice.owner, (day * 1440 + n * 5, day * 1440 + n * 5 + 5)).await;
        }
    }
    world.run("remind-of-sessions").await;
    world
}

async fn told(world: &World) -> Vec<usize> {
    let mut told = Vec::new();
    for name in NAMES {
        told.push(reminders(world, &format!("{}@mail.example", name.to_lowercase())).await.len());
    }
    told
}

/// One run, which ends where the plan of faults says; whether it did.
pub(super) async fn killed(world: &World) -> bool {
    let life = Life::fresh();
    tokio::select! {
        tally = life.live(world.cloud.run("remind-of-sessions")) => {
            tally.expect("a tally");
            false
        }
        () = world.cloud.faults().crashed(Some(life)) => true,
    }
}

// I7, decision 21, decision 22
#[tokio::test]
async fn a_run_killed_after_any_call_reminds_everybody_and_nobody_twice() {
    let world = three(json!([24])).await;
    world.advance(1440 * 60 + 900).await;
    let (mut before, mut points, mut after) = (vec![0; 3], 0, Vec::new());
    for kill in 0..DAYS {
        world.cloud.calls().clear();
        world.cloud.faults().arm(Fault::at(kill.unsigned_abs(), Kind::Crash).workers());
        let died = killed(&world).await;
        let last = usize::try_from(kill).ok().and_then(|kill| kill.checked_sub(1));
        let calls = world.cloud.calls().all();
        let last = last.and_then(|last| calls.get(last)).map(|call| call.operation.clone()).unwrap_or_default();
        world.cloud.faults().clear();
        points += usize::from(died);
        after.push(last.clone());
        // What the dead one has claimed is free again.
        world.advance(61).await;
        for schedule in ["remind-of-sessions", "flush-mail", "remind-of-sessions", "flush-mail"] {
            world.run(schedule).await;
        }
        let now = told(&world).await;
        let more: Vec<usize> = now.iter().zip(&before).map(|(now, before)| now - before).collect();
        // Between the mail service's yes and the next call nobody knows that there was one; only then comes a mail again.
        let twice = usize::from(last == "SendEmail");
        assert!(more.iter().all(|more| *more >= 1), "killed after call {kill} ({last}): {more:?}");
        assert!(more.iter().sum::<usize>() <= 3 + twice, "killed after call {kill} ({last}): {more:?}");
        before = now;
        world.advance(1440 * 60 - 61).await;
    }
    for operation in ["", "Query", "BatchGetItem", "TransactWriteItems", "SendEmail", "DeleteItem"] {
        assert!(after.iter().any(|after| after == operation), "nothing was killed after {operation:?}: {after:?}");
    }
    assert!(points >= 14, "{points} {after:?}");
}

// I7, performance 5.1
#[tokio::test]
async fn a_reminder_takes_three_calls_and_its_share_of_two() {
    let world = three(json!([24])).await;
    world.advance(1440 * 60 + 900).await;
    world.cloud.calls().clear();
    assert_eq!(
        world.cloud.run("remind-of-sessions").await.expect("a tally"),
        json!({"due": 3, "done": 3, "skipped": 0})
    );
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    let (mut read, mut written) = (0.0, 0.0);
    for call in world.cloud.calls().all() {
        *count.entry(call.operation).or_default() += 1;
        read += call.read_units;
        written += call.write_units;
    }
    // A query of each shard, and a read for each that had any.
    let reads = count.remove("BatchGetItem").expect("a read");
    assert!((1..=3).contains(&reads), "{reads}");
    let each = BTreeMap::from([
        ("DeleteItem".to_owned(), 3),
        ("Query".to_owned(), 4),
        ("SendEmail".to_owned(), 3),
        ("TransactWriteItems".to_owned(), 3),
    ]);
    assert_eq!(count, each);
    // The summary, the entry it had and the one it gets, the client as it was read, the counter of the address, the mail and
    // the trail in one transaction; the mail once more when it is gone.
    assert_eq!(written, 3.0 * 21.0);
    assert!(read <= 3.0 * 6.0, "{read}");
    // With nothing to do: four queries.
    world.cloud.calls().clear();
    world.cloud.run("remind-of-sessions").await.expect("a tally");
    assert_eq!(world.cloud.calls().all().len(), 4);
}
