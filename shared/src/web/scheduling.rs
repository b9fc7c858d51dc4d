//! How refusals about appointments are told.

use super::problem::Problem;
use crate::domain::appointment::{AppointmentRefusal, BadTimes};

impl From<BadTimes> for Problem {
    fn from(bad: BadTimes) -> Self {
        let (pointer, code) = match bad {
            BadTimes::TooShort => ("/end", "too_short"),
            BadTimes::TooLong => ("/end", "too_long"),
            BadTimes::OutOfRange => ("/start", "out_of_range"),
        };
        Self::invalid(pointer, code, bad).early()
    }
}

impl From<AppointmentRefusal> for Problem {
    fn from(refusal: AppointmentRefusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            AppointmentRefusal::StaffUnavailable | AppointmentRefusal::DirectClient => {
                Self::refused(refusal.code(), text)
            }
            AppointmentRefusal::AlreadyCompleted
            | AppointmentRefusal::AlreadyCancelled
            | AppointmentRefusal::AlreadyNoShow
            | AppointmentRefusal::NotStarted
            | AppointmentRefusal::AlreadyStarted
            | AppointmentRefusal::SlotTaken
            | AppointmentRefusal::DayFull
            | AppointmentRefusal::TooManyScheduled => Self::conflict(refusal.code(), text),
        }
    }
}
