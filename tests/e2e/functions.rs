//! Every function takes the event it will be given: those of `events/`, through the adapter they are deployed with.

mod gateway;

use std::sync::{Arc, Mutex};

use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use caseload::clock::Clock;
use caseload_local::bucket::{Bucket, ObjectCreated, User};
use caseload_local::cloud::{BUCKET, Options, TABLE};
use caseload_local::functions::{Function, Trigger, routers};
use end_to_end::World;
use lambda_runtime::{Context, Error, LambdaEvent};
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;

pub(crate) use gateway::{event, invoke, routes, with};

// decision 8, decision 16
#[tokio::test]
async fn sign_up_and_sign_in_take_their_events() {
    let world = World::start().await;
    let app = world.cloud.app();
    let practice = invoke(routes("practice"), app, event("practice")).await.expect(201);
    assert_eq!((&practice["slug"], &practice["name"]), (&json!("harbor"), &json!("Harbor Therapy")));
    // It carries an idempotency key: a second delivery is the first one's answer.
    let again = invoke(routes("practice"), app, event("practice")).await.expect(201);
    assert_eq!(again, practice);
    let mails = world.mails("dana@harbor.example").await.len();
    let answer = invoke(routes("auth"), app, event("auth")).await.expect(202);
    assert!(answer["message"].is_string());
    assert_eq!(world.mails("dana@harbor.example").await.len(), mails + 1);
    assert!(!world.token("dana@harbor.example").await.is_empty());
}

/// Functions whose event comes without a session, and is handed in by a test of their own below.
const HAVE_THEIR_OWN: &[&str] = &["auth", "invite", "payment-webhook", "practice"];

// decision 16: whatever asks with a session is handed its event with one, and about a client that is there
#[tokio::test]
async fn signed_in_functions_take_their_events() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let client = owner.adds_client("Maya").await;
    let bearer = format!("Bearer {}", owner.access_token.as_deref().expect("a token"));
    let mut taken = Vec::new();
    for (spec, routes) in routers() {
        let raw = event(spec.name);
        if !raw.to_string().contains("Bearer REPLACE") {
            assert!(HAVE_THEIR_OWN.contains(&spec.name), "{}: no test hands it its event", spec.name);
            continue;
        }
        let nobody = invoke(routes, world.cloud.app(), raw.clone()).await.expect(401);
        assert_eq!(nobody["code"], "unauthenticated", "{}", spec.name);
        let mut asked = with(&raw, "Bearer REPLACE", &bearer);
        let foreign = ["pathParameters", "queryStringParameters"].map(|place| asked[place]["client_id"].clone());
        for foreign in foreign.iter().filter_map(Value::as_str) {
            asked = with(&asked, foreign, &client);
        }
        let router = Function::named(spec.name).and_then(Function::routes).expect("routes");
        let given = invoke(router, world.cloud.app(), asked).await;
        assert!((200..300).contains(&given.status), "{}: {} {}", spec.name, given.status, given.body);
        taken.push(spec.name);
    }
    assert_eq!(taken.len() + HAVE_THEIR_OWN.len(), routers().count(), "{taken:?}");
}

// D14
#[tokio::test]
async fn the_invitation_function_takes_its_event() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    practice.owner.adds_and_invites("Maya", "maya@mail.example").await;
    let refused = invoke(routes("invite"), world.cloud.app(), event("invite")).await.expect(404);
    assert_eq!(refused["code"], "invitation_not_found");
    let asked = with(&event("invite"), "REPLACE", &world.token("maya@mail.example").await);
    let found = invoke(routes("invite"), world.cloud.app(), asked).await.expect(200);
    assert_eq!((&found["state"], &found["practice"]["slug"]), (&json!("open"), &json!("harbor")));
}

// J7
#[tokio::test]
async fn the_payment_webhook_takes_its_event() {
    let world = World::start().await;
    let mut event = event("payment-webhook");
    let forged = invoke(routes("payment-webhook"), world.cloud.app(), event.clone()).await.expect(400);
    assert!(forged["code"].is_string());
    let body = event["body"].as_str().expect("a body").to_owned();
    event["headers"]["stripe-signature"] = json!(world.sign_webhook(&body));
    // Genuine, but no checkout of ours says the same.
    let taken = invoke(routes("payment-webhook"), world.cloud.app(), event.clone()).await.expect(200);
    assert_eq!(taken["result"], "ignored");
    // The same in base64, as the gateway sends what it takes for binary: the signature is over the decoded bytes.
    event["body"] = json!(STANDARD.encode(&body));
    event["isBase64Encoded"] = json!(true);
    let taken = invoke(routes("payment-webhook"), world.cloud.app(), event).await.expect(200);
    assert_eq!(taken["result"], "ignored");
}

// J3, J7
#[tokio::test]
async fn the_payment_webhooks_event_pays_the_checkout_it_names() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    owner.patch("/v1/practice", json!({"payments": {"online": true}})).await.expect(200);
    let (client, portal) = practice.portal_client("Maya").await;
    let price = json!({"amount": 15000, "currency": "USD"});
    let body =
        json!({"lines": [{"description": "Session", "quantity": 1, "unit_price": price}], "due_date": "2026-12-01"});
    let invoice = owner.post(&format!("/v1/clients/{client}/invoices"), body).await.expect(201).text("/id");
    owner.do_post(&format!("/v1/invoices/{invoice}/issue")).await.expect(200);
    let ask = json!({"invoice_ids": [invoice]});
    let checkout = portal.post(&format!("/v1/clients/{client}/checkout"), ask).await.expect(201);
    let url = checkout.text("/checkout_url");
    let session = url.rsplit('/').next().expect("a session");
    let payment = started_payment(&world, &client).await;
    let mut event = event("payment-webhook");
    let mut sent: Value = serde_json::from_str(event["body"].as_str().expect("a body")).expect("JSON");
    let object = &mut sent["data"]["object"];
    object["id"] = json!(session);
    object["client_reference_id"] = json!(payment);
    object["metadata"] = json!({"practice_id": practice.id, "client_id": client, "payment_id": payment});
    let body = sent.to_string();
    event["headers"]["stripe-signature"] = json!(world.sign_webhook(&body));
    event["body"] = json!(body);
    let taken = invoke(routes("payment-webhook"), world.cloud.app(), event.clone()).await.expect(200);
    assert_eq!(taken["result"], "applied");
    let taken = invoke(routes("payment-webhook"), world.cloud.app(), event).await.expect(200);
    assert_eq!(taken["result"], "duplicate");
    assert_eq!(owner.get(&format!("/v1/invoices/{invoice}")).await.expect(200).text("/state"), "paid");
}

/// The id that a client's only checkout has given the payment it waits for.
async fn started_payment(world: &World, client: &str) -> String {
    let mut pages = world.cloud.table().scan().table_name(TABLE).into_paginator().items().send();
    while let Some(item) = pages.next().await {
        let item = item.expect("an item");
        let key = item["sk"].as_s().expect("a text");
        if let Some(own) = key.strip_prefix("CHECKOUT#") {
            return format!("pay_{}{own}", client.trim_start_matches("cli_"));
        }
    }
    panic!("no checkout was started");
}

// decision 16
#[tokio::test]
async fn a_body_in_base64_is_decoded() {
    let world = World::start().await;
    let mut event = event("practice");
    event["body"] = json!(STANDARD.encode(event["body"].as_str().expect("a body")));
    event["isBase64Encoded"] = json!(true);
    let practice = invoke(routes("practice"), world.cloud.app(), event).await.expect(201);
    assert_eq!(practice["slug"], "harbor");
}

async fn panics() -> &'static str {
    panic!("something about Maya Lindqvist")
}

// OBS-1
#[tokio::test]
async fn a_panic_is_a_problem_and_the_process_lives() {
    let world = World::start().await;
    let app = world.cloud.app();
    let ask = |path: &str| {
        let mut event = event("clients");
        event["rawPath"] = json!(path);
        event["requestContext"]["http"]["path"] = json!(path);
        event
    };
    let router = || OpenApiRouter::new().route("/v1/panics", get(panics)).route("/v1/lives", get(async || "yes"));
    for _ in 0..2 {
        let answer = invoke(router(), app, ask("/v1/panics")).await;
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert!(!answer.body.contains("Maya"), "{}", answer.body);
        let problem = answer.expect(500);
        assert_eq!(problem["status"], 500);
        assert_eq!(problem["code"], "internal");
    }
    assert_eq!(invoke(router(), app, ask("/v1/lives")).await.body, "yes");
}

/// A bucket that tells nobody of what arrives, but keeps note of it; its folder is the test's to hold.
async fn silent_bucket(root: &std::path::Path, clock: &Clock) -> (Bucket, Arc<Mutex<Vec<ObjectCreated>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    let note = move |object| notes.lock().expect("a lock").push(object);
    let user = User::default();
    (Bucket::start(root, BUCKET, None, &user, vec![], clock.clone(), note).await.expect("a bucket"), seen)
}

// IMP-2
#[tokio::test]
async fn the_import_worker_takes_its_event() {
    let root = std::env::temp_dir().join(format!("caseload-functions-{}", std::process::id()));
    let mut options = Options::default();
    let (bucket, seen) = silent_bucket(&root, &options.clock).await;
    options.endpoints.s3 = Some(bucket.endpoint.clone());
    let world = World::with(options).await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let bytes = b"First Name,Last Name,Email\nAna,Okafor,ana@mail.example\n".to_vec();
    let body = json!({"file_name": "clients.csv", "size": bytes.len()});
    let import = owner.post("/v1/imports", body).await.expect(201);
    let path = format!("/v1/imports/{}", import.text("/id"));
    owner.upload(&import.at("/upload"), bytes).await.expect(200);
    assert_eq!(imports(&world, &seen, "source.csv").await, json!({"answers": ["ready"]}));
    assert_eq!(owner.get(&path).await.expect(200).text("/state"), "ready");
    owner.do_post(&format!("{path}/commit")).await.expect(202);
    assert_eq!(imports(&world, &seen, "commit.json").await, json!({"answers": ["done"]}));
    assert_eq!(owner.get(&path).await.expect(200).text("/state"), "done");
    assert_eq!(owner.get("/v1/clients").await.expect(200).at("/total"), 1);
    // As it stands in the file it names nothing that is there.
    let nothing = hand(&world, "import-worker", event("import-worker")).await;
    assert_eq!(nothing.expect("an answer"), json!({"answers": ["ignored"]}));
    drop(bucket);
    std::fs::remove_dir_all(&root).expect("the bucket's folder");
}

fn context(world: &World) -> Context {
    let mut context = Context::default();
    let deadline = world.cloud.clock().unmoved().as_millisecond() + 900_000;
    context.deadline = u64::try_from(deadline).expect("a time after 1970");
    context
}

/// Gives a function that answers no requests its event.
async fn hand(world: &World, function: &str, event: Value) -> Result<Value, Error> {
    let app = world.cloud.app().clone();
    match Function::named(function).expect("a function").trigger {
        Trigger::Objects(_, handle) => {
            handle(app, LambdaEvent::new(serde_json::from_value(event)?, context(world))).await
        }
        Trigger::Schedules(_, handle) => handle(app, LambdaEvent::new(event, context(world))).await,
        Trigger::Requests(..) => panic!("{function} answers requests"),
    }
}

/// A worker's event file, about an object that has arrived.
fn arrived(function: &str, seen: &Mutex<Vec<ObjectCreated>>, name: &str) -> Value {
    let object = seen.lock().expect("a lock").iter().rev().find(|object| object.key.ends_with(name)).cloned();
    let object = object.unwrap_or_else(|| panic!("no {name} has arrived"));
    let mut event = event(function);
    let said = &mut event["Records"][0]["s3"];
    said["bucket"]["name"] = json!(BUCKET);
    said["object"]["key"] = json!(object.key);
    said["object"]["size"] = json!(object.size);
    said["object"]["eTag"] = json!(object.etag);
    event
}

async fn imports(world: &World, seen: &Mutex<Vec<ObjectCreated>>, name: &str) -> Value {
    hand(world, "import-worker", arrived("import-worker", seen, name)).await.expect("an answer")
}

async fn exports(world: &World, seen: &Mutex<Vec<ObjectCreated>>) -> Value {
    hand(world, "export-worker", arrived("export-worker", seen, "order.json")).await.expect("an answer")
}

/// The keys of the archives and orders that are in the bucket.
fn kept(root: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root.join(BUCKET).join("exports")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false => found.push(path.file_name().expect("a name").to_string_lossy().into_owned()),
            }
        }
    }
    found
}

// X5, decision 11, decision 21
#[tokio::test]
async fn the_export_worker_takes_its_event() {
    let root = std::env::temp_dir().join(format!("caseload-exports-{}", std::process::id()));
    let mut options = Options::default();
    let (bucket, seen) = silent_bucket(&root, &options.clock).await;
    options.endpoints.s3 = Some(bucket.endpoint.clone());
    let world = World::with(options).await;
    let owner = world.practice("harbor").await.owner;
    let client = format!("/v1/clients/{}", owner.adds_client("Ana Okafor").await);
    let ask =
        async || format!("/v1/exports/{}", owner.do_post(&format!("{client}/export")).await.expect(202).text("/id"));
    let body = json!({"name": "a.txt", "size": 5, "content_type": "text/plain"});
    let file = owner.post(&format!("{client}/files"), body).await.expect(201);
    owner.upload(&file.at("/upload"), "hello").await.expect(200);
    let file = format!("/v1/files/{}", file.text("/id"));
    owner.do_post(&format!("{file}/complete")).await.expect(200);

    let export = ask().await;
    assert_eq!(owner.get(&export).await.expect(200).text("/state"), "preparing");
    owner.do_post(&format!("{export}/download")).await.expect_problem(409, "export_not_ready");
    assert_eq!(exports(&world, &seen).await, json!({"answers": ["made"]}));
    assert_eq!(exports(&world, &seen).await, json!({"answers": ["made_before"]}));
    owner.do_post(&format!("{export}/download")).await.expect(200);
    assert_eq!(kept(&root).len(), 1, "the order is gone, the archive is there");

    // A file that goes meanwhile: no archive rather than one that lacks something.
    let export = ask().await;
    owner.delete(&file).await.expect(204);
    assert_eq!(exports(&world, &seen).await, json!({"answers": ["outdated"]}));
    assert_eq!(owner.get(&export).await.expect(200).text("/state"), "failed");
    owner.do_post(&format!("{export}/download")).await.expect_problem(409, "export_failed");

    // A client that goes meanwhile: nothing of it comes back.
    let export = ask().await;
    owner.delete(&client).await.expect(204);
    owner.get(&export).await.expect_problem(404, "not_found");
    world.run("finish-deletions").await;
    assert_eq!(kept(&root), Vec::<String>::new());
    assert_eq!(exports(&world, &seen).await, json!({"answers": ["gone"]}));

    // As it stands in the file it names nothing that is there.
    let nothing = hand(&world, "export-worker", event("export-worker")).await;
    assert_eq!(nothing.expect("an answer"), json!({"answers": ["gone"]}));
    drop(bucket);
    std::fs::remove_dir_all(&root).expect("the bucket's folder");
}

// D10
#[tokio::test]
async fn the_functions_of_schedules_take_their_events() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let settings = json!({"invitations": {"resend_after_days": 3, "max_resends": 2, "expires_after_days": 7}});
    practice.owner.patch("/v1/practice", settings).await.expect(200);
    practice.owner.adds_and_invites("Noor Haddad", "noor@mail.example").await;
    world.advance(259_300).await;
    let tally = hand(&world, "resend-invitations", event("resend-invitations")).await.expect("a tally");
    assert_eq!(tally, json!({"due": 1, "sent": 1, "skipped": 0}));
    assert_eq!(world.mails("noor@mail.example").await.len(), 2);
    let other = json!({"schedule": "resend-invitations", "more": 1});
    assert!(hand(&world, "resend-invitations", other).await.is_err());

    let tally = hand(&world, "housekeeping", event("housekeeping")).await.expect("a tally");
    assert_eq!(tally, json!({"due": 0, "done": 0, "skipped": 0}));
    assert!(hand(&world, "housekeeping", event("resend-invitations")).await.is_err());
}
