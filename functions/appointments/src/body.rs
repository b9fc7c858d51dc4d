use caseload::domain::ids::{ClientId, StaffId};
use jiff::Timestamp;
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
    pub(crate) start: Timestamp,
    /// 5 minutes to 24 hours later.
    pub(crate) end: Timestamp,
    /// Books an inactive client, or one that is with somebody else at that time, as well. For staff.
    #[serde(default)]
    pub(crate) force: bool,
}
