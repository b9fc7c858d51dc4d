use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::clinical::{ClinicalNote, Drafted};
use caseload::domain::ids::{AppointmentId, ClientId, ClinicalNoteId};
use caseload::domain::session::PrincipalId;
use caseload::domain::text::{Detail, NoteBody};
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::clinical::ClinicalNoteView;
use caseload::web::{Caller, Json, Outcome, Path, Reply, StaffOnly, session_place};
use caseload::workflows::retrying;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::shown::view;

/// A draft of a clinical note.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DraftClinicalNote {
    /// The session it is about.
    #[serde(default)]
    appointment_id: Option<AppointmentId>,
    /// The name of the form it follows, such as SOAP.
    #[serde(default)]
    template: Option<Detail>,
    /// Plain text.
    body: NoteBody,
}

// F5, decision 4
/// Begins a clinical note. It is its author's alone until it is submitted or signed; no client is ever shown one.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/clinical-notes", tag = "clinical-notes",
    params(("client_id" = ClientId, Path)), request_body = DraftClinicalNote,
    responses((status = 201, body = ClinicalNoteView))
)]
pub(crate) async fn draft_clinical_note(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(client): Path<ClientId>,
    Json(body): Json<DraftClinicalNote>,
) -> Outcome {
    let (practice, id) = (caller.practice(), ClinicalNoteId::new(client, app.new_id()?));
    let DraftClinicalNote { appointment_id: appointment, template, body } = body;
    let said = Drafted { appointment, template, body };
    retrying(app.clock(), async || {
        let about = session_place(practice, client, appointment);
        let wanted = (keys::catalog(practice).required(), about);
        let (asked, (catalog, about)) = app.client_with(&caller, Action::ClinicalWrite, client, wanted).await?;
        asked.check_session(&asked.subject, appointment, about.flatten().as_ref())?;
        let PrincipalId::Staff(author) = caller.identity.principal else { return Err(Refusal::absent().into()) };
        let note = ClinicalNote::draft(id, practice, author, said.clone(), asked.grant.at());
        let reply = Reply::created_at(note.version, &view(&asked, &note, &asked.subject, &catalog))?;
        let mut tx = asked.tx();
        // A client whose deletion has begun gets nothing new.
        tx.create(&note).unchanged(&asked.subject).touches(id);
        app.finish(&asked, tx, reply).await
    })
    .await
}
