//! The free times of a staff member, from what was read (I2).

use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan as _};

use crate::domain::appointment::{AppointmentRefusal, AppointmentSummary, CalendarDay, Times, may_book};
use crate::domain::availability::{Availability, Free, Taken, Window, free_times};
use crate::domain::client::Client;
use crate::domain::ids::AppointmentId;
use crate::domain::practice::{Practice, Zone};
use crate::domain::service::SessionNeeds;
use crate::domain::staff::{Staff, StaffStatus};

/// The days of a calendar, in UTC, that say all about these dates of whatever zone: sessions last for a day at most.
#[must_use]
pub fn days_around((first, last): (Date, Date)) -> (Date, Date) {
    (first.saturating_sub(2.days()), last.saturating_add(3.days()))
}

/// Whose times, and what they are made of.
#[derive(Debug, Clone)]
pub struct Sources {
    /// Whose times.
    pub staff: Staff,
    /// When they work, once they have said.
    pub availability: Option<Availability>,
    /// Their days, around those that are asked about.
    pub days: Vec<CalendarDay>,
    /// Of the client, where the reader may know of its sessions.
    pub summary: Option<AppointmentSummary>,
}

impl Sources {
    /// The zone of the staff member's clock; the practice's until they say.
    #[must_use]
    pub fn zone<'a>(&'a self, practice: &'a Practice) -> &'a Zone {
        self.availability.as_ref().map_or(&practice.time_zone, |availability| availability.plan.zone())
    }

    /// The times free for a session, of this client if there is one. Nobody who is not at work offers any.
    pub fn free(
        &self,
        client: Option<&Client>,
        practice: &Practice,
        needs: SessionNeeds,
        window: Window,
    ) -> Result<Vec<Times>, AppointmentRefusal> {
        let met = match client {
            Some(client) => may_book(client, &self.staff, false).map(|_| ()),
            None if self.staff.status == StaffStatus::Active => Ok(()),
            None => Err(AppointmentRefusal::StaffUnavailable),
        };
        match (met, &self.availability) {
            (Err(AppointmentRefusal::DirectClient), _) => Err(AppointmentRefusal::DirectClient),
            (Err(_), _) | (_, None) => Ok(Vec::new()),
            (Ok(()), Some(availability)) => {
                let own = self.summary.iter().flat_map(|summary| summary.open.values()).map(|open| open.times);
                let taken = Taken::of(&self.days).and_client(own);
                let step = SignedDuration::from_mins(i64::from(practice.scheduling.slot_minutes));
                Ok(free_times(&availability.plan, Free { needs, step }, window, &taken))
            }
        }
    }

    // I2, I5
    /// Whether this is one of the times that are free for such a session, whatever else bounds what the client may do.
    /// `moved` is the appointment that would move there, which is in nobody's way.
    pub fn offers(
        &self,
        client: &Client,
        practice: &Practice,
        (times, needs): (Times, SessionNeeds),
        moved: Option<AppointmentId>,
    ) -> Result<bool, AppointmentRefusal> {
        let start = times.start();
        let date = self.zone(practice).time_zone().to_datetime(start).date();
        let window = Window { dates: (date, date), earliest: start, latest: start };
        let free = self.clone().without(moved).free(Some(client), practice, needs, window)?;
        Ok(free.contains(&times))
    }

    fn without(mut self, moved: Option<AppointmentId>) -> Self {
        if let Some(id) = moved {
            self.days.iter_mut().for_each(|day| day.release(id));
            self.summary.iter_mut().for_each(|summary| {
                summary.open.remove(&id);
            });
        }
        self
    }
}
