//! What is told about a session outside: what happened, and when it is; never with whom or what for (security EML-1).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Appointment, AppointmentStatus, Request, Times};
use crate::domain::ical::Method;
use crate::domain::ids::AppointmentId;
use crate::domain::practice::Zone;

/// What happened to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionChange {
    Booked,
    Moved,
    Cancelled,
    /// That it was cancelled is taken back.
    Reopened,
    /// A client asks for one.
    Requested,
    /// A client asks for another time for one that is booked.
    MoveRequested,
    /// Staff has taken what a client asked for.
    Accepted,
    /// Staff has not.
    Declined,
    /// Nor the other time; the session stays where it is.
    MoveDeclined,
    /// Somebody else was given the time that a client asks for.
    TakenByOthers,
}

impl SessionChange {
    /// What calendars have to do about it. What is only asked for is in none, and need not be taken out of any.
    #[must_use]
    pub const fn method(self) -> Option<Method> {
        match self {
            Self::Booked | Self::Moved | Self::Reopened | Self::Accepted => Some(Method::Publish),
            Self::Cancelled => Some(Method::Cancel),
            Self::Requested | Self::MoveRequested | Self::Declined | Self::MoveDeclined | Self::TakenByOthers => None,
        }
    }
}

/// News of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionNews {
    pub change: SessionChange,
    pub session: AppointmentId,
    /// The time that it is about: of what is asked for, the time that is asked for.
    pub start: Timestamp,
    pub end: Timestamp,
    /// In which its reader is told.
    pub zone: Zone,
    /// The session's version since: of two files about one session, the later one has the higher number.
    pub sequence: u64,
    pub changed_at: Timestamp,
    /// What it happened to as well: the sessions of a series behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OtherSession>,
}

/// A session of a series that something happened to together with an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherSession {
    pub session: AppointmentId,
    pub start: Timestamp,
    pub end: Timestamp,
    /// See [`SessionNews::sequence`].
    pub sequence: u64,
}

impl OtherSession {
    /// As it is since.
    #[must_use]
    pub const fn of(session: &Appointment) -> Self {
        let Appointment { id, times, version, .. } = *session;
        Self { session: id, start: times.start(), end: times.end(), sequence: version }
    }

    /// When it is.
    pub fn times(&self) -> Option<Times> {
        Times::new(self.start, self.end).ok()
    }
}

impl SessionNews {
    /// What has just become of a session.
    #[must_use]
    pub fn of(change: SessionChange, session: &Appointment, times: Times, zone: &Zone, now: Timestamp) -> Self {
        Self {
            change,
            session: session.id,
            start: times.start(),
            end: times.end(),
            zone: zone.clone(),
            sequence: session.version,
            changed_at: now,
            others: Vec::new(),
        }
    }

    /// That somebody else was given the time of a request.
    #[must_use]
    pub fn taken(request: &Request, zone: &Zone, now: Timestamp) -> Self {
        Self {
            change: SessionChange::TakenByOthers,
            session: request.id,
            start: request.times.start(),
            end: request.times.end(),
            zone: zone.clone(),
            sequence: 0,
            changed_at: now,
            others: Vec::new(),
        }
    }

    /// The same of a session and those of its series behind it.
    #[must_use]
    pub fn and(self, others: Vec<OtherSession>) -> Self {
        Self { others, ..self }
    }

    /// The beginning of the last one.
    #[must_use]
    pub fn last_start(&self) -> Timestamp {
        self.others.iter().map(|other| other.start).max().unwrap_or(self.start)
    }

    /// When the session is, or would be.
    pub fn times(&self) -> Option<Times> {
        Times::new(self.start, self.end).ok()
    }

    /// Whether it is still worth telling at this moment: what came after it is told by itself.
    #[must_use]
    pub fn holds(&self, session: &Appointment, now: Timestamp) -> bool {
        let asked = session.asked_at(now).map(|asked| asked.times);
        let is_to_come = now < self.start;
        is_to_come
            && match self.change {
                SessionChange::Booked | SessionChange::Moved | SessionChange::Reopened | SessionChange::Accepted => {
                    session.status == AppointmentStatus::Scheduled && Some(session.times) == self.times()
                }
                SessionChange::Cancelled => session.status == AppointmentStatus::Cancelled,
                SessionChange::Requested | SessionChange::MoveRequested | SessionChange::TakenByOthers => {
                    asked.is_some() && asked == self.times()
                }
                SessionChange::Declined | SessionChange::MoveDeclined => true,
            }
    }
}
