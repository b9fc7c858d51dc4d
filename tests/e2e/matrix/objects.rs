//! What belongs to client C: made by whoever the matrix says, before the caller gets its part.

use std::collections::BTreeMap;

use end_to_end::Persona;
use http::Method;
use serde_json::{Value, json};

use super::scene::Scene;

/// Ids by the name a row gives them.
#[derive(Default)]
pub(super) struct Objects {
    pub(super) file_provider_shared: String,
    pub(super) file_provider_hidden: String,
    pub(super) file_client_unlocked: String,
    pub(super) file_client_locked: String,
    pub(super) file_quarantined: String,
    /// By the resource of their row.
    pub(super) notes: BTreeMap<String, String>,
    /// On the therapist's shared note.
    pub(super) comment: String,
    /// Paths, by the resource of their row.
    pub(super) clinical: BTreeMap<&'static str, String>,
    pub(super) task_provider: String,
    pub(super) task_client: String,
    pub(super) appointment: String,
    pub(super) walk_in_appointment: String,
    pub(super) invoice: String,
    pub(super) import: String,
    pub(super) tag: String,
    /// Bookable online.
    pub(super) service: String,
    pub(super) message: String,
    /// Of the library, with a consent.
    pub(super) packet: String,
    /// The same, sent and open.
    pub(super) packet_sent: String,
}

/// An import with a row that fails, analysed.
pub(super) async fn import(scene: &Scene<'_>, by: &Persona) -> String {
    let bytes = b"First Name,Last Name,Email\nOla,Nord,not an address\n".to_vec();
    let path = by.uploads_import(bytes, json!({})).await;
    scene.world.cloud.settled().await;
    path.trim_start_matches("/v1/imports/").to_owned()
}

impl Objects {
    pub(super) async fn make(scene: &Scene<'_>) -> Self {
        let (t, c, portal) = (&scene.therapist, scene.client.as_str(), &scene.portal);
        let mut objects = Self {
            file_provider_shared: t.uploads_file(c, json!({"shared": true})).await,
            file_provider_hidden: t.uploads_file(c, json!({"shared": false})).await,
            file_quarantined: t.begins_upload(c, json!({"shared": true})).await.text("/id"),
            task_provider: t.sets_task(c, json!({})).await,
            appointment: scene.appointment(c, &t.id).await,
            walk_in_appointment: scene.appointment(c, &scene.walk_in.id).await,
            invoice: scene.owner.issues_invoice(c, 15000).await,
            import: import(scene, t).await,
            ..Self::default()
        };
        for (name, by, visibility) in [
            ("note_provider_shared", t, "shared"),
            ("note_provider_hidden", t, "hidden"),
            ("note_walkin_hidden", &scene.walk_in, "hidden"),
        ] {
            objects.notes.insert(name.to_owned(), by.writes_note(c, json!({"visibility": visibility})).await);
        }
        let comments = format!("/v1/notes/{}/comments", objects.notes["note_provider_shared"]);
        objects.comment = t.post(&comments, json!({"body": "Well."})).await.expect(201).text("/id");
        objects.clinical = clinical_notes(scene).await;
        // Before it has come in, a client uploads nothing, and nobody asks about what is not there.
        if portal.access_token.is_some() {
            objects.file_client_unlocked = portal.uploads_file(c, json!({})).await;
            objects.file_client_locked = portal.uploads_file(c, json!({})).await;
            lock(t, &objects.file_client_locked).await;
            for (name, visibility) in [("note_client_shared", "shared"), ("note_client_private", "hidden")] {
                let note = portal.writes_note(c, json!({"visibility": visibility})).await;
                objects.notes.insert(name.to_owned(), note);
            }
            objects.task_client = portal.sets_task(c, json!({})).await;
            objects.message = portal.writes(c, "Hello").await.expect(201).text("/id");
        } else {
            objects.message = format!("msg_{}{}", c.trim_start_matches("cli_"), "0".repeat(26));
            for (name, like) in
                [("note_client_shared", "note_provider_shared"), ("note_client_private", "note_provider_hidden")]
            {
                let note = objects.notes[like].clone();
                objects.notes.insert(name.to_owned(), note);
            }
            objects.file_client_unlocked.clone_from(&objects.file_provider_shared);
            objects.file_client_locked.clone_from(&objects.file_provider_hidden);
            objects.task_client.clone_from(&objects.task_provider);
        }
        let service = json!({"name": "Session", "minutes": 50, "bookable_online": true});
        objects.service = scene.owner.post("/v1/services", service).await.expect(201).text("/id");
        objects.packet = scene.owner.makes_packet(&[scene.owner.writes_consent().await]).await;
        objects.packet_sent = t.sends_packet(c, &objects.packet, json!({})).await.expect(201).text("/id");
        objects.tag = scene.owner.post("/v1/tags", json!({"name": "first"})).await.expect(201).text("/id");
        objects
    }

    pub(super) fn file(&self, resource: &str) -> &str {
        match resource {
            "file_provider_hidden" => &self.file_provider_hidden,
            "file_client_unlocked" | "file_client" => &self.file_client_unlocked,
            "file_client_locked" => &self.file_client_locked,
            "file_quarantined" => &self.file_quarantined,
            _ => &self.file_provider_shared,
        }
    }
}

/// Clinical notes by the therapist, in each state that rows speak of. Whom they are submitted to stands by.
async fn clinical_notes(scene: &Scene<'_>) -> BTreeMap<&'static str, String> {
    let t = &scene.therapist;
    let standing_by = scene.world.staff(&scene.owner, "Stan Dby", &scene.role("Supervisor")).await;
    let path = format!("/v1/staff/{}/supervisors", t.id);
    scene.owner.put(&path, json!({"supervisor_ids": [standing_by.id]})).await.expect(200);
    let mut notes = BTreeMap::new();
    for (name, how) in [
        ("clinical_note_draft", None),
        ("clinical_note_submitted", Some("submit")),
        ("clinical_note_signed", Some("sign")),
    ] {
        let note = t.drafts_clinical_note(&scene.client, json!({})).await;
        if let Some(how) = how {
            t.do_post(&format!("{note}/{how}")).await.expect(200);
        }
        notes.insert(name, note);
    }
    notes
}

async fn lock(t: &Persona, id: &str) {
    t.patch(&format!("/v1/files/{id}"), json!({"shared": false})).await.expect(200);
}

/// What is sent for a cell.
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Option<Value>,
    pub(super) tag: Option<String>,
}

impl Ask {
    pub(super) fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), body: None, tag: None }
    }

    pub(super) fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    pub(super) fn post(path: impl Into<String>, body: Value) -> Self {
        Self::new(Method::POST, path).with(body)
    }

    pub(super) fn with(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// Under the tag that `reader` sees at `path`; under some tag where nobody may read it.
    pub(super) async fn under(mut self, reader: &Persona, path: &str) -> Self {
        let tag = reader.get(path).await.header("etag");
        self.tag = Some(if tag.is_empty() { "\"v1\"".to_owned() } else { tag });
        self
    }
}
