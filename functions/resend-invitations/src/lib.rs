//! What the schedules do: resend pending invitations, flush mail that a crash left unsent, fold long directory logs,
//! finish deletions, hand clients over on the day it was planned for. Every run is safe to repeat and to run twice at once.

mod compact;
mod deletions;
mod flush;
mod handovers;
mod resend;

use caseload::access::Cause;
use caseload::app::{App, FunctionSpec, Services};
use caseload::config::Var;
use caseload::domain::ids::RequestId;
use caseload::files::Files;
use caseload::mail::Mailer;
use caseload::web::{Problem, within_request};
use lambda_runtime::{Error, LambdaEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "resend-invitations",
    services: Services { mail: Some(Mailer::from_config), files: Some(Files::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom, Var::BucketName],
};

/// Which schedule fired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// Hourly.
    ResendInvitations,
    /// Every minute.
    FlushMail,
    /// Every minute.
    CompactDirectories,
    /// Hourly.
    FinishDeletions,
    /// Hourly.
    ApplyHandovers,
}

/// The event of a schedule: exactly what the template gives it as input.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fired {
    /// Which one.
    pub schedule: Schedule,
}

/// What a run did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How much there was to do.
    pub due: u64,
    /// How much was done.
    pub sent: u64,
    /// How much was left, with a reason in the log.
    pub skipped: u64,
}

/// Runs one schedule once.
pub async fn handle(app: App, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let fired: Fired = serde_json::from_value(event.payload)?;
    let id = RequestId::from_uuid(app.new_id().map_err(|problem| problem.code().to_owned())?);
    let cause = Cause { request: id, at: app.now() };
    let run = async {
        match fired.schedule {
            Schedule::ResendInvitations => resend::run(&app, cause).await,
            Schedule::FlushMail => flush::run(&app, cause).await,
            Schedule::CompactDirectories => compact::run(&app, cause).await,
            Schedule::FinishDeletions => deletions::run(&app, cause).await,
            Schedule::ApplyHandovers => handovers::run(&app, cause).await,
        }
    };
    let report = within_request(id, run).await.map_err(|problem: Problem| {
        tracing::error!(code = problem.code(), request_id = %id, schedule = ?fired.schedule, "schedule");
        problem.code().to_owned()
    })?;
    let Report { due, sent, skipped } = report;
    tracing::info!(request_id = %id, schedule = ?fired.schedule, due, sent, skipped, "schedule");
    Ok(serde_json::to_value(report)?)
}
