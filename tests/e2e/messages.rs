//! What a client and its therapist write to each other (K1, K2).

mod files;
mod inbox;
mod link;
mod notices;
mod reach;

use end_to_end::{Answer, Persona, Practice, World};
use serde_json::{Value, json};

/// Theo with his client Maya, who has come in.
struct Pair {
    practice: Practice,
    theo: Persona,
    maya: Persona,
    client: String,
    /// Of the thread.
    path: String,
}

async fn pair(world: &World) -> Pair {
    let practice = world.practice("harbor").await;
    let theo = practice.hires("Theo", "Therapist").await;
    let (client, maya) = practice.portal_client("Maya").await;
    practice.owner.gives(&client, Some(&theo), json!({})).await.expect(200);
    let path = format!("/v1/clients/{client}/messages");
    Pair { practice, theo, maya, client, path }
}

/// The texts of a page, newest first.
fn texts(page: &Answer) -> Vec<String> {
    page.at("/items").as_array().into_iter().flatten().map(|one| one["body"].as_str().unwrap().to_owned()).collect()
}

// K1, K2
#[tokio::test]
async fn client_and_therapist_write_to_each_other_and_see_who_wrote_what_and_when_it_was_read() {
    let world = World::start().await;
    let Pair { theo, maya, client, path, .. } = pair(&world).await;
    let first = theo.writes(&client, "How was it?\n<b>Really</b>").await.expect(201);
    assert_eq!(first.at("/from"), json!({"kind": "staff", "id": theo.id, "name": "Theo Berg"}));
    assert_eq!((first.at("/read_at"), first.at("/file_ids")), (Value::Null, json!([])));
    let second = maya.writes(&client, "Well.").await.expect(201);
    assert_eq!(second.at("/from"), json!({"kind": "client", "id": client, "name": "Maya Lindqvist"}));
    let page = maya.get(&path).await.expect(200);
    assert_eq!(texts(&page), ["Well.", "How was it?\n<b>Really</b>"]);
    assert_eq!((page.at("/unread"), page.at("/sending")), (json!(1), json!({"enabled": true, "blocked_by": []})));

    world.advance(60).await;
    let read = maya.has_read(&client, &first.text("/id")).await.expect(200);
    assert_eq!(read.at("/unread"), 0);
    let seen = theo.get(&path).await.expect(200);
    assert_eq!(seen.at("/items/1/read_at"), read.at("/at"), "the other side sees that it was read");
    assert_eq!((seen.at("/items/0/read_at"), seen.at("/unread")), (Value::Null, json!(1)));
    // The members the portal gets, and no others.
    let members: Vec<String> = maya.get(&path).await.at("/items/0").as_object().unwrap().keys().cloned().collect();
    assert_eq!(members, ["body", "created_at", "file_ids", "from", "id", "read_at", "shown_to"]);
}

// K3: read receipts are true for each message, never go backwards, and of what is read at once as well
#[tokio::test]
async fn a_receipt_says_when_each_message_was_read_and_reading_never_goes_backwards() {
    let world = World::start().await;
    let Pair { theo, maya, client, path, .. } = pair(&world).await;
    let mut ids = Vec::new();
    for n in 0..90 {
        ids.push(theo.writes(&client, &format!("{n}")).await.expect(201).text("/id"));
    }
    let early = maya.has_read(&client, &ids[1]).await.expect(200);
    assert_eq!(early.at("/unread"), 88);
    world.advance(60).await;
    let late = maya.has_read(&client, &ids[89]).await.expect(200);
    assert_eq!(late.at("/unread"), 0);
    // More than are marked one by one.
    assert_ne!(early.at("/at"), late.at("/at"));
    world.advance(60).await;
    assert_eq!(maya.has_read(&client, &ids[5]).await.expect(200).json(), late.json());
    assert_eq!(maya.has_read(&client, &ids[89]).await.expect(200).json(), late.json());
    let page = theo.get(&format!("{path}?limit=200")).await.expect(200);
    let receipts: Vec<Value> = (0..90).rev().map(|n| page.at(&format!("/items/{n}/read_at"))).collect();
    assert_eq!(receipts[..2], [early.at("/at"), early.at("/at")]);
    assert!(receipts[2..].iter().all(|at| *at == late.at("/at")), "{receipts:?}");
}

// K3: what is read of another thread is nobody's
#[tokio::test]
async fn reading_a_message_of_another_thread_or_none_is_404() {
    let world = World::start().await;
    let Pair { theo, maya, client, practice, .. } = pair(&world).await;
    let (other, ida) = practice.portal_client("Ida").await;
    practice.owner.gives(&other, Some(&theo), json!({})).await.expect(200);
    let foreign = ida.writes(&other, "Mine").await.expect(201).text("/id");
    for who in [&theo, &maya] {
        who.has_read(&client, &foreign).await.expect_problem(404, "not_found");
    }
    let never = format!("msg_{}{}", client.trim_start_matches("cli_"), "0".repeat(26));
    maya.has_read(&client, &never).await.expect_problem(404, "not_found");
    maya.has_read(&client, "msg_1").await.expect_problem(422, "invalid_field");
    maya.writes(&other, "To whom?").await.expect_problem(404, "not_found");
}

// K1: nothing is interpreted, and what would hide or break a text is refused
#[tokio::test]
async fn a_text_is_kept_as_it_is_or_refused_with_the_reason() {
    let world = World::start().await;
    let Pair { theo, client, path, .. } = pair(&world).await;
    let kept = "<script>alert(1)</script>\n{{7*7}} & 'x' \"y\" =cmd|' /C' ü";
    assert_eq!(theo.writes(&client, kept).await.expect(201).at("/body"), kept);
    assert_eq!(theo.get(&path).await.at("/items/0/body"), kept);
    theo.writes(&client, &"é".repeat(10_000)).await.expect(201);
    for (text, code) in [
        (String::new(), "required"),
        (" \n\u{200b}".to_owned(), "required"),
        ("x".repeat(10_001), "too_long"),
        ("x".repeat(100_000), "too_long"),
        ("nu\u{0}ll".to_owned(), "control_character"),
        ("right \u{202e}tfel".to_owned(), "control_character"),
    ] {
        let refused = theo.writes(&client, &text).await.expect_problem(422, "invalid_field");
        assert_eq!((refused.text("/errors/0/pointer"), refused.text("/errors/0/code")), ("/body".into(), code.into()));
    }
    theo.post(&path, json!({})).await.expect_problem(422, "invalid_field");
    theo.post(&path, json!({"body": "x", "to": "all"})).await.expect_problem(422, "unknown_field");
    assert_eq!(theo.get(&path).await.at("/items").as_array().unwrap().len(), 2);
}

// K1, REL-1
#[tokio::test]
async fn the_same_request_twice_writes_once() {
    let world = World::start().await;
    let Pair { theo, client, path, maya, .. } = pair(&world).await;
    let send = async || {
        let request = theo.request(http::Method::POST, &path).header("idempotency-key", "one");
        request.json(&json!({"body": "Once"})).send().await.expect(201)
    };
    let (one, two) = tokio::join!(send(), send());
    let three = send().await;
    assert_eq!((one.json(), two.json()), (three.json(), three.json()));
    let page = maya.get(&path).await.expect(200);
    assert_eq!((texts(&page), page.at("/unread")), (vec!["Once".to_owned()], json!(1)));
    assert!(page.text("/items/0/id").contains(client.trim_start_matches("cli_")));
}

// K1: two at once are two, each counted
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_sent_at_once_are_all_there_and_all_counted() {
    let world = World::start().await;
    let Pair { theo, maya, client, path, .. } = pair(&world).await;
    let write = async |who: &Persona, text: &str| end_to_end::patiently(|| who.writes(&client, text)).await.expect(201);
    tokio::join!(write(&theo, "a"), write(&maya, "b"), write(&theo, "c"), write(&maya, "d"));
    let page = theo.get(&path).await.expect(200);
    let mut all = texts(&page);
    all.sort_unstable();
    assert_eq!((all, page.at("/unread")), (vec!["a".into(), "b".into(), "c".into(), "d".into()], json!(2)));
    assert_eq!(maya.get(&path).await.at("/unread"), 2);
}

// IDN-13
#[tokio::test]
async fn one_person_sends_two_hundred_an_hour() {
    let world = World::start().await;
    let Pair { theo, maya, client, .. } = pair(&world).await;
    for n in 0..200 {
        theo.writes(&client, &format!("{n}")).await.expect(201);
    }
    let refused = theo.writes(&client, "One more").await.expect_problem(429, "too_many_requests");
    assert!(refused.header("retry-after").parse::<u32>().is_ok_and(|wait| (1..=3600).contains(&wait)));
    maya.writes(&client, "Stop").await.expect(201);
    world.advance(3600).await;
    let theo = world.sign_in("theo@harbor.example").await;
    theo.writes(&client, "Again").await.expect(201);
}

// K1: pages in the order in which it was written
#[tokio::test]
async fn a_long_thread_is_read_in_pages() {
    let world = World::start().await;
    let Pair { theo, maya, client, path, .. } = pair(&world).await;
    for n in 0..5 {
        theo.writes(&client, &format!("{n}")).await.expect(201);
    }
    let first = maya.get(&format!("{path}?limit=3")).await.expect(200);
    assert_eq!((texts(&first), first.at("/unread")), (vec!["4".into(), "3".into(), "2".into()], json!(5)));
    let second = maya.get(&format!("{path}?limit=3&cursor={}", first.text("/next_cursor"))).await.expect(200);
    assert_eq!((texts(&second), second.at("/next_cursor")), (vec!["1".into(), "0".into()], Value::Null));
}

// performance 5.1
#[tokio::test]
async fn a_thread_is_read_in_one_round_trip_and_written_in_two() {
    let world = World::start().await;
    let Pair { theo, maya, client, path, .. } = pair(&world).await;
    let sent = maya.writes(&client, "Hello").await.expect(201);
    assert_eq!(world.rounds(&sent).await, 2);
    assert_eq!(world.calls(&sent).await.len(), 2);
    let list = theo.get(&path).await.expect(200);
    assert_eq!(world.rounds(&list).await, 1);
    assert_eq!(world.calls(&list).await.len(), 3, "the read, its entry and one page");
    let read = theo.has_read(&client, &sent.text("/id")).await.expect(200);
    assert_eq!(world.rounds(&read).await, 2);
    let own = maya.get("/v1/inbox").await.expect(200);
    assert_eq!(world.rounds(&own).await, 1);
}
