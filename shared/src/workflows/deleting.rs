//! The second half of a permanent deletion: everything the record leaves behind.
// decision 11

use crate::access::Grant;
use crate::app::App;
use crate::domain::ids::ClientId;
use crate::files::client_prefix;
use crate::refusal::Stop;
use crate::store::{Tx, keys};

impl App {
    /// Removes files, sessions and the record itself. Safe to repeat; whoever is interrupted leaves it to the schedule.
    pub async fn finish_deletion(&self, grant: &Grant, client: ClientId) -> Result<(), Stop> {
        let files = self.files()?;
        for place in ["quarantine", "files", "exports"] {
            files.delete_all(&client_prefix(place, grant.practice(), client)).await?;
        }
        self.store.purge_client(grant, client).await?;
        let mut tx = Tx::new(grant);
        tx.release(keys::deletion(client, grant.practice())).touches(client);
        Ok(self.store.commit(tx).await?)
    }
}
