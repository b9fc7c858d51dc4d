//! CSV import as a person drives it: announce a file, look at what it holds, rehearse, commit, read the report (C1–C10).

mod cancel;
mod create;
mod errors;
mod list;
mod load;
mod mapping;
mod read;
mod rows;
mod runs;
mod view;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;
use caseload::files::Files;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "import-csv",
    about: "Imports of client lists, from upload grant to row outcomes",
    services: Services { files: Some(Files::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::TokenJwks, Var::BucketName],
};

caseload::endpoints! {
    create::create_import,
    list::list_imports,
    read::read_import,
    mapping::map_import,
    runs::dry_run_import,
    runs::commit_import,
    cancel::cancel_import,
    rows::list_rows,
    errors::read_errors,
}
