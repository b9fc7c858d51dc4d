//! Sign-in, sessions, and who the caller is.

mod jwks;
mod me;
mod open_session;
mod refresh;
mod sessions;
mod sign_in;

use caseload::app::Services;
use caseload::config::{FunctionSpec, Var};
use caseload::mail::Mailer;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "auth",
    services: Services { mail: Some(Mailer::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom, Var::TokenJwks, Var::TokenSigningKey],
};

caseload::endpoints! {
    sign_in::sign_in,
    open_session::open_session,
    sessions::list_sessions,
    sessions::end_session,
    refresh::refresh,
    me::me,
    jwks::jwks,
}
