//! The practice: sign-up, settings, tags, and what a sign-in page may show.

mod changes;
mod close;
mod portal_config;
mod read;
mod scheduling;
mod sign_up;
mod tags;
mod update;
mod view;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;
use caseload::mail::Mailer;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "practice",
    about: "Sign-up, practice settings, tags, what a sign-in page may show",
    services: Services { mail: Some(Mailer::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom, Var::TokenJwks],
};

caseload::endpoints! {
    sign_up::sign_up,
    read::read_practice,
    update::update_practice,
    close::close_practice,
    tags::list_tags,
    tags::create_tag,
    tags::update_tag,
    tags::delete_tag,
    portal_config::read_portal,
}
