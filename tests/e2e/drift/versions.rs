//! Versions: whatever is changed under a tag is changed at the version that was read, and what is the same is not sent
//! again.

use std::collections::{BTreeMap, BTreeSet};

use caseload::web::STAFF;
use end_to_end::{Persona, World};
use http::Method;
use serde_json::{Value, json};

use super::routes::{documented, nobodys_ids};

/// One of everything, and its owner.
async fn furnished(world: &World) -> (Persona, Persona, BTreeMap<String, String>) {
    let practice = world.practice("versions").await;
    let owner = practice.owner.clone();
    let (maya, portal) = practice.portal_client("Maya").await;
    let import = owner.uploads_import("First Name,Last Name\nOla,Nord\n", json!({})).await;
    let export = owner.do_post(&format!("/v1/clients/{maya}/export")).await.expect(202).text("/id");
    world.cloud.settled().await;
    let theo = practice.hires("Theo", "Therapist").await;
    owner.gives(&maya, Some(&owner), json!({})).await.expect(200);
    let note = owner.writes_note(&maya, json!({})).await;
    let comment = json!({"body": "Yes."});
    let comment = owner.post(&format!("/v1/notes/{note}/comments"), comment).await.expect(201).text("/id");
    let clinical = owner.drafts_clinical_note(&maya, json!({})).await.replace("/v1/clinical-notes/", "");
    let template = json!({"name": "Breathing", "title": "Breathe"});
    let form = owner.writes_form(json!({})).await;
    let packet = owner.makes_packet(std::slice::from_ref(&form)).await;
    let packet = owner.sends_packet(&maya, &packet, json!({})).await.expect(201).text("/id");
    let hours = format!("/v1/staff/{}/availability", theo.id);
    owner.put(&hours, json!({"time_zone": "UTC", "weekly": []})).await.expect(200);
    let ids = [
        ("service_id", owner.makes_service(json!({})).await),
        ("feed_id", owner.makes_feed("busy").await.text("/id")),
        ("token", feed_token(&owner).await),
        ("form_id", form),
        ("packet_id", packet),
        ("clinical_note_id", clinical),
        ("comment_id", comment),
        ("note_id", note),
        ("appointment_id", owner.books(&maya, &owner, (-60, -10)).await),
        ("export_id", export),
        ("file_id", owner.uploads_file(&maya, json!({})).await),
        ("import_id", import.trim_start_matches("/v1/imports/").to_owned()),
        ("invoice_id", owner.issues_invoice(&maya, 15000).await),
        ("role_id", owner.post("/v1/roles", json!({"name": "Another"})).await.expect(201).text("/id")),
        ("staff_id", theo.id),
        ("task_id", owner.sets_task(&maya, json!({})).await),
        ("task_template_id", owner.post("/v1/task-templates", template).await.expect(201).text("/id")),
        ("tag_id", owner.post("/v1/tags", json!({"name": "weekly"})).await.expect(201).text("/id")),
        ("client_id", maya),
    ];
    (owner, portal, ids.into_iter().map(|(name, id)| (name.to_owned(), id)).collect())
}

/// The secret of a calendar feed.
async fn feed_token(owner: &Persona) -> String {
    let url = owner.makes_feed("busy").await.text("/url");
    url.rsplit_once('/').expect("an address").1.to_owned()
}

/// What each change is asked with that takes a tag.
fn body(name: &str, ids: &BTreeMap<String, String>) -> Option<Value> {
    Some(match name {
        "PATCH /v1/clients/{client_id}" => json!({"occupation": "Baker"}),
        "PATCH /v1/clients/{client_id}/portal" => json!({"permissions": {"secure_messaging": false}}),
        "PATCH /v1/clients/{client_id}/notifications" | "PATCH /v1/me/notifications" => {
            json!({"topics": {"files": false}})
        }
        "PATCH /v1/files/{file_id}" => json!({"shared": true}),
        "PATCH /v1/clinical-notes/{clinical_note_id}" => json!({"template": "SOAP"}),
        "PATCH /v1/notes/{note_id}" => json!({"title": "New"}),
        "PATCH /v1/notes/{note_id}/comments/{comment_id}" => json!({"body": "No."}),
        "PATCH /v1/practice" => json!({"name": "Harbor"}),
        "PATCH /v1/roles/{role_id}" => json!({"description": "Another one."}),
        "PATCH /v1/services/{service_id}" => json!({"name": "Longer"}),
        "PATCH /v1/staff/{staff_id}" => json!({"full_name": "Theo Dahl"}),
        "PATCH /v1/tags/{tag_id}" => json!({"name": "monthly"}),
        "PATCH /v1/task-templates/{task_template_id}" => json!({"title": "Rest"}),
        "PATCH /v1/tasks/{task_id}" => json!({"title": "Rest"}),
        "POST /v1/appointments/{appointment_id}/reschedule" => json!({"start": "2031-01-02T10:00:00Z"}),
        "POST /v1/clients/{client_id}/reassign" => json!({"staff_id": ids["staff_id"]}),
        "PUT /v1/forms/{form_id}" => json!({"title": "Consent", "kind": "consent", "text": "I agree."}),
        "PUT /v1/packets/{packet_id}/answers" => json!({"answers": {}}),
        "PUT /v1/imports/{import_id}/mapping" => json!({"columns": []}),
        "PUT /v1/staff/{staff_id}/availability" => json!({"time_zone": "UTC", "weekly": []}),
        "PUT /v1/staff/{staff_id}/role" => json!({"role_id": ids["role_id"]}),
        "PUT /v1/staff/{staff_id}/status" => json!({"status": "on_hold"}),
        "PUT /v1/staff/{staff_id}/supervisors" => json!({"supervisor_ids": []}),
        "DELETE /v1/staff/{staff_id}" => json!({"leave_unassigned": true}),
        _ => return None,
    })
}

/// What is nobody's to do with a thing of their own: `clinical::a_review_is_of_the_version_that_was_read` asks these.
const OF_OTHERS: [&str; 2] =
    ["POST /v1/clinical-notes/{clinical_note_id}/approve", "POST /v1/clinical-notes/{clinical_note_id}/return"];

// API-3: for every change that takes a tag, also one that nobody has thought about
#[tokio::test]
async fn what_changed_since_it_was_read_is_not_changed() {
    let world = World::start().await;
    let (owner, portal, ids) = furnished(&world).await;
    let mut asked = BTreeSet::new();
    for operation in documented().into_iter().filter(|operation| operation.takes_header("if-match")) {
        let (name, path) = (operation.name(), operation.path_with(&ids));
        if OF_OTHERS.contains(&name.as_str()) {
            continue;
        }
        let body = body(&name, &ids);
        let who = if operation.is_for(STAFF) { &owner } else { &portal };
        let send = async |path: &str, tag: Option<&str>| {
            let mut request = who.request(operation.method.clone(), path);
            if let Some(tag) = tag {
                request = request.header("if-match", tag);
            }
            match &body {
                Some(body) => request.json(body).send().await,
                None => request.send().await,
            }
        };
        for stale in ["\"v999\"", "\"v999-0123456789abcdef\"", "W/\"v1\"", "\"foreign\"", "\"\""] {
            let told = send(&path, Some(stale)).await;
            assert_eq!((told.status.as_u16(), told.code()), (412, "stale".to_owned()), "{name}: {stale}");
        }
        if operation.needs_header("if-match") {
            let told = send(&path, None).await;
            assert_eq!((told.status.as_u16(), told.code()), (428, "if_match_required".to_owned()), "{name}");
        }
        // What is not there has no version.
        let nobodys = operation.path_with(&nobodys_ids());
        if nobodys != path {
            assert_eq!(send(&nobodys, Some("\"v1\"")).await.status, 404, "{name}");
        }
        asked.insert(name);
    }
    assert!(asked.len() > 15, "{asked:?}");
}

// API-3: for every read that shows a version
#[tokio::test]
async fn what_is_as_it_was_read_is_not_sent_again() {
    let world = World::start().await;
    let (owner, _, ids) = furnished(&world).await;
    let mut asked = 0;
    for operation in documented().into_iter().filter(|operation| operation.takes_header("if-none-match")) {
        let path = operation.path_with(&ids);
        let tag = owner.get(&path).await.expect(200).header("etag");
        let again = owner.request(Method::GET, &path).header("if-none-match", &tag).send().await;
        assert_eq!((again.status.as_u16(), again.header("etag")), (304, tag), "{}", operation.name());
        asked += 1;
    }
    assert!(asked > 8, "{asked}");
}

// D13, API-3: a tag goes by the version of the list it is in
#[tokio::test]
async fn a_tag_is_renamed_and_deleted_at_the_version_that_was_read() {
    let world = World::start().await;
    let owner = world.practice("tags").await.owner;
    let tag = async || owner.get("/v1/tags").await.expect(200).text("/items/0/etag");
    let first = owner.post("/v1/tags", json!({"name": "weekly"})).await.expect(201);
    let path = format!("/v1/tags/{}", first.text("/id"));
    owner.post("/v1/tags", json!({"name": "yearly"})).await.expect(201);
    let rename = async |name: &str, tag: &str| {
        owner.request(Method::PATCH, &path).header("if-match", tag).json(&json!({"name": name})).send().await
    };
    rename("yearly", &tag().await).await.expect_problem(409, "tag_taken");
    let renamed = rename("monthly", &tag().await).await.expect(200);
    assert_eq!((renamed.text("/name"), renamed.text("/etag")), ("monthly".to_owned(), tag().await));
    owner.request(Method::DELETE, &path).header("if-match", &tag().await).send().await.expect(204);
    let left = owner.get("/v1/tags").await.expect(200);
    assert_eq!((left.text("/items/0/name"), left.at("/items/1")), ("yearly".to_owned(), Value::Null));
}
