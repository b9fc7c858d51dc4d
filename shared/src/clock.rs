//! The clock: the only place that reads the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// The time every rule about time obeys. Clones share one adjustment.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    ahead_ms: Arc<AtomicI64>,
}

impl Clock {
    /// Now, with the adjustment, in whole milliseconds so that what is stored reads back equal.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_millis(self.ahead_ms.load(Ordering::SeqCst));
        let now = Self::wall().saturating_add(ahead).unwrap_or(Timestamp::MAX);
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// The machine's own time: what orders the directory log, so that moving the clock cannot hide an entry.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn wall() -> Timestamp {
        Timestamp::now()
    }

    /// Moves the clock; the local cloud and tests only.
    pub fn advance(&self, by: SignedDuration) {
        let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.ahead_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Sets the clock; the local cloud and tests only.
    pub fn set(&self, now: Timestamp) {
        self.ahead_ms.store(now.as_millisecond() - Self::wall().as_millisecond(), Ordering::SeqCst);
    }
}
