use axum::extract::State;
use caseload::access::{Action, Grant, Resource};
use caseload::app::App;
use caseload::domain::ids::StaffId;
use caseload::domain::staff::{Staff, StaffInvitationState, StaffStatus};
use caseload::store::{Tx, keys};
use caseload::web::{
    Authorized, Caller, OptionalJson, Outcome, Path, Problem, ProblemBody, Reply, StaffOnly, retrying,
};

use crate::clients::{Mover, RemoveStaff, clients_of};
use crate::member::{Member, Roster, others, refresh, roster_keys};

/// Removes a member, or takes an invitation back (L4).
///
/// Clients go first, each in a transaction of its own; a request that was cut off goes on where it was when it is
/// repeated. Without a word about the clients: 409 `has_clients` with `counts` of `direct` and `primary`.
#[utoipa::path(
    delete, path = "/v1/staff/{staff_id}", tag = "staff", params(("staff_id" = StaffId, Path)), request_body = Option<RemoveStaff>,
    responses((status = 204), (status = 404, body = ProblemBody), (status = 409, body = ProblemBody), (status = 412, body = ProblemBody), (status = 422, body = ProblemBody), (status = 428, body = ProblemBody))
)]
pub(crate) async fn remove_staff(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<StaffId>,
    OptionalJson(body): OptionalJson<RemoveStaff>,
) -> Outcome {
    body.check().map_err(Problem::early)?;
    retrying(async || attempt(&app, &caller, id, &body).await).await
}

async fn attempt(app: &App, caller: &Caller<StaffOnly>, id: StaffId, body: &RemoveStaff) -> Outcome {
    let practice = caller.practice();
    let mut wanted = roster_keys(practice).to_vec();
    wanted.push(keys::staff(practice, id));
    wanted.extend(body.heirs().into_iter().map(|heir| keys::staff(practice, heir)));
    let (mut asked, held) = app.practice_with_directory(caller, Action::StaffRemove, &wanted).await?;
    let Roster { team, catalog } = Roster::take(&mut asked.items, practice)?;
    let staff = asked.items.take::<Staff>(&keys::staff(practice, id))?.ok_or_else(Problem::absent)?;
    let clients = clients_of(&held, id);
    let gone = staff.status == StaffStatus::Removed;
    if gone && clients.is_empty() {
        return Err(Problem::absent());
    }
    if !gone {
        asked.require_version(staff.version)?;
        // Before anything moves.
        team.clone().remove(id)?;
    }
    body.check_heirs(&staff, &mut asked.items)?;
    let moves = body.moves(&clients)?;
    let asked = asked.map(|()| Member { staff, team, catalog });
    let (actor, cause) = (asked.actor.clone(), asked.grant.cause());
    let settings = asked.practice.clone();
    let mover = Mover { app, actor: &actor, practice: &settings, cause, from: id };
    mover.all(&moves).await?;
    let reply = if gone { Reply::empty() } else { leave(app, asked).await? };
    // Whoever was given a client while this went on: nobody said who takes it, so the practice does.
    let held = match app.store.refresh(practice, &held).await? {
        true => held,
        false => app.directories.keep(practice, app.store.load_directory(practice).await?),
    };
    let late: Vec<_> = clients_of(&held, id).into_iter().map(|(client, _)| (client, None)).collect();
    mover.all(&late).await?;
    Ok(reply)
}

/// The member's own end: item, team, catalog, whom they supervise and who supervises them, the guards.
async fn leave(app: &App, mut asked: Authorized<Member>) -> Outcome {
    let Member { staff, team, catalog } = &mut asked.subject;
    let invited = staff.status == StaffStatus::Invited;
    let supervisors = team.member(staff.id)?.supervisors.clone();
    team.remove(staff.id)?;
    staff.status = StaffStatus::Removed;
    staff.supervises.clear();
    staff.end_sessions();
    staff.version += 1;
    if let Some(invitation) = staff.invitation.as_mut().filter(|_| invited) {
        invitation.state = StaffInvitationState::Revoked;
    }
    catalog.show(staff);
    if invited {
        // What never worked here has nothing to be named for.
        catalog.staff.remove(&staff.id);
    }
    let supervisors = others(app, &mut asked.items, asked.practice.id, &supervisors).await?;
    let action = if invited { Action::StaffRevokeInvite } else { Action::StaffRemove };
    let grant = Grant::decide(&asked.actor, action, &Resource::Practice, &asked.practice, asked.grant.cause())?;
    let Member { staff, team, catalog } = &asked.subject;
    let mut tx = Tx::new(&grant);
    tx.replace(staff).replace(team).replace(catalog).touches(staff.id).fields(["status"]);
    tx.release(keys::staff_address(staff.practice, &app.staff_address_hash(staff.practice, &staff.email)));
    if !invited {
        tx.release(keys::second_factor(staff.practice, staff.id));
        for guard in app.identity_guards(staff) {
            tx.release(guard);
        }
    }
    refresh(&mut tx, team, supervisors);
    app.finish(&asked, tx, Reply::empty()).await
}
