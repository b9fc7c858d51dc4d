use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::ClinicalNoteId;
use caseload::web::{Caller, Outcome, Path, Reply, RequireMatch, StaffOnly};

use crate::found;

// F5
/// Throws a draft away, for good: its author's alone. What is submitted or signed stays.
#[utoipa::path(
    delete, path = "/v1/clinical-notes/{clinical_note_id}", tag = "clinical-notes",
    params(("clinical_note_id" = ClinicalNoteId, Path)),
    responses((status = 204), (status = 409))
)]
pub(crate) async fn delete_clinical_note(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClinicalNoteId>,
    tag: RequireMatch,
) -> Outcome {
    let asked = found::note(&app, &caller, Action::ClinicalDelete, id).await?;
    tag.check(asked.subject.note.version)?;
    asked.subject.note.check_open()?;
    let mut tx = asked.tx();
    tx.delete(&asked.subject.note).touches(id);
    app.finish(&asked, tx, Reply::empty()).await
}
