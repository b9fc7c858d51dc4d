//! Events of the payment provider.

mod receive;
mod settle;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;
use caseload::payments::Payments;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "payment-webhook",
    about: "Signed events of the payment provider, each applied once",
    services: Services { payments: Some(Payments::new), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::PaymentsWebhookSecret],
};

caseload::endpoints! {
    receive::receive_event,
}
