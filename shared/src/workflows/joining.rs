//! Who a staff member is across practices, and how somebody comes into a team or leaves it (L2, L4, L15).

use crate::app::App;
use crate::domain::catalog::Catalog;
use crate::domain::email::EmailAddress;
use crate::domain::ids::PracticeId;
use crate::domain::staff::{Staff, StaffStatus};
use crate::domain::team::Team;
use crate::refusal::Refusal;
use crate::store::keys::Key;
use crate::store::{Conflict, Guard, Taken, Tx, keys};

impl App {
    /// The keyed hash that a staff identity is guarded under, whatever the practice (decision 7).
    #[must_use]
    pub fn staff_identity_hash(&self, email: &EmailAddress) -> String {
        self.keys.hash("staff identity", &[email.folded().as_bytes()])
    }

    /// The keyed hash that an address is guarded under within one team.
    #[must_use]
    pub fn staff_address_hash(&self, practice: PracticeId, email: &EmailAddress) -> String {
        self.keys.hash("staff address", &[practice.uuid().as_bytes(), email.folded().as_bytes()])
    }

    /// Everything that binds a staff member to its practice and to no other; deleted when it leaves (L15).
    #[must_use]
    pub fn identity_guards(&self, staff: &Staff) -> Vec<Key<Guard>> {
        let outside = staff.outside.as_ref().map(|outside| self.outside_identity_hash(outside));
        let hashes = std::iter::once(self.staff_identity_hash(&staff.email)).chain(outside);
        hashes.map(|hash| keys::staff_identity(&hash)).collect()
    }

    /// Lets an invited staff member in: its identity, its item, the team and the catalog, all in this transaction.
    ///
    /// Whoever works for another practice already is refused by the store, as `already_in_practice`.
    pub fn join_team(
        &self,
        tx: &mut Tx,
        staff: &mut Staff,
        team: &mut Team,
        catalog: &mut Catalog,
    ) -> Result<(), Refusal> {
        let guard = Guard::staff_identity(&self.staff_identity_hash(&staff.email), staff.practice, staff.id);
        tx.put_if_absent_or_same(&guard, "held_by", &staff.id.to_string(), Conflict::Taken(Taken::Identity));
        team.accept(staff.id)?;
        staff.status = StaffStatus::Active;
        staff.joined_at = Some(tx.grant().at());
        catalog.show(staff);
        tx.replace(staff).replace(team).replace(catalog);
        Ok(())
    }
}
