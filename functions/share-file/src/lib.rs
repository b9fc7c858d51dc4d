//! Files of a client: upload, check, share, download, delete (H1 to H7).

mod break_glass;
mod complete;
mod delete;
mod download;
mod list;
mod parts;
mod read;
mod update;
mod upload;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;
use caseload::files::Files;
use caseload::mail::Mailer;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "share-file",
    about: "Files of a client, from upload grant to download",
    services: Services { files: Some(Files::from_config), mail: Some(Mailer::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom, Var::TokenJwks, Var::BucketName],
};

caseload::endpoints! {
    list::list_files,
    upload::request_upload,
    read::read_file,
    update::update_file,
    delete::delete_file,
    complete::complete_upload,
    download::request_download,
    break_glass::open_file,
}
