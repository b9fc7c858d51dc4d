//! Messages between a client and its therapist, and the inbox of either (K1, K2).

mod inbox;
mod list;
mod mark_read;
mod send;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "messages",
    about: "Messages between a client and its therapist, and the inbox of either",
    services: Services::NONE,
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::TokenJwks],
};

caseload::endpoints! {
    list::list_messages,
    send::send_message,
    mark_read::mark_read,
    inbox::read_inbox,
}
