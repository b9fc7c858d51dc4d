//! Paying: invoices, the payment timeline, and checkouts of portal clients.

mod check_out;
mod create;
mod issue;
mod list;
mod payments;
mod read;
mod view;
mod void;

use caseload::app::App;
use caseload::config::{FunctionSpec, Var};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "pay",
    needs: &[
        Var::TableName,
        Var::SecretKey,
        Var::PortalOrigin,
        Var::TokenJwks,
        Var::PaymentsSecretKey,
    ],
};

/// The endpoints this function serves.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list::list_invoices, create::create_invoice))
        .routes(routes!(read::read_invoice))
        .routes(routes!(issue::issue_invoice))
        .routes(routes!(void::void_invoice))
        .routes(routes!(payments::list_payments))
        .routes(routes!(check_out::check_out))
}
