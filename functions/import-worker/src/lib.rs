//! The import worker: an object under `imports/` starts it, a checkpoint lets it go on wherever it was stopped (IMP-2).
//!
//! It holds no state of its own. What it writes follows from the job item, the file and the directory alone, so a row that
//! is written twice is written with the same bytes, and a run that was killed ends in the same table as one that was not.

mod analyse;
mod checkpoint;
mod finish;

mod halt;
mod job;
mod keys;
mod known;
mod pace;

mod run;
mod source;
mod turn;

mod write;

use aws_lambda_events::s3::S3Event;
use caseload::app::{App, FunctionSpec, Services};
use caseload::config::Var;
use caseload::files::Files;
use lambda_runtime::{Error, LambdaEvent};
use serde_json::{Value, json};

pub use pace::Pace;

use keys::{Trigger, What};
use pace::Deadline;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "import-worker",
    about: "Analyses and commits imports",
    services: Services { files: Some(Files::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::BucketName],
};

/// Answers an event of the bucket. An error makes the platform deliver it again.
pub async fn handle(app: App, event: LambdaEvent<S3Event>) -> Result<Value, Error> {
    handle_at(app, event, Pace::default()).await
}

/// The same at another pace; every delivery about one import must keep to the same one.
pub async fn handle_at(app: App, event: LambdaEvent<S3Event>, pace: Pace) -> Result<Value, Error> {
    let deadline = Deadline::of(&event.context);
    let mut answers = Vec::new();
    for record in &event.payload.records {
        let key = record.s3.object.key.as_deref().unwrap_or_default();
        let Some(trigger) = Trigger::parse(key) else {
            answers.push("ignored");
            continue;
        };
        let Trigger { practice, import, what } = trigger;
        let ended = match what {
            What::Source => analyse::analyse(&app, practice, import).await,
            What::Run => run::run(&app, practice, import, pace, deadline).await,
        };
        match ended {
            Ok(answer) => {
                tracing::info!(%import, answer, "import");
                answers.push(answer);
            }
            Err(halt) => {
                tracing::error!(%import, error = %halt, "import");
                return Err(halt.into());
            }
        }
    }
    Ok(json!({"answers": answers}))
}
