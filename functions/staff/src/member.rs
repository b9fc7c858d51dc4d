//! The team's items, read together with the session: one round trip.

use caseload::access::Action;
use caseload::app::App;
use caseload::domain::catalog::Catalog;
use caseload::domain::ids::{PracticeId, StaffId};
use caseload::domain::staff::{Staff, StaffStatus};
use caseload::domain::team::Team;
use caseload::store::keys::{self, Key};
use caseload::store::{Items, Tx};
use caseload::web::{Authorized, Caller, Problem, Reply, StaffOnly};

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

pub(crate) fn roster_keys(practice: PracticeId) -> [Key; 2] {
    [keys::team(practice), keys::catalog(practice)]
}

impl Roster {
    pub(crate) fn take(items: &mut Items, practice: PracticeId) -> Result<Self, Problem> {
        let none = || Problem::internal("a practice without a team");
        Ok(Self {
            team: items.take(&keys::team(practice))?.ok_or_else(none)?,
            catalog: items.take(&keys::catalog(practice))?.ok_or_else(none)?,
        })
    }
}

/// Authorizes an action on the team as a whole.
pub(crate) async fn roster(
    app: &App,
    caller: &Caller<StaffOnly>,
    action: Action,
) -> Result<Authorized<Roster>, Problem> {
    let mut asked = app.practice(caller, action, &roster_keys(caller.practice())).await?;
    let roster = Roster::take(&mut asked.items, caller.practice())?;
    Ok(asked.map(|()| roster))
}

/// Authorizes an action on a member: 404 for who was removed, or never was here. `also` is read along with it.
pub(crate) async fn member(
    app: &App,
    caller: &Caller<StaffOnly>,
    action: Action,
    id: StaffId,
    also: &[StaffId],
) -> Result<Authorized<Member>, Problem> {
    let practice = caller.practice();
    let mut wanted = roster_keys(practice).to_vec();
    wanted.push(keys::staff(practice, id));
    wanted.extend(also.iter().map(|id| keys::staff(practice, *id)));
    let mut asked = app.practice(caller, action, &wanted).await?;
    let Roster { team, catalog } = Roster::take(&mut asked.items, practice)?;
    let staff = asked.items.take::<Staff>(&keys::staff(practice, id))?;
    let staff = staff.filter(|staff| staff.status != StaffStatus::Removed).ok_or_else(Problem::absent)?;
    Ok(asked.map(|()| Member { staff, team, catalog }))
}

/// Staff by id: from what was read already, and only the rest from the table.
pub(crate) async fn others(
    app: &App,
    items: &mut Items,
    practice: PracticeId,
    ids: &[StaffId],
) -> Result<Vec<Staff>, Problem> {
    let wanted: Vec<Key> = ids.iter().map(|id| keys::staff(practice, *id)).collect();
    let missing: Vec<Key> = wanted.iter().filter(|key| !items.has(key)).cloned().collect();
    let mut more = app.store.load(&missing).await?;
    let mut found = Vec::with_capacity(wanted.len());
    for key in &wanted {
        let from = if items.has(key) { &mut *items } else { &mut more };
        found.extend(from.take::<Staff>(key)?);
    }
    Ok(found)
}

/// Writes into the items of these supervisors whom the team now says they supervise (L13).
pub(crate) fn refresh(tx: &mut Tx<'_>, team: &Team, supervisors: Vec<Staff>) {
    for mut supervisor in supervisors {
        supervisor.supervises = team.supervisees(supervisor.id);
        supervisor.version += 1;
        tx.replace(&supervisor).touches(supervisor.id);
    }
}

/// The member as it is now.
pub(crate) fn reply(asked: &Authorized<Member>) -> Result<Reply, Problem> {
    let Member { staff, team, catalog } = &asked.subject;
    Reply::ok_at(staff.version, &StaffView::new(staff, team, catalog, &asked.practice, asked.grant.at()))
}
