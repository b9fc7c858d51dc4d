//! Placeholder.

use aws_lambda_events::s3::S3Event;
use caseload::app::App;
use caseload::config::{FunctionSpec, Var};
use lambda_runtime::{Error, LambdaEvent};
use serde_json::Value;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "import-worker",
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::BucketName],
};

/// Answers an event.
pub async fn handle(_app: App, _event: LambdaEvent<S3Event>) -> Result<Value, Error> {
    Ok(Value::Null)
}
