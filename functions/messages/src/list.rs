use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::ClientId;
use caseload::domain::message::Message;
use caseload::domain::side::Side;
use caseload::store::keys;
use caseload::web::view::message::{MessageView, SendingView};
use caseload::web::{Anyone, Caller, Outcome, PageQuery, Path, Query, Reply, Shown};
use serde::Serialize;
use utoipa::ToSchema;

/// A page of messages, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MessagePage {
    items: Vec<MessageView>,
    next_cursor: Option<String>,
    /// How many the reader's side has not read, on all pages.
    unread: u32,
    /// Whether the reader may write here now.
    sending: SendingView,
}

// K1
/// The messages of a client and its therapist, newest first; they stay readable when nobody may write any more.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}/messages", tag = "messages",
    params(("client_id" = ClientId, Path), PageQuery),
    responses((status = 200, body = MessagePage))
)]
pub(crate) async fn list_messages(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(client): Path<ClientId>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let practice = caller.practice();
    let page = app.page(practice, &format!("messages {client} {}", caller.identity.principal), &query)?;
    let list = keys::messages(practice, client);
    let asked = app.thread(&caller, Action::MessageRead, client, keys::catalog(practice).required());
    // Whoever reads a thread reads all of it.
    let ((asked, thread, catalog), Shown { items, next_cursor }) =
        app.visible_page(&page, &list, asked, |_, _: &Message| true).await?;
    let view = |message: &Message| MessageView::new(&asked.actor, message, &thread, &asked.subject, &catalog);
    Reply::ok(&MessagePage {
        items: items.iter().map(view).collect(),
        next_cursor,
        unread: thread.unread(Side::of(caller.identity.principal)),
        sending: SendingView::new(&asked.actor, &asked.subject, &asked.practice),
    })
}
