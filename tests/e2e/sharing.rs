//! Files that are shared together with the way in, and the one mail that goes with it (D5).

use end_to_end::{Answer, Persona, Practice, World};
use http::Method;
use serde_json::{Value, json};

/// Theo with a client that has an address and never was invited, and a hidden file of hers.
struct Stage {
    practice: Practice,
    theo: Persona,
    client: String,
    file: String,
    path: String,
}

async fn stage(world: &World) -> Stage {
    let practice = world.practice("harbor").await;
    let theo = practice.hires("Theo", "Therapist").await;
    let client = theo.adds_client_with("Maya", json!({"email": "maya@mail.example"})).await.text("/id");
    let file = theo.uploads_file(&client, json!({})).await;
    let path = format!("/v1/clients/{client}/share");
    Stage { practice, theo, client, file, path }
}

async fn is_shared(who: &Persona, file: &str) -> Value {
    who.get(&format!("/v1/files/{file}")).await.expect(200).at("/shared")
}

async fn mails(world: &World) -> usize {
    world.mails("maya@mail.example").await.len()
}

// D5: the preview tells, and does nothing
#[tokio::test]
async fn a_preview_says_that_access_is_granted_and_shows_the_mail_and_nothing_happens() {
    let world = World::start().await;
    let Stage { theo, client, file, path, .. } = stage(&world).await;
    let before = theo.get(&format!("/v1/clients/{client}")).await.expect(200);
    let body = json!({"file_ids": [file], "consent": true, "message": "As we said.", "preview": true});
    let told = theo.post(&path, body).await.expect(200);
    assert_eq!(
        (told.at("/will_grant_portal_access"), told.text("/mail/to")),
        (json!(true), "maya@mail.example".into())
    );
    let text = told.text("/mail/text");
    assert!(text.contains("Documents that were shared with you are waiting") && text.contains("As we said."), "{text}");
    assert!(text.contains("/invitation#token=\u{2026}"), "a placeholder for the link: {text}");
    let after = theo.get(&format!("/v1/clients/{client}")).await.expect(200);
    assert_eq!((after.json(), after.header("etag")), (before.json(), before.header("etag")));
    assert_eq!((is_shared(&theo, &file).await, mails(&world).await), (json!(false), 0));
    let trail = world.audit(&told).await;
    assert!(trail.iter().any(|(action, ..)| action == "file.share"), "{trail:?}");
}

// D5, D2: one mail for both, in the preview's words
#[tokio::test]
async fn sharing_with_somebody_who_was_never_invited_invites_with_one_mail() {
    let world = World::start().await;
    let Stage { theo, client, file, path, .. } = stage(&world).await;
    let other = theo.uploads_file(&client, json!({"name": "b.pdf"})).await;
    let body = json!({"file_ids": [other, file], "consent": true, "message": "As we said."});
    let mut look = body.clone();
    look["preview"] = json!(true);
    let told = theo.post(&path, look).await.expect(200);
    let shared = theo.post(&path, body).await.expect(200);
    let ids = [shared.text("/shared/0/id"), shared.text("/shared/1/id")];
    assert_eq!((ids, shared.at("/shared/0/shared")), ([other.clone(), file.clone()], json!(true)));
    assert_eq!(
        (shared.text("/portal/access"), shared.text("/portal/invitation/state")),
        ("invited".into(), "sent".into())
    );
    assert_eq!(mails(&world).await, 1);
    let mail = world.newest_mail("maya@mail.example").await;
    assert_eq!(mail["subject"], told.text("/mail/subject"));
    let sent = mail["text"].as_str().unwrap();
    let (start, _) = sent.split_once("#token=").expect("a link");
    assert!(told.text("/mail/text").starts_with(start), "{sent}");
    assert!(!sent.contains("b.pdf"), "no content");
    assert_eq!(mail["headers"].get("List-Unsubscribe"), None, "what lets somebody in is always sent");
    let maya = world.accept("maya@mail.example").await;
    let seen = maya.get(&format!("/v1/clients/{client}/files")).await.expect(200);
    assert_eq!(seen.at("/items").as_array().map(Vec::len), Some(2));
}

// D5: who can come in is only told that there is something
#[tokio::test]
async fn sharing_with_somebody_who_can_sign_in_tells_with_one_mail_that_there_is_something() {
    let world = World::start().await;
    let Stage { theo, client, file, path, .. } = stage(&world).await;
    theo.invites(&client, None).await.expect(201);
    let maya = world.accept("maya@mail.example").await;
    let before = mails(&world).await;
    let told = theo.post(&path, json!({"file_ids": [file], "preview": true})).await.expect(200);
    assert_eq!(told.at("/will_grant_portal_access"), false);
    assert_eq!(mails(&world).await, before);
    let shared = theo.post(&path, json!({"file_ids": [file]})).await.expect(200);
    assert_eq!((shared.at("/portal/can_sign_in"), shared.at("/shared/0/shared")), (json!(true), json!(true)));
    assert_eq!(mails(&world).await, before + 1);
    let mail = world.newest_mail("maya@mail.example").await;
    assert_eq!(mail["subject"], told.text("/mail/subject"));
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("/harbor\n") && !text.contains(".pdf") && !text.contains("Theo"), "{text}");
    assert_eq!(is_shared(&maya, &file).await, true);
    // What is shared already may be named again, and is told again: somebody looked at the mail and sent it.
    theo.post(&path, json!({"file_ids": [file]})).await.expect(200);
    assert_eq!(mails(&world).await, before + 2);
}

// D4, D5, D20, D23: as an invitation is refused, and then nothing is shared
#[tokio::test]
async fn without_address_consent_or_portal_nothing_is_shared() {
    let world = World::start().await;
    let Stage { practice, theo, client, file, path } = stage(&world).await;
    let ask = async |body: Value| theo.post(&path, body).await;
    for preview in [true, false] {
        ask(json!({"file_ids": [file], "preview": preview})).await.expect_problem(422, "email_consent_missing");
    }
    let nobody = theo.adds_client("Ola").await;
    let theirs = theo.uploads_file(&nobody, json!({})).await;
    let body = json!({"file_ids": [theirs], "consent": true});
    theo.post(&format!("/v1/clients/{nobody}/share"), body).await.expect_problem(422, "email_missing");
    let body = json!({"file_ids": [file], "consent": true});
    practice.owner.patch("/v1/practice", json!({"portal": {"on": false}})).await.expect(200);
    ask(body.clone()).await.expect_problem(409, "portal_off");
    practice.owner.patch("/v1/practice", json!({"portal": {"on": true}})).await.expect(200);
    theo.do_post(&format!("/v1/clients/{client}/deactivate")).await.expect(200);
    ask(body).await.expect_problem(409, "client_inactive");
    assert_eq!((is_shared(&theo, &file).await, is_shared(&theo, &theirs).await), (json!(false), json!(false)));
    assert_eq!(mails(&world).await, 0);
}

// D5, AZ-2: one that is refused refuses all
#[tokio::test]
async fn one_file_that_is_refused_refuses_all() {
    let world = World::start().await;
    let Stage { practice, theo, client, file, path } = stage(&world).await;
    let ask = async |who: &Persona, ids: Value| who.post(&path, json!({"file_ids": ids, "consent": true})).await;
    let other = theo.adds_client("Ola").await;
    let foreign = theo.uploads_file(&other, json!({})).await;
    ask(&theo, json!([file, foreign])).await.expect_problem(404, "not_found");
    let never = format!("fil_{}{}", client.trim_start_matches("cli_"), "0".repeat(26));
    ask(&theo, json!([file, never])).await.expect_problem(404, "not_found");
    let begun = theo.begins_upload(&client, json!({})).await.text("/id");
    let told = ask(&theo, json!([file, begun])).await.expect_problem(409, "file_not_ready");
    assert_eq!(told.text("/file_id"), begun);
    // An admin shares what is its own only.
    practice.owner.uploads_file(&client, json!({})).await;
    ask(&practice.owner, json!([file])).await.expect_problem(403, "not_yours");
    let vera = practice.hires("Vera", "Therapist").await;
    ask(&vera, json!([file])).await.expect_problem(404, "not_found");
    for (ids, pointer, code) in [
        (json!([]), "/file_ids", "out_of_range"),
        (json!(vec![&file; 21]), "/file_ids", "too_many"),
        (json!([file, file]), "/file_ids/1", "named_twice"),
    ] {
        let bad = ask(&theo, ids).await.expect_problem(422, "invalid_field");
        assert_eq!((bad.text("/errors/0/pointer"), bad.text("/errors/0/code")), (pointer.into(), code.into()));
    }
    assert_eq!((is_shared(&theo, &file).await, mails(&world).await), (json!(false), 0));
}

// D5, AZ-4: whoever may not invite shares with those who are in, and with nobody else
#[tokio::test]
async fn who_may_not_invite_does_not_invite_by_sharing() {
    let world = World::start().await;
    let Stage { practice, theo, client, file, path } = stage(&world).await;
    practice.owner.invites(&client, None).await.expect(201);
    practice.sets_features(json!({"portal.manage": "off"})).await;
    let body = json!({"file_ids": [file], "consent": true});
    theo.post(&path, body.clone()).await.expect_problem(403, "role");
    world.accept("maya@mail.example").await;
    theo.post(&path, body).await.expect(200);
}

// D5, D19: who was cut off is let in again, and told that there is something
#[tokio::test]
async fn sharing_with_somebody_who_was_cut_off_lets_it_in_again() {
    let world = World::start().await;
    let Stage { theo, client, file, path, .. } = stage(&world).await;
    theo.invites(&client, None).await.expect(201);
    world.accept("maya@mail.example").await;
    theo.do_post(&format!("/v1/clients/{client}/portal/disable")).await.expect(200);
    let before = mails(&world).await;
    let told = theo.post(&path, json!({"file_ids": [file], "preview": true})).await.expect(200);
    assert_eq!(told.at("/will_grant_portal_access"), true);
    let shared = theo.post(&path, json!({"file_ids": [file]})).await.expect(200);
    assert_eq!(shared.at("/portal/can_sign_in"), true);
    assert_eq!(mails(&world).await, before + 1);
    let mail = world.newest_mail("maya@mail.example").await;
    assert_eq!(
        (mail["subject"].as_str(), mail["text"].as_str()),
        (Some(&*told.text("/mail/subject")), Some(&*told.text("/mail/text")))
    );
    world.comes_back("maya@mail.example", "harbor").await;
}

async fn share_under_key(theo: &Persona, path: &str, file: &str) -> Answer {
    let request = theo.request(Method::POST, path).header("idempotency-key", "once");
    request.json(&json!({"file_ids": [file], "consent": true})).send().await
}

// D5, REL-1: the same request twice is one sharing and one mail
#[tokio::test]
async fn the_same_request_twice_shares_once_and_writes_once() {
    let world = World::start().await;
    let Stage { theo, file, path, .. } = stage(&world).await;
    let (one, two) = tokio::join!(share_under_key(&theo, &path, &file), share_under_key(&theo, &path, &file));
    let three = share_under_key(&theo, &path, &file).await.expect(200);
    assert_eq!(
        (one.expect(200).at("/shared"), two.expect(200).at("/shared")),
        (three.at("/shared"), three.at("/shared"))
    );
    assert_eq!((three.text("/portal/invitation/state"), mails(&world).await), ("sent".into(), 1));
}

// D5, decision 22: a crash between the share and its mail loses and doubles nothing
#[tokio::test]
async fn what_was_shared_when_no_mail_went_out_is_told_by_the_flush_once() {
    let world = World::start().await;
    let Stage { theo, client, file, path, .. } = stage(&world).await;
    world.anonymous.post("/dev/mail/trouble", json!({"mode": "failing"})).await.expect(200);
    let shared = theo.post(&path, json!({"file_ids": [file], "consent": true})).await.expect(200);
    assert_eq!(
        (shared.text("/portal/invitation/state"), shared.at("/shared/0/shared")),
        ("queued".into(), json!(true))
    );
    world.anonymous.post("/dev/mail/trouble", json!({"mode": "none"})).await.expect(200);
    assert_eq!(world.run("flush-mail").await["done"], 1);
    assert_eq!((world.run("flush-mail").await["due"].clone(), mails(&world).await), (json!(0), 1));
    world.accept("maya@mail.example").await;
    world.anonymous.post("/dev/mail/trouble", json!({"mode": "failing"})).await.expect(200);
    let before = mails(&world).await;
    theo.post(&path, json!({"file_ids": [file]})).await.expect(200);
    world.anonymous.post("/dev/mail/trouble", json!({"mode": "none"})).await.expect(200);
    assert_eq!(world.run("flush-mail").await["done"], 1);
    assert_eq!((world.run("flush-mail").await["due"].clone(), mails(&world).await), (json!(0), before + 1));
    assert_eq!(
        theo.get(&format!("/v1/clients/{client}")).await.expect(200).text("/portal/invitation/state"),
        "accepted"
    );
}

// performance 5.1
#[tokio::test]
async fn sharing_takes_one_read_and_one_write() {
    let world = World::start().await;
    let Stage { theo, client, file, path, .. } = stage(&world).await;
    theo.invites(&client, None).await.expect(201);
    world.accept("maya@mail.example").await;
    world.anonymous.post("/dev/mail/trouble", json!({"mode": "failing"})).await.expect(200);
    let shared = theo.post(&path, json!({"file_ids": [file]})).await.expect(200);
    let calls = world.calls(&shared).await;
    let table: Vec<&str> = calls.iter().filter_map(|call| call["operation"].as_str()).collect();
    assert_eq!(table.iter().filter(|name| **name == "TransactWriteItems").count(), 1, "{calls:?}");
    assert_eq!(table.iter().filter(|name| **name == "BatchGetItem").count(), 1, "{calls:?}");
}
