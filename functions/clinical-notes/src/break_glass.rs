use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::ClinicalNoteId;
use caseload::domain::mail::Opened;
use caseload::domain::session::PrincipalId;
use caseload::store::keys;
use caseload::web::view::clinical::ClinicalNoteView;
use caseload::web::{Afresh, BreakGlass, Caller, Json, Outcome, Path, StaffOnly};

use crate::found;
use crate::shown::reply;

// decisions 15, 31
/// Opens a clinical note of another, in an emergency: for an admin, with a reason.
///
/// The reason stands in the audit trail; the author and every admin are told by mail.
#[utoipa::path(
    post, path = "/v1/clinical-notes/{clinical_note_id}/break-glass", tag = "clinical-notes",
    params(("clinical_note_id" = ClinicalNoteId, Path)), request_body = BreakGlass,
    responses((status = 200, body = ClinicalNoteView), (status = 429))
)]
pub(crate) async fn open_clinical_note(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    _: Afresh,
    Path(id): Path<ClinicalNoteId>,
    Json(body): Json<BreakGlass>,
) -> Outcome {
    let team = keys::team(caller.practice()).required();
    let (asked, team) = found::note_with(&app, &caller, Action::ClinicalBreakGlass, id, team).await?;
    let mut tx = asked.tx();
    tx.touches(id);
    let opened = (Opened::ClinicalNote, PrincipalId::Staff(asked.subject.note.author));
    app.open_private(tx, (&asked.practice, &team), opened, &body.reason).await?;
    reply(&asked)
}
