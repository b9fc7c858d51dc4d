//! What takes several steps or several services at once: inviting, notifying, reassigning, deleting with files.
//!
//! Between the endpoints and the stores. Whatever is here works the same for a request, an event and a schedule.

mod breaking_glass;
mod corresponding;
mod deleting;
mod free_times;
mod hinting;
mod inviting;
mod joining;
mod mailing;
mod moving_appointments;
mod notifying;
mod reassigning;
mod retrying;
mod sending;
mod sending_packets;
mod signing_in;

pub use corresponding::sent_enough;
pub use free_times::{Sources, days_around};
pub use inviting::Ask;
pub use mailing::Occasion;
pub use moving_appointments::{
    APPOINTMENT_ROUNDS, AppointmentMove, Authority, KeptAppointment, MovedAppointments, WhyKept,
};
pub use notifying::{Carried, Notice, Notices, Reader, Wanted, reached_at};
pub use reassigning::{Mails, OneOfMany, Reassigned, Reassignment, reassign_target};
pub use retrying::retrying;
pub use sending::Sent;
pub use sending_packets::{MOST_PACKETS, found_packets, packet_places};
pub use signing_in::Tokens;
