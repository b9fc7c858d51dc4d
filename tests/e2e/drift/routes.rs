//! Rules that every route obeys, and a new one from its first day.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use caseload_local::cloud::TABLE;
use caseload_local::functions::routers;
use caseload_local::openapi;
use end_to_end::{Answer, Persona, World};
use http::Method;
use serde_json::{Value, json};

/// Open to everybody: each is here because somebody thought about it.
const PUBLIC: &[&str] = &[
    "GET /.well-known/jwks.json",
    "GET /v1/portals/{slug}",
    "POST /v1/auth/refresh",
    "POST /v1/auth/sessions",
    "POST /v1/auth/sign-in",
    "POST /v1/invitations/accept",
    "POST /v1/invitations/decline",
    "POST /v1/invitations/lookup",
    "POST /v1/invitations/renew",
    "POST /v1/practices",
    "POST /v1/webhooks/payments",
];

/// What a portal client may ask for at all; everything else is for staff.
const PORTAL: &[&str] = &[
    END_ALL,
    "DELETE /v1/auth/sessions/{session_id}",
    "GET /v1/appointments",
    "GET /v1/appointments/{appointment_id}",
    "GET /v1/auth/sessions",
    "GET /v1/clients/{client_id}",
    "GET /v1/clients/{client_id}/files",
    "GET /v1/clients/{client_id}/invoices",
    "GET /v1/clients/{client_id}/payments",
    "GET /v1/files/{file_id}",
    "GET /v1/invoices/{invoice_id}",
    "GET /v1/me",
    PAY_ONLINE,
    "POST /v1/appointments/{appointment_id}/cancel",
    "POST /v1/clients/{client_id}/files",
    "POST /v1/files/{file_id}/complete",
    "POST /v1/files/{file_id}/download",
];

/// Ends the session that asks.
const END_ALL: &str = "DELETE /v1/auth/sessions/all";

/// What only a portal client may ask for.
const PAY_ONLINE: &str = "POST /v1/clients/{client_id}/checkout";

/// An operation of the API document.
#[derive(Debug)]
struct Operation {
    method: Method,
    path: String,
    said: Value,
}

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    fn is_public(&self) -> bool {
        self.said["security"] == json!([{}])
    }

    /// Sends it without a body, with these ids for its placeholders.
    async fn send(&self, persona: &Persona, ids: &BTreeMap<&str, String>) -> Answer {
        let mut path = self.path.clone();
        for (name, id) in ids {
            path = path.replace(&format!("{{{name}}}"), id);
        }
        assert!(!path.contains('{'), "{path}: no id to put there");
        persona.request(self.method.clone(), &path).send().await
    }
}

fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().expect("paths").iter();
    let all = paths.flat_map(|(path, methods)| {
        methods.as_object().expect("methods").iter().map(move |(method, said)| Operation {
            method: method.to_uppercase().parse().expect("a method"),
            path: path.clone(),
            said: said.clone(),
        })
    });
    all.collect()
}

fn documented() -> Vec<Operation> {
    operations(&serde_json::to_value(openapi::document()).expect("a document"))
}

/// Well-formed ids of things that are not there.
fn nobodys_ids() -> BTreeMap<&'static str, String> {
    let id = |prefix: &str, length: usize| format!("{prefix}_{}", "0".repeat(length));
    BTreeMap::from([
        ("appointment_id", id("apt", 52)),
        ("client_id", id("cli", 26)),
        ("export_id", id("exp", 52)),
        ("file_id", id("fil", 52)),
        ("import_id", id("imp", 26)),
        ("invoice_id", id("inv", 52)),
        ("role_id", id("rol", 26)),
        ("session_id", id("ses", 26)),
        ("slug", "nobody".to_owned()),
        ("staff_id", id("stf", 26)),
        ("tag_id", id("tag", 26)),
    ])
}

// decision 26, OBS-1
#[test]
fn every_route_says_what_it_does_whose_it_is_and_how_it_refuses() {
    for (spec, router) in routers() {
        for operation in operations(&serde_json::to_value(router.into_openapi()).expect("a document")) {
            assert_eq!(operation.said["tags"], json!([spec.name]), "{}", operation.name());
        }
    }
    let mut ids = BTreeSet::new();
    for operation in documented() {
        let (name, said) = (operation.name(), &operation.said);
        assert!(said["summary"].as_str().is_some_and(|text| !text.is_empty()), "{name} has no summary");
        assert!(ids.insert(said["operationId"].to_string()), "{name} shares its operation id");
        let responses = said["responses"].as_object().expect("responses");
        let refusals: Vec<&Value> = responses.iter().filter(|(s, _)| s.starts_with('4')).map(|(_, r)| r).collect();
        // The public keys are given to everybody who asks.
        assert!(!refusals.is_empty() || name == "GET /.well-known/jwks.json", "{name} never refuses");
        for refusal in refusals {
            let schema = &refusal["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/ProblemBody", "{name}");
        }
    }
}

// IDN-5, decision 24
#[tokio::test]
async fn nobody_gets_past_a_route_that_is_not_public() {
    let world = World::start().await;
    let ids = nobodys_ids();
    let mut public = BTreeSet::new();
    for operation in documented() {
        let answer = operation.send(&world.anonymous, &ids).await;
        if operation.is_public() {
            assert_ne!(answer.code(), "unauthenticated", "{}", operation.name());
            public.insert(operation.name());
        } else {
            assert_eq!(answer.status, 401, "{}", operation.name());
            answer.expect_problem(401, "unauthenticated");
        }
    }
    assert_eq!(public, PUBLIC.iter().copied().map(str::to_owned).collect());
}

// E6, decision 24
#[tokio::test]
async fn each_kind_of_caller_is_kept_to_its_own_routes() {
    let world = World::start().await;
    let practice = world.practice("kinds").await;
    let (_, portal) = practice.portal_client("Maya").await;
    let ids = nobodys_ids();
    let mut open = BTreeSet::new();
    let mut asked: Vec<Operation> = documented().into_iter().filter(|operation| !operation.is_public()).collect();
    asked.sort_by_key(|operation| operation.name() == END_ALL);
    for operation in asked {
        let name = operation.name();
        let answer = operation.send(&portal, &ids).await;
        if answer.code() == "wrong_caller" {
            answer.expect_problem(403, "wrong_caller");
        } else {
            open.insert(name.clone());
        }
        let staff = operation.send(&practice.owner, &ids).await;
        assert_eq!(staff.code() == "wrong_caller", name == PAY_ONLINE, "{name}");
    }
    assert_eq!(open, PORTAL.iter().copied().map(str::to_owned).collect());
}

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
async fn furnished(world: &World) -> (Persona, Persona, BTreeMap<&'static str, String>) {
    let practice = world.practice("trail").await;
    let (client, portal) = practice.portal_client("Maya").await;
    let owner = practice.owner;
    let bytes = b"%PDF-1.7\nxxxxxxxxxxxxxxx".to_vec();
    let body = json!({"name": "a.pdf", "size": bytes.len(), "content_type": "application/pdf", "shared": true});
    let file = owner.post(&format!("/v1/clients/{client}/files"), body).await.expect(201);
    owner.upload(&file.at("/upload"), bytes).await.expect(200);
    owner.do_post(&format!("/v1/files/{}/complete", file.text("/id"))).await.expect(200);
    let price = json!({"amount": 15000, "currency": "USD"});
    let body =
        json!({"lines": [{"description": "Session", "quantity": 1, "unit_price": price}], "due_date": "2026-12-01"});
    let invoice = owner.post(&format!("/v1/clients/{client}/invoices"), body).await.expect(201).text("/id");
    owner.do_post(&format!("/v1/invoices/{invoice}/issue")).await.expect(200);
    let bytes = b"First Name,Last Name,Email\nAna,Okafor,ana@mail.example\nOla,Nord,not an address\n".to_vec();
    let body = json!({"file_name": "clients.csv", "size": bytes.len()});
    let import = owner.post("/v1/imports", body).await.expect(201);
    owner.upload(&import.at("/upload"), bytes).await.expect(200);
    world.cloud.settled().await;
    owner.do_post(&format!("/v1/imports/{}/commit", import.text("/id"))).await.expect(202);
    world.cloud.settled().await;
    let (start, end) = (world.in_minutes(-60), world.in_minutes(-10));
    let body = json!({"client_id": client, "start": start, "end": end});
    let appointment = owner.post("/v1/appointments", body).await.expect(201).text("/id");
    let export = owner.do_post(&format!("/v1/clients/{client}/export")).await.expect(202).text("/id");
    world.cloud.settled().await;
    let ids = BTreeMap::from([
        ("appointment_id", appointment),
        ("export_id", export),
        ("staff_id", owner.id.clone()),
        ("client_id", client),
        ("file_id", file.text("/id")),
        ("import_id", import.text("/id")),
        ("invoice_id", invoice),
    ]);
    (owner, portal, ids)
}

/// Whether reading this shows personal data of clients.
fn shows_clients(operation: &Operation) -> bool {
    let places = [
        "/v1/appointments",
        "/v1/clients",
        "/v1/exports/",
        "/v1/files/",
        "/v1/invoices/",
        "/v1/imports/{import_id}/",
        "/v1/staff/{staff_id}/",
    ];
    operation.method == Method::GET && places.iter().any(|place| operation.path.starts_with(place))
}

// decision 19
#[tokio::test]
async fn whoever_looks_at_a_client_leaves_an_entry() {
    let world = World::start().await;
    let (owner, portal, ids) = furnished(&world).await;
    let mut looks = Vec::new();
    for operation in documented().into_iter().filter(shows_clients) {
        let name = operation.name();
        let of_many = ["/v1/imports/", "/v1/staff/"].iter().any(|place| operation.path.starts_with(place));
        let of_one = !of_many && !["/v1/appointments", "/v1/clients"].contains(&operation.path.as_str());
        looks.push((format!("staff: {name}"), of_one, operation.send(&owner, &ids).await.expect(200)));
        if PORTAL.contains(&name.as_str()) {
            looks.push((format!("portal: {name}"), of_one, operation.send(&portal, &ids).await.expect(200)));
        }
    }
    let found = owner.post("/v1/clients/search", json!({"q": "maya"})).await.expect(200);
    looks.push(("search".to_owned(), false, found));
    let link = owner.do_post(&format!("/v1/files/{}/download", ids["file_id"])).await.expect(200);
    looks.push(("download".to_owned(), true, link));
    assert!(looks.len() >= 16, "{}", looks.len());
    let trail = trail(&world).await;
    for (name, of_one, answer) in looks {
        let entries = trail.get(&answer.header("x-request-id")).unwrap_or_else(|| panic!("{name} leaves no entry"));
        let client = Some(ids["client_id"].clone());
        assert!(!of_one || entries.iter().any(|(about, _)| *about == client), "{name}: {entries:?}");
        let named = ["staff: GET /v1/appointments", "staff: GET /v1/clients", "/sessions"];
        if name == "search" || named.iter().any(|end| name.ends_with(end)) {
            let shown = ids.get("client_id").expect("an id");
            assert!(entries.iter().any(|(_, resources)| resources.contains(shown)), "{name}: {entries:?}");
        }
    }
}
