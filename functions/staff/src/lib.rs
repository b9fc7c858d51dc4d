//! The team: roster, invitations, status, roles, supervision, removal; who has which clients; caseloads, session
//! histories and metrics.

mod appointments;
mod assign;
mod bulk;
mod caseload_list;
mod clients;
mod invite;
mod leave;
mod leaving;
mod list;
mod look;
mod member;
mod metrics;
mod read;
mod reassign;
mod removal;
mod remove;
mod resend;
mod role_body;
mod role_view;
mod roles;
mod status;
mod supervisors;
mod update;
mod view;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;
use caseload::mail::Mailer;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "staff",
    about: "The team, from invitation to removal, its roles, and who has which clients",
    services: Services { mail: Some(Mailer::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom, Var::TokenJwks],
};

caseload::endpoints! {
    list::list_staff,
    invite::invite_staff,
    read::read_staff,
    update::update_staff,
    remove::remove_staff,
    leave::leave_practice,
    resend::resend_staff_invitation,
    status::set_staff_status,
    assign::assign_role,
    supervisors::set_supervisors,
    roles::list_roles,
    roles::create_role,
    roles::read_role,
    roles::update_role,
    roles::delete_role,
    caseload_list::read_caseload,
    appointments::list_staff_appointments,
    metrics::read_metrics,
    reassign::reassign_client,
    bulk::change_clients,
}
