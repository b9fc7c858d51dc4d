use std::collections::BTreeSet;

use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::StaffId;
use caseload::domain::practice::Practice;
use caseload::domain::team::Team;
use caseload::refusal::{Refusal, Stop};
use caseload::store::keys;
use caseload::web::{Caller, HonourMatch, Json, Outcome, Path, StaffOnly};
use caseload::workflows::retrying;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::member::{Member, member_with, others, refresh, reply};
use crate::view::StaffView;

/// All supervisors of a member.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetSupervisors {
    /// The first is the primary one; at most twenty.
    #[schema(max_items = 20)]
    supervisor_ids: Vec<StaffId>,
}

/// Their items are part of the transaction.
const MOST: usize = 20;

// L6, d-31
/// Sets who supervises a member: roles that may, nobody themselves, never in a circle.
#[utoipa::path(
    put, path = "/v1/staff/{staff_id}/supervisors", tag = "staff", params(("staff_id" = StaffId, Path)), request_body = SetSupervisors,
    responses((status = 200, body = StaffView))
)]
pub(crate) async fn set_supervisors(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<StaffId>,
    tag: HonourMatch,
    Json(body): Json<SetSupervisors>,
) -> Outcome {
    if body.supervisor_ids.len() > MOST {
        return Err(Refusal::invalid("/supervisor_ids", "too_many", "must name at most 20").into());
    }
    retrying(app.clock(), async || {
        let wanted: Vec<_> = body.supervisor_ids.iter().map(|id| keys::staff(caller.practice(), *id)).collect();
        let (mut asked, read) = member_with(&app, &caller, Action::StaffSetSupervision, id, wanted).await?;
        tag.check(asked.subject.staff.version)?;
        let before: BTreeSet<StaffId> = asked.subject.team.member(id)?.supervisors.iter().copied().collect();
        let after: BTreeSet<StaffId> = body.supervisor_ids.iter().copied().collect();
        supervise(&mut asked.subject.team, id, &body.supervisor_ids, &asked.practice)?;
        let moved: Vec<StaffId> = before.symmetric_difference(&after).copied().collect();
        let supervisors = others(&app, read.into_iter().flatten().collect(), asked.practice.id, &moved).await?;
        let mut tx = asked.tx();
        let Member { staff, team, .. } = &mut asked.subject;
        tx.replace(staff).replace(team).unchanged(&asked.practice).touches(id).fields(["supervisors"]);
        refresh(&mut tx, team, supervisors);
        app.finish(&asked, tx, reply(&asked)?).await
    })
    .await
}

/// Sets them in the team; a refusal points at the first one at fault.
fn supervise(team: &mut Team, id: StaffId, wanted: &[StaffId], practice: &Practice) -> Result<(), Stop> {
    for (place, end) in (1..=wanted.len()).enumerate() {
        let first = wanted.get(..end).unwrap_or_default().to_vec();
        if let Err(refusal) = team.clone().set_supervisors(id, first, &practice.roles) {
            return Err(Refusal::invalid(format!("/supervisor_ids/{place}"), refusal.code(), refusal).into());
        }
    }
    Ok(team.set_supervisors(id, wanted.to_vec(), &practice.roles)?)
}
