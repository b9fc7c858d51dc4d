//! Every served cell: its status; no write and one denial in the trail where refused; the right client's body where not.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use caseload_local::cloud::TABLE;
use end_to_end::matrix::{self, Row};
use end_to_end::{Answer, World};

use super::asks::NOT_SERVED;
use super::objects::{Ask, Objects};
use super::routes;
use super::scene::Scene;

/// What a cell came to.
pub(super) struct Asked {
    cell: String,
    /// Method and path.
    route: String,
    expected: char,
    answer: Answer,
    /// Whether the caller had a live session.
    live: bool,
}

fn letter(status: u16) -> char {
    match status {
        200..=299 => 'A',
        400 => 'B',
        401 => 'U',
        403 => 'F',
        404 => 'N',
        _ => '?',
    }
}

async fn send(scene: &Scene<'_>, ask: &Ask) -> Answer {
    let mut request = scene.caller.request(ask.method.clone(), &ask.path);
    if let Some(tag) = &ask.tag {
        request = request.header("if-match", tag);
    }
    match &ask.body {
        Some(body) => request.json(body).send().await,
        None => request.send().await,
    }
}

/// Parts of the profile that are left out of it where they are not for the caller.
fn part(row: &Row) -> Option<&'static str> {
    match row.name().as_str() {
        "client.read_diagnosis" => Some("clinical"),
        "client.read_overview" => Some("occupation"),
        "client.stats_read" => Some("stats"),
        _ => None,
    }
}

/// What the answer says: for a part of a profile, whether it is there.
fn said(row: &Row, answer: &Answer, by_client: bool) -> char {
    match (letter(answer.status.as_u16()), part(row)) {
        ('A', Some(part)) if answer.json().get(part).is_none() => 'F',
        // The part is for no client; that the profile around it is another client's, only the profile's own row says.
        ('N', Some(_)) if by_client => 'F',
        (letter, _) => letter,
    }
}

/// Denials in the trail, and all entries, by request.
async fn trail(world: &World) -> BTreeMap<String, (usize, usize)> {
    let mut trail: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut pages = world.cloud.table().scan().table_name(TABLE).into_paginator().items().send();
    while let Some(item) = pages.next().await {
        let item = item.expect("an item");
        let text = |name: &str| item.get(name).and_then(|value: &AttributeValue| value.as_s().ok()).cloned();
        if text("entity").as_deref() == Some("audit") {
            let entries = trail.entry(text("request").expect("a request")).or_default();
            entries.0 += usize::from(text("decided").as_deref() == Some("denied"));
            entries.1 += 1;
        }
    }
    trail
}

/// Whether an allowed answer shows something of client C.
fn shows_client(row: &Row) -> bool {
    let of_client = ["appointment", "client", "file", "invoice"].iter().any(|kind| row.resource.starts_with(kind));
    row.kind == "object" && of_client && (row.action.starts_with("read") || row.action == "download")
}

/// Asks everything that is served as the scene's caller, and expects what a column says.
pub(super) async fn ask_all(
    scene: &Scene<'_>,
    objects: &Objects,
    column: usize,
    served: &mut BTreeSet<String>,
) -> Vec<Asked> {
    let live = scene.caller.get("/v1/me").await.status == 200;
    let mut asked = Vec::new();
    for row in matrix::rows() {
        let expected = row.cells[column].expected;
        let Some(ask) = scene.ask(&row, objects, expected == 'A').await else {
            continue;
        };
        served.insert(row.name());
        let answer = send(scene, &ask).await;
        let cell = format!("{} as {}: {} {}", row.name(), scene.principal, ask.method, ask.path);
        let got = said(&row, &answer, scene.principal.starts_with("client_"));
        let body = String::from_utf8_lossy(&answer.bytes).into_owned();
        assert_eq!(got, expected, "{cell} {} {body}", answer.status);
        if shows_client(&row) && got == 'A' {
            // The id of whatever belongs to a client carries the client's own.
            let key = scene.client.trim_start_matches("cli_");
            assert!(body.contains(key), "{cell} is about somebody else: {body}");
        }
        let route = format!("{} {}", ask.method, ask.path);
        asked.push(Asked { cell, route, expected, live, answer });
    }
    asked
}

/// The whole column of a principal.
async fn ask_as(world: &World, principal: &str, column: usize, served: &mut BTreeSet<String>) -> Vec<Asked> {
    let mut scene = Scene::build(world, principal).await;
    let objects = Objects::make(&scene).await;
    scene.cast().await;
    scene.check_offers(&matrix::rows(), column).await;
    ask_all(&scene, &objects, column, served).await
}

// E3, E4, E5, E6, E8, L9, L13, L16: the matrix as its callers meet it
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_served_cell_of_the_matrix_is_what_a_caller_meets() {
    let world = World::start().await;
    let mut served = BTreeSet::new();
    let mut asked = Vec::new();
    for (column, principal) in matrix::principals().iter().enumerate() {
        asked.extend(ask_as(&world, principal, column, &mut served).await);
    }
    let trail = trail(&world).await;
    for Asked { cell, expected, answer, live, .. } in &asked {
        let request = answer.header("x-request-id");
        let (denials, entries) = trail.get(&request).copied().unwrap_or_default();
        let refused = matches!(expected, 'F' | 'N' | 'U') && !answer.status.is_success();
        if !refused {
            continue;
        }
        assert_eq!(denials, usize::from(*live), "{cell}: denials in the trail");
        for call in world.calls(answer).await {
            let operation = call["operation"].as_str().unwrap_or_default().to_owned();
            let reads = matches!(operation.as_str(), "BatchGetItem" | "GetItem" | "Query");
            assert!(reads || (operation == "PutItem" && entries > 0), "{cell} writes: {operation}");
        }
    }
    let unserved: Vec<String> = matrix::rows().iter().map(Row::name).filter(|name| !served.contains(name)).collect();
    assert_eq!(unserved, NOT_SERVED, "the list of rows without a route is not right");
    routes::check(asked.iter().map(|asked| asked.route.as_str()));
    // Everybody asks for all of them, but who is signed in not for the upload of the other kind of caller, which is the
    // same request.
    let (all, callers) = (served.len() * matrix::principals().len(), matrix::principals().len());
    assert!((all - callers..all).contains(&asked.len()), "{} of {all} cells were asked", asked.len());
    assert!(served.len() >= 70, "fewer rows are served than before: {}", served.len());
}
