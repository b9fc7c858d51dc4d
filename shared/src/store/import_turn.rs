//! Whose turn it is to write the rows of an import: one of a practice at a time, so that none is blind to what another has
//! written and does not show yet (C6, C10).

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::condition::Amendment;
use super::item::{self, Corrupt, Entity};
use super::keys::{self, Key};
use super::{Conflict, Store, StoreError, Tx, sdk_error};
use crate::domain::ids::{ImportId, PracticeId};

/// Whose turn it is, and who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportTurn {
    practice: PracticeId,
    version: u64,
    /// The import that writes rows.
    pub holder: Option<ImportId>,
    /// Those to wake once it has ended, the oldest first.
    pub waiting: BTreeSet<ImportId>,
}

/// Its attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<ImportId>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty", with = "serde_dynamo::string_set")]
    waiting: BTreeSet<ImportId>,
}

impl Entity for ImportTurn {
    const NAME: &'static str = "import_turn";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::import_turn(self.practice)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self { practice, version: _, holder, waiting } = self;
        Row { pid: practice.key(), holder: *holder, waiting: waiting.clone() }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row { pid, holder, waiting } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { practice, version, holder, waiting })
    }
}

/// Tries before somebody must have left the turn in between each time.
const TRIES: u32 = 4;

impl Tx {
    /// Leaves the turn, which nobody else may have.
    pub fn leave_turn(&mut self, import: ImportId) -> &mut Self {
        let practice = self.grant().practice();
        let key = keys::import_turn(practice);
        let name = |alias: &'static str| (alias, alias.trim_start_matches('#').to_owned());
        let amendment = Amendment {
            update: "SET #entity = :entity, #schema = :schema, #pid = :pid, version = :one REMOVE #holder",
            condition: "attribute_not_exists(#holder) OR #holder = :me",
            names: ["#entity", "#schema", "#pid", "#holder"].map(name).to_vec(),
            values: vec![
                (":entity", AttributeValue::S(ImportTurn::NAME.to_owned())),
                (":schema", AttributeValue::N(ImportTurn::SCHEMA.to_string())),
                (":pid", AttributeValue::S(practice.key())),
                (":me", AttributeValue::S(import.to_string())),
                (":one", AttributeValue::N("1".to_owned())),
            ],
        };
        self.amend(key, amendment, Conflict::Stale(ImportTurn::NAME))
    }
}

impl Store {
    /// Takes the turn for an import, or puts it among those that wait; `true` if it has it, from before or from now on.
    pub async fn take_turn(&self, practice: PracticeId, import: ImportId) -> Result<bool, StoreError> {
        for _ in 0..TRIES {
            let taken = "SET #entity = :entity, #schema = :schema, #pid = :pid, #holder = :me, version = :one DELETE #waiting :us";
            if self.turn(practice, import, taken, "attribute_not_exists(#holder) OR #holder = :me").await? {
                return Ok(true);
            }
            let waits = "SET #entity = :entity, #schema = :schema, #pid = :pid, version = :one ADD #waiting :us";
            if self.turn(practice, import, waits, "attribute_exists(#holder) AND #holder <> :me").await? {
                return Ok(false);
            }
        }
        Err(StoreError::Unavailable("the turn of imports changes hands all the time".to_owned()))
    }

    async fn turn(
        &self,
        practice: PracticeId,
        import: ImportId,
        update: &str,
        condition: &str,
    ) -> Result<bool, StoreError> {
        let names = ["#entity", "#schema", "#pid", "#holder", "#waiting"];
        let values = [
            (":entity", AttributeValue::S(ImportTurn::NAME.to_owned())),
            (":schema", AttributeValue::N(ImportTurn::SCHEMA.to_string())),
            (":pid", AttributeValue::S(practice.key())),
            (":me", AttributeValue::S(import.to_string())),
            (":us", AttributeValue::Ss(vec![import.to_string()])),
            (":one", AttributeValue::N("1".to_owned())),
        ];
        let call = self.client().update_item().table_name(self.table());
        let call = call.set_key(Some(item::key_item(keys::import_turn(practice).place())));
        let call = names
            .iter()
            .fold(call, |call, alias| call.expression_attribute_names(*alias, alias.trim_start_matches('#')));
        let call = values.into_iter().fold(call, |call, (name, value)| call.expression_attribute_values(name, value));
        let call = call.update_expression(update).condition_expression(condition);
        match call.return_consumed_capacity(self.capacity()).send().await {
            Ok(_) => Ok(true),
            Err(e) if e.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(false),
            Err(e) => Err(sdk_error("UpdateItem", &e)),
        }
    }
}
