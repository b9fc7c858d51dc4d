//! Placeholder.

use caseload::app::App;
use caseload::config::{FunctionSpec, Var};
use lambda_runtime::{Error, LambdaEvent};
use serde_json::{Value, json};

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "resend-invitations",
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom],
};

/// Answers an event.
pub async fn handle(_app: App, _event: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(json!({"due": 0, "sent": 0, "skipped": 0}))
}
