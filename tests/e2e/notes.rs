//! Notes of staff and clients: who reads what, what was said before, who has seen it, and what is gone.

mod hidden;
mod many;

use end_to_end::{Answer, Persona, World};
use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

const THEO: &str = "theo@notes.example";
const OWNER: &str = "owner@notes.example";

/// Theo with his client Maya, who has come in; each with a note.
struct Stage {
    world: World,
    owner: Persona,
    theo: Persona,
    maya: String,
    portal: Persona,
}

impl Stage {
    async fn set() -> Self {
        let world = World::start().await;
        let practice = world.practice("notes").await;
        let theo = practice.hires("Theo", "Therapist").await;
        let maya = theo.adds_and_invites("Maya", "maya@mail.example").await.text("/id");
        let portal = world.accept("maya@mail.example").await;
        Self { world, owner: practice.owner, theo, maya, portal }
    }

    fn list(&self) -> String {
        format!("/v1/clients/{}/notes", self.maya)
    }

    async fn bodies(&self, by: &Persona, query: &str) -> Vec<String> {
        texts(&by.get(&format!("{}{query}", self.list())).await.expect(200), "body")
    }
}

fn texts(page: &Answer, member: &str) -> Vec<String> {
    let items = page.at("/items");
    let text = |item: &Value| item[member].as_str().expect("a text").to_owned();
    items.as_array().expect("items").iter().map(text).collect()
}

// F1, F3, S1, S2, decision 4
#[tokio::test]
async fn both_sides_write_notes_that_the_other_one_reads() {
    let stage = Stage::set().await;
    let appointment = stage.theo.books(&stage.maya, &stage.theo, (-60, -10)).await;
    let body = json!({"title": "Session", "body": "We spoke <b>plainly</b>.", "appointment_id": appointment});
    let by_theo = stage.theo.post(&stage.list(), body).await.expect(201);
    assert_eq!(by_theo.at("/visibility"), "shared");
    assert_eq!(by_theo.at("/author/kind"), "staff");
    assert_eq!((by_theo.at("/author/id"), by_theo.at("/author/name")), (json!(stage.theo.id), json!("Theo Berg")));
    assert_eq!((by_theo.at("/kind"), by_theo.at("/comments")), (json!("note"), json!(0)));
    let by_maya = stage.portal.post(&stage.list(), json!({"body": "I slept well."})).await.expect(201);
    assert_eq!((by_maya.at("/author/kind"), by_maya.at("/visibility")), (json!("client"), json!("shared")));
    assert_eq!(by_maya.at("/who_can_read"), "You and your therapist can read this.");
    for reader in [&stage.theo, &stage.portal] {
        assert_eq!(stage.bodies(reader, "").await, ["I slept well.", "We spoke <b>plainly</b>."]);
    }
    let read = stage.portal.get(&format!("/v1/notes/{}", by_theo.text("/id"))).await.expect(200);
    assert_eq!((read.at("/appointment_id"), read.at("/client_id")), (json!(appointment), Value::Null));
    assert_eq!(read.at("/allowed_actions"), json!(["comment"]));
    assert_eq!(by_theo.at("/allowed_actions"), json!(["edit", "hide", "comment", "delete"]));
}

// F2, E7
#[tokio::test]
async fn who_hides_a_note_is_told_that_it_was_read() {
    let stage = Stage::set().await;
    let id = stage.theo.writes_note(&stage.maya, json!({})).await;
    let path = format!("/v1/notes/{id}");
    assert_eq!(stage.theo.get(&path).await.at("/read_by_other_side"), Value::Null);
    stage.owner.get(&path).await.expect(200);
    assert_eq!(stage.theo.get(&path).await.at("/read_by_other_side"), Value::Null, "a colleague is no other side");
    let listed = stage.portal.get(&stage.list()).await.expect(200);
    let first = listed.at("/items/0/read_by_other_side/first_at");
    stage.world.advance(7200).await;
    let portal = stage.world.comes_back("maya@mail.example", "notes").await;
    portal.get(&path).await.expect(200);
    let theo = stage.world.sign_in(THEO).await;
    let hidden = theo.patch(&path, json!({"visibility": "hidden"})).await.expect(200);
    assert_eq!(hidden.at("/read_by_other_side/first_at"), first);
    assert_ne!(hidden.at("/read_by_other_side/last_at"), first);
    // From the client's next request on.
    portal.get(&path).await.expect_problem(404, "not_found");
    assert_eq!(portal.get(&stage.list()).await.at("/total"), 0);
    assert_eq!(theo.get(&stage.list()).await.at("/total"), 1);
}

// F4: what somebody says is changed by nobody else, and what was said before is kept for its author
#[tokio::test]
async fn a_note_is_changed_by_its_author_who_can_read_what_it_said_before() {
    let stage = Stage::set().await;
    let id = stage.theo.writes_note(&stage.maya, json!({"title": "One"})).await;
    let path = format!("/v1/notes/{id}");
    let tag = stage.theo.get(&path).await.header("etag");
    let change =
        async |by: &Persona, body| by.request(Method::PATCH, &path).header("if-match", &tag).json(&body).send().await;
    change(&stage.owner, json!({"body": "Mine."})).await.expect_problem(403, "not_yours");
    change(&stage.portal, json!({"body": "Mine."})).await.expect_problem(403, "not_yours");
    // Two at once: one of them has read something old.
    let both = join_all([json!({"body": "A"}), json!({"body": "B"})].map(|body| change(&stage.theo, body))).await;
    let mut statuses: Vec<u16> = both.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    // That somebody has seen it in between is no change.
    let tag = stage.theo.get(&path).await.header("etag");
    stage.portal.get(&path).await.expect(200);
    let renamed = stage.theo.request(Method::PATCH, &path).header("if-match", &tag);
    let renamed = renamed.json(&json!({"title": null, "body": "C"})).send().await.expect(200);
    assert_eq!((renamed.at("/title"), renamed.at("/body")), (Value::Null, json!("C")));
    assert!(!renamed.text("/edited_at").is_empty());
    let versions = stage.theo.get(&format!("{path}/versions")).await.expect(200);
    assert_eq!(texts(&versions, "body").len(), 3);
    assert_eq!(versions.at("/items/0/body"), "C");
    assert_eq!((versions.at("/items/2/title"), versions.at("/items/2/body")), (json!("One"), json!("How it went.")));
    stage.owner.get(&format!("{path}/versions")).await.expect_problem(403, "not_yours");
    stage.portal.get(&format!("{path}/versions")).await.expect_problem(403, "not_yours");
}

// F4
#[tokio::test]
async fn a_deleted_note_is_gone_for_all_and_back_for_its_author_within_thirty_days() {
    let stage = Stage::set().await;
    let (one, two) = (
        stage.theo.writes_note(&stage.maya, json!({})).await,
        stage.theo.writes_note(&stage.maya, json!({"body": "Another."})).await,
    );
    let path = format!("/v1/notes/{one}");
    stage.portal.post(&format!("{path}/comments"), json!({"body": "Yes."})).await.expect(201);
    stage.theo.do_post(&format!("{path}/restore")).await.expect_problem(409, "not_deleted");
    for id in [&one, &two] {
        stage.theo.delete(&format!("/v1/notes/{id}")).await.expect(204);
    }
    for reader in [&stage.theo, &stage.owner, &stage.portal] {
        reader.get(&path).await.expect_problem(404, "not_found");
        reader.get(&format!("{path}/comments")).await.expect_problem(404, "not_found");
        assert_eq!(reader.get(&stage.list()).await.expect(200).at("/total"), 0);
    }
    let trash = stage.theo.get(&format!("{}?deleted=true", stage.list())).await.expect(200);
    assert_eq!((trash.at("/total"), trash.at("/items/0/allowed_actions")), (json!(2), json!(["restore"])));
    assert_eq!(stage.portal.get(&format!("{}?deleted=true", stage.list())).await.at("/total"), 0);
    stage.portal.do_post(&format!("{path}/restore")).await.expect_problem(404, "not_found");
    stage.theo.do_post(&format!("{path}/restore")).await.expect(200);
    assert_eq!(stage.portal.get(&path).await.expect(200).at("/comments"), 1);
    // What nobody wants back is forgotten, and what is back is not.
    stage.world.advance(30 * 86400).await;
    let theo = stage.world.sign_in(THEO).await;
    theo.do_post(&format!("/v1/notes/{two}/restore")).await.expect_problem(404, "not_found");
    stage.world.advance(86400).await;
    assert_eq!(stage.world.run("forget-notes").await, json!({"due": 1, "done": 1, "skipped": 0}));
    assert_eq!(stage.world.run("forget-notes").await, json!({"due": 0, "done": 0, "skipped": 0}));
    let theo = stage.world.sign_in(THEO).await;
    theo.get(&path).await.expect(200);
}

// F4
#[tokio::test]
async fn both_sides_comment_and_change_their_own_comments() {
    let stage = Stage::set().await;
    let path = format!("/v1/notes/{}", stage.theo.writes_note(&stage.maya, json!({})).await);
    let comments = format!("{path}/comments");
    let hers = stage.portal.post(&comments, json!({"body": "I see."})).await.expect(201);
    let his = stage.theo.post(&comments, json!({"body": "Good."})).await.expect(201);
    assert_eq!((hers.at("/author/name"), his.at("/author/kind")), (json!("Maya Lindqvist"), json!("staff")));
    // Who comments has read.
    assert!(stage.theo.get(&path).await.at("/read_by_other_side/first_at").is_string());
    let unread = async |by: &Persona| by.get(&path).await.expect(200).at("/unread_comments");
    assert_eq!((unread(&stage.theo).await, unread(&stage.portal).await), (json!(1), json!(1)));
    let listed = stage.theo.get(&comments).await.expect(200);
    assert_eq!(texts(&listed, "body"), ["Good.", "I see."]);
    assert_eq!((listed.at("/items/0/own"), listed.at("/items/1/own")), (json!(true), json!(false)));
    assert_eq!((unread(&stage.theo).await, unread(&stage.portal).await), (json!(0), json!(1)));
    let her_path = format!("{comments}/{}", hers.text("/id"));
    let change = async |by: &Persona, method: Method, tag: &str| {
        let request = by.request(method.clone(), &her_path).header("if-match", tag);
        if method == Method::PATCH {
            request.json(&json!({"body": "I do see."})).send().await
        } else {
            request.send().await
        }
    };
    for method in [Method::PATCH, Method::DELETE] {
        change(&stage.theo, method, "*").await.expect_problem(403, "not_yours");
    }
    let changed = change(&stage.portal, Method::PATCH, "\"v1\"").await.expect(200);
    assert_eq!((changed.at("/body"), changed.at("/edited_at").is_string()), (json!("I do see."), true));
    change(&stage.portal, Method::DELETE, "\"v1\"").await.expect_problem(412, "stale");
    change(&stage.portal, Method::DELETE, "\"v2\"").await.expect(204);
    change(&stage.portal, Method::DELETE, "*").await.expect_problem(404, "not_found");
    assert_eq!(stage.theo.get(&path).await.at("/comments"), 1);
    // Hidden meanwhile: there is nothing to comment on.
    stage.theo.patch(&path, json!({"visibility": "hidden"})).await.expect(200);
    stage.portal.post(&comments, json!({"body": "Oh."})).await.expect_problem(404, "not_found");
    stage.portal.get(&comments).await.expect_problem(404, "not_found");
}

// F4
#[tokio::test]
async fn notes_are_found_by_text_author_visibility_and_time() {
    let stage = Stage::set().await;
    stage.theo.writes_note(&stage.maya, json!({"title": "Über Träume", "body": "Long."})).await;
    stage.theo.writes_note(&stage.maya, json!({"body": "For me: sleep.", "visibility": "hidden"})).await;
    stage.portal.writes_note(&stage.maya, json!({"body": "Sleep was short."})).await;
    assert_eq!(stage.bodies(&stage.theo, "?q=SLEEP").await, ["Sleep was short.", "For me: sleep."]);
    assert_eq!(stage.bodies(&stage.theo, "?q=traume").await, ["Long."]);
    assert_eq!(stage.bodies(&stage.portal, "?q=sleep").await, ["Sleep was short."]);
    assert_eq!(stage.bodies(&stage.theo, "?author=client").await, ["Sleep was short."]);
    assert_eq!(stage.bodies(&stage.theo, "?visibility=hidden").await, ["For me: sleep."]);
    for (query, total) in [("", 3), ("?author=staff", 2), ("?author=staff&visibility=shared", 1), ("?q=sleep", 2)] {
        let page = stage.theo.get(&format!("{}{query}", stage.list())).await.expect(200);
        assert_eq!(page.at("/total"), total, "{query}");
    }
    assert!(stage.bodies(&stage.theo, &format!("?from={}", stage.world.in_minutes(1))).await.is_empty());
    for bad in ["?author=nobody", "?visibility=any", "?from=2026", "?q=a&x=1", &format!("?q={}", "a".repeat(201))] {
        stage.theo.get(&format!("{}{bad}", stage.list())).await.expect(400);
    }
}

// decisions 15, 31
#[tokio::test]
async fn an_admin_opens_a_hidden_note_with_a_reason_and_its_author_and_the_admins_are_told() {
    let stage = Stage::set().await;
    let hidden = stage.theo.writes_note(&stage.maya, json!({"visibility": "hidden", "body": "Private."})).await;
    let path = format!("/v1/notes/{hidden}");
    stage.owner.get(&path).await.expect_problem(403, "break_glass_required");
    let glass = format!("{path}/break-glass");
    stage.owner.post(&glass, json!({})).await.expect(422);
    stage.owner.post(&glass, json!({"reason": " "})).await.expect(422);
    stage.theo.post(&glass, json!({"reason": "Mine anyway."})).await.expect(403);
    let before = (stage.world.mails(THEO).await.len(), stage.world.mails(OWNER).await.len());
    let opened = stage.owner.post(&glass, json!({"reason": "A complaint of 27 November."})).await.expect(200);
    assert_eq!(opened.at("/body"), "Private.");
    let told = (stage.world.mails(THEO).await, stage.world.mails(OWNER).await);
    assert_eq!((told.0.len(), told.1.len()), (before.0 + 1, before.1 + 1));
    let mail = stage.world.newest_mail(THEO).await.to_string();
    assert!(mail.contains("a note") && !mail.contains("Private.") && !mail.contains("Maya"), "{mail}");
    // What a client hides opens to nobody.
    let hers = stage.portal.writes_note(&stage.maya, json!({"visibility": "hidden"})).await;
    let glass = format!("/v1/notes/{hers}/break-glass");
    stage.owner.post(&glass, json!({"reason": "Curious."})).await.expect_problem(404, "not_found");
}

// F1, X2: bad input loses nothing and says where
#[tokio::test]
async fn what_is_no_note_is_refused() {
    let stage = Stage::set().await;
    let other = stage.theo.adds_client("Ola").await;
    let foreign = stage.theo.books(&other, &stage.theo, (60, 110)).await;
    for (body, code) in [
        (json!({}), "required"),
        (json!({"body": "  "}), "required"),
        (json!({"body": "a".repeat(50_001)}), "too_long"),
        (json!({"body": "a\u{0}b"}), "control_character"),
        (json!({"body": "a\u{202e}b"}), "control_character"),
        (json!({"body": "a", "title": "b\nc"}), "control_character"),
        (json!({"body": "a", "client_id": other}), "unknown_field"),
        (json!({"body": "a", "appointment_id": foreign}), "appointment_unknown"),
    ] {
        let told = stage.theo.post(&stage.list(), body.clone()).await.expect(422);
        assert_eq!(told.at("/errors/0/code"), code, "{body:.80}");
    }
    assert_eq!(stage.theo.get(&stage.list()).await.at("/total"), 0);
    let script = "<script>alert(1)</script> & \"more\"\r\nשלום";
    let kept = stage.theo.post(&stage.list(), json!({"body": script})).await.expect(201);
    assert_eq!(stage.portal.get(&format!("/v1/notes/{}", kept.text("/id"))).await.at("/body"), script);
    assert!(kept.header("content-type").starts_with("application/json"));
    stage
        .portal
        .post(&format!("/v1/clients/{other}/notes"), json!({"body": "a"}))
        .await
        .expect_problem(404, "not_found");
    let long = "字".repeat(50_000);
    let kept = stage.portal.post(&stage.list(), json!({"body": long})).await.expect(201);
    assert_eq!(stage.theo.get(&format!("/v1/notes/{}", kept.text("/id"))).await.at("/body"), long);
}

// E3: off keeps what is there
#[tokio::test]
async fn switched_off_notes_are_closed_to_the_client_and_kept() {
    let stage = Stage::set().await;
    let id = stage.theo.writes_note(&stage.maya, json!({})).await;
    let switch = |on: bool| json!({"portal": {"features": {"notes": {"enabled": on}}}});
    stage.owner.patch("/v1/practice", switch(false)).await.expect(200);
    stage.portal.get(&stage.list()).await.expect_problem(403, "feature_off");
    stage.portal.get(&format!("/v1/notes/{id}")).await.expect_problem(403, "feature_off");
    stage.portal.post(&stage.list(), json!({"body": "a"})).await.expect_problem(403, "feature_off");
    stage.theo.get(&format!("/v1/notes/{id}")).await.expect(200);
    stage.owner.patch("/v1/practice", switch(true)).await.expect(200);
    assert_eq!(stage.portal.get(&stage.list()).await.expect(200).at("/total"), 1);
}

// F4, performance 5.1: whatever there is, a page is one query, and what has been seen is marked once
#[tokio::test]
async fn a_list_of_notes_takes_one_round_trip_and_a_change_two() {
    let stage = Stage::set().await;
    let rounds = async |answer: &Answer| stage.world.rounds(answer).await;
    for n in 0..6 {
        stage.theo.writes_note(&stage.maya, json!({"visibility": if n % 2 == 0 { "shared" } else { "hidden" }})).await;
    }
    let written = stage.theo.post(&stage.list(), json!({"body": "a"})).await.expect(201);
    assert_eq!(rounds(&written).await, 2);
    assert_eq!(rounds(&stage.theo.get(&stage.list()).await.expect(200)).await, 1);
    let page = format!("{}?limit=3", stage.list());
    let first = stage.portal.get(&page).await.expect(200);
    let again = stage.portal.get(&page).await.expect(200);
    assert_eq!(texts(&again, "id"), texts(&first, "id"));
    let queries = stage.world.calls(&again).await.iter().filter(|call| call["operation"] == "Query").count();
    assert!(queries <= 2, "{queries} queries to pass what is hidden");
    let path = format!("/v1/notes/{}", written.text("/id"));
    assert_eq!(rounds(&stage.portal.get(&path).await.expect(200)).await, 1, "it was seen in the list");
    assert_eq!(rounds(&stage.theo.patch(&path, json!({"body": "b"})).await.expect(200)).await, 2);
    assert_eq!(rounds(&stage.portal.post(&format!("{path}/comments"), json!({"body": "c"})).await).await, 2);
    assert_eq!(rounds(&stage.theo.delete(&path).await.expect(204)).await, 2);
}

// F4, REL: what is too large for one answer comes in several, and is marked in several transactions
#[tokio::test]
async fn long_notes_come_in_as_many_pages_as_they_need() {
    let stage = Stage::set().await;
    let body = "字".repeat(NOTE);
    for _ in 0..MANY {
        stage.theo.writes_note(&stage.maya, json!({"body": body})).await;
    }
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let page = stage.portal.get(&format!("{}?limit=200{cursor}", stage.list())).await.expect(200);
        let items = texts(&page, "id").len();
        assert!(items > 0 && items < MANY, "{items} on one page");
        assert!(page.header("content-length").parse::<usize>().is_ok_and(|length| length < 6_000_000));
        seen += items;
        match page.at("/next_cursor") {
            Value::String(next) => cursor = format!("&cursor={next}"),
            _ => break,
        }
    }
    assert_eq!(seen, MANY);
    assert_eq!(stage.portal.get("/v1/portal/home").await.expect(200).at("/notes/new"), 0, "all of them were seen");
}

/// Characters of three bytes, as many as a note may have.
const NOTE: usize = 50_000;
const MANY: usize = 32;
