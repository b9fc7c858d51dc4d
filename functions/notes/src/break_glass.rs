use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::NoteId;
use caseload::domain::mail::Opened;
use caseload::store::keys;
use caseload::web::view::note::NoteView;
use caseload::web::{Afresh, BreakGlass, Caller, Json, Outcome, Path, StaffOnly};

use crate::found;
use crate::shown::reply;

// decisions 15, 31
/// Opens a note that staff has hidden, in an emergency: for an admin, with a reason.
///
/// The reason stands in the audit trail; the author and every admin are told by mail. What a client hides opens to nobody.
#[utoipa::path(
    post, path = "/v1/notes/{note_id}/break-glass", tag = "notes", params(("note_id" = NoteId, Path)),
    request_body = BreakGlass,
    responses((status = 200, body = NoteView), (status = 429))
)]
pub(crate) async fn open_note(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    _: Afresh,
    Path(id): Path<NoteId>,
    Json(body): Json<BreakGlass>,
) -> Outcome {
    let team = keys::team(caller.practice()).required();
    let (asked, team) = found::note_with(&app, &caller, Action::NoteBreakGlass, id, team).await?;
    let mut tx = asked.tx();
    tx.touches(id);
    let opened = (Opened::Note, asked.subject.note.author);
    app.open_private(tx, (&asked.practice, &team), opened, &body.reason).await?;
    reply(&asked)
}
