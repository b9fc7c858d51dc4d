//! Notes, comments and clinical notes of a record that is exported.

use std::collections::BTreeMap;

use end_to_end::Persona;
use serde_json::{Value, json};

use super::listed;

/// Notes and comments of everybody, all of them looked at: a first look would leave its mark between two reads.
pub(super) async fn write_notes(client: &str, by: [&Persona; 3]) {
    for (n, one) in by.into_iter().enumerate() {
        one.writes_note(client, json!({"title": format!("Note {n}")})).await;
        one.writes_note(client, json!({"visibility": "hidden"})).await;
    }
    let [tess, walt, _] = by;
    tess.drafts_clinical_note(client, json!({})).await;
    let signed = walt.drafts_clinical_note(client, json!({})).await;
    walt.do_post(&format!("{signed}/sign")).await.expect(200);
    for reader in by {
        let notes = listed(reader, &format!("/v1/clients/{client}/notes")).await.expect("notes");
        for note in notes.keys() {
            let comments = format!("/v1/notes/{note}/comments");
            reader.post(&comments, json!({"body": "Well."})).await.expect(201);
            reader.get(&comments).await.expect(200);
        }
    }
    for note in listed(tess, &format!("/v1/clients/{client}/notes")).await.expect("notes").keys() {
        tess.get(&format!("/v1/notes/{note}/comments")).await.expect(200);
    }
}

/// The comments on all notes that somebody sees.
pub(super) async fn comments(who: &Persona, client: &str) -> Option<BTreeMap<String, Value>> {
    let mut all = BTreeMap::new();
    for note in listed(who, &format!("/v1/clients/{client}/notes")).await?.keys() {
        all.extend(listed(who, &format!("/v1/notes/{note}/comments")).await?);
    }
    Some(all)
}

/// The packets, each as its own read shows it.
pub(super) async fn packets(who: &Persona, client: &str) -> Option<BTreeMap<String, Value>> {
    let mut all = BTreeMap::new();
    for id in listed(who, &format!("/v1/clients/{client}/packets")).await?.into_keys() {
        let packet = who.get(&format!("/v1/packets/{id}")).await.expect(200).json();
        all.insert(id, packet);
    }
    Some(all)
}
