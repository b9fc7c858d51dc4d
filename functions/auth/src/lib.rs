//! Sign-in, sessions, the second factor, and who the caller is.

mod end_all;
mod jwks;
mod me;
mod notifications;
mod open_session;
mod outside;
mod proof;
mod recovery_codes;
mod refresh;
mod second_factor;
mod sessions;
mod sign_in;
mod totp;
mod totp_off;
mod unsubscribe;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;
use caseload::mail::Mailer;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "auth",
    about: "Sign-in links, sessions, second factor, refresh, public keys, who am I",
    services: Services { mail: Some(Mailer::from_config), ..Services::NONE },
    needs: &[
        Var::TableName,
        Var::SecretKey,
        Var::PortalOrigin,
        Var::MailFrom,
        Var::TokenJwks,
        Var::TokenSigningKey,
        Var::StaffIssuers,
    ],
};

caseload::endpoints! {
    sign_in::sign_in,
    open_session::open_session,
    sessions::list_sessions,
    sessions::end_session,
    end_all::end_all_sessions,
    proof::give_proof,
    totp::begin_totp,
    totp::confirm_totp,
    totp_off::turn_totp_off,
    recovery_codes::renew_recovery_codes,
    refresh::refresh,
    me::me,
    notifications::read_own_notifications,
    notifications::update_own_notifications,
    unsubscribe::unsubscribe,
    jwks::jwks,
}
