//! Notes that a therapist and a client write for each other, and the comments on them (F1 to F4).

mod break_glass;
mod comment;
mod comments;
mod create;
mod delete;
mod found;
mod list;
mod read;
mod shown;
mod update;
mod versions;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;
use caseload::mail::Mailer;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "notes",
    about: "Notes of staff and clients, their versions and comments",
    services: Services { mail: Some(Mailer::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom, Var::TokenJwks],
};

caseload::endpoints! {
    list::list_notes,
    create::write_note,
    read::read_note,
    update::update_note,
    delete::delete_note,
    delete::restore_note,
    versions::list_versions,
    break_glass::open_note,
    comments::list_comments,
    comments::add_comment,
    comment::update_comment,
    comment::delete_comment,
}
