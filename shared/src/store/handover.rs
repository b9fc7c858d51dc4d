//! A client changes hands: now, or on a day to come (L10, L11).

use super::{Guard, Tx, keys};
use crate::domain::client::{Client, Handover, Ownership};
use crate::domain::staff::Staff;

impl Tx {
    /// Gives a client to this therapist, or to nobody, from now on; a change that was planned is off.
    ///
    /// The transaction fails if the therapist has changed since it was read: only an active one is given clients.
    pub fn reassign(&mut self, client: &mut Client, to: Option<&Staff>, ownership: Option<Ownership>) -> &mut Self {
        let from = client.assigned_staff;
        if let Some(planned) = client.handover {
            self.release(keys::handover(planned.on, client.id, client.practice));
        }
        client.assign(to.map(|staff| staff.id), self.grant().at());
        if let Some(ownership) = ownership.filter(|_| to.is_some()) {
            client.ownership = ownership;
        }
        self.write_handover(client, to).fields(["assigned_staff", "ownership"]);
        for staff in from.into_iter().chain(to.map(|staff| staff.id)) {
            self.touches(staff);
        }
        self
    }

    /// Plans the same for a day to come, in place of what was planned before.
    pub fn plan_handover(&mut self, client: &mut Client, to: Option<&Staff>, handover: Handover) -> &mut Self {
        if let Some(planned) = client.handover.filter(|planned| planned.on != handover.on) {
            self.release(keys::handover(planned.on, client.id, client.practice));
        }
        client.handover = Some(handover);
        self.put(&Guard::handover(client.practice, client.id, handover.on));
        self.write_handover(client, to).fields(["handover"]);
        for staff in client.assigned_staff.into_iter().chain(to.map(|staff| staff.id)) {
            self.touches(staff);
        }
        self
    }

    /// Gives up what was planned: the therapist it was planned for takes no clients any more.
    pub fn drop_handover(&mut self, client: &mut Client) -> &mut Self {
        if let Some(planned) = client.handover.take() {
            self.release(keys::handover(planned.on, client.id, client.practice));
        }
        self.write_handover(client, None).fields(["handover"])
    }

    fn write_handover(&mut self, client: &mut Client, to: Option<&Staff>) -> &mut Self {
        if let Some(staff) = to {
            self.unchanged(staff);
        }
        self.save_client(client)
    }
}
