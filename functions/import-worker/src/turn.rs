//! One import of a practice writes at a time: the next one sees what it has made.

use caseload::app::App;
use caseload::domain::ids::{ImportId, PracticeId};
use caseload::files::ImportObjects;
use caseload::store::keys;

use crate::halt::Halt;
use crate::job::Job;

/// Takes the turn; `false` if another import has it, which wakes this one at its end.
pub(crate) async fn take(job: &Job) -> Result<bool, Halt> {
    Ok(job.app.store.take_turn(job.practice.id, job.import.id).await?)
}

/// Wakes those that wait, if nobody writes: all of them, and the first to come takes the turn.
///
/// Whoever is delivered an event that has nothing to do any more does so, too: its import may have ended without a word.
pub(crate) async fn wake(app: &App, practice: PracticeId, but: ImportId) -> Result<(), Halt> {
    let Some(turn) = app.store.load(keys::import_turn(practice)).await?.filter(|turn| turn.holder.is_none()) else {
        return Ok(());
    };
    for import in turn.waiting.into_iter().filter(|import| *import != but) {
        if app.store.load(keys::import_run(practice, import)).await?.is_none() {
            // It has ended otherwise.
            continue;
        }
        app.files()?.put(&ImportObjects::new(practice, import).go_on(0), "application/json", b"{}".to_vec()).await?;
    }
    Ok(())
}
