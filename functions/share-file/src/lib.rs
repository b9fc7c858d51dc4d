//! Placeholder.

use caseload::app::App;
use caseload::config::{FunctionSpec, Var};
use utoipa_axum::router::OpenApiRouter;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "share-file",
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::TokenJwks, Var::BucketName],
};

/// The endpoints this function serves.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
