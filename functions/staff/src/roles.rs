//! Roles live in the practice's item, which every request reads: a change holds from the next request on (L5, L8).

use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::RoleId;
use caseload::domain::role::Role;
use caseload::refusal::Refusal;
use caseload::web::{Authorized, Caller, Json, Outcome, Path, Reply, RequireMatch, StaffOnly};
use caseload::workflows::retrying;

use crate::member::{Roster, roster};
use crate::role_body::{CreateRole, PatchRole};
use crate::role_view::{RoleList, RoleView};

fn found(asked: &Authorized<Roster>, id: RoleId) -> Result<Role, Refusal> {
    asked.practice.roles.get(&id).cloned().ok_or_else(Refusal::absent)
}

// L5
/// The roles of the practice by name, and every feature a role can give or take.
#[utoipa::path(
    get, path = "/v1/roles", tag = "staff", responses((status = 200, body = RoleList))
)]
pub(crate) async fn list_roles(State(app): State<App>, caller: Caller<StaffOnly>) -> Outcome {
    let asked = roster(&app, &caller, Action::RoleList).await?;
    let team = &asked.subject.team;
    Reply::ok(&RoleList::new(asked.practice.roles.values().map(|role| RoleView::new(role, team))))
}

/// A role, with a preview of what it lets a person do.
#[utoipa::path(
    get, path = "/v1/roles/{role_id}", tag = "staff", params(("role_id" = RoleId, Path)),
    responses((status = 200, body = RoleView))
)]
pub(crate) async fn read_role(State(app): State<App>, caller: Caller<StaffOnly>, Path(id): Path<RoleId>) -> Outcome {
    let asked = roster(&app, &caller, Action::RoleList).await?;
    let role = found(&asked, id)?;
    Reply::ok_at(role.version, &RoleView::new(&role, &asked.subject.team))
}

/// Adds a role.
#[utoipa::path(
    post, path = "/v1/roles", tag = "staff", request_body = CreateRole,
    responses((status = 201, body = RoleView), (status = 409))
)]
pub(crate) async fn create_role(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Json(body): Json<CreateRole>,
) -> Outcome {
    retrying(app.clock(), async || {
        let asked = roster(&app, &caller, Action::RoleCreate).await?;
        let role = body.clone().role(RoleId::from_uuid(app.new_id()?), &asked.practice)?;
        let mut practice = asked.practice.clone();
        practice.roles.insert(role.id, role.clone());
        let mut tx = asked.tx();
        tx.replace(&mut practice).touches(role.id);
        app.finish(&asked, tx, Reply::created_at(role.version, &RoleView::new(&role, &asked.subject.team))?).await
    })
    .await
}

/// Changes a role for everybody who has it, from their next request on.
#[utoipa::path(
    patch, path = "/v1/roles/{role_id}", tag = "staff", params(("role_id" = RoleId, Path)), request_body = PatchRole,
    responses((status = 200, body = RoleView), (status = 409))
)]
pub(crate) async fn update_role(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<RoleId>,
    tag: RequireMatch,
    Json(body): Json<PatchRole>,
) -> Outcome {
    retrying(app.clock(), async || {
        let asked = roster(&app, &caller, Action::RoleUpdate).await?;
        let mut role = found(&asked, id)?;
        tag.check(role.version)?;
        let fields = body.clone().apply(&mut role, &asked.practice)?;
        let mut practice = asked.practice.clone();
        practice.roles.insert(id, role.clone());
        let mut tx = asked.tx();
        tx.replace(&mut practice).touches(id).fields(fields);
        app.finish(&asked, tx, Reply::ok_at(role.version, &RoleView::new(&role, &asked.subject.team))?).await
    })
    .await
}

/// Deletes a role that nobody has.
#[utoipa::path(
    delete, path = "/v1/roles/{role_id}", tag = "staff", params(("role_id" = RoleId, Path)),
    responses((status = 204), (status = 409))
)]
pub(crate) async fn delete_role(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<RoleId>,
    tag: RequireMatch,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = roster(&app, &caller, Action::RoleDelete).await?;
        tag.check(found(&asked, id)?.version)?;
        let holders = asked.subject.team.holders(id);
        if holders > 0 {
            let detail = "Somebody of your team has this role. Give them another one first.";
            return Err(Refusal::conflict("role_in_use", detail).with("staff_count", holders).into());
        }
        asked.practice.roles.remove(&id);
        let mut tx = asked.tx();
        // The team is replaced, not only read: whoever gives the role out at this moment replaces it, too.
        tx.replace(&mut asked.practice).replace(&mut asked.subject.team).touches(id);
        app.finish(&asked, tx, Reply::empty()).await
    })
    .await
}
