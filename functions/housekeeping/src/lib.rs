//! What a practice needs done behind its back: flush mail that a crash left unsent, fold long directory logs, finish
//! deletions, hand clients over on the day it was planned for, forget deleted notes, let tasks come again, tell of
//! messages that wait. Every run is safe to repeat and to run twice at once.

mod compact;
mod deletions;
mod flush;
mod forgotten_notes;
mod handovers;
mod messages;
mod tasks;

use caseload::access::Cause;
use caseload::app::{App, FunctionSpec, Services};
use caseload::config::Var;
use caseload::domain::ids::RequestId;
use caseload::files::Files;
use caseload::mail::Mailer;
use caseload::refusal::Stop;
use caseload::web::within_request;
use lambda_runtime::{Error, LambdaEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "housekeeping",
    about: "Flushes mail, folds client lists, finishes deletions, hands clients over, forgets notes, repeats tasks, tells of messages",
    services: Services { mail: Some(Mailer::from_config), files: Some(Files::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom, Var::BucketName],
};

/// Which schedule fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// Every minute.
    FlushMail,
    /// Every minute.
    CompactDirectories,
    /// Every minute.
    FinishDeletions,
    /// Hourly.
    ApplyHandovers,
    /// Hourly.
    ForgetNotes,
    /// Hourly.
    RepeatTasks,
    /// Every minute.
    TellOfMessages,
}

/// The event of a schedule: exactly what the template gives it as input.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fired {
    /// Which one.
    pub schedule: Schedule,
}

/// What a run found and did; the answer of every schedule here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// How much there was to do.
    pub due: u64,
    /// How much was done.
    pub done: u64,
    /// How much was left, with a reason in the log.
    pub skipped: u64,
}

/// Runs one schedule once.
pub async fn handle(app: App, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let Fired { schedule } = serde_json::from_value(event.payload)?;
    let id = RequestId::from_uuid(app.new_id().map_err(|stop| stop.code().to_owned())?);
    let cause = Cause { request: id, at: app.now() };
    let run = async {
        match schedule {
            Schedule::FlushMail => flush::run(&app, cause).await,
            Schedule::CompactDirectories => compact::run(&app, cause).await,
            Schedule::FinishDeletions => deletions::run(&app, cause).await,
            Schedule::ApplyHandovers => handovers::run(&app, cause).await,
            Schedule::ForgetNotes => forgotten_notes::run(&app, cause).await,
            Schedule::RepeatTasks => tasks::run(&app, cause).await,
            Schedule::TellOfMessages => messages::run(&app, cause).await,
        }
    };
    let tally = within_request(id, run).await.map_err(|stop: Stop| {
        tracing::error!(code = stop.code(), request_id = %id, ?schedule, "schedule");
        stop.code().to_owned()
    })?;
    let Tally { due, done, skipped } = tally;
    tracing::info!(request_id = %id, ?schedule, due, done, skipped, "schedule");
    Ok(serde_json::to_value(tally)?)
}
