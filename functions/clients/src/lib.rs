//! The client directory and the client profile.

mod body;
mod create;
mod delete;
mod duplicates;
mod list;
mod page;
mod read;
mod search;
mod status;
mod tags;
mod update;
mod view;

use caseload::app::App;
use caseload::config::{FunctionSpec, Var};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "clients",
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom, Var::TokenJwks, Var::BucketName],
};

/// The endpoints this function serves.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_clients, create::create_client))
        .routes(routes!(search::search_clients))
        .routes(routes!(read::read_client, update::update_client, delete::delete_client))
        .routes(routes!(status::deactivate_client))
        .routes(routes!(status::reactivate_client))
}
