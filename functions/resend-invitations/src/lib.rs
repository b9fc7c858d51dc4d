//! Resends pending invitations, hourly. Every run is safe to repeat and to run twice at once.

mod resend;

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
    name: "resend-invitations",
    about: "Resends pending invitations",
    services: Services { mail: Some(Mailer::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom],
};

/// Which schedule fired: there is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// Hourly.
    ResendInvitations,
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
    /// How many invitations were due.
    pub due: u64,
    /// How many were sent.
    pub sent: u64,
    /// How many were left, with a reason in the log.
    pub skipped: u64,
}

/// Runs the schedule once.
pub async fn handle(app: App, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let Fired { schedule: Schedule::ResendInvitations } = serde_json::from_value(event.payload)?;
    let id = RequestId::from_uuid(app.new_id().map_err(|stop| stop.code().to_owned())?);
    let cause = Cause { request: id, at: app.now() };
    let tally = within_request(id, resend::run(&app, cause)).await.map_err(|stop: Stop| {
        tracing::error!(code = stop.code(), request_id = %id, "invitations not resent");
        stop.code().to_owned()
    })?;
    let Tally { due, sent, skipped } = tally;
    tracing::info!(request_id = %id, due, sent, skipped, "invitations resent");
    Ok(serde_json::to_value(tally)?)
}
