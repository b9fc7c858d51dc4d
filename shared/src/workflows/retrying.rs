//! Losing a race is no reason to bother anybody: read again, decide again.

use jiff::Timestamp;

use crate::clock::Clock;
use crate::crypto::ordered_id;
use crate::refusal::{Refusal, Stop};

/// How often a request that lost a race against another one is decided again.
const TRIES: u32 = 8;

/// Decides again while the only trouble is that somebody else was faster. For changes without `If-Match`.
pub async fn retrying<T, F: Future<Output = Result<T, Stop>>>(
    clock: &Clock,
    mut attempt: impl FnMut() -> F,
) -> Result<T, Stop> {
    for round in 1..=TRIES {
        match attempt().await {
            Err(Stop::Lost(_)) => {
                let spread = ordered_id(Timestamp::UNIX_EPOCH)
                    .map_or(0, |id| u64::from(id.as_bytes().last().copied().unwrap_or(0)));
                clock.pause(std::time::Duration::from_millis(u64::from(round) * (5 + spread / 8))).await;
            }
            other => return other,
        }
    }
    Err(Refusal::unavailable("lost every race").into())
}
