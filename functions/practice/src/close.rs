use axum::extract::State;
use caseload::access::{Action, Actor};
use caseload::app::App;
use caseload::domain::staff::{Staff, StaffStatus};
use caseload::refusal::Refusal;
use caseload::store::directory::lock;
use caseload::store::keys;
use caseload::web::{Afresh, Caller, Outcome, Reply, StaffOnly};
use caseload::workflows::retrying;
use serde_json::json;

// X6, L15
/// Closes the practice, for good: its portal's name and its owner's address are free again.
///
/// Its last member does so, once no clients are left in it: 409 `has_team` or `has_clients` with `counts` before.
#[utoipa::path(
    post, path = "/v1/practice/close", tag = "practice",
    responses((status = 204), (status = 409))
)]
pub(crate) async fn close_practice(State(app): State<App>, caller: Caller<StaffOnly>, _: Afresh) -> Outcome {
    retrying(app.clock(), async || attempt(&app, &caller).await).await
}

async fn attempt(app: &App, caller: &Caller<StaffOnly>) -> Outcome {
    let id = caller.practice();
    let wanted = (keys::team(id).required(), keys::catalog(id).required());
    let (asked, held, (team, mut catalog)) = app.practice_with_directory(caller, Action::PracticeClose, wanted).await?;
    let Actor::Staff(me) = &asked.actor else { return Err(Refusal::absent().into()) };
    let others = team.members.keys().filter(|member| **member != me.id).count();
    if others > 0 {
        let detail =
            "Others are in the team still, or invited to it. Remove them first, or leave the practice to them.";
        return Err(Refusal::conflict("has_team", detail).with("counts", json!({"members": others})).into());
    }
    let clients = lock(&held).directory.entries().count();
    if clients > 0 {
        let detail = "There are clients still. Export what you have to keep, then delete them.";
        let counts = json!({ "clients": clients });
        return Err(Refusal::conflict("has_clients", detail).with("counts", counts).into());
    }
    let (mut practice, mut owner) = (asked.practice.clone(), Staff::from(me.as_ref().clone()));
    practice.closed_at = Some(asked.grant.at());
    owner.status = StaffStatus::Removed;
    owner.end_sessions();
    catalog.show(&owner);
    let identity = app.staff_identity_hash(&owner.email);
    let mut tx = asked.tx();
    tx.replace(&mut practice)
        .replace(&mut owner)
        // Whoever joins, or adds a client and a tag, at this moment was faster, or is refused.
        .unchanged(&team)
        .replace(&mut catalog)
        .release(keys::slug_guard(&practice.slug))
        .release(keys::resend_registry(id))
        .release(keys::staff_address(id, &app.staff_address_hash(id, &owner.email)))
        .release(keys::staff_candidate(&identity, id))
        .release(keys::second_factor(id, owner.id))
        .touches(owner.id)
        .fields(["closed_at"]);
    for guard in app.identity_guards(&owner) {
        tx.release(guard);
    }
    app.finish(&asked, tx, Reply::empty()).await
}
