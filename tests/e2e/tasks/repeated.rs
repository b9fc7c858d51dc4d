//! Tasks that come again: one at a time, when the one before it is done or over.

use serde_json::{Value, json};

use super::Cast;

const DAY: i64 = 24 * 3600;

// G1
#[tokio::test]
async fn the_next_one_appears_when_one_is_done() {
    let cast = Cast::meet().await;
    let (theo, portal) = (&cast.theo, &cast.portal);
    let rule = json!({"every": "week", "interval": 1, "on": ["mon", "fri"], "count": 3});
    let body = json!({"title": "Walk", "due": "2026-05-08", "repeat": rule});
    let first = theo.post(&cast.tasks(), body).await.expect(201);
    assert_eq!(first.at("/series"), json!({"id": first.text("/id"), "number": 1, "next": null}));
    assert_eq!(cast.titles(theo, "").await, ["Walk"], "what is to come is not written down");
    let done = portal.takes_task_to(&first.text("/id"), "done").await.expect(200);
    let second = portal.get(&format!("/v1/tasks/{}", done.text("/series/next"))).await.expect(200);
    assert_eq!(
        (second.text("/due"), second.text("/state"), second.at("/series/number")),
        ("2026-05-11".into(), "open".into(), json!(2))
    );
    assert_eq!((second.text("/series/id"), second.at("/repeat")), (first.text("/id"), rule.clone()));
    assert_eq!(second.text("/assigned_by/name"), "Theo Berg");
    // Opened and done again, there is no second one.
    portal.takes_task_to(&first.text("/id"), "open").await.expect(200);
    portal.takes_task_to(&first.text("/id"), "done").await.expect(200);
    assert_eq!(theo.get(&cast.tasks()).await.expect(200).at("/total"), 2);
    let refused = theo.patch(&format!("/v1/tasks/{}", first.text("/id")), json!({"repeat": null})).await;
    refused.expect_problem(409, "next_task_exists");
    // The count ends it.
    let last = portal.takes_task_to(&second.text("/id"), "done").await.expect(200).text("/series/next");
    let last = portal.takes_task_to(&last, "done").await.expect(200);
    assert_eq!((last.text("/due"), last.at("/series/next")), ("2026-05-15".into(), Value::Null));
    assert_eq!(theo.get(&cast.tasks()).await.expect(200).at("/total"), 3);
}

// G1: twice at once makes one
#[tokio::test]
async fn two_who_mark_it_as_done_at_once_make_one() {
    let cast = Cast::meet().await;
    let daily = json!({"due": "2026-05-08", "repeat": {"every": "day"}});
    let task = cast.theo.sets_task(&cast.maya, daily).await;
    let (one, two) = tokio::join!(cast.theo.takes_task_to(&task, "done"), cast.portal.takes_task_to(&task, "done"));
    let (one, two) = (one.expect(200), two.expect(200));
    assert_eq!((one.at("/done_by"), one.at("/series/next")), (two.at("/done_by"), two.at("/series/next")));
    assert_eq!(cast.theo.get(&cast.tasks()).await.expect(200).at("/total"), 2);
}

// G1: a rule without an end is one task at a time, and what nobody could have seen is left out
#[tokio::test]
async fn the_next_one_appears_when_one_is_over() {
    let cast = Cast::meet().await;
    let (world, tasks) = (&cast.world, cast.tasks());
    let first = cast.theo.sets_task(&cast.maya, json!({"due": "2026-05-06", "repeat": {"every": "day"}})).await;
    assert_eq!(world.run("repeat-tasks").await, json!({"due": 0, "done": 0, "skipped": 0}));
    world.advance(DAY).await;
    assert_eq!(world.run("repeat-tasks").await, json!({"due": 1, "done": 1, "skipped": 0}));
    assert_eq!(world.run("repeat-tasks").await["due"], 0, "once");
    let theo = world.sign_in("theo@harbor.example").await;
    let listed = theo.get(&tasks).await.expect(200);
    assert_eq!(
        (listed.at("/total"), listed.text("/items/0/due"), listed.at("/items/1/overdue")),
        (json!(2), "2026-05-07".into(), json!(true))
    );
    // Done late it makes no other.
    theo.takes_task_to(&first, "done").await.expect(200);
    assert_eq!(theo.get(&tasks).await.expect(200).at("/total"), 2);
    // The schedule did not run for a week.
    world.advance(7 * DAY).await;
    assert_eq!(world.run("repeat-tasks").await["done"], 1);
    let theo = world.sign_in("theo@harbor.example").await;
    let listed = theo.get(&tasks).await.expect(200);
    assert_eq!(
        (listed.at("/total"), listed.text("/items/0/due"), listed.at("/items/0/series/number")),
        (json!(3), "2026-05-14".into(), json!(9))
    );
    // Whoever deletes the newest ends it.
    theo.delete(&format!("/v1/tasks/{}", listed.text("/items/0/id"))).await.expect(204);
    world.advance(7 * DAY).await;
    assert_eq!(world.run("repeat-tasks").await["done"], 0);
}

// G1: the clock on the wall is what counts when it is changed; it goes back in New York on 1 November
#[tokio::test]
async fn the_time_of_day_stays_when_the_clock_is_changed() {
    let cast = Cast::meet().await;
    let weekly = json!({"due": "2026-10-28T13:30:00Z", "repeat": {"every": "week"}});
    let task = cast.theo.sets_task(&cast.maya, weekly).await;
    let next = cast.theo.takes_task_to(&task, "done").await.expect(200).text("/series/next");
    assert_eq!(cast.theo.get(&format!("/v1/tasks/{next}")).await.expect(200).text("/due"), "2026-11-04T14:30:00Z");
}

// G1, G2, decision 11: whoever is deactivated waits, whoever is deleted is gone
#[tokio::test]
async fn nothing_comes_for_who_is_deactivated_or_deleted() {
    let cast = Cast::meet().await;
    let (world, owner) = (&cast.world, &cast.practice.owner);
    cast.portal.sets_task(&cast.maya, json!({"due": "2026-05-06", "repeat": {"every": "day"}})).await;
    owner.do_post(&format!("/v1/clients/{}/deactivate", cast.maya)).await.expect(200);
    world.advance(3 * DAY).await;
    assert_eq!(world.run("repeat-tasks").await["due"], 0);
    let owner = world.sign_in("owner@harbor.example").await;
    owner.do_post(&format!("/v1/clients/{}/reactivate", cast.maya)).await.expect(200);
    assert_eq!(world.run("repeat-tasks").await["done"], 1);
    assert_eq!(owner.get(&cast.tasks()).await.expect(200).text("/items/0/due"), "2026-05-09");
    owner.delete(&format!("/v1/clients/{}", cast.maya)).await.expect(204);
    world.run("finish-deletions").await;
    world.advance(3 * DAY).await;
    assert_eq!(world.run("repeat-tasks").await, json!({"due": 1, "done": 0, "skipped": 1}));
    assert_eq!(world.run("repeat-tasks").await["due"], 0, "the registry forgets it");
}

// G1
#[tokio::test]
async fn a_changed_date_is_what_it_repeats_from() {
    let cast = Cast::meet().await;
    let (theo, world) = (&cast.theo, &cast.world);
    let task = theo.sets_task(&cast.maya, json!({"due": "2026-05-07", "repeat": {"every": "week"}})).await;
    let path = format!("/v1/tasks/{task}");
    theo.patch(&path, json!({"due": "2026-05-08"})).await.expect(200);
    world.advance(2 * DAY).await;
    assert_eq!(world.run("repeat-tasks").await["due"], 0, "not over yet");
    world.advance(DAY).await;
    assert_eq!(world.run("repeat-tasks").await["done"], 1);
    let theo = world.sign_in("theo@harbor.example").await;
    assert_eq!(theo.get(&cast.tasks()).await.expect(200).text("/items/0/due"), "2026-05-15");
    let newest = theo.get(&cast.tasks()).await.expect(200).text("/items/0/id");
    theo.patch(&format!("/v1/tasks/{newest}"), json!({"repeat": null})).await.expect(200);
    world.advance(14 * DAY).await;
    assert_eq!(world.run("repeat-tasks").await["due"], 0);
}
