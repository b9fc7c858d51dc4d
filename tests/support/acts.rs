//! What people of a practice do, as tests say it: `theo.adds_client("Maya")`, `owner.books(&maya, &theo, (60, 110))`.

use http::Method;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{Answer, Persona};

/// A file that is one by its first bytes.
pub const PDF: &[u8] = b"%PDF-1.7\nxxxxxxxxxxxxxxx";

/// An object with more members; those of `more` win.
fn with(mut body: Value, more: Value) -> Value {
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    body
}

/// Asks again for as long as the answer is that everybody was faster, as a browser does that is told to come back.
pub async fn patiently<F: Future<Output = Answer>>(mut ask: impl FnMut() -> F) -> Answer {
    loop {
        let answer = ask().await;
        if answer.status.as_u16() != 503 || answer.code() != "unavailable" {
            return answer;
        }
    }
}

impl Persona {
    /// The mails to an address, newest first, as `/dev/mail` shows them.
    pub async fn mails(&self, to: &str) -> Vec<Value> {
        let answer = self.get(&format!("/dev/mail?to={to}")).await.expect(200);
        answer.at("/items").as_array().cloned().unwrap_or_default()
    }

    /// The token in the newest mail to an address: on a line of its own in the text part.
    pub async fn mailed_token(&self, to: &str) -> String {
        let mail = self.mails(to).await.into_iter().next().unwrap_or(Value::Null);
        let text = mail["text"].as_str().unwrap_or_default();
        let line = text.lines().find(|line| line.contains("#token=")).unwrap_or_default();
        line.rsplit_once("#token=").map(|(_, token)| token.trim().to_owned()).unwrap_or_default()
    }

    /// Accepts the newest invitation mailed to an address, as whoever reads that.
    pub async fn accepts(&self, email: &str) -> Self {
        let token = self.mailed_token(email).await;
        let session = self.signed_out().post("/v1/invitations/accept", json!({"token": token})).await.expect(201);
        self.with_session(&session)
    }

    /// Adds a client: its id. Without a last name it is one of the Lindqvists. A therapist's is a direct client, an
    /// admin's the practice's.
    pub async fn adds_client(&self, name: &str) -> String {
        self.adds_client_with(name, json!({})).await.text("/id")
    }

    /// The same with more said of the client: the answer.
    pub async fn adds_client_with(&self, name: &str, more: Value) -> Answer {
        let (first, last) = name.rsplit_once(' ').unwrap_or((name, "Lindqvist"));
        let body = with(json!({"first_name": first, "last_name": last}), more);
        self.post("/v1/clients", body).await.expect(201)
    }

    /// Adds a client and invites it to the portal at this address: the answer.
    pub async fn adds_and_invites(&self, name: &str, email: &str) -> Answer {
        self.adds_client_with(name, json!({"email": email, "invite": {"consent": true}})).await
    }

    /// Invites a client to the portal, at the address that is known or at this one.
    pub async fn invites(&self, client: &str, email: Option<&str>) -> Answer {
        let mut body = json!({"consent": true});
        if let Some(email) = email {
            body["email"] = json!(email);
        }
        self.post(&format!("/v1/clients/{client}/portal/invitation"), body).await
    }

    /// Gives a client to somebody, or to nobody. What that is answered is the caller's to look at.
    pub async fn gives(&self, client: &str, to: Option<&Persona>, more: Value) -> Answer {
        let body = with(json!({"staff_id": to.map(|to| &to.id)}), more);
        self.post(&format!("/v1/clients/{client}/reassign"), body).await
    }

    /// Books a session with a staff member, from one minute to another, both counted from now: its id.
    pub async fn books(&self, client: &str, with: &Persona, minutes: (i64, i64)) -> String {
        self.tries_to_book(client, with, minutes).await.expect(201).text("/id")
    }

    /// Asks for a session as a client, between two minutes from now.
    pub async fn asks_for(&self, with: Option<&Persona>, minutes: (i64, i64)) -> Answer {
        let at = |minutes| self.clock.now() + SignedDuration::from_mins(minutes);
        let mut body = json!({"start": at(minutes.0), "end": at(minutes.1)});
        if let Some(with) = with {
            body["staff_id"] = json!(with.id);
        }
        self.post("/v1/appointments", body).await
    }

    /// Moves a session, or asks for that, to so many minutes from now.
    pub async fn moves(&self, session: &str, minutes: i64) -> Answer {
        let start = self.clock.now() + SignedDuration::from_mins(minutes);
        self.post(&format!("/v1/appointments/{session}/reschedule"), json!({"start": start})).await
    }

    /// The same where the answer matters, which may be a refusal.
    pub async fn tries_to_book(&self, client: &str, with: &Persona, minutes: (i64, i64)) -> Answer {
        let at = |minutes| self.clock.now() + SignedDuration::from_mins(minutes);
        self.tries_to_book_at(client, with, (at(minutes.0), at(minutes.1))).await
    }

    /// The same between two instants.
    pub async fn tries_to_book_at(
        &self,
        client: &str,
        with: &Persona,
        (start, end): (jiff::Timestamp, jiff::Timestamp),
    ) -> Answer {
        let body = json!({"client_id": client, "staff_id": with.id, "start": start, "end": end});
        self.post("/v1/appointments", body).await
    }

    /// Makes a calendar feed of its own.
    pub async fn makes_feed(&self, show: &str) -> Answer {
        self.post("/v1/calendar-feeds", json!({"show": show})).await.expect(201)
    }

    /// Adds a service of 50 minutes that clients can book, with more said of it: its id.
    pub async fn makes_service(&self, more: Value) -> String {
        let body = with(json!({"name": "Session", "minutes": 50, "bookable_online": true}), more);
        self.post("/v1/services", body).await.expect(201).text("/id")
    }

    /// Settles a session: `complete`, `no-show` or `cancel`.
    pub async fn settles(&self, session: &str, how: &str) -> Answer {
        self.do_post(&format!("/v1/appointments/{session}/{how}")).await
    }

    /// The same caller some time later, with a session that goes on.
    pub async fn later(&self) -> Self {
        let body = json!({"refresh_token": self.refresh_token});
        self.with_session(&self.signed_out().post("/v1/auth/refresh", body).await.expect(201))
    }

    /// Writes in a client's thread. What that is answered is the caller's to look at.
    pub async fn writes(&self, client: &str, text: &str) -> Answer {
        self.post(&format!("/v1/clients/{client}/messages"), json!({"body": text})).await
    }

    /// Says how far it has read in a client's thread, likewise.
    pub async fn has_read(&self, client: &str, message: &str) -> Answer {
        self.post(&format!("/v1/clients/{client}/messages/read"), json!({"up_to": message})).await
    }

    /// Drafts an invoice over one session at this price in cents: its id.
    pub async fn drafts_invoice(&self, client: &str, cents: i64) -> String {
        let price = json!({"amount": cents, "currency": "USD"});
        let lines = json!([{"description": "Session", "quantity": 1, "unit_price": price}]);
        let drafted = self.post(&format!("/v1/clients/{client}/invoices"), json!({"lines": lines})).await;
        drafted.expect(201).text("/id")
    }

    /// Drafts an invoice and issues it: its id.
    pub async fn issues_invoice(&self, client: &str, cents: i64) -> String {
        let invoice = self.drafts_invoice(client, cents).await;
        self.do_post(&format!("/v1/invoices/{invoice}/issue")).await.expect(200);
        invoice
    }

    /// Pays an invoice online, as the client: opens the provider's page and presses its button.
    pub async fn pays(&self, client: &str, invoice: &str) {
        let checkout = format!("/v1/clients/{client}/checkout");
        let started = self.post(&checkout, json!({"invoice_ids": [invoice]})).await.expect(201);
        self.elsewhere().request(Method::POST, &started.text("/checkout_url")).send().await.expect(200);
    }

    /// Sets a task for a client: its id.
    pub async fn sets_task(&self, client: &str, more: Value) -> String {
        self.tries_to_set_task(client, more).await.expect(201).text("/id")
    }

    /// The same where the answer matters, which may be a refusal.
    pub async fn tries_to_set_task(&self, client: &str, more: Value) -> Answer {
        self.post(&format!("/v1/clients/{client}/tasks"), with(json!({"title": "Breathe"}), more)).await
    }

    /// Takes a task to another step: `open`, `in_progress`, `done`.
    pub async fn takes_task_to(&self, task: &str, state: &str) -> Answer {
        self.post(&format!("/v1/tasks/{task}/state"), json!({"state": state})).await
    }

    /// Adds a form with one question to the practice's library: its id.
    pub async fn writes_form(&self, more: Value) -> String {
        let asked = json!([{"key": "reason", "label": "What brings you here?", "kind": "long_text"}]);
        let body = with(json!({"title": "About you", "kind": "questions", "questions": asked}), more);
        self.post("/v1/forms", body).await.expect(201).text("/id")
    }

    /// Adds a consent to sign: its id.
    pub async fn writes_consent(&self) -> String {
        let more = json!({"title": "Consent", "kind": "consent", "text": "I agree to be treated.", "questions": []});
        self.writes_form(more).await
    }

    /// Puts forms together into a packet of the library: its id.
    pub async fn makes_packet(&self, forms: &[String]) -> String {
        let body = json!({"name": "Intake", "form_ids": forms});
        self.post("/v1/packets", body).await.expect(201).text("/id")
    }

    /// Sends a client a packet of the library. What that is answered is the caller's to look at.
    pub async fn sends_packet(&self, client: &str, packet: &str, more: Value) -> Answer {
        self.post(&format!("/v1/clients/{client}/packets"), with(json!({"packet_id": packet}), more)).await
    }

    /// Uploads a file of a client, which is then checked: its id.
    pub async fn uploads_file(&self, client: &str, more: Value) -> String {
        let file = self.begins_upload(client, more).await;
        self.upload(&file.at("/upload"), PDF.to_vec()).await.expect(200);
        self.do_post(&format!("/v1/files/{}/complete", file.text("/id"))).await.expect(200);
        file.text("/id")
    }

    /// Asks where to upload a file of a client, and uploads nothing yet: the answer.
    pub async fn begins_upload(&self, client: &str, more: Value) -> Answer {
        let body = with(json!({"name": "a.pdf", "size": PDF.len(), "content_type": "application/pdf"}), more);
        self.post(&format!("/v1/clients/{client}/files"), body).await.expect(201)
    }

    /// Writes a note about a client, or as it: its id.
    pub async fn writes_note(&self, client: &str, more: Value) -> String {
        let body = with(json!({"body": "How it went."}), more);
        self.post(&format!("/v1/clients/{client}/notes"), body).await.expect(201).text("/id")
    }

    /// Begins a clinical note about a client: its path.
    pub async fn drafts_clinical_note(&self, client: &str, more: Value) -> String {
        let body = with(json!({"body": "S: slept badly."}), more);
        let note = self.post(&format!("/v1/clients/{client}/clinical-notes"), body).await.expect(201);
        format!("/v1/clinical-notes/{}", note.text("/id"))
    }

    /// Begins an import of these bytes and uploads them: its path. The worker reads them by itself.
    pub async fn uploads_import(&self, csv: impl Into<bytes::Bytes>, options: Value) -> String {
        let csv = csv.into();
        let body = json!({"file_name": "clients.csv", "size": csv.len(), "options": options});
        let import = self.post("/v1/imports", body).await.expect(201);
        self.upload(&import.at("/upload"), csv).await.expect(200);
        format!("/v1/imports/{}", import.text("/id"))
    }
}
