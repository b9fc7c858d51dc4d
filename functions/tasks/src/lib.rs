//! Tasks of a client: set by its therapist or by itself, repeated, done (G1 to G3); and a practice's templates of them.

mod assign;
mod attach;
mod body;
mod create;
mod delete;
mod found;
mod list;
mod read;
mod state;
mod templates;
mod update;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;
use caseload::mail::Mailer;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "tasks",
    about: "Homework and to-dos of a client, from setting one to marking it as done",
    services: Services { mail: Some(Mailer::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom, Var::TokenJwks],
};

caseload::endpoints! {
    list::list_tasks,
    create::create_task,
    assign::assign_task,
    read::read_task,
    update::update_task,
    delete::delete_task,
    state::set_task_state,
    templates::list_task_templates,
    templates::create_task_template,
    templates::update_task_template,
    templates::delete_task_template,
}
