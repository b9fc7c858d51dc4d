use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::FileId;
use caseload::files::places;
use caseload::web::view::file::DownloadView;
use caseload::web::{Afresh, Anyone, Caller, Outcome, Path, Reply};

// H4, decision 12
/// A link to the bytes, as an attachment, for 60 seconds.
#[utoipa::path(
    post, path = "/v1/files/{file_id}/download", tag = "share-file", params(("file_id" = FileId, Path)),
    responses((status = 200, body = DownloadView))
)]
pub(crate) async fn request_download(
    State(app): State<App>,
    caller: Caller<Anyone>,
    _: Afresh,
    Path(id): Path<FileId>,
) -> Outcome {
    let read = app.thing(&caller, Action::FileDownload, id).await?;
    let (file, now) = (&read.subject, read.grant.at());
    let key = places::checked(file.practice, id);
    let url = app.files()?.grant_download(&key, &file.download_name(), file.content_type.as_str(), now).await?;
    Reply::ok(&DownloadView::new(url, now))
}
