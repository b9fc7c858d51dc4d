//! Finishes permanent deletions that were interrupted (decision 11).

use caseload::access::{Action, Actor, Cause, Grant, System};
use caseload::app::App;
use caseload::refusal::Stop;
use caseload::store::{Paging, keys};

use crate::Tally;

pub(crate) async fn run(app: &App, cause: Cause) -> Result<Tally, Stop> {
    let mut tally = Tally::default();
    for list in keys::deletions() {
        let page = Paging { newest_first: false, limit: 100, after: None };
        for guard in app.store.list(&list, page).await?.0 {
            tally.due += 1;
            let Ok(client) = guard.owner.parse() else {
                tally.skipped += 1;
                continue;
            };
            let grant = Grant::system(
                guard.practice,
                Actor::System(System::Schedule),
                Action::Housekeeping,
                Some(client),
                cause,
            )?;
            match app.finish_deletion(&grant, client).await {
                Ok(()) => tally.done += 1,
                Err(stop) => {
                    tracing::warn!(code = stop.code(), %client, "deletion not finished");
                    tally.skipped += 1;
                }
            }
        }
    }
    Ok(tally)
}
