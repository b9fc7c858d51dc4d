use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::ids::ClientId;
use caseload::domain::task::{SetBy, Slot, Task, TaskStage, TaskTally};
use caseload::store::keys;
use caseload::web::view::task::{TaskReader, TaskView};
use caseload::web::{Anyone, Authorized, Caller, Outcome, PageQuery, Path, Query, Reply, Shown};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::attach;

/// Which tasks, and which page of them.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TaskQuery {
    /// Only those at this step.
    #[serde(default)]
    #[param(inline)]
    state: Option<TaskStage>,
    /// Only those that are over and not done, or only the others.
    #[serde(default)]
    overdue: Option<bool>,
    /// Only what this side has set.
    #[serde(default)]
    #[param(inline)]
    by: Option<SetBy>,
    /// At most this many items, 50 unless given.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

impl TaskQuery {
    fn takes(&self, slot: &Slot, now: Timestamp, zone: &TimeZone) -> bool {
        self.state.is_none_or(|state| slot.stage == state)
            && self.by.is_none_or(|by| slot.by == by)
            && self.overdue.is_none_or(|overdue| slot.is_overdue(now, zone) == overdue)
    }
}

/// A page of tasks, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskPage {
    items: Vec<TaskView>,
    next_cursor: Option<String>,
    /// How many there are on all pages.
    total: u32,
}

/// What the page is read with.
type Asked = (Authorized<Client>, (Option<TaskTally>, Catalog));

// G1, G3, E6
/// The tasks of a client, newest first, from both sides.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}/tasks", tag = "tasks", params(("client_id" = ClientId, Path), TaskQuery),
    responses((status = 200, body = TaskPage))
)]
pub(crate) async fn list_tasks(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(client): Path<ClientId>,
    Query(query): Query<TaskQuery>,
) -> Outcome {
    let (practice, principal) = (caller.practice(), caller.identity.principal);
    let TaskQuery { state, overdue, by, .. } = query;
    let page = PageQuery::new(query.limit, query.cursor.clone());
    let page = app.page(practice, &format!("tasks {client} {principal} {state:?} {overdue:?} {by:?}"), &page)?;
    let list = keys::tasks(practice, client);
    let more = (keys::task_tally(practice, client), keys::catalog(practice).required());
    let asked = app.client_with(&caller, Action::TaskRead, client, more);
    let sees = |(asked, _): &Asked, task: &Task| {
        query.takes(&task.slot(), asked.grant.at(), asked.practice.time_zone.time_zone())
            && asked.sees(Action::TaskRead, &Resource::task(Some((&asked.subject, task))))
    };
    let ((asked, (tally, catalog)), shown) = app.visible_page(&page, &list, asked, sees).await?;
    let Shown { items, next_cursor } = shown;
    let files = attach::of(&app, practice, items.iter().flat_map(|task| task.files.iter().copied())).await?;
    let (now, zone) = (asked.grant.at(), asked.practice.time_zone.time_zone());
    let (actor, practice, client) = (&asked.actor, &asked.practice, &asked.subject);
    let reader = TaskReader { actor, practice, client, catalog: &catalog, files: &files, now };
    let total = tally.map_or(0, |tally| tally.count(|slot| query.takes(slot, now, zone)));
    Reply::ok(&TaskPage { items: items.iter().map(|task| reader.view(task)).collect(), next_cursor, total })
}
