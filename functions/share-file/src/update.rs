use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::FileId;
use caseload::domain::text::FileName;
use caseload::refusal::{Refusal, Stop};
use caseload::web::view::file::FileView;
use caseload::web::{Caller, Json, Outcome, Patch, Path, Reply, RequireMatch, StaffOnly};
use serde::Deserialize;
use utoipa::ToSchema;

/// A change of a file.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchFile {
    // d-5
    /// Whether the client sees it; off locks what the client uploaded.
    #[serde(default)]
    shared: Patch<bool>,
    #[serde(default)]
    name: Patch<FileName>,
}

// E7, H3
/// Shares, hides or renames a file.
#[utoipa::path(
    patch, path = "/v1/files/{file_id}", tag = "share-file", params(("file_id" = FileId, Path)), request_body = PatchFile,
    responses((status = 200, body = FileView))
)]
pub(crate) async fn update_file(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<FileId>,
    tag: RequireMatch,
    Json(body): Json<PatchFile>,
) -> Outcome {
    let mut asked = app.thing(&caller, Action::FileUpdate, id).await?;
    tag.check(asked.subject.edition)?;
    let PatchFile { shared, name } = body;
    let fields = asked.subject.change(value(shared, "/shared")?, value(name, "/name")?);
    let mut tx = asked.tx();
    tx.replace(&mut asked.subject).touches(id).fields(fields);
    let view = FileView::new(&asked.actor, &asked.subject, asked.grant.at());
    let reply = Reply::ok_at(asked.subject.edition, &view)?;
    app.finish(&asked, tx, reply).await
}

fn value<T>(patch: Patch<T>, pointer: &'static str) -> Result<Option<T>, Stop> {
    match patch {
        Patch::Absent => Ok(None),
        Patch::Set(value) => Ok(Some(value)),
        Patch::Null => Err(Refusal::invalid(pointer, "required", "cannot be cleared").into()),
    }
}
