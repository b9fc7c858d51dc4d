//! What signing in costs an address that nobody has: as much as one that somebody has (security IDN-12).

use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::item::{self, Corrupt, Entity};
use super::keys::{self, Key};
use super::{Store, StoreError, sdk_error};
use crate::domain::ids::PracticeId;

/// How long the table keeps one.
const KEPT: SignedDuration = SignedDuration::from_hours(1);
/// The link, its mail, and the entry of the trail.
const ITEMS: u8 = 3;

/// An item that means nothing.
#[derive(Debug)]
pub struct Decoy {
    hash: String,
    number: u8,
    at: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    hash: String,
    number: u8,
    at: Timestamp,
}

impl Entity for Decoy {
    const NAME: &'static str = "decoy";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::decoy(&self.hash, self.number)
    }
    fn practice(&self) -> Option<PracticeId> {
        None
    }
    fn version(&self) -> u64 {
        1
    }
    fn forget_at(&self) -> Option<i64> {
        Some((self.at + KEPT).as_second())
    }
    fn to_row(&self) -> Row {
        Row { hash: self.hash.clone(), number: self.number, at: self.at }
    }
    fn from_row(row: Row, _: u64) -> Result<Self, Corrupt> {
        let Row { hash, number, at } = row;
        Ok(Self { hash, number, at })
    }
}

impl Store {
    /// Writes, in the same kind of call, as many items as a sign-in link takes. They mean nothing and are soon forgotten.
    pub async fn write_decoy(&self, hash: &str, at: Timestamp) -> Result<(), StoreError> {
        let broken = |e: aws_sdk_dynamodb::error::BuildError| StoreError::Broken(e.to_string());
        let mut puts = Vec::new();
        for number in 0..ITEMS {
            let item = item::to_item(&Decoy { hash: hash.to_owned(), number, at })?;
            let put = Put::builder().table_name(self.table()).set_item(Some(item)).build().map_err(broken)?;
            puts.push(TransactWriteItem::builder().put(put).build());
        }
        let write = self.client().transact_write_items().set_transact_items(Some(puts));
        match write.return_consumed_capacity(self.capacity()).send().await {
            // Another request has just written the same nothing.
            Err(e) if e.as_service_error().is_some_and(|e| e.is_transaction_canceled_exception()) => Ok(()),
            Err(e) => Err(sdk_error("TransactWriteItems", &e)),
            Ok(_) => Ok(()),
        }
    }
}
