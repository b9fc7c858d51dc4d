//! A time that a client asks for, for a new appointment or for one that it wants to move (I3, I4).

use jiff::Timestamp;

use super::{Appointment, AppointmentRefusal, AppointmentStatus, Settled, Times};
use crate::domain::session::PrincipalId;
use crate::domain::text::CancelReason;

/// A time that a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AskedTime {
    pub times: Times,
    /// When it asked.
    pub at: Timestamp,
    /// Unanswered until then, it is as if nobody had asked.
    pub expires_at: Timestamp,
}

impl AskedTime {
    /// Whether somebody can still answer.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

impl Appointment {
    /// Where it stands at this moment: a request that nobody has answered in time has expired.
    #[must_use]
    pub fn status_at(&self, now: Timestamp) -> AppointmentStatus {
        match self.status {
            AppointmentStatus::Requested if self.asked_at(now).is_none() => AppointmentStatus::Expired,
            status => status,
        }
    }

    /// The time that is asked for, while somebody can answer.
    #[must_use]
    pub fn asked_at(&self, now: Timestamp) -> Option<AskedTime> {
        self.asked.filter(|asked| self.status.is_open() && asked.is_live(now))
    }

    /// The client asks for another time; the old one stays its own until staff accepts.
    pub fn ask(&mut self, asked: AskedTime) -> Result<(), AppointmentRefusal> {
        self.scheduled()?;
        self.asked = Some(asked);
        self.decline_reason = None;
        Ok(())
    }

    /// Staff accepts what is asked for: it is booked for that time. The answer is the time it had before, if it had one.
    pub fn accept(&mut self, now: Timestamp) -> Result<Option<Times>, AppointmentRefusal> {
        let asked = self.requested(now)?;
        let before = (self.status == AppointmentStatus::Scheduled).then_some(self.times);
        self.leaves_rhythm(true);
        self.status = AppointmentStatus::Scheduled;
        self.times = asked.times;
        self.asked = None;
        Ok(before)
    }

    /// Staff refuses what is asked for. What is booked stays as it is.
    pub fn decline(
        &mut self,
        now: Timestamp,
        by: PrincipalId,
        reason: Option<CancelReason>,
    ) -> Result<AskedTime, AppointmentRefusal> {
        let asked = self.drop_request(AppointmentStatus::Declined, now, by)?;
        self.decline_reason = reason;
        Ok(asked)
    }

    /// The client takes back what it asked for, likewise.
    pub fn withdraw(&mut self, now: Timestamp, by: PrincipalId) -> Result<AskedTime, AppointmentRefusal> {
        self.drop_request(AppointmentStatus::Withdrawn, now, by)
    }

    fn drop_request(
        &mut self,
        end: AppointmentStatus,
        now: Timestamp,
        by: PrincipalId,
    ) -> Result<AskedTime, AppointmentRefusal> {
        let asked = self.requested(now)?;
        self.asked = None;
        if self.status == AppointmentStatus::Requested {
            self.status = end;
            self.settled = Some(Settled { at: now, by, walk_in: false });
        }
        Ok(asked)
    }

    fn requested(&self, now: Timestamp) -> Result<AskedTime, AppointmentRefusal> {
        match (self.status_at(now), self.asked_at(now)) {
            (_, Some(asked)) => Ok(asked),
            (AppointmentStatus::Expired, None) => Err(AppointmentRefusal::RequestExpired),
            (AppointmentStatus::Declined, None) => Err(AppointmentRefusal::AlreadyDeclined),
            (AppointmentStatus::Withdrawn, None) => Err(AppointmentRefusal::AlreadyWithdrawn),
            (_, None) => Err(AppointmentRefusal::NothingAsked),
        }
    }
}
