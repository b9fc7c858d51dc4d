use axum::extract::State;
use caseload::access::{Action, Actor, ClientFacts, Resource, caseload_scope};
use caseload::app::App;
use caseload::domain::client::Status;
use caseload::domain::directory::{Entry, Position, Query as DirectoryQuery};
use caseload::domain::task::{TaskStage, TaskTally};
use caseload::refusal::Refusal;
use caseload::store::directory::lock;
use caseload::store::keys;
use caseload::web::{Caller, ClientRef, Outcome, PageQuery, Query, Reply, StaffOnly};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// How much the clients of a caseload have to do with their portal.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EngagementPage {
    items: Vec<EngagedView>,
    next_cursor: Option<String>,
    /// How many clients there are on all pages.
    total: usize,
}

/// One client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EngagedView {
    client: ClientRef,
    status: Status,
    last_sign_in_at: Option<Timestamp>,
    /// Left out for roles without tasks.
    #[serde(skip_serializing_if = "Option::is_none")]
    tasks: Option<EngagedTasks>,
}

/// How far a client's tasks are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EngagedTasks {
    open: u32,
    overdue: u32,
    /// How many of a hundred are done; null without tasks.
    done_percent: Option<u8>,
}

// E9
/// How much the clients of one's caseload have to do with their portal, client by client; for admins all of the practice.
#[utoipa::path(
    get, path = "/v1/engagement", tag = "clients", params(PageQuery),
    responses((status = 200, body = EngagementPage))
)]
pub(crate) async fn list_engagement(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Query(query): Query<PageQuery>,
) -> Outcome {
    let practice = caller.practice();
    let list = format!("engagement {}", caller.identity.principal);
    let place: caseload::web::Page<Position> = app.page_of(practice, &list, &query)?;
    let wanted = DirectoryQuery { limit: place.limit, after: place.after.clone(), ..DirectoryQuery::default() };
    let read = app.practice_with_directory(&caller, Action::ClientList, ());
    let found = app.page_of_clients(&caller, Action::ClientList, None, read, |(asked, held, ())| {
        let Actor::Staff(staff) = &asked.actor else { return Err(Refusal::absent().into()) };
        let scope = caseload_scope(staff, &asked.practice);
        Ok((lock(held).directory.search(&wanted, &scope, &[]), ()))
    });
    let ((asked, _, ()), page, ()) = found.await?;
    let (now, zone) = (asked.grant.at(), asked.practice.time_zone.time_zone());
    let tallies: Vec<_> = page.rows.iter().map(|(entry, _)| keys::task_tally(practice, entry.id)).collect();
    let mut counted = Vec::with_capacity(tallies.len());
    // As many as one read brings.
    for some in tallies.chunks(100) {
        counted.extend(app.store.load(some.to_vec()).await?);
    }
    let tasks = |entry: &Entry, tally: &Option<TaskTally>| {
        let about = Resource::Client(Some(ClientFacts::of_entry(entry, practice)));
        asked.sees(Action::TaskRead, &about).then(|| EngagedTasks {
            open: tally.as_ref().map_or(0, |tally| tally.count(|slot| slot.stage != TaskStage::Done)),
            overdue: tally.as_ref().map_or(0, |tally| tally.overdue(now, zone)),
            done_percent: tally.as_ref().and_then(TaskTally::done_share),
        })
    };
    let items = page.rows.iter().zip(&counted).map(|((entry, _), tally)| EngagedView {
        client: entry.into(),
        status: entry.status(),
        last_sign_in_at: entry.last_sign_in_at,
        tasks: tasks(entry, tally),
    });
    let next_cursor = page.next.as_ref().map(|position| app.cursor(&place, position)).transpose()?;
    Reply::ok(&EngagementPage { items: items.collect(), next_cursor, total: page.total })
}
