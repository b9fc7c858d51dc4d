use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::file::File;
use caseload::domain::ids::FileId;
use caseload::files::places;
use caseload::web::view::file::DownloadView;
use caseload::web::{Afresh, Anyone, Authorized, Caller, Outcome, Path, Reply};
use caseload::workflows::retrying;

// H4, H6, decision 12
/// A link to the bytes, as an attachment, for 60 seconds. That it was asked for is written down.
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
    retrying(app.clock(), async || {
        let mut asked = app.thing(&caller, Action::FileDownload, id).await?;
        let mut tx = asked.tx();
        asked.subject.open(caller.identity.principal, asked.grant.at());
        tx.replace(&mut asked.subject).touches(id).fields(["opened"]);
        app.store.commit(tx).await?;
        link(&app, &asked).await
    })
    .await
}

/// A link to the bytes of a file that may be downloaded.
pub(crate) async fn link(app: &App, asked: &Authorized<File>) -> Outcome {
    let (file, now) = (&asked.subject, asked.grant.at());
    let key = places::checked(file.practice, file.id);
    let url = app.files()?.grant_download(&key, &file.download_name(), file.content_type.as_str(), now).await?;
    Reply::ok(&DownloadView::new(url, now))
}
