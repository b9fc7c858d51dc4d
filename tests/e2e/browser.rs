//! What a portal's developer does first: a page on an origin of its own, in a real browser, against the local server.

use std::io::{ErrorKind, Read as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::response::Html;
use axum::routing::{get, post};
use axum::{Json, Router};
use caseload_local::{Options, openapi};
use end_to_end::World;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

const PAGE: &str = include_str!("browser/page.html");

/// What Chromium is called on one system or another.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A browser at work; dropping it ends it, and whatever it has kept goes.
struct Browser {
    child: Child,
    profile: PathBuf,
}

impl Browser {
    /// Opens an address; nothing if there is no browser here. What it has to say when it ends comes through the channel.
    fn open(url: &str) -> Option<(Self, oneshot::Receiver<String>)> {
        let profile = std::env::temp_dir().join(format!("caseload-browser-{}", std::process::id()));
        let start = |name: &&str| {
            let mut command = Command::new(name);
            command.args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
            ]);
            // Nobody is asked but this machine.
            command.args(["--disable-background-networking", "--disable-component-update", "--no-proxy-server"]);
            command.arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1");
            command.arg(format!("--user-data-dir={}", profile.display()));
            // Somebody might want to look on, so it stays for as long as it is let.
            command.args(["--remote-debugging-port=0", url]);
            match command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn() {
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                started => Some(started.expect("a browser")),
            }
        };
        let mut child = NAMES.iter().find_map(start)?;
        let mut errors = child.stderr.take().expect("its errors");
        let (end, ended) = oneshot::channel();
        std::thread::spawn(move || {
            let mut said = Vec::new();
            let _ = errors.read_to_end(&mut said);
            let _ = end.send(String::from_utf8_lossy(&said).into_owned());
        });
        Some((Self { child, profile }, ended))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// Where the page tells what it saw.
type Report = Arc<Mutex<Option<oneshot::Sender<Value>>>>;

/// Serves the page under every path, as the server of a portal does, with what it has to know.
fn portal(setup: &Value, report: oneshot::Sender<Value>) -> Router {
    let page = PAGE.replace("SETUP", &setup.to_string());
    let tell = async |State(report): State<Report>, Json(told): Json<Value>| {
        if let Some(report) = report.lock().expect("a lock").take() {
            let _ = report.send(told);
        }
    };
    Router::new()
        .route("/report", post(tell))
        .route("/openapi.json", get(async || Json(openapi::document())))
        .fallback(async move || Html(page))
        .with_state(Arc::new(Mutex::new(Some(report))))
}

// OBS-4, API-3, story 0
#[tokio::test]
async fn a_page_on_an_origin_of_its_own_does_the_portals_work() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let origin = format!("http://127.0.0.1:{port}");
    let portal_origins = vec![origin.parse().expect("an origin")];
    let world = World::with(Options { portal_origins, ..Options::default() }).await;
    let practice = world.practice("harbor").await;

    let (report, reported) = oneshot::channel();
    let setup = json!({"api": world.cloud.url, "stranger": format!("http://localhost:{port}/")});
    let served = tokio::spawn(axum::serve(listener, portal(&setup, report)).into_future());

    let address = "owner@harbor.example";
    world.anonymous.post("/v1/auth/sign-in", json!({"email": address})).await.expect(202);
    let mail = world.newest_mail(address).await;
    let link = mail["text"].as_str().and_then(|text| text.lines().find(|line| line.contains("#token=")));
    let link = link.expect("a link").trim();
    assert!(link.starts_with(&format!("{origin}/sign-in#token=")), "{link}");

    let Some((_browser, ended)) = Browser::open(link) else {
        println!("skipped: none of {NAMES:?} is here");
        return;
    };
    let told = tokio::select! {
        told = reported => told.expect("a report"),
        said = ended => panic!("the browser ended without a report: {}", said.unwrap_or_default()),
    };
    served.abort();

    println!("{told:#}");
    assert_eq!(told["error"], Value::Null);
    assert_eq!(told["signed_in"]["status"], 201);

    let written = &told["written"];
    assert_eq!((&written["read"]["status"], &written["again"]["status"]), (&json!(200), &json!(304)));
    assert_eq!((&written["again"]["etag"], &written["again"]["raw"]), (&written["read"]["etag"], &json!("")));
    assert!(written["read"]["request"].as_str().is_some_and(|id| id.starts_with("req_")));
    assert_eq!((&written["changed"]["status"], &written["late"]["status"]), (&json!(200), &json!(412)));
    assert_ne!(written["changed"]["etag"], written["read"]["etag"]);

    assert_eq!((&told["repeated"]["same"], &told["repeated"]["replay"]), (&json!(true), &json!([null, "true"])));

    let shared = &told["shared"];
    assert_eq!(
        (&shared["put"]["status"], &shared["complete"], &shared["got"]["status"]),
        (&json!(200), &json!(200), &json!(200))
    );
    assert!(shared["put"]["etag"].is_string());
    assert_eq!(shared["got"]["whole"], true);
    assert!(shared["got"]["disposition"].as_str().is_some_and(|text| text.contains("worksheet.pdf")));

    assert_eq!(told["stranger"], "TypeError", "an origin that nobody has allowed");

    assert_eq!(told["reference"], json!({"sent": written["changed"]["etag"], "status": 200}));
    assert_eq!(practice.owner.get("/v1/practice").await.expect(200).text("/name"), "Harbor Therapy");
}
