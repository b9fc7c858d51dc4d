//! The bucket through the SDK, and through presigned URLs as a browser sends them.

use std::sync::Mutex;
use std::time::Duration;

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use aws_sdk_s3::{Client, Config};
use axum::http::{Method, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use jiff::SignedDuration;

use super::*;

const SHA256_OF_HELLO: &str = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";

fn origins() -> Vec<Origin> {
    ["http://localhost:5173", "http://localhost:5174"].map(|origin| origin.parse().unwrap()).into()
}

struct Local {
    bucket: Bucket,
    clock: Clock,
    client: Client,
    created: Arc<Mutex<Vec<ObjectCreated>>>,
    root: PathBuf,
}

impl Drop for Local {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.root).unwrap();
    }
}

impl Local {
    async fn start(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("caseload-bucket-{name}-{}", std::process::id()));
        let created = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&created);
        let user = User::default();
        let clock = Clock::standing();
        let note = move |object| log.lock().unwrap().push(object);
        let bucket = Bucket::start(&root, "caseload", None, &user, origins(), clock.clone(), note).await.unwrap();
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new(user.id, user.secret, None, None, "local"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .endpoint_url(&bucket.endpoint)
            .force_path_style(true)
            .build();
        Self { client: Client::from_conf(config), bucket, clock, created, root }
    }

    fn created(&self) -> Vec<(String, u64)> {
        let created = self.created.lock().unwrap();
        created.iter().map(|object| (object.key.clone(), object.size)).collect()
    }

    async fn presigned_put(&self, key: &str) -> PresignedRequest {
        let put = self.client.put_object().bucket("caseload").key(key);
        let put = put.content_length(5).content_type("text/csv").checksum_sha256(SHA256_OF_HELLO);
        put.presigned(self.for_a_minute()).await.unwrap()
    }

    fn for_a_minute(&self) -> PresigningConfig {
        let start = PresigningConfig::builder().start_time(self.clock.now().into());
        start.expires_in(Duration::from_secs(60)).build().unwrap()
    }

    async fn get(&self, key: &str) -> Option<Bytes> {
        let object = self.client.get_object().bucket("caseload").key(key).send().await.ok()?;
        Some(object.body.collect().await.unwrap().into_bytes())
    }
}

async fn send(method: Method, url: &str, headers: &[(&str, &str)], body: &'static str) -> Response<Bytes> {
    let uri: axum::http::Uri = url.parse().unwrap();
    let authority = uri.authority().unwrap().as_str();
    let stream = tokio::net::TcpStream::connect(authority).await.unwrap();
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::builder().method(method).uri(uri.path_and_query().unwrap().as_str());
    request = request.header("host", authority);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = sender.send_request(request.body(Full::new(Bytes::from(body))).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

/// Sends what was presigned, with these headers changed; the length is the body's.
async fn upload(url: &PresignedRequest, changed: &[(&str, &str)], body: &'static str) -> StatusCode {
    let kept = |name: &str| name != "content-length" && changed.iter().all(|(changed, _)| *changed != name);
    let mut headers: Vec<_> = url.headers().filter(|(name, _)| kept(name)).collect();
    headers.extend_from_slice(changed);
    send(Method::PUT, url.uri(), &headers, body).await.status()
}

#[tokio::test]
async fn a_presigned_upload_is_held_to_what_was_signed() {
    let local = Local::start("presigned").await;
    let url = local.presigned_put("import/a b+c.csv").await;
    for signed in ["content-length", "content-type", "x-amz-checksum-sha256"] {
        assert!(url.headers().any(|(name, _)| name == signed), "{signed} has to be sent: {url:?}");
    }
    assert_eq!(upload(&url, &[], "hello").await, StatusCode::OK);
    assert_eq!(local.created(), [("import/a b+c.csv".to_owned(), 5)]);
    let event = local.created.lock().unwrap()[0].clone();
    assert_eq!((event.bucket.as_str(), event.etag.as_str()), ("caseload", "5d41402abc4b2a76b9719d911017c592"));

    let other = local.presigned_put("other.csv").await;
    assert_eq!(upload(&other, &[], "hello!").await, StatusCode::FORBIDDEN);
    assert_eq!(upload(&other, &[("content-type", "text/html")], "hello").await, StatusCode::FORBIDDEN);
    assert_eq!(upload(&other, &[("x-amz-checksum-sha256", "AAAA")], "hello").await, StatusCode::FORBIDDEN);
    assert_eq!(local.get("other.csv").await, None);
    assert_eq!(local.created().len(), 1);
}

#[tokio::test]
async fn bytes_that_are_not_those_declared_change_nothing() {
    let local = Local::start("checksum").await;
    let url = local.presigned_put("a.csv").await;
    assert_eq!(upload(&url, &[], "jello").await, StatusCode::BAD_REQUEST);
    assert_eq!(local.get("a.csv").await, None);

    assert_eq!(upload(&url, &[], "hello").await, StatusCode::OK);
    assert_eq!(upload(&url, &[], "jello").await, StatusCode::BAD_REQUEST);
    assert_eq!(local.get("a.csv").await.unwrap(), "hello");
    assert_eq!(local.created().len(), 1);
}

#[tokio::test]
async fn copies_and_multipart_uploads_arrive_once() {
    let local = Local::start("multipart").await;
    let s3 = &local.client;
    let started = s3.create_multipart_upload().bucket("caseload").key("big").send().await.unwrap();
    let id = started.upload_id().unwrap();
    let part = s3.upload_part().bucket("caseload").key("big").upload_id(id).part_number(1);
    let part = part.body(Bytes::from_static(b"hello").into()).send().await.unwrap();
    assert!(local.created().is_empty());
    let part = CompletedPart::builder().part_number(1).set_e_tag(part.e_tag).build();
    let whole = CompletedMultipartUpload::builder().parts(part).build();
    let complete = s3.complete_multipart_upload().bucket("caseload").key("big").upload_id(id);
    complete.multipart_upload(whole).send().await.unwrap();
    s3.copy_object().bucket("caseload").copy_source("caseload/big").key("copy").send().await.unwrap();
    assert_eq!(local.created(), [("big".to_owned(), 5), ("copy".to_owned(), 5)]);
    let sequence: Vec<_> = local.created.lock().unwrap().iter().map(|object| object.sequencer.clone()).collect();
    assert!(sequence.is_sorted(), "{sequence:?}");
}

#[tokio::test]
async fn a_first_writer_wins_and_absent_buckets_stay_absent() {
    let local = Local::start("condition").await;
    let put = |bucket: &str, body: &'static [u8]| {
        let put = local.client.put_object().bucket(bucket).key("a").if_none_match("*");
        put.body(Bytes::from_static(body).into()).send()
    };
    put("caseload", b"one").await.unwrap();
    let refused = put("caseload", b"two").await.unwrap_err().into_service_error();
    assert_eq!(refused.meta().code(), Some("PreconditionFailed"));
    let refused = put("elsewhere", b"two").await.unwrap_err().into_service_error();
    assert_eq!(refused.meta().code(), Some("NoSuchBucket"));
    assert_eq!(local.created(), [("a".to_owned(), 3)]);
    assert_eq!(local.get("a").await.unwrap(), "one");
}

// OBS-4
#[tokio::test]
async fn a_page_of_a_known_origin_may_upload_and_no_other() {
    let local = Local::start("cors").await;
    let url = format!("{}/caseload/a.csv", local.bucket.endpoint);
    let asked = |origin, method, headers| {
        let asked = [
            ("origin", origin),
            ("access-control-request-method", method),
            ("access-control-request-headers", headers),
        ];
        let url = &url;
        async move { send(Method::OPTIONS, url, &asked, "").await }
    };
    let names = "content-type,If-None-Match, x-amz-checksum-sha256";
    for origin in ["http://localhost:5173", "http://localhost:5174"] {
        let preflight = asked(origin, "PUT", names).await;
        assert_eq!(preflight.status(), StatusCode::NO_CONTENT);
        assert_eq!(preflight.headers()["access-control-allow-origin"], origin);
        assert_eq!(preflight.headers()["access-control-allow-methods"], "PUT, GET");
        assert_eq!(preflight.headers()["access-control-allow-headers"], names);
        assert_eq!(preflight.headers()["access-control-max-age"], "600");
    }
    let known = "http://localhost:5173";
    for (origin, method, headers) in [
        ("http://localhost:5175", "PUT", names),
        ("null", "PUT", names),
        (known, "DELETE", names),
        (known, "PUT", "authorization"),
    ] {
        let refused = asked(origin, method, headers).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN, "{origin} {method} {headers}");
        assert!(!refused.headers().contains_key("access-control-allow-origin"));
    }
    let origin = ("origin", known);

    let anonymous = send(Method::GET, &url, &[origin], "").await;
    assert_eq!(anonymous.status(), StatusCode::FORBIDDEN);
    assert_eq!(anonymous.headers()["access-control-allow-origin"], origin.1);
    assert_eq!(anonymous.headers()["access-control-expose-headers"], "content-disposition, etag");
    let foreign = send(Method::GET, &url, &[("origin", "http://localhost:5175")], "").await;
    assert!(!foreign.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_download_carries_the_name_it_was_signed_with_and_expires_by_the_clock() {
    let local = Local::start("clock").await;
    let put = local.client.put_object().bucket("caseload").key("a").content_type("application/pdf");
    put.body(Bytes::from_static(b"hello").into()).send().await.unwrap();
    let get = local.client.get_object().bucket("caseload").key("a");
    let get = get.response_content_disposition("attachment; filename=\"a.pdf\"");
    let url = get.presigned(local.for_a_minute()).await.unwrap();
    let response = send(Method::GET, url.uri(), &[], "").await;
    assert_eq!(response.status(), StatusCode::OK, "{:?}", response.body());
    assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"a.pdf\"");
    assert_eq!(response.headers()["content-type"], "application/pdf");
    assert_eq!(response.body(), "hello");

    local.clock.advance(SignedDuration::from_secs(62));
    assert_eq!(send(Method::GET, url.uri(), &[], "").await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_busy_port_is_named() {
    let local = Local::start("busy").await;
    let port = local.bucket.endpoint.rsplit_once(':').unwrap().1;
    let again = Bucket::start(
        &local.root,
        "caseload",
        port.parse().ok(),
        &User::default(),
        origins(),
        Clock::standing(),
        |_| (),
    )
    .await
    .unwrap_err();
    assert!(again.to_string().contains(&format!("127.0.0.1:{port}")), "{again}");
}
