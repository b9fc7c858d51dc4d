use std::sync::Mutex;

use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::appointment::day_of;
use caseload::domain::client::Status;
use caseload::domain::directory::{Entry, Page, Position, Query as DirectoryQuery, Scope};
use caseload::domain::ids::{ClientId, StaffId};
use caseload::domain::practice::TeamSettings;
use caseload::store::directory::{Held, lock};
use caseload::web::{Caller, Outcome, PageQuery, Path, Query, Reply, StaffOnly};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::look::{self, Reason};

/// Which part of a caseload.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReadCaseload {
    #[serde(default)]
    status: Option<Status>,
    /// At most this many items, 50 unless given.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    #[serde(default)]
    cursor: Option<String>,
}

/// A caseload, by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Caseload {
    items: Vec<CaseloadItem>,
    next_cursor: Option<String>,
    /// How many, on all pages.
    total: usize,
}

/// A client on a caseload, and why it is there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CaseloadItem {
    client: CaseloadClient,
    reason: Reason,
}

/// A client, as a caseload names it.
#[derive(Serialize, ToSchema)]
pub(crate) struct CaseloadClient {
    id: ClientId,
    first_name: String,
    last_name: String,
    status: Status,
}

impl std::fmt::Debug for CaseloadClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CaseloadClient({})", self.id)
    }
}

// L13, L14
/// The clients of a staff member, each with the reason it is among them: for the staff member, its supervisors and
/// admins.
#[utoipa::path(
    get, path = "/v1/staff/{staff_id}/caseload", tag = "staff", params(("staff_id" = StaffId, Path), ReadCaseload),
    responses((status = 200, body = Caseload))
)]
pub(crate) async fn read_caseload(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(staff): Path<StaffId>,
    Query(query): Query<ReadCaseload>,
) -> Outcome {
    let ReadCaseload { status, limit, cursor } = query;
    let list = format!("caseload {staff} {status:?}");
    let page = app.page_of::<Position>(caller.practice(), &list, &PageQuery::new(limit, cursor))?;
    let query = DirectoryQuery { status, limit: page.limit, after: page.after.clone(), ..DirectoryQuery::default() };
    let today = day_of(caller.context.at);
    let scope = |team: &TeamSettings| Scope::Staff { of: vec![staff], since: team.walk_ins_since(today) };
    // The practice's own days are not known yet: most have those.
    let usual = scope(&TeamSettings::default());
    let warm = app.directories.warm(caller.practice(), app.clock().unmoved());
    let foretold = warm.map(|held| find(&held, &query, &usual));
    let read = look::at(&app, &caller, staff);
    let found = app.page_of_clients(&caller, Action::CaseloadRead, foretold, read, |(asked, held)| {
        Ok((find(held, &query, &scope(&asked.practice.team)), ()))
    });
    let (_, found, ()) = found.await?;
    let next_cursor = found.next.as_ref().map(|place| app.cursor(&page, place)).transpose()?;
    let items = found.rows.into_iter().map(|(entry, _)| item(entry, staff)).collect();
    Reply::ok(&Caseload { items, next_cursor, total: found.total })
}

fn find(held: &Mutex<Held>, query: &DirectoryQuery, scope: &Scope) -> Page {
    lock(held).directory.search(query, scope, &[])
}

fn item(entry: Entry, staff: StaffId) -> CaseloadItem {
    let (reason, status) = (Reason::of(&entry, staff), entry.status());
    let Entry { id, first_name, last_name, .. } = entry;
    CaseloadItem { client: CaseloadClient { id, first_name, last_name, status }, reason }
}
