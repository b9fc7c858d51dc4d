//! Events of the payment provider.

mod receive;
mod settle;

use caseload::app::App;
use caseload::config::{FunctionSpec, Var};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "payment-webhook",
    needs: &[
        Var::TableName,
        Var::SecretKey,
        Var::PortalOrigin,
        Var::PaymentsWebhookSecret,
    ],
};

/// The endpoints this function serves.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(receive::receive_event))
}
