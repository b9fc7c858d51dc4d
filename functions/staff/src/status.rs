use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::StaffId;
use caseload::domain::session::PrincipalId;
use caseload::domain::staff::StaffStatus;
use caseload::store::keys;
use caseload::web::{Caller, Json, Outcome, Path, ProblemBody, StaffOnly, retrying};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::member::{Member, member, reply};
use crate::view::StaffView;

/// A status an admin can set.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wanted {
    /// Everything its role allows.
    Active,
    /// Signs in, sees no personal data, takes nothing new.
    OnHold,
    /// The next request is refused.
    Inactive,
}

impl From<Wanted> for StaffStatus {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::Active => Self::Active,
            Wanted::OnHold => Self::OnHold,
            Wanted::Inactive => Self::Inactive,
        }
    }
}

/// The status to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetStatus {
    #[schema(inline)]
    status: Wanted,
}

/// Sets the status of a member, from the next request on (L3, decision 6). The last active admin stays one.
#[utoipa::path(
    put, path = "/v1/staff/{staff_id}/status", tag = "staff", params(("staff_id" = StaffId, Path)), request_body = SetStatus,
    responses((status = 200, body = StaffView), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 412, body = ProblemBody))
)]
pub(crate) async fn set_staff_status(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<StaffId>,
    Json(body): Json<SetStatus>,
) -> Outcome {
    retrying(async || {
        let mut asked = member(&app, &caller, Action::StaffSetStatus, id, &[]).await?;
        asked.check_version(asked.subject.staff.version)?;
        let Member { staff, team, catalog } = &mut asked.subject;
        team.set_status(id, body.status.into())?;
        staff.status = body.status.into();
        if staff.status == StaffStatus::Inactive {
            staff.end_sessions();
        }
        staff.version += 1;
        catalog.show(staff);
        let (Member { staff, team, catalog }, mut tx) = (&asked.subject, asked.tx());
        tx.replace(staff).replace(team).replace(catalog).touches(id).fields(["status"]);
        if staff.status == StaffStatus::Inactive {
            tx.release(keys::sign_in_link(staff.practice, PrincipalId::Staff(id)));
        }
        app.finish(&asked, tx, reply(&asked)?).await
    })
    .await
}
