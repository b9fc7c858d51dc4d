//! The schedules: what runs by itself while the local cloud serves, and by hand under `/dev/run`.

use caseload::app::App;
use caseload::crypto::ordered_id;
use caseload::domain::ids::RequestId;
use caseload::web::within_request;
use futures_util::future::join_all;
use jiff::SignedDuration;
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use tokio::time::{MissedTickBehavior, interval};

use crate::functions::{Schedule, schedules};
use crate::invocation::context;

/// As in the template.
const TIME: SignedDuration = SignedDuration::from_secs(300);

/// Why a schedule did not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is none of that name.
    #[error("there is no schedule of that name; there are {}", names())]
    Unknown,
    /// Its function failed.
    #[error("the schedule failed: {0}")]
    Failed(lambda_runtime::Error),
}

/// What they are called, for people.
pub(crate) fn names() -> String {
    let names: Vec<_> = schedules().map(|(_, schedule, _)| schedule.name).collect();
    names.join(", ")
}

/// Runs a schedule's function once, now; its answer is the function's.
pub(crate) async fn run(app: &App, name: &str) -> Result<Value, RunError> {
    let (spec, _, handle) = schedules().find(|(_, schedule, _)| schedule.name == name).ok_or(RunError::Unknown)?;
    let id = RequestId::from_uuid(ordered_id(app.now()).map_err(|none| RunError::Failed(none.into()))?);
    let event = LambdaEvent::new(json!({ "schedule": name }), context(app.clock(), spec.name, id, TIME));
    within_request(id, handle(app.clone(), event)).await.map_err(RunError::Failed)
}

/// Runs them by the machine's own clock, for as long as it is polled.
pub(crate) async fn tick(app: App) {
    join_all(schedules().map(|(_, schedule, _)| every(&app, schedule))).await;
}

#[expect(clippy::disallowed_methods, reason = "schedules go by the machine's clock, and only where people are")]
async fn every(app: &App, Schedule { name, every }: Schedule) {
    let mut ticks = interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick comes at once; a start is no reason to run.
    ticks.tick().await;
    loop {
        ticks.tick().await;
        match run(app, name).await {
            Ok(answer) => tracing::debug!(schedule = name, %answer, "schedule"),
            Err(error) => tracing::error!(schedule = name, %error, "schedule"),
        }
    }
}
