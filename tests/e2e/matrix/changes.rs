//! What changes about a caller holds from the next request on, under the same session: in every family of routes.
//!
//! A caller is asked everything, then something happens to it, then it is asked everything again and has to meet what
//! the matrix says of the principal it has become.

use std::collections::BTreeSet;

use end_to_end::{World, matrix};
use serde_json::{Value, json};

use super::cells::ask_all;
use super::objects::Objects;
use super::scene::Scene;

fn column(principal: &str) -> usize {
    matrix::principals().iter().position(|name| name == principal).expect("a principal")
}

/// Asks as `before`, lets the practice's owner do something, and asks as `after`.
async fn becomes(before: &str, change: impl AsyncFnOnce(&Scene<'_>), after: &str) {
    let world = World::start().await;
    let mut scene = Scene::build(&world, before).await;
    let objects = Objects::make(&scene).await;
    scene.cast().await;
    let mut served = BTreeSet::new();
    let first = ask_all(&scene, &objects, column(before), &mut served).await;
    change(&scene).await;
    let second = ask_all(&scene, &objects, column(after), &mut served).await;
    assert_eq!(first.len(), second.len());
}

async fn put(scene: &Scene<'_>, what: &str, body: Value) {
    scene.owner.put(&format!("/v1/staff/{}/{what}", scene.caller.id), body).await.expect(200);
}

// L3, decision 6, decision 10
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_deactivated_is_out_with_the_next_request() {
    let change = async |scene: &Scene<'_>| put(scene, "status", json!({"status": "inactive"})).await;
    becomes("therapist_assigned", change, "therapist_inactive").await;
}

// L3, decision 6
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_put_on_hold_sees_no_client_with_the_next_request() {
    let change = async |scene: &Scene<'_>| put(scene, "status", json!({"status": "on_hold"})).await;
    becomes("therapist_assigned", change, "therapist_on_hold").await;
}

// L8
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_role_holds_from_the_next_request() {
    let change = async |scene: &Scene<'_>| {
        let off = scene.role_with_all("off").await;
        put(scene, "role", json!({"role_id": off})).await;
    };
    becomes("therapist_assigned", change, "therapist_restricted").await;
}

// L5, L8
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_role_holds_from_the_next_request() {
    let change = async |scene: &Scene<'_>| {
        let role = format!("/v1/roles/{}", scene.role("Therapist"));
        let body = json!({"requires_supervision": true});
        scene.owner.patch(&role, body).await.expect(200);
    };
    becomes("therapist_assigned", change, "supervisee_assigned").await;
}

// L13
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn supervision_that_has_ended_shows_nothing_with_the_next_request() {
    let change = async |scene: &Scene<'_>| {
        let path = format!("/v1/staff/{}/supervisors", scene.therapist.id);
        scene.owner.put(&path, json!({"supervisor_ids": []})).await.expect(200);
    };
    becomes("supervisor", change, "supervisor_unrelated").await;
}

// L13, S3
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn supervision_that_is_switched_off_shows_nothing_with_the_next_request() {
    let change = async |scene: &Scene<'_>| {
        let off = json!({"team": {"supervision": false}});
        scene.owner.patch("/v1/practice", off).await.expect(200);
    };
    becomes("supervisor_of_walkin", change, "supervisor_supervision_off").await;
}

// L4
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_removed_is_out_with_the_next_request() {
    let change = async |scene: &Scene<'_>| {
        let path = format!("/v1/staff/{}", scene.caller.id);
        let tag = scene.owner.get(&path).await.expect(200).header("etag");
        let request = scene.owner.request(http::Method::DELETE, &path).header("if-match", &tag);
        request.json(&json!({"leave_unassigned": true, "sessions": "cancel"})).send().await.expect(204);
    };
    becomes("therapist_walkin", change, "therapist_removed").await;
}
