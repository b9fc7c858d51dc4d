//! A practice whose import has come so far and no further, to be run from there again and again.

use std::fmt::Write as _;

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use caseload_local::bucket::ObjectCreated;
use caseload_local::cloud::TABLE;
use end_to_end::Persona;
use serde_json::json;

use super::stage::{End, Folder, Item, Items, Objects, Stage, copy, pace};

pub(super) const ROWS: usize = 200;
const EXISTING: usize = 15;

/// A practice whose import is uploaded or committed, and no worker has begun.
pub(super) struct Scene {
    folder: Folder,
    pub(super) table: Items,
    pub(super) event: ObjectCreated,
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
pub(super) async fn uploaded(duplicates: &str, mode: &str) -> (Stage, Persona, String) {
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
pub(super) async fn committed(duplicates: &str, mode: &str) -> Scene {
    let (mut stage, owner, path) = uploaded(duplicates, mode).await;
    for object in stage.arrived() {
        stage.deliver(&object, pace(0)).await;
    }
    let ready = owner.get(&path).await.expect(200);
    assert_eq!(ready.text("/state"), "ready", "{}", ready.json());
    owner.do_post(&format!("{path}/commit")).await.expect(202);
    Scene::of(stage).await
}

impl Scene {
    /// What there is now, with the newest object as the event.
    pub(super) async fn of(mut stage: Stage) -> Self {
        let event = stage.arrived().pop().expect("an object");
        let (table, folder) = (stage.table().await, Folder::new());
        copy(&stage.folder.0, &folder.0);
        Self { folder, table, event }
    }

    /// The same world again.
    pub(super) async fn again(&self) -> Stage {
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
    pub(super) async fn undisturbed(&self) -> (Items, Objects, usize) {
        let stage = self.again().await;
        assert_eq!(stage.deliver(&self.event, pace(0)).await, End::Answered("done".to_owned()));
        let calls = stage.calls();
        (stage.table().await, stage.objects(), calls)
    }
}
