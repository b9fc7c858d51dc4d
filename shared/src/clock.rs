//! The clock: the only place that reads the time, and the only one that waits for it to pass.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

/// Where a standing clock stands at first: a Wednesday, far from any change of summer time.
const START_MS: i64 = 1_778_061_600_000;

/// The time every rule about time obeys. Clones share hands: move one and all move.
#[derive(Debug, Clone)]
pub struct Clock {
    source: Source,
    ahead_ms: Arc<watch::Sender<i64>>,
}

#[derive(Debug, Clone)]
enum Source {
    /// The machine's own clock.
    Machine,
    /// Nothing but the readings so far.
    Standing(Arc<AtomicI64>),
}

/// The clock of a process: the machine's, not moved.
impl Default for Clock {
    fn default() -> Self {
        Self { source: Source::Machine, ahead_ms: Arc::default() }
    }
}

/// The time given to some work has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the time is up")]
pub struct TimeIsUp;

impl Clock {
    /// One for tests: it begins on 2026-05-06 at 10:00 UTC and moves when told.
    ///
    /// Each reading is a millisecond after the one before, so that what happens later has a later time and a later id.
    #[must_use]
    pub fn standing() -> Self {
        Self { source: Source::Standing(Arc::new(AtomicI64::new(START_MS))), ahead_ms: Arc::default() }
    }

    /// Now, as far as it was moved, in whole milliseconds so that what is stored reads back equal.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_millis(*self.ahead_ms.borrow());
        let now = self.unmoved().saturating_add(ahead).unwrap_or(Timestamp::MAX);
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Now on a clock that nobody moves, the machine's: for what has to grow wherever this one is moved to.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn unmoved(&self) -> Timestamp {
        match &self.source {
            Source::Machine => Timestamp::now(),
            Source::Standing(ms) => {
                Timestamp::from_millisecond(ms.fetch_add(1, Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
            }
        }
    }

    /// Moves the clock; the local cloud and tests only.
    pub fn advance(&self, by: SignedDuration) {
        let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.ahead_ms.send_modify(|ahead| *ahead = ahead.saturating_add(ms));
    }

    /// Sets the clock; the local cloud and tests only.
    pub fn set(&self, now: Timestamp) {
        self.ahead_ms.send_replace(now.as_millisecond() - self.unmoved().as_millisecond());
    }

    /// Gives others a moment before something is tried again. Nothing but politeness: a standing clock lets everybody
    /// else go first and waits for nothing.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub async fn pause(&self, length: Duration) {
        match &self.source {
            Source::Machine => tokio::time::sleep(length).await,
            Source::Standing(_) => tokio::task::yield_now().await,
        }
    }

    /// Does the work, or gives it up when its time has passed. On a standing clock that is when it was moved so far.
    pub async fn within<F: Future>(&self, time: Duration, work: F) -> Result<F::Output, TimeIsUp> {
        let over = self.sleep(time);
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = over => Err(TimeIsUp),
        }
    }
}

/// Lets the SDK give calls up by this clock.
impl AsyncSleep for Clock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn sleep(&self, time: Duration) -> Sleep {
        match &self.source {
            Source::Machine => Sleep::new(tokio::time::sleep(time)),
            Source::Standing(_) => {
                let mut ahead = self.ahead_ms.subscribe();
                let wanted = ahead.borrow().saturating_add(i64::try_from(time.as_millis()).unwrap_or(i64::MAX));
                Sleep::new(async move {
                    // Nobody is left to move it: the time never passes.
                    if ahead.wait_for(|ahead| *ahead >= wanted).await.is_err() {
                        std::future::pending::<()>().await;
                    }
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn a_standing_clock_moves_when_told_and_each_reading_is_later_than_the_one_before() {
        let clock = Clock::standing();
        let start: Timestamp = "2026-05-06T10:00:00Z".parse().expect("an instant");
        assert_eq!(clock.now(), start);
        assert_eq!(clock.clone().now().duration_since(start), SignedDuration::from_millis(1));
        clock.advance(SignedDuration::from_mins(5));
        assert_eq!(clock.now().duration_since(start), SignedDuration::from_millis(300_002));
        assert_eq!(clock.unmoved().duration_since(start), SignedDuration::from_millis(3));
        let set: Timestamp = "2020-01-01T00:00:00Z".parse().expect("an instant");
        clock.set(set);
        assert_eq!(clock.now().duration_since(set), SignedDuration::from_millis(1));
    }

    #[tokio::test]
    async fn waiting_on_a_standing_clock_takes_no_time_of_its_own() {
        let clock = Clock::standing();
        clock.pause(Duration::from_secs(3600)).await;
        assert_eq!(clock.within(Duration::ZERO, async { 7 }).await, Ok(7));
        let mut hung = Box::pin(clock.within(Duration::from_secs(3), std::future::pending::<()>()));
        assert_eq!(hung.as_mut().now_or_never(), None);
        clock.advance(SignedDuration::from_millis(2_999));
        assert_eq!(hung.as_mut().now_or_never(), None);
        clock.advance(SignedDuration::from_millis(1));
        assert_eq!(hung.await, Err(TimeIsUp));
    }
}
