use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::web::{Anyone, Caller, Outcome, Reply};
use serde::Serialize;
use utoipa::ToSchema;

use crate::own::{CalendarFeedView, feeds};

/// The caller's feeds, the oldest first; never more than a page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CalendarFeedList {
    items: Vec<CalendarFeedView>,
    next_cursor: Option<String>,
}

// I1
/// The caller's own calendar feeds, without their addresses.
#[utoipa::path(
    get, path = "/v1/calendar-feeds", tag = "calendar-feeds", responses((status = 200, body = CalendarFeedList))
)]
pub(crate) async fn list_calendar_feeds(State(app): State<App>, caller: Caller<Anyone>) -> Outcome {
    let asked = feeds(&app, &caller, Action::CalendarFeedList).await?;
    let items = asked.subject.feeds.iter().map(CalendarFeedView::from).collect();
    Reply::ok(&CalendarFeedList { items, next_cursor: None })
}
