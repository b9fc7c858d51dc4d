//! Every served cell: its status; no write and one denial in the trail where refused; the right client's body where not.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use caseload::access::Shows;
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
    row: Row,
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

/// Rows that are asked for as a part of something larger, and what the trail calls that.
const WITHIN: &[(&str, &str)] = &[
    // A profile is read and shown as a whole, without the parts that are not for its reader.
    ("client.read_diagnosis", "client.read"),
    ("client.read_overview", "client.read"),
    ("client.stats_read", "client.read"),
    // One request invites, whether for the first time or again.
    ("portal_access.resend", "portal_access.invite"),
    // One request changes several things; the entry names the fields.
    ("portal_access.update_login_email", "portal_access.permissions_update"),
    ("settings.payments_connect", "settings.update"),
    ("settings.portal_toggle", "settings.update"),
    // Whether somebody is only invited is known once they are read.
    ("staff.revoke_invite", "staff.remove"),
];

/// An entry of the trail.
struct Entry {
    action: String,
    denied: bool,
}

/// The entries of the trail, by request.
async fn trail(world: &World) -> BTreeMap<String, Vec<Entry>> {
    let mut trail: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    let mut pages = world.cloud.table().scan().table_name(TABLE).into_paginator().items().send();
    while let Some(item) = pages.next().await {
        let item = item.expect("an item");
        let text = |name: &str| item.get(name).and_then(|value: &AttributeValue| value.as_s().ok()).cloned();
        if text("entity").as_deref() == Some("audit") {
            let denied = text("decided").as_deref() == Some("denied");
            let entry = Entry { action: text("action").expect("an action"), denied };
            trail.entry(text("request").expect("a request")).or_default().push(entry);
        }
    }
    trail
}

/// What the trail says otherwise than the row: another action, or an entry that is not there or should not be.
fn compare(asked: &Asked, entries: &[Entry]) -> Option<String> {
    let Asked { cell, row, route, .. } = asked;
    let action = row.asks();
    let within = WITHIN.iter().find(|(part, _)| *part == row.name()).map(|(_, whole)| *whole);
    let other = entries.iter().find(|entry| {
        // Nobody has asked the policy about a caller of the wrong kind: the route stands for the action.
        let early = entry.denied && routes::is_of(&entry.action, route);
        entry.action != action.name() && Some(entry.action.as_str()) != within && !early
    });
    if let Some(Entry { action, .. }) = other {
        return Some(format!("{cell}: {action} in the trail"));
    }
    if routes::shows_by_post(route, action) {
        return Some(format!("{cell} shows clients by POST, and is not in READ_BY_POST"));
    }
    let silent = match action.shows() {
        Shows::Clients => false,
        Shows::Nothing => true,
        Shows::Changed => route.starts_with("GET "),
    };
    let wrong = asked.answer.status.is_success() && entries.is_empty() != silent;
    wrong.then(|| format!("{cell}: {} entries in the trail", entries.len()))
}

/// Whether an allowed answer shows something of client C.
fn shows_client(row: &Row) -> bool {
    // Portal access is told by the address, not by the id; an import is of people who may be no clients; a list may be
    // empty.
    let by_id = !row.resource.starts_with("portal_access") && !row.resource.starts_with("import");
    let one = row.action.starts_with("read") || row.action == "download";
    row.kind == "object" && row.asks().shows() == Shows::Clients && one && by_id
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
        asked.push(Asked { cell, route, row, expected, live, answer });
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
    let mut differences = Vec::new();
    for one in &asked {
        let Asked { cell, expected, answer, live, .. } = one;
        let entries = trail.get(&answer.header("x-request-id")).map(Vec::as_slice).unwrap_or_default();
        differences.extend(compare(one, entries));
        let refused = matches!(expected, 'F' | 'N' | 'U') && !answer.status.is_success();
        if !refused {
            continue;
        }
        let denials = entries.iter().filter(|entry| entry.denied).count();
        assert_eq!(denials, usize::from(*live), "{cell}: denials in the trail");
        for call in world.calls(answer).await {
            let operation = call["operation"].as_str().unwrap_or_default().to_owned();
            let reads = matches!(operation.as_str(), "BatchGetItem" | "GetItem" | "Query");
            assert!(reads || (operation == "PutItem" && !entries.is_empty()), "{cell} writes: {operation}");
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    let unserved: Vec<String> = matrix::rows().iter().map(Row::name).filter(|name| !served.contains(name)).collect();
    assert_eq!(unserved, NOT_SERVED, "the list of rows without a route is not right");
    routes::check(asked.iter().map(|asked| asked.route.as_str()));
    // Everybody asks for all of them, but who is signed in not for the upload or the task of the other kind of caller,
    // which is the same request.
    let (all, callers) = (served.len() * matrix::principals().len(), matrix::principals().len());
    assert!((all - 2 * callers..all).contains(&asked.len()), "{} of {all} cells were asked", asked.len());
    assert!(served.len() >= 70, "fewer rows are served than before: {}", served.len());
}
