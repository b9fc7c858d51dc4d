//! What a client hides leaves no trace in any answer to staff: byte for byte as if it had never been written.

use std::collections::BTreeMap;

use end_to_end::Persona;
use serde_json::{Value, json};

use super::Stage;

/// Names what differs from run to run by where it stands first, and forgets what is new in every answer.
#[derive(Default)]
struct Names(BTreeMap<String, usize>);

impl Names {
    fn of(&mut self, value: Value) -> Value {
        match value {
            // Ids, instants and the address of the server.
            Value::String(text) if text.len() > 18 && (text.contains('_') || text.contains(':')) => {
                let next = self.0.len();
                json!(format!("name {}", *self.0.entry(text).or_insert(next)))
            }
            Value::Array(all) => all.into_iter().map(|one| self.of(one)).collect(),
            Value::Object(all) => all
                .into_iter()
                .filter(|(name, _)| name != "next_cursor" && name != "request_id")
                .map(|(name, one)| (name, self.of(one)))
                .collect(),
            other => other,
        }
    }
}

/// All that staff is answered about a client with notes.
async fn seen_by_staff(stage: &Stage, staff: &[&Persona]) -> String {
    let mut names = Names::default();
    let mut seen = Vec::new();
    for by in staff {
        for path in [
            format!("/v1/clients/{}", stage.maya),
            format!("/v1/clients/{}/portal", stage.maya),
            stage.list(),
            format!("{}?limit=1", stage.list()),
            format!("{}?author=client", stage.list()),
            format!("{}?visibility=hidden", stage.list()),
            format!("{}?q=secret", stage.list()),
            format!("{}?deleted=true", stage.list()),
            "/v1/clients".to_owned(),
        ] {
            let answer = by.get(&path).await;
            seen.push(json!([
                path.replace(&stage.maya, "maya"),
                answer.status.as_u16(),
                answer.header("content-length")
            ]));
            seen.push(names.of(answer.json()));
        }
    }
    serde_json::to_string_pretty(&seen).expect("a text")
}

async fn history(hides: bool) -> String {
    let stage = Stage::set().await;
    stage.portal.writes_note(&stage.maya, json!({"body": "Seen."})).await;
    stage.theo.writes_note(&stage.maya, json!({"body": "Also seen."})).await;
    if hides {
        let id = stage.portal.writes_note(&stage.maya, json!({"body": "A secret.", "visibility": "hidden"})).await;
        let path = format!("/v1/notes/{id}");
        stage.portal.post(&format!("{path}/comments"), json!({"body": "Still secret."})).await.expect(201);
        stage.portal.patch(&path, json!({"body": "A deeper secret."})).await.expect(200);
        let gone = stage.portal.writes_note(&stage.maya, json!({"body": "Gone.", "visibility": "hidden"})).await;
        stage.portal.delete(&format!("/v1/notes/{gone}")).await.expect(204);
    }
    seen_by_staff(&stage, &[&stage.theo, &stage.owner]).await
}

// F3, decision 4
#[tokio::test]
async fn what_a_client_hides_leaves_no_trace_in_any_answer_to_staff() {
    let (without, with) = (history(false).await, history(true).await);
    assert!(without.contains("Also seen."));
    assert_eq!(without, with);
}
