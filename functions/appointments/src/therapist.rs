use caseload::app::App;
use caseload::domain::appointment::{AppointmentRefusal, CalendarDay, Times};
use caseload::domain::availability::Availability;
use caseload::domain::staff::{Staff, StaffStatus};
use caseload::refusal::Stop;
use caseload::store::keys;
use caseload::web::Authorized;

use crate::found::Found;

/// Days as they were found.
pub(crate) type Days = Vec<Option<CalendarDay>>;

/// Whose session it is, with the days of a time.
pub(crate) struct Therapist {
    /// At work.
    pub(crate) staff: Staff,
    pub(crate) days: Days,
    pub(crate) availability: Option<Availability>,
}

impl Therapist {
    pub(crate) async fn read(app: &App, asked: &Authorized<Found>, times: Times) -> Result<Self, Stop> {
        let (practice, of) = (asked.practice.id, asked.subject.appointment.staff);
        let days = times.days().map(|day| keys::calendar_day(practice, of, day)).collect::<Vec<_>>();
        let wanted = (keys::staff(practice, of), keys::availability(practice, of), days);
        let (staff, availability, days) = app.store.load(wanted).await?;
        let staff = staff.filter(|staff| staff.status == StaffStatus::Active);
        Ok(Self { staff: staff.ok_or(AppointmentRefusal::StaffUnavailable)?, days, availability })
    }
}
