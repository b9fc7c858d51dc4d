//! How a clinical note leaves its author's hands.

use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::clinical::ClinicalRefusal;
use caseload::domain::ids::ClinicalNoteId;
use caseload::domain::session::PrincipalId;
use caseload::store::{Guard, Tx, keys};
use caseload::web::view::clinical::ClinicalNoteView;
use caseload::web::{Caller, HonourMatch, Outcome, Path, StaffOnly};
use caseload::workflows::retrying;

use crate::found::{self, Found};
use crate::shown::reply;

// F5
/// Signs a clinical note for good: its author's alone. Who works under supervision submits it instead.
#[utoipa::path(
    post, path = "/v1/clinical-notes/{clinical_note_id}/sign", tag = "clinical-notes",
    params(("clinical_note_id" = ClinicalNoteId, Path)),
    responses((status = 200, body = ClinicalNoteView), (status = 409))
)]
pub(crate) async fn sign_clinical_note(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClinicalNoteId>,
    tag: HonourMatch,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = found::note(&app, &caller, Action::ClinicalSign, id).await?;
        tag.check(asked.subject.note.version)?;
        let (mut tx, now) = (asked.tx(), asked.grant.at());
        asked.subject.note.sign(now)?;
        put_signed(&mut tx, &mut asked.subject);
        let reply = reply(&asked)?;
        app.finish(&asked, tx, reply).await
    })
    .await
}

// L17
/// Hands a clinical note to the supervisors of its author; the first decision of one of them stands.
#[utoipa::path(
    post, path = "/v1/clinical-notes/{clinical_note_id}/submit", tag = "clinical-notes",
    params(("clinical_note_id" = ClinicalNoteId, Path)),
    responses((status = 200, body = ClinicalNoteView), (status = 409))
)]
pub(crate) async fn submit_clinical_note(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClinicalNoteId>,
    tag: HonourMatch,
) -> Outcome {
    retrying(app.clock(), async || {
        let team = keys::team(caller.practice()).required();
        let (mut asked, team) = found::note_with(&app, &caller, Action::ClinicalSubmit, id, team).await?;
        tag.check(asked.subject.note.version)?;
        let (mut tx, now) = (asked.tx(), asked.grant.at());
        let PrincipalId::Staff(me) = caller.identity.principal else {
            return Err(ClinicalRefusal::NoSupervisor.into());
        };
        if !team.is_supervised(me, &asked.practice) {
            return Err(ClinicalRefusal::NoSupervisor.into());
        }
        asked.subject.note.submit(now)?;
        tx.replace(&mut asked.subject.note).touches(id).fields(["state"]);
        let reply = reply(&asked)?;
        app.finish(&asked, tx, reply).await
    })
    .await
}

/// A note that was signed: its session has one from now on.
pub(crate) fn put_signed(tx: &mut Tx, found: &mut Found) {
    let note = &mut found.note;
    tx.replace(note).touches(note.id).fields(["state"]);
    if let Some(appointment) = note.appointment {
        tx.put(&Guard::noted_session(note.practice, note.author, appointment));
    }
}
