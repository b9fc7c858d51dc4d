//! Ten thousand notes of one client: a page costs what it costs with ten.

use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use caseload::domain::ids::{ClientId, NoteId, PracticeId, StaffId};
use caseload::domain::note::{Content, Note, NoteTally};
use caseload::domain::session::PrincipalId;
use caseload::domain::text::NoteBody;
use caseload::store::item::{Item, to_item};
use caseload_local::cloud::TABLE;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Stage;

const MANY: usize = 10_000;

async fn put(stage: &Stage, items: Vec<Item>) {
    for some in items.chunks(25) {
        let put = |item: &Item| {
            let put = PutRequest::builder().set_item(Some(item.clone())).build().expect("an item");
            WriteRequest::builder().put_request(put).build()
        };
        let writes: Vec<WriteRequest> = some.iter().map(put).collect();
        let sent = stage.world.cloud.table().batch_write_item().request_items(TABLE, writes).send().await;
        assert!(sent.expect("written").unprocessed_items.unwrap_or_default().is_empty());
    }
}

/// Every tenth one is hidden from the client.
async fn fill(stage: &Stage) {
    let practice: PracticeId =
        stage.theo.get("/v1/me").await.expect(200).text("/practice/id").parse().expect("a practice");
    let (client, theo): (ClientId, StaffId) =
        (stage.maya.parse().expect("a client"), stage.theo.id.parse().expect("a therapist"));
    let now = stage.world.cloud.clock().now();
    let mut tally = NoteTally::empty(practice, client);
    let mut items = Vec::with_capacity(MANY + 1);
    for n in 0..MANY {
        let body = NoteBody::parse(&format!("Note {n}")).expect("a text");
        let content = Content { title: None, body, shared: n % 10 != 0, appointment: None };
        let id = NoteId::new(client, Uuid::from_u128(n as u128 + 1));
        let mut note = Note::new(id, practice, PrincipalId::Staff(theo), content, now);
        note.saw(now);
        tally.admit(&note).expect("room");
        items.push(to_item(&note).expect("an item"));
    }
    tally.version = 1;
    items.push(to_item(&tally).expect("an item"));
    put(stage, items).await;
}

// F4, performance 5.1
#[tokio::test]
async fn ten_thousand_notes_page_in_constant_calls() {
    let stage = Stage::set().await;
    fill(&stage).await;
    for (by, total) in [(&stage.theo, MANY), (&stage.portal, MANY * 9 / 10)] {
        let mut cursor = String::new();
        for page in 0..3 {
            let shown = by.get(&format!("{}?limit=50{cursor}", stage.list())).await.expect(200);
            assert_eq!(shown.at("/total"), total);
            assert_eq!(shown.at("/items").as_array().map(Vec::len), Some(50));
            let calls = stage.world.calls(&shown).await;
            let queries = calls.iter().filter(|call| call["operation"] == "Query").count();
            assert!(queries <= if by.id == stage.theo.id { 1 } else { 2 }, "page {page}: {queries} queries");
            let Value::String(next) = shown.at("/next_cursor") else { panic!("page {page} is the last") };
            cursor = format!("&cursor={next}");
        }
    }
    let home = stage.portal.get("/v1/portal/home").await.expect(200);
    assert_eq!((stage.world.rounds(&home).await, home.at("/notes")), (1, json!({"new": 0, "unread_comments": 0})));
}
