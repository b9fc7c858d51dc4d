//! Files that are none, and uploads that go wrong: each has a clear state and code, and nothing is written (story 3).

use end_to_end::{Answer, Practice, World, sample};
use serde_json::json;

const HEADER: &str = "first_name,last_name,email\n";

async fn create(practice: &Practice, size: usize) -> Answer {
    practice.owner.post("/v1/imports", json!({"file_name": "clients.csv", "size": size})).await
}

fn path(import: &Answer) -> String {
    format!("/v1/imports/{}", import.text("/id"))
}

/// Uploads a file and reads what became of it.
async fn upload(world: &World, practice: &Practice, bytes: &[u8]) -> Answer {
    let import = create(practice, bytes.len()).await.expect(201);
    practice.owner.upload(&import.at("/upload"), bytes.to_vec()).await.expect(200);
    world.cloud.settled().await;
    practice.owner.get(&path(&import)).await.expect(200)
}

async fn nothing_was_written(practice: &Practice) {
    assert_eq!(practice.owner.get("/v1/clients").await.expect(200).at("/total"), 0);
}

// C9, b.3
#[tokio::test]
async fn a_file_that_is_no_client_list_fails_with_its_reason() {
    let world = World::start().await;
    let practice = world.practice("nofile").await;
    let zip = b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0[Content_Types].xml".as_slice();
    let nul = [HEADER.as_bytes(), b"Ada,Love\0lace,ada@mail.example\n"].concat();
    let broken_utf16 = b"\xff\xfea\0\x00\xd8b\0".as_slice();
    let long = format!("{HEADER}Ada,{}", "never ended ".repeat(6000));
    let cells = |sign: &str| (0..65).map(|n| format!("{sign}{n}")).collect::<Vec<_>>().join(",");
    let wide = format!("{}\n{}\n", cells("c"), cells("x"));
    let files: &[(&str, &[u8], &str)] = &[
        ("a byte order mark alone", b"\xef\xbb\xbf", "file_empty"),
        ("empty lines alone", b"\r\n\r\n\n", "header_missing"),
        ("a header alone", HEADER.as_bytes(), "no_rows"),
        ("a workbook", zip, "file_is_zip"),
        ("gzip", b"\x1f\x8b\x08\0\0\0\0\0\0\x03K", "file_is_gzip"),
        ("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "file_binary"),
        ("a PDF", b"%PDF-1.7\n1 0 obj\n", "file_binary"),
        ("a page", b"<!doctype html><table><tr><td>Ada</td></tr></table>", "file_is_markup"),
        ("NUL bytes", &nul, "file_binary"),
        ("damaged UTF-16", broken_utf16, "no_rows"),
        ("a line without end", long.as_bytes(), "row_too_long"),
        ("many columns", wide.as_bytes(), "too_many_columns"),
        ("UTF-16 that is no text", b"\xff\xfea\0\0\0", "file_binary"),
    ];
    for &(what, bytes, code) in files {
        let import = upload(&world, &practice, bytes).await;
        assert_eq!((import.text("/state"), import.text("/problem/code")), ("failed".into(), code.to_owned()), "{what}");
        assert!(!import.text("/problem/detail").is_empty(), "{what}");
        assert_eq!(import.at("/counts/read"), 0, "{what}");
        let path = path(&import);
        practice.owner.do_post(&format!("{path}/commit")).await.expect_problem(409, "finished");
        practice.owner.do_post(&format!("{path}/dry-run")).await.expect_problem(409, "finished");
        practice.owner.put(&format!("{path}/mapping"), json!({"columns": []})).await.expect_problem(409, "finished");
        assert_eq!(practice.owner.get(&format!("{path}/rows")).await.expect(200).at("/items"), json!([]), "{what}");
        practice.owner.get(&format!("{path}/errors.csv")).await.expect_problem(409, "not_ready");
    }
    nothing_was_written(&practice).await;
}

// C9: before any work
#[tokio::test]
async fn a_size_no_file_may_have_is_refused_at_once() {
    let world = World::start().await;
    let practice = world.practice("sizes").await;
    let refused = create(&practice, 0).await.expect(422);
    assert_eq!(
        (refused.text("/errors/0/pointer"), refused.text("/errors/0/code")),
        ("/size".into(), "file_empty".into())
    );
    create(&practice, 50_000_001).await.expect_problem(413, "file_too_large");
    assert_eq!(practice.owner.get("/v1/imports").await.expect(200).at("/items"), json!([]));
}

// C2: a file without a header, or one nobody can read a name from, is asked about
#[tokio::test]
async fn a_file_without_a_header_is_asked_about() {
    let world = World::start().await;
    let practice = world.practice("headless").await;
    for file in
        ["Ada,Lovelace,ada@mail.example,1985-12-10\nBo,Two,bo@mail.example,1990-01-01\n", "colour,size\nred,4\n"]
    {
        let import = upload(&world, &practice, file.as_bytes()).await;
        assert_eq!(import.text("/state"), "awaiting_mapping", "{}", import.json());
        assert_ne!(import.at("/questions"), json!([]));
        practice.owner.do_post(&format!("{}/commit", path(&import))).await.expect_problem(409, "mapping_incomplete");
    }
    nothing_was_written(&practice).await;
}

// b.3: an error with the line, not a shifted import
#[tokio::test]
async fn ragged_rows_fail_one_by_one() {
    let world = World::start().await;
    let practice = world.practice("ragged").await;
    let file = format!("{HEADER}Ada\nBo,Two,bo@mail.example,surplus\nCy,\"Two\nlines\",cy@mail.example,,x\n,,,\n");
    let import = upload(&world, &practice, file.as_bytes()).await;
    assert_eq!(import.text("/state"), "ready", "{}", import.json());
    practice.owner.do_post(&format!("{}/commit", path(&import))).await.expect(202);
    world.cloud.settled().await;
    let done = practice.owner.get(&path(&import)).await.expect(200);
    assert_eq!(done.text("/state"), "done");
    let wanted = json!({"read": 4, "created": 0, "updated": 0, "unchanged": 0, "skipped": 1, "failed": 3});
    assert_eq!(done.at("/counts"), wanted);
    let rows = practice.owner.get(&format!("{}/rows", path(&import))).await.expect(200).at("/items");
    let told: Vec<_> =
        rows.as_array().into_iter().flatten().map(|row| (row["line"].clone(), row["code"].clone())).collect();
    let wanted = [(2, "row_length"), (3, "row_length"), (4, "row_length"), (6, "blank_row")];
    assert_eq!(told, wanted.map(|(line, code)| (json!(line), json!(code))));
    nothing_was_written(&practice).await;
}

// C9: the bucket holds an upload to what was granted
#[tokio::test]
async fn an_upload_of_another_length_or_type_is_refused_by_the_bucket() {
    let world = World::start().await;
    let practice = world.practice("grants").await;
    let bytes = sample("trouble.csv");
    let import = create(&practice, bytes.len()).await.expect(201);
    let grant = import.at("/upload");
    let state = async || practice.owner.get(&path(&import)).await.expect(200).text("/state");
    let longer = [bytes.as_slice(), b"x"].concat();
    practice.owner.upload(&grant, longer).await.expect(403);
    practice.owner.upload(&grant, bytes[1..].to_vec()).await.expect(403);
    let mut html = grant.clone();
    html["headers"]["content-type"] = json!("text/html");
    practice.owner.upload(&html, bytes.clone()).await.expect(403);
    let mut elsewhere = grant.clone();
    elsewhere["url"] = json!(grant["url"].as_str().expect("a link").replace("source.csv", "commit.json"));
    practice.owner.upload(&elsewhere, bytes.clone()).await.expect(403);
    world.cloud.settled().await;
    assert_eq!(state().await, "awaiting_upload");
    practice.owner.do_post(&format!("{}/commit", path(&import))).await.expect_problem(409, "not_ready");
    practice.owner.do_post(&format!("{}/dry-run", path(&import))).await.expect_problem(409, "not_ready");
    practice.owner.put(&format!("{}/mapping", path(&import)), json!({})).await.expect_problem(409, "not_ready");
    // As granted it still comes, and only once.
    practice.owner.upload(&grant, bytes.clone()).await.expect(200);
    world.cloud.settled().await;
    assert_eq!(state().await, "ready");
    practice.owner.upload(&grant, bytes).await.expect(412);
    nothing_was_written(&practice).await;
}

// C9
#[tokio::test]
async fn an_upload_that_never_comes_fails_the_import() {
    let world = World::start().await;
    let practice = world.practice("never").await;
    let bytes = sample("trouble.csv");
    let import = create(&practice, bytes.len()).await.expect(201);
    assert_eq!(import.text("/state"), "awaiting_upload");
    world.advance(301).await;
    let expired = practice.owner.get(&path(&import)).await.expect(200);
    assert_eq!((expired.text("/state"), expired.text("/problem/code")), ("failed".into(), "upload_expired".into()));
    assert_eq!(practice.owner.get("/v1/imports").await.expect(200).text("/items/0/state"), "failed");
    practice.owner.do_post(&format!("{}/commit", path(&import))).await.expect_problem(409, "finished");
    practice.owner.do_post(&format!("{}/cancel", path(&import))).await.expect_problem(409, "finished");
    // One that comes too late is refused at the door.
    practice.owner.upload(&import.at("/upload"), bytes).await.expect(403);
    world.cloud.settled().await;
    assert_eq!(practice.owner.get(&path(&import)).await.expect(200).text("/problem/code"), "upload_expired");
    nothing_was_written(&practice).await;
}

// decision 5: another practice's import is absent
#[tokio::test]
async fn an_import_of_another_practice_is_not_found() {
    let world = World::start().await;
    let (practice, other) = (world.practice("mine").await, world.practice("theirs").await);
    let import = path(&upload(&world, &practice, &sample("trouble.csv")).await);
    let stranger = &other.owner;
    for path in [import.clone(), format!("{import}/rows"), format!("{import}/errors.csv")] {
        stranger.get(&path).await.expect_problem(404, "not_found");
    }
    for action in ["commit", "dry-run", "cancel"] {
        stranger.do_post(&format!("{import}/{action}")).await.expect_problem(404, "not_found");
    }
    stranger.put(&format!("{import}/mapping"), json!({})).await.expect_problem(404, "not_found");
    assert_eq!(stranger.get("/v1/imports").await.expect(200).at("/items"), json!([]));
    world.cloud.settled().await;
    assert_eq!(practice.owner.get(&import).await.expect(200).text("/state"), "ready");
    nothing_was_written(&practice).await;
    nothing_was_written(&other).await;
}
