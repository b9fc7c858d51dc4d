use axum::extract::State;
use caseload::access::{Action, Actor};
use caseload::app::App;
use caseload::domain::ids::SessionId;
use caseload::refusal::Refusal;
use caseload::store::{Paging, keys};
use caseload::web::{Caller, Oneself, Outcome, Path, Reply};
use serde::Serialize;
use utoipa::ToSchema;

/// One of the caller's sessions.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionView {
    id: SessionId,
    current: bool,
    created_at: jiff::Timestamp,
    last_used_at: jiff::Timestamp,
    expires_at: jiff::Timestamp,
}

/// The caller's live sessions, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionList {
    items: Vec<SessionView>,
    next_cursor: Option<String>,
}

// X9
/// Where the caller is signed in.
#[utoipa::path(get, path = "/v1/auth/sessions", tag = "auth", responses((status = 200, body = SessionList)))]
pub(crate) async fn list_sessions(State(app): State<App>, caller: Caller<Oneself>) -> Outcome {
    let asked = app.practice(&caller, Action::SelfRead).await?;
    let epoch = match &asked.actor {
        Actor::Staff(staff) => Some(staff.session_epoch),
        Actor::Client(client) => Some(client.portal.session_epoch),
        Actor::Holder(_) | Actor::Anonymous | Actor::System(_) => None,
    };
    let list = keys::sessions(caller.practice(), caller.identity.principal);
    let page = Paging { newest_first: true, limit: 200, after: None };
    let (sessions, _) = app.store.list(&list, page).await?;
    let items = sessions
        .into_iter()
        .filter(|stored| stored.session.is_live(caller.context.at) && Some(stored.session.epoch) == epoch)
        .map(|stored| SessionView {
            id: stored.session.id,
            current: stored.session.id == caller.identity.session,
            created_at: stored.session.created_at,
            last_used_at: stored.session.refreshed_at,
            expires_at: stored.session.ends_at(),
        })
        .collect();
    Reply::ok(&SessionList { items, next_cursor: None })
}

/// Ends a session: from the next request on, whatever tokens are still about.
#[utoipa::path(
    delete, path = "/v1/auth/sessions/{session_id}", tag = "auth",
    params(("session_id" = String, Path, description = "An id, or `current`")),
    responses((status = 204))
)]
pub(crate) async fn end_session(State(app): State<App>, caller: Caller<Oneself>, Path(id): Path<String>) -> Outcome {
    let id: SessionId = match id.as_str() {
        "current" => caller.identity.session,
        id => id.parse().map_err(|_| Refusal::absent())?,
    };
    let key = keys::session(caller.practice(), caller.identity.principal, id);
    let (entered, found) = app.enter(&caller, key).await?;
    let grant = app.decide(&entered, Action::SelfSessions, &caseload::access::Resource::Practice).await?;
    let mut stored = found.ok_or_else(Refusal::absent)?;
    stored.session.revoked_at = Some(grant.at());
    let asked = entered.authorized(grant, ());
    let mut tx = asked.tx();
    tx.replace(&mut stored).touches(id);
    app.finish(&asked, tx, Reply::empty()).await
}
