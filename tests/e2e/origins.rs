//! Pages on other origins: what they may send and see, where links lead, and what their own names for a request come to.

use std::io::Write;
use std::sync::{Arc, Mutex};

use caseload::web::cors;
use caseload_local::Options;
use end_to_end::{Answer, World};
use http::Method;
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

const PORTAL: &str = "http://localhost:5173";
const OTHER: &str = "https://preview.portal.example";

async fn world() -> World {
    let portal_origins = [PORTAL, OTHER].map(|origin| origin.parse().expect("an origin")).into();
    World::with(Options { portal_origins, ..Options::default() }).await
}

fn names(answer: &Answer, header: &str) -> Vec<String> {
    answer.header(header).split(',').map(|name| name.trim().to_lowercase()).collect()
}

// OBS-4
#[tokio::test]
async fn pages_of_every_origin_that_was_given_may_call_and_no_others() {
    let world = world().await;
    let own = [world.cloud.url.clone(), world.cloud.url.replace("127.0.0.1", "localhost")];
    for origin in [PORTAL, OTHER].into_iter().chain(own.iter().map(String::as_str)) {
        let ask = world.anonymous.request(Method::OPTIONS, "/v1/practice").header("origin", origin);
        let preflight = ask.header("access-control-request-method", "PATCH").send().await.expect(200);
        assert_eq!(preflight.header("access-control-allow-origin"), origin);
        assert_eq!(names(&preflight, "access-control-allow-headers"), cors::ALLOWED);
        assert_eq!(names(&preflight, "access-control-allow-methods"), cors::METHODS.map(|m| m.as_str().to_lowercase()));
        assert_eq!(preflight.header("access-control-max-age"), "7200");

        let answer = world.anonymous.request(Method::GET, "/v1/practice").header("origin", origin).send().await;
        assert_eq!(answer.expect(401).header("access-control-allow-origin"), origin);
    }
    for origin in ["http://localhost:5174", "https://localhost:5173", "https://portal.example", "null"] {
        for method in [Method::OPTIONS, Method::GET] {
            let answer = world.anonymous.request(method, "/v1/practice").header("origin", origin).send().await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
        }
    }
}

// OBS-4, API-3
#[tokio::test]
async fn a_page_may_read_what_an_answer_says_of_itself() {
    let world = world().await;
    let owner = world.practice("seen").await.owner;
    let read = owner.request(Method::GET, "/v1/practice").header("origin", PORTAL).send().await.expect(200);
    assert_eq!(names(&read, "access-control-expose-headers"), cors::EXPOSED);
    for told in read.headers.keys().map(http::HeaderName::as_str) {
        let safelisted = ["cache-control", "content-length", "content-type"].contains(&told);
        // For browsers alone, not for their pages.
        let theirs = told.starts_with("access-control-") || ["date", "vary"].contains(&told);
        let sealed =
            ["content-security-policy", "referrer-policy", "strict-transport-security", "x-content-type-options"];
        assert!(safelisted || theirs || sealed.contains(&told) || cors::EXPOSED.contains(&told), "{told} is not shown");
    }
}

// story 0
#[tokio::test]
async fn links_lead_to_the_first_of_the_origins() {
    let world = world().await;
    let practice = world.practice("leads").await;
    assert_eq!(practice.owner.get("/v1/practice").await.expect(200).text("/portal_url"), format!("{PORTAL}/leads"));
    world.anonymous.post("/v1/auth/sign-in", json!({"email": "owner@leads.example"})).await.expect(202);
    let mail = world.newest_mail("owner@leads.example").await["text"].to_string();
    assert!(mail.contains(&format!("{PORTAL}/sign-in#token=")), "{mail}");
    assert!(!mail.contains(OTHER) && !mail.contains(&world.cloud.url), "{mail}");
}

// API-3
#[tokio::test]
async fn who_has_a_version_is_not_sent_it_again() {
    let world = World::start().await;
    let practice = world.practice("again").await;
    let (owner, maya) = (&practice.owner, practice.owner.adds_client("Maya").await);
    for path in ["/v1/practice".to_owned(), format!("/v1/clients/{maya}")] {
        let read = owner.get(&path).await.expect(200);
        let tag = read.header("etag");
        let ask = async |held: &str| owner.request(Method::GET, &path).header("if-none-match", held).send().await;
        for held in [tag.clone(), format!("W/{tag}"), format!("\"v0\", {tag}"), "*".to_owned()] {
            let unchanged = ask(&held).await.expect(304);
            assert_eq!((unchanged.header("etag"), unchanged.bytes.len()), (tag.clone(), 0), "{held}");
            assert!(unchanged.header("x-request-id").starts_with("req_"));
            assert_eq!(unchanged.header("content-type"), "");
            assert_eq!(unchanged.header("cache-control"), "no-store");
        }
        for held in ["\"v0\"", "v1", ""] {
            assert_eq!(ask(held).await.expect(200).json(), read.json(), "{held}");
        }
    }
    // The version is the same, and what is shown is not: another name of a tag, another day, another reader.
    let path = format!("/v1/clients/{maya}");
    let tag = owner.get(&path).await.expect(200).header("etag");
    owner.patch(&path, json!({"tags": ["weekly"], "date_of_birth": "2000-05-07"})).await.expect(200);
    let read = owner.get(&path).await.expect(200);
    let label = format!("/v1/tags/{}", read.text("/tags/0/id"));
    assert_ne!(read.header("etag"), tag);
    let version = owner.get("/v1/tags").await.expect(200).text("/items/0/etag");
    let rename = owner.request(Method::PATCH, &label).header("if-match", &version);
    rename.json(&json!({"name": "monthly"})).send().await.expect(200);
    let ask = owner.request(Method::GET, &path).header("if-none-match", &read.header("etag"));
    let renamed = ask.send().await.expect(200);
    assert_eq!((renamed.text("/etag"), renamed.text("/tags/0/name")), (read.text("/etag"), "monthly".to_owned()));
    let change = owner.request(Method::PATCH, &path).header("if-match", &read.header("etag"));
    change.json(&json!({"pronouns": "they"})).send().await.expect(200);
    // Whoever may not read it learns nothing, whatever it sends.
    let path = format!("/v1/clients/{maya}");
    let stranger = world.practice("stranger").await.owner;
    let ask = stranger.request(Method::GET, &path).header("if-none-match", "*");
    ask.send().await.expect_problem(404, "not_found");
    let ask = world.anonymous.request(Method::GET, &path).header("if-none-match", "*");
    ask.send().await.expect_problem(401, "unauthenticated");
    // A change takes no notice of it, and afterwards there is something new.
    let tag = owner.get(&path).await.expect(200).header("etag");
    let change = owner.request(Method::PATCH, &path).header("if-match", &tag).header("if-none-match", "*");
    change.json(&json!({"occupation": "Nurse"})).send().await.expect(200);
    owner.request(Method::GET, &path).header("if-none-match", &tag).send().await.expect(200);
}

/// A log that can be read.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a lock").write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What the front logs of the requests that `work` makes. Server and caller share this thread.
async fn logged(work: impl Future<Output = ()>) -> Vec<Value> {
    let lines = Lines::default();
    let writer = lines.clone();
    let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(move || writer.clone());
    let guard = tracing_subscriber::registry().with(layer).set_default();
    work.await;
    drop(guard);
    let text = String::from_utf8(lines.0.lock().expect("a lock").clone()).expect("text");
    let all = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    all.filter(|line| line["target"] == "caseload::web::front").collect()
}

// OBS-2, OBS-3
#[tokio::test]
async fn what_a_caller_calls_its_request_is_logged_and_never_answered() {
    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let world = World::start().await;
    let ask = async |trace: &str, correlation: &str| {
        let request = world.anonymous.request(Method::GET, "/v1/portals/nobody").header("traceparent", trace);
        let answer = request.header("x-correlation-id", correlation).send().await.expect_problem(404, "not_found");
        let said = format!("{:?} {}", answer.headers, answer.json());
        assert!(!said.contains("0af7651916cd43dd") && !said.contains(correlation), "{said}");
    };
    let lines = logged(async {
        ask(TRACE, "checkout 7f3a").await;
        ask("00-0af7651916cd43dd-01", &"correlated".repeat(13)).await;
    })
    .await;
    let fields: Vec<_> = lines.iter().map(|line| (&line["trace"], &line["correlation"])).collect();
    assert_eq!(fields, [(&json!(TRACE), &json!("checkout 7f3a")), (&Value::Null, &Value::Null)], "{lines:?}");
}
