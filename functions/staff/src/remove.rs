use std::sync::{Arc, Mutex};

use axum::extract::State;
use caseload::access::{Action, Grant, Resource};
use caseload::app::App;
use caseload::domain::ids::StaffId;
use caseload::domain::staff::{StaffInvitationState, StaffStatus};
use caseload::refusal::{Refusal, Stop};
use caseload::store::directory::Held;
use caseload::store::{Tx, keys};
use caseload::web::{Authorized, Caller, OptionalJson, Outcome, Path, Reply, RequireMatch, StaffOnly};
use caseload::workflows::{Authority, retrying};

use crate::clients::{clients_of, move_clients};
use crate::leaving::Leaving;
use crate::member::{Member, others, refresh, roster_keys};
use crate::removal::RemoveStaff;

// L4
/// Removes a member, or takes an invitation back.
///
/// Sessions to come and clients go first, each in a transaction of its own; a request that was cut off goes on where it
/// was when it is repeated. Without a word about the clients: 409 `has_clients` with `counts` of `direct` and
/// `primary`; without one about the sessions: 409 `has_sessions` with `counts` of `sessions` and `clients`. If a
/// session that is to move cannot, nothing changes: 409 `sessions_in_the_way` with the first 50 of them. Past sessions
/// keep their therapist.
#[utoipa::path(
    delete, path = "/v1/staff/{staff_id}", tag = "staff", params(("staff_id" = StaffId, Path)), request_body = Option<RemoveStaff>,
    responses((status = 204), (status = 409), (status = 429))
)]
pub(crate) async fn remove_staff(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<StaffId>,
    tag: RequireMatch,
    OptionalJson(body): OptionalJson<RemoveStaff>,
) -> Outcome {
    body.check()?;
    let parting =
        Parting { staff: id, tag: Some(&tag), action: Action::StaffRemove, over_clients: Action::ClientReassign };
    retrying(app.clock(), async || part(&app, &caller, parting, &body).await).await
}

/// Who goes, and as what the policy decides about it, and about each of their clients.
#[derive(Clone, Copy)]
pub(crate) struct Parting<'a> {
    pub staff: StaffId,
    /// The version that is removed, where that has to be said.
    pub tag: Option<&'a RequireMatch>,
    pub action: Action,
    pub over_clients: Action,
}

/// Parts somebody from the practice: sessions to come and clients first, then themselves.
pub(crate) async fn part(app: &App, caller: &Caller<StaffOnly>, parting: Parting<'_>, body: &RemoveStaff) -> Outcome {
    let Parting { staff: id, tag, action, over_clients } = parting;
    let practice = caller.practice();
    let heirs: Vec<_> = body.heirs().into_iter().map(|heir| keys::staff(practice, heir)).collect();
    let wanted = (roster_keys(practice), keys::staff(practice, id), heirs);
    let (read, bookings) = tokio::join!(
        app.practice_with_directory(caller, action, wanted),
        app.store.appointments_to_come(practice, id, caller.context.at),
    );
    let (asked, held, ((team, catalog), staff, heirs)) = read?;
    let staff = staff.ok_or_else(Refusal::absent)?;
    let clients = clients_of(&held, id);
    let (actor, settings, cause) = (asked.actor.clone(), asked.practice.clone(), asked.grant.cause());
    let by = Authority { actor: &actor, practice: &settings, cause, action: over_clients };
    let leaving = Leaving { app, caller, by, body, staff: id };
    let sessions = leaving.sessions(&held, &bookings?);
    let gone = staff.status == StaffStatus::Removed;
    if gone && clients.is_empty() && sessions.is_empty() {
        return Err(Refusal::absent().into());
    }
    if !gone {
        if let Some(tag) = tag {
            tag.check(staff.version)?;
        }
        // Before anything moves.
        team.clone().remove(id)?;
    }
    body.check_heirs(&staff, heirs)?;
    let moves = body.moves(&clients)?;
    leaving.settle(&sessions).await?;
    move_clients(app, by, id, &moves).await?;
    let asked = asked.map(|()| Member { staff, team, catalog });
    let reply = if gone { Reply::empty() } else { leave(app, asked, action).await? };
    late(leaving, held).await?;
    Ok(reply)
}

/// What came to the one who left while the request went on.
async fn late(leaving: Leaving<'_>, held: Arc<Mutex<Held>>) -> Result<(), Stop> {
    let Leaving { app, by, staff, .. } = leaving;
    let practice = by.practice.id;
    let (current, bookings) =
        tokio::join!(app.store.refresh(practice, &held), app.store.appointments_to_come(practice, staff, by.cause.at));
    let held = match current? {
        true => held,
        false => app.directories.keep(practice, app.store.load_directory(practice).await?),
    };
    // A client that came meanwhile goes to who was named for all; of whom nobody said who takes it, the practice does.
    let heir = |client| (client, leaving.body.heir(client));
    let clients: Vec<_> = clients_of(&held, staff).into_iter().map(|(client, _)| heir(client)).collect();
    move_clients(app, by, staff, &clients).await?;
    // A session booked meanwhile, about which nothing was said, stands until a repetition says what becomes of it.
    leaving.settle(&leaving.sessions(&held, &bookings?)).await
}

/// The member's own end: item, team, catalog, whom they supervise and who supervises them, the guards.
async fn leave(app: &App, mut asked: Authorized<Member>, action: Action) -> Outcome {
    let Member { staff, team, catalog } = &mut asked.subject;
    let invited = staff.status == StaffStatus::Invited;
    let supervisors = team.member(staff.id)?.supervisors.clone();
    team.remove(staff.id)?;
    staff.status = StaffStatus::Removed;
    staff.supervises.clear();
    staff.end_sessions();
    if let Some(invitation) = staff.invitation.as_mut().filter(|_| invited) {
        invitation.state = StaffInvitationState::Revoked;
    }
    catalog.show(staff);
    if invited {
        // What never worked here has nothing to be named for.
        catalog.staff.remove(&staff.id);
    }
    let supervisors = others(app, Vec::new(), asked.practice.id, &supervisors).await?;
    let action = if invited { Action::StaffRevokeInvite } else { action };
    let grant = Grant::decide(&asked.actor, action, &Resource::Practice, &asked.practice, asked.grant.cause())?;
    let Member { staff, team, catalog } = &mut asked.subject;
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
