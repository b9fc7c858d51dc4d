use caseload::domain::appointment::{AppointmentRefusal, Times};
use caseload::domain::availability::Availability;
use jiff::Timestamp;

// I2
/// Whether a time to come lies in the hours of whoever has set any; `outside` where that does not matter.
pub(crate) fn check_hours(
    availability: Option<&Availability>,
    times: Times,
    now: Timestamp,
    outside: bool,
) -> Result<(), AppointmentRefusal> {
    let bound = !outside && times.start() > now;
    if availability.is_some_and(|availability| bound && !availability.plan.holds(times)) {
        return Err(AppointmentRefusal::OutsideHours);
    }
    Ok(())
}
