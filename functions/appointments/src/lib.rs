//! Sessions with clients: book, hold, miss, cancel (L12, d-8, I1).

mod answer;
mod book;
mod found;
mod list;
mod read;
mod settle;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "appointments",
    about: "Appointments, from booking to the end of a session",
    services: Services::NONE,
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::TokenJwks],
};

caseload::endpoints! {
    list::list_appointments,
    book::book_appointment,
    read::read_appointment,
    settle::complete_appointment,
    settle::miss_appointment,
    settle::cancel_appointment,
}
