use axum::extract::State;
use caseload::app::App;
use caseload::domain::client::Status;
use caseload::domain::directory::{Query as DirectoryQuery, Sort, StaffFilter};
use caseload::domain::ids::TagId;
use caseload::domain::portal::Access;
use caseload::refusal::{Refusal, Stop};
use caseload::web::{Caller, Outcome, PageQuery, Query, StaffOnly};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::page::{ClientPage, ListRequest, answer};

/// Filters, order and place of the list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListClients {
    #[serde(default)]
    status: Option<Status>,
    #[serde(default)]
    #[param(value_type = Option<String>)]
    tag: Option<TagId>,
    /// A staff id, or `unassigned`.
    #[serde(default)]
    staff_id: Option<String>,
    #[serde(default)]
    portal: Option<Access>,
    #[serde(default)]
    sort: Sort,
    /// 1 to 200; 50 without it.
    #[serde(default)]
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

/// The filters that list and search share.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(crate) struct Filters {
    pub status: Option<Status>,
    pub tag: Option<TagId>,
    pub staff_id: Option<String>,
    pub portal: Option<Access>,
    pub sort: Sort,
    pub q: Option<String>,
}

impl Filters {
    /// The query, and what binds a cursor to it.
    pub(crate) fn wanted(self, page: PageQuery) -> Result<ListRequest, Stop> {
        let fingerprint = caseload::crypto::sha256(&serde_json::to_vec(&self).map_err(Refusal::broken)?);
        let staff =
            match self.staff_id.as_deref() {
                None => None,
                Some("unassigned") => Some(StaffFilter::Unassigned),
                Some(id) => Some(StaffFilter::Is(id.parse().map_err(|_| {
                    Refusal::malformed("invalid_parameter", "staff_id must be a staff id or unassigned.")
                })?)),
            };
        let query = DirectoryQuery {
            text: self.q,
            status: self.status,
            tags_any: self.tag.into_iter().collect(),
            staff,
            portal: self.portal,
            sort: self.sort,
            ..DirectoryQuery::default()
        };
        Ok(ListRequest { query, fingerprint, page })
    }
}

// A1, A2, A5
/// The clients the caller may see, with counts.
#[utoipa::path(
    get, path = "/v1/clients", tag = "clients", params(ListClients),
    responses((status = 200, body = ClientPage))
)]
pub(crate) async fn list_clients(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Query(list): Query<ListClients>,
) -> Outcome {
    let ListClients { status, tag, staff_id, portal, sort, limit, cursor } = list;
    let wanted = Filters { status, tag, staff_id, portal, sort, q: None }.wanted(PageQuery::new(limit, cursor))?;
    answer(&app, &caller, wanted).await
}
