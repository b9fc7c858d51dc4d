use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::{AppointmentId, ClientId, NoteId};
use caseload::domain::note::{Content, Note, NoteTally, Visibility};
use caseload::domain::notifications::Topic;
use caseload::domain::session::PrincipalId;
use caseload::domain::text::{NoteBody, NoteTitle};
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::note::NoteView;
use caseload::web::{Anyone, Caller, Json, Outcome, Path, Reply, session_place};
use caseload::workflows::{Reader, retrying};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::shown::view;

/// A new note.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WriteNote {
    #[serde(default)]
    title: Option<NoteTitle>,
    /// Plain text.
    body: NoteBody,
    /// Shared unless given.
    #[serde(default)]
    visibility: Option<Visibility>,
    /// The session it is about.
    #[serde(default)]
    appointment_id: Option<AppointmentId>,
    /// Whether the client is told by mail that there is a note, without what it says. For shared notes of staff.
    #[serde(default)]
    notify: bool,
}

// F1, F3, decision 4
/// Writes a note: staff about a client, a client about itself. The other side can read it unless it is hidden.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/notes", tag = "notes", params(("client_id" = ClientId, Path)),
    request_body = WriteNote,
    responses((status = 201, body = NoteView), (status = 409))
)]
pub(crate) async fn write_note(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(client): Path<ClientId>,
    Json(body): Json<WriteNote>,
) -> Outcome {
    let (practice, id) = (caller.practice(), NoteId::new(client, app.new_id()?));
    let WriteNote { title, body, visibility, appointment_id: appointment, notify } = body;
    let shared = visibility.unwrap_or(Visibility::Shared).is_shared();
    let content = Content { title, body, shared, appointment };
    let action = match caller.identity.principal {
        PrincipalId::Staff(_) => Action::NoteWrite,
        PrincipalId::Client(_) => Action::NoteWriteOwn,
    };
    retrying(app.clock(), async || {
        let wanted = (
            keys::note_tally(practice, client),
            keys::catalog(practice).required(),
            session_place(practice, client, appointment),
        );
        let (asked, (tally, catalog, about)) = app.client_with(&caller, action, client, wanted).await?;
        asked.check_session(&asked.subject, appointment, about.flatten().as_ref())?;
        let author = asked.actor.principal().ok_or_else(Refusal::absent)?;
        let note = Note::new(id, practice, author, content.clone(), asked.grant.at());
        let mut tally = tally.unwrap_or_else(|| NoteTally::empty(practice, client));
        tally.admit(&note)?;
        let reply = Reply::created_at(u64::from(note.edition), &view(&asked, &note, &asked.subject, &catalog))?;
        let mut tx = asked.tx();
        // A client whose deletion has begun gets nothing new.
        tx.create(&note).replace(&mut tally).unchanged(&asked.subject).touches(id);
        let told = if notify && shared && matches!(author, PrincipalId::Staff(_)) {
            app.notify(&mut tx, &asked.practice, Reader::Client(&asked.subject), Topic::Notes)?
        } else {
            None
        };
        let reply = app.finish(&asked, tx, reply).await?;
        app.send_notice(told).await?;
        Ok(reply)
    })
    .await
}
