use caseload::domain::appointment::Times;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A time at which a session can be booked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FreeTime {
    start: Timestamp,
    end: Timestamp,
}

impl From<Times> for FreeTime {
    fn from(times: Times) -> Self {
        Self { start: times.start(), end: times.end() }
    }
}
