use axum::extract::State;
use caseload::access::{Action, Actor};
use caseload::app::App;
use caseload::domain::staff::{Staff, StaffStatus};
use caseload::store::keys;
use caseload::web::{Authorized, Caller, Outcome, PageQuery, Query, Reply, Shown, StaffOnly};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::member::roster_keys;
use crate::view::{ColleagueView, StaffView};

/// Which staff.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListStaff {
    /// Only those of this status; without it everybody but the removed.
    #[param(inline)]
    status: Option<StaffStatus>,
    /// At most this many items, 50 unless given.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u16>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The roster, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct StaffPage {
    items: Vec<RosterItem>,
    next_cursor: Option<String>,
}

/// An admin sees everything, colleagues see who works here.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(discriminator(property_name = "shown_to", mapping(("admin_or_self" = "#/components/schemas/StaffView"), ("colleague" = "#/components/schemas/ColleagueView"))))]
pub(crate) enum RosterItem {
    Whole(Box<StaffView>),
    Colleague(ColleagueView),
}

// L2
/// The team.
///
/// Admins see everything, the invited and their invitations too; others see who has joined.
#[utoipa::path(
    get, path = "/v1/staff", tag = "staff", params(ListStaff),
    responses((status = 200, body = StaffPage))
)]
pub(crate) async fn list_staff(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Query(query): Query<ListStaff>,
) -> Outcome {
    let practice = caller.practice();
    let name = format!("staff {} {:?}", caller.identity.principal, query.status);
    let page = app.page(practice, &name, &PageQuery::new(query.limit, query.cursor))?;
    let list = keys::roster(practice);
    let asked = app.practice_with(&caller, Action::StaffList, roster_keys(practice));
    let sees = |(asked, _): &(Authorized<()>, _), staff: &Staff| match query.status {
        _ if !is_admin(&asked.actor) && matches!(staff.status, StaffStatus::Invited | StaffStatus::Removed) => false,
        Some(status) => staff.status == status,
        None => staff.status != StaffStatus::Removed,
    };
    let ((asked, (team, catalog)), Shown { items, next_cursor }) = app.visible_page(&page, &list, asked, sees).await?;
    let now = asked.grant.at();
    let item = |staff: &Staff| match is_admin(&asked.actor) {
        true => RosterItem::Whole(Box::new(StaffView::new(staff, &team, &catalog, &asked.practice, now))),
        false => RosterItem::Colleague(ColleagueView::new(staff, &asked.practice)),
    };
    Reply::ok(&StaffPage { items: items.iter().map(item).collect(), next_cursor })
}

fn is_admin(actor: &Actor) -> bool {
    matches!(actor, Actor::Staff(staff) if staff.admin)
}
