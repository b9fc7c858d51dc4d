use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::file::{ContentType, File, FileSize, NewFile, Quota, Sha256};
use caseload::domain::ids::{ClientId, FileId};
use caseload::domain::session::PrincipalId;
use caseload::domain::text::FileName;
use caseload::files::{UPLOAD, places};
use caseload::refusal::Refusal;
use caseload::store::keys;
use caseload::web::view::file::{FileView, UploadView};
use caseload::web::{Anyone, Caller, Json, Outcome, Path, Reply};
use caseload::workflows::retrying;
use serde::Deserialize;
use utoipa::ToSchema;

/// What is going to be uploaded.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestUpload {
    name: FileName,
    size: FileSize,
    content_type: ContentType,
    /// In hex or base64; the bucket then takes no other bytes.
    sha256: Option<Sha256>,
    /// Whether the client sees it. Staff: false without it. A client's own uploads are always shared.
    shared: Option<bool>,
}

// H1, H2
/// Asks for an upload; room for it is held until the grant expires.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/files", tag = "share-file", params(("client_id" = ClientId, Path)),
    request_body = RequestUpload,
    responses((status = 201, body = UploadView), (status = 409))
)]
pub(crate) async fn request_upload(
    State(app): State<App>,
    caller: Caller<Anyone>,
    Path(client): Path<ClientId>,
    Json(body): Json<RequestUpload>,
) -> Outcome {
    let (practice, id) = (caller.practice(), FileId::new(client, app.new_id()?));
    let RequestUpload { name, size, content_type, sha256, shared } = body;
    let action = match caller.identity.principal {
        PrincipalId::Staff(_) => Action::FileUpload,
        PrincipalId::Client(_) => Action::FileUploadOwn,
    };
    let new = NewFile { name, size, content_type, sha256, shared };
    retrying(app.clock(), async || {
        let (asked, quota) = app.client_with(&caller, action, client, keys::file_quota(practice, client)).await?;
        let now = asked.grant.at();
        let by = asked.actor.principal().ok_or_else(Refusal::absent)?;
        let file = File::announced(id, practice, by, new.clone(), now + UPLOAD, now)?;
        let mut quota = quota.unwrap_or_else(|| Quota::empty(practice, client));
        quota.reserve(&file, now)?;
        let digest = file.sha256.map(|digest| digest.base64());
        let key = places::quarantine(practice, id);
        let upload =
            app.files()?.grant_upload(&key, size.bytes(), content_type.as_str(), digest.as_deref(), now).await?;
        let view = UploadView::new(FileView::new(&asked.actor, &file, now), upload);
        let reply = Reply::created_at(file.edition, &view)?;
        let mut tx = asked.tx();
        // A client whose deletion has begun gets nothing new.
        tx.create(&file).replace(&mut quota).unchanged(&asked.subject).touches(id);
        app.finish(&asked, tx, reply).await
    })
    .await
}
