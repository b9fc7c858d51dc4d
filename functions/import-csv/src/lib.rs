//! CSV import as a person drives it: announce a file, look at what it holds, rehearse, commit, read the report (C1–C10).

mod cancel;
mod create;
mod errors;
mod list;
mod load;
mod mapping;
mod read;
mod rows;
mod runs;
mod view;

use caseload::app::App;
use caseload::config::{FunctionSpec, Var};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "import-csv",
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::TokenJwks, Var::BucketName],
};

/// The endpoints this function serves.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create::create_import, list::list_imports))
        .routes(routes!(read::read_import))
        .routes(routes!(mapping::map_import))
        .routes(routes!(runs::dry_run_import))
        .routes(routes!(runs::commit_import))
        .routes(routes!(cancel::cancel_import))
        .routes(routes!(rows::list_rows))
        .routes(routes!(errors::read_errors))
}
