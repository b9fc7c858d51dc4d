use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::FileId;
use caseload::web::view::file::FileView;
use caseload::web::{Anyone, Caller, Outcome, Path, Reply};

// H3, E7
/// A file without its bytes.
#[utoipa::path(
    get, path = "/v1/files/{file_id}", tag = "share-file", params(("file_id" = FileId, Path)),
    responses((status = 200, body = FileView))
)]
pub(crate) async fn read_file(State(app): State<App>, caller: Caller<Anyone>, Path(id): Path<FileId>) -> Outcome {
    let read = app.thing(&caller, Action::FileRead, id).await?;
    Reply::ok_at(read.subject.edition, &FileView::new(&read.actor, &read.subject, read.grant.at()))
}
