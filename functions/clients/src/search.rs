use axum::extract::State;
use caseload::app::App;
use caseload::domain::client::Status;
use caseload::domain::directory::Sort;
use caseload::domain::ids::TagId;
use caseload::domain::portal::Access;
use caseload::refusal::Refusal;
use caseload::web::{Afresh, Caller, Json, Outcome, PageQuery, StaffOnly};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::list::Filters;
use crate::page::{ClientPage, answer};

// OBS-3
/// What to look for; in the body, because search terms are personal.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SearchClients {
    /// Any part of a name, e-mail, phone or tag; several words all have to match.
    #[schema(max_length = 200)]
    q: String,
    #[serde(default)]
    status: Option<Status>,
    #[serde(default)]
    tag: Option<TagId>,
    /// A staff id, or `unassigned`.
    #[serde(default)]
    staff_id: Option<String>,
    #[serde(default)]
    portal: Option<Access>,
    #[serde(default)]
    sort: Sort,
    #[serde(default)]
    limit: Option<u16>,
    #[serde(default)]
    cursor: Option<String>,
}

// A4
/// Finds any part of a name, e-mail, phone or tag, ignoring case and accents.
#[utoipa::path(
    post, path = "/v1/clients/search", tag = "clients", request_body = SearchClients,
    responses((status = 200, body = ClientPage))
)]
pub(crate) async fn search_clients(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    _: Afresh,
    Json(body): Json<SearchClients>,
) -> Outcome {
    let SearchClients { q, status, tag, staff_id, portal, sort, limit, cursor } = body;
    if q.chars().count() > 200 {
        return Err(Refusal::invalid("/q", "too_long", "must have at most 200 characters").into());
    }
    let wanted = Filters { status, tag, staff_id, portal, sort, q: Some(q) }.wanted(PageQuery::new(limit, cursor))?;
    answer(&app, &caller, wanted).await
}
