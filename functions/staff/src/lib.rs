//! The team: caseloads, session histories and metrics of its members (L12 to L14).

mod caseload;
mod history;
mod look;
mod metrics;

use ::caseload::app::Services;
use ::caseload::config::{FunctionSpec, Var};

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "staff",
    services: Services::NONE,
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::TokenJwks],
};

::caseload::endpoints! {
    caseload::read_caseload,
    history::list_staff_sessions,
    metrics::read_metrics,
}
