use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::StaffId;
use caseload::domain::role::BillingModifier;
use caseload::domain::text::FullName;
use caseload::refusal::Refusal;
use caseload::web::{Caller, Json, Outcome, Patch, Path, RequireMatch, StaffOnly};
use caseload::workflows::retrying;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::member::{member, reply};
use crate::view::StaffView;

/// A merge patch of a member.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchStaff {
    #[serde(default)]
    full_name: Patch<FullName>,
    // L7
    /// Instead of the role's; null goes back to it.
    #[serde(default)]
    billing_modifier: Patch<BillingModifier>,
}

/// Changes the name or the billing modifier of a member.
#[utoipa::path(
    patch, path = "/v1/staff/{staff_id}", tag = "staff", params(("staff_id" = StaffId, Path)), request_body = PatchStaff,
    responses((status = 200, body = StaffView))
)]
pub(crate) async fn update_staff(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<StaffId>,
    tag: RequireMatch,
    Json(body): Json<PatchStaff>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = member(&app, &caller, Action::StaffAssignRole, id).await?;
        tag.check(asked.subject.staff.version)?;
        let PatchStaff { full_name, billing_modifier } = body.clone();
        let staff = &mut asked.subject.staff;
        let mut fields = Vec::new();
        let renamed = full_name.require(&mut staff.full_name, "/full_name");
        let renamed = renamed.map_err(|bad| Refusal::fields(vec![bad]))?;
        if renamed {
            fields.push("full_name");
        }
        if billing_modifier.apply(&mut staff.billing_modifier) {
            fields.push("billing_modifier");
        }
        if renamed {
            asked.subject.catalog.show(&asked.subject.staff);
        }
        let mut tx = asked.tx();
        tx.replace(&mut asked.subject.staff).touches(id).fields(fields);
        if renamed {
            tx.replace(&mut asked.subject.catalog);
        }
        app.finish(&asked, tx, reply(&asked)?).await
    })
    .await
}
