//! The export worker: an order under `exports/` starts it, and it puts the archive together (X5).
//!
//! It decides nothing: the order says what goes in. Whoever makes the same order twice makes the same bytes, so it may be
//! stopped anywhere and run again.

mod archive;
mod make;

use aws_lambda_events::s3::S3Event;
use caseload::app::{App, FunctionSpec, Services};
use caseload::config::Var;
use caseload::files::{ExportObjects, Files, key_of_event};
use lambda_runtime::{Error, LambdaEvent};
use serde_json::{Value, json};

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "export-worker",
    about: "Puts archives of client records together",
    services: Services { files: Some(Files::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::BucketName],
};

/// Answers an event of the bucket. An error makes the platform deliver it again.
pub async fn handle(app: App, event: LambdaEvent<S3Event>) -> Result<Value, Error> {
    let mut answers = Vec::new();
    for record in &event.payload.records {
        let key = key_of_event(record.s3.object.key.as_deref().unwrap_or_default());
        let Some(objects) = key.as_deref().and_then(ExportObjects::of_order) else {
            answers.push("ignored");
            continue;
        };
        let export = objects.export;
        match make::make(&app, objects).await {
            Ok(answer) => {
                tracing::info!(%export, answer, "export");
                answers.push(answer);
            }
            Err(halt) => {
                tracing::error!(%export, error = %halt, "export");
                return Err(halt.into());
            }
        }
    }
    Ok(json!({"answers": answers}))
}
