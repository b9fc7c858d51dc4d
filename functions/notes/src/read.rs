use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::NoteId;
use caseload::web::view::note::NoteView;
use caseload::web::{Anyone, Caller, Outcome, Path};
use caseload::workflows::retrying;

use crate::found::{self, Found};
use crate::shown::{mark, reply};

// F2, E7
/// A note. That the other side has read it is written down for its author.
#[utoipa::path(
    get, path = "/v1/notes/{note_id}", tag = "notes", params(("note_id" = NoteId, Path)),
    responses((status = 200, body = NoteView))
)]
pub(crate) async fn read_note(State(app): State<App>, caller: Caller<Anyone>, Path(id): Path<NoteId>) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = found::note(&app, &caller, Action::NoteRead, id).await?;
        let Found { note, tally, .. } = &mut asked.subject;
        mark(&app, &asked.grant, std::slice::from_mut(note), tally).await?;
        reply(&asked)
    })
    .await
}
