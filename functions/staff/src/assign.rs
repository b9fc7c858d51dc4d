use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::{RoleId, StaffId};
use caseload::domain::session::PrincipalId;
use caseload::refusal::Refusal;
use caseload::web::{Caller, HonourMatch, Json, Outcome, Path, StaffOnly};
use caseload::workflows::retrying;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::invite::known_role;
use crate::member::{Member, member, reply};
use crate::view::StaffView;

/// The role to be.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AssignRole {
    role_id: RoleId,
    /// Whether they run the practice; as it is unless given.
    #[serde(default)]
    admin: Option<bool>,
}

// L8
/// Gives a member another role, from the next request on. Nobody changes their own.
#[utoipa::path(
    put, path = "/v1/staff/{staff_id}/role", tag = "staff", params(("staff_id" = StaffId, Path)), request_body = AssignRole,
    responses((status = 200, body = StaffView), (status = 409))
)]
pub(crate) async fn assign_role(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<StaffId>,
    tag: HonourMatch,
    Json(body): Json<AssignRole>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = member(&app, &caller, Action::StaffAssignRole, id).await?;
        known_role(&asked.practice, body.role_id)?;
        if caller.identity.principal == PrincipalId::Staff(id) {
            return Err(Refusal::conflict("own_role", "Nobody changes their own role. Ask another admin.").into());
        }
        tag.check(asked.subject.staff.version)?;
        let Member { staff, team, .. } = &mut asked.subject;
        let (before, admin) = (staff.role, body.admin.unwrap_or(staff.admin));
        team.set_role(id, body.role_id, admin)?;
        let mut fields = vec!["role"];
        if staff.admin != admin {
            fields.push("admin");
        }
        (staff.role, staff.admin) = (body.role_id, admin);
        let mut tx = asked.tx();
        let Member { staff, team, .. } = &mut asked.subject;
        // The role must still be one when this holds.
        tx.replace(staff).replace(team).unchanged(&asked.practice).fields(fields);
        tx.touches(id).touches(before).touches(body.role_id);
        app.finish(&asked, tx, reply(&asked)?).await
    })
    .await
}
