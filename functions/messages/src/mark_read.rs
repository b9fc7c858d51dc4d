use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::{ClientId, MessageId};
use caseload::domain::message::Message;
use caseload::domain::side::Side;
use caseload::domain::thread::{MARKED, ReadMark};
use caseload::refusal::{Refusal, Stop};
use caseload::store::{Guard, Paging, keys};
use caseload::web::{Anyone, Caller, Json, Outcome, Path, Reply};
use caseload::workflows::retrying;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far the caller has read.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkRead {
    /// The newest message that was seen.
    up_to: MessageId,
}

/// How far the caller's side has read by now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadView {
    up_to: MessageId,
    at: Timestamp,
    /// How many messages of the other side are left.
    unread: u32,
}

// K3
/// Says how far the caller has read. It never goes backwards; the same again changes nothing.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/messages/read", tag = "messages", params(("client_id" = ClientId, Path)),
    request_body = MarkRead,
    responses((status = 200, body = ReadView))
)]
pub(crate) async fn mark_read(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(client): Path<ClientId>,
    Json(MarkRead { up_to }): Json<MarkRead>,
) -> Outcome {
    let reader = caller.identity.principal;
    let side = Side::of(reader);
    retrying(app.clock(), async || {
        let asked = app.thread(&caller, Action::MessageMarkRead, client, ());
        let (asked, recent) = tokio::join!(asked, recent(&app, &caller, client, up_to));
        let (asked, mut thread, ()) = asked?;
        let (recent, now) = (recent?, asked.grant.at());
        let message = recent.first().filter(|message| message.id == up_to).ok_or_else(Refusal::absent)?;
        let reading = thread.mark_read(side, message, &recent, now);
        let mut tx = asked.tx();
        tx.touches(up_to);
        if reading.moved {
            for id in reading.marked {
                tx.mark_message_read(id);
            }
            // What came in the meantime waits anew.
            if thread.unread(side) > 0
                && let Some(at) = thread.expect(reader, now)
            {
                tx.put(&Guard::message_notice(asked.practice.id, client, at));
            }
            tx.replace(&mut thread);
        }
        let mark = thread.read.of(side).ok_or_else(|| Refusal::broken("nothing was marked as read"))?;
        let ReadMark { up_to, at, count: _ } = mark;
        let reply = Reply::ok(&ReadView { up_to, at, unread: thread.unread(side) })?;
        app.finish(&asked, tx, reply).await
    })
    .await
}

/// The messages up to one of this thread, newest first; none for one of another thread.
async fn recent(app: &App, caller: &Caller<Anyone>, client: ClientId, up_to: MessageId) -> Result<Vec<Message>, Stop> {
    if up_to.client() != client {
        return Ok(Vec::new());
    }
    let page = Paging { newest_first: true, limit: MARKED, after: None };
    Ok(app.store.list(&keys::messages_up_to(caller.practice(), up_to), page).await?.0)
}
