//! What the API offers is what the policy allows: `GET /v1/me` and `allowed_actions`, for every principal.

use end_to_end::matrix::Row;
use serde_json::Value;

use super::scene::Scene;

/// What a profile offers, with the row that decides about it.
const ACTIONS: &[(&str, &str)] = &[
    ("edit", "client.update_profile"),
    ("invite", "portal_access.invite"),
    ("disable_access", "portal_access.disable"),
    ("deactivate", "client.deactivate"),
    ("reactivate", "client.reactivate"),
    ("reassign", "client.reassign"),
    ("export", "client.export_record"),
    ("delete", "client.delete"),
];

/// Features of staff that open something in the practice as a whole.
const PRACTICE: &[(&str, &str)] = &[
    ("clients.edit", "client.create"),
    ("clients.import", "import.create"),
    ("settings.manage", "settings.update"),
    ("tags.manage", "tags.manage"),
];

/// Features of staff that open something about their own clients.
const OWN_CLIENTS: &[(&str, &str)] = &[
    ("appointments", "appointment.book"),
    ("billing.manage", "invoice.create"),
    ("billing.read", "invoice.read"),
    ("billing.refund", "payment.refund"),
    ("clients.delete", "client.delete"),
    ("clients.export", "client.export_record"),
    ("clinical.diagnosis", "client.update_diagnosis"),
    ("files", "file_provider.upload"),
    ("messages", "message.send"),
    ("notes", "note_provider.create"),
    ("portal.manage", "portal_access.invite"),
    ("tasks", "task_provider.create"),
];

/// What is open to a portal client, about itself.
const PORTAL: &[(&str, &str)] = &[
    ("appointment_requests", "appointment.request"),
    ("billing_documents", "invoice.read"),
    ("files", "file_client.upload"),
    ("notes", "note_client_shared.create"),
    ("pay_outstanding", "payment.pay_online"),
    ("secure_messaging", "message.send"),
    ("tasks", "task_client.create"),
];

/// Who has C as a client of their own, or runs the practice.
const OWN: &[&str] =
    &["therapist_assigned", "therapist_granted", "therapist_restricted", "supervisee_assigned", "therapist_on_hold"];

fn compare(scene: &Scene<'_>, said: &Value, pairs: &[(&str, &str)], rows: &[Row], column: usize) {
    for (feature, name) in pairs {
        let row = rows.iter().find(|row| row.name() == *name).unwrap_or_else(|| panic!("{name}: no such row"));
        let offered = said[*feature]["enabled"].as_bool().unwrap_or_else(|| panic!("{feature} is not in {said}"));
        let allowed = row.cells[column].expected == 'A';
        assert_eq!(offered, allowed, "{}: {feature} in GET /v1/me, and {name}", scene.principal);
        let why = said[*feature]["blocked_by"].as_array().is_some_and(|blocks| !blocks.is_empty());
        assert_eq!(why, !offered, "{}: {feature} says what stands in the way", scene.principal);
    }
}

impl Scene<'_> {
    /// Compares what is offered with the caller's column. Nothing for those who are not let in at all.
    pub(super) async fn check_offers(&self, rows: &[Row], column: usize) {
        let me = self.caller.get("/v1/me").await;
        if me.status != 200 {
            return;
        }
        let features = me.at("/features");
        if self.principal.starts_with("client_") {
            if !self.principal.starts_with("client_other") {
                compare(self, &features, PORTAL, rows, column);
            }
            return;
        }
        compare(self, &features, PRACTICE, rows, column);
        if OWN.contains(&self.principal.as_str()) {
            compare(self, &features, OWN_CLIENTS, rows, column);
        }
        let profile = self.caller.get(&format!("/v1/clients/{}", self.client)).await;
        let Some(offered) = profile.at("/allowed_actions").as_array().cloned() else {
            assert_ne!(profile.status, 200, "{}: a profile offers nothing at all", self.principal);
            return;
        };
        for &(action, name) in ACTIONS {
            let row = rows.iter().find(|row| row.name() == name).expect("a row");
            let allowed = row.cells[column].expected == 'A';
            // C is active and has signed in: nothing to invite it to or to reactivate.
            let fits = !matches!(action, "invite" | "reactivate");
            let offers = offered.contains(&Value::from(action));
            assert_eq!(offers, allowed && fits, "{}: {action} in allowed_actions, and {name}", self.principal);
        }
        let listed = self.caller.get("/v1/clients").await.expect(200).at("/items");
        let listed = listed.as_array().expect("items").iter().find(|item| item["id"] == self.client.as_str()).cloned();
        assert_eq!(
            listed.expect("in the list")["allowed_actions"],
            profile.at("/allowed_actions"),
            "{}",
            self.principal
        );
    }
}
