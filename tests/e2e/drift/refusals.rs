//! What the layer around every endpoint refuses, asked of every route there is.

use caseload::web::STAFF;
use end_to_end::{Persona, World};
use http::Method;
use serde_json::json;

use super::routes::{Operation, documented, nobodys_ids};

/// More than any route takes.
const LARGE: usize = 1024 * 1024;

/// Sends a body of a kind.
async fn sends(who: &Persona, operation: &Operation, path: &str, kind: &str, body: String) -> end_to_end::Answer {
    who.request(operation.method.clone(), path).header("content-type", kind).body(body).send().await
}

// API-1, API-6, OBS-1, decision 24: a body and a query are read before anything else, so nothing has to be there
#[tokio::test]
async fn every_route_refuses_what_it_cannot_read() {
    let world = World::start().await;
    let practice = world.practice("shape").await;
    let (_, portal) = practice.portal_client("Maya").await;
    let ids = nobodys_ids();
    for operation in documented() {
        let (name, path) = (operation.name(), operation.path_with(&ids));
        let who = match operation {
            _ if operation.is_public() => &world.anonymous,
            _ if operation.is_for(STAFF) => &practice.owner,
            _ => &portal,
        };
        let query = who.request(operation.method.clone(), &format!("{path}?no_such=1")).send().await;
        query.expect_problem(400, "unknown_parameter");
        let large = format!("{{\"q\":\"{}\"}}", "x".repeat(LARGE));
        sends(who, &operation, &path, "application/json", large).await.expect_problem(413, "body_too_large");
        if operation.takes_bytes() {
            continue;
        }
        let malformed = sends(who, &operation, &path, "application/json", "{\"a\":".to_owned()).await;
        malformed.expect_problem(400, "malformed_json");
        sends(who, &operation, &path, "text/plain", "{}".to_owned()).await.expect_problem(415, "media_type");
        let unknown = json!({"no_such_field": 1}).to_string();
        let unknown = sends(who, &operation, &path, "application/json", unknown).await;
        assert_eq!(unknown.text("/errors/0/pointer"), "/no_such_field", "{name}");
        unknown.expect_problem(422, "unknown_field");
        if operation.method == Method::POST && !operation.is_public() {
            let blank = who.request(Method::POST, &path).header("idempotency-key", " ").send().await;
            blank.expect_problem(400, "idempotency_key_invalid");
            let nobody = sends(&world.anonymous, &operation, &path, "text/plain", "{".to_owned()).await;
            nobody.expect_problem(401, "unauthenticated");
        }
    }
}
