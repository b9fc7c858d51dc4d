//! What a supervisor says about a note that was submitted.

use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::ClinicalNoteId;
use caseload::domain::session::PrincipalId;
use caseload::domain::text::ReturnReason;
use caseload::refusal::Refusal;
use caseload::web::view::clinical::ClinicalNoteView;
use caseload::web::{Caller, HonourMatch, Json, Outcome, Path, StaffOnly};
use caseload::workflows::retrying;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::found;
use crate::shown::reply;
use crate::sign::put_signed;

// L17
/// Signs a submitted note off: for a supervisor of its author. The first decision stands.
#[utoipa::path(
    post, path = "/v1/clinical-notes/{clinical_note_id}/approve", tag = "clinical-notes",
    params(("clinical_note_id" = ClinicalNoteId, Path)),
    responses((status = 200, body = ClinicalNoteView), (status = 409))
)]
pub(crate) async fn approve_clinical_note(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClinicalNoteId>,
    tag: HonourMatch,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = found::note(&app, &caller, Action::ClinicalReview, id).await?;
        tag.check(asked.subject.note.version)?;
        let PrincipalId::Staff(me) = caller.identity.principal else { return Err(Refusal::absent().into()) };
        let (mut tx, now) = (asked.tx(), asked.grant.at());
        asked.subject.note.approve(me, now)?;
        put_signed(&mut tx, &mut asked.subject);
        let reply = reply(&asked)?;
        app.finish(&asked, tx, reply).await
    })
    .await
}

/// What is missing in a note.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReturnClinicalNote {
    reason: ReturnReason,
}

// L17
/// Gives a submitted note back to its author, who can change and submit it again: for a supervisor of its author.
#[utoipa::path(
    post, path = "/v1/clinical-notes/{clinical_note_id}/return", tag = "clinical-notes",
    params(("clinical_note_id" = ClinicalNoteId, Path)), request_body = ReturnClinicalNote,
    responses((status = 200, body = ClinicalNoteView), (status = 409))
)]
pub(crate) async fn return_clinical_note(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClinicalNoteId>,
    tag: HonourMatch,
    Json(body): Json<ReturnClinicalNote>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = found::note(&app, &caller, Action::ClinicalReview, id).await?;
        tag.check(asked.subject.note.version)?;
        let PrincipalId::Staff(me) = caller.identity.principal else { return Err(Refusal::absent().into()) };
        let (mut tx, now) = (asked.tx(), asked.grant.at());
        asked.subject.note.send_back(me, body.reason.clone(), now)?;
        tx.replace(&mut asked.subject.note).touches(id).fields(["state"]);
        let reply = reply(&asked)?;
        app.finish(&asked, tx, reply).await
    })
    .await
}
