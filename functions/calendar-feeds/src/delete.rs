use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::FeedId;
use caseload::refusal::Refusal;
use caseload::web::{Anyone, Caller, Outcome, Path, Reply};
use caseload::workflows::retrying;

use crate::own::feeds;

// I1
/// Ends a calendar feed of the caller: its address is unknown from the next request on.
#[utoipa::path(
    delete, path = "/v1/calendar-feeds/{feed_id}", tag = "calendar-feeds", params(("feed_id" = FeedId, Path)),
    responses((status = 204), (status = 404))
)]
pub(crate) async fn delete_calendar_feed(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(id): Path<FeedId>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = feeds(&app, &caller, Action::CalendarFeedDelete).await?;
        if !asked.subject.remove(id) {
            return Err(Refusal::absent().into());
        }
        let mut tx = asked.tx();
        tx.replace(&mut asked.subject).touches(id);
        app.finish(&asked, tx, Reply::empty()).await
    })
    .await
}
