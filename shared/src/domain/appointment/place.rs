//! Where an appointment stands among those of its client, which are kept in the order of their starts.

use jiff::Timestamp;
use uuid::Uuid;

use super::Appointment;
use crate::domain::ids::AppointmentId;

/// The bits of an id below its instant.
const OWN: u128 = (1 << 80) - 1;

const fn millis(of: Uuid) -> u128 {
    of.as_u128() >> 80
}

/// The bits of an id whose instant is this one.
fn at(own: Uuid, start: Timestamp) -> Uuid {
    let start = u128::try_from(start.as_millisecond()).unwrap_or(0);
    Uuid::from_u128((start << 80) | (own.as_u128() & OWN))
}

impl AppointmentId {
    /// Where an appointment of this id stands if it begins at this instant: at its own id while it has never moved.
    #[must_use]
    pub fn place(self, start: Timestamp) -> Self {
        Self::new(self.client(), at(self.own(), start))
    }

    /// Whether it stands elsewhere than at its own id.
    #[must_use]
    pub fn is_moved(self, start: Timestamp) -> bool {
        millis(self.own()) != millis(self.place(start).own())
    }
}

/// An appointment at a place in the order of starts.
///
/// One that has moved is there twice: under its id, where it is found, and again where its time belongs, where it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    pub appointment: Appointment,
    /// The second place; none under its own id.
    pub place: Option<AppointmentId>,
}

impl Dated {
    /// Of one that has moved, the one that is listed.
    #[must_use]
    pub fn moved(appointment: &Appointment) -> Option<Self> {
        let start = appointment.times.start();
        let place = appointment.id.is_moved(start).then(|| appointment.id.place(start))?;
        Some(Self { appointment: appointment.clone(), place: Some(place) })
    }

    /// Whether this is where it belongs in the order.
    #[must_use]
    pub fn is_in_order(&self) -> bool {
        self.place.is_some() || !self.appointment.id.is_moved(self.appointment.times.start())
    }
}
