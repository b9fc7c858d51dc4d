use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::FileId;
use caseload::domain::mail::Opened;
use caseload::store::keys;
use caseload::web::view::file::DownloadView;
use caseload::web::{Afresh, BreakGlass, Caller, Json, Outcome, Path, StaffOnly};
use caseload::workflows::retrying;

use crate::download::link;

// decision 31
/// A link to the bytes of a hidden file, in an emergency: for an admin, with a reason.
///
/// The reason stands in the audit trail; whoever uploaded it, if that was staff, and every admin are told by mail.
#[utoipa::path(
    post, path = "/v1/files/{file_id}/break-glass", tag = "share-file", params(("file_id" = FileId, Path)),
    request_body = BreakGlass,
    responses((status = 200, body = DownloadView), (status = 429))
)]
pub(crate) async fn open_file(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    _: Afresh,
    Path(id): Path<FileId>,
    Json(body): Json<BreakGlass>,
) -> Outcome {
    retrying(app.clock(), async || {
        let team = keys::team(caller.practice()).required();
        let (mut asked, team) = app.thing_with(&caller, Action::FileBreakGlass, id, team).await?;
        let mut tx = asked.tx();
        let by = asked.subject.uploaded_by;
        asked.subject.open(caller.identity.principal, asked.grant.at());
        tx.replace(&mut asked.subject).touches(id).fields(["opened"]);
        let around = (&asked.practice, &team);
        app.open_private(tx, around, (Opened::File, by), &body.reason).await?;
        link(&app, &asked).await
    })
    .await
}
