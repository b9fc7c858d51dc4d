use axum::extract::State;
use caseload::access::{Action, Actor, Resource};
use caseload::app::App;
use caseload::domain::ids::ImportId;
use caseload::domain::import::job::{Announced, Import};
use caseload::domain::import::plan::{Mode, Options};
use caseload::domain::import::refusal::{FileRefusal, SizeRefusal, check_size};
use caseload::domain::text::FileName;
use caseload::files::{ImportObjects, UPLOAD};
use caseload::refusal::{Kind, Refusal};
use caseload::web::{Caller, Json, Outcome, Reply, StaffOnly};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::view::{ImportView, PatchOptions};

/// A file that is about to come.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateImport {
    file_name: FileName,
    /// Exactly this many bytes, at most 50,000,000.
    size: u64,
    /// The same as `options.mode`.
    #[serde(default)]
    mode: Option<Mode>,
    #[serde(default)]
    options: PatchOptions,
}

// C1, C9
/// Announces a file and grants its upload; its arrival starts the analysis.
#[utoipa::path(
    post, path = "/v1/imports", tag = "import-csv", request_body = CreateImport,
    responses((status = 201, body = ImportView))
)]
pub(crate) async fn create_import(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Json(body): Json<CreateImport>,
) -> Outcome {
    let asked = app.practice(&caller, Action::ImportCreate).await?;
    // Its rows become clients: who may not add one may not add many.
    app.decide_also(&asked, Action::ClientCreate, &Resource::Practice).await?;
    let Actor::Staff(staff) = &asked.actor else {
        return Err(Refusal::absent().into());
    };
    check_size(body.size).map_err(|refusal| match refusal {
        SizeRefusal::Empty => Refusal::invalid("/size", "file_empty", FileRefusal::Empty),
        SizeRefusal::TooLarge => Refusal::new(Kind::TooLarge, "file_too_large", FileRefusal::TooLarge.to_string()),
    })?;
    let chosen = body.options.on(Options::default());
    let options = Options { mode: body.mode.unwrap_or(chosen.mode), ..chosen };
    let (id, now) = (ImportId::from_uuid(app.new_id()?), asked.grant.at());
    let file = Announced { file_name: body.file_name, size: body.size, options, granted: UPLOAD };
    let import = Import::new(id, asked.practice.id, staff.id, file, now);
    let source = ImportObjects::new(import.practice, id).source();
    let grant = app.files()?.grant_upload(&source, import.size, "text/csv", None, now).await?;
    let reply = Reply::created_at(import.version, &ImportView::new(&import, None, now).with_upload(grant))?;
    let mut tx = asked.tx();
    tx.create(&import).touches(id);
    app.finish(&asked, tx, reply).await
}
