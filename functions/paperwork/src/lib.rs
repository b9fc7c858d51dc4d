//! Paperwork: a practice's library of forms and packets, what is sent of it to a client, and what the client fills in,
//! signs and submits (S4).

mod answers;
mod fill;
mod form_body;
mod forms;
mod found;
mod list;
mod packets;
mod read;
mod send;
mod sign;
mod submit;
mod withdraw;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "paperwork",
    about: "Forms, consents and worksheets of a practice, from the library to what a client submits",
    services: Services::NONE,
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::TokenJwks],
};

caseload::endpoints! {
    forms::list_forms,
    forms::create_form,
    forms::read_form,
    forms::replace_form,
    forms::delete_form,
    packets::list_packet_templates,
    packets::create_packet_template,
    list::list_packets,
    send::send_packet,
    read::read_packet,
    withdraw::delete_packet,
    answers::save_answers,
    sign::sign_packet,
    submit::submit_packet,
    fill::fill_profile,
}
