//! Stored answers: the record of a request stands in the same transaction as its effect (security REL-1).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::crypto::{Keys, sha256};
use crate::domain::ids::{ClientId, PracticeId};
use crate::domain::session::PrincipalId;

/// How long an answer is kept, in seconds.
const KEPT: i64 = 24 * 3600;

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub status: u16,
    /// The `ETag`, if there was one.
    pub etag: Option<String>,
    /// The JSON body.
    pub body: String,
}

/// An answer as it is kept, and for whom it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// What was answered.
    pub answer: Answer,
    /// The clients it is about.
    pub clients: Vec<ClientId>,
    /// What the caller could do then; see [`AnswerPlace::standing`].
    pub standing: String,
}

/// Where the answer to this request would stand, and what the request was.
#[derive(Debug, Clone)]
pub struct AnswerPlace {
    /// Its place.
    pub key: Key<Record>,
    /// The tenant, where there is one.
    pub practice: Option<PracticeId>,
    /// Hash of method, path and body: another payload under the same key is refused.
    pub payload: String,
    /// What the caller can do at this moment, in one word: an answer is not told again to whom something was taken from
    /// since. Empty where nobody is signed in.
    pub standing: String,
    /// Seals the body: it holds personal data and is read by nobody but us.
    pub keys: Keys,
}

/// The stored record.
#[derive(Debug, Clone)]
pub struct Record {
    key: Key<Self>,
    practice: Option<PracticeId>,
    row: Row,
}

/// The record's attributes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    payload: String,
    sealed: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    clients: Vec<ClientId>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    standing: String,
    expires_at: i64,
    pk: String,
    sk: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pid: Option<String>,
}

/// What a stored record says about the request at hand.
#[derive(Debug)]
pub enum Repeat {
    /// The same request: this was the answer.
    Same(Kept),
    /// Another request under the same key.
    Different,
}

impl AnswerPlace {
    pub(super) fn record(&self, answer: Answer, clients: Vec<ClientId>, now: Timestamp) -> Result<Record, StoreError> {
        let plain = serde_json::to_vec(&answer).map_err(|e| StoreError::Broken(e.to_string()))?;
        let sealed = self.keys.seal(&self.context(), &plain)?;
        let row = Row {
            payload: self.payload.clone(),
            sealed,
            clients,
            standing: self.standing.clone(),
            expires_at: now.as_second() + KEPT,
            pk: self.key.place().pk.clone(),
            sk: self.key.place().sk.clone(),
            pid: self.practice.map(PracticeId::key),
        };
        Ok(Record { key: self.key.clone(), practice: self.practice, row })
    }

    /// Where a part of the answer would stand: one of many things that a request makes, each in a transaction of its own.
    #[must_use]
    pub fn part(&self, principal: PrincipalId, of: &str) -> Option<Self> {
        let hash = sha256(format!("{} {of}", self.key.sk()).as_bytes());
        Some(Self { key: keys::idempotency(self.practice?, principal, &hash), ..self.clone() })
    }

    fn context(&self) -> String {
        format!("answer {} {}", self.key.place().pk, self.key.place().sk)
    }

    /// Compares a stored record with the request at hand; an expired one counts as absent.
    #[must_use]
    pub fn compare(&self, record: &Record, now: Timestamp) -> Option<Repeat> {
        if record.row.expires_at <= now.as_second() {
            return None;
        }
        if record.row.payload != self.payload {
            return Some(Repeat::Different);
        }
        let plain = self.keys.open(&self.context(), &record.row.sealed)?;
        let answer = serde_json::from_slice(&plain).ok()?;
        let Row { clients, standing, .. } = record.row.clone();
        Some(Repeat::Same(Kept { answer, clients, standing }))
    }
}

crate::store::item::plain!(Record);

impl Entity for Record {
    const NAME: &'static str = "idempotency";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        self.key.clone()
    }
    fn practice(&self) -> Option<PracticeId> {
        self.practice
    }
    fn version(&self) -> u64 {
        1
    }
    fn forget_at(&self) -> Option<i64> {
        Some(self.row.expires_at)
    }
    fn to_row(&self) -> Row {
        self.row.clone()
    }
    fn from_row(row: Row, _: u64) -> Result<Self, Corrupt> {
        let practice = row.pid.as_deref().map(PracticeId::from_key).transpose().map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { key: Key::new(row.pk.clone(), row.sk.clone()), practice, row })
    }
}
