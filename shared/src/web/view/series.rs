//! What is shown of a series of sessions.

use crate::domain::appointment::{InSeries, Times};
use crate::domain::ids::{AppointmentId, SeriesId};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// The series that a session was booked in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionSeriesView {
    id: SeriesId,
    /// Which one of them it is, counted from 1; those that were left out count.
    index: u16,
    /// How many there were to be, with those that were left out.
    of: u16,
    /// How many weeks lie between one and the next.
    every_weeks: u16,
}

/// The same where several sessions were written at once: which ones.
#[derive(Debug, Serialize, ToSchema)]
pub struct WrittenSeriesView {
    id: SeriesId,
    /// Which one of them it is, counted from 1; those that were left out count.
    index: u16,
    /// How many there were to be, with those that were left out.
    of: u16,
    /// How many weeks lie between one and the next.
    every_weeks: u16,
    /// In the answer to what books, moves or calls off several: those, soonest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    sessions: Option<Vec<SeriesSessionView>>,
    /// In the answer to what moves or calls off what follows: those that stay as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    left: Option<Vec<LeftSessionView>>,
}

/// A session of a series.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SeriesSessionView {
    id: AppointmentId,
    start: Timestamp,
    end: Timestamp,
}

/// A session that stays as it is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LeftSessionView {
    id: AppointmentId,
    start: Timestamp,
    /// Why: `other_therapist`, whose it has become; or `moved_by_itself`, so that it does not move with the others.
    code: &'static str,
}

/// Why a session that follows stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyLeft {
    /// Somebody else holds it.
    OtherTherapist,
    /// It was moved by itself before.
    MovedByItself,
}

impl SeriesSessionView {
    /// A session at its time.
    #[must_use]
    pub const fn new(id: AppointmentId, times: Times) -> Self {
        Self { id, start: times.start(), end: times.end() }
    }
}

impl LeftSessionView {
    /// A session, and why it stays.
    #[must_use]
    pub const fn new(id: AppointmentId, times: Times, why: WhyLeft) -> Self {
        let code = match why {
            WhyLeft::OtherTherapist => "other_therapist",
            WhyLeft::MovedByItself => "moved_by_itself",
        };
        Self { id, start: times.start(), code }
    }

    /// When it begins.
    #[must_use]
    pub const fn start(&self) -> Timestamp {
        self.start
    }
}

/// Which sessions of a series a request wrote, and which ones that follow it left as they are.
#[derive(Debug, Clone, Default)]
pub struct SeriesWritten {
    /// Soonest first.
    pub sessions: Vec<SeriesSessionView>,
    /// None where there is nothing to be left.
    pub left: Option<Vec<LeftSessionView>>,
}

impl From<InSeries> for SessionSeriesView {
    fn from(series: InSeries) -> Self {
        let InSeries { id, index, of, every_weeks, apart: _ } = series;
        Self { id, index, of, every_weeks }
    }
}

impl From<InSeries> for WrittenSeriesView {
    fn from(series: InSeries) -> Self {
        let InSeries { id, index, of, every_weeks, apart: _ } = series;
        Self { id, index, of, every_weeks, sessions: None, left: None }
    }
}

impl WrittenSeriesView {
    /// With what was written.
    pub(super) fn having(&mut self, written: SeriesWritten) {
        let SeriesWritten { sessions, left } = written;
        (self.sessions, self.left) = (Some(sessions), left);
    }
}
