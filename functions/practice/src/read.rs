use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::web::{Caller, Outcome, Reply, StaffOnly};

use crate::view::PracticeView;

/// The caller's practice and all its settings.
#[utoipa::path(
    get, path = "/v1/practice", tag = "practice",
    responses((status = 200, body = PracticeView))
)]
pub(crate) async fn read_practice(State(app): State<App>, caller: Caller<StaffOnly>) -> Outcome {
    let read = app.practice(&caller, Action::SettingsRead).await?;
    Reply::ok_at(read.practice.version, &PracticeView::new(&read.practice, app.portal_url(&read.practice.slug)))
}
