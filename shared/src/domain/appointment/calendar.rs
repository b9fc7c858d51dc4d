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

/// A time of a day that a client asks for. It keeps nobody else from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Request {
    pub id: AppointmentId,
    pub times: Times,
    /// As if it were not there from then on.
    pub expires_at: Timestamp,
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
    /// What clients ask for.
    pub requests: Vec<Request>,
}

impl CalendarDay {
    /// The most appointments of a day: five minutes each all day long, and as many that were cancelled.
    pub const MAX: usize = 600;

    /// A day with nothing in it.
    #[must_use]
    pub const fn empty(practice: PracticeId, staff: StaffId, day: Date) -> Self {
        Self { practice, staff, day, version: 0, bookings: Vec::new(), requests: Vec::new() }
    }

    /// Takes an appointment in, unless the therapist has another one at that time (INV-10).
    pub fn book(&mut self, appointment: &Appointment) -> Result<(), AppointmentRefusal> {
        let Appointment { id, times, status, .. } = *appointment;
        self.take(Booking { id, times, status })
    }

    /// Takes in what fills the therapist's time, likewise. What stood there of the same appointment gives way to it.
    pub fn take(&mut self, booking: Booking) -> Result<(), AppointmentRefusal> {
        self.release(booking.id);
        self.check_free(booking.id, booking.times)?;
        self.check_room()?;
        self.bookings.push(booking);
        Ok(())
    }

    /// Writes down that a client asks for a time; whoever else does may have it as well.
    pub fn ask(&mut self, request: Request, now: Timestamp) -> Result<(), AppointmentRefusal> {
        self.check_free(request.id, request.times)?;
        self.requests.retain(|known| known.id != request.id && now < known.expires_at);
        self.check_room()?;
        self.requests.push(request);
        Ok(())
    }

    /// Takes out an appointment, and what was asked for it.
    pub fn release(&mut self, id: AppointmentId) {
        self.bookings.retain(|booking| booking.id != id);
        self.requests.retain(|request| request.id != id);
    }

    /// An appointment of this day came to its end.
    pub fn settle(&mut self, id: AppointmentId, status: AppointmentStatus) {
        self.requests.retain(|request| request.id != id);
        for booking in self.bookings.iter_mut().filter(|booking| booking.id == id) {
            booking.status = status;
        }
    }

    /// Whether the therapist is free, but for this appointment itself.
    fn check_free(&self, id: AppointmentId, times: Times) -> Result<(), AppointmentRefusal> {
        let taken = |booking: &Booking| booking.id != id && booking.status.counts() && booking.times.overlaps(times);
        if self.bookings.iter().any(taken) { Err(AppointmentRefusal::SlotTaken) } else { Ok(()) }
    }

    fn check_room(&self) -> Result<(), AppointmentRefusal> {
        let full = self.bookings.len() + self.requests.len() >= Self::MAX;
        if full { Err(AppointmentRefusal::DayFull) } else { Ok(()) }
    }

    /// Who else asks for a time that overlaps this one.
    pub fn rivals(&self, id: AppointmentId, times: Times, now: Timestamp) -> impl Iterator<Item = Request> {
        let rival = move |other: &Request| other.id != id && now < other.expires_at && other.times.overlaps(times);
        self.requests.iter().copied().filter(rival)
    }

    /// The requests for a time that begins on this day, as bookings that wait.
    pub fn asked_for(&self, now: Timestamp) -> impl Iterator<Item = Booking> {
        let live = move |request: &&Request| now < request.expires_at;
        let begins = |request: &&Request| super::day_of(request.times.start()) == self.day;
        self.requests.iter().filter(live).filter(begins).map(|Request { id, times, .. }| Booking {
            id: *id,
            times: *times,
            status: AppointmentStatus::Requested,
        })
    }

    /// The appointments that begin on this day: each of a therapist's appointments begins on exactly one.
    pub fn beginning(&self) -> impl Iterator<Item = Booking> {
        self.bookings.iter().copied().filter(|booking| super::day_of(booking.times.start()) == self.day)
    }
}
