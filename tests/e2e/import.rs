//! Files as practices bring them, and what becomes of each row (story 3).

mod reports;

use end_to_end::{Answer, Persona, Practice, World, sample};
use serde_json::{Value, json};

/// An import that somebody drives.
struct Import<'w> {
    world: &'w World,
    owner: &'w Persona,
    path: String,
    /// Its answer once the file was looked at.
    seen: Answer,
}

impl<'w> Import<'w> {
    /// Announces a file, uploads it, and waits until it was looked at.
    async fn upload(world: &'w World, practice: &'w Practice, bytes: &[u8], options: Value) -> Self {
        let owner = &practice.owner;
        let body = json!({"file_name": "clients.csv", "size": bytes.len(), "options": options});
        let import = owner.post("/v1/imports", body).await.expect(201);
        let path = format!("/v1/imports/{}", import.text("/id"));
        owner.upload(&import.at("/upload"), bytes.to_vec()).await.expect(200);
        world.cloud.settled().await;
        let seen = owner.get(&path).await.expect(200);
        Self { world, owner, path, seen }
    }

    /// Starts a run and waits for its end.
    async fn run(&self, what: &str) -> Answer {
        self.owner.do_post(&format!("{}/{what}", self.path)).await.expect(202);
        self.world.cloud.settled().await;
        self.owner.get(&self.path).await.expect(200)
    }

    async fn rows(&self, query: &str) -> Vec<Value> {
        let page = self.owner.get(&format!("{}/rows{query}", self.path)).await.expect(200);
        page.at("/items").as_array().cloned().unwrap_or_default()
    }
}

/// An import from the file to its end.
async fn import<'w>(world: &'w World, practice: &'w Practice, bytes: &[u8], options: Value) -> (Import<'w>, Answer) {
    let import = Import::upload(world, practice, bytes, options).await;
    assert_eq!(import.seen.text("/state"), "ready", "{}", import.seen.json());
    let done = import.run("commit").await;
    (import, done)
}

#[track_caller]
fn assert_counts(answer: &Answer, [created, updated, unchanged, skipped, failed]: [u64; 5]) {
    let read = created + updated + unchanged + skipped + failed;
    let wanted = json!({
        "read": read, "created": created, "updated": updated, "unchanged": unchanged, "skipped": skipped, "failed": failed,
    });
    assert_eq!(answer.at("/counts"), wanted, "{}", answer.json());
}

async fn find(practice: &Practice, q: &str) -> Vec<Value> {
    let found = practice.owner.post("/v1/clients/search", json!({"q": q})).await.expect(200);
    found.at("/items").as_array().cloned().unwrap_or_default()
}

async fn total(practice: &Practice) -> Value {
    practice.owner.get("/v1/clients").await.expect(200).at("/total")
}

fn tags(client: &Value) -> Vec<&str> {
    let mut tags: Vec<&str> =
        client["tags"].as_array().into_iter().flatten().filter_map(|tag| tag["name"].as_str()).collect();
    tags.sort_unstable();
    tags
}

// C1, C2, C8
#[tokio::test]
async fn a_simplepractice_export_imports_whole() {
    let world = World::start().await;
    let practice = world.practice("simple").await;
    let mails = world.mail_count().await;
    let (_, done) = import(&world, &practice, &sample("simplepractice-client-details.csv"), json!({})).await;
    assert_eq!(done.text("/state"), "done");
    assert_counts(&done, [240, 0, 0, 0, 0]);
    assert_eq!(done.at("/progress"), json!({"rows_done": 240, "rows_total": 240}));
    assert_eq!(total(&practice).await, 240);
    assert_eq!(world.mail_count().await, mails);
}

// C2, b.1, b.3
#[tokio::test]
async fn a_jane_export_with_line_breaks_in_cells_imports_whole() {
    let world = World::start().await;
    let practice = world.practice("jane").await;
    let bytes = sample("jane-patient-list.csv");
    let (_, done) = import(&world, &practice, &bytes, json!({})).await;
    assert_counts(&done, [180, 0, 0, 0, 0]);
    let inactive = String::from_utf8(bytes).expect("text").matches(",Inactive,").count();
    let counts = practice.owner.get("/v1/clients").await.expect(200).at("/counts");
    assert_eq!((&counts["inactive"], &counts["pending"]), (&json!(inactive), &json!(180 - inactive)), "{counts}");
    assert!(inactive > 0);
    let found = find(&practice, "client001001@example.org").await;
    let client =
        practice.owner.get(&format!("/v1/clients/{}", found[0]["id"].as_str().expect("an id"))).await.expect(200);
    assert_eq!((client.text("/last_name"), client.text("/status")), ("Kowalski".to_owned(), "inactive".to_owned()));
    assert_eq!(client.text("/preferred_name"), "Grz");
    assert_eq!(client.text("/address/street"), "12 Elm Street\nUnit 4", "{}", client.json());
}

// b.3
#[tokio::test]
async fn an_excel_file_from_europe_imports_with_its_accents() {
    let world = World::start().await;
    let practice = world.practice("europe").await;
    let import = Import::upload(&world, &practice, &sample("excel-europe-semicolon.csv"), json!({})).await;
    assert_eq!(import.seen.text("/state"), "ready", "{}", import.seen.json());
    assert_eq!(
        (import.seen.text("/encoding"), import.seen.at("/encoding_guessed")),
        ("windows-1252".to_owned(), json!(true))
    );
    assert_eq!(import.seen.text("/delimiter"), ";");
    assert_counts(&import.run("commit").await, [150, 0, 0, 0, 0]);
    let found = find(&practice, "client002000@example.org").await;
    assert_eq!((found[0]["first_name"].as_str(), found[0]["last_name"].as_str()), (Some("Björn"), Some("Sánchez")));
    let third = find(&practice, "client002003@example.org").await;
    assert_eq!(third[0]["first_name"], "Zoë");
    assert_eq!(tags(&third[0]), ["anxiety", "couples"]);
    let client =
        practice.owner.get(&format!("/v1/clients/{}", third[0]["id"].as_str().expect("an id"))).await.expect(200);
    assert_eq!(client.text("/date_of_birth"), "1964-02-21");
    assert_eq!(client.text("/phone/e164"), "+49305556349");
}

// C4, C6, C7, b.3
#[tokio::test]
async fn trouble_is_told_row_by_row() {
    let world = World::start().await;
    let practice = world.practice("trouble").await;
    let (import, done) = import(&world, &practice, &sample("trouble.csv"), json!({})).await;
    assert_eq!(done.text("/state"), "done");
    assert_counts(&done, [4, 0, 0, 2, 6]);
    let rows = import.rows("").await;
    let told: Vec<(u64, &str, &str, &str)> = rows
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap_or_default();
            (row["line"].as_u64().unwrap_or_default(), text("outcome"), text("code"), text("column"))
        })
        .collect();
    let wanted = [
        (2, "created", "", ""),
        (3, "failed", "name_missing", "first_name"),
        (4, "failed", "email_invalid", "email"),
        (5, "failed", "date_in_future", "date_of_birth"),
        (6, "failed", "phone_scientific", "phone"),
        (7, "created", "", ""),
        (8, "skipped", "duplicate_in_file", ""),
        (9, "created", "", ""),
        (10, "created", "", ""),
        (11, "failed", "row_length", ""),
        (12, "skipped", "blank_row", ""),
        (13, "failed", "date_invalid", "date_of_birth"),
    ];
    assert_eq!(told, wanted);
    let failed = import.rows("?outcome=failed").await;
    assert_eq!(failed.len(), 6);
    assert_eq!(failed[1]["value"], "not-an-address");
    assert!(failed.iter().all(|row| row["fix"].as_str().is_some_and(|fix| !fix.is_empty())), "{failed:?}");
    assert_eq!(total(&practice).await, 4);
    assert_eq!(tags(&find(&practice, "ok@example.com").await[0]), ["EMDR", "anxiety"]);
    assert_eq!(find(&practice, "inj@example.com").await[0]["first_name"], "=HYPERLINK(1)");
}

// C5
#[tokio::test]
async fn the_error_file_corrected_imports_as_it_is() {
    let world = World::start().await;
    let practice = world.practice("errors").await;
    let (first, _) = import(&world, &practice, &sample("trouble.csv"), json!({})).await;
    let sheet = practice.owner.get(&format!("{}/errors.csv", first.path)).await.expect(200);
    assert!(sheet.header("content-type").starts_with("text/csv"));
    let text = String::from_utf8(sheet.bytes.to_vec()).expect("text");
    assert_eq!(text.lines().count(), 7, "{text}");
    assert!(text.lines().next().is_some_and(|header| header.ends_with(",error")), "{text}");
    let mut corrected = text.clone();
    let cells = [
        ("\n,Nameless,", "\nNora,Nameless,"),
        ("not-an-address", "bad@example.com"),
        ("2090-01-01", "1990-01-01"),
        ("1.55556E+10", "4155550101"),
        ("\nShort,Row,,", "\nShort,Row,short@example.com,"),
        ("2023-02-29", "2023-02-28"),
    ];
    for (wrong, right) in cells {
        assert!(corrected.contains(wrong), "{wrong} in {text}");
        corrected = corrected.replace(wrong, right);
    }
    let (again, done) = import(&world, &practice, corrected.as_bytes(), json!({})).await;
    assert_counts(&done, [6, 0, 0, 0, 0]);
    let clean = |row: &Value| row.get("warnings").is_none() && row.get("code").is_none();
    assert!(again.rows("").await.iter().all(clean), "{:?}", again.rows("").await);
    assert_eq!(total(&practice).await, 10);
}

// C10
#[tokio::test]
async fn the_same_file_again_changes_nothing() {
    let world = World::start().await;
    let practice = world.practice("again").await;
    for file in ["jane-patient-list.csv", "excel-europe-semicolon.csv"] {
        let bytes = sample(file);
        let (_, first) = import(&world, &practice, &bytes, json!({})).await;
        let created = first.at("/counts/created").as_u64().expect("a number");
        for duplicates in ["skip", "update_blanks", "update_all"] {
            let (_, done) = import(&world, &practice, &bytes, json!({"duplicates": duplicates})).await;
            assert_counts(&done, [0, 0, created, 0, 0]);
        }
    }
    assert_eq!(total(&practice).await, 330);
}

const KNOWN: &str =
    "first_name,last_name,email,date_of_birth,phone,occupation\nAda,Lovelace,ada@mail.example,1985-12-10,,Poet\n";
const CHANGED: &str = "first_name,last_name,email,date_of_birth,phone,occupation\n\
    Ada,Lovelace,ada@mail.example,1985-12-10,+14155550134,Engineer\nBo,New,bo@mail.example,1990-01-01,,\n";

// C6
#[tokio::test]
async fn a_known_client_is_treated_as_the_policy_says() {
    let world = World::start().await;
    let policies = [
        ("skip", [1, 0, 0, 1, 0], 2, "", "Poet"),
        ("update_blanks", [1, 1, 0, 0, 0], 2, "+14155550134", "Poet"),
        ("update_all", [1, 1, 0, 0, 0], 2, "+14155550134", "Engineer"),
        ("create", [2, 0, 0, 0, 0], 3, "", "Poet"),
    ];
    for (number, (duplicates, counts, clients, phone, occupation)) in policies.into_iter().enumerate() {
        let practice = world.practice(&format!("policy-{number}")).await;
        let (first, _) = import(&world, &practice, KNOWN.as_bytes(), json!({})).await;
        let id = first.rows("").await[0]["client_id"].as_str().expect("an id").to_owned();
        let (second, done) = import(&world, &practice, CHANGED.as_bytes(), json!({"duplicates": duplicates})).await;
        assert_counts(&done, counts);
        assert_eq!(total(&practice).await, clients, "{duplicates}");
        let ada = practice.owner.get(&format!("/v1/clients/{id}")).await.expect(200);
        assert_eq!(
            (ada.text("/phone/e164").as_str(), ada.text("/occupation").as_str()),
            (phone, occupation),
            "{duplicates}"
        );
        if duplicates == "skip" {
            let rows = second.rows("?outcome=skipped").await;
            assert_eq!((&rows[0]["code"], &rows[0]["client_id"]), (&json!("duplicate_existing"), &json!(id)));
        }
    }
}

// C6, b.3: a column decides, and where it cannot, somebody is asked
#[tokio::test]
async fn dates_that_could_be_either_are_asked_about() {
    let world = World::start().await;
    let practice = world.practice("dates").await;
    let file = "first_name,last_name,email,Birth date\nAda,One,ada@mail.example,03/04/1985\nBo,Two,bo@mail.example,05/06/1990\n";
    for (order, born) in [("dmy", "1985-04-03"), ("mdy", "1985-03-04")] {
        let import = Import::upload(&world, &practice, file.as_bytes(), json!({"duplicates": "create"})).await;
        assert_eq!(import.seen.text("/state"), "awaiting_mapping", "{}", import.seen.json());
        let question = json!([{"code": "date_order", "column": "Birth date", "choices": ["dmy", "mdy"]}]);
        assert_eq!(import.seen.at("/questions"), question);
        let commit = format!("{}/commit", import.path);
        import.owner.do_post(&commit).await.expect_problem(409, "mapping_incomplete");
        let answers = json!({"answers": {"date_order": {"Birth date": order}}});
        let ready = import.owner.put(&format!("{}/mapping", import.path), answers).await.expect(200);
        assert_eq!((ready.text("/state"), ready.at("/questions")), ("ready".to_owned(), json!([])));
        assert_counts(&import.run("commit").await, [2, 0, 0, 0, 0]);
        let id = import.rows("").await[0]["client_id"].as_str().expect("an id").to_owned();
        let ada = practice.owner.get(&format!("/v1/clients/{id}")).await.expect(200);
        assert_eq!(ada.text("/date_of_birth"), born);
    }
}

// C7
#[tokio::test]
async fn all_or_nothing_with_a_failed_row_writes_nothing() {
    let world = World::start().await;
    let practice = world.practice("all").await;
    let (all, failed) = import(&world, &practice, &sample("trouble.csv"), json!({"mode": "all_or_nothing"})).await;
    assert_eq!((failed.text("/state"), failed.text("/problem/code")), ("failed".to_owned(), "rows_failed".to_owned()));
    assert_eq!(all.rows("?outcome=failed").await.len(), 6);
    assert!(all.rows("").await.iter().all(|row| row.get("client_id").is_none()));
    assert_eq!(total(&practice).await, 0);
    let (_, done) = import(&world, &practice, CHANGED.as_bytes(), json!({"mode": "all_or_nothing"})).await;
    assert_counts(&done, [2, 0, 0, 0, 0]);
    assert_eq!(total(&practice).await, 2);
}

// C4
#[tokio::test]
async fn a_rehearsal_writes_nothing_and_counts_as_the_commit_will() {
    let world = World::start().await;
    let practice = world.practice("dry").await;
    import(&world, &practice, KNOWN.as_bytes(), json!({})).await;
    let file = [CHANGED, "Bad,Mail,nowhere,,,\n,,,,,\n"].concat();
    let import = Import::upload(&world, &practice, file.as_bytes(), json!({"duplicates": "update_all"})).await;
    let rehearsed = import.run("dry-run").await;
    assert_eq!((rehearsed.text("/state"), rehearsed.text("/report")), ("ready".to_owned(), "dry_run".to_owned()));
    assert_counts(&rehearsed, [1, 1, 0, 1, 1]);
    assert_eq!(total(&practice).await, 1);
    assert_eq!(find(&practice, "4155550134").await, Vec::<Value>::new());
    let outcomes = async || -> Vec<Value> { import.rows("").await.iter().map(|row| row["outcome"].clone()).collect() };
    let expected = outcomes().await;
    let done = import.run("commit").await;
    assert_eq!((done.text("/state"), done.text("/report")), ("done".to_owned(), "commit".to_owned()));
    assert_eq!(done.at("/counts"), rehearsed.at("/counts"));
    assert_eq!(outcomes().await, expected);
    assert_eq!(total(&practice).await, 2);
}

// INV-13: looked at after every few calls, the list shows the import whole or not at all
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_directory_shows_an_import_whole_or_not_at_all() {
    let world = World::start().await;
    let practice = world.practice("whole").await;
    practice.owner.adds_client("Ana Okafor").await;
    let import = Import::upload(&world, &practice, &sample("jane-patient-list.csv"), json!({})).await;
    practice.owner.do_post(&format!("{}/commit", import.path)).await.expect(202);
    let settled = world.cloud.settled();
    tokio::pin!(settled);
    let mut looks = Vec::new();
    loop {
        let ended = futures_util::FutureExt::now_or_never(settled.as_mut()).is_some();
        looks.push(total(&practice).await.as_u64().expect("a number"));
        if ended {
            break;
        }
    }
    assert!(looks.iter().all(|seen| [1, 181].contains(seen)), "{looks:?}");
    assert_eq!((looks.first(), looks.last()), (Some(&1), Some(&181)), "{looks:?}");
}

// C9: only what has written nothing can be cancelled
#[tokio::test]
async fn an_import_is_cancelled_until_it_is_committed() {
    let world = World::start().await;
    let practice = world.practice("cancel").await;
    let import = Import::upload(&world, &practice, KNOWN.as_bytes(), json!({})).await;
    let cancel = format!("{}/cancel", import.path);
    let cancelled = import.owner.do_post(&cancel).await.expect(200);
    assert_eq!(cancelled.text("/state"), "cancelled");
    let refused = import.owner.do_post(&format!("{}/commit", import.path)).await;
    refused.expect_problem(409, "finished");
    assert_eq!(total(&practice).await, 0);
    let (done, _) = self::import(&world, &practice, KNOWN.as_bytes(), json!({})).await;
    done.owner.do_post(&format!("{}/cancel", done.path)).await.expect_problem(409, "finished");
    assert_eq!(total(&practice).await, 1);
}

// C6, C10: what one import writes, the next one knows, although the list shows neither yet
#[tokio::test]
async fn two_imports_of_one_file_at_once_make_everybody_once() {
    let world = World::start().await;
    let practice = world.practice("twice").await;
    let rows: String = (0..120).map(|n| format!("Ada{n},Lovelace,ada{n}@mail.example\n")).collect();
    let file = format!("first_name,last_name,email\n{rows}");
    let mut imports = Vec::new();
    for _ in 0..3 {
        imports.push(Import::upload(&world, &practice, file.as_bytes(), json!({})).await);
    }
    for import in &imports {
        practice.owner.do_post(&format!("{}/commit", import.path)).await.expect(202);
    }
    world.cloud.settled().await;
    let mut created = 0;
    for import in &imports {
        let done = practice.owner.get(&import.path).await.expect(200);
        assert_eq!(done.text("/state"), "done", "{}", done.json());
        created += done.at("/counts/created").as_u64().unwrap_or_default();
    }
    assert_eq!((created, total(&practice).await), (120, json!(120)));
}
