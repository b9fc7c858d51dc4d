//! A therapist's day: what keeps two appointments apart, and the appointment history by date.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Appointment, AppointmentRefusal, AppointmentStatus, Times};
use crate::domain::ids::{AppointmentId, PracticeId, StaffId};

/// An appointment in a day. Ids and times only: it outlives the client's record, and then tells nothing about anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booking {
    pub id: AppointmentId,
    pub times: Times,
    /// Where it stands.
    pub status: AppointmentStatus,
}

impl Booking {
    /// What a therapist's appointments are ordered by.
    #[must_use]
    pub const fn order(&self) -> (Timestamp, AppointmentId) {
        (self.times.start(), self.id)
    }

    /// That order as text, for the cursor of a list.
    #[must_use]
    pub fn place(start: Timestamp, id: AppointmentId) -> String {
        format!("{start} {id}")
    }

    /// Reads what [`Self::place`] wrote.
    #[must_use]
    pub fn at_place(text: &str) -> Option<(Timestamp, AppointmentId)> {
        let (start, id) = text.split_once(' ')?;
        Some((start.parse().ok()?, id.parse().ok()?))
    }
}

/// The appointments of one staff member that touch one UTC day, cancelled ones included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarDay {
    pub practice: PracticeId,
    /// Whose day.
    pub staff: StaffId,
    /// Which day, in UTC.
    pub day: Date,
    /// Grows by one with each change; 0 before the first.
    pub version: u64,
    pub bookings: Vec<Booking>,
}

impl CalendarDay {
    /// The most appointments of a day: five minutes each all day long, and as many that were cancelled.
    pub const MAX: usize = 600;

    /// A day with nothing in it.
    #[must_use]
    pub const fn empty(practice: PracticeId, staff: StaffId, day: Date) -> Self {
        Self { practice, staff, day, version: 0, bookings: Vec::new() }
    }

    /// Takes an appointment in, unless the therapist has another one at that time (INV-10).
    pub fn book(&mut self, appointment: &Appointment) -> Result<(), AppointmentRefusal> {
        let Appointment { id, times, status, .. } = *appointment;
        self.take(Booking { id, times, status })
    }

    /// Takes in what fills the therapist's time, likewise.
    pub fn take(&mut self, booking: Booking) -> Result<(), AppointmentRefusal> {
        let times = booking.times;
        if self.bookings.iter().any(|booking| booking.status.counts() && booking.times.overlaps(times)) {
            return Err(AppointmentRefusal::SlotTaken);
        }
        if self.bookings.len() >= Self::MAX {
            return Err(AppointmentRefusal::DayFull);
        }
        self.bookings.push(booking);
        Ok(())
    }

    /// The appointments that begin on this day: each of a therapist's appointments begins on exactly one.
    pub fn beginning(&self) -> impl Iterator<Item = Booking> {
        self.bookings.iter().copied().filter(|booking| super::day_of(booking.times.start()) == self.day)
    }
}
