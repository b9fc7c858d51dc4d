//! Hints that there may be the same person already (B14): left for a new client, moved when a client changes.

use crate::app::App;
use crate::domain::client::{Client, Profile};
use crate::domain::identity::Identity;
use crate::domain::ids::PracticeId;
use crate::store::{DuplicateHint, Entity as _, Tx, keys};

impl App {
    /// The keyed hashes under which this person would be found.
    #[must_use]
    pub fn hint_hashes(&self, practice: PracticeId, profile: &Profile) -> Vec<String> {
        let hash = |(name, mark): (&str, String)| {
            self.keys.hash("duplicate", &[practice.uuid().as_bytes(), name.as_bytes(), mark.as_bytes()])
        };
        Identity::of_profile(profile).marks().into_iter().map(hash).collect()
    }

    /// Leaves hints for the next one, beside those of others; `read` are the hints that were read.
    pub fn leave_hints(&self, tx: &mut Tx, client: &Client, read: &[DuplicateHint]) {
        for hash in self.hint_hashes(client.practice, &client.profile) {
            let key = keys::duplicate_hint(client.practice, &hash);
            tx.leave_hint(&hash, client.id, read.iter().find(|hint| hint.key() == key));
        }
    }

    /// Moves a client that has changed from the hints at who it was to those at who it is.
    pub fn move_hints(&self, tx: &mut Tx, before: &Profile, client: &Client) {
        let now = self.hint_hashes(client.practice, &client.profile);
        for hash in self.hint_hashes(client.practice, before).iter().filter(|hash| !now.contains(hash)) {
            tx.forget_hint(hash, client.id);
        }
        self.leave_hints(tx, client, &[]);
    }
}
