//! Calendar feeds: secret addresses at which calendar programs read somebody's sessions (I1).

mod contents;
mod create;
mod delete;
mod list;
mod own;
mod read;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "calendar-feeds",
    about: "Secret addresses for calendar programs, and what they read there",
    services: Services::NONE,
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::TokenJwks],
};

caseload::endpoints! {
    list::list_calendar_feeds,
    create::create_calendar_feed,
    delete::delete_calendar_feed,
    read::read_calendar,
}
