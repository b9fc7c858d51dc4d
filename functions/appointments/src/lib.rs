//! Sessions with clients: book, ask for, move, hold, miss, cancel (L12, d-8, I1 to I5).

mod answer;
mod body;
mod book;
mod calendar;
mod fitting;
mod following;
mod found;
mod hours;
mod list;
mod listed;
mod placing;
mod read;
mod reopen;
mod request;
mod reschedule;
mod respond;
mod series;
mod settle;
mod staff_calendar;
mod telling;
mod therapist;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;
use caseload::mail::Mailer;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "appointments",
    about: "Appointments, from booking to the end of a session",
    services: Services { mail: Some(Mailer::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom, Var::TokenJwks],
};

caseload::endpoints! {
    list::list_appointments,
    book::book_appointment,
    read::read_appointment,
    reschedule::reschedule_appointment,
    respond::accept_request,
    respond::decline_request,
    respond::withdraw_request,
    settle::complete_appointment,
    settle::miss_appointment,
    settle::cancel_appointment,
    reopen::reopen_appointment,
}
