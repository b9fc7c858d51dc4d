//! Whatever becomes of its workers, an import ends in the same table, byte for byte (IMP-2).
//!
//! The world is built once, up to an accepted commit, and copied for each run; what is random or told by the clock is in
//! it already. From there on everything is the worker's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::future::{Future, poll_fn};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use caseload_local::bucket::{Bucket, ObjectCreated, User, s3_event};
use caseload_local::cloud::{BUCKET, Options, TABLE};
use caseload_local::faults::{Fault, Kind, Life};
use caseload_local::table::Table;
use end_to_end::{Persona, World};
use futures_util::future::join;
use import_worker::Pace;
use jiff::SignedDuration;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::json;
use tokio::sync::mpsc;

const ROWS: usize = 200;
const EXISTING: usize = 15;
/// Rows between two checkpoints.
const STRETCH: usize = 17;
/// How many runs are killed, each first at a point of its own.
const SEEDS: u64 = 24;
/// Every lease has run out by then.
const LATER: i64 = 60;

fn pace(margin: i64) -> Pace {
    Pace { rows: STRETCH, margin: SignedDuration::from_secs(margin), ..Pace::default() }
}

type Item = BTreeMap<String, AttributeValue>;
type Items = BTreeMap<(String, String), Item>;
type Objects = BTreeMap<String, Vec<u8>>;

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("caseload-crash-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else if !name.to_string_lossy().starts_with("table.db") && name != "lock" {
            fs::copy(&path, to.join(name)).expect("a copy");
        }
    }
}

/// A local cloud whose events this test delivers.
struct Stage {
    world: World,
    arrivals: mpsc::UnboundedReceiver<ObjectCreated>,
    _parts: (Table, Bucket),
    folder: Folder,
}

/// How a delivery ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Answered(String),
    Failed(String),
    Killed,
}

impl Stage {
    async fn open(folder: Folder) -> Self {
        let (sender, arrivals) = mpsc::unbounded_channel();
        let announce = move |object| drop(sender.send(object));
        let mut options = Options { data_dir: Some(folder.0.clone()), ..Options::default() };
        let (root, user, clock) = (folder.0.join("bucket"), User::default(), options.clock.clone());
        let bucket = Bucket::start(&root, BUCKET, None, &user, clock, announce).await.expect("a bucket");
        options.endpoints.s3 = Some(bucket.endpoint.clone());
        let table = Table::start(None).await.expect("a table");
        options.endpoints.dynamodb = Some(table.endpoint.clone());
        Self { world: World::with(options).await, arrivals, _parts: (table, bucket), folder }
    }

    /// The event is delivered, and the worker lives as long as the plan of faults lets it.
    async fn deliver(&self, object: &ObjectCreated, pace: Pace) -> End {
        let cloud = &self.world.cloud;
        let life = Life::fresh();
        tokio::select! {
            end = Box::pin(self.work(life, object, pace)) => end,
            () = cloud.faults().crashed(Some(life)) => End::Killed,
        }
    }

    async fn work(&self, life: Life, object: &ObjectCreated, pace: Pace) -> End {
        let app = self.world.cloud.app();
        let event = serde_json::from_value(s3_event(object, app.now())).expect("an event");
        // A time that every margin but the shortest is longer than.
        let mut context = Context::default();
        context.deadline = (app.clock().unmoved().as_millisecond() + 900_000).unsigned_abs();
        match life.live(import_worker::handle_at(app.clone(), LambdaEvent::new(event, context), pace)).await {
            Ok(answer) => End::Answered(answer["answers"][0].as_str().unwrap_or_default().to_owned()),
            Err(error) => End::Failed(error.to_string()),
        }
    }

    /// Twice: at the same time, or one after the other.
    async fn deliver_twice(&self, object: &ObjectCreated, pace: Pace, at_once: bool) -> [End; 2] {
        if at_once {
            join(self.deliver(object, pace), self.deliver(object, pace)).await.into()
        } else {
            [self.deliver(object, pace).await, self.deliver(object, pace).await]
        }
    }

    /// Objects that have arrived since.
    fn arrived(&mut self) -> Vec<ObjectCreated> {
        std::iter::from_fn(|| self.arrivals.try_recv().ok()).collect()
    }

    /// What there is now, with the newest object as the event.
    async fn scene(mut self) -> Scene {
        let event = self.arrived().pop().expect("an object");
        let (table, folder) = (self.table().await, Folder::new());
        copy(&self.folder.0, &folder.0);
        Scene { folder, table, event }
    }

    fn advance(&self) {
        self.world.cloud.clock().advance(SignedDuration::from_secs(LATER));
    }

    fn calls(&self) -> usize {
        self.world.cloud.calls().all().len()
    }

    async fn table(&self) -> Items {
        let mut pages =
            self.world.cloud.table().scan().table_name(TABLE).consistent_read(true).into_paginator().items().send();
        let mut table = Items::new();
        while let Some(item) = pages.next().await {
            let item: Item = item.expect("an item").into_iter().collect();
            let name = |name: &str| item.get(name).and_then(|v| v.as_s().ok()).cloned().unwrap_or_default();
            table.insert((name("pk"), name("sk")), item);
        }
        table
    }

    /// The objects of imports, but for the notes by which a worker wakes the next one.
    fn objects(&self) -> Objects {
        fn walk(folder: &Path, objects: &mut Objects) {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    walk(&path, objects);
                    continue;
                }
                let name = path.to_string_lossy().into_owned();
                if !name.contains("/.") && !name.contains("/continue-") {
                    objects.insert(name, fs::read(&path).expect("bytes"));
                }
            }
        }
        let (root, mut objects) = (self.folder.0.join("bucket").join(BUCKET), Objects::new());
        walk(&root.join("imports"), &mut objects);
        let root = root.to_string_lossy().into_owned();
        objects.into_iter().map(|(name, bytes)| (name.replacen(&root, "", 1), bytes)).collect()
    }
}

/// A practice whose import is uploaded or committed, and no worker has begun.
struct Scene {
    folder: Folder,
    table: Items,
    event: ObjectCreated,
}

/// Something of everything: new clients and old ones, new labels along the way, repetitions, failures, empty lines.
fn file() -> String {
    let mut file = "first_name,last_name,email,date_of_birth,phone,tags\n".to_owned();
    for n in 0..ROWS {
        let (tags, born) =
            (format!("\"label {}; anxiety\"", n / 40), format!("19{:02}-03-{:02}", 40 + n % 60, 1 + n % 28));
        let phone = format!("+1415555{:04}", n);
        let written = match n {
            _ if n % 29 == 7 => writeln!(file),
            _ if n % 17 == 3 => writeln!(file, "Bad,Mail{n},not-an-address,{born},,{tags}"),
            _ if n % 13 == 5 => writeln!(file, "Row,Twin,row{}@mail.example,,,", n - 4),
            // Someone who is there already: everything but the address changes.
            _ if n % 15 == 4 => writeln!(file, "Old,Friend{0},old{0}@mail.example,1980-01-01,{phone},{tags}", n / 15),
            // The same person again, without an address.
            _ if n % 97 == 50 => writeln!(file, "Old,Friend1,,1980-01-01,{phone},"),
            _ => writeln!(file, "\"Row\",Number{n},row{n}@mail.example,{born},{phone},{tags}"),
        };
        written.expect("text");
    }
    file
}

/// A practice with clients, and an import whose file has just come.
async fn uploaded(duplicates: &str, mode: &str) -> (Stage, Persona, String) {
    let stage = Stage::open(Folder::new()).await;
    let owner = stage.world.practice("harbor").await.owner;
    for n in 0..EXISTING {
        let body = json!({
            "first_name": "Old", "last_name": format!("Friend{n}"), "email": format!("old{n}@mail.example"),
            "date_of_birth": "1980-01-01", "tags": ["known"],
        });
        owner.post("/v1/clients", body).await.expect(201);
    }
    let bytes = file();
    let options = json!({"duplicates": duplicates, "mode": mode});
    let body = json!({"file_name": "clients.csv", "size": bytes.len(), "options": options});
    let import = owner.post("/v1/imports", body).await.expect(201);
    owner.upload(&import.at("/upload"), bytes).await.expect(200);
    (stage, owner, format!("/v1/imports/{}", import.text("/id")))
}

/// The same, looked at and committed.
async fn committed(duplicates: &str, mode: &str) -> Scene {
    let (mut stage, owner, path) = uploaded(duplicates, mode).await;
    for object in stage.arrived() {
        stage.deliver(&object, pace(0)).await;
    }
    let ready = owner.get(&path).await.expect(200);
    assert_eq!(ready.text("/state"), "ready", "{}", ready.json());
    owner.do_post(&format!("{path}/commit")).await.expect(202);
    stage.scene().await
}

impl Scene {
    /// The same world again.
    async fn again(&self) -> Stage {
        let folder = Folder::new();
        copy(&self.folder.0, &folder.0);
        let mut stage = Stage::open(folder).await;
        let items: Vec<&Item> = self.table.values().collect();
        for items in items.chunks(25) {
            let put = |item: &&Item| {
                let put = PutRequest::builder().set_item(Some((*item).clone().into_iter().collect())).build();
                WriteRequest::builder().put_request(put.expect("a put")).build()
            };
            let batch = stage.world.cloud.table().batch_write_item();
            let written = batch.request_items(TABLE, items.iter().map(put).collect()).send().await.expect("a batch");
            assert!(written.unprocessed_items.unwrap_or_default().is_empty());
        }
        stage.arrived();
        stage.world.cloud.calls().clear();
        stage
    }

    /// How a run ends that nobody disturbs, and how many calls it takes.
    async fn undisturbed(&self) -> (Items, Objects, usize) {
        let stage = self.again().await;
        assert_eq!(stage.deliver(&self.event, pace(0)).await, End::Answered("done".to_owned()));
        let calls = stage.calls();
        (stage.table().await, stage.objects(), calls)
    }
}

fn same(what: &str, (table, objects): (&Items, &Objects), wanted: (&Items, &Objects)) {
    let shown = |item: Option<&Item>, other: Option<&Item>| -> String {
        let differs = |(name, value): &(&String, &AttributeValue)| other.and_then(|o| o.get(*name)) != Some(value);
        format!("{:?}", item.map(|item| item.iter().filter(differs).collect::<Vec<_>>()))
    };
    let keys: BTreeSet<_> = table.keys().chain(wanted.0.keys()).collect();
    let odd: Vec<String> = keys
        .into_iter()
        .filter(|key| table.get(*key) != wanted.0.get(*key))
        .map(|key| {
            let (is, should) = (table.get(key), wanted.0.get(key));
            format!("{key:?}\n  is {}\n  should be {}", shown(is, should), shown(should, is))
        })
        .collect();
    assert!(odd.is_empty(), "{what}: {} items differ\n{}", odd.len(), odd.join("\n"));
    let names: BTreeSet<_> = objects.keys().chain(wanted.1.keys()).collect();
    let odd: Vec<_> = names.into_iter().filter(|name| objects.get(*name) != wanted.1.get(*name)).collect();
    assert!(odd.is_empty(), "{what}: objects differ: {odd:?}");
}

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
    let scene = stage.scene().await;
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
