use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::ClinicalNoteId;
use caseload::domain::text::CommentBody;
use caseload::web::view::clinical::ClinicalNoteView;
use caseload::web::{Caller, Json, Outcome, Path, StaffOnly};
use caseload::workflows::retrying;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::found;
use crate::shown::reply;

/// What is added to a signed note.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AmendClinicalNote {
    /// Plain text.
    body: CommentBody,
}

// F5
/// Adds to a signed note, which itself stays as it is: its author's alone.
#[utoipa::path(
    post, path = "/v1/clinical-notes/{clinical_note_id}/addenda", tag = "clinical-notes",
    params(("clinical_note_id" = ClinicalNoteId, Path)), request_body = AmendClinicalNote,
    responses((status = 200, body = ClinicalNoteView), (status = 409))
)]
pub(crate) async fn amend_clinical_note(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClinicalNoteId>,
    Json(body): Json<AmendClinicalNote>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = found::note(&app, &caller, Action::ClinicalAmend, id).await?;
        let (mut tx, now) = (asked.tx(), asked.grant.at());
        asked.subject.note.amend(body.body.clone(), now)?;
        tx.replace(&mut asked.subject.note).touches(id).fields(["addenda"]);
        let reply = reply(&asked)?;
        app.finish(&asked, tx, reply).await
    })
    .await
}
