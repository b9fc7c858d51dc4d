//! Losing a race is no reason to bother anybody: read again, decide again.

use jiff::Timestamp;

use crate::crypto::ordered_id;
use crate::web::Problem;

/// How often a request that lost a race against another one is decided again.
const TRIES: u32 = 8;

/// Decides again while the only trouble is that somebody else was faster. For changes without `If-Match`.
pub async fn retrying<T, F: Future<Output = Result<T, Problem>>>(mut attempt: impl FnMut() -> F) -> Result<T, Problem> {
    for round in 1..=TRIES {
        match attempt().await {
            Err(problem) if problem.is_stale() => {
                let spread = ordered_id(Timestamp::UNIX_EPOCH)
                    .map_or(0, |id| u64::from(id.as_bytes().last().copied().unwrap_or(0)));
                tokio::time::sleep(std::time::Duration::from_millis(u64::from(round) * (5 + spread / 8))).await;
            }
            other => return other,
        }
    }
    Err(Problem::unavailable("lost every race"))
}
