//! A worker that is killed, and its event delivered once more.

use std::collections::BTreeSet;

use caseload_local::faults::{Fault, Kind};

use super::scene::{Scene, committed, uploaded};
use super::stage::{End, Items, pace, same};

/// How many runs are killed, each first at a point of its own.
const SEEDS: u64 = 24;

/// Numbers that look random and are the same in every run of a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // SplitMix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap_or_default()
    }
}

// C4, C10, INV-13
#[tokio::test]
async fn an_import_killed_anywhere_and_delivered_twice_ends_in_the_same_table() {
    let scene = committed("update_all", "valid_rows").await;
    let (table, objects, calls) = scene.undisturbed().await;
    println!("undisturbed: {calls} calls, {} items, {} objects", table.len(), objects.len());
    let (mut points, mut struck) = (BTreeSet::new(), 0);
    for seed in 1..=SEEDS {
        let mut dice = Dice(seed);
        // The first point lies in this seed's part of the run, so that all points together cover it.
        let part = calls / usize::try_from(SEEDS).expect("a few");
        let first = (usize::try_from(seed).expect("a few") - 1) * part + dice.roll(part);
        points.insert(first);
        let mut kills = vec![first];
        kills.extend((0..dice.roll(3)).map(|_| dice.roll(calls)));
        let at_once = dice.roll(2) == 1;
        println!(
            "seed {seed}: killed after calls {kills:?}, delivered {}",
            if at_once { "at once" } else { "in turn" }
        );
        let what = format!("seed {seed}, killed after calls {kills:?}");

        let mut stage = scene.again().await;
        let mut done = false;
        for kill in kills {
            stage.world.cloud.faults().arm(Fault::at(kill as u64, Kind::Crash).workers());
            let ends = stage.deliver_twice(&scene.event, pace(0), at_once).await;
            stage.world.cloud.faults().clear();
            done |= ends.contains(&End::Answered("done".to_owned()));
            assert!(!ends.iter().any(|end| matches!(end, End::Failed(_))), "{what}: {ends:?}");
            stage.advance();
        }
        struck += stage.world.cloud.faults().struck();
        let ends = stage.deliver_twice(&scene.event, pace(0), at_once).await;
        assert!(done || ends.contains(&End::Answered("done".to_owned())), "{what}: {ends:?}");
        // What the worker has put is announced to it as well, and everything once more after the end.
        for object in stage.arrived().into_iter().chain([scene.event.clone()]) {
            let ends = stage.deliver_twice(&object, pace(0), at_once).await;
            let nothing =
                |end: &End| [End::Answered("ignored".into()), End::Answered("busy_or_finished".into())].contains(end);
            assert!(ends.iter().all(nothing), "{what}: {}: {ends:?}", object.key);
        }
        same(&what, (&stage.table().await, &stage.objects()), (&table, &objects));
    }
    assert!(points.len() >= 20 && struck >= SEEDS, "{points:?} {struck}");
}

// C2, C10: the look at the file is killed after each of its calls
#[tokio::test]
async fn an_analysis_killed_anywhere_and_delivered_twice_ends_in_the_same_table() {
    let (stage, ..) = uploaded("skip", "valid_rows").await;
    let scene = Scene::of(stage).await;
    let stage = scene.again().await;
    assert_eq!(stage.deliver(&scene.event, pace(0)).await, End::Answered("ready".to_owned()));
    let (table, objects, calls) = (stage.table().await, stage.objects(), stage.calls());
    for kill in 0..calls {
        let at_once = kill % 2 == 0;
        println!("killed after call {kill} of {calls}");
        let stage = scene.again().await;
        stage.world.cloud.faults().arm(Fault::at(kill as u64, Kind::Crash).workers());
        stage.deliver_twice(&scene.event, pace(0), at_once).await;
        stage.deliver_twice(&scene.event, pace(0), at_once).await;
        same(&format!("killed after call {kill}"), (&stage.table().await, &stage.objects()), (&table, &objects));
    }
}

// C7, C10: a rehearsal goes before the rows, and is killed as well
#[tokio::test]
async fn all_or_nothing_killed_anywhere_writes_nothing() {
    let scene = committed("update_all", "all_or_nothing").await;
    let stage = scene.again().await;
    assert_eq!(stage.deliver(&scene.event, pace(0)).await, End::Answered("failed".to_owned()));
    let (table, objects, calls) = (stage.table().await, stage.objects(), stage.calls());
    let clients = |table: &Items| table.values().filter(|item| item.contains_key("first_name")).count();
    assert_eq!(clients(&table), clients(&scene.table));
    for kill in (2..calls).step_by(calls / 4) {
        println!("killed after call {kill}");
        let stage = scene.again().await;
        stage.world.cloud.faults().arm(Fault::at(kill as u64, Kind::Crash).workers());
        stage.deliver_twice(&scene.event, pace(0), true).await;
        stage.advance();
        stage.deliver_twice(&scene.event, pace(0), false).await;
        same(&format!("killed after call {kill}"), (&stage.table().await, &stage.objects()), (&table, &objects));
    }
}
