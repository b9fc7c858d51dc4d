//! Tasks over HTTP: set, attached, repeated, counted, done (G1 to G3). The clock stands at 10:00 UTC on 2026-05-06, a
//! Wednesday; the practice is in New York.

mod attached;
mod many;
mod repeated;
mod trouble;

use end_to_end::{Persona, Practice, World};
use http::Method;
use serde_json::{Value, json};

/// Theo, and Maya, who is his client and has come in.
struct Cast {
    world: World,
    practice: Practice,
    theo: Persona,
    maya: String,
    portal: Persona,
}

impl Cast {
    async fn meet() -> Self {
        let world = World::start().await;
        let practice = world.practice("harbor").await;
        let theo = practice.hires("Theo", "Therapist").await;
        let maya = theo.adds_and_invites("Maya", "maya@mail.example").await.text("/id");
        let portal = world.accept("maya@mail.example").await;
        Self { world, practice, theo, maya, portal }
    }

    fn tasks(&self) -> String {
        format!("/v1/clients/{}/tasks", self.maya)
    }

    /// Titles in the list of whoever asks, newest first.
    async fn titles(&self, who: &Persona, query: &str) -> Vec<String> {
        let shown = who.get(&format!("{}{query}", self.tasks())).await.expect(200).at("/items");
        let items = shown.as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item["title"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

// G1, G3, S1, S2
#[tokio::test]
async fn homework_is_set_begun_and_done() {
    let cast = Cast::meet().await;
    let (theo, portal) = (&cast.theo, &cast.portal);
    let body = json!({"title": "Breathe", "body": "Four in,\nsix out.", "due": "2026-05-08"});
    let set = theo.post(&cast.tasks(), body).await.expect(201);
    assert_eq!(
        (set.text("/kind"), set.text("/state"), set.at("/overdue")),
        ("homework".into(), "open".into(), json!(false))
    );
    assert_eq!((set.text("/assigned_by/kind"), set.text("/assigned_by/name")), ("staff".into(), "Theo Berg".into()));
    assert_eq!(set.at("/allowed_actions"), json!(["edit", "set_state", "delete"]));
    let (id, path) = (set.text("/id"), format!("/v1/tasks/{}", set.text("/id")));
    assert!(id.starts_with("task_"), "{id}");

    let seen = portal.get(&path).await.expect(200);
    assert_eq!((seen.text("/title"), seen.text("/body")), ("Breathe".into(), "Four in,\nsix out.".into()));
    assert_eq!(seen.at("/allowed_actions"), json!(["set_state"]));
    let members: Vec<String> = seen.json().as_object().expect("an object").keys().cloned().collect();
    let shown_to_the_client = [
        "allowed_actions",
        "assigned_by",
        "body",
        "created_at",
        "done_at",
        "done_by",
        "due",
        "edited_at",
        "etag",
        "files",
        "id",
        "kind",
        "overdue",
        "repeat",
        "series",
        "shown_to",
        "state",
        "title",
    ];
    assert_eq!(members, shown_to_the_client);
    portal.takes_task_to(&id, "in_progress").await.expect(200);
    let done = portal.takes_task_to(&id, "done").await.expect(200);
    assert_eq!((done.text("/state"), done.text("/done_by/name")), ("done".into(), "Maya Lindqvist".into()));

    cast.world.advance(60).await;
    let again = theo.takes_task_to(&id, "done").await.expect(200);
    assert_eq!(again.at("/done_at"), done.at("/done_at"));
    assert_eq!((again.text("/done_by/kind"), again.header("etag").is_empty()), ("client".into(), false));
    let reopened = theo.takes_task_to(&id, "open").await.expect(200);
    assert_eq!(
        (reopened.text("/state"), reopened.at("/done_at"), reopened.at("/done_by")),
        ("open".into(), Value::Null, Value::Null)
    );
}

// G2, G3
#[tokio::test]
async fn a_client_s_own_tasks_are_the_client_s() {
    let cast = Cast::meet().await;
    let (theo, portal) = (&cast.theo, &cast.portal);
    let todo = portal.post(&cast.tasks(), json!({"title": "Call the school"})).await.expect(201);
    assert_eq!((todo.text("/kind"), todo.text("/assigned_by/kind")), ("todo".into(), "client".into()));
    for kind in ["goal", "reminder"] {
        let own = portal.post(&cast.tasks(), json!({"title": kind, "kind": kind})).await.expect(201);
        assert_eq!(own.text("/kind"), kind);
    }
    let refused = portal.post(&cast.tasks(), json!({"title": "Mine", "kind": "homework"})).await;
    assert_eq!(refused.expect_problem(422, "invalid_field").text("/errors/0/code"), "kind_not_allowed");
    let told = json!({"title": "Mine", "client_id": cast.maya});
    portal.post(&cast.tasks(), told).await.expect_problem(422, "unknown_field");

    // The therapist reads it, and leaves it alone.
    let path = format!("/v1/tasks/{}", todo.text("/id"));
    assert_eq!(theo.get(&path).await.expect(200).at("/allowed_actions"), json!([]));
    theo.patch(&path, json!({"title": "Other"})).await.expect_problem(403, "not_yours");
    theo.takes_task_to(&todo.text("/id"), "done").await.expect_problem(403, "not_yours");
    theo.delete(&path).await.expect_problem(403, "not_yours");

    // What the therapist has set the client does, and does not rewrite or delete, done or not.
    let given = theo.sets_task(&cast.maya, json!({})).await;
    let given = format!("/v1/tasks/{given}");
    portal.patch(&given, json!({"title": "Less"})).await.expect_problem(403, "not_yours");
    portal.takes_task_to(given.trim_start_matches("/v1/tasks/"), "done").await.expect(200);
    portal.delete(&given).await.expect_problem(403, "not_yours");

    let renamed = portal.patch(&path, json!({"title": "Call the school today"})).await.expect(200);
    assert_eq!(renamed.text("/title"), "Call the school today");
    assert_ne!(renamed.at("/edited_at"), Value::Null);
    portal.delete(&path).await.expect(204);
    theo.get(&path).await.expect_problem(404, "not_found");

    // Another client, and somebody else's therapist.
    let (other, stranger) = cast.practice.portal_client("Noor").await;
    stranger.get(&given).await.expect_problem(404, "not_found");
    stranger.post(&cast.tasks(), json!({"title": "Not mine"})).await.expect_problem(404, "not_found");
    let una = cast.practice.hires("Una", "Therapist").await;
    una.get(&given).await.expect_problem(404, "not_found");
    una.tries_to_set_task(&other, json!({})).await.expect_problem(404, "not_found");
}

// G3: a day is over when it has ended in New York, at four in the morning UTC
#[tokio::test]
async fn what_is_over_and_not_done_is_overdue() {
    let cast = Cast::meet().await;
    let (theo, portal, world) = (&cast.theo, &cast.portal, &cast.world);
    let today = theo.sets_task(&cast.maya, json!({"title": "today", "due": "2026-05-06"})).await;
    theo.sets_task(&cast.maya, json!({"title": "hour", "due": "2026-05-06T11:00:00Z"})).await;
    portal.sets_task(&cast.maya, json!({"title": "later", "due": "2026-05-09"})).await;
    portal.sets_task(&cast.maya, json!({"title": "never"})).await;
    let profile = format!("/v1/clients/{}", cast.maya);
    let nothing_done = json!({"tasks_open": 4, "tasks_overdue": 0, "tasks_done": 0, "tasks_done_percent": 0});
    assert_eq!(portal.get(&profile).await.expect(200).at("/progress"), nothing_done);

    world.advance(3600).await;
    let theo = &world.sign_in("theo@harbor.example").await;
    assert_eq!(cast.titles(theo, "?overdue=true").await, ["hour"]);
    world.advance(17 * 3600 - 1).await;
    let theo = &world.sign_in("theo@harbor.example").await;
    assert_eq!(cast.titles(theo, "?overdue=true").await, ["hour"]);
    world.advance(1).await;
    assert_eq!(cast.titles(theo, "?overdue=true").await, ["hour", "today"]);
    assert_eq!(theo.get(&format!("/v1/tasks/{today}")).await.expect(200).at("/overdue"), true);
    assert_eq!(cast.titles(theo, "?overdue=false").await, ["never", "later"]);
    theo.takes_task_to(&today, "done").await.expect(200);
    assert_eq!(cast.titles(theo, "?overdue=true").await, ["hour"]);
    assert_eq!(theo.get(&profile).await.expect(200).at("/stats/tasks_done_percent"), 25);
}

// G3, E6
#[tokio::test]
async fn a_list_is_filtered_and_says_how_many_there_are() {
    let cast = Cast::meet().await;
    let (theo, portal) = (&cast.theo, &cast.portal);
    let profile = format!("/v1/clients/{}", cast.maya);
    assert_eq!(theo.get(&profile).await.expect(200).at("/stats/tasks_done_percent"), Value::Null);
    for number in 0..5 {
        let task = theo.sets_task(&cast.maya, json!({"title": format!("given {number}")})).await;
        if number < 2 {
            portal.takes_task_to(&task, "done").await.expect(200);
        }
    }
    let own = portal.sets_task(&cast.maya, json!({"title": "own"})).await;
    portal.takes_task_to(&own, "in_progress").await.expect(200);
    for (query, titles) in [
        ("", vec!["own", "given 4", "given 3", "given 2", "given 1", "given 0"]),
        ("?state=done", vec!["given 1", "given 0"]),
        ("?state=in_progress", vec!["own"]),
        ("?by=client", vec!["own"]),
        ("?by=staff&state=open", vec!["given 4", "given 3", "given 2"]),
        ("?by=client&state=done", vec![]),
    ] {
        for who in [theo, portal] {
            assert_eq!(cast.titles(who, query).await, titles, "{query}");
            let total = who.get(&format!("{}{query}", cast.tasks())).await.expect(200).at("/total");
            assert_eq!(total, titles.len(), "{query}");
        }
    }
    let first = theo.get(&format!("{}?by=staff&limit=2", cast.tasks())).await.expect(200);
    assert_eq!((first.at("/total"), first.at("/items/1/title")), (json!(5), json!("given 3")));
    let next = format!("{}?by=staff&limit=2&cursor={}", cast.tasks(), first.text("/next_cursor"));
    assert_eq!(theo.get(&next).await.expect(200).text("/items/0/title"), "given 2");
    let other = format!("{}?by=client&limit=2&cursor={}", cast.tasks(), first.text("/next_cursor"));
    theo.get(&other).await.expect_problem(400, "cursor_invalid");
    theo.get(&format!("{}?state=later", cast.tasks())).await.expect_problem(400, "invalid_parameter");
    assert_eq!(portal.get(&profile).await.expect(200).at("/progress/tasks_done_percent"), 33);
    // Who may not read tasks is not told how they go.
    cast.practice.sets_features(json!({"tasks": "off"})).await;
    assert!(theo.get(&profile).await.expect(200).at("/stats").get("tasks_done_percent").is_none());
    theo.get(&cast.tasks()).await.expect_problem(403, "role");
}

// G1
#[tokio::test]
async fn a_template_fills_what_is_left_out() {
    let cast = Cast::meet().await;
    let theo = &cast.theo;
    let weekly = json!({"every": "week", "interval": 1});
    let body = json!({"name": "Breathing", "title": "Breathe", "body": "Six out.", "due_in_days": 7, "repeat": weekly});
    let template = theo.post("/v1/task-templates", body).await.expect(201);
    assert_eq!((template.text("/kind"), template.at("/due_in_days")), ("homework".into(), json!(7)));
    let id = template.text("/id");
    let made = theo.post(&cast.tasks(), json!({"template_id": id})).await.expect(201);
    assert_eq!(
        (made.text("/title"), made.text("/body"), made.text("/due")),
        ("Breathe".into(), "Six out.".into(), "2026-05-13".into())
    );
    assert_eq!(made.at("/repeat"), weekly);
    let own = json!({"template_id": id, "title": "Rest", "due": "2026-05-20", "kind": "goal"});
    let own = theo.post(&cast.tasks(), own).await.expect(201);
    assert_eq!(
        (own.text("/title"), own.text("/due"), own.text("/kind")),
        ("Rest".into(), "2026-05-20".into(), "goal".into())
    );

    let path = format!("/v1/task-templates/{id}");
    let send = async |tag: &str, body: Value| {
        theo.request(Method::PATCH, &path).header("if-match", tag).json(&body).send().await
    };
    let refused = send("\"v1\"", json!({"due_in_days": null})).await.expect_problem(422, "invalid_field");
    assert_eq!(refused.text("/errors/0/code"), "repeat_needs_due");
    let refused = send("\"v1\"", json!({"due_in_days": 400})).await.expect_problem(422, "invalid_field");
    assert_eq!(refused.text("/errors/0/pointer"), "/due_in_days");
    send("\"v1\"", json!({"name": "Slow breathing"})).await.expect(200);
    send("\"v1\"", json!({"name": "Late"})).await.expect_problem(412, "stale");
    let listed = theo.get("/v1/task-templates").await.expect(200);
    assert_eq!((listed.text("/items/0/name"), listed.at("/items/1")), ("Slow breathing".into(), Value::Null));
    // A template is for staff, and for its own practice.
    let refused =
        cast.portal.post(&cast.tasks(), json!({"template_id": id})).await.expect_problem(422, "invalid_field");
    assert_eq!(refused.text("/errors/0/code"), "template_unknown");
    cast.portal.get("/v1/task-templates").await.expect_problem(403, "wrong_caller");
    let elsewhere = cast.world.practice("quay").await.owner;
    assert_eq!(elsewhere.get("/v1/task-templates").await.expect(200).at("/items"), json!([]));
    theo.request(Method::DELETE, &path).header("if-match", "\"v2\"").send().await.expect(204);
    let gone = theo.post(&cast.tasks(), json!({"template_id": id})).await.expect_problem(422, "invalid_field");
    assert_eq!(gone.text("/errors/0/code"), "template_unknown");
    assert_eq!(cast.titles(theo, "").await, ["Rest", "Breathe"], "what was made stays");
}
