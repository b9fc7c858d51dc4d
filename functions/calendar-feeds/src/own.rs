//! The caller's own feeds: nobody sees another's, nor ends it.

use caseload::access::Action;
use caseload::app::App;
use caseload::domain::calendar_feed::{CalendarFeed, CalendarFeeds, FeedShows};
use caseload::domain::ids::FeedId;
use caseload::refusal::Stop;
use caseload::store::keys;
use caseload::web::{Anyone, Authorized, Caller};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A calendar feed, without its address: that is shown once, when it is made.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CalendarFeedView {
    id: FeedId,
    show: FeedShows,
    created_at: Timestamp,
    /// When a program last read it, to within an hour; null if none has.
    last_read_at: Option<Timestamp>,
}

impl From<&CalendarFeed> for CalendarFeedView {
    fn from(feed: &CalendarFeed) -> Self {
        let CalendarFeed { id, shows, secret: _, created_at, read_at } = feed;
        Self { id: *id, show: *shows, created_at: *created_at, last_read_at: *read_at }
    }
}

/// Authorizes an action on the caller's feeds.
pub(crate) async fn feeds(
    app: &App,
    caller: &Caller<Anyone>,
    action: Action,
) -> Result<Authorized<CalendarFeeds>, Stop> {
    let (practice, owner) = (caller.practice(), caller.identity.principal);
    let (asked, found) = app.practice_with(caller, action, keys::calendar_feeds(practice, owner)).await?;
    Ok(asked.map(|()| found.unwrap_or_else(|| CalendarFeeds::none(practice, owner))))
}
