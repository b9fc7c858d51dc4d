//! A morning on which fifty thousand reminders are due, and ten runs are killed. Too long for every day:
//! `cargo test --release -p end-to-end -- --ignored --nocapture fifty_thousand`.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use caseload::domain::ids::{ClientId, PracticeId};
use caseload::store::{Entity as _, Guard, keys};
use caseload_local::cloud::TABLE;
use caseload_local::faults::{Fault, Kind};
use end_to_end::World;
use futures_util::{StreamExt as _, stream};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::faults::killed;

const PRACTICES: u128 = 50;
const CLIENTS: u128 = 1_000;
const KILLS: u64 = 10;

type Item = HashMap<String, AttributeValue>;

/// The same with other texts in place of these, wherever they stand.
fn altered(value: &AttributeValue, texts: &[(&str, String)]) -> AttributeValue {
    let other = |text: &str| texts.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    match value {
        AttributeValue::S(text) => AttributeValue::S(other(text)),
        AttributeValue::L(list) => AttributeValue::L(list.iter().map(|value| altered(value, texts)).collect()),
        AttributeValue::M(map) => {
            AttributeValue::M(map.iter().map(|(name, value)| (other(name), altered(value, texts))).collect())
        }
        value => value.clone(),
    }
}

fn copy(item: &Item, texts: &[(&str, String)]) -> Item {
    item.iter().map(|(name, value)| (name.clone(), altered(value, texts))).collect()
}

async fn item<E: caseload::store::Entity>(world: &World, key: &keys::Key<E>) -> Item {
    // The item's place is the store's own; what can be read of it is its name.
    let text = format!("{key:?}");
    let (pk, sk) = text.trim_start_matches("Key(").trim_end_matches(')').split_once(", ").expect("two halves");
    let ask = world.cloud.table().get_item().table_name(TABLE).consistent_read(true);
    let ask = ask.key("pk", AttributeValue::S(pk.to_owned())).key("sk", AttributeValue::S(sk.to_owned()));
    ask.send().await.expect("the table").item.expect("an item")
}

async fn write(world: &World, items: Vec<Item>) {
    let batches = items.chunks(25).map(<[Item]>::to_vec).collect::<Vec<_>>();
    let put = |item| PutRequest::builder().set_item(Some(item)).build().expect("an item");
    stream::iter(batches)
        .for_each_concurrent(8, async |batch| {
            let requests = batch.into_iter().map(|item| WriteRequest::builder().put_request(put(item)).build());
            let sent = world.cloud.table().batch_write_item().request_items(TABLE, requests.collect());
            assert!(sent.send().await.expect("the table").unprocessed_items.is_none_or(|rest| rest.is_empty()));
        })
        .await;
}

/// A practice whose one client is to be reminded in a while, copied.
async fn furnish(world: &World) -> Timestamp {
    let practice = world.practice("harbor").await;
    practice.owner.patch("/v1/practice", json!({"scheduling": {"reminders": [24]}})).await.expect(200);
    let (client, _) = practice.portal_client("Maya").await;
    practice.owner.books(&client, &practice.owner, (2880, 2930)).await;
    world.advance(1).await;
    world.run("remind-of-sessions").await;
    let of: PracticeId = practice.id.parse().expect("an id");
    let id: ClientId = client.parse().expect("an id");
    let sessions = world.stored(&keys::appointment_summary(of, id)).await;
    let at = sessions.look_at.expect("a time to look");
    let samples = (
        item(world, &keys::practice(of)).await,
        item(world, &keys::client(of, id)).await,
        item(world, &keys::appointment_summary(of, id)).await,
        item(world, &Guard::reminder(of, id, at).key()).await,
    );
    // This one is not in the way.
    practice.owner.delete(&format!("/v1/clients/{client}")).await.expect(204);
    for n in 0..PRACTICES {
        let to = PracticeId::from_uuid(Uuid::from_u128((0x0199_0000_0000_7000_8000 << 48) + n));
        let renamed = ("harbor", format!("harbor{n}"));
        let mut items = vec![copy(&samples.0, &[(&of.key(), to.key()), renamed.clone()])];
        for m in 0..CLIENTS {
            let other = ClientId::from_uuid(Uuid::from_u128((0x0199_0000_0000_7001_8000 << 48) + n * CLIENTS + m));
            let texts = [(&*of.key(), to.key()), (&*id.key(), other.key()), ("maya@", format!("c{n}.{m}@"))];
            items.push(copy(&samples.1, &texts));
            items.push(copy(&samples.2, &texts));
            let mut guard = copy(&samples.3, &texts);
            // The shard hangs on the client.
            let place = format!("{:?}", Guard::reminder(to, other, at).key());
            let pk = place.trim_start_matches("Key(").split(", ").next().expect("a partition").to_owned();
            guard.insert("pk".to_owned(), AttributeValue::S(pk));
            items.push(guard);
        }
        write(world, items).await;
    }
    at
}

// I7, decision 21: all at once, killed ten times
#[tokio::test]
#[ignore = "takes minutes: see above"]
async fn fifty_thousand_due_reminders_go_out_once_each_though_ten_runs_are_killed() {
    let world = World::start().await;
    let at = furnish(&world).await;
    world.cloud.clock().set(at);
    let all = usize::try_from(PRACTICES * CLIENTS).expect("a number");
    let (mut died, mut runs, calls) = (0, 0, world.cloud.calls().begun());
    loop {
        // At a call of the table: what a kill right behind the mail service's yes does is shown elsewhere.
        if died < KILLS {
            let point = 2_000 + 997 * died;
            world.cloud.faults().arm(Fault::at(point, Kind::Crash).workers().service("dynamodb"));
        }
        let was = killed(&world).await;
        world.cloud.faults().clear();
        died += u64::from(was);
        runs += 1;
        world.advance(61).await;
        while world.run("flush-mail").await["due"] != 0 {}
        let mut left = 0;
        for list in keys::reminders(world.cloud.clock().now()) {
            left += world.cloud.app().store.all(&list).await.expect("a list").len();
        }
        if !was && left == 0 {
            break;
        }
    }
    let calls = world.cloud.calls().begun() - calls;
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for message in world.cloud.mailbox().expect("a mailbox").messages(None) {
        if message.subject == super::SUBJECT {
            for to in &message.to {
                *told.entry(to.clone()).or_default() += 1;
            }
        }
    }
    let twice = told.values().filter(|count| **count > 1).count();
    println!("{all} reminders: {calls} calls in {runs} runs, {died} of them killed, and flushes between");
    assert_eq!((told.len(), twice, died), (all, 0, KILLS));
}
