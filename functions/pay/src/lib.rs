//! Paying: invoices, the payment timeline, and checkouts of portal clients.

mod check_out;
mod create;
mod issue;
mod list;
mod payments;
mod read;

mod void;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;
use caseload::payments::Payments;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "pay",
    about: "Invoices, payments and checkout",
    services: Services { payments: Some(Payments::new), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::TokenJwks, Var::PaymentsSecretKey],
};

caseload::endpoints! {
    list::list_invoices,
    create::create_invoice,
    read::read_invoice,
    issue::issue_invoice,
    void::void_invoice,
    payments::list_payments,
    check_out::check_out,
}
