//! The schedules: what runs by itself while the local cloud serves, and by hand under `/dev/run`.

use std::time::Duration;

use caseload::app::App;
use caseload::crypto::ordered_id;
use caseload::domain::ids::RequestId;
use caseload::web::within_request;
use jiff::SignedDuration;
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

use crate::invocation::context;

/// Every schedule there is.
pub const SCHEDULES: [&str; 5] =
    ["resend-invitations", "flush-mail", "compact-directories", "finish-deletions", "apply-handovers"];

const MINUTE: Duration = Duration::from_secs(60);
/// As in the template.
const TIME: SignedDuration = SignedDuration::from_secs(300);

/// Why a schedule did not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is none of that name.
    #[error("there is no schedule of that name; there are {}", SCHEDULES.join(", "))]
    Unknown,
    /// Its function failed.
    #[error("the schedule failed: {0}")]
    Failed(lambda_runtime::Error),
}

/// Runs a schedule's function once, now; its answer is the function's.
pub(crate) async fn run(app: &App, name: &str) -> Result<Value, RunError> {
    if !SCHEDULES.contains(&name) {
        return Err(RunError::Unknown);
    }
    let id = RequestId::from_uuid(ordered_id(app.now()).map_err(|none| RunError::Failed(none.into()))?);
    let event = LambdaEvent::new(json!({ "schedule": name }), context(app.clock(), "resend-invitations", id, TIME));
    within_request(id, resend_invitations::handle(app.clone(), event)).await.map_err(RunError::Failed)
}

/// Runs them by the machine's own clock, for as long as it is polled.
#[expect(clippy::disallowed_methods, reason = "schedules go by the machine's clock, and only where people are")]
pub(crate) async fn tick(app: App) {
    let every = |period| {
        let mut interval = interval(period);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        interval
    };
    let (mut minute, mut hour) = (every(MINUTE), every(MINUTE * 60));
    // The first tick of each comes at once; a start is no reason to run.
    minute.tick().await;
    hour.tick().await;
    loop {
        let due: &[&str] = tokio::select! {
            _ = minute.tick() => &["flush-mail", "compact-directories", "finish-deletions"],
            _ = hour.tick() => &["resend-invitations", "apply-handovers"],
        };
        for name in due {
            match run(&app, name).await {
                Ok(answer) => tracing::debug!(schedule = name, %answer, "schedule"),
                Err(error) => tracing::error!(schedule = name, %error, "schedule"),
            }
        }
    }
}
