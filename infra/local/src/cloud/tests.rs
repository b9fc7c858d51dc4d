use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpStream;

use super::*;
use crate::faults::{Fault, Kind};

struct Answer {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Bytes,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

async fn send(url: &str, request: http::request::Builder, body: Bytes) -> Answer {
    let address = url.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = request.header("host", address).body(Full::new(body)).unwrap();
    let (parts, body) = sender.send_request(request).await.unwrap().into_parts();
    Answer { status: parts.status, headers: parts.headers, body: body.collect().await.unwrap().to_bytes() }
}

async fn ask(url: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    send(url, request, Bytes::from(body)).await
}

fn sign_up() -> Option<Value> {
    Some(json!({
        "name": "Harbor Therapy", "slug": "harbor", "time_zone": "America/New_York", "currency": "USD",
        "default_region": "US", "owner": {"full_name": "Dana Owner", "email": "dana@harbor.example"},
    }))
}

async fn get(cloud: &Cloud, path: &str) -> Answer {
    ask(&cloud.url, Method::GET, path, None).await
}

async fn post(cloud: &Cloud, path: &str, body: Option<Value>) -> Answer {
    ask(&cloud.url, Method::POST, path, body).await
}

// story 0 and 1
#[tokio::test]
async fn a_practice_signs_up_and_its_owner_has_mail_with_a_working_link() {
    let cloud = Cloud::start(Options::default()).await.unwrap();
    let answer = post(&cloud, "/v1/practices", sign_up()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{:?}", answer.body);

    let mail = get(&cloud, "/dev/mail?to=dana%40harbor.example").await.json();
    let text = mail["items"][0]["text"].as_str().unwrap();
    let link = format!("{}/sign-in#token=", cloud.url);
    assert!(text.lines().any(|line| line.starts_with(&link)), "{text}");
    let page = get(&cloud, "/sign-in").await;
    assert_eq!(
        (page.status, page.headers["content-type"].to_str().unwrap()),
        (StatusCode::OK, "text/html; charset=utf-8")
    );
    assert_eq!(get(&cloud, "/dev/mail?to=maya%40mail.example").await.json(), json!({"items": []}));

    let request = answer.headers["x-request-id"].to_str().unwrap();
    let calls = get(&cloud, &format!("/dev/calls?request_id={request}")).await.json();
    let operations: Vec<_> = calls["items"].as_array().unwrap().iter().map(|call| call["operation"].clone()).collect();
    assert_eq!(operations[..4], ["BatchGetItem", "UpdateItem", "TransactWriteItems", "SendEmail"], "{calls}");
    let written = &calls["items"][2];
    assert!(written["write_units"].as_f64().unwrap() > 0.0 && written["round"] == 3, "{calls}");
    assert!(cloud.calls().of(request).iter().any(|call| call.operation == "SendEmail" && call.round == 4));

    let practices = get(&cloud, "/dev/practices").await.json();
    assert_eq!(practices["items"][0]["slug"], "harbor");
}

#[tokio::test]
async fn the_pages_and_the_api_keep_to_their_own_side() {
    let cloud = Cloud::start(Options::default()).await.unwrap();
    for (path, status, part) in [
        ("/dev", 200, "Caseload, locally"),
        ("/dev/openapi.json", 200, "/v1/practices"),
        ("/dev/api/", 200, "swagger-ui"),
        ("/dev/api/swagger-initializer.js", 200, "/dev/openapi.json"),
        ("/invitation", 200, "/v1/invitations/accept"),
        ("/dev/nothing", 404, "not_found"),
        ("/v1/nothing", 404, "not_found"),
    ] {
        let answer = get(&cloud, path).await;
        let body = String::from_utf8_lossy(&answer.body);
        assert_eq!((answer.status.as_u16(), body.contains(part)), (status, true), "{path}: {body}");
    }
    let problem = post(&cloud, "/dev/run/tidy-up", None).await;
    assert_eq!((problem.status, &problem.json()["code"]), (StatusCode::NOT_FOUND, &json!("unknown_schedule")));
    assert_eq!(post(&cloud, "/dev/run/flush-mail", None).await.status, StatusCode::OK);
    let trouble = post(&cloud, "/dev/mail/trouble", Some(json!({"mode": "failing"}))).await;
    assert_eq!(trouble.json(), json!({"mode": "failing"}));
    let moved = post(&cloud, "/dev/clock", Some(json!({"now": "2027-01-01T00:00:00Z"}))).await.json();
    assert!(moved["now"].as_str().unwrap().starts_with("2027-01-01T00:00:00"), "{moved}");
    assert!(cloud.clock().now().to_string().starts_with("2027-01-01T00:00:0"));
}

#[tokio::test]
async fn a_lost_answer_and_a_throttled_call_are_got_over() {
    let cloud = Cloud::start(Options::default()).await.unwrap();
    cloud.faults().arm(Fault::at(1, Kind::Throttle).operation("TransactWriteItems"));
    cloud.faults().arm(Fault::at(2, Kind::LostResponse).operation("TransactWriteItems"));
    assert_eq!(post(&cloud, "/v1/practices", sign_up()).await.status, StatusCode::CREATED);
    assert_eq!(cloud.faults().struck(), 2);
    let tries = cloud.calls().all().iter().filter(|call| call.operation == "TransactWriteItems").count();
    assert_eq!(tries, 3);
}

#[tokio::test]
async fn a_held_call_has_not_reached_the_table_before_it_is_let_go() {
    let cloud = Cloud::start(Options::default()).await.unwrap();
    cloud.faults().arm(Fault::at(1, Kind::Hold).operation("TransactWriteItems"));
    let meanwhile = async {
        cloud.faults().have_struck(1).await;
        // Several rounds: more than a call takes that nobody holds.
        for _ in 0..5 {
            assert_eq!(get(&cloud, "/v1/portals/harbor").await.status, StatusCode::NOT_FOUND);
        }
        cloud.faults().clear();
    };
    let (answer, ()) = tokio::join!(post(&cloud, "/v1/practices", sign_up()), meanwhile);
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(get(&cloud, "/v1/portals/harbor").await.status, StatusCode::OK);
}

#[tokio::test]
async fn mail_that_hangs_holds_nobody_up_for_long() {
    let cloud = Cloud::start(Options::default()).await.unwrap();
    let mailbox = cloud.mailbox().unwrap();
    mailbox.set_trouble(crate::mailbox::Trouble::Hanging);
    let patience_ends = async {
        mailbox.hanging().wait_for(|calls| *calls == 1).await.unwrap();
        cloud.clock().advance(SignedDuration::from_secs(3));
    };
    let (answer, ()) = tokio::join!(post(&cloud, "/v1/practices", sign_up()), patience_ends);
    assert_eq!(answer.status, StatusCode::CREATED);
}

#[tokio::test]
async fn data_and_tokens_outlive_a_restart_where_they_are_kept() {
    let dir = std::env::temp_dir().join(format!("caseload-cloud-{}", std::process::id()));
    let options = || Options { data_dir: Some(dir.clone()), ..Options::default() };
    let cloud = Cloud::start(options()).await.unwrap();
    assert_eq!(post(&cloud, "/v1/practices", sign_up()).await.status, StatusCode::CREATED);
    let second = Cloud::start(options()).await.unwrap_err();
    assert!(matches!(second, StartError::InUse(_)), "{second}");
    let keys = cloud.app().verifier().unwrap().jwks().clone();
    cloud.shutdown().await;
    let cloud = Cloud::start(options()).await.unwrap();
    assert_eq!(get(&cloud, "/v1/portals/harbor").await.status, StatusCode::OK);
    assert_eq!(cloud.app().verifier().unwrap().jwks(), &keys);
    cloud.shutdown().await;
    std::fs::remove_dir_all(dir).unwrap();
}

#[tokio::test]
async fn a_busy_port_and_a_bad_endpoint_are_named() {
    let cloud = Cloud::start(Options::default()).await.unwrap();
    let port = cloud.url.rsplit(':').next().unwrap().parse().unwrap();
    let start = |port, dynamodb: Option<&str>| {
        let dynamodb = dynamodb.map(str::to_owned);
        let endpoints = Endpoints { dynamodb, ..Endpoints::default() };
        Cloud::start(Options { port, endpoints, ..Options::default() })
    };
    let error = start(port, None).await.unwrap_err().to_string();
    assert!(error.contains(&port.to_string()) && error.contains("--port") && !error.contains('\n'), "{error}");
    let error = start(0, Some("https://dynamodb.example")).await.unwrap_err();
    assert!(matches!(error, StartError::Endpoint(_)), "{error}");
}

#[tokio::test]
async fn dropping_it_takes_the_temporary_folder_and_the_port_along() {
    let cloud = Cloud::start(Options::default()).await.unwrap();
    let (folder, url) = (cloud.parts._folder.path.clone(), cloud.url.clone());
    assert!(folder.exists());
    assert_eq!(get(&cloud, "/dev/clock").await.status, StatusCode::OK);
    drop(cloud);
    let address = url.strip_prefix("http://").unwrap();
    while folder.exists() || TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

// story 0: every rule about time obeys the clock
#[tokio::test]
async fn a_grant_lives_by_the_clock_wherever_it_was_moved() {
    let cloud = Cloud::start(Options::default()).await.unwrap();
    let put = async |key: &str, late: SignedDuration| {
        let files = cloud.app().files().unwrap();
        let grant = files.grant_upload(key, 5, "text/plain", None, cloud.app().now()).await.unwrap();
        cloud.clock().advance(late);
        let path = grant.url.splitn(4, '/').last().unwrap();
        let request = Request::builder().method(Method::PUT).uri(format!("/{path}"));
        let request = grant.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        send(&grant.url, request, Bytes::from_static(b"hello")).await.status
    };
    let (at_once, late) = (SignedDuration::ZERO, SignedDuration::from_secs(301));
    assert_eq!(put("a", at_once).await, StatusCode::OK);
    assert_eq!(put("b", late).await, StatusCode::FORBIDDEN);
    for (key, now) in [("c", "2027-06-01T00:00:00Z"), ("d", "2020-01-01T00:00:00Z")] {
        cloud.clock().set(now.parse().unwrap());
        assert_eq!(put(key, at_once).await, StatusCode::OK, "{now}");
    }
}

#[tokio::test]
async fn an_endpoint_replaces_its_part() {
    let table = Table::start(None).await.unwrap();
    let root = Folder::open(None).unwrap();
    let user = User::default();
    let bucket = Bucket::start(&root.path, BUCKET, None, &user, vec![], Clock::standing(), |_| {}).await.unwrap();
    let options = || Options {
        endpoints: Endpoints {
            dynamodb: Some(table.endpoint.clone()),
            s3: Some(bucket.endpoint.clone()),
            ..Endpoints::default()
        },
        ..Options::default()
    };
    let (one, other) = (Cloud::start(options()).await.unwrap(), Cloud::start(options()).await.unwrap());
    assert_eq!(post(&one, "/v1/practices", sign_up()).await.status, StatusCode::CREATED);
    assert_eq!(get(&other, "/v1/portals/harbor").await.status, StatusCode::OK);
    assert!(one.bucket().is_none() && one.mailbox().is_some());
    assert!(one.services().iter().any(|line| line.starts_with("table") && line.ends_with("replaced")));
}
