//! The record of a client as an archive: asked for, looked after, downloaded (X5).

mod contents;
mod download;
mod drawing;
mod read;
mod record;
mod request;
mod view;

pub use contents::{InArchive, KINDS};

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;
use caseload::files::Files;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "export-record",
    about: "The record of a client as an archive, from request to download",
    services: Services { files: Some(Files::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::TokenJwks, Var::BucketName],
};

caseload::endpoints! {
    request::export_client,
    read::read_export,
    download::download_export,
}
