//! One way to give a client to another therapist: from its page, in bulk, when a therapist leaves (L10).

use jiff::civil::Date;

use super::problem::Problem;
use crate::access::{Action, Actor, Cause, Grant, Resource};
use crate::app::App;
use crate::domain::client::{Client, Handover, Ownership};
use crate::domain::date::today;
use crate::domain::ids::StaffId;
use crate::domain::practice::Practice;
use crate::domain::staff::Staff;
use crate::store::Tx;

/// To whom, when, and as whose client.
#[derive(Debug, Clone, Copy)]
pub struct Reassignment {
    /// The therapist; none leaves the client to the practice.
    pub to: Option<StaffId>,
    /// On a day to come in the practice's zone; at once without it, or if the day is today.
    pub on: Option<Date>,
    /// Direct or practice client from then on; as it is unless given.
    pub ownership: Option<Ownership>,
}

/// The therapist that clients are to go to: 422 `reassign_target` unless it works here and takes clients.
pub fn reassign_target(staff: Option<Staff>, pointer: &str) -> Result<Staff, Problem> {
    staff.filter(Staff::takes_clients).ok_or_else(|| {
        Problem::invalid(pointer, "reassign_target", "is not an active member of your team; choose somebody who is")
    })
}

impl Reassignment {
    /// Refuses what cannot be: a day that is over (422), a direct client of nobody (422).
    pub fn check(&self, practice: &Practice, now: jiff::Timestamp) -> Result<(), Problem> {
        if self.on.is_some_and(|on| on < today(now, practice.time_zone.time_zone())) {
            return Err(Problem::invalid("/on", "date_in_past", "is over; choose today or a day to come"));
        }
        if self.to.is_none() && self.ownership == Some(Ownership::Direct) {
            return Err(Problem::invalid("/ownership", "direct_needs_therapist", "a direct client needs a therapist"));
        }
        Ok(())
    }

    /// Writes it into the transaction; `false` if the client is, or is planned to be, exactly so already.
    pub fn write(&self, tx: &mut Tx<'_>, client: &mut Client, to: Option<&Staff>, practice: &Practice) -> bool {
        let day = self.on.filter(|on| *on > today(tx.grant().at(), practice.time_zone.time_zone()));
        let Some(on) = day else {
            let same = client.assigned_staff == self.to && self.ownership.is_none_or(|o| o == client.ownership);
            if same && client.handover.is_none() {
                return false;
            }
            tx.reassign(client, to, self.ownership);
            return true;
        };
        let planned = Handover { to: self.to, on, ownership: self.ownership };
        if client.handover == Some(planned) {
            return false;
        }
        tx.plan_handover(client, to, planned);
        true
    }
}

impl App {
    /// Reassigns one client of many in a transaction of its own, under its own decision; `false` if it was so already.
    pub async fn reassign_one(
        &self,
        actor: &Actor,
        practice: &Practice,
        cause: Cause,
        client: &mut Client,
        to: Option<&Staff>,
        wish: Reassignment,
    ) -> Result<bool, Problem> {
        let resource = Resource::client(Some(client));
        let grant = Grant::decide(actor, Action::ClientReassign, &resource, practice, cause)?;
        let mut tx = Tx::new(&grant);
        let changed = wish.write(&mut tx, client, to, practice);
        if changed {
            self.store.commit(tx).await?;
        }
        Ok(changed)
    }
}
