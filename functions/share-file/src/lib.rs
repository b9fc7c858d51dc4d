//! Files of a client: upload, check, share, download, delete (H1 to H7).

mod complete;
mod delete;
mod download;
mod found;
mod list;
mod read;
mod update;
mod upload;
mod view;

use caseload::app::App;
use caseload::config::{FunctionSpec, Var};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "share-file",
    needs: &[
        Var::TableName,
        Var::SecretKey,
        Var::PortalOrigin,
        Var::TokenJwks,
        Var::BucketName,
    ],
};

/// The endpoints this function serves.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_files, upload::request_upload))
        .routes(routes!(read::read_file, update::update_file, delete::delete_file))
        .routes(routes!(complete::complete_upload))
        .routes(routes!(download::request_download))
}
