//! Portal access of a client: invitations from both ends, permissions, disabling.

mod accept;
mod decline;
mod disable;
mod held;
mod lookup;
mod portal;
mod renew;
mod send;
mod update;

use caseload::app::App;
use caseload::config::{FunctionSpec, Var};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "invite",
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom, Var::TokenJwks, Var::TokenSigningKey],
};

/// The endpoints this function serves.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(portal::read_portal_access, update::update_portal_access))
        .routes(routes!(send::send_invitation))
        .routes(routes!(disable::disable_access))
        .routes(routes!(lookup::lookup_invitation))
        .routes(routes!(accept::accept_invitation))
        .routes(routes!(decline::decline_invitation))
        .routes(routes!(renew::renew_invitation))
}
