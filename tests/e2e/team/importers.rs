//! An import ends with whoever started it.

use std::fmt::Write as _;

use caseload_local::faults::{Fault, Kind};
use end_to_end::{Answer, Persona, Practice, World};
use serde_json::{Value, json};

const ROWS: usize = 300;
/// Rows in a transaction of the worker.
const GROUP: usize = 90;

fn file() -> String {
    let mut csv = "First Name,Last Name,Email\n".to_owned();
    for n in 0..ROWS {
        writeln!(csv, "Row,Number{n},row{n}@mail.example").expect("text");
    }
    csv
}

/// A file that a therapist has uploaded.
async fn uploaded(world: &World, who: &Persona, options: Value) -> String {
    let path = who.uploads_import(file(), options).await;
    world.cloud.settled().await;
    path
}

/// Starts a run of which this many of the worker's calls get through, until it has come so far.
async fn held_up(world: &World, who: &Persona, run: &str, operation: &str, after: u64) {
    let busy = Fault::at(after + 1, Kind::Throttle).times(10_000).operation(operation).workers();
    world.cloud.faults().arm(busy);
    world.cloud.hold_retries(true);
    who.do_post(run).await.expect(202);
    world.cloud.retry_held().await;
}

async fn go_on(world: &World) {
    world.cloud.faults().clear();
    world.cloud.hold_retries(false);
    world.cloud.settled().await;
}

/// The import has ended with this many rows written, all of them accounted for and in the list.
async fn assert_ended(practice: &Practice, path: &str, written: usize) -> Answer {
    let ended = practice.owner.get(path).await.expect(200);
    assert_eq!(
        (ended.text("/state"), ended.text("/problem/code")),
        ("failed".to_owned(), "importer_inactive".to_owned()),
        "{}",
        ended.json()
    );
    let counts =
        json!({"read": ROWS, "created": written, "updated": 0, "unchanged": 0, "skipped": ROWS - written, "failed": 0});
    assert_eq!(ended.at("/counts"), counts);
    assert_eq!(practice.owner.get("/v1/clients").await.expect(200).at("/total"), written);
    let rows = practice.owner.get(&format!("{path}/rows?outcome=skipped")).await.expect(200).at("/items");
    for row in rows.as_array().expect("rows") {
        assert_eq!(row["code"], "importer_inactive", "{row}");
    }
    ended
}

// Decision 6, L4
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_ends_where_it_stands_when_its_maker_leaves() {
    let world = World::start().await;
    let practice = world.practice("leaves").await;
    let owner = &practice.owner;
    let tess = practice.hires("Tess", "Therapist").await;
    let path = uploaded(&world, &tess, json!({})).await;
    held_up(&world, &tess, &format!("{path}/commit"), "TransactWriteItems", 1).await;
    let leave = json!({"leave_unassigned": true});
    owner.delete_with(&format!("/v1/staff/{}", tess.id), leave).await.expect(204);
    go_on(&world).await;
    assert_ended(&practice, &path, GROUP).await;
    let rows = owner.get(&format!("{path}/rows?outcome=created")).await.expect(200).at("/items");
    let first = rows[0]["client_id"].as_str().expect("what the list shows can be opened");
    owner.get(&format!("/v1/clients/{first}")).await.expect(200);
    // Somebody else imports the rest.
    let again = uploaded(&world, owner, json!({})).await;
    owner.do_post(&format!("{again}/commit")).await.expect(202);
    world.cloud.settled().await;
    let done = owner.get(&again).await.expect(200);
    assert_eq!((done.text("/state"), done.at("/counts/unchanged")), ("done".to_owned(), json!(GROUP)));
    assert_eq!(done.at("/counts/created"), json!(ROWS - GROUP));
}

// Decision 6, C4: a worker was killed between two checkpoints, and its importer leaves before the next one takes over
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_worker_had_written_is_accounted_for() {
    let world = World::start().await;
    let practice = world.practice("killed").await;
    let tess = practice.hires("Tess", "Therapist").await;
    let path = uploaded(&world, &tess, json!({})).await;
    world.cloud.faults().arm(Fault::at(2, Kind::Crash).operation("TransactWriteItems").workers());
    tess.do_post(&format!("{path}/commit")).await.expect(202);
    world.cloud.settled().await;
    assert_eq!(practice.owner.get(&path).await.expect(200).text("/state"), "committing");
    practice.sets_status(&tess, "inactive").await;
    // Its lease runs out, and somebody asks again.
    world.advance(60).await;
    practice.owner.do_post(&format!("{path}/commit")).await.expect(202);
    world.cloud.settled().await;
    assert_ended(&practice, &path, 2 * GROUP).await;
}

// Decision 6: in a transaction that gives clients to nobody, too
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_row_is_written_for_an_importer_who_is_off() {
    let world = World::start().await;
    let practice = world.practice("off").await;
    for (name, status) in [("Ada", "on_hold"), ("Alma", "inactive")] {
        let admin = practice.hires_admin(name).await;
        let path = uploaded(&world, &admin, json!({"duplicates": "create"})).await;
        held_up(&world, &admin, &format!("{path}/commit"), "TransactWriteItems", 0).await;
        practice.sets_status(&admin, status).await;
        go_on(&world).await;
        assert_ended(&practice, &path, 0).await;
    }
}

// Decision 6
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_does_not_begin_for_an_importer_who_is_off() {
    let world = World::start().await;
    let practice = world.practice("begin").await;
    for (name, options, run, read) in [
        ("Tess", json!({"mode": "all_or_nothing"}), "commit", 0),
        ("Theo", json!({}), "dry-run", 0),
        ("Tina", json!({}), "commit", ROWS),
    ] {
        let who = practice.hires(name, "Therapist").await;
        let path = uploaded(&world, &who, options).await;
        // The worker cannot even take the run.
        held_up(&world, &who, &format!("{path}/{run}"), "UpdateItem", 0).await;
        practice.sets_status(&who, "inactive").await;
        go_on(&world).await;
        let ended = practice.owner.get(&path).await.expect(200);
        assert_eq!(ended.text("/problem/code"), "importer_inactive", "{name}: {}", ended.json());
        assert_eq!((ended.at("/counts/created"), ended.at("/counts/skipped")), (json!(0), json!(read)), "{name}");
        assert_eq!(practice.owner.get("/v1/clients").await.expect(200).at("/total"), 0);
    }
}
