//! The requests of rows about what staff and clients write: notes, clinical notes.

use end_to_end::matrix::Row;
use http::Method;
use serde_json::json;

use crate::matrix::objects::{Ask, Objects};
use crate::matrix::scene::Scene;

impl Scene<'_> {
    pub(super) async fn ask_clinical(&self, row: &Row, objects: &Objects, allowed: bool) -> Option<Ask> {
        let used_up = matches!(row.action.as_str(), "sign" | "submit" | "delete" | "review");
        let path = match objects.clinical.get(row.resource.as_str()) {
            Some(_) if used_up && allowed => {
                let by = if row.action == "review" { &self.therapist } else { &self.caller };
                let note = by.drafts_clinical_note(&self.client, json!({})).await;
                if row.action == "review" {
                    by.do_post(&format!("{note}/submit")).await.expect(200);
                }
                note
            }
            found => found.cloned().unwrap_or_default(),
        };
        Some(match row.action.as_str() {
            "create" => Ask::post(format!("/v1/clients/{}/clinical-notes", self.client), json!({"body": "S: …"})),
            "read" => Ask::get(path),
            "update" => {
                Ask::new(Method::PATCH, &path).with(json!({"template": "SOAP"})).under(&self.caller, &path).await
            }
            "delete" => Ask::new(Method::DELETE, &path).under(&self.caller, &path).await,
            "review" => Ask::new(Method::POST, format!("{path}/approve")),
            "amend" => Ask::post(format!("{path}/addenda"), json!({"body": "And."})),
            "read_break_glass" => Ask::post(format!("{path}/break-glass"), json!({"reason": "A complaint."})),
            how => Ask::new(Method::POST, format!("{path}/{how}")),
        })
    }

    pub(super) async fn ask_note(&self, row: &Row, objects: &Objects, allowed: bool) -> Option<Ask> {
        let (by_client, is_client) = (row.resource.starts_with("note_client"), self.principal.starts_with("client_"));
        let used_up = matches!(row.action.as_str(), "hide" | "share" | "delete" | "restore");
        let id = match objects.notes.get(&row.resource) {
            _ if used_up && allowed => {
                let hidden = row.action == "share";
                let visibility = if hidden { "hidden" } else { "shared" };
                self.caller.writes_note(&self.client, json!({"visibility": visibility})).await
            }
            Some(id) => id.clone(),
            None => objects.notes["note_provider_shared"].clone(),
        };
        let path = format!("/v1/notes/{id}");
        let patch = |body| Ask::new(Method::PATCH, &path).with(body);
        Some(match row.action.as_str() {
            "read" => Ask::get(path),
            // One route serves both rows: who calls decides which of the two it is.
            "create" if by_client == is_client || self.caller.access_token.is_none() => {
                Ask::post(format!("/v1/clients/{}/notes", self.client), json!({"body": "How it went."}))
            }
            "create" => return None,
            "update" => patch(json!({"title": "New"})).under(&self.caller, &path).await,
            "hide" => patch(json!({"visibility": "hidden"})).under(&self.caller, &path).await,
            "share" => patch(json!({"visibility": "shared"})).under(&self.caller, &path).await,
            "delete" => Ask::new(Method::DELETE, &path).under(&self.caller, &path).await,
            "restore" => {
                if allowed {
                    self.caller.delete(&path).await.expect(204);
                }
                Ask::new(Method::POST, format!("{path}/restore"))
            }
            "versions_read" => Ask::get(format!("{path}/versions")),
            "comment" => Ask::post(format!("{path}/comments"), json!({"body": "Yes."})),
            "comment_change" => {
                let comment = format!("{path}/comments/{}", objects.comment);
                Ask { tag: Some("*".to_owned()), ..Ask::new(Method::PATCH, comment).with(json!({"body": "No."})) }
            }
            "read_break_glass" => Ask::post(format!("{path}/break-glass"), json!({"reason": "A complaint."})),
            _ => return None,
        })
    }

    pub(super) async fn ask_task(&self, row: &Row, objects: &Objects, allowed: bool) -> Option<Ask> {
        let by_client = row.resource == "task_client";
        let is_client = self.principal.starts_with("client_");
        let id = match row.action.as_str() {
            "delete" if allowed => {
                let by = if by_client { &self.portal } else { &self.caller };
                by.sets_task(&self.client, json!({})).await
            }
            _ if by_client => objects.task_client.clone(),
            _ => objects.task_provider.clone(),
        };
        let path = format!("/v1/tasks/{id}");
        Some(match row.action.as_str() {
            "read" => Ask::get(path),
            // One route serves both rows: who calls decides which of the two it is.
            "create" if by_client == is_client || self.caller.access_token.is_none() => {
                Ask::post(format!("/v1/clients/{}/tasks", self.client), json!({"title": "Breathe"}))
            }
            "update" => Ask::new(Method::PATCH, &path).with(json!({"title": "Rest"})).under(&self.caller, &path).await,
            "complete" => Ask::post(format!("{path}/state"), json!({"state": "done"})),
            "delete" => Ask::new(Method::DELETE, &path).under(&self.caller, &path).await,
            _ => return None,
        })
    }

    pub(super) async fn ask_paperwork(&self, row: &Row, objects: &Objects, allowed: bool) -> Option<Ask> {
        let used_up = matches!(row.action.as_str(), "withdraw" | "fill" | "answer" | "sign" | "submit");
        let packet = if used_up && allowed {
            self.owner.sends_packet(&self.client, &objects.packet, json!({})).await.expect(201).text("/id")
        } else {
            objects.packet_sent.clone()
        };
        let path = format!("/v1/packets/{packet}");
        let name = json!({"typed_name": "Maya Lindqvist"});
        if allowed && matches!(row.action.as_str(), "fill" | "submit") {
            self.portal.post(&format!("{path}/sign"), name.clone()).await.expect(200);
        }
        Some(match (row.resource.as_str(), row.action.as_str()) {
            ("form", "read") => Ask::get("/v1/forms"),
            ("form", "manage") => {
                Ask::post("/v1/forms", json!({"title": "Consent", "kind": "consent", "text": "I agree."}))
            }
            ("packet", "read") => Ask::get(path),
            ("packet", "send") => {
                Ask::post(format!("/v1/clients/{}/packets", self.client), json!({"packet_id": objects.packet}))
            }
            ("packet", "withdraw") => Ask::new(Method::DELETE, &path).under(&self.owner, &path).await,
            ("packet", "answer") => {
                let answers = Ask::new(Method::PUT, format!("{path}/answers")).with(json!({"answers": {}}));
                answers.under(&self.portal, &path).await
            }
            ("packet", "sign") => Ask::post(format!("{path}/sign"), name),
            ("packet", "submit") => Ask::new(Method::POST, format!("{path}/submit")),
            ("packet", "fill") => {
                if allowed {
                    self.portal.do_post(&format!("{path}/submit")).await.expect(200);
                }
                Ask::post(format!("{path}/fill"), json!({"preview": true}))
            }
            _ => return None,
        })
    }
}
