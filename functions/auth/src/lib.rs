//! Sign-in, sessions, and who the caller is.

mod jwks;
mod me;
mod open_session;
mod refresh;
mod sessions;
mod sign_in;

use caseload::app::App;
use caseload::config::{FunctionSpec, Var};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "auth",
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom, Var::TokenJwks, Var::TokenSigningKey],
};

/// The endpoints this function serves.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_in::sign_in))
        .routes(routes!(open_session::open_session, sessions::list_sessions))
        .routes(routes!(sessions::end_session))
        .routes(routes!(refresh::refresh))
        .routes(routes!(me::me))
        .routes(routes!(jwks::jwks))
}
