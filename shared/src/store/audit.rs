//! The audit trail: ids, names of fields, decisions; never a value (security 2.8).

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::item::{Corrupt, Entity, to_item};
use super::keys::{self, Key};
use super::{Store, StoreError, sdk_error};
use crate::access::Grant;
use crate::domain::ids::{ClientId, PracticeId, RequestId};
use crate::domain::text::BreakGlassReason;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decided {
    /// A read was asked for; written at the same time as it is read. A refusal follows as an entry of its own.
    Asked,
    /// A change was made, in the same transaction as this entry.
    Done,
    /// The answer to an earlier request was told again, or there was nothing left to do.
    Repeated,
    /// Refused.
    Denied,
}

/// One entry of the trail.
#[derive(Debug, Clone)]
pub struct AuditEntry {
    practice: PracticeId,
    id: Uuid,
    row: Row,
}

/// An entry's attributes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    at: Timestamp,
    actor: String,
    action: String,
    decided: Decided,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<ClientId>,
    request: RequestId,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    fields: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    resources: Vec<String>,
    /// Why, where whoever did it had to say so: the only words of a person in the trail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<BreakGlassReason>,
    pid: String,
    id: Uuid,
}

impl AuditEntry {
    /// The entry of a decided action.
    #[must_use]
    pub fn new(grant: &Grant, decided: Decided, id: Uuid) -> Self {
        Self::of(
            grant.practice(),
            &grant.actor().name(),
            grant.action().name(),
            decided,
            grant.subject(),
            grant.cause(),
            id,
        )
    }

    /// An entry for somebody who has no grant: an attempt, or a refusal.
    #[must_use]
    pub fn of(
        practice: PracticeId,
        actor: &str,
        action: &str,
        decided: Decided,
        client: Option<ClientId>,
        cause: crate::access::Cause,
        id: Uuid,
    ) -> Self {
        let row = Row {
            at: cause.at,
            actor: actor.to_owned(),
            action: action.to_owned(),
            decided,
            client,
            request: cause.request,
            fields: Vec::new(),
            resources: Vec::new(),
            reason: None,
            pid: practice.key(),
            id,
        };
        Self { practice, id, row }
    }

    /// With the names of the changed fields.
    #[must_use]
    pub fn with_fields(mut self, fields: &[&str]) -> Self {
        self.row.fields = fields.iter().map(|f| (*f).to_owned()).collect();
        self
    }

    /// With the reason that was given.
    #[must_use]
    pub fn with_reason(mut self, reason: Option<BreakGlassReason>) -> Self {
        self.row.reason = reason;
        self
    }

    /// With the ids of what was touched or shown.
    #[must_use]
    pub fn with_resources(mut self, resources: Vec<String>) -> Self {
        self.row.resources = resources;
        self
    }
}

crate::store::item::plain!(AuditEntry);

impl Entity for AuditEntry {
    const NAME: &'static str = "audit";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::audit(self.practice, self.row.at.to_zoned(TimeZone::UTC).date(), self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        1
    }
    fn to_row(&self) -> Row {
        self.row.clone()
    }
    fn from_row(row: Row, _: u64) -> Result<Self, Corrupt> {
        let practice = PracticeId::from_key(&row.pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { practice, id: row.id, row })
    }
}

impl Store {
    /// Appends an entry outside a transaction: reads and refusals. Whoever reads answers only after this has held.
    pub async fn append_audit(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        self.client()
            .put_item()
            .table_name(self.table())
            .set_item(Some(to_item(entry)?))
            .return_consumed_capacity(self.capacity())
            .send()
            .await
            .map_err(|e| sdk_error("PutItem", &e))?;
        account();
        Ok(())
    }
}

/// How a request stands with the trail.
#[derive(Debug)]
pub enum Account {
    /// Nobody has decided anything: nothing may be told.
    Silent,
    /// A change was decided about, and nothing was written that would carry this entry.
    Owed(Box<AuditEntry>),
    /// There is an entry, or a decision that there is nothing to enter.
    Given,
}

tokio::task_local! {
    static ACCOUNT: Mutex<Account>;
}

fn with_account(change: impl FnOnce(&mut Account)) {
    // Outside of a request nobody asks.
    let _ = ACCOUNT.try_with(|account| change(&mut account.lock().unwrap_or_else(PoisonError::into_inner)));
}

/// Runs a request, and says how it stands with the trail at its end.
pub async fn accounted<F: Future>(request: F) -> (F::Output, Account) {
    let work = async {
        let (output, mut account) = (request.await, Account::Silent);
        with_account(|last| std::mem::swap(last, &mut account));
        (output, account)
    };
    ACCOUNT.scope(Mutex::new(Account::Silent), work).await
}

/// Notes that the request at hand has given an account of itself.
pub fn account() {
    with_account(|account| *account = Account::Given);
}

/// Notes what is to be entered if the request at hand succeeds without writing anything: of what was so already, too, it
/// is known who asked.
pub fn owe(entry: AuditEntry) {
    with_account(|account| {
        if matches!(account, Account::Silent) {
            *account = Account::Owed(Box::new(entry));
        }
    });
}
