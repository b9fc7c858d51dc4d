//! Rules that every route obeys, and a new one from its first day.

use std::collections::{BTreeMap, BTreeSet};

use caseload::web::{CLIENT, STAFF};
use caseload_local::functions::routers;
use caseload_local::openapi;
use end_to_end::{Answer, Persona, World};
use http::Method;
use serde_json::{Value, json};

/// Open to everybody: each is here because somebody thought about it.
const PUBLIC: &[&str] = &[
    "GET /.well-known/jwks.json",
    "GET /v1/calendars/{token}",
    "GET /v1/portals/{slug}",
    "POST /v1/auth/refresh",
    "POST /v1/auth/sessions",
    "POST /v1/auth/sign-in",
    "POST /v1/invitations/accept",
    "POST /v1/invitations/decline",
    "POST /v1/invitations/lookup",
    "POST /v1/invitations/renew",
    "POST /v1/mail/unsubscribe",
    "POST /v1/practices",
    "POST /v1/webhooks/payments",
];

/// Ends the session that asks.
const END_ALL: &str = "DELETE /v1/auth/sessions/all";

/// An operation of the API document.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: Method,
    path: String,
    said: Value,
}

impl Operation {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub(super) fn is_public(&self) -> bool {
        self.said["security"] == json!([{}])
    }

    /// Whether callers with this credential may ask at all.
    pub(super) fn is_for(&self, scheme: &str) -> bool {
        self.said["security"].as_array().is_some_and(|needed| needed.contains(&json!({scheme: []})))
    }

    /// Whether it takes a body.
    pub(super) fn takes_body(&self) -> bool {
        !self.said["requestBody"].is_null()
    }

    /// Whether it takes one byte for byte, and not as JSON.
    pub(super) fn takes_bytes(&self) -> bool {
        self.takes_body() && !self.said["responses"]["415"].is_object()
    }

    fn header(&self, name: &str) -> Option<&Value> {
        self.said["parameters"].as_array()?.iter().find(|one| one["in"] == "header" && one["name"] == name)
    }

    /// Whether it says that it takes this header.
    pub(super) fn takes_header(&self, name: &str) -> bool {
        self.header(name).is_some()
    }

    /// Whether it says that nothing is done without this header.
    pub(super) fn needs_header(&self, name: &str) -> bool {
        self.header(name).is_some_and(|header| header["required"] == true)
    }

    /// The body that its description shows.
    pub(super) fn example(&self) -> Option<&Value> {
        self.said.pointer("/requestBody/content/application~1json/example")
    }

    /// Its path with these ids for its placeholders.
    pub(super) fn path_with(&self, ids: &BTreeMap<String, String>) -> String {
        let path = ids.iter().fold(self.path.clone(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id));
        assert!(!path.contains('{'), "{path}: no id to put there");
        path
    }

    /// Sends it without a body, with these ids for its placeholders.
    async fn send(&self, persona: &Persona, ids: &BTreeMap<String, String>) -> Answer {
        self.ask(persona, ids, None).await
    }

    /// Sends it with these ids for its placeholders.
    pub(super) async fn ask(&self, persona: &Persona, ids: &BTreeMap<String, String>, body: Option<&Value>) -> Answer {
        self.ask_for(persona, ids, "", body).await
    }

    /// The same with a query.
    pub(super) async fn ask_for(
        &self,
        persona: &Persona,
        ids: &BTreeMap<String, String>,
        query: &str,
        body: Option<&Value>,
    ) -> Answer {
        let path = format!("{}{query}", self.path_with(ids));
        let request = persona.request(self.method.clone(), &path);
        match body {
            Some(body) => request.json(body).send().await,
            None => request.send().await,
        }
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

pub(super) fn documented() -> Vec<Operation> {
    operations(&serde_json::to_value(openapi::document()).expect("a document"))
}

/// Well-formed ids of things that are not there: what the description of each placeholder allows.
pub(super) fn nobodys_ids() -> BTreeMap<String, String> {
    let document = serde_json::to_value(openapi::document()).expect("a document");
    let mut ids = BTreeMap::new();
    for operation in operations(&document) {
        for parameter in operation.said["parameters"].as_array().into_iter().flatten().filter(|one| one["in"] == "path")
        {
            let name = parameter["name"].as_str().expect("a name").to_owned();
            let schema = parameter["schema"]["$ref"].as_str().unwrap_or_default().trim_start_matches('#');
            let pattern = document.pointer(&format!("{schema}/pattern")).and_then(Value::as_str);
            let id = pattern.and_then(|pattern| {
                let (prefix, rest) = pattern.strip_prefix('^')?.split_once('[')?;
                let length = rest.split_once('{')?.1.trim_end_matches("}$").parse().ok()?;
                Some(format!("{prefix}{}", "0".repeat(length)))
            });
            ids.insert(name, id.unwrap_or_else(|| "nobody".to_owned()));
        }
    }
    ids
}

// decision 26, OBS-1
#[test]
fn every_route_says_what_it_does_whose_it_is_and_how_it_refuses() {
    for (spec, router) in routers() {
        for operation in operations(&serde_json::to_value(router.into_openapi()).expect("a document")) {
            assert_eq!(operation.said["tags"], json!([spec.name]), "{}", operation.name());
        }
    }
    let document = serde_json::to_value(openapi::document()).expect("a document");
    let mut ids = BTreeSet::new();
    for operation in operations(&document) {
        let (name, said) = (operation.name(), &operation.said);
        assert!(said["summary"].as_str().is_some_and(|text| !text.is_empty()), "{name} has no summary");
        assert!(ids.insert(said["operationId"].to_string()), "{name} shares its operation id");
        let responses = said["responses"].as_object().expect("responses");
        let refusals: Vec<&Value> = responses.iter().filter(|(s, _)| s.starts_with('4')).map(|(_, r)| r).collect();
        assert!(!refusals.is_empty(), "{name} never refuses");
        for refusal in refusals {
            let shared = refusal["$ref"].as_str().unwrap_or_default().trim_start_matches('#');
            let refusal = document.pointer(shared).unwrap_or(refusal);
            let schema = &refusal["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/ProblemBody", "{name}");
        }
    }
}

// API-1: what nobody reads is refused, not dropped
#[test]
fn every_body_is_closed_to_what_it_does_not_name() {
    let document = serde_json::to_value(openapi::document()).expect("a document");
    for operation in operations(&document) {
        let schema = &operation.said["requestBody"]["content"]["application/json"]["schema"];
        for named in schema["oneOf"].as_array().unwrap_or(&vec![schema.clone()]) {
            let Some(name) = named["$ref"].as_str() else { continue };
            let body = document.pointer(name.trim_start_matches('#')).expect("a schema");
            let forms = body["oneOf"].as_array().cloned().unwrap_or_else(|| vec![body.clone()]);
            for form in forms {
                assert_eq!(form["additionalProperties"], json!(false), "{}: {name}", operation.name());
            }
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
    let mut asked: Vec<Operation> = documented().into_iter().filter(|operation| !operation.is_public()).collect();
    asked.sort_by_key(|operation| operation.name() == END_ALL);
    for operation in asked {
        for (persona, scheme) in [(&portal, CLIENT), (&practice.owner, STAFF)] {
            let (name, answer) = (operation.name(), operation.send(persona, &ids).await);
            if operation.is_for(scheme) {
                assert_ne!(answer.code(), "wrong_caller", "{name} is not for {scheme}");
            } else {
                assert_eq!(answer.code(), "wrong_caller", "{name} is for {scheme}");
                answer.expect_problem(403, "wrong_caller");
            }
        }
    }
}

// AZ-1, decision 24: what is not there is told of alike by every route, after what was sent has been read
#[tokio::test]
async fn nobody_finds_what_is_not_there() {
    let world = World::start().await;
    let practice = world.practice("somebody").await;
    practice.owner.patch("/v1/practice", json!({"payments": {"online": true}})).await.expect(200);
    let (_, portal) = practice.portal_client("Maya").await;
    let ids = nobodys_ids();
    for operation in documented().into_iter().filter(|operation| operation.path.contains('{')) {
        let who = if operation.is_for(STAFF) { &practice.owner } else { &portal };
        let who = if operation.is_public() { &world.anonymous } else { who };
        let request = who.request(operation.method.clone(), &operation.path_with(&ids)).header("if-match", "\"v1\"");
        let told = match operation.example() {
            Some(body) => request.json(body).send().await,
            None => request.send().await,
        };
        assert_eq!(told.status, 404, "{}: {}", operation.name(), told.json());
    }
}
