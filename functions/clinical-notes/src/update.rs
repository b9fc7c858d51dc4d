use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::clinical::Drafted;
use caseload::domain::ids::{AppointmentId, ClinicalNoteId};
use caseload::domain::text::{Detail, NoteBody};
use caseload::refusal::Refusal;
use caseload::web::view::clinical::ClinicalNoteView;
use caseload::web::{Caller, Json, Outcome, Patch, Path, RequireMatch, StaffOnly, session_place};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::found::{self, Found};
use crate::shown::reply;

/// A change of a draft: absent stays, null clears.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchClinicalNote {
    /// The session it is about.
    #[serde(default)]
    appointment_id: Patch<AppointmentId>,
    /// The name of the form it follows.
    #[serde(default)]
    template: Patch<Detail>,
    #[serde(default)]
    body: Patch<NoteBody>,
}

// F5
/// Changes a clinical note that is not submitted or signed: its author's alone.
#[utoipa::path(
    patch, path = "/v1/clinical-notes/{clinical_note_id}", tag = "clinical-notes",
    params(("clinical_note_id" = ClinicalNoteId, Path)), request_body = PatchClinicalNote,
    responses((status = 200, body = ClinicalNoteView), (status = 409))
)]
pub(crate) async fn update_clinical_note(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClinicalNoteId>,
    tag: RequireMatch,
    Json(patch): Json<PatchClinicalNote>,
) -> Outcome {
    let practice = caller.practice();
    let named = if let Patch::Set(named) = patch.appointment_id { Some(named) } else { None };
    let about = session_place(practice, id.client(), named);
    let (mut asked, about) = found::note_with(&app, &caller, Action::ClinicalUpdate, id, about).await?;
    tag.check(asked.subject.note.version)?;
    asked.check_session(&asked.subject.client, named, about.flatten().as_ref())?;
    let (mut tx, now) = (asked.tx(), asked.grant.at());
    let Found { note, .. } = &mut asked.subject;
    let mut said = Drafted { appointment: note.appointment, template: note.template.clone(), body: note.body.clone() };
    patch.appointment_id.apply(&mut said.appointment);
    patch.template.apply(&mut said.template);
    patch.body.require(&mut said.body, "/body").map_err(|bad| Refusal::fields(vec![bad]))?;
    note.edit(said, now)?;
    tx.replace(note).touches(id).fields(["body"]);
    let reply = reply(&asked)?;
    app.finish(&asked, tx, reply).await
}
