//! The free times of a staff member, from what was read.

use caseload::domain::appointment::{AppointmentRefusal, AppointmentSummary, CalendarDay, Times, may_book};
use caseload::domain::availability::{Availability, Free, Taken, Window, free_times};
use caseload::domain::client::Client;
use caseload::domain::practice::{Practice, Zone};
use caseload::domain::service::SessionNeeds;
use caseload::domain::staff::{Staff, StaffStatus};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
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

/// The days of a calendar, in UTC, that say all about these dates of whatever zone: sessions last for a day at most.
pub(crate) fn days_around((first, last): (Date, Date)) -> (Date, Date) {
    (first.saturating_sub(2.days()), last.saturating_add(3.days()))
}

/// Whose times, and what they are made of.
pub(crate) struct Sources {
    pub(crate) staff: Staff,
    pub(crate) availability: Option<Availability>,
    pub(crate) days: Vec<CalendarDay>,
    /// Of the client, where the reader may know of its sessions.
    pub(crate) summary: Option<AppointmentSummary>,
}

impl Sources {
    /// The zone of the staff member's clock; the practice's until they say.
    pub(crate) fn zone<'a>(&'a self, practice: &'a Practice) -> &'a Zone {
        self.availability.as_ref().map_or(&practice.time_zone, |availability| availability.plan.zone())
    }

    /// The times free for a session, of this client if there is one. Nobody who is not at work offers any.
    pub(crate) fn free(
        &self,
        client: Option<&Client>,
        practice: &Practice,
        needs: SessionNeeds,
        window: Window,
    ) -> Result<Vec<Times>, AppointmentRefusal> {
        let met = match client {
            Some(client) => may_book(client, &self.staff).map(|_| ()),
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
}
