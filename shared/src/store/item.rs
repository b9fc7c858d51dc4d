//! Items of the table: every one with `entity`, `schema`, `version`; read back by parsing, not by trust (decision 18).

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Counter;
use super::keys::{Key, Place};
use crate::domain::client::Client;
use crate::domain::ids::PracticeId;
use crate::domain::money::{Currency, Money};

/// An item as the SDK has it.
pub type Item = HashMap<String, AttributeValue>;

/// Stored data that does not read back as what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored {0} cannot be read")]
pub struct Corrupt(pub &'static str);

/// A noun that has an item.
pub trait Entity: Sized {
    /// Its name in the table.
    const NAME: &'static str;
    /// Grows when the row changes shape.
    const SCHEMA: u32;
    /// The item's attributes beside the common ones.
    type Row: Serialize + DeserializeOwned;

    /// Where it lives.
    fn key(&self) -> Key<Self>;
    /// The tenant, checked again when it is read; none for global guards.
    fn practice(&self) -> Option<PracticeId>;
    /// Grows by one with each change.
    fn version(&self) -> u64;
    /// Whether a list shows it at the place where it stands; one that stands in two places is shown at one of them.
    fn is_listed(&self) -> bool {
        true
    }
    /// When the table may forget it, as Unix seconds. Expiry itself is compared in code.
    fn forget_at(&self) -> Option<i64> {
        None
    }
    /// Into attributes.
    fn to_row(&self) -> Self::Row;
    /// Out of attributes.
    fn from_row(row: Self::Row, version: u64) -> Result<Self, Corrupt>;
}

/// A noun whose version grows with each change; only the transaction raises it.
pub trait Versioned: Entity {
    fn version_mut(&mut self) -> &mut u64;
}

/// A noun that is saved as one item and nothing else. A client is not: see `Tx::save_client`.
pub trait Plain: Entity {}

/// Says that a noun is one item, saved as it is.
macro_rules! plain {
    ($noun:ty) => {
        impl $crate::store::item::Plain for $noun {}
    };
}
pub(super) use plain;

/// Likewise, and that its field `version` grows with each change.
macro_rules! versioned {
    ($noun:ty) => {
        $crate::store::item::plain!($noun);

        impl $crate::store::item::Versioned for $noun {
            fn version_mut(&mut self) -> &mut u64 {
                &mut self.version
            }
        }
    };
}
pub(super) use versioned;

impl Plain for Counter {}

impl Versioned for Counter {
    fn version_mut(&mut self) -> &mut u64 {
        &mut self.last
    }
}

impl Versioned for Client {
    fn version_mut(&mut self) -> &mut u64 {
        &mut self.version
    }
}

/// The item of a noun.
pub fn to_item<E: Entity>(entity: &E) -> Result<Item, Corrupt> {
    let mut item: Item = serde_dynamo::to_item(entity.to_row()).map_err(|_| Corrupt(E::NAME))?;
    let Place { pk, sk } = entity.key().into_place();
    item.insert("pk".to_owned(), AttributeValue::S(pk));
    item.insert("sk".to_owned(), AttributeValue::S(sk));
    item.insert("entity".to_owned(), AttributeValue::S(E::NAME.to_owned()));
    item.insert("schema".to_owned(), AttributeValue::N(E::SCHEMA.to_string()));
    item.insert("version".to_owned(), AttributeValue::N(entity.version().to_string()));
    if let Some(practice) = entity.practice() {
        item.insert("pid".to_owned(), AttributeValue::S(practice.key()));
    }
    if let Some(ttl) = entity.forget_at() {
        item.insert("ttl".to_owned(), AttributeValue::N(ttl.to_string()));
    }
    Ok(item)
}

/// The most that the table takes as one item, with some room for how it counts.
pub(super) const MAX_SIZE: usize = 400_000;

/// About how many bytes the table counts for an item: names and values.
pub(super) fn size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + size_of_value(value)).sum()
}

fn size_of_value(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => text.len(),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::L(values) => values.iter().map(|value| 1 + size_of_value(value)).sum::<usize>() + 3,
        AttributeValue::M(members) => {
            members.iter().map(|(name, value)| 1 + name.len() + size_of_value(value)).sum::<usize>() + 3
        }
        AttributeValue::Ss(texts) | AttributeValue::Ns(texts) => texts.iter().map(String::len).sum(),
        _ => 1,
    }
}

/// Reads a noun; another kind of item, another schema or another tenant is [`Corrupt`].
pub fn from_item<E: Entity>(item: Item) -> Result<E, Corrupt> {
    let corrupt = Corrupt(E::NAME);
    let text = |name: &str| item.get(name).and_then(|v| v.as_s().ok()).cloned();
    let number = |name: &str| item.get(name).and_then(|v| v.as_n().ok()).and_then(|n| n.parse::<u64>().ok());
    if text("entity").as_deref() != Some(E::NAME) || number("schema") != Some(u64::from(E::SCHEMA)) {
        return Err(corrupt);
    }
    let version = number("version").ok_or(corrupt)?;
    let (pk, sk, pid) = (text("pk"), text("sk"), text("pid"));
    let row: E::Row = serde_dynamo::from_item(item).map_err(|_| corrupt)?;
    let entity = E::from_row(row, version)?;
    let Place { pk: its_pk, sk: its_sk } = entity.key().into_place();
    let same_tenant = entity.practice().map(PracticeId::key) == pid;
    if pk.as_ref() != Some(&its_pk) || sk.as_ref() != Some(&its_sk) || !same_tenant {
        return Err(corrupt);
    }
    Ok(entity)
}

/// Money as it stands in an item.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Money")]
pub(super) struct MoneyRow {
    amount: i64,
    currency: Currency,
}

/// The key's attributes.
#[must_use]
pub fn key_item(place: &Place) -> Item {
    [("pk", &place.pk), ("sk", &place.sk)]
        .into_iter()
        .map(|(n, v)| (n.to_owned(), AttributeValue::S(v.clone())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // What will never be taken is refused before it is sent.
    #[test]
    fn the_size_of_an_item_counts_names_values_and_what_is_nested() {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let inner = HashMap::from([("ab".to_owned(), text("cde"))]);
        let item: Item = HashMap::from([
            ("pk".to_owned(), text("🙂")),
            ("list".to_owned(), AttributeValue::L(vec![text("xy"), AttributeValue::Bool(true)])),
            ("map".to_owned(), AttributeValue::M(inner)),
        ]);
        assert_eq!(size(&item), (2 + 4) + (4 + 3 + 3 + 2) + (3 + 3 + 6));
    }
}
