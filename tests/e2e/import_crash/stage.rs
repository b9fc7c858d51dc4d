//! A local cloud whose events the test delivers, and what can be seen of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_dynamodb::types::AttributeValue;
use caseload_local::bucket::{Bucket, ObjectCreated, User, s3_event};
use caseload_local::cloud::{BUCKET, Options, TABLE};
use caseload_local::faults::Life;
use caseload_local::table::Table;
use end_to_end::World;
use futures_util::future::join;
use import_worker::Pace;
use jiff::SignedDuration;
use lambda_runtime::{Context, LambdaEvent};
use tokio::sync::mpsc;

/// Rows between two checkpoints.
pub(super) const STRETCH: usize = 17;
/// Every lease has run out by then.
const LATER: i64 = 60;

pub(super) fn pace(margin: i64) -> Pace {
    Pace { rows: STRETCH, margin: SignedDuration::from_secs(margin), ..Pace::default() }
}

pub(super) type Item = BTreeMap<String, AttributeValue>;
pub(super) type Items = BTreeMap<(String, String), Item>;
pub(super) type Objects = BTreeMap<String, Vec<u8>>;

/// A folder that goes with the test.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
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

pub(super) fn copy(from: &Path, to: &Path) {
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
pub(super) struct Stage {
    pub(super) world: World,
    arrivals: mpsc::UnboundedReceiver<ObjectCreated>,
    _parts: (Table, Bucket),
    pub(super) folder: Folder,
}

/// How a delivery ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    Answered(String),
    Failed(String),
    Killed,
}

impl Stage {
    pub(super) async fn open(folder: Folder) -> Self {
        let (sender, arrivals) = mpsc::unbounded_channel();
        let announce = move |object| drop(sender.send(object));
        let mut options = Options { data_dir: Some(folder.0.clone()), ..Options::default() };
        let (root, user, clock) = (folder.0.join("bucket"), User::default(), options.clock.clone());
        let bucket = Bucket::start(&root, BUCKET, None, &user, vec![], clock, announce).await.expect("a bucket");
        options.endpoints.s3 = Some(bucket.endpoint.clone());
        let table = Table::start(None).await.expect("a table");
        options.endpoints.dynamodb = Some(table.endpoint.clone());
        Self { world: World::with(options).await, arrivals, _parts: (table, bucket), folder }
    }

    /// The event is delivered, and the worker lives as long as the plan of faults lets it.
    pub(super) async fn deliver(&self, object: &ObjectCreated, pace: Pace) -> End {
        let cloud = &self.world.cloud;
        let life = Life::fresh();
        tokio::select! {
            end = Box::pin(self.work(life, object, pace)) => end,
            () = cloud.faults().crashed(Some(life)) => End::Killed,
        }
    }

    pub(super) async fn work(&self, life: Life, object: &ObjectCreated, pace: Pace) -> End {
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
    pub(super) async fn deliver_twice(&self, object: &ObjectCreated, pace: Pace, at_once: bool) -> [End; 2] {
        if at_once {
            join(self.deliver(object, pace), self.deliver(object, pace)).await.into()
        } else {
            [self.deliver(object, pace).await, self.deliver(object, pace).await]
        }
    }

    /// Objects that have arrived since.
    pub(super) fn arrived(&mut self) -> Vec<ObjectCreated> {
        std::iter::from_fn(|| self.arrivals.try_recv().ok()).collect()
    }

    pub(super) fn advance(&self) {
        self.world.cloud.clock().advance(SignedDuration::from_secs(LATER));
    }

    pub(super) fn calls(&self) -> usize {
        self.world.cloud.calls().all().len()
    }

    pub(super) async fn table(&self) -> Items {
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
    pub(super) fn objects(&self) -> Objects {
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

pub(super) fn same(what: &str, (table, objects): (&Items, &Objects), wanted: (&Items, &Objects)) {
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
