//! What a role may not do, it may not do through another door either: by adding a client, or by importing one.

use end_to_end::{Answer, Persona, Practice, World};
use serde_json::{Value, json};

/// A therapist whose role has these features off.
async fn without(practice: &Practice, features: &[&str]) -> Persona {
    let off: serde_json::Map<String, Value> = features.iter().map(|name| ((*name).to_owned(), json!("off"))).collect();
    practice.owner.post("/v1/roles", json!({"name": "Narrow", "features": off})).await.expect(201);
    practice.hires("Nora", "Narrow").await
}

fn client(field: &str, value: Value) -> Value {
    json!({"first_name": "Maya", "last_name": "Lindqvist", field: value})
}

/// Refused by the role, with one entry in the trail, and nobody was added.
async fn refused(world: &World, practice: &Practice, answer: Answer, action: &str) {
    let answer = answer.expect_problem(403, "role");
    assert_eq!(world.audit(&answer).await, [(action.to_owned(), "denied".to_owned(), Vec::new())]);
    assert_eq!(practice.owner.get("/v1/clients").await.expect(200).at("/total"), 0);
}

// AZ-4, matrix client.update_diagnosis
#[tokio::test]
async fn clinical_fields_of_a_new_client_take_clinical_access() {
    let world = World::start().await;
    let practice = world.practice("clinical").await;
    let nora = without(&practice, &["clinical.diagnosis"]).await;
    for field in ["diagnosis", "symptoms"] {
        let answer = nora.post("/v1/clients", client(field, json!("F41.1"))).await;
        refused(&world, &practice, answer, "client.update_diagnosis").await;
    }
    nora.post("/v1/clients", client("occupation", json!("Nurse"))).await.expect(201);
    let tess = practice.hires("Tess", "Therapist").await;
    let added = tess.post("/v1/clients", client("diagnosis", json!("F41.1"))).await.expect(201);
    assert_eq!(added.text("/clinical/diagnosis"), "F41.1");
}

// AZ-4, matrix portal_access.invite
#[tokio::test]
async fn inviting_a_new_client_takes_the_portal_in_the_role() {
    let world = World::start().await;
    let practice = world.practice("inviting").await;
    let nora = without(&practice, &["portal.manage"]).await;
    let invite = client("invite", json!({"consent": true, "email": "maya@mail.example"}));
    let answer = nora.post("/v1/clients", invite).await;
    refused(&world, &practice, answer, "portal_access.invite").await;
    assert!(world.mails("maya@mail.example").await.is_empty());
    nora.post("/v1/clients", client("email", json!("maya@mail.example"))).await.expect(201);
}

// AZ-4, matrix tags.manage
#[tokio::test]
async fn naming_a_new_tag_takes_the_right_to_make_tags() {
    let world = World::start().await;
    let practice = world.practice("tags").await;
    let nora = without(&practice, &["tags.manage"]).await;
    practice.owner.post("/v1/tags", json!({"name": "anxiety"})).await.expect(201);
    let answer = nora.post("/v1/clients", client("tags", json!(["anxiety", "new"]))).await;
    refused(&world, &practice, answer, "tags.manage").await;
    let added = nora.post("/v1/clients", client("tags", json!(["ANXIETY"]))).await.expect(201);
    assert_eq!(added.text("/tags/0/name"), "anxiety");
    let path = format!("/v1/clients/{}", added.text("/id"));
    nora.patch(&path, json!({"tags": ["new"]})).await.expect_problem(403, "role");
    nora.patch(&path, json!({"tags": null, "pronouns": "they"})).await.expect(200);
    nora.patch(&path, json!({"tags": ["anxiety"]})).await.expect(200);
    let tags = practice.owner.get("/v1/tags").await.expect(200).at("/items");
    assert_eq!(tags.as_array().map(Vec::len), Some(1), "{tags}");
}

/// Runs an import to its end and returns what became of its rows.
async fn import(world: &World, who: &Persona, csv: &str, run: &str) -> Vec<Value> {
    let options = json!({"duplicates": "update_all"});
    let path = who.uploads_import(csv.to_owned(), options).await;
    world.cloud.settled().await;
    who.do_post(&format!("{path}/{run}")).await.expect(202);
    world.cloud.settled().await;
    let rows = who.get(&format!("{path}/rows")).await.expect(200).at("/items");
    rows.as_array().cloned().unwrap_or_default()
}

fn fates(rows: &[Value]) -> Vec<(&str, Value)> {
    rows.iter().map(|row| (row["outcome"].as_str().unwrap_or_default(), row["warnings"].clone())).collect()
}

// AZ-4, AZ-5, L12: whether a guess is right shows in nothing
#[tokio::test]
async fn an_importer_without_clinical_access_neither_writes_nor_learns_clinical_fields() {
    let world = World::start().await;
    let practice = world.practice("guess").await;
    let nora = without(&practice, &["clinical.diagnosis"]).await;
    let known = nora.post("/v1/clients", client("email", json!("maya@mail.example"))).await.expect(201).text("/id");
    let known = format!("/v1/clients/{known}");
    practice.owner.patch(&known, json!({"diagnosis": "F41.1", "symptoms": "worry"})).await.expect(200);
    let told = json!(["clinical_not_allowed"]);
    for (diagnosis, symptoms) in [("F41.1", "worry"), ("F32.0", ""), ("__CLEAR__", "__CLEAR__")] {
        let csv = format!(
            "First Name,Last Name,Email,Diagnosis,Symptoms\nMaya,Lindqvist,maya@mail.example,{diagnosis},{symptoms}\nIda,Lund,ida@mail.example,,{symptoms}\n"
        );
        let rows = import(&world, &nora, &csv, "dry-run").await;
        let second = if symptoms.is_empty() { Value::Null } else { told.clone() };
        assert_eq!(fates(&rows), [("unchanged", told.clone()), ("created", second)], "{csv}");
    }
    let csv = "First Name,Last Name,Email,Diagnosis\nMaya,Lindqvist,maya@mail.example,F32.0\nIda,Lund,ida@mail.example,F32.0\n";
    let rows = import(&world, &nora, csv, "commit").await;
    assert_eq!(fates(&rows), [("unchanged", told.clone()), ("created", told)]);
    assert_eq!(practice.owner.get(&known).await.expect(200).text("/clinical/diagnosis"), "F41.1");
    let new = format!("/v1/clients/{}", rows[1]["client_id"].as_str().expect("an id"));
    assert_eq!(practice.owner.get(&new).await.expect(200).at("/clinical/diagnosis"), Value::Null);
    // Who has access imports them.
    let rows = import(&world, &practice.owner, csv, "commit").await;
    assert_eq!(fates(&rows), [("updated", Value::Null), ("updated", Value::Null)]);
    assert_eq!(practice.owner.get(&known).await.expect(200).text("/clinical/diagnosis"), "F32.0");
}

// AZ-4, matrix tags.manage
#[tokio::test]
async fn an_importer_who_may_make_no_tags_uses_those_there_are() {
    let world = World::start().await;
    let practice = world.practice("labels").await;
    let nora = without(&practice, &["tags.manage"]).await;
    practice.owner.post("/v1/tags", json!({"name": "anxiety"})).await.expect(201);
    let csv = "First Name,Last Name,Email,Tags\nMaya,Lindqvist,maya@mail.example,anxiety; new\nIda,Lund,ida@mail.example,anxiety\n";
    let told = json!(["tags_not_allowed"]);
    let rows = import(&world, &nora, csv, "commit").await;
    assert_eq!(fates(&rows), [("created", told.clone()), ("created", Value::Null)]);
    for row in &rows {
        let shown = nora.get(&format!("/v1/clients/{}", row["client_id"].as_str().expect("an id"))).await.expect(200);
        assert_eq!((shown.text("/tags/0/name"), shown.at("/tags/1")), ("anxiety".to_owned(), Value::Null));
    }
    assert_eq!(fates(&import(&world, &nora, csv, "commit").await), [("unchanged", told), ("unchanged", Value::Null)]);
    let tags = practice.owner.get("/v1/tags").await.expect(200).at("/items");
    assert_eq!(tags.as_array().map(Vec::len), Some(1), "{tags}");
}

// decision 6: what was begun is not finished from a chair that is on hold
#[tokio::test]
async fn whoever_is_on_hold_completes_no_upload() {
    let world = World::start().await;
    let practice = world.practice("held").await;
    let tess = practice.hires("Tess", "Therapist").await;
    let maya = tess.adds_client("Maya").await;
    let begun = tess.begins_upload(&maya, json!({})).await;
    tess.upload(&begun.at("/upload"), end_to_end::PDF.to_vec()).await.expect(200);
    practice.sets_status(&tess, "on_hold").await;
    let path = format!("/v1/files/{}/complete", begun.text("/id"));
    tess.do_post(&path).await.expect_problem(403, "on_hold");
    practice.sets_status(&tess, "active").await;
    assert_eq!(tess.do_post(&path).await.expect(200).text("/state"), "available");
}

// L12: an import adds clients, and needs what adding one needs
#[tokio::test]
async fn who_may_not_add_a_client_may_not_import_any() {
    let world = World::start().await;
    let practice = world.practice("reader").await;
    let nora = without(&practice, &["clients.edit"]).await;
    nora.post("/v1/clients", json!({"first_name": "Ida", "last_name": "Lund"})).await.expect(403);
    nora.post("/v1/imports", json!({"file_name": "clients.csv", "size": 100})).await.expect(403);
}
