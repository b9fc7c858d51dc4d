//! Events of the payment provider.

mod receive;
mod settle;

use caseload::app::Services;
use caseload::config::{FunctionSpec, Var};
use caseload::payments::Payments;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "payment-webhook",
    services: Services { payments: Some(Payments::new), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::PaymentsWebhookSecret],
};

caseload::endpoints! {
    receive::receive_event,
}
