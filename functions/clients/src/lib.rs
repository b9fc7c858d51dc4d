//! The client directory and the client profile.

mod body;
mod create;
mod delete;
mod duplicates;
mod engagement;
mod home;
mod list;
mod page;
mod read;
mod search;
mod status;
mod tags;
mod update;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;
use caseload::mail::Mailer;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "clients",
    about: "Client records, from list and search to delete",
    services: Services { mail: Some(Mailer::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom, Var::TokenJwks],
};

caseload::endpoints! {
    list::list_clients,
    create::create_client,
    search::search_clients,
    read::read_client,
    home::read_home,
    engagement::list_engagement,
    update::update_client,
    delete::delete_client,
    status::deactivate_client,
    status::reactivate_client,
}
