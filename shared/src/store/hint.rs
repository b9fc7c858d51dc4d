//! Hints at who may be the same person: under a keyed hash of a name and a mark, the clients that have both (B14).
//!
//! A client is put into a hint, and taken out of it, in place: whoever does so need not have read it, and two at once
//! do not get in each other's way.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::condition::{Amendment, Condition};
use super::item::{Corrupt, Entity};
use super::keys::{self, Key, Place};
use super::tx::{Conflict, Tx};
use crate::domain::ids::{ClientId, PracticeId};

/// The clients of one name and one mark, whoever sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateHint {
    key: Key<Self>,
    practice: PracticeId,
    pub(super) version: u64,
    clients: BTreeSet<ClientId>,
}

impl DuplicateHint {
    /// As many clients as a hint keeps.
    pub const MOST: usize = 16;

    /// The clients it names, newest first, [`Self::MOST`] of them.
    pub fn clients(&self) -> impl Iterator<Item = ClientId> {
        self.clients.iter().rev().take(Self::MOST).copied()
    }

    /// What comes in place of a full one: the newest clients, and this one.
    fn with(&self, client: ClientId) -> Self {
        let kept = self.clients.iter().rev().take(Self::MOST - 1).copied();
        Self { clients: kept.chain([client]).collect(), ..self.clone() }
    }
}

/// A hint's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    pk: String,
    sk: String,
    /// None where all of them have been taken out.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty", with = "serde_dynamo::string_set")]
    clients: BTreeSet<ClientId>,
}

crate::store::item::versioned!(DuplicateHint);

impl Entity for DuplicateHint {
    const NAME: &'static str = "duplicate_hint";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        self.key.clone()
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self { key, practice, version: _, clients } = self.clone();
        let Place { pk, sk } = key.into_place();
        Row { pid: practice.key(), pk, sk, clients }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row { pid, pk, sk, clients } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { key: Key::new(pk, sk), practice, version, clients })
    }
}

impl Tx {
    /// Puts a client into the hint under a keyed hash, beside whoever is in it; `read` is the hint where it was read.
    pub fn leave_hint(&mut self, hash: &str, client: ClientId, read: Option<&DuplicateHint>) -> &mut Self {
        match read.filter(|hint| hint.clients.len() >= DuplicateHint::MOST) {
            Some(full) => self.replace(&mut full.with(client)),
            None => self.amend_hint(
                "SET #entity = :entity, #schema = :schema, #pid = :pid ADD #clients :client, version :one",
                hash,
                client,
            ),
        }
    }

    /// Takes a client out of the hint under a keyed hash; the others stay in it.
    pub fn forget_hint(&mut self, hash: &str, client: ClientId) -> &mut Self {
        self.amend_hint(
            "SET #entity = :entity, #schema = :schema, #pid = :pid ADD version :one DELETE #clients :client",
            hash,
            client,
        )
    }

    /// Removes the hint under a keyed hash, which must name nobody but this client.
    pub fn drop_hint(&mut self, hash: &str, client: ClientId) -> &mut Self {
        let condition = Condition {
            expression: "attribute_not_exists(#clients) OR #clients = :only".to_owned(),
            names: vec![("#clients", "clients")],
            values: vec![(":only".to_owned(), AttributeValue::Ss(vec![client.to_string()]))],
        };
        let key = keys::duplicate_hint(self.grant().practice(), hash);
        self.delete_if(key, condition, Conflict::Stale(DuplicateHint::NAME))
    }

    /// An amendment makes an item where there is none; so each says all that an item needs.
    fn amend_hint(&mut self, update: &'static str, hash: &str, client: ClientId) -> &mut Self {
        let practice = self.grant().practice();
        let name = |alias: &'static str| (alias, alias.trim_start_matches('#').to_owned());
        let amendment = Amendment {
            update,
            condition: "attribute_not_exists(pk) OR #entity = :entity",
            names: ["#entity", "#schema", "#pid", "#clients"].map(name).to_vec(),
            values: vec![
                (":entity", AttributeValue::S(DuplicateHint::NAME.to_owned())),
                (":schema", AttributeValue::N(DuplicateHint::SCHEMA.to_string())),
                (":pid", AttributeValue::S(practice.key())),
                (":client", AttributeValue::Ss(vec![client.to_string()])),
                (":one", AttributeValue::N("1".to_owned())),
            ],
        };
        self.amend(keys::duplicate_hint(practice, hash), amendment, Conflict::Stale(DuplicateHint::NAME))
    }
}
