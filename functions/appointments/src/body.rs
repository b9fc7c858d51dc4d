use caseload::domain::appointment::{Scope, SessionRepeat, Times};
use caseload::domain::ids::{ClientId, ServiceId, StaffId};
use caseload::domain::service::{Service, SessionNeeds};
use caseload::refusal::{Refusal, Stop};
use jiff::{Timestamp, ToSpan as _};
use serde::Deserialize;
use utoipa::ToSchema;

/// A new appointment.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BookAppointment {
    /// With whom; a portal client's own without it.
    #[serde(default)]
    pub(crate) client_id: Option<ClientId>,
    /// Whose session it is; the caller's without it, or the client's therapist where a client asks.
    #[serde(default)]
    pub(crate) staff_id: Option<StaffId>,
    /// What it is a session of. A client names one that is bookable online.
    #[serde(default)]
    pub(crate) service_id: Option<ServiceId>,
    pub(crate) start: Timestamp,
    /// 5 minutes to 24 hours later; without it, as long as the service is.
    #[serde(default)]
    pub(crate) end: Option<Timestamp>,
    /// Books outside the therapist's hours as well. For staff.
    #[serde(default, rename = "override")]
    pub(crate) outside_hours: bool,
    /// Books an inactive client, or one that is with somebody else at that time, as well. For staff.
    #[serde(default)]
    pub(crate) force: bool,
    /// Books it again every so many weeks, as one series. For staff.
    #[serde(default)]
    pub(crate) repeat: Option<SessionRepeat>,
}

impl BookAppointment {
    /// Where a session may lie whose length is not known yet.
    pub(crate) fn longest(&self) -> Result<Times, Stop> {
        let day_later = self.start.checked_add(24.hours());
        let end = self.end.map_or(day_later, Ok).map_err(Refusal::broken)?;
        Ok(Times::new(self.start, end)?)
    }

    /// When it is, and how much room it needs.
    pub(crate) fn times(&self, service: Option<&Service>) -> Result<(Times, SessionNeeds), Stop> {
        let needs = service.map(|service| service.terms.needs());
        let end = match (self.end, needs) {
            (Some(end), _) => end,
            (None, Some(needs)) => self.start.checked_add(needs.length).map_err(Refusal::broken)?,
            (None, None) => {
                return Err(Refusal::invalid("/end", "required", "is missing; give it, or a service").into());
            }
        };
        let times = Times::new(self.start, end)?;
        let around = needs.unwrap_or_else(|| SessionNeeds::bare(0));
        Ok((times, SessionNeeds { length: times.length(), ..around }))
    }
}

/// Another time for a session.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reschedule {
    pub(crate) start: Timestamp,
    /// As long as before without it.
    #[serde(default)]
    pub(crate) end: Option<Timestamp>,
    /// Outside the therapist's hours as well. For staff.
    #[serde(default, rename = "override")]
    pub(crate) outside_hours: bool,
    /// Also where the client is with somebody else at that time. For staff.
    #[serde(default)]
    pub(crate) force: bool,
    /// This one only, unless given. For staff.
    #[serde(default)]
    pub(crate) scope: Scope,
}

impl Reschedule {
    /// When it is to be, of what is at this time now.
    pub(crate) fn times(&self, before: Times) -> Result<Times, Stop> {
        let end = self.end.map_or_else(|| self.start.checked_add(before.length()), Ok);
        let end = end.map_err(|_| Refusal::invalid("/start", "out_of_range", "must lie between 2000 and 2099"))?;
        Ok(Times::new(self.start, end)?)
    }
}

/// The service that was named has to be there.
pub(crate) fn named(id: Option<ServiceId>, found: Option<Option<Service>>) -> Result<Option<Service>, Refusal> {
    match (id, found.flatten()) {
        (Some(_), None) => Err(Refusal::invalid("/service_id", "service_unknown", "is not a service of this practice")),
        (_, found) => Ok(found),
    }
}
