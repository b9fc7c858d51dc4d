//! Two workers on one import, answers that are lost, and a run that is handed on: what is done twice is done once.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use caseload_local::faults::{Fault, Kind, Life};

use super::scene::{ROWS, committed};
use super::stage::{End, STRETCH, pace, same};

/// Lets the work go on until there have been enough calls, and leaves it there: a process that stands still.
async fn until<F: Future + Unpin>(work: &mut F, enough: impl Fn() -> bool) -> Option<F::Output> {
    poll_fn(|context| match Pin::new(&mut *work).poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending if enough() => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    })
    .await
}

// C10, INV-13: the lease ran out while its owner stood still
#[tokio::test]
async fn a_worker_that_was_overtaken_writes_nothing_more() {
    let scene = committed("update_all", "valid_rows").await;
    let (table, objects, calls) = scene.undisturbed().await;
    for pause in [7, calls / 3, calls / 2, calls - 18, calls - 4] {
        let stage = scene.again().await;
        let mut first = Box::pin(stage.work(Life::fresh(), &scene.event, pace(0)));
        assert_eq!(until(&mut first, || stage.calls() >= pause).await, None);
        stage.advance();
        let mut second = Box::pin(stage.work(Life::fresh(), &scene.event, pace(0)));
        // The second one is somewhere in the middle when the first one wakes.
        let woken = stage.calls() + 12;
        let early = until(&mut second, || stage.calls() >= woken).await;
        let (ends, what) = (first.await, format!("paused after call {pause}"));
        let last = match early {
            Some(end) => end,
            None => second.await,
        };
        let ends = [ends, last];
        assert!(ends.contains(&End::Answered("done".to_owned())), "{what}: {ends:?}");
        assert!(!ends.iter().any(|end| matches!(end, End::Failed(_))), "{what}: {ends:?}");
        same(&what, (&stage.table().await, &stage.objects()), (&table, &objects));
    }
}

// C10, INV-13
#[tokio::test]
async fn of_two_workers_at_once_one_works() {
    let scene = committed("update_blanks", "valid_rows").await;
    let (table, objects, _) = scene.undisturbed().await;
    let stage = scene.again().await;
    let mut ends = stage.deliver_twice(&scene.event, pace(0), true).await.map(|end| format!("{end:?}"));
    ends.sort();
    assert_eq!(ends, [r#"Answered("busy_or_finished")"#, r#"Answered("done")"#]);
    same("two at once", (&stage.table().await, &stage.objects()), (&table, &objects));
}

// C10, INV-13: what was done and never confirmed is done again, and is the same
#[tokio::test]
async fn an_answer_lost_on_the_way_changes_nothing() {
    let scene = committed("update_all", "valid_rows").await;
    let (table, objects, _) = scene.undisturbed().await;
    for (at, times) in [(1, 1), (2, 1), (5, 3), (9, 3), (14, 1), (16, 3)] {
        let stage = scene.again().await;
        let lost = Fault::at(at, Kind::LostResponse).operation("TransactWriteItems").times(times);
        stage.world.cloud.faults().arm(lost);
        let mut end = stage.deliver(&scene.event, pace(0)).await;
        for _ in 0..3 {
            if end != End::Answered("done".to_owned()) {
                stage.advance();
                end = stage.deliver(&scene.event, pace(0)).await;
            }
        }
        let what = format!("{times} answers lost from transaction {at} on");
        assert_eq!(stage.world.cloud.faults().struck(), times, "{what}");
        same(&what, (&stage.table().await, &stage.objects()), (&table, &objects));
    }
}

// C9, C10: a run longer than an invocation
#[tokio::test]
async fn a_run_handed_on_at_every_checkpoint_ends_the_same() {
    let scene = committed("update_all", "valid_rows").await;
    let (table, objects, _) = scene.undisturbed().await;
    let mut stage = scene.again().await;
    let (mut events, mut handed) = (vec![scene.event.clone()], 0);
    while let Some(event) = events.pop() {
        // The margin is longer than the invocation: there is never time for another stretch.
        let ends = stage.deliver_twice(&event, pace(1000), false).await;
        handed += ends.iter().filter(|end| **end == End::Answered("continues".to_owned())).count();
        events.extend(stage.arrived());
    }
    assert_eq!(handed, ROWS.div_ceil(STRETCH));
    same("handed on", (&stage.table().await, &stage.objects()), (&table, &objects));
}
