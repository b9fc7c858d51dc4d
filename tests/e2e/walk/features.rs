//! A feature that a role takes away closes every door to its data, and no other (decision 29, AZ-4).

use std::collections::BTreeSet;

use caseload::domain::role::Feature;
use caseload_local::openapi;
use end_to_end::{Answer, Persona, Practice, World};
use http::Method;
use serde_json::{Value, json};

/// What is behind a feature, an archive that holds it included, by route and, within an answer that stays open, by member.
fn behind(feature: Feature) -> (&'static [&'static str], &'static [&'static str]) {
    match feature {
        Feature::Appointments => (
            &[
                "GET /v1/appointments",
                "GET /v1/appointments/{appointment_id}",
                "DELETE /v1/calendar-feeds/{feed_id}",
                "GET /v1/calendar-feeds",
                "GET /v1/clients/{client_id}/booking-defaults",
                "GET /v1/services",
                "GET /v1/staff/{staff_id}/sessions",
                "POST /v1/appointments",
                "POST /v1/appointments/{appointment_id}/accept",
                "POST /v1/appointments/{appointment_id}/cancel",
                "POST /v1/appointments/{appointment_id}/complete",
                "POST /v1/appointments/{appointment_id}/decline",
                "POST /v1/appointments/{appointment_id}/no-show",
                "POST /v1/appointments/{appointment_id}/reopen",
                "POST /v1/appointments/{appointment_id}/reschedule",
                "POST /v1/calendar-feeds",
                "POST /v1/exports/{export_id}/download",
            ],
            &[
                "GET /v1/clients/{client_id}/stats",
                "GET /v1/staff/{staff_id}/metrics/pending_notes",
                "GET /v1/staff/{staff_id}/metrics/sessions",
            ],
        ),
        Feature::ClinicalDiagnosis => (
            &["POST /v1/exports/{export_id}/download"],
            &["GET /v1/clients/{client_id}/clinical", "GET /v1/staff/{staff_id}/metrics/risk"],
        ),
        Feature::ClinicalNotes => (
            &[
                "DELETE /v1/clinical-notes/{clinical_note_id}",
                "GET /v1/clients/{client_id}/clinical-notes",
                "GET /v1/clinical-notes/{clinical_note_id}",
                "PATCH /v1/clinical-notes/{clinical_note_id}",
                "POST /v1/clients/{client_id}/clinical-notes",
                "POST /v1/clinical-notes/{clinical_note_id}/addenda",
                "POST /v1/clinical-notes/{clinical_note_id}/approve",
                "POST /v1/clinical-notes/{clinical_note_id}/return",
                "POST /v1/clinical-notes/{clinical_note_id}/sign",
                "POST /v1/clinical-notes/{clinical_note_id}/submit",
                "POST /v1/exports/{export_id}/download",
            ],
            &[],
        ),
        Feature::Files => (
            &[
                "DELETE /v1/files/{file_id}",
                "GET /v1/clients/{client_id}/files",
                "GET /v1/files/{file_id}",
                "PATCH /v1/files/{file_id}",
                "POST /v1/clients/{client_id}/files",
                "POST /v1/clients/{client_id}/share",
                "POST /v1/files/{file_id}/complete",
                "POST /v1/files/{file_id}/download",
                "POST /v1/exports/{export_id}/download",
            ],
            &[],
        ),
        Feature::Messages => (
            &[
                "GET /v1/clients/{client_id}/messages",
                "GET /v1/inbox",
                "POST /v1/clients/{client_id}/messages",
                "POST /v1/clients/{client_id}/messages/read",
                "POST /v1/exports/{export_id}/download",
            ],
            &[],
        ),
        Feature::BillingRead => (
            &[
                "GET /v1/clients/{client_id}/invoices",
                "GET /v1/clients/{client_id}/payments",
                "GET /v1/invoices/{invoice_id}",
                "POST /v1/exports/{export_id}/download",
            ],
            &[],
        ),
        Feature::BillingManage => (
            &[
                "POST /v1/clients/{client_id}/invoices",
                "POST /v1/invoices/{invoice_id}/issue",
                "POST /v1/invoices/{invoice_id}/void",
            ],
            &[],
        ),
        Feature::ClientsEdit => (
            &[
                "DELETE /v1/packets/{packet_id}",
                "GET /v1/clients/{client_id}/packets",
                "GET /v1/forms",
                "GET /v1/forms/{form_id}",
                "GET /v1/packets",
                "GET /v1/packets/{packet_id}",
                "PATCH /v1/clients/{client_id}",
                "POST /v1/clients",
                "POST /v1/clients/{client_id}/deactivate",
                "POST /v1/clients/{client_id}/packets",
                "POST /v1/clients/{client_id}/reactivate",
                "POST /v1/exports/{export_id}/download",
                "POST /v1/packets/{packet_id}/fill",
                "POST /v1/imports",
                "POST /v1/imports/{import_id}/commit",
                "POST /v1/imports/{import_id}/dry-run",
            ],
            &[],
        ),
        Feature::ClientsDelete => (&["DELETE /v1/clients/{client_id}"], &[]),
        Feature::ClientsExport => {
            (&["POST /v1/clients/{client_id}/export", "POST /v1/exports/{export_id}/download"], &[])
        }
        Feature::ClientsImport => (
            &[
                "GET /v1/imports",
                "GET /v1/imports/{import_id}",
                "GET /v1/imports/{import_id}/errors.csv",
                "GET /v1/imports/{import_id}/rows",
                "POST /v1/imports",
                "POST /v1/imports/{import_id}/cancel",
                "POST /v1/imports/{import_id}/commit",
                "POST /v1/imports/{import_id}/dry-run",
                "PUT /v1/imports/{import_id}/mapping",
            ],
            &[],
        ),
        Feature::PortalManage => (
            &[
                "PATCH /v1/clients/{client_id}/notifications",
                "PATCH /v1/clients/{client_id}/portal",
                "POST /v1/clients/{client_id}/portal/email-change",
                "POST /v1/clients/{client_id}/portal/disable",
                "POST /v1/clients/{client_id}/portal/invitation",
                "POST /v1/clients/{client_id}/portal/send-link",
                "POST /v1/clients/{client_id}/share",
            ],
            &[],
        ),
        Feature::SettingsManage => (
            &[
                "DELETE /v1/forms/{form_id}",
                "DELETE /v1/services/{service_id}",
                "PATCH /v1/services/{service_id}",
                "POST /v1/services",
                "PATCH /v1/practice",
                "POST /v1/forms",
                "POST /v1/packets",
                "PUT /v1/forms/{form_id}",
            ],
            &[],
        ),
        Feature::TagsManage => (&["DELETE /v1/tags/{tag_id}", "PATCH /v1/tags/{tag_id}", "POST /v1/tags"], &[]),
        Feature::Notes => (
            &[
                "DELETE /v1/notes/{note_id}",
                "DELETE /v1/notes/{note_id}/comments/{comment_id}",
                "GET /v1/clients/{client_id}/notes",
                "GET /v1/notes/{note_id}",
                "GET /v1/notes/{note_id}/comments",
                "GET /v1/notes/{note_id}/versions",
                "PATCH /v1/notes/{note_id}",
                "PATCH /v1/notes/{note_id}/comments/{comment_id}",
                "POST /v1/clients/{client_id}/notes",
                "POST /v1/exports/{export_id}/download",
                "POST /v1/notes/{note_id}/comments",
                "POST /v1/notes/{note_id}/restore",
            ],
            &[],
        ),
        Feature::Tasks => (
            &[
                "DELETE /v1/task-templates/{task_template_id}",
                "DELETE /v1/tasks/{task_id}",
                "GET /v1/clients/{client_id}/tasks",
                "GET /v1/task-templates",
                "GET /v1/tasks/{task_id}",
                "PATCH /v1/task-templates/{task_template_id}",
                "PATCH /v1/tasks/{task_id}",
                "POST /v1/clients/{client_id}/tasks",
                "POST /v1/exports/{export_id}/download",
                "POST /v1/task-templates",
                "POST /v1/tasks/assign",
                "POST /v1/tasks/{task_id}/state",
            ],
            &[],
        ),
        // No routes of theirs yet: one that comes belongs here.
        Feature::SuperviseMessages | Feature::BillingRefund => (&[], &[]),
    }
}

/// Routes that end what asks.
const ENDS: &[&str] = &[
    "DELETE /v1/auth/sessions/all",
    "DELETE /v1/auth/sessions/{session_id}",
    "DELETE /v1/auth/totp",
    "POST /v1/auth/totp",
    "POST /v1/auth/totp/confirm",
    "POST /v1/me/leave",
];

/// Things of a therapist's own to ask about.
struct Things(Vec<(&'static str, String)>);

impl Things {
    async fn make(world: &World, practice: &Practice, theo: &Persona) -> Self {
        let client = theo.adds_client("Maya").await;
        let appointment = theo.books(&client, theo, (-60, -10)).await;
        let invoice = theo.drafts_invoice(&client, 15_000).await;
        let file = theo.uploads_file(&client, json!({})).await;
        let note = theo.writes_note(&client, json!({})).await;
        let clinical = theo.drafts_clinical_note(&client, json!({})).await.replace("/v1/clinical-notes/", "");
        let comment = theo.post(&format!("/v1/notes/{note}/comments"), json!({"body": "Yes."})).await;
        let task = theo.sets_task(&client, json!({})).await;
        let template = json!({"name": "Breathing", "title": "Breathe"});
        let template = theo.post("/v1/task-templates", template).await.expect(201).text("/id");
        let form = theo.writes_form(json!({})).await;
        let packet = theo.makes_packet(std::slice::from_ref(&form)).await;
        let sent = theo.sends_packet(&client, &packet, json!({})).await.expect(201).text("/id");
        let import = theo.uploads_import("First Name,Last Name\nIda,Nord\n", json!({})).await;
        world.cloud.settled().await;
        let export = theo.do_post(&format!("/v1/clients/{client}/export")).await.expect(202).text("/id");
        world.cloud.settled().await;
        let tag = practice.owner.post("/v1/tags", json!({"name": "anxiety"})).await.expect(201).text("/id");
        let import = import.trim_start_matches("/v1/imports/").to_owned();
        Self(vec![
            ("client_id", client),
            ("appointment_id", appointment),
            ("invoice_id", invoice),
            ("file_id", file),
            ("note_id", note),
            ("clinical_note_id", clinical),
            ("comment_id", comment.expect(201).text("/id")),
            ("task_id", task),
            ("task_template_id", template),
            ("service_id", theo.makes_service(json!({})).await),
            ("feed_id", theo.makes_feed("busy").await.text("/id")),
            ("form_id", form),
            ("packet_id", sent),
            ("library_packet_id", packet),
            ("import_id", import),
            ("export_id", export),
            ("tag_id", tag),
            ("staff_id", theo.id.clone()),
            ("role_id", practice.role("Therapist").await),
            ("session_id", "current".to_owned()),
        ])
    }

    fn path(&self, template: &str) -> String {
        self.0.iter().fold(template.to_owned(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id))
    }

    fn id(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| *known == name).map_or("", |(_, id)| id)
    }

    /// A body that is in order, where the decision comes after it.
    fn body(&self, route: &str) -> Value {
        let client = self.id("client_id");
        match route {
            "POST /v1/clients" => json!({"first_name": "New", "last_name": "Client", "force": true}),
            "POST /v1/clients/search" => json!({"q": "lind"}),
            "POST /v1/appointments" => {
                json!({"client_id": client, "start": "2031-01-01T10:00:00Z", "end": "2031-01-01T11:00:00Z"})
            }
            "POST /v1/appointments/{appointment_id}/reschedule" => json!({"start": "2031-01-02T10:00:00Z"}),
            "POST /v1/clients/{client_id}/files" => {
                json!({"name": "a.pdf", "size": 24, "content_type": "application/pdf"})
            }
            "POST /v1/clients/{client_id}/clinical-notes"
            | "POST /v1/clinical-notes/{clinical_note_id}/addenda"
            | "PATCH /v1/notes/{note_id}/comments/{comment_id}"
            | "POST /v1/clients/{client_id}/notes"
            | "POST /v1/notes/{note_id}/comments" => json!({"body": "Well."}),
            "POST /v1/clinical-notes/{clinical_note_id}/return"
            | "POST /v1/clinical-notes/{clinical_note_id}/break-glass"
            | "POST /v1/files/{file_id}/break-glass"
            | "POST /v1/notes/{note_id}/break-glass" => {
                json!({"reason": "A complaint."})
            }
            "POST /v1/clients/{client_id}/share" => json!({"file_ids": [self.id("file_id")]}),
            "POST /v1/clients/{client_id}/invoices" => json!({"lines": []}),
            "POST /v1/clients/{client_id}/tasks" => json!({"title": "Breathe"}),
            "POST /v1/tasks/assign" => json!({"client_ids": [client], "task": {"title": "Breathe"}}),
            "POST /v1/tasks/{task_id}/state" => json!({"state": "open"}),
            "POST /v1/services" => json!({"name": "Session", "minutes": 50, "bookable_online": true}),
            "PUT /v1/staff/{staff_id}/availability" => json!({"time_zone": "UTC", "weekly": []}),
            "POST /v1/task-templates" => json!({"name": "Breathing", "title": "Breathe"}),
            "POST /v1/clients/{client_id}/packets" => json!({"packet_id": self.id("library_packet_id")}),
            "POST /v1/forms" | "PUT /v1/forms/{form_id}" => {
                json!({"title": "Consent", "kind": "consent", "text": "I agree."})
            }
            "POST /v1/packets" => json!({"name": "Intake", "form_ids": [self.id("form_id")]}),
            "POST /v1/packets/{packet_id}/fill" => json!({"preview": true}),
            "POST /v1/imports" => json!({"file_name": "a.csv", "size": 10}),
            "POST /v1/tags" => json!({"name": "other"}),
            "POST /v1/calendar-feeds" => json!({"show": "busy"}),
            "POST /v1/clients/{client_id}/messages" => json!({"body": "How was it?"}),
            "POST /v1/clients/{client_id}/messages/read" => {
                json!({"up_to": format!("msg_{}{}", client.trim_start_matches("cli_"), "0".repeat(26))})
            }
            "POST /v1/clients/{client_id}/portal/send-link" => json!({"by": ["mail"]}),
            "PATCH /v1/clients/{client_id}" => json!({"pronouns": "they"}),
            "POST /v1/clients/{client_id}/portal/email-change" => json!({"decision": "keep"}),
            "PUT /v1/imports/{import_id}/mapping" => json!({"columns": []}),
            _ => json!({}),
        }
    }
}

/// Every route that staff may ask, but for those that end what asks.
fn routes() -> Vec<String> {
    let document = serde_json::to_value(openapi::document()).expect("a document");
    let for_staff = |said: &Value| {
        let needed = said["security"].as_array();
        needed.is_some_and(|needed| needed.contains(&json!({(caseload::web::STAFF): []})))
    };
    let mut names = Vec::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        let methods = methods.as_object().expect("methods").iter().filter(|(_, said)| for_staff(said));
        names.extend(methods.map(|(method, _)| format!("{} {path}", method.to_uppercase())));
    }
    names.retain(|name| !ENDS.contains(&name.as_str()));
    names
}

async fn ask(who: &Persona, things: &Things, route: &str) -> Answer {
    let (method, template) = route.split_once(' ').expect("a route");
    // No version: whoever may ask is told so, and nothing changes under the ones that are asked next.
    let request = who.request(method.parse::<Method>().expect("a method"), &things.path(template));
    match method {
        "GET" | "DELETE" => request.send().await,
        _ => request.json(&things.body(route)).send().await,
    }
}

/// Whether the role, and nothing else, stands in the way.
fn is_closed(answer: &Answer, feature: Feature) -> bool {
    answer.status == 403 && answer.code() == "role" && answer.text("/feature") == feature.name()
}

// decision 29, AZ-4: a route that comes later is asked, too
#[tokio::test]
async fn a_feature_that_is_taken_away_closes_every_door_to_its_data_and_no_other() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let every =
        |on: &str| Feature::ALL.iter().map(|f| (f.name().to_owned(), json!(on))).collect::<serde_json::Map<_, _>>();
    let role = practice.owner.post("/v1/roles", json!({"name": "All", "features": every("on")})).await.expect(201);
    let path = format!("/v1/roles/{}", role.text("/id"));
    let theo = practice.hires("Theo", "All").await;
    let things = Things::make(&world, &practice, &theo).await;
    let routes = routes();
    assert!(routes.len() > 60, "{routes:?}");
    let members = |answer: &Answer, route: &str| -> BTreeSet<String> {
        let body = answer.json();
        body.as_object().into_iter().flatten().map(|(name, _)| format!("{route}/{name}")).collect()
    };
    let reads: Vec<&String> = routes.iter().filter(|route| route.starts_with("GET ")).collect();
    let mut whole = BTreeSet::new();
    for route in &reads {
        whole.extend(members(&ask(&theo, &things, route).await, route));
    }
    for feature in Feature::ALL {
        practice.owner.patch(&path, json!({"features": {(feature.name()): "off"}})).await.expect(200);
        let (doors, parts) = behind(*feature);
        let mut closed = BTreeSet::new();
        let mut shown = BTreeSet::new();
        for route in &routes {
            let answer = ask(&theo, &things, route).await;
            if is_closed(&answer, *feature) {
                closed.insert(route.as_str());
            } else if route.starts_with("GET ") {
                shown.extend(members(&answer, route));
            }
        }
        assert_eq!(closed, doors.iter().copied().collect(), "{feature:?}");
        let gone: BTreeSet<&str> = whole.difference(&shown).map(String::as_str).collect();
        let of_doors = |member: &&&str| doors.iter().any(|door| member.starts_with(&format!("{door}/")));
        let gone: BTreeSet<&str> = gone.iter().filter(|member| !of_doors(member)).copied().collect();
        assert_eq!(gone, parts.iter().copied().collect(), "{feature:?}");
        practice.owner.patch(&path, json!({"features": {(feature.name()): "on"}})).await.expect(200);
    }
}
