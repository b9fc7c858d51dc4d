use axum::extract::State;
use caseload::access::{Action, corresponds};
use caseload::app::App;
use caseload::domain::file::{ATTACHED, check_names};
use caseload::domain::ids::{ClientId, FileId};
use caseload::domain::text::MessageBody;
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::message::MessageView;
use caseload::web::{Anyone, Caller, Json, Outcome, Path, Reply, file_places};
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
    check_names(&body.file_ids, ATTACHED)?;
    retrying(app.clock(), async || {
        let SendMessage { body, file_ids } = body.clone();
        let wanted = (keys::catalog(practice).required(), file_places(practice, client, &file_ids));
        let (asked, mut thread, (catalog, files)) = app.thread(&caller, Action::MessageSend, client, wanted).await?;
        app.insist(&asked, corresponds(&asked.subject, &asked.practice)).await?;
        let shared = app.attached(&asked, &asked.subject, files).await?;
        let from = asked.actor.principal().ok_or_else(Refusal::absent)?;
        let mut tx = asked.tx();
        let message = app.write_message(&mut tx, &asked.subject, &mut thread, from, body, shared)?;
        let view = MessageView::new(&asked.actor, &message, &thread, &asked.subject, &catalog);
        app.finish(&asked, tx, Reply::created(&view)?).await.map_err(sent_enough)
    })
    .await
}
