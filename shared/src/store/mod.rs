//! The only home of DynamoDB: one table, one key file, one transaction builder, the directory.

mod appointment;
mod appointment_summary;
pub mod audit;
mod availability;
mod booking;
mod calendar_feed;
mod catalog;
mod checkout;
mod client;
mod clinical;
mod condition;
mod decoy;
pub mod directory;
mod export;
mod file;
mod form;
mod guards;
mod handover;
mod hint;
mod idempotency;
mod import;
pub(crate) mod import_turn;
mod invoice;
pub mod item;
pub mod keys;
mod lookup;
mod message;
mod note;
mod op;
mod outbox;
pub mod patterns;
mod payment;
mod practice;
pub mod rate;
mod reminder;
mod sent_packet;
mod service;
mod session;
mod snapshot;
mod staff;
mod sums;
mod task;
mod task_tally;
mod task_template;
mod team;
mod thread;
mod totp;
mod tx;

pub use audit::{AuditEntry, Decided};
pub use booking::DayChange;
pub use guards::{Counter, Guard, StaffCandidate, Taken};
pub use hint::DuplicateHint;
pub use idempotency::{Answer, AnswerPlace, Kept, Record, Repeat};
pub use item::{Corrupt, Entity, Item, Plain, Versioned};
pub use lookup::{Items, Lookup, Present, PrincipalKey, Required};
pub use session::{SignInLink, StoredSession};
pub use sums::{AllSums, AllSumsOf, Sums, SumsOf};
pub use tx::{Conflict, Held, Tx};

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};

use keys::{Key, List, Place};

use crate::clock::Clock;

/// Why the table did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A condition did not hold; nothing was written.
    #[error("refused: {0:?}")]
    Conflict(Conflict),
    /// The table is busy or out of reach; asking again later may work (503).
    #[error("the table is out of reach: {0}")]
    Unavailable(String),
    /// The named kind of item would be larger than an item can be (409).
    #[error("the {0} is too large to be stored")]
    TooLarge(&'static str),
    /// More than one transaction can write (409).
    #[error("more than a transaction can hold")]
    TooMuch,
    /// Stored data or the call itself is wrong (500).
    #[error("{0}")]
    Broken(String),
}

impl From<Corrupt> for StoreError {
    fn from(corrupt: Corrupt) -> Self {
        Self::Broken(corrupt.to_string())
    }
}

impl From<crate::crypto::NoRandomness> for StoreError {
    fn from(none: crate::crypto::NoRandomness) -> Self {
        Self::Unavailable(none.to_string())
    }
}

/// Sorts an SDK failure into "later" and "never"; the text names the operation and code, never a value.
pub(crate) fn sdk_error<E: ProvideErrorMetadata, R>(operation: &'static str, error: &SdkError<E, R>) -> StoreError {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    let text = format!("{operation}: {}", code.unwrap_or("no answer"));
    match code {
        Some(
            "ValidationException" | "ResourceNotFoundException" | "AccessDeniedException" | "SerializationException",
        ) => StoreError::Broken(text),
        _ => StoreError::Unavailable(text),
    }
}

/// The table.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: String,
    capacity: ReturnConsumedCapacity,
    clock: Clock,
}

impl Store {
    /// A store on this table. `count` asks the table to report what each call consumed.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>, count: bool, clock: Clock) -> Self {
        let capacity = if count { ReturnConsumedCapacity::Total } else { ReturnConsumedCapacity::None };
        Self { client, table: table.into(), capacity, clock }
    }

    /// The client, for the other files of the store.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// The table's name, likewise.
    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    pub(crate) const fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn capacity(&self) -> ReturnConsumedCapacity {
        self.capacity.clone()
    }

    /// Opens the connection before the first request: initialisation has the full CPU, a small function does not.
    pub async fn warm(&self) {
        let _ = self.read(&[Place { pk: "WARM".to_owned(), sk: "-".to_owned() }]).await;
    }

    /// Reads what is looked up, up to 100 items, strongly consistent, in one round trip.
    pub async fn load<L: Lookup>(&self, lookup: L) -> Result<L::Found, StoreError> {
        let mut places = Vec::new();
        lookup.places(&mut places);
        let mut items = Items::new(self.read(&places).await?, &places);
        Ok(lookup.find(&mut items)?)
    }

    async fn read(&self, places: &[Place]) -> Result<HashMap<Place, Item>, StoreError> {
        let mut found = HashMap::new();
        let mut unique: Vec<&Place> = places.iter().collect();
        unique.sort_unstable();
        unique.dedup();
        let mut rest: Vec<Item> = unique.into_iter().map(item::key_item).collect();
        let mut pause = std::time::Duration::from_millis(20);
        while !rest.is_empty() {
            let ask = KeysAndAttributes::builder()
                .set_keys(Some(std::mem::take(&mut rest)))
                .consistent_read(true)
                .build()
                .map_err(|e| StoreError::Broken(e.to_string()))?;
            let answer = self
                .client
                .batch_get_item()
                .request_items(&self.table, ask)
                .return_consumed_capacity(self.capacity())
                .send()
                .await
                .map_err(|e| sdk_error("BatchGetItem", &e))?;
            for item in answer.responses.unwrap_or_default().into_values().flatten() {
                if let Some(place) = place_of(&item) {
                    found.insert(place, item);
                }
            }
            rest = answer.unprocessed_keys.unwrap_or_default().into_values().flat_map(|k| k.keys).collect();
            if !rest.is_empty() {
                self.clock.pause(pause).await;
                pause = (pause * 2).min(std::time::Duration::from_millis(500));
            }
        }
        Ok(found)
    }

    /// Reads a page of a list, strongly consistent, oldest or newest first.
    ///
    /// At most `page.limit` items; the second value says whether there are more. What is not listed where it stands is among
    /// them, since the next page begins behind it.
    pub async fn list<E: Entity>(&self, list: &List<E>, page: Paging<'_>) -> Result<(Vec<E>, bool), StoreError> {
        let (low, high) = match (page.after, page.newest_first) {
            (None, _) => (list.low.clone(), list.high.clone()),
            (Some(after), false) => (format!("{after}\u{1}"), list.high.clone()),
            (Some(after), true) => (list.low.clone(), before(after)),
        };
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .return_consumed_capacity(self.capacity())
            .scan_index_forward(!page.newest_first)
            .key_condition_expression("pk = :pk AND sk BETWEEN :low AND :high")
            .expression_attribute_values(":pk", AttributeValue::S(list.pk.clone()))
            .expression_attribute_values(":low", AttributeValue::S(low))
            .expression_attribute_values(":high", AttributeValue::S(high))
            .limit(i32::try_from(page.limit.saturating_add(1)).unwrap_or(i32::MAX));
        let answer = query.send().await.map_err(|e| sdk_error("Query", &e))?;
        let mut entities =
            answer.items.unwrap_or_default().into_iter().map(item::from_item).collect::<Result<Vec<E>, Corrupt>>()?;
        let more = entities.len() > page.limit || answer.last_evaluated_key.is_some();
        entities.truncate(page.limit);
        Ok((entities, more))
    }

    /// A whole list, oldest first, however many reads that takes.
    pub async fn all<E: Entity>(&self, list: &List<E>) -> Result<Vec<E>, StoreError> {
        let mut all: Vec<E> = Vec::new();
        loop {
            let after = all.last().map(Entity::key);
            let page = Paging { newest_first: false, limit: 1000, after: after.as_ref().map(Key::sk) };
            let (mut found, more) = self.list(list, page).await?;
            let last = !more || found.is_empty();
            all.append(&mut found);
            if last {
                all.retain(Entity::is_listed);
                return Ok(all);
            }
        }
    }

    /// Removes items in batches; absent ones do not matter. For what a permanent deletion leaves behind.
    pub(crate) async fn remove(&self, places: &[Place]) -> Result<(), StoreError> {
        use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};
        for batch in places.chunks(25) {
            let mut rest = batch
                .iter()
                .map(|place| {
                    let delete = DeleteRequest::builder().set_key(Some(item::key_item(place))).build();
                    delete.map(|d| WriteRequest::builder().delete_request(d).build())
                })
                .collect::<Result<Vec<_>, _>>()
                .map_err(|e| StoreError::Broken(e.to_string()))?;
            while !rest.is_empty() {
                let answer = self
                    .client
                    .batch_write_item()
                    .request_items(&self.table, std::mem::take(&mut rest))
                    .return_consumed_capacity(self.capacity())
                    .send()
                    .await
                    .map_err(|e| sdk_error("BatchWriteItem", &e))?;
                rest = answer.unprocessed_items.unwrap_or_default().into_values().flatten().collect();
                if !rest.is_empty() {
                    self.clock.pause(std::time::Duration::from_millis(50)).await;
                }
            }
        }
        Ok(())
    }

    /// The places of everything in a partition, in one pass of pages.
    pub(crate) async fn places_in(&self, pk: &str) -> Result<Vec<Place>, StoreError> {
        let mut places = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(true)
                .return_consumed_capacity(self.capacity())
                .key_condition_expression("pk = :pk")
                .projection_expression("pk, sk")
                .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|e| sdk_error("Query", &e))?;
            places.extend(answer.items.unwrap_or_default().iter().filter_map(place_of));
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(places);
            }
        }
    }
}

/// Which page of a list.
#[derive(Debug, Clone, Copy)]
pub struct Paging<'a> {
    pub newest_first: bool,
    /// At most this many.
    pub limit: usize,
    /// The whole sort key of the last one seen.
    pub after: Option<&'a str>,
}

fn place_of(item: &Item) -> Option<Place> {
    let text = |name: &str| item.get(name).and_then(|v| v.as_s().ok()).cloned();
    Some(Place { pk: text("pk")?, sk: text("sk")? })
}

/// The highest sort key below this one, given that sort keys hold no control characters.
fn before(sk: &str) -> String {
    let mut text = sk.to_owned();
    match text.pop() {
        Some(last) => {
            let lower = char::from_u32(u32::from(last).saturating_sub(1)).unwrap_or('\u{0}');
            text.push(lower);
            text.push('~');
            text
        }
        None => text,
    }
}
