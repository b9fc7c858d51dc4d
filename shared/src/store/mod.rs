//! The only home of DynamoDB: one table, one key file, one transaction builder, the directory.

mod appointment;
mod audit;
mod catalog;
mod checkout;
mod client;
mod decoy;
pub mod directory;
mod export;
mod file;
mod guards;
mod handover;
mod hint;
mod idempotency;
mod import;
mod invoice;
pub mod item;
pub mod keys;
mod outbox;
pub mod patterns;
mod payment;
mod practice;
pub mod rate;
mod session;
mod snapshot;
mod staff;
mod team;
mod totp;
mod tx;

pub use audit::{AuditEntry, Decided};
pub use catalog::{Catalog, StaffCard, Tag};
pub use guards::{Counter, Guard, StaffCandidate};
pub use hint::DuplicateHint;
pub use idempotency::{Answer, AnswerPlace, Kept, Record, Repeat};
pub use item::{Corrupt, Entity, Item};
pub use session::{SignInLink, StoredSession};
pub use tx::{Conflict, Tx};

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};

use keys::Key;

/// Why the table did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A condition did not hold; nothing was written.
    #[error("refused: {0:?}")]
    Conflict(Conflict),
    /// The same request was answered before; this is its answer.
    #[error("answered before")]
    Answered(Box<Answer>),
    /// The table is busy or out of reach; asking again later may work (503).
    #[error("the table is out of reach: {0}")]
    Unavailable(String),
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
}

/// What a load brought: items by key, each taken out once as the noun it is.
#[derive(Debug, Default)]
pub struct Items(HashMap<Key, Item>);

impl Items {
    /// Takes the noun that lives at a key.
    pub fn take<E: Entity>(&mut self, key: &Key) -> Result<Option<E>, Corrupt> {
        self.0.remove(key).map(item::from_item).transpose()
    }

    /// A copy of what stands at a key, for an item that two readers want.
    pub(crate) fn copy(&self, key: &Key) -> Option<Item> {
        self.0.get(key).cloned()
    }

    /// Puts a copy back.
    pub(crate) fn give_back(&mut self, key: Key, item: Option<Item>) {
        if let Some(item) = item {
            self.0.insert(key, item);
        }
    }

    /// Whether something stands at the key.
    #[must_use]
    pub fn has(&self, key: &Key) -> bool {
        self.0.contains_key(key)
    }
}

impl Store {
    /// A store on this table. `count` asks the table to report what each call consumed.
    #[must_use]
    pub fn new(client: Client, table: impl Into<String>, count: bool) -> Self {
        let capacity = if count { ReturnConsumedCapacity::Total } else { ReturnConsumedCapacity::None };
        Self { client, table: table.into(), capacity }
    }

    /// The client, for the other files of the store.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// The table's name, likewise.
    pub(crate) fn table(&self) -> &str {
        &self.table
    }

    pub(crate) fn capacity(&self) -> ReturnConsumedCapacity {
        self.capacity.clone()
    }

    /// Opens the connection before the first request: initialisation has the full CPU, a small function does not.
    pub async fn warm(&self) {
        let key = Key { pk: "WARM".to_owned(), sk: "-".to_owned() };
        let _ = self.load(&[key]).await;
    }

    /// Reads up to 100 items by key, strongly consistent, in one round trip.
    pub async fn load(&self, wanted: &[Key]) -> Result<Items, StoreError> {
        let mut found = Items::default();
        let mut unique: Vec<&Key> = wanted.iter().collect();
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
                if let Some(key) = key_of(&item) {
                    found.0.insert(key, item);
                }
            }
            rest = answer.unprocessed_keys.unwrap_or_default().into_values().flat_map(|k| k.keys).collect();
            if !rest.is_empty() {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(std::time::Duration::from_millis(500));
            }
        }
        Ok(found)
    }

    /// Reads one noun, strongly consistent.
    pub async fn get<E: Entity>(&self, key: &Key) -> Result<Option<E>, StoreError> {
        Ok(self.load(std::slice::from_ref(key)).await?.take(key)?)
    }

    /// Reads the nouns of one kind whose sort key starts with a prefix, strongly consistent, oldest or newest first.
    ///
    /// At most `limit`; the second value says whether there are more.
    pub async fn list<E: Entity>(
        &self,
        pk: &str,
        prefix: &str,
        page: Paging<'_>,
    ) -> Result<(Vec<E>, bool), StoreError> {
        self.between(pk, (prefix, &format!("{prefix}~")), page).await
    }

    /// All items of a kind in a partition, oldest first, however many reads that takes.
    pub async fn all<E: Entity>(&self, pk: &str, prefix: &str) -> Result<Vec<E>, StoreError> {
        let mut all: Vec<E> = Vec::new();
        loop {
            let after = all.last().map(|item| item.key().sk);
            let page = Paging { newest_first: false, limit: 1000, after: after.as_deref() };
            let (mut found, more) = self.list(pk, prefix, page).await?;
            let last = !more || found.is_empty();
            all.append(&mut found);
            if last {
                return Ok(all);
            }
        }
    }

    /// Likewise, of those whose sort key lies between two others, both included.
    pub async fn between<E: Entity>(
        &self,
        pk: &str,
        (low, high): (&str, &str),
        page: Paging<'_>,
    ) -> Result<(Vec<E>, bool), StoreError> {
        let (low, high) = match (page.after, page.newest_first) {
            (None, _) => (low.to_owned(), high.to_owned()),
            (Some(after), false) => (format!("{after}\u{1}"), high.to_owned()),
            (Some(after), true) => (low.to_owned(), before(after)),
        };
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .return_consumed_capacity(self.capacity())
            .scan_index_forward(!page.newest_first)
            .key_condition_expression("pk = :pk AND sk BETWEEN :low AND :high")
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
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

    /// Removes items in batches; absent ones do not matter. For what a permanent deletion leaves behind.
    pub(crate) async fn remove(&self, keys: &[Key]) -> Result<(), StoreError> {
        use aws_sdk_dynamodb::types::{DeleteRequest, WriteRequest};
        for batch in keys.chunks(25) {
            let mut rest = batch
                .iter()
                .map(|key| {
                    let delete = DeleteRequest::builder().set_key(Some(item::key_item(key))).build();
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
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            }
        }
        Ok(())
    }

    /// The keys of everything in a partition, in one pass of pages.
    pub(crate) async fn keys_in(&self, pk: &str) -> Result<Vec<Key>, StoreError> {
        let mut keys = Vec::new();
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
            keys.extend(answer.items.unwrap_or_default().iter().filter_map(key_of));
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(keys);
            }
        }
    }
}

/// Which page of a list.
#[derive(Debug, Clone, Copy)]
pub struct Paging<'a> {
    /// Newest first.
    pub newest_first: bool,
    /// At most this many.
    pub limit: usize,
    /// The whole sort key of the last one seen.
    pub after: Option<&'a str>,
}

fn key_of(item: &Item) -> Option<Key> {
    let text = |name: &str| item.get(name).and_then(|v| v.as_s().ok()).cloned();
    Some(Key { pk: text("pk")?, sk: text("sk")? })
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
