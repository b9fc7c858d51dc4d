//! A look at what one staff member does: theirs, their supervisors' and the admins' (L13, L14).

use std::sync::{Arc, Mutex};

use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::client::Ownership;
use caseload::domain::directory::Entry;
use caseload::domain::ids::StaffId;
use caseload::domain::staff::Staff;
use caseload::refusal::Stop;
use caseload::store::directory::Held;
use caseload::store::keys;
use caseload::web::{Authorized, Caller, StaffOnly};
use serde::Serialize;
use utoipa::ToSchema;

/// Authorizes the look and brings the practice's directory up to date.
pub(crate) async fn at(
    app: &App,
    caller: &Caller<StaffOnly>,
    staff: StaffId,
) -> Result<(Authorized<()>, Arc<Mutex<Held>>), Stop> {
    let key = keys::staff(caller.practice(), staff);
    let about = |found: &Option<Staff>| Resource::Staff(found.as_ref().map(|found| found.id));
    let (asked, held, _) = app.with_directory(caller, Action::CaseloadRead, key, about).await?;
    Ok((asked, held))
}

// L13
/// Why a client is on a caseload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// A direct client of theirs.
    Direct,
    /// A client of the practice, and they are its primary therapist.
    Primary,
    /// A client of the practice they hold a session with, and somebody else's or nobody's.
    WalkIn,
}

impl Reason {
    /// Of a client that is on the caseload.
    pub(crate) fn of(entry: &Entry, staff: StaffId) -> Self {
        match entry.ownership {
            Ownership::Direct => Self::Direct,
            Ownership::Practice if entry.assigned_staff == Some(staff) => Self::Primary,
            Ownership::Practice => Self::WalkIn,
        }
    }
}
