//! `/dev/clock`: the time, and how to move it.

use caseload::refusal::Refusal;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::parse;
use crate::cloud::Parts;

/// Beyond these, ids and signatures no longer hold their times.
const FIRST: Timestamp = Timestamp::constant(946_684_800, 0);
const LAST: Timestamp = Timestamp::constant(4_102_444_800, 0);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    advance_seconds: Option<i64>,
    now: Option<Timestamp>,
}

impl Move {
    /// Where the clock is to stand, given that it is `now`.
    fn target(&self, now: Timestamp) -> Result<Timestamp, Refusal> {
        let refused = |detail| Refusal::unfit("clock", detail);
        let target = match self {
            Self { advance_seconds: Some(seconds @ 0..), now: None } => {
                now.checked_add(SignedDuration::from_secs(*seconds)).ok()
            }
            Self { advance_seconds: None, now: Some(target) } => Some(*target),
            _ => {
                return Err(refused(
                    "Send either advance_seconds, 0 or more, or now, a time such as 2027-01-01T00:00:00Z.",
                ));
            }
        };
        target
            .filter(|target| (FIRST..=LAST).contains(target))
            .ok_or_else(|| refused("The clock goes from the year 2000 to the year 2100."))
    }
}

fn answer(parts: &Parts) -> Response {
    Json(json!({ "now": parts.clock.now() })).into_response()
}

pub(super) async fn show(State(parts): State<Arc<Parts>>) -> Response {
    answer(&parts)
}

pub(super) async fn set(State(parts): State<Arc<Parts>>, body: Bytes) -> Result<Response, Refusal> {
    let wanted: Move = parse(&body)?;
    let now = parts.clock.now();
    let target = wanted.target(now)?;
    match wanted.advance_seconds {
        Some(seconds) => parts.clock.advance(SignedDuration::from_secs(seconds)),
        None => parts.clock.set(target),
    }
    Ok(answer(&parts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_moved_in_two_ways_and_in_no_other() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let target = |body: &'static str| {
            let wanted: Move = parse(&Bytes::from_static(body.as_bytes()))?;
            wanted.target(now).map(|target| target.to_string())
        };
        assert_eq!(target(r#"{"advance_seconds": 700}"#).unwrap(), "2026-11-21T10:11:40Z");
        assert_eq!(target(r#"{"advance_seconds": 0}"#).unwrap(), "2026-11-21T10:00:00Z");
        assert_eq!(target(r#"{"now": "2027-01-01T00:00:00Z"}"#).unwrap(), "2027-01-01T00:00:00Z");
        for (body, code) in [
            ("", "malformed_json"),
            (r#"{"now": "noon"}"#, "malformed_json"),
            (r#"{"by": 1}"#, "malformed_json"),
            ("{}", "clock"),
            (r#"{"advance_seconds": -1}"#, "clock"),
            (r#"{"advance_seconds": 9223372036854775807}"#, "clock"),
            (r#"{"advance_seconds": 1, "now": "2027-01-01T00:00:00Z"}"#, "clock"),
            (r#"{"now": "1900-01-01T00:00:00Z"}"#, "clock"),
        ] {
            assert_eq!(target(body).unwrap_err().code(), code, "{body}");
        }
    }
}
