//! Appointments with a client: booked, then held, missed or cancelled (L12, d-8, B13).

mod calendar;
mod summary;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::client::{Client, Ownership};
use super::ids::{AppointmentId, PracticeId, StaffId};
use super::role::BillingModifier;
use super::session::PrincipalId;
use super::staff::{Staff, StaffStatus};
use super::text::CancelReason;

pub use calendar::{Booking, CalendarDay};
pub use summary::{AppointmentSummary, OpenAppointment, Stats, Tally};

/// The shortest appointment.
pub const SHORTEST: SignedDuration = SignedDuration::from_mins(5);
/// The longest one.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// Nobody's appointment begins before 2000 or ends after 2099: a slip of the keyboard.
const EARLIEST: Timestamp = Timestamp::constant(946_684_800, 0);
const LATEST: Timestamp = Timestamp::constant(4_102_444_800, 0);

/// Why these are no times of an appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTimes {
    /// Ends before it begins, or right after.
    #[error("must be at least 5 minutes after the start")]
    TooShort,
    /// Lasts for more than a day.
    #[error("must be at most 24 hours after the start")]
    TooLong,
    /// In another century.
    #[error("must lie between 2000 and 2099")]
    OutOfRange,
}

/// When an appointment begins and ends: the start belongs to it, the end does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    start: Timestamp,
    end: Timestamp,
}

impl Times {
    /// Checks the length, 5 minutes to 24 hours.
    pub fn new(start: Timestamp, end: Timestamp) -> Result<Self, BadTimes> {
        let length = end.duration_since(start);
        if start < EARLIEST || end > LATEST {
            Err(BadTimes::OutOfRange)
        } else if length < SHORTEST {
            Err(BadTimes::TooShort)
        } else if length > LONGEST {
            Err(BadTimes::TooLong)
        } else {
            Ok(Self { start, end })
        }
    }

    /// When it begins.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        self.start
    }

    /// When it is over.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        self.end
    }

    /// Whether some moment belongs to both.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The UTC days it touches: the day it begins on, and the next one if it goes on past midnight.
    pub fn days(self) -> impl Iterator<Item = Date> {
        let first = day_of(self.start);
        let last = day_of(self.end - SignedDuration::from_nanos(1));
        std::iter::once(first).chain((last != first).then_some(last))
    }
}

/// The UTC day of an instant: what calendars are kept by.
#[must_use]
pub fn day_of(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// Where an appointment stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentStatus {
    /// Booked.
    Scheduled,
    /// Held.
    Completed,
    /// Called off.
    Cancelled,
    /// The client did not come.
    NoShow,
}

impl AppointmentStatus {
    /// Its name in the API and the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
        }
    }

    /// Whether it counts as an appointment with the therapist: everything but the cancelled (d-8).
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(self, Self::Cancelled)
    }
}

/// Why an appointment is not booked, or not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AppointmentRefusal {
    /// It was held.
    #[error("The session was completed already.")]
    AlreadyCompleted,
    /// It was called off.
    #[error("The session was cancelled already.")]
    AlreadyCancelled,
    /// The client did not come.
    #[error("The session is marked as a no-show already.")]
    AlreadyNoShow,
    /// Nobody can have held or missed it yet.
    #[error("The session has not begun yet.")]
    NotStarted,
    /// Too late for a client to call it off.
    #[error("The session has begun. Ask your practice.")]
    AlreadyStarted,
    /// The therapist is taken.
    #[error("The therapist has another session at this time.")]
    SlotTaken,
    /// The client is taken.
    #[error("The client has another session at this time.")]
    ClientTaken,
    /// Deactivated (I6).
    #[error("The client is inactive; reactivate first.")]
    ClientInactive,
    /// As many entries as a day holds, cancelled ones included.
    #[error("The therapist's day has as many sessions as it can have, cancelled ones included.")]
    DayFull,
    /// As many scheduled appointments as one client can have.
    #[error("The client has as many scheduled sessions as it can have. Complete or cancel some first.")]
    TooManyScheduled,
    /// Not at work in this practice.
    #[error("The therapist is not an active member of the practice.")]
    StaffUnavailable,
    /// A direct client has appointments with its own therapist only (d-8).
    #[error("A direct client has sessions with its own therapist only.")]
    DirectClient,
}

impl AppointmentRefusal {
    /// The stable code of a problem document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AlreadyCompleted => "already_completed",
            Self::AlreadyCancelled => "already_cancelled",
            Self::AlreadyNoShow => "already_no_show",
            Self::NotStarted => "not_started",
            Self::AlreadyStarted => "already_started",
            Self::SlotTaken => "slot_taken",
            Self::ClientTaken => "client_busy",
            Self::ClientInactive => "client_inactive",
            Self::DayFull => "day_full",
            Self::TooManyScheduled => "too_many_scheduled",
            Self::StaffUnavailable => "staff_unavailable",
            Self::DirectClient => "direct_client",
        }
    }
}

/// How an appointment came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Settled {
    /// When that was said.
    pub at: Timestamp,
    /// By whom.
    pub by: PrincipalId,
}

/// An appointment of a staff member with a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// Its id; ordered by its start, which never changes: another time is another appointment (I4).
    pub id: AppointmentId,
    pub practice: PracticeId,
    /// Grows by one with each change; the `ETag`.
    pub version: u64,
    /// Whose appointment it is.
    pub staff: StaffId,
    pub times: Times,
    /// Where it stands.
    pub status: AppointmentStatus,
    /// Who booked it.
    pub created_by: StaffId,
    /// When it was booked.
    pub created_at: Timestamp,
    /// How it came to its end, unless it is still scheduled.
    pub settled: Option<Settled>,
    /// What its therapist's role put on claims when it was completed; a later change of the role rewrites nothing (L7).
    pub billing_modifier: Option<BillingModifier>,
    /// Why it was called off, for both sides.
    pub cancel_reason: Option<CancelReason>,
}

/// Whether a new appointment can be made with this client, and whether it makes a walk-in of this staff member (I6,
/// decision 27).
pub fn may_book(client: &Client, staff: &Staff) -> Result<bool, AppointmentRefusal> {
    if client.suspended_at.is_some() {
        return Err(AppointmentRefusal::ClientInactive);
    }
    may_meet(client, staff)?;
    Ok(is_walk_in(client, staff.id))
}

/// Whether an appointment with this client is not with its own therapist.
#[must_use]
pub fn is_walk_in(client: &Client, staff: StaffId) -> bool {
    client.ownership == Ownership::Practice && client.assigned_staff != Some(staff)
}

/// Whether this client can have an appointment with this staff member at all (d-8, L3).
pub fn may_meet(client: &Client, staff: &Staff) -> Result<(), AppointmentRefusal> {
    if client.ownership == Ownership::Direct && client.assigned_staff != Some(staff.id) {
        return Err(AppointmentRefusal::DirectClient);
    }
    if staff.status != StaffStatus::Active {
        return Err(AppointmentRefusal::StaffUnavailable);
    }
    Ok(())
}

impl Appointment {
    #[must_use]
    pub const fn client(&self) -> super::ids::ClientId {
        self.id.client()
    }

    /// It was held. Not before it has begun.
    pub fn complete(&mut self, now: Timestamp, by: PrincipalId) -> Result<(), AppointmentRefusal> {
        self.begun(now)?;
        self.settle(AppointmentStatus::Completed, now, by)
    }

    /// The client did not come. Not before it has begun.
    pub fn miss(&mut self, now: Timestamp, by: PrincipalId) -> Result<(), AppointmentRefusal> {
        self.begun(now)?;
        self.settle(AppointmentStatus::NoShow, now, by)
    }

    /// It is called off: by staff whenever it is still scheduled, by the client before it begins.
    pub fn cancel(&mut self, now: Timestamp, by: PrincipalId) -> Result<(), AppointmentRefusal> {
        self.scheduled()?;
        if matches!(by, PrincipalId::Client(_)) && now >= self.times.start {
            return Err(AppointmentRefusal::AlreadyStarted);
        }
        self.settle(AppointmentStatus::Cancelled, now, by)
    }

    fn begun(&self, now: Timestamp) -> Result<(), AppointmentRefusal> {
        self.scheduled()?;
        if now < self.times.start { Err(AppointmentRefusal::NotStarted) } else { Ok(()) }
    }

    const fn scheduled(&self) -> Result<(), AppointmentRefusal> {
        match self.status {
            AppointmentStatus::Scheduled => Ok(()),
            AppointmentStatus::Completed => Err(AppointmentRefusal::AlreadyCompleted),
            AppointmentStatus::Cancelled => Err(AppointmentRefusal::AlreadyCancelled),
            AppointmentStatus::NoShow => Err(AppointmentRefusal::AlreadyNoShow),
        }
    }

    fn settle(&mut self, status: AppointmentStatus, at: Timestamp, by: PrincipalId) -> Result<(), AppointmentRefusal> {
        self.scheduled()?;
        self.status = status;
        self.settled = Some(Settled { at, by });
        Ok(())
    }
}

#[cfg(test)]
mod tests;
