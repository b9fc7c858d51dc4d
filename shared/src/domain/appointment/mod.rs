//! Appointments with a client: booked, then held, missed or cancelled (L12, d-8, B13).

mod calendar;
mod news;
mod place;
mod refusal;
mod reminder;
mod request;
mod series;
mod status;
mod summary;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::client::{Client, Ownership};
use super::ids::{AppointmentId, PracticeId, ServiceId, StaffId};
use super::money::Money;
use super::role::BillingModifier;
use super::scheduling::{LateCancel, SchedulingSettings};
use super::session::PrincipalId;
use super::staff::{Staff, StaffStatus};
use super::text::CancelReason;

pub use calendar::{Booking, CalendarDay, Request};
pub use news::{OtherSession, SessionChange, SessionNews};
pub use place::Dated;
pub use refusal::AppointmentRefusal;
pub use reminder::{Due, is_worth_a_reminder};
pub use request::AskedTime;
pub use series::{
    BadRepeat, DoesNotFit, EveryWeeks, InSeries, Misfit, Scope, SeriesPlace, SessionCount, SessionRepeat, weeks_later,
};
pub use status::AppointmentStatus;
pub use summary::{AppointmentSummary, Held, OpenAppointment, OpenRequest, Stats, Tally};

/// The shortest appointment.
pub const SHORTEST: SignedDuration = SignedDuration::from_mins(5);
/// The longest one.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// For so long how an appointment came to its end can be taken back.
pub const REVERSIBLE: SignedDuration = SignedDuration::from_hours(24);

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

    /// How long it lasts.
    #[must_use]
    pub fn length(self) -> SignedDuration {
        self.end.duration_since(self.start)
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

/// How an appointment came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Settled {
    /// When that was said.
    pub at: Timestamp,
    /// By whom.
    pub by: PrincipalId,
    /// Whether it was held with somebody else's client, or nobody's (decision 27).
    #[serde(default)]
    pub walk_in: bool,
}

/// An appointment of a staff member with a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    /// Its id, which stays when it moves (I4).
    pub id: AppointmentId,
    pub practice: PracticeId,
    /// Grows by one with each change; the `ETag`.
    pub version: u64,
    /// Whose appointment it is.
    pub staff: StaffId,
    /// What it is a session of.
    pub service: Option<ServiceId>,
    pub times: Times,
    /// Where it stands.
    pub status: AppointmentStatus,
    /// Who booked it, or asked for it.
    pub created_by: PrincipalId,
    /// When.
    pub created_at: Timestamp,
    /// The time the client asks for, whether or not somebody can still answer.
    pub asked: Option<AskedTime>,
    /// How it came to its end, unless that is still to come.
    pub settled: Option<Settled>,
    /// What its therapist's role put on claims when it was completed; a later change of the role rewrites nothing (L7).
    pub billing_modifier: Option<BillingModifier>,
    /// What it costs: the service's price when it was completed, or what the practice asks for where the client cancelled
    /// late or did not come. A later change of the price rewrites nothing.
    pub fee: Option<Money>,
    /// Why it was called off, for both sides.
    pub cancel_reason: Option<CancelReason>,
    /// Whether the client called it off later than the practice wants (I5).
    pub late_cancel: bool,
    /// Why staff refused what the client asked for, for both sides.
    pub decline_reason: Option<CancelReason>,
    /// The series it was booked in.
    pub series: Option<InSeries>,
}

/// Whether a new appointment can be made with this client, and whether it makes a walk-in of this staff member (I6,
/// decision 27).
///
/// `force` books an inactive client, too.
pub fn may_book(client: &Client, staff: &Staff, force: bool) -> Result<bool, AppointmentRefusal> {
    if client.suspended_at.is_some() && !force {
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

    // I5
    /// It is called off: by staff whenever it is still scheduled, by the client before it begins and as the practice's rules
    /// say.
    pub fn cancel(
        &mut self,
        now: Timestamp,
        by: PrincipalId,
        rules: &SchedulingSettings,
    ) -> Result<(), AppointmentRefusal> {
        self.scheduled()?;
        if matches!(by, PrincipalId::Client(_)) {
            if now >= self.times.start {
                return Err(AppointmentRefusal::AlreadyStarted);
            }
            let hours = rules.notice_hours.cancel;
            let late = SchedulingSettings::is_late(self.times.start, hours, now) && !self.in_grace(rules, now);
            if late && rules.late_cancel == LateCancel::Block {
                return Err(AppointmentRefusal::TooLate { hours });
            }
            self.late_cancel = late;
        }
        self.settle(AppointmentStatus::Cancelled, now, by)
    }

    /// Whether the client itself has booked or moved it only just now.
    fn in_grace(&self, rules: &SchedulingSettings, now: Timestamp) -> bool {
        matches!(self.created_by, PrincipalId::Client(_)) && rules.in_grace(self.created_at, now)
    }

    // I4, I5
    /// Whether the client may still move it, by the practice's rules.
    pub fn may_move(&self, now: Timestamp, rules: &SchedulingSettings) -> Result<(), AppointmentRefusal> {
        self.scheduled()?;
        let hours = rules.notice_hours.reschedule;
        let late = SchedulingSettings::is_late(self.times.start, hours, now) && !self.in_grace(rules, now);
        if late { Err(AppointmentRefusal::TooLate { hours }) } else { Ok(()) }
    }

    /// It goes to another time; what the client asked for is answered by that. The answer is the time it had.
    pub fn reschedule(&mut self, times: Times) -> Result<Times, AppointmentRefusal> {
        self.scheduled()?;
        self.asked = None;
        self.leaves_rhythm(true);
        Ok(std::mem::replace(&mut self.times, times))
    }

    /// How many percent of the service's price it costs, now that it has come to its end.
    #[must_use]
    pub const fn charged(&self, rules: &SchedulingSettings) -> u8 {
        match self.status {
            AppointmentStatus::Completed => 100,
            AppointmentStatus::NoShow => rules.missed_fee_percent,
            AppointmentStatus::Cancelled if self.late_cancel => rules.missed_fee_percent,
            _ => 0,
        }
    }

    /// How it came to its end is taken back, within a day of having been said: it is scheduled again.
    pub fn reopen(&mut self, now: Timestamp) -> Result<(), AppointmentRefusal> {
        let reversible = matches!(
            self.status,
            AppointmentStatus::Completed | AppointmentStatus::NoShow | AppointmentStatus::Cancelled
        );
        let settled = self.settled.filter(|_| reversible).ok_or(AppointmentRefusal::NotSettled)?;
        if now.duration_since(settled.at) >= REVERSIBLE {
            return Err(AppointmentRefusal::SettledForGood);
        }
        self.status = AppointmentStatus::Scheduled;
        self.settled = None;
        self.billing_modifier = None;
        self.fee = None;
        self.cancel_reason = None;
        self.late_cancel = false;
        Ok(())
    }

    /// What is to come stays to come: nobody would hear of its new time, and calendars would keep the old one.
    pub fn check_move(was: Times, to: Times, now: Timestamp) -> Result<(), AppointmentRefusal> {
        if was.start > now && to.start <= now { Err(AppointmentRefusal::Past) } else { Ok(()) }
    }

    /// Likewise, together with others of its series.
    pub fn reschedule_along(&mut self, times: Times) -> Result<Times, AppointmentRefusal> {
        let was = self.reschedule(times)?;
        self.leaves_rhythm(false);
        Ok(was)
    }

    /// Whether it goes its own way from now on.
    const fn leaves_rhythm(&mut self, apart: bool) {
        if let Some(series) = &mut self.series {
            series.apart = apart;
        }
    }

    fn begun(&self, now: Timestamp) -> Result<(), AppointmentRefusal> {
        self.scheduled()?;
        if now < self.times.start { Err(AppointmentRefusal::NotStarted) } else { Ok(()) }
    }

    const fn scheduled(&self) -> Result<(), AppointmentRefusal> {
        match self.status {
            AppointmentStatus::Scheduled => Ok(()),
            AppointmentStatus::Requested | AppointmentStatus::Expired => Err(AppointmentRefusal::OnlyRequested),
            AppointmentStatus::Declined => Err(AppointmentRefusal::AlreadyDeclined),
            AppointmentStatus::Withdrawn => Err(AppointmentRefusal::AlreadyWithdrawn),
            AppointmentStatus::Completed => Err(AppointmentRefusal::AlreadyCompleted),
            AppointmentStatus::Cancelled => Err(AppointmentRefusal::AlreadyCancelled),
            AppointmentStatus::NoShow => Err(AppointmentRefusal::AlreadyNoShow),
        }
    }

    fn settle(&mut self, status: AppointmentStatus, at: Timestamp, by: PrincipalId) -> Result<(), AppointmentRefusal> {
        self.scheduled()?;
        self.status = status;
        self.asked = None;
        self.settled = Some(Settled { at, by, walk_in: false });
        Ok(())
    }
}

#[cfg(test)]
mod tests;
