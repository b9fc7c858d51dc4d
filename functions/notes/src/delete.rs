use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::NoteId;
use caseload::domain::note::NoteRefusal;
use caseload::refusal::Refusal;
use caseload::web::view::note::NoteView;
use caseload::web::{Anyone, Caller, Outcome, Path, Reply, RequireMatch};
use caseload::workflows::retrying;

use crate::found::{self, Found};
use crate::shown::reply;

// F4
/// Deletes a note: its author's alone, who can restore it for 30 days. To everybody else it is gone at once.
#[utoipa::path(
    delete, path = "/v1/notes/{note_id}", tag = "notes", params(("note_id" = NoteId, Path)),
    responses((status = 204))
)]
pub(crate) async fn delete_note(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(id): Path<NoteId>,
    tag: RequireMatch,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = found::note(&app, &caller, Action::NoteDelete, id).await?;
        tag.check(u64::from(asked.subject.note.edition))?;
        let (mut tx, now) = (asked.tx(), asked.grant.at());
        let Found { note, tally, .. } = &mut asked.subject;
        let before = note.clone();
        note.delete(now);
        tx.change_note(&before, note, tally).plan_purge(note, now).touches(id);
        app.finish(&asked, tx, Reply::empty()).await
    })
    .await
}

// F4
/// Takes the deletion of a note back, within 30 days: its author's alone.
#[utoipa::path(
    post, path = "/v1/notes/{note_id}/restore", tag = "notes", params(("note_id" = NoteId, Path)),
    responses((status = 200, body = NoteView), (status = 409))
)]
pub(crate) async fn restore_note(State(app): State<App>, caller: Caller<Anyone>, Path(id): Path<NoteId>) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = found::note(&app, &caller, Action::NoteRestore, id).await?;
        let (mut tx, now) = (asked.tx(), asked.grant.at());
        let Found { note, tally, .. } = &mut asked.subject;
        let deleted_at = note.deleted_at.ok_or(NoteRefusal::NotDeleted)?;
        if note.is_past(now) {
            return Err(Refusal::absent().into());
        }
        let before = note.clone();
        note.restore()?;
        tx.change_note(&before, note, tally).drop_purge(note, deleted_at).touches(id);
        let reply = reply(&asked)?;
        app.finish(&asked, tx, reply).await
    })
    .await
}
