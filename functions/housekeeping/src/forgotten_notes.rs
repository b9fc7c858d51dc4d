//! Forgets deleted notes for good once their authors can no longer have them back (F4).

use caseload::access::{Action, Actor, Cause, Grant, System};
use caseload::app::App;
use caseload::domain::date::today;
use caseload::domain::ids::NoteId;
use caseload::refusal::{Refusal, Stop};
use caseload::store::{Entity as _, Guard, Tx, keys};
use jiff::tz::TimeZone;

use crate::Tally;

pub(crate) async fn run(app: &App, cause: Cause) -> Result<Tally, Stop> {
    let mut tally = Tally::default();
    for list in keys::note_purges(today(cause.at, &TimeZone::UTC)) {
        for guard in app.store.all(&list).await? {
            match one(app, cause, &guard).await {
                Ok(false) => {}
                Ok(true) => {
                    tally.due += 1;
                    tally.done += 1;
                }
                Err(stop) => {
                    tracing::warn!(code = stop.code(), note = guard.owner, "not forgotten");
                    tally.due += 1;
                    tally.skipped += 1;
                }
            }
        }
    }
    Ok(tally)
}

/// Whether its time had come. A note that is back, or went with its client, leaves only its entry in the registry.
async fn one(app: &App, cause: Cause, guard: &Guard) -> Result<bool, Stop> {
    let id: NoteId = guard.owner.parse().map_err(|_| Refusal::broken("a purge without a note"))?;
    let system = Actor::System(System::Schedule);
    let grant = Grant::system(guard.practice, system, Action::Housekeeping, Some(id.client()), cause)?;
    let note = app.store.load(keys::note(guard.practice, id)).await?;
    let past = note.as_ref().is_some_and(|note| note.is_past(cause.at));
    if !past && note.is_some_and(|note| note.deleted_at.is_some()) {
        return Ok(false);
    }
    if past {
        app.store.forget_note(&grant, id).await?;
    }
    let mut tx = Tx::new(&grant);
    tx.release(guard.key()).touches(id);
    app.store.commit(tx).await?;
    Ok(past)
}
