//! Whoever looks at a client leaves an entry: every route that only reads does, or is named here with the reason.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use caseload::web::{CLIENT, STAFF};
use caseload_local::cloud::TABLE;
use end_to_end::{Answer, Persona, World};
use http::Method;
use serde_json::{Value, json};

use super::routes::documented;

/// Reads that show no personal data of clients, each with what they show instead.
const SHOW_NO_CLIENTS: &[(&str, &str)] = &[
    ("GET /.well-known/jwks.json", "public keys"),
    ("GET /v1/auth/sessions", "where the caller itself is signed in"),
    ("GET /v1/calendar-feeds", "the caller's own feeds, without their addresses"),
    ("GET /v1/forms", "forms of the practice"),
    ("GET /v1/forms/{form_id}", "a form of the practice"),
    ("GET /v1/me", "the caller itself, its practice and what is open to it"),
    ("GET /v1/me/notifications", "which notices the caller itself gets"),
    ("GET /v1/packets", "packets of the practice's forms"),
    ("GET /v1/portals/{slug}", "the public face of a practice"),
    ("GET /v1/practice", "settings"),
    ("GET /v1/roles", "roles"),
    ("GET /v1/roles/{role_id}", "a role"),
    ("GET /v1/services", "services of the practice"),
    ("GET /v1/staff", "the team"),
    ("GET /v1/staff/{staff_id}", "a member of the team"),
    ("GET /v1/staff/{staff_id}/availability", "when a member of the team works"),
    ("GET /v1/staff/{staff_id}/slots", "free times; nothing about who fills the others"),
    ("GET /v1/tags", "tags, with numbers of clients"),
    ("GET /v1/task-templates", "templates of tasks"),
    ("POST /v1/invitations/lookup", "a practice and the state of an invitation; nothing about who is invited"),
];

/// What is sent with `POST` and shows clients, or only reads. An action that shows clients and is asked for with `POST`
/// by a route that is not here fails the matrix.
pub(crate) const READ_BY_POST: &[&str] = &[
    "POST /v1/clients/search",
    "POST /v1/clinical-notes/{clinical_note_id}/break-glass",
    "POST /v1/exports/{export_id}/download",
    "POST /v1/files/{file_id}/break-glass",
    "POST /v1/files/{file_id}/download",
    "POST /v1/invitations/lookup",
    "POST /v1/notes/{note_id}/break-glass",
];

/// Lists of the practice: their entries name whom they show; what is under a client is about that client.
const OF_MANY: &[&str] = &[
    "GET /v1/appointments",
    "GET /v1/calendars/{token}",
    "GET /v1/clients",
    "GET /v1/engagement",
    "GET /v1/imports",
    "GET /v1/imports/{import_id}",
    "GET /v1/imports/{import_id}/errors.csv",
    "GET /v1/imports/{import_id}/rows",
    "GET /v1/inbox",
    "GET /v1/staff/{staff_id}/caseload",
    "GET /v1/staff/{staff_id}/metrics",
    "GET /v1/staff/{staff_id}/sessions",
    "POST /v1/clients/search",
];

/// Of those, the ones whose entry names each client that is shown. A file to import is of people who may be no clients.
const NAME_WHOM_THEY_SHOW: &[&str] = &[
    "GET /v1/appointments",
    "GET /v1/calendars/{token}",
    "GET /v1/clients",
    "GET /v1/engagement",
    "GET /v1/inbox",
    "GET /v1/staff/{staff_id}/caseload",
    "GET /v1/staff/{staff_id}/sessions",
    "POST /v1/clients/search",
];

/// The trail by request id: which client each entry is about, and what it names.
async fn trail(world: &World) -> BTreeMap<String, Vec<(Option<String>, Vec<String>)>> {
    let mut trail: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let mut pages = world.cloud.table().scan().table_name(TABLE).into_paginator().items().send();
    while let Some(item) = pages.next().await {
        let item = item.expect("an item");
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
        if text("entity").as_deref() == Some("audit") {
            let resources = item.get("resources").and_then(|value| value.as_l().ok()).into_iter().flatten();
            let resources = resources.filter_map(|value| AttributeValue::as_s(value).ok().cloned()).collect();
            trail.entry(text("request").expect("a request")).or_default().push((text("client"), resources));
        }
    }
    trail
}

/// A practice with a client that has one of everything.
async fn furnished(world: &World) -> (Persona, Persona, Ids) {
    let practice = world.practice("trail").await;
    let (client, portal) = practice.portal_client("Maya").await;
    let role = practice.role("Intern").await;
    let owner = practice.owner;
    owner.gives(&client, Some(&owner), json!({})).await.expect(200);
    portal.writes(&client, "Hello").await.expect(201);
    let csv = b"First Name,Last Name,Email\nAna,Okafor,ana@mail.example\nOla,Nord,not an address\n";
    let import = owner.uploads_import(csv.to_vec(), json!({})).await;
    world.cloud.settled().await;
    owner.do_post(&format!("{import}/commit")).await.expect(202);
    let export = owner.do_post(&format!("/v1/clients/{client}/export")).await.expect(202).text("/id");
    world.cloud.settled().await;
    owner.gives(&client, Some(&owner), json!({})).await.expect(200);
    let clinical = owner.drafts_clinical_note(&client, json!({})).await.replace("/v1/clinical-notes/", "");
    let form = owner.writes_form(json!({})).await;
    let packet = owner.makes_packet(std::slice::from_ref(&form)).await;
    let packet = owner.sends_packet(&client, &packet, json!({})).await.expect(201).text("/id");
    let ids = [
        ("form_id", form),
        ("packet_id", packet),
        ("appointment_id", owner.books(&client, &owner, (-60, -10)).await),
        ("export_id", export),
        ("file_id", owner.uploads_file(&client, json!({"shared": true})).await),
        ("import_id", import.trim_start_matches("/v1/imports/").to_owned()),
        ("invoice_id", owner.issues_invoice(&client, 15000).await),
        ("clinical_note_id", clinical),
        ("note_id", owner.writes_note(&client, json!({})).await),
        ("task_id", owner.sets_task(&client, json!({})).await),
        ("service_id", owner.makes_service(json!({})).await),
        ("token", owner.makes_feed("initials").await.text("/url").rsplit_once('/').expect("an address").1.to_owned()),
        ("role_id", role),
        ("slug", practice.slug),
        ("staff_id", owner.id.clone()),
        ("client_id", client),
    ];
    (owner, portal, ids.into_iter().map(|(name, id)| (name.to_owned(), id)).collect())
}

type Ids = BTreeMap<String, String>;

/// The same for the client itself, where somebody reads only what is their own.
async fn of_client(portal: &Persona, ids: &Ids) -> Ids {
    let note = portal.writes_note(&ids["client_id"], json!({})).await;
    ids.clone().into_iter().chain([("note_id".to_owned(), note)]).collect()
}

/// What a read is asked for by its query, where it has to be.
fn query(name: &str, ids: &Ids) -> String {
    match name {
        "GET /v1/staff/{staff_id}/slots" => format!("?service_id={}", ids["service_id"]),
        _ => String::new(),
    }
}

/// What a read is asked with.
fn body(name: &str, invited: &str) -> Option<Value> {
    match name {
        "POST /v1/clients/search" => Some(json!({"q": "maya"})),
        "POST /v1/invitations/lookup" => Some(json!({"token": invited})),
        "POST /v1/clinical-notes/{clinical_note_id}/break-glass"
        | "POST /v1/files/{file_id}/break-glass"
        | "POST /v1/notes/{note_id}/break-glass" => Some(json!({"reason": "A complaint."})),
        _ => None,
    }
}

/// Everything that only reads, asked for by staff, and by the client where it is open to clients.
async fn look_at_everything(world: &World, ids: &Ids, owner: &Persona, portal: &Persona) -> Looks {
    owner.adds_and_invites("Ivy", "ivy@mail.example").await;
    let invited = world.token("ivy@mail.example").await;
    let own = of_client(portal, ids).await;
    let mut looks = Vec::new();
    for operation in documented() {
        let name = operation.name();
        if operation.method != Method::GET && !READ_BY_POST.contains(&name.as_str()) {
            continue;
        }
        let (query, body) = (query(&name, ids), body(&name, &invited));
        if operation.is_for(STAFF) || !operation.is_for(CLIENT) {
            looks.push((name.clone(), operation.ask_for(owner, ids, &query, body.as_ref()).await.expect(200)));
        }
        if operation.is_for(CLIENT) {
            looks.push((name, operation.ask_for(portal, &own, &query, body.as_ref()).await.expect(200)));
        }
    }
    looks
}

type Looks = Vec<(String, Answer)>;

// decision 19, AUD-2: a route that nobody has thought about is asked like all others, and has to leave an entry
#[tokio::test]
async fn whoever_looks_at_a_client_leaves_an_entry() {
    let world = World::start().await;
    let (owner, portal, ids) = furnished(&world).await;
    let looks = look_at_everything(&world, &ids, &owner, &portal).await;
    let asked: BTreeSet<&str> = looks.iter().map(|(name, _)| name.as_str()).collect();
    for (name, shown) in SHOW_NO_CLIENTS {
        assert!(asked.contains(name), "{name} ({shown}) is no read");
    }
    for name in OF_MANY.iter().chain(NAME_WHOM_THEY_SHOW) {
        assert!(asked.contains(name), "{name} is no read");
    }
    let trail = trail(&world).await;
    let client = &ids["client_id"];
    for (name, answer) in &looks {
        let entries = trail.get(&answer.header("x-request-id")).map(Vec::as_slice).unwrap_or_default();
        if SHOW_NO_CLIENTS.iter().any(|(silent, _)| silent == name) {
            assert!(entries.is_empty(), "{name} leaves an entry, and is said to show no clients");
            continue;
        }
        assert!(!entries.is_empty(), "{name} leaves no entry and is not named as showing no personal data of clients");
        let of_one = !OF_MANY.contains(&name.as_str());
        assert!(!of_one || entries.iter().any(|(about, _)| about.as_ref() == Some(client)), "{name}: {entries:?}");
        if NAME_WHOM_THEY_SHOW.contains(&name.as_str()) {
            // A client's own list is about that client, and needs to name nobody.
            let shown = entries.iter().any(|(about, named)| about.as_ref() == Some(client) || named.contains(client));
            assert!(shown, "{name}: {entries:?}");
        }
    }
}
