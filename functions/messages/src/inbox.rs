use std::cmp::Reverse;
use std::collections::HashMap;

use axum::extract::State;
use caseload::access::{Action, Actor, ClientFacts, Resource, thread_scope};
use caseload::app::App;
use caseload::domain::directory::{Entry, Query as DirectoryQuery};
use caseload::domain::ids::ClientId;
use caseload::domain::session::PrincipalId;
use caseload::domain::side::Side;
use caseload::domain::thread::Thread;
use caseload::refusal::Refusal;
use caseload::store::directory::lock;
use caseload::store::{Decided, keys};
use caseload::web::view::message::InboxItem;
use caseload::web::{Anyone, Caller, ClientRef, Outcome, Page, PageQuery, Query, Reply};
use serde::Serialize;
use utoipa::ToSchema;

/// Threads, those with something unread first, then the latest.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Inbox {
    items: Vec<InboxItem>,
    next_cursor: Option<String>,
}

/// Where in the inbox a thread stands: the unread first, then the latest.
type Place = (bool, Reverse<i64>, ClientId);

fn place(thread: &Thread) -> Place {
    let at = thread.last.as_ref().map_or(i64::MIN, |last| last.at.as_millisecond());
    (thread.unread(Side::Staff) == 0, Reverse(at), thread.client)
}

// K1, K2
/// For staff the threads of the clients whose messages they may read, for a client its own.
#[utoipa::path(
    get, path = "/v1/inbox", tag = "messages", params(PageQuery),
    responses((status = 200, body = Inbox))
)]
pub(crate) async fn read_inbox(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let principal = caller.identity.principal;
    let page = app.page_of::<Place>(caller.practice(), &format!("inbox {principal}"), &query)?;
    match principal {
        PrincipalId::Staff(_) => of_staff(&app, &caller, &page).await,
        PrincipalId::Client(id) => own(&app, &caller, id).await,
    }
}

/// Whose thread it is, is decided by the list of clients as it is now: what is gone, or somebody else's, is not in it.
async fn of_staff(app: &App, caller: &Caller<Anyone>, page: &Page<Place>) -> Outcome {
    let practice = caller.practice();
    let more = keys::catalog(practice).required();
    let (asked, held, catalog) = app.practice_with_directory(caller, Action::MessageRead, more).await?;
    let Actor::Staff(staff) = &asked.actor else { return Err(Refusal::absent().into()) };
    let scope = thread_scope(staff, &asked.practice);
    let everybody = DirectoryQuery { limit: usize::MAX, ..DirectoryQuery::default() };
    let found = lock(&held).directory.search(&everybody, &scope, &[]).rows;
    let reads = |entry: &Entry| {
        asked.sees(Action::MessageRead, &Resource::Thread(Some(ClientFacts::of_entry(entry, practice))))
    };
    let mut clients: HashMap<ClientId, ClientRef> = HashMap::new();
    clients.extend(found.iter().filter(|(entry, _)| reads(entry)).map(|(entry, _)| (entry.id, entry.into())));
    let ids: Vec<ClientId> = clients.keys().copied().collect();
    let mut threads = app.store.threads(practice, &ids).await?;
    threads.retain(|thread| page.after.as_ref().is_none_or(|after| place(thread) > *after));
    threads.sort_by_key(place);
    let more = threads.len() > page.limit;
    threads.truncate(page.limit);
    let shown: Vec<String> = threads.iter().map(|thread| thread.client.to_string()).collect();
    app.note_shown(caller, Action::MessageRead, Decided::Done, None, &shown).await?;
    let last = threads.last().filter(|_| more);
    let next_cursor = last.map(|last| app.cursor(page, &place(last))).transpose()?;
    let item = |thread: &Thread| Some(InboxItem::of_client(clients.remove(&thread.client)?, thread, &catalog));
    Reply::ok(&Inbox { items: threads.iter().filter_map(item).collect(), next_cursor })
}

async fn own(app: &App, caller: &Caller<Anyone>, id: ClientId) -> Outcome {
    let catalog = keys::catalog(caller.practice()).required();
    let (asked, thread, catalog) = app.thread(caller, Action::MessageRead, id, catalog).await?;
    let begun = thread.last.is_some() || asked.subject.assigned_staff.is_some();
    let items = begun.then(|| InboxItem::own(&asked.subject, &thread, &catalog)).into_iter().collect();
    Reply::ok(&Inbox { items, next_cursor: None })
}
