//! Every route stands under a row: asked for it, or named here with the row or the action that decides about it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use caseload::access::{Action, Shows};
use caseload_local::openapi;
use end_to_end::matrix::{self, OWN_ACTIONS, Row};

use super::asks::NOT_SERVED;
use crate::drift::trail::READ_BY_POST;

/// Routes that share their row with the one that is asked, or fall under an action that the matrix does not have.
const BESIDE: &[(&str, &str)] = &[
    ("DELETE /v1/auth/sessions/all", "self.sessions"),
    ("DELETE /v1/auth/sessions/{session_id}", "self.sessions"),
    ("DELETE /v1/auth/totp", "self.change_credentials"),
    ("DELETE /v1/forms/{form_id}", "form.manage"),
    ("DELETE /v1/services/{service_id}", "service.manage"),
    ("DELETE /v1/tags/{tag_id}", "tags.manage"),
    ("DELETE /v1/task-templates/{task_template_id}", "task_template.manage"),
    ("GET /v1/appointments", "appointment.read"),
    ("GET /v1/calendars/{token}", "calendar_feed.read"),
    ("GET /v1/clients/{client_id}/booking-defaults", "appointment.read"),
    ("GET /v1/clients/{client_id}/clinical-notes", "clinical_note_draft.read"),
    ("GET /v1/clients/{client_id}/files", "file.list"),
    ("DELETE /v1/notes/{note_id}/comments/{comment_id}", "note_comment.comment_change"),
    ("GET /v1/clients/{client_id}/invoices", "invoice.read"),
    ("GET /v1/clients/{client_id}/notes", "note_provider_shared.read"),
    ("GET /v1/notes/{note_id}/comments", "note_provider_shared.read"),
    ("GET /v1/clients/{client_id}/tasks", "task_provider.read"),
    ("GET /v1/engagement", "client.list"),
    ("GET /v1/clients/{client_id}/packets", "packet.read"),
    ("GET /v1/forms/{form_id}", "form.read"),
    ("GET /v1/packets", "form.read"),
    ("POST /v1/packets", "form.manage"),
    ("PUT /v1/forms/{form_id}", "form.manage"),
    ("GET /v1/exports/{export_id}", "client.export_record"),
    ("GET /v1/files/{file_id}", "file.read"),
    ("GET /v1/imports", "import_of_T.read_status"),
    ("GET /v1/imports/{import_id}/rows", "import_of_T.read_status"),
    ("GET /v1/inbox", "message.read"),
    ("GET /v1/clients/{client_id}/notifications", "portal_access.read"),
    ("GET /v1/me/notifications", "self.read"),
    ("GET /v1/portals/{slug}", "portal_config.read"),
    ("GET /v1/roles/{role_id}", "role.list"),
    ("GET /v1/staff/{staff_id}/metrics", "staff_caseload.read"),
    ("GET /v1/staff/{staff_id}/sessions", "staff_caseload.read"),
    ("PATCH /v1/clients/{client_id}/notifications", "portal_access.permissions_update"),
    ("PATCH /v1/me/notifications", "self.notifications"),
    ("PATCH /v1/services/{service_id}", "service.manage"),
    ("PATCH /v1/staff/{staff_id}", "staff.assign_role"),
    ("PATCH /v1/tags/{tag_id}", "tags.manage"),
    ("PATCH /v1/task-templates/{task_template_id}", "task_template.manage"),
    ("POST /v1/appointments/{appointment_id}/accept", "appointment.move"),
    ("POST /v1/appointments/{appointment_id}/decline", "appointment.update"),
    ("POST /v1/appointments/{appointment_id}/no-show", "appointment.update"),
    ("POST /v1/appointments/{appointment_id}/reopen", "appointment.move"),
    ("POST /v1/appointments/{appointment_id}/withdraw", "appointment.cancel"),
    ("POST /v1/auth/proof", "self.change_credentials"),
    ("POST /v1/auth/refresh", "self.sessions"),
    ("POST /v1/auth/sessions", "self.sign_in"),
    ("POST /v1/auth/sign-in", "self.sign_in"),
    ("POST /v1/auth/totp", "self.change_credentials"),
    ("POST /v1/auth/totp/confirm", "self.change_credentials"),
    ("POST /v1/auth/totp/recovery-codes", "self.change_credentials"),
    ("POST /v1/clinical-notes/{clinical_note_id}/return", "clinical_note_submitted.review"),
    ("POST /v1/clients/bulk", "client.reassign"),
    ("POST /v1/clients/search", "client.list"),
    ("POST /v1/clients/{client_id}/portal/email-change", "portal_access.update_login_email"),
    ("POST /v1/clients/{client_id}/share", "file_provider.share"),
    ("POST /v1/exports/{export_id}/download", "client.export_record"),
    ("POST /v1/files/{file_id}/complete", "file.complete"),
    ("POST /v1/imports/{import_id}/commit", "import_of_T.cancel"),
    ("POST /v1/imports/{import_id}/dry-run", "import_of_T.cancel"),
    ("POST /v1/invitations/accept", "invitation.accept"),
    ("POST /v1/invitations/decline", "invitation.decline"),
    ("POST /v1/invitations/lookup", "invitation.accept"),
    ("POST /v1/invitations/renew", "invitation.renew"),
    ("POST /v1/invoices/{invoice_id}/issue", "invoice.create"),
    ("POST /v1/mail/unsubscribe", "self.unsubscribe"),
    ("POST /v1/me/leave", "self.leave"),
    ("POST /v1/practice/close", "practice.close"),
    ("POST /v1/practices", "practice.sign_up"),
    ("POST /v1/staff/{staff_id}/invitation", "staff.invite"),
    ("POST /v1/tasks/assign", "task_provider.create"),
    ("PUT /v1/imports/{import_id}/mapping", "import_of_T.cancel"),
];

fn documented() -> BTreeSet<String> {
    let document = serde_json::to_value(openapi::document()).expect("a document");
    let paths = document["paths"].as_object().expect("paths").iter();
    let names = paths.flat_map(|(path, methods)| {
        let methods = methods.as_object().expect("methods").keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    names.collect()
}

/// Whether a request is one of this route.
pub(super) fn is_of(route: &str, request: &str) -> bool {
    let request = request.split('?').next().unwrap_or_default();
    let (mut route, mut request) = (route.split('/'), request.split('/'));
    loop {
        match (route.next(), request.next()) {
            (None, None) => return true,
            (Some(part), Some(_)) if part.starts_with('{') => {}
            (Some(part), Some(sent)) if part == sent => {}
            _ => return false,
        }
    }
}

/// Whether a `POST` shows clients, and nobody looks for its entry as for that of a `GET`.
pub(super) fn shows_by_post(request: &str, action: Action) -> bool {
    let looked_for = READ_BY_POST.iter().any(|route| is_of(route, request));
    request.starts_with("POST ") && action.shows() == Shows::Clients && !looked_for
}

/// The action that a row or one of our own names stands for.
fn action(name: &str) -> Option<Action> {
    let row = matrix::rows().iter().find(|row| row.name() == name).map(Row::asks);
    row.or_else(|| Action::ALL.iter().copied().find(|action| action.name() == name))
}

/// Fails for a route that nobody has thought about.
pub(super) fn check<'a>(requests: impl Iterator<Item = &'a str>) {
    let requests: BTreeSet<&str> = requests.collect();
    let beside: BTreeMap<&str, &str> = BESIDE.iter().copied().collect();
    let rows: BTreeSet<String> = matrix::rows().iter().map(Row::name).collect();
    for (route, row) in &beside {
        assert!(rows.contains(*row) || OWN_ACTIONS.contains(row), "{route}: {row} is no row and no action");
        // AUD-2
        let silent = action(row).is_some_and(|action| shows_by_post(route, action));
        assert!(!silent, "{route} shows clients by POST, and is not in READ_BY_POST");
    }
    let asked = |route: &String| {
        // A fixed part of one route may look like the id of another.
        requests.iter().any(|request| is_of(route, request))
    };
    let unasked: BTreeSet<String> = documented().into_iter().filter(|route| !asked(route)).collect();
    let named: BTreeSet<String> = beside.keys().map(|route| (*route).to_owned()).collect();
    assert_eq!(unasked, named, "routes without a row, or no longer without one");
}

/// Served rows whose action no code asks the policy for, each with the reason.
const NOT_ASKED: &[(&str, &str)] = &[
    ("client.read_overview", "part of every profile that staff reads; the portal's view of a profile does not have it"),
    ("jwks.read", "given to everybody"),
    ("portal_config.read", "the public face of a practice, given to everybody"),
    ("stripe_webhook.post", "a signature decides before it is known which practice it is about"),
];

/// The text of all code that may ask the policy: the functions and the common crate, but for the policy's own tables.
fn asking() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![root.join("functions"), root.join("shared/src")];
    let mut text = String::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let policy = ["action.rs", "need.rs", "policy.rs", "portal.rs", "staff.rs"];
            let own = path.parent().is_some_and(|parent| parent.ends_with("access"))
                && policy.iter().any(|file| path.ends_with(file));
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|extension| extension == "rs") && !own => {
                    text.push_str(&fs::read_to_string(path).expect("a file"));
                }
                false => {}
            }
        }
    }
    text
}

// AZ-1: what is served is decided as what it is, and the trail can say so
#[test]
fn every_action_that_is_served_is_asked_for_by_name() {
    let text = asking();
    let not_served: BTreeSet<&str> = NOT_SERVED.iter().copied().collect();
    let rows = matrix::rows();
    let rows: Vec<(String, Action)> = rows.iter().map(|row| (row.name(), row.asks())).collect();
    let of_rows = rows.iter().filter(|(name, _)| !not_served.contains(name.as_str())).map(|(_, action)| *action);
    let of_beside = BESIDE.iter().filter_map(|(_, name)| action(name));
    let unasked: BTreeSet<&str> = of_rows
        .chain(of_beside)
        .filter(|action| {
            let name = format!("Action::{action:?}");
            let after = |at: usize| text[at + name.len()..].starts_with(|c: char| c.is_alphanumeric());
            text.match_indices(&name).all(|(at, _)| after(at))
        })
        .map(Action::name)
        .collect();
    assert_eq!(unasked, NOT_ASKED.iter().map(|(name, _)| *name).collect(), "served actions that no code asks for");
}
