//! Clinical notes: drafted, signed, reviewed, amended; never shown to a client (F5, L17).

mod addenda;
mod break_glass;
mod create;
mod delete;
mod found;
mod list;
mod read;
mod review;
mod shown;
mod sign;
mod update;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;
use caseload::mail::Mailer;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "clinical-notes",
    about: "Clinical notes, from draft to signature and review",
    services: Services { mail: Some(Mailer::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom, Var::TokenJwks],
};

caseload::endpoints! {
    list::list_clinical_notes,
    create::draft_clinical_note,
    read::read_clinical_note,
    update::update_clinical_note,
    delete::delete_clinical_note,
    sign::sign_clinical_note,
    sign::submit_clinical_note,
    review::approve_clinical_note,
    review::return_clinical_note,
    addenda::amend_clinical_note,
    break_glass::open_clinical_note,
}
