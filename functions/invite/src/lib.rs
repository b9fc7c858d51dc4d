//! Portal access of a client: invitations from both ends, permissions, disabling. Invitations to the team, too, are
//! answered here.

mod accept;
mod decline;
mod disable;
mod email_change;
mod held;
mod lookup;
mod notifications;
mod portal;
mod renew;
mod send;
mod send_link;
mod share;
mod staff;
mod token;
mod update;

use caseload::app::{FunctionSpec, Services};
use caseload::config::Var;
use caseload::mail::Mailer;

/// What this function is called and needs.
pub const SPEC: FunctionSpec = FunctionSpec {
    name: "invite",
    about: "Portal access of a client, invitations to portal and team and their acceptance",
    services: Services { mail: Some(Mailer::from_config), ..Services::NONE },
    needs: &[Var::TableName, Var::SecretKey, Var::PortalOrigin, Var::MailFrom, Var::TokenJwks, Var::TokenSigningKey],
};

caseload::endpoints! {
    portal::read_portal_access,
    update::update_portal_access,
    send::send_invitation,
    send_link::send_portal_link,
    share::share_files,
    notifications::read_client_notifications,
    notifications::update_client_notifications,
    disable::disable_access,
    email_change::decide_email_change,
    lookup::lookup_invitation,
    accept::accept_invitation,
    decline::decline_invitation,
    renew::renew_invitation,
}
