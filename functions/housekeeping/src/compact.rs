//! Folds directory logs that have become long.

use caseload::access::{Action, Actor, Cause, Grant, System};
use caseload::app::App;
use caseload::refusal::Stop;
use caseload::store::{Paging, StoreError, Tx, keys};

use crate::Tally;

pub(crate) async fn run(app: &App, cause: Cause) -> Result<Tally, Stop> {
    let mut tally = Tally::default();
    let page = Paging { newest_first: false, limit: 100, after: None };
    for due in app.store.list(&keys::compactions(), page).await?.0 {
        tally.due += 1;
        let grant = Grant::system(due.practice, Actor::System(System::Schedule), Action::Housekeeping, None, cause)?;
        match app.store.compact(&grant).await {
            // Another snapshot came first; it has folded as much.
            Ok(()) | Err(StoreError::Conflict(_)) => {
                let mut tx = Tx::new(&grant);
                tx.release(keys::compaction(due.practice));
                app.store.commit(tx).await?;
                tally.done += 1;
            }
            Err(error) => {
                tracing::warn!(%error, practice = %due.practice, "directory not folded");
                tally.skipped += 1;
            }
        }
    }
    Ok(tally)
}
