use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::date::today;
use caseload::domain::ids::ImportId;
use caseload::domain::import::mapping::{Choices, MappingRefusal};
use caseload::domain::import::plan::{Answers, ChosenColumn, PlanRefusal};
use caseload::refusal::{BadField, Refusal};
use caseload::store::Tx;
use caseload::web::{Caller, HonourMatch, Json, Outcome, Path, Reply, StaffOnly};
use caseload::workflows::retrying;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::load::load;
use crate::view::{ImportView, PatchOptions};

/// How the file is to be read; what is absent stays as it was.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MapImport {
    /// All columns that are to differ from the proposal.
    #[serde(default)]
    columns: Option<Vec<ChosenColumn>>,
    /// Put on top of earlier answers.
    #[serde(default)]
    answers: Option<Answers>,
    #[serde(default)]
    options: Option<PatchOptions>,
}

// C2, C6, C7
/// Maps columns, answers questions, chooses options. `If-Match` is honoured, not required: the worker changes versions
/// too.
#[utoipa::path(
    put, path = "/v1/imports/{import_id}/mapping", tag = "import-csv", params(("import_id" = ImportId, Path)),
    request_body = MapImport,
    responses((status = 200, body = ImportView), (status = 409))
)]
pub(crate) async fn map_import(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ImportId>,
    tag: HonourMatch,
    Json(body): Json<MapImport>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut asked = load(&app, &caller, Action::ImportChange, id).await?;
        tag.check(asked.subject.import.version)?;
        let now = asked.grant.at();
        let (region, day) = (asked.practice.default_region, today(now, asked.practice.time_zone.time_zone()));
        let MapImport { columns, answers, options } = body.clone();
        let import = &mut asked.subject.import;
        let options = options.map(|options| options.on(import.options));
        import.remap(Choices { columns, answers, options }, region, day, now).map_err(refused)?;
        let mut tx = Tx::new(&asked.grant);
        tx.replace(import).touches(id).fields(["mapping"]);
        let reply = Reply::ok_at(import.version, &ImportView::new(import, None, now))?;
        app.finish(&asked, tx, reply).await
    })
    .await
}

fn refused(refusal: MappingRefusal) -> Refusal {
    let field = |PlanRefusal { pointer, code, detail }| BadField::new(pointer, code, detail);
    match refusal {
        MappingRefusal::State(refusal) => refusal.into(),
        MappingRefusal::Choices(refusals) => Refusal::fields(refusals.into_iter().map(field).collect()),
    }
}
