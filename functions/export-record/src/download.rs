use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::date::today;
use caseload::domain::export::ExportRefusal;
use caseload::domain::ids::ExportId;
use caseload::files::ExportObjects;
use caseload::store::keys;
use caseload::web::view::file::DownloadView;
use caseload::web::{Afresh, Caller, Outcome, Path, Reply, StaffOnly};

use crate::contents::{about, reading};

// X5, decision 12
/// A link to the archive, as an attachment, for 60 seconds.
///
/// Who asked for it, and nobody else, may have it, as long as they may export the record and read every part it holds.
#[utoipa::path(
    post, path = "/v1/exports/{export_id}/download", tag = "export-record", params(("export_id" = ExportId, Path)),
    responses((status = 200, body = DownloadView), (status = 409))
)]
pub(crate) async fn download_export(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    _: Afresh,
    Path(id): Path<ExportId>,
) -> Outcome {
    let client = keys::client(caller.practice(), id.client()).unless_deleting();
    let (asked, client) = app.thing_with(&caller, Action::ClientExport, id, client).await?;
    let (export, now) = (&asked.subject, asked.grant.at());
    for part in &export.parts {
        let action = reading(part).ok_or(ExportRefusal::Failed)?;
        app.decide_also(&asked, action, &about(action, client.as_ref())).await?;
    }
    export.check_ready(now)?;
    let archive = ExportObjects { practice: asked.practice.id, export: id }.archive();
    // Named without the client: a link may end up in a history or a log.
    let day = today(export.requested_at, asked.practice.time_zone.time_zone());
    let url = app.files()?.grant_download(&archive, &format!("record-{day}.zip"), "application/zip", now).await?;
    let mut tx = asked.tx();
    tx.touches(id);
    app.store.commit(tx).await?;
    Reply::ok(&DownloadView::new(url, now))
}
