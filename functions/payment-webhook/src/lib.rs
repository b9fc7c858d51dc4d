//! Events of the payment provider.

mod receive;
mod settle;

use caseload::config::{FunctionSpec, Var};

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

caseload::endpoints! {
    receive::receive_event,
}
