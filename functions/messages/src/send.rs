use axum::extract::State;
use caseload::access::{Action, Resource, corresponds, decide};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::file::File;
use caseload::domain::ids::{ClientId, FileId};
use caseload::domain::message::MAX_FILES;
use caseload::domain::text::MessageBody;
use caseload::refusal::{Refusal, Stop};
use caseload::store::keys;
use caseload::web::view::message::MessageView;
use caseload::web::{Anyone, Authorized, Caller, Json, Outcome, Path, Reply};
use caseload::workflows::{retrying, sent_enough};
use serde::Deserialize;
use utoipa::ToSchema;

/// A message to the other side.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SendMessage {
    /// Plain text; nothing in it is interpreted.
    body: MessageBody,
    /// At most 10 files of the same client; they are shared with the message.
    #[serde(default)]
    #[schema(max_items = 10)]
    file_ids: Vec<FileId>,
}

// K1, K2
/// Writes to the client, or as the client to its therapist. What was written is never changed or taken back.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/messages", tag = "messages", params(("client_id" = ClientId, Path)),
    request_body = SendMessage,
    responses((status = 201, body = MessageView), (status = 409), (status = 429))
)]
pub(crate) async fn send_message(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(client): Path<ClientId>,
    Json(body): Json<SendMessage>,
) -> Outcome {
    let practice = caller.practice();
    check(&body.file_ids)?;
    retrying(app.clock(), async || {
        let SendMessage { body, file_ids } = body.clone();
        let files = file_ids.iter().map(|id| (id.client() == client).then(|| keys::file(practice, *id)));
        let wanted = (keys::catalog(practice).required(), files.collect::<Vec<_>>());
        let (asked, mut thread, (catalog, files)) = app.thread(&caller, Action::MessageSend, client, wanted).await?;
        app.insist(&asked, corresponds(&asked.subject, &asked.practice)).await?;
        let mut shared = Vec::new();
        for file in files {
            shared.push(attached(&app, &asked, file.flatten()).await?);
        }
        let from = asked.actor.principal().ok_or_else(Refusal::absent)?;
        let mut tx = asked.tx();
        let message = app.write_message(&mut tx, &asked.subject, &mut thread, from, body, shared)?;
        let view = MessageView::new(&asked.actor, &message, &thread, &asked.subject, &catalog);
        app.finish(&asked, tx, Reply::created(&view)?).await.map_err(sent_enough)
    })
    .await
}

fn check(files: &[FileId]) -> Result<(), Refusal> {
    if files.len() > MAX_FILES {
        return Err(Refusal::invalid("/file_ids", "too_many", "takes at most 10 files"));
    }
    match files.iter().enumerate().find(|(place, file)| files.iter().take(*place).any(|other| other == *file)) {
        None => Ok(()),
        Some((place, _)) => {
            Err(Refusal::invalid(format!("/file_ids/{place}"), "named_twice", "is named twice; name each file once"))
        }
    }
}

/// A file that the sender sees, and may share if that has not been done.
async fn attached(app: &App, asked: &Authorized<Client>, found: Option<File>) -> Result<File, Stop> {
    let resource = Resource::file(found.as_ref().map(|file| (&asked.subject, file)));
    let may = |action| decide(&asked.actor, action, &resource, &asked.practice);
    app.insist(asked, may(Action::FileRead)).await?;
    let file = found.ok_or_else(Refusal::absent)?;
    if !file.shared {
        app.insist(asked, may(Action::FileUpdate)).await?;
    }
    Ok(file)
}
