//! Reminds clients of their sessions by mail (I7). Every run is safe to repeat and to run twice at once.
//!
//! A function of its own: a morning on which thousands are due must not hold up the mail of the minute.

mod remind;

use caseload::access::Cause;
use caseload::app::{App, FunctionSpec, Services};
use caseload::config::Var;
use caseload::domain::ids::RequestId;
use caseload::mail::Mailer;
use caseload::refusal::Stop;
use caseload::web::within_request;
use lambda_runtime::{Error, LambdaEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "reminders",
    about: "Reminds clients of their sessions",
    services: Services { mail: Some(Mailer::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom],
};

/// Which schedule fired: there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// Every five minutes.
    RemindOfSessions,
}

/// The event of the schedule: exactly what the template gives it as input.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fired {
    /// Which one.
    pub schedule: Schedule,
}

/// What a run found and did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// How many sessions it was time to remind of.
    pub due: u64,
    /// How many reminders were written; what does not go out at once, the flush sends.
    pub done: u64,
    /// How many were not: not wanted, or left to the next run, with a reason in the log.
    pub skipped: u64,
}

/// Runs the schedule once.
pub async fn handle(app: App, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let Fired { schedule: Schedule::RemindOfSessions } = serde_json::from_value(event.payload)?;
    let id = RequestId::from_uuid(app.new_id().map_err(|stop| stop.code().to_owned())?);
    let cause = Cause { request: id, at: app.now() };
    let tally = within_request(id, remind::run(&app, cause)).await.map_err(|stop: Stop| {
        tracing::error!(code = stop.code(), request_id = %id, "nobody reminded");
        stop.code().to_owned()
    })?;
    let Tally { due, done, skipped } = tally;
    tracing::info!(request_id = %id, due, done, skipped, "reminded");
    Ok(serde_json::to_value(tally)?)
}
