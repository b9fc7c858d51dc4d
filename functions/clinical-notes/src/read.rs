use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::ClinicalNoteId;
use caseload::web::view::clinical::ClinicalNoteView;
use caseload::web::{Caller, Outcome, Path, StaffOnly};

use crate::found;
use crate::shown::reply;

// F5
/// A clinical note: for its author, for the author's supervisors once it is submitted, for the client's therapist once
/// it is signed.
#[utoipa::path(
    get, path = "/v1/clinical-notes/{clinical_note_id}", tag = "clinical-notes",
    params(("clinical_note_id" = ClinicalNoteId, Path)),
    responses((status = 200, body = ClinicalNoteView))
)]
pub(crate) async fn read_clinical_note(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClinicalNoteId>,
) -> Outcome {
    reply(&found::note(&app, &caller, Action::ClinicalRead, id).await?)
}
