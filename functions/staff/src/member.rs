//! The team's items, read together with the session: one round trip.

use caseload::access::Action;
use caseload::app::App;
use caseload::domain::catalog::Catalog;
use caseload::domain::ids::{PracticeId, StaffId};
use caseload::domain::staff::Staff;
use caseload::domain::team::Team;
use caseload::refusal::Stop;
use caseload::store::{Lookup, Required, Tx, keys};
use caseload::web::{Authorized, Caller, Reply, StaffOnly};

use crate::view::StaffView;

/// The team and the names it is shown with.
pub(crate) struct Roster {
    pub team: Team,
    pub catalog: Catalog,
}

/// A member with the team around it.
pub(crate) struct Member {
    pub staff: Staff,
    pub team: Team,
    pub catalog: Catalog,
}

/// What brings the roster.
pub(crate) fn roster_keys(practice: PracticeId) -> (Required<Team>, Required<Catalog>) {
    (keys::team(practice).required(), keys::catalog(practice).required())
}

/// Authorizes an action on the team as a whole.
pub(crate) async fn roster(app: &App, caller: &Caller<StaffOnly>, action: Action) -> Result<Authorized<Roster>, Stop> {
    let (asked, (team, catalog)) = app.practice_with(caller, action, roster_keys(caller.practice())).await?;
    Ok(asked.map(|()| Roster { team, catalog }))
}

/// Authorizes an action on a member: 404 for who was removed, or never was here.
pub(crate) async fn member(
    app: &App,
    caller: &Caller<StaffOnly>,
    action: Action,
    id: StaffId,
) -> Result<Authorized<Member>, Stop> {
    member_with(app, caller, action, id, ()).await.map(|(asked, ())| asked)
}

/// Likewise, with `more` out of the same round trip.
pub(crate) async fn member_with<L: Lookup>(
    app: &App,
    caller: &Caller<StaffOnly>,
    action: Action,
    id: StaffId,
    more: L,
) -> Result<(Authorized<Member>, L::Found), Stop> {
    let practice = caller.practice();
    let (asked, ((team, catalog), found)) = app.thing_with(caller, action, id, (roster_keys(practice), more)).await?;
    Ok((asked.map(|staff| Member { staff, team, catalog }), found))
}

/// Staff by id: from what was read already, and only the rest from the table.
pub(crate) async fn others(
    app: &App,
    mut read: Vec<Staff>,
    practice: PracticeId,
    ids: &[StaffId],
) -> Result<Vec<Staff>, Stop> {
    read.retain(|staff| ids.contains(&staff.id));
    let missing = ids.iter().filter(|id| !read.iter().any(|staff| staff.id == **id));
    let missing: Vec<_> = missing.map(|id| keys::staff(practice, *id)).collect();
    read.extend(app.store.load(missing).await?.into_iter().flatten());
    Ok(read)
}

/// Writes into the items of these supervisors whom the team now says they supervise (L13).
pub(crate) fn refresh(tx: &mut Tx, team: &Team, supervisors: Vec<Staff>) {
    for mut supervisor in supervisors {
        supervisor.supervises = team.supervisees(supervisor.id);
        tx.replace(&mut supervisor).touches(supervisor.id);
    }
}

/// The member as it is now.
pub(crate) fn reply(asked: &Authorized<Member>) -> Result<Reply, Stop> {
    let Member { staff, team, catalog } = &asked.subject;
    Reply::ok_at(staff.version, &StaffView::new(staff, team, catalog, &asked.practice, asked.grant.at()))
}
