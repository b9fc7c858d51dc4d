//! The items of an import: the job, and beside it the run with its lease while one lasts (IMP-2).

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::condition::Condition;
use super::item::{self, Corrupt, Entity};
use super::keys::{self, Key};
use super::{Conflict, Store, StoreError, Tx, sdk_error};
use crate::domain::client::Client;
use crate::domain::ids::{ImportId, PracticeId, StaffId};
use crate::domain::import::job::Import;
use crate::domain::import::report::RunReport;
use crate::domain::import::run::{LEASE, Lease, Phase, Place, Run, RunKind};
use crate::domain::import::state::{Failure, ImportStage, State};
use crate::domain::text::FileName;

/// The job's attributes. What only code reads is kept as JSON.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: ImportId,
    created_by: StaffId,
    created_at: Timestamp,
    file_name: FileName,
    size: u64,
    state: ImportStage,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
    options: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<String>,
}

/// JSON that is certain to be made: maps with text keys and finite numbers.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn read<T: for<'de> Deserialize<'de>>(text: &str, of: &'static str) -> Result<T, Corrupt> {
    serde_json::from_str(text).map_err(|_| Corrupt(of))
}

crate::store::item::versioned!(Import);

impl Entity for Import {
    const NAME: &'static str = "import";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::import(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self { id, practice, version: _, created_by, created_at, file_name, size, options, state, file, report } =
            self;
        Row {
            pid: practice.key(),
            id: *id,
            created_by: *created_by,
            created_at: *created_at,
            file_name: file_name.clone(),
            size: *size,
            state: state.stage(),
            expires_at: if let State::AwaitingUpload { expires_at } = state { Some(*expires_at) } else { None },
            failure: if let State::Failed(failure) = state { Some(failure.clone()) } else { None },
            options: json(options),
            found: file.as_ref().map(json),
            report: report.as_ref().map(json),
        }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let corrupt = Corrupt(Self::NAME);
        let state = match (row.state, row.expires_at, row.failure) {
            (ImportStage::AwaitingUpload, Some(expires_at), _) => State::AwaitingUpload { expires_at },
            (ImportStage::Analyzing, ..) => State::Analyzing,
            (ImportStage::AwaitingMapping, ..) => State::AwaitingMapping,
            (ImportStage::Ready, ..) => State::Ready,
            (ImportStage::DryRunning, ..) => State::DryRunning,
            (ImportStage::Committing, ..) => State::Committing,
            (ImportStage::Done, ..) => State::Done,
            (ImportStage::Failed, _, Some(failure)) => State::Failed(failure),
            (ImportStage::Cancelled, ..) => State::Cancelled,
            _ => return Err(corrupt),
        };
        Ok(Self {
            id: row.id,
            practice: PracticeId::from_key(&row.pid).map_err(|_| corrupt)?,
            version,
            created_by: row.created_by,
            created_at: row.created_at,
            file_name: row.file_name,
            size: row.size,
            options: read(&row.options, Self::NAME)?,
            state,
            file: row.found.map(|text| read(&text, Self::NAME)).transpose()?,
            report: row.report.map(|text| read(&text, Self::NAME)).transpose()?,
        })
    }
}

/// The run's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunRow {
    pid: String,
    import: ImportId,
    kind: RunKind,
    requested_at: Timestamp,
    phase: String,
    place: Place,
    report: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    stopped: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease: Option<LeaseRow>,
}

#[derive(Debug, Serialize, Deserialize)]
struct LeaseRow {
    owner: Uuid,
    until: i64,
}

crate::store::item::plain!(Run);

impl Entity for Run {
    const NAME: &'static str = "import_run";
    const SCHEMA: u32 = 1;
    type Row = RunRow;

    fn key(&self) -> Key<Self> {
        keys::import_run(self.practice, self.import)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        1
    }
    fn to_row(&self) -> RunRow {
        let Self { practice, import, kind, requested_at, phase, place, report, stopped, lease } = self;
        RunRow {
            pid: practice.key(),
            import: *import,
            kind: *kind,
            requested_at: *requested_at,
            phase: json(phase),
            place: *place,
            report: json(report),
            stopped: *stopped,
            lease: lease.map(|Lease { owner, until }| LeaseRow { owner, until: until.as_millisecond() }),
        }
    }
    fn from_row(row: RunRow, _: u64) -> Result<Self, Corrupt> {
        let corrupt = Corrupt(Self::NAME);
        let RunRow { pid, import, kind, requested_at, phase, place, report, stopped, lease } = row;
        let lease = lease.map(|LeaseRow { owner, until }| {
            Timestamp::from_millisecond(until).map(|until| Lease { owner, until }).map_err(|_| corrupt)
        });
        Ok(Self {
            practice: PracticeId::from_key(&pid).map_err(|_| corrupt)?,
            import,
            kind,
            requested_at,
            phase: read::<Phase>(&phase, Self::NAME)?,
            place,
            report: read::<RunReport>(&report, Self::NAME)?,
            stopped,
            lease: lease.transpose()?,
        })
    }
}

fn millis(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_millisecond().to_string())
}

fn text(id: impl ToString) -> AttributeValue {
    AttributeValue::S(id.to_string())
}

const OWNED: &str = "#lease.#owner = :me";

fn owned(owner: Uuid) -> Condition {
    Condition {
        expression: OWNED.to_owned(),
        names: vec![("#lease", "lease"), ("#owner", "owner")],
        values: vec![(":me".to_owned(), text(owner))],
    }
}

impl Tx {
    /// Writes the run, which this worker must still own: whatever else is in the transaction, a worker that lost its
    /// lease cannot write it.
    pub fn hold(&mut self, run: &Run) -> &mut Self {
        let owner = run.lease.map(|lease| lease.owner).unwrap_or_default();
        self.put_if(run, owned(owner), Conflict::Stale(Run::NAME))
    }

    /// Ends the run, which this worker must still own.
    pub fn end_run(&mut self, run: &Run) -> &mut Self {
        let owner = run.lease.map(|lease| lease.owner).unwrap_or_default();
        self.delete_if(run.key(), owned(owner), Conflict::Stale(Run::NAME))
    }

    /// Puts a client that an import makes: anew, or over the very same one that an earlier try of the row has made and
    /// nobody has touched since.
    pub fn create_imported(&mut self, client: &Client, import: ImportId) -> &mut Self {
        let condition = Condition {
            expression: "attribute_not_exists(pk) OR (#import.#id = :import AND version = :first)".to_owned(),
            names: vec![("#import", "import"), ("#id", "id")],
            values: vec![
                (":import".to_owned(), text(import)),
                (":first".to_owned(), AttributeValue::N("1".to_owned())),
            ],
        };
        self.put_if(client, condition, Conflict::Stale(Client::NAME))
    }

    /// Puts the next version of a client that an import has decided on, in place of the one it was decided by.
    ///
    /// Without its entry in the list, and in a version that was raised with the decision: the import shows all of its
    /// clients at once by a snapshot at its end, and writes a row again byte for byte.
    pub fn replace_imported(&mut self, client: &Client) -> &mut Self {
        self.put_over(client, client.version.saturating_sub(1))
    }
}

impl Store {
    /// Takes the lease of an import's run, if there is a run and nobody works on it: one call for a duplicate event.
    pub async fn take_run(
        &self,
        practice: PracticeId,
        import: ImportId,
        owner: Uuid,
        now: Timestamp,
    ) -> Result<Option<Run>, StoreError> {
        let lease: item::Item = [("owner".to_owned(), text(owner)), ("until".to_owned(), millis(now + LEASE))].into();
        let sent = self
            .client()
            .update_item()
            .table_name(self.table())
            .set_key(Some(item::key_item(keys::import_run(practice, import).place())))
            .update_expression("SET #lease = :lease")
            .condition_expression(format!(
                "attribute_exists(pk) AND (attribute_not_exists(#lease) OR #lease.#until <= :now OR {OWNED})"
            ))
            .expression_attribute_names("#lease", "lease")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":lease", AttributeValue::M(lease))
            .expression_attribute_values(":now", millis(now))
            .expression_attribute_values(":me", text(owner))
            .return_values(ReturnValue::AllNew)
            .return_consumed_capacity(self.capacity())
            .send()
            .await;
        match sent {
            Ok(answer) => Ok(answer.attributes.map(item::from_item).transpose()?),
            Err(e) if e.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(None),
            Err(e) => Err(sdk_error("UpdateItem", &e)),
        }
    }

    /// Writes the run, if `owner` still holds it; `false` if somebody else does.
    pub async fn save_run(&self, run: &Run, owner: Uuid) -> Result<bool, StoreError> {
        let sent = self
            .client()
            .put_item()
            .table_name(self.table())
            .set_item(Some(item::to_item(run)?))
            .condition_expression(OWNED)
            .expression_attribute_names("#lease", "lease")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":me", text(owner))
            .return_consumed_capacity(self.capacity())
            .send()
            .await;
        match sent {
            Ok(_) => Ok(true),
            Err(e) if e.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(false),
            Err(e) => Err(sdk_error("PutItem", &e)),
        }
    }

    /// Gives the lease back, if `owner` still holds it; nothing else of the run changes.
    pub async fn release_run(&self, practice: PracticeId, import: ImportId, owner: Uuid) -> Result<(), StoreError> {
        let sent = self
            .client()
            .update_item()
            .table_name(self.table())
            .set_key(Some(item::key_item(keys::import_run(practice, import).place())))
            .update_expression("REMOVE #lease")
            .condition_expression(OWNED)
            .expression_attribute_names("#lease", "lease")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":me", text(owner))
            .return_consumed_capacity(self.capacity())
            .send()
            .await;
        match sent {
            Ok(_) => Ok(()),
            Err(e) if e.as_service_error().is_some_and(|e| e.is_conditional_check_failed_exception()) => Ok(()),
            Err(e) => Err(sdk_error("UpdateItem", &e)),
        }
    }
}
