use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::crypto::{Claim, Token};
use caseload::domain::calendar_feed::{CalendarFeed, FeedShows};
use caseload::domain::ids::FeedId;
use caseload::web::{Anyone, Caller, Json, Outcome, Reply};
use caseload::workflows::retrying;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::own::{CalendarFeedView, feeds};

/// A new feed.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateCalendarFeed {
    show: FeedShows,
}

/// A feed as it is shown once.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedCalendarFeed {
    #[serde(flatten)]
    feed: CalendarFeedView,
    /// For a calendar program. Whoever has it reads the feed; it is not shown again.
    url: String,
}

// I1
/// Makes a secret address at which a calendar program reads the caller's own sessions: a staff member's calendar, or what a
/// client has booked and asked for.
///
/// `busy` shows that a time is taken, `initials` also the client's initials; a client's own feed then says at which practice
/// the session is. The address works until the feed is deleted, as long as its owner can sign in. A repetition under the
/// same key gets the same address.
#[utoipa::path(
    post, path = "/v1/calendar-feeds", tag = "calendar-feeds", request_body = CreateCalendarFeed,
    responses((status = 201, body = CreatedCalendarFeed), (status = 409))
)]
pub(crate) async fn create_calendar_feed(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Json(body): Json<CreateCalendarFeed>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = feeds(&app, &caller, Action::CalendarFeedCreate).await?;
        let (id, now) = (FeedId::from_uuid(app.new_id()?), asked.grant.at());
        let claim = Claim::CalendarFeed(asked.subject.owner, id);
        let token = Token::fresh(asked.practice.id, claim)?;
        let feed = CalendarFeed { id, shows: body.show, secret: token.hash(), created_at: now, read_at: None };
        let url = format!("{}/v1/calendars/{}.ics", caller.context.api(&app), token.text());
        let reply = Reply::created(&CreatedCalendarFeed { feed: (&feed).into(), url })?;
        asked.subject.add(feed)?;
        let mut tx = asked.tx();
        tx.replace(&mut asked.subject).touches(id);
        app.finish(&asked, tx, reply).await
    })
    .await
}
