//! How far the worker goes at a time.

use caseload::clock::Clock;
use jiff::{SignedDuration, Timestamp};
use lambda_runtime::Context;

/// How many rows lie between two checkpoints, and how early the worker stops. Tests take smaller steps.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Rows in a stretch at most.
    pub rows: usize,
    /// Source bytes in a stretch, nearly.
    pub bytes: u64,
    /// With less time than this left, it hands the run on.
    pub margin: SignedDuration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { rows: 1000, bytes: 2 * 1024 * 1024, margin: SignedDuration::from_secs(20) }
    }
}

/// When the platform ends this invocation, by the clock that nobody moves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Option<Timestamp>);

impl Deadline {
    /// What the runtime says; a context without a deadline has none.
    pub(crate) fn of(context: &Context) -> Self {
        let millis = i64::try_from(context.deadline).ok().filter(|millis| *millis > 0);
        Self(millis.and_then(|millis| Timestamp::from_millisecond(millis).ok()))
    }

    pub(crate) fn is_near(self, clock: &Clock, margin: SignedDuration) -> bool {
        self.0.is_some_and(|deadline| deadline.duration_since(clock.unmoved()) < margin)
    }
}
