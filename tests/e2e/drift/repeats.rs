//! What may be asked for again under the same key: every route that says so tells its first answer again, and no other.

use std::collections::BTreeSet;

use caseload::domain::role::Feature;
use end_to_end::{Answer, PDF, Persona, Practice, World};
use http::Method;
use serde_json::{Value, json};

use super::routes::documented;

/// Theo, whose role leaves nothing out, with a client that has one of everything.
struct Stage {
    world: World,
    practice: Practice,
    theo: Persona,
    maya: String,
    portal: Persona,
    asks: Vec<Ask>,
}

/// An operation, who asks, for what, with what.
type Ask = (&'static str, Persona, String, Option<Value>);

impl Stage {
    async fn set() -> Self {
        let world = World::start().await;
        let practice = world.practice("repeats").await;
        practice.owner.patch("/v1/practice", json!({"payments": {"online": true}})).await.expect(200);
        let all = Feature::ALL.iter().map(|feature| (feature.name().to_owned(), json!("on")));
        practice.sets_features(all.collect::<serde_json::Map<_, _>>().into()).await;
        let theo = practice.hires("Theo", "Therapist").await;
        let invited = theo.adds_and_invites("Maya", "maya@mail.example").await;
        let maya = invited.text("/id");
        let portal = world.accept("maya@mail.example").await;
        let mut stage = Self { world, practice, theo, maya, portal, asks: Vec::new() };
        stage.asks_about_clients().await;
        stage.asks_about_what_they_have().await;
        stage.asks_about_imports().await;
        stage.asks_about_the_team().await;
        let practice = json!({"name": "Harbor", "slug": "harbor", "time_zone": "UTC", "currency": "EUR",
            "owner": {"full_name": "Dana Owner", "email": "dana@harbor.example"}});
        let nobody = stage.world.anonymous.clone();
        stage.asks.push(("POST /v1/practices", nobody, "/v1/practices".to_owned(), Some(practice)));
        stage
    }

    fn ask(&mut self, name: &'static str, path: impl Into<String>, body: impl Into<Option<Value>>) {
        self.asks.push((name, self.theo.clone(), path.into(), body.into()));
    }

    async fn asks_about_clients(&mut self) {
        let theo = self.theo.clone();
        let (ola, ivy) = (theo.adds_client("Ola").await, theo.adds_client("Ivy").await);
        let ana = theo.adds_and_invites("Ana", "ana@mail.example").await.text("/id");
        let jon = theo.adds_client_with("Jon", json!({"email": "jon@mail.example"})).await.text("/id");
        theo.do_post(&format!("/v1/clients/{ivy}/deactivate")).await.expect(200);
        let client = json!({"first_name": "New", "last_name": "Client", "force": true});
        self.ask("POST /v1/clients", "/v1/clients", client);
        let bulk = json!({"action": "reassign", "client_ids": [ola], "staff_id": theo.id});
        self.asks.push((
            "POST /v1/clients/bulk",
            self.practice.owner.clone(),
            "/v1/clients/bulk".to_owned(),
            Some(bulk),
        ));
        self.ask("POST /v1/clients/search", "/v1/clients/search", json!({"q": "maya"}));
        self.ask("POST /v1/clients/{client_id}/deactivate", format!("/v1/clients/{ola}/deactivate"), None);
        self.ask("POST /v1/clients/{client_id}/reactivate", format!("/v1/clients/{ivy}/reactivate"), None);
        let gives = json!({"staff_id": theo.id});
        let reassign = format!("/v1/clients/{}/reassign", self.maya);
        self.asks.push(("POST /v1/clients/{client_id}/reassign", self.practice.owner.clone(), reassign, Some(gives)));
        self.ask("POST /v1/clients/{client_id}/portal/disable", format!("/v1/clients/{ana}/portal/disable"), None);
        let invitation = format!("/v1/clients/{jon}/portal/invitation");
        self.ask("POST /v1/clients/{client_id}/portal/invitation", invitation, json!({"consent": true}));
        let change = format!("/v1/clients/{ana}/portal/email-change");
        self.ask("POST /v1/clients/{client_id}/portal/email-change", change, json!({"decision": "keep"}));
        let link = format!("/v1/clients/{}/portal/send-link", self.maya);
        self.ask("POST /v1/clients/{client_id}/portal/send-link", link, json!({"by": ["mail", "message"]}));
        let messages = format!("/v1/clients/{}/messages", self.maya);
        self.ask("POST /v1/clients/{client_id}/messages", messages.clone(), json!({"body": "How was it?"}));
        let written = self.portal.writes(&self.maya, "Well").await.expect(201).text("/id");
        let read = json!({"up_to": written});
        self.ask("POST /v1/clients/{client_id}/messages/read", format!("{messages}/read"), read);
        self.ask("POST /v1/clients/{client_id}/export", format!("/v1/clients/{}/export", self.maya), None);
        let export = theo.do_post(&format!("/v1/clients/{}/export", self.maya)).await.expect(202).text("/id");
        self.world.cloud.settled().await;
        self.ask("POST /v1/exports/{export_id}/download", format!("/v1/exports/{export}/download"), None);
    }

    async fn asks_about_what_they_have(&mut self) {
        let (theo, maya) = (self.theo.clone(), self.maya.clone());
        let book = json!({"client_id": maya, "staff_id": theo.id,
            "start": self.world.in_minutes(600), "end": self.world.in_minutes(650)});
        self.ask("POST /v1/appointments", "/v1/appointments", book);
        for (name, how, minutes) in [
            ("POST /v1/appointments/{appointment_id}/cancel", "cancel", (60, 110)),
            ("POST /v1/appointments/{appointment_id}/complete", "complete", (-60, -10)),
            ("POST /v1/appointments/{appointment_id}/no-show", "no-show", (-160, -110)),
        ] {
            let appointment = theo.books(&maya, &theo, minutes).await;
            self.ask(name, format!("/v1/appointments/{appointment}/{how}"), None);
        }
        let undone = theo.books(&maya, &theo, (-260, -210)).await;
        theo.settles(&undone, "complete").await.expect(200);
        let path = format!("/v1/appointments/{undone}/reopen");
        self.ask("POST /v1/appointments/{appointment_id}/reopen", path, None);
        let move_to = json!({"start": self.world.in_minutes(900)});
        let appointment = theo.books(&maya, &theo, (800, 850)).await;
        self.ask(
            "POST /v1/appointments/{appointment_id}/reschedule",
            format!("/v1/appointments/{appointment}/reschedule"),
            move_to,
        );
        for (name, how, day) in [
            ("POST /v1/appointments/{appointment_id}/accept", "accept", 3),
            ("POST /v1/appointments/{appointment_id}/decline", "decline", 4),
            ("POST /v1/appointments/{appointment_id}/withdraw", "withdraw", 5),
        ] {
            let wish = self.portal.asks_for(None, (day * 1440, day * 1440 + 50)).await.expect(201).text("/id");
            let by = if how == "withdraw" { self.portal.clone() } else { theo.clone() };
            self.asks.push((name, by, format!("/v1/appointments/{wish}/{how}"), None));
        }
        self.ask("POST /v1/calendar-feeds", "/v1/calendar-feeds", json!({"show": "busy"}));
        let upload = json!({"name": "b.pdf", "size": PDF.len(), "content_type": "application/pdf"});
        self.ask("POST /v1/clients/{client_id}/files", format!("/v1/clients/{maya}/files"), upload);
        let begun = theo.begins_upload(&maya, json!({})).await;
        theo.upload(&begun.at("/upload"), PDF.to_vec()).await.expect(200);
        self.ask("POST /v1/files/{file_id}/complete", format!("/v1/files/{}/complete", begun.text("/id")), None);
        let file = theo.uploads_file(&maya, json!({})).await;
        let share = format!("/v1/clients/{maya}/share");
        self.ask("POST /v1/clients/{client_id}/share", share, json!({"file_ids": [file]}));
        self.ask("POST /v1/files/{file_id}/download", format!("/v1/files/{file}/download"), None);
        self.ask("POST /v1/clients/{client_id}/notes", format!("/v1/clients/{maya}/notes"), json!({"body": "Well."}));
        let note = format!("/v1/notes/{}", theo.writes_note(&maya, json!({})).await);
        self.ask("POST /v1/notes/{note_id}/comments", format!("{note}/comments"), json!({"body": "Yes."}));
        let gone = format!("/v1/notes/{}", theo.writes_note(&maya, json!({})).await);
        theo.delete(&gone).await.expect(204);
        self.ask("POST /v1/notes/{note_id}/restore", format!("{gone}/restore"), None);
        let glass = Some(json!({"reason": "A complaint."}));
        let path = format!("/v1/files/{file}/break-glass");
        self.asks.push(("POST /v1/files/{file_id}/break-glass", self.practice.owner.clone(), path, glass.clone()));
        let opened =
            ("POST /v1/notes/{note_id}/break-glass", self.practice.owner.clone(), format!("{note}/break-glass"));
        self.asks.push((opened.0, opened.1, opened.2, glass));
        self.asks_about_clinical_notes().await;
        self.ask(
            "POST /v1/clients/{client_id}/tasks",
            format!("/v1/clients/{maya}/tasks"),
            json!({"title": "Breathe"}),
        );
        let many = json!({"client_ids": [maya], "task": {"title": "Breathe"}});
        self.ask("POST /v1/tasks/assign", "/v1/tasks/assign", many);
        let task = theo.sets_task(&maya, json!({})).await;
        self.ask("POST /v1/tasks/{task_id}/state", format!("/v1/tasks/{task}/state"), json!({"state": "done"}));
        let template = json!({"name": "Breathing", "title": "Breathe"});
        self.ask("POST /v1/task-templates", "/v1/task-templates", template);
        let service = json!({"name": "Session", "minutes": 50, "bookable_online": true});
        self.ask("POST /v1/services", "/v1/services", service);
        self.asks_about_paperwork().await;
        let price = json!({"amount": 15000, "currency": "USD"});
        let lines = json!({"lines": [{"description": "Session", "quantity": 1, "unit_price": price}]});
        self.ask("POST /v1/clients/{client_id}/invoices", format!("/v1/clients/{maya}/invoices"), lines);
        let draft = theo.drafts_invoice(&maya, 100).await;
        self.ask("POST /v1/invoices/{invoice_id}/issue", format!("/v1/invoices/{draft}/issue"), None);
        let issued = theo.issues_invoice(&maya, 200).await;
        self.ask("POST /v1/invoices/{invoice_id}/void", format!("/v1/invoices/{issued}/void"), None);
        let due = theo.issues_invoice(&maya, 300).await;
        let checkout = format!("/v1/clients/{maya}/checkout");
        let body = Some(json!({"invoice_ids": [due]}));
        self.asks.push(("POST /v1/clients/{client_id}/checkout", self.portal.clone(), checkout, body));
    }

    async fn asks_about_paperwork(&mut self) {
        let (theo, maya) = (self.theo.clone(), self.maya.clone());
        let consent = json!({"title": "Consent", "kind": "consent", "text": "I agree."});
        self.ask("POST /v1/forms", "/v1/forms", consent);
        let form = theo.writes_consent().await;
        self.ask("POST /v1/packets", "/v1/packets", json!({"name": "Intake", "form_ids": [form]}));
        let packet = theo.makes_packet(&[form]).await;
        let sent = format!("/v1/clients/{maya}/packets");
        self.ask("POST /v1/clients/{client_id}/packets", sent, json!({"packet_id": packet}));
        let sent = theo.sends_packet(&maya, &packet, json!({})).await.expect(201).text("/id");
        let path = format!("/v1/packets/{sent}");
        let name = json!({"typed_name": "Maya Lindqvist"});
        for (name, how, body) in [
            ("POST /v1/packets/{packet_id}/sign", "sign", Some(name)),
            ("POST /v1/packets/{packet_id}/submit", "submit", None),
        ] {
            self.asks.push((name, self.portal.clone(), format!("{path}/{how}"), body));
        }
        self.ask("POST /v1/packets/{packet_id}/fill", format!("{path}/fill"), json!({"preview": true}));
    }

    async fn asks_about_clinical_notes(&mut self) {
        let (theo, maya) = (self.theo.clone(), self.maya.clone());
        let sara = self.practice.hires("Sara", "Supervisor").await;
        self.practice.has_supervised(&theo, &[&sara]).await;
        let begin = format!("/v1/clients/{maya}/clinical-notes");
        self.ask("POST /v1/clients/{client_id}/clinical-notes", begin, json!({"body": "S: …"}));
        for (name, before, how, body) in [
            ("POST /v1/clinical-notes/{clinical_note_id}/sign", None, "sign", None),
            ("POST /v1/clinical-notes/{clinical_note_id}/submit", None, "submit", None),
            ("POST /v1/clinical-notes/{clinical_note_id}/approve", Some("submit"), "approve", None),
            (
                "POST /v1/clinical-notes/{clinical_note_id}/return",
                Some("submit"),
                "return",
                Some(json!({"reason": "What was agreed?"})),
            ),
            (
                "POST /v1/clinical-notes/{clinical_note_id}/addenda",
                Some("sign"),
                "addenda",
                Some(json!({"body": "And."})),
            ),
            (
                "POST /v1/clinical-notes/{clinical_note_id}/break-glass",
                None,
                "break-glass",
                Some(json!({"reason": "A complaint."})),
            ),
        ] {
            let note = theo.drafts_clinical_note(&maya, json!({})).await;
            if let Some(before) = before {
                theo.do_post(&format!("{note}/{before}")).await.expect(200);
            }
            let by = match how {
                "approve" | "return" => sara.clone(),
                "break-glass" => self.practice.owner.clone(),
                _ => theo.clone(),
            };
            self.asks.push((name, by, format!("{note}/{how}"), body));
        }
    }

    async fn asks_about_imports(&mut self) {
        let begin = json!({"file_name": "clients.csv", "size": 20});
        self.ask("POST /v1/imports", "/v1/imports", begin);
        for (name, how) in [
            ("POST /v1/imports/{import_id}/cancel", "cancel"),
            ("POST /v1/imports/{import_id}/commit", "commit"),
            ("POST /v1/imports/{import_id}/dry-run", "dry-run"),
        ] {
            let csv = format!("First Name,Last Name\nPerson,{how}\n");
            let import = self.theo.uploads_import(csv, json!({})).await;
            self.world.cloud.settled().await;
            self.ask(name, format!("{import}/{how}"), None);
        }
    }

    async fn asks_about_the_team(&mut self) {
        self.ask("POST /v1/tags", "/v1/tags", json!({"name": "second"}));
        let owner = self.practice.owner.clone();
        let role = self.practice.role("Therapist").await;
        let (_, invited) = self.practice.invites_staff("Vera", "Therapist", false).await;
        let hire = json!({"full_name": "Una Berg", "email": "una@repeats.example", "role_id": role});
        let invitation = format!("/v1/staff/{}/invitation", invited.text("/id"));
        self.asks.push(("POST /v1/staff", owner.clone(), "/v1/staff".to_owned(), Some(hire)));
        self.asks.push(("POST /v1/staff/{staff_id}/invitation", owner.clone(), invitation, None));
        self.asks.push(("POST /v1/roles", owner, "/v1/roles".to_owned(), Some(json!({"name": "Another"}))));
    }
}

/// Sends it under a key, always the same.
async fn send((_, who, path, body): &Ask) -> Answer {
    let request = who.request(Method::POST, path).header("idempotency-key", "once");
    match body {
        Some(body) => request.json(body).send().await,
        None => request.send().await,
    }
}

// REL-1, API-1, decision 26
#[tokio::test]
async fn a_route_that_takes_a_key_tells_its_first_answer_again_and_no_other_does() {
    let stage = Stage::set().await;
    let mut kept: BTreeSet<String> = BTreeSet::new();
    let mut all: BTreeSet<String> = BTreeSet::new();
    for ask in &stage.asks {
        let first = send(ask).await;
        assert!(first.status.is_success(), "{}: {}", ask.0, first.json());
        let again = send(ask).await;
        if again.header("idempotent-replay") == "true" {
            assert_eq!((again.status, again.json()), (first.status, first.json()), "{}", ask.0);
            kept.insert(ask.0.to_owned());
        }
        all.insert(ask.0.to_owned());
    }
    let posts = || documented().into_iter().filter(|operation| operation.method == Method::POST);
    let unasked: Vec<_> = posts().map(|one| one.name()).filter(|name| !all.contains(name)).collect();
    let declared: BTreeSet<_> =
        posts().filter(|one| one.takes_header("idempotency-key")).map(|one| one.name()).collect();
    assert_eq!(kept, declared);
    // Each of them answers anew, and is asked by other tests.
    assert!(unasked.iter().all(|name| !declared.contains(name)), "{unasked:?}");

    // What was told once is not told again to whom something was given or taken since.
    stage.practice.sets_features(json!({"billing.refund": "off"})).await;
    let portal = format!("/v1/clients/{}/portal", stage.maya);
    stage.theo.patch(&portal, json!({"permissions": {"secure_messaging": false}})).await.expect(200);
    let withheld = stage
        .asks
        .iter()
        .filter(|ask| ask.1.id != stage.practice.owner.id && !ask.1.id.is_empty() && declared.contains(ask.0));
    for ask in withheld {
        let again = send(ask).await;
        assert_eq!((again.status.as_u16(), again.code()), (409, "answer_withheld".to_owned()), "{}", ask.0);
    }
}
