//! Which notices somebody gets by mail, when, and how they end (F1, H2, K3, security EML-1).

use end_to_end::{Answer, PDF, Persona, Practice, World};
use http::Method;
use serde_json::{Value, json};

/// Theo with his client Maya, who has come in.
struct Pair {
    practice: Practice,
    theo: Persona,
    maya: Persona,
    client: String,
}

async fn pair(world: &World) -> Pair {
    let practice = world.practice("harbor").await;
    let theo = practice.hires("Theo", "Therapist").await;
    let (client, maya) = practice.portal_client("Maya").await;
    practice.owner.gives(&client, Some(&theo), json!({})).await.expect(200);
    Pair { practice, theo, maya, client }
}

const OWN: &str = "/v1/me/notifications";
const MAYA: &str = "maya@mail.example";
const THEO: &str = "theo@harbor.example";

async fn told(world: &World, address: &str, subject: &str) -> usize {
    world.mails(address).await.iter().filter(|mail| mail["subject"] == subject).count()
}

async fn notes(theo: &Persona, client: &str, more: Value) -> Answer {
    let mut body = json!({"title": "Secret", "body": "Something private", "notify": true});
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    theo.post(&format!("/v1/clients/{client}/notes"), body).await.expect(201)
}

/// The client's own upload, completed.
async fn uploads(who: &Persona, client: &str) {
    let begun = who.begins_upload(client, json!({})).await;
    who.upload(&begun.at("/upload"), PDF.to_vec()).await.expect(200);
    who.do_post(&format!("/v1/files/{}/complete", begun.text("/id"))).await.expect(200);
}

// F1
#[tokio::test]
async fn everything_is_on_until_somebody_turns_it_off_and_each_has_topics_of_its_own() {
    let world = World::start().await;
    let Pair { practice, theo, maya, client } = pair(&world).await;
    let staff = theo.get(OWN).await.expect(200);
    let all = json!({"notes": true, "tasks": true, "messages": true, "files": true, "caseload": true,
        "appointments": true});
    assert_eq!((staff.at("/topics"), staff.at("/quiet_hours")), (all, Value::Null));
    let own = maya.get(OWN).await.expect(200);
    assert_eq!(
        own.at("/topics"),
        json!({"notes": true, "tasks": true, "messages": true, "files": true, "appointments": true,
            "reminders": true})
    );
    let night = json!({"from": "21:00", "to": "07:30"});
    let set = maya.patch(OWN, json!({"topics": {"notes": false}, "quiet_hours": night})).await.expect(200);
    assert_eq!(
        (set.at("/topics/notes"), set.at("/topics/tasks"), set.at("/quiet_hours")),
        (json!(false), json!(true), night)
    );
    let path = format!("/v1/clients/{client}/notifications");
    assert_eq!(theo.get(&path).await.expect(200).at("/topics"), set.at("/topics"), "staff sees it, and sets it");
    // What the client has turned off, nobody turns on in its place; what staff has turned off, staff does.
    let overruled = theo.patch(&path, json!({"topics": {"notes": null}})).await.expect_problem(422, "invalid_field");
    assert_eq!(overruled.text("/errors/0/code"), "client_only");
    for on in [json!(false), json!(null)] {
        theo.patch(&path, json!({"topics": {"tasks": on}})).await.expect(200);
    }
    maya.patch(OWN, json!({"topics": {"notes": true}})).await.expect(200);
    let set = theo.patch(&path, json!({"topics": {"notes": null}, "quiet_hours": null})).await.expect(200);
    assert_eq!((set.at("/topics/notes"), set.at("/quiet_hours")), (json!(true), Value::Null));
    // Bad input, and who is nobody to the client.
    let vera = practice.hires("Vera", "Therapist").await;
    vera.get(&path).await.expect_problem(404, "not_found");
    maya.get(&path).await.expect_problem(403, "wrong_caller");
    for (body, pointer) in [
        (json!({"topics": {"caseload": false}}), "/topics/caseload"),
        (json!({"quiet_hours": {"from": "7:00", "to": "08:00"}}), "/quiet_hours/from"),
        (json!({"quiet_hours": {"from": "07:00", "to": "07:00"}}), "/quiet_hours/to"),
    ] {
        let bad = maya.patch(OWN, body).await.expect_problem(422, "invalid_field");
        assert_eq!(bad.text("/errors/0/pointer"), pointer);
    }
}

// F1, EML-1: a note that staff shares is told of if staff says so, without content, and no more than once within an hour
#[tokio::test]
async fn a_shared_note_is_told_of_once_within_an_hour_and_without_content() {
    let world = World::start().await;
    let Pair { theo, client, .. } = pair(&world).await;
    let subject = "A new note for you";
    notes(&theo, &client, json!({"notify": false})).await;
    notes(&theo, &client, json!({"visibility": "hidden"})).await;
    assert_eq!(told(&world, MAYA, subject).await, 0);
    notes(&theo, &client, json!({})).await;
    notes(&theo, &client, json!({})).await;
    assert_eq!(told(&world, MAYA, subject).await, 1, "collapsed, and no note fails for it");
    let mail = world.newest_mail(MAYA).await.to_string();
    assert!(!mail.contains("Secret") && !mail.contains("private") && !mail.contains("Theo"), "{mail}");
    world.advance(3600).await;
    let theo = world.sign_in(THEO).await;
    notes(&theo, &client, json!({})).await;
    assert_eq!(told(&world, MAYA, subject).await, 2);
}

// G1, F1
#[tokio::test]
async fn a_task_is_told_of_if_staff_says_so_and_its_topic_is_another() {
    let world = World::start().await;
    let Pair { theo, maya, client, .. } = pair(&world).await;
    let subject = "A new task for you";
    theo.sets_task(&client, json!({})).await;
    maya.sets_task(&client, json!({"notify": true})).await;
    assert_eq!(told(&world, MAYA, subject).await, 0);
    notes(&theo, &client, json!({})).await;
    theo.sets_task(&client, json!({"notify": true})).await;
    assert_eq!(told(&world, MAYA, subject).await, 1);
    let many = json!({"client_ids": [client], "task": {"title": "Breathe", "notify": true}});
    theo.post("/v1/tasks/assign", many).await.expect(200);
    assert_eq!(told(&world, MAYA, subject).await, 1, "within the hour");
}

// H2, EML-1: the therapist is told of an upload, and of nobody's name
#[tokio::test]
async fn a_therapist_is_told_of_a_clients_upload_unless_that_is_turned_off() {
    let world = World::start().await;
    let Pair { theo, maya, client, .. } = pair(&world).await;
    let subject = "A client has uploaded a file";
    theo.uploads_file(&client, json!({})).await;
    assert_eq!(told(&world, THEO, subject).await, 0);
    uploads(&maya, &client).await;
    uploads(&maya, &client).await;
    assert_eq!(told(&world, THEO, subject).await, 1);
    let mail = world.newest_mail(THEO).await.to_string();
    assert!(!mail.contains("Maya") && !mail.contains("Lindqvist") && !mail.contains(".pdf"), "{mail}");
    world.advance(3600).await;
    let (theo, maya) = (world.sign_in(THEO).await, world.comes_back(MAYA, "harbor").await);
    theo.patch(OWN, json!({"topics": {"files": false}})).await.expect(200);
    uploads(&maya, &client).await;
    assert_eq!(told(&world, THEO, subject).await, 1);
}

// F1, E3: who cannot look, or does not want to, is not written to
#[tokio::test]
async fn nobody_is_told_of_what_they_do_not_want_or_cannot_see() {
    let world = World::start().await;
    let Pair { practice, theo, maya, client } = pair(&world).await;
    let subject = "A new note for you";
    let feature = |on: bool| json!({"portal": {"features": {"notes": {"enabled": on}}}});
    practice.owner.patch("/v1/practice", feature(false)).await.expect(200);
    notes(&theo, &client, json!({})).await;
    practice.owner.patch("/v1/practice", feature(true)).await.expect(200);
    theo.do_post(&format!("/v1/clients/{client}/portal/disable")).await.expect(200);
    notes(&theo, &client, json!({})).await;
    theo.invites(&client, None).await.expect(201);
    let maya = Some(maya);
    drop(maya);
    let maya = world.comes_back(MAYA, "harbor").await;
    maya.patch(OWN, json!({"topics": {"notes": false}})).await.expect(200);
    notes(&theo, &client, json!({})).await;
    assert_eq!(told(&world, MAYA, subject).await, 0);
    maya.patch(OWN, json!({"topics": {"notes": true}})).await.expect(200);
    notes(&theo, &client, json!({})).await;
    assert_eq!(told(&world, MAYA, subject).await, 1, "what was not written was not counted");
}

// D5: the preview says so, too
#[tokio::test]
async fn sharing_with_somebody_who_wants_no_mail_about_files_writes_none() {
    let world = World::start().await;
    let Pair { theo, maya, client, .. } = pair(&world).await;
    maya.patch(OWN, json!({"topics": {"files": false}})).await.expect(200);
    let file = theo.uploads_file(&client, json!({})).await;
    let (path, before) = (format!("/v1/clients/{client}/share"), world.mails(MAYA).await.len());
    let look = theo.post(&path, json!({"file_ids": [file], "preview": true})).await.expect(200);
    assert_eq!(look.at("/mail"), Value::Null);
    theo.post(&path, json!({"file_ids": [file]})).await.expect(200);
    assert_eq!(world.mails(MAYA).await.len(), before);
}

// F1, decision 22: what is written in quiet hours waits until their end, and is looked at again then
#[tokio::test]
async fn what_is_written_in_quiet_hours_waits_until_their_end() {
    let world = World::start().await;
    let Pair { practice, theo, maya, client } = pair(&world).await;
    practice.owner.patch("/v1/practice", json!({"time_zone": "Europe/Oslo"})).await.expect(200);
    let now = world.cloud.clock().now().to_zoned(jiff::tz::TimeZone::get("Europe/Oslo").unwrap());
    let at = |minutes: i64| (&now + jiff::SignedDuration::from_mins(minutes)).strftime("%H:%M").to_string();
    let quiet = json!({"quiet_hours": {"from": at(-60), "to": at(90)}});
    maya.patch(OWN, quiet).await.expect(200);
    notes(&theo, &client, json!({})).await;
    theo.sets_task(&client, json!({"notify": true})).await;
    let nothing = json!({"due": 0, "done": 0, "skipped": 0});
    assert_eq!((told(&world, MAYA, "A new note for you").await, world.run("flush-mail").await), (0, nothing.clone()));
    world.advance(80 * 60).await;
    assert_eq!(world.run("flush-mail").await, nothing);
    // What is turned off meanwhile does not come.
    let maya = world.comes_back(MAYA, "harbor").await;
    maya.patch(OWN, json!({"topics": {"tasks": false}})).await.expect(200);
    world.advance(11 * 60).await;
    assert_eq!(world.run("flush-mail").await, json!({"due": 2, "done": 1, "skipped": 1}));
    assert_eq!(
        (told(&world, MAYA, "A new note for you").await, told(&world, MAYA, "A new task for you").await),
        (1, 0)
    );
    assert_eq!(world.run("flush-mail").await, nothing);
}

/// The path of the one-click link in a mail's header, after the portal's address.
fn one_click(mail: &Value) -> String {
    assert_eq!(mail["headers"]["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click", "{mail}");
    let link = mail["headers"]["List-Unsubscribe"].as_str().expect("a header");
    let link = link.strip_prefix('<').and_then(|link| link.strip_suffix('>')).expect("in brackets");
    link[link.find("/v1/mail/unsubscribe?token=").expect("the route")..].to_owned()
}

async fn click(world: &World, path: &str) -> Answer {
    let request = world.anonymous.request(Method::POST, path);
    let form = request.header("content-type", "application/x-www-form-urlencoded");
    form.body("List-Unsubscribe=One-Click").send().await
}

// RFC 8058, F1: one click, without signing in, as often as one likes; of that topic and person only
#[tokio::test]
async fn one_click_in_a_notice_ends_notices_of_its_topic() {
    let world = World::start().await;
    let Pair { theo, maya, client, .. } = pair(&world).await;
    notes(&theo, &client, json!({})).await;
    let mail = world.newest_mail(MAYA).await;
    let path = one_click(&mail);
    let token = path.split_once("token=").unwrap().1;
    assert!(mail["text"].as_str().unwrap().contains(&format!("/unsubscribe#token={token}")), "{mail}");
    assert!(mail["html"].as_str().unwrap().contains(&format!("/unsubscribe#token={token}")), "{mail}");
    click(&world, &path).await.expect(204);
    let own = maya.get(OWN).await.expect(200);
    assert_eq!(
        own.at("/topics"),
        json!({"notes": false, "tasks": true, "messages": true, "files": true, "appointments": true,
            "reminders": true})
    );
    click(&world, &path).await.expect(204);
    assert_eq!(maya.get(OWN).await.expect(200).header("etag"), own.header("etag"), "nothing is written twice");
    // A mail of long ago still does it.
    maya.patch(OWN, json!({"topics": {"notes": true}})).await.expect(200);
    world.advance(400 * 24 * 3600).await;
    world.anonymous.do_post(&path).await.expect(204);
    let theo = world.sign_in(THEO).await;
    notes(&theo, &client, json!({})).await;
    assert_eq!(told(&world, MAYA, "A new note for you").await, 1);
    // What is made up says nothing, and one for somebody who is gone the same as ever.
    for bad in ["", "x", &token[..token.len() - 2], &format!("{}AA", &token[..token.len() - 2])] {
        let path = format!("/v1/mail/unsubscribe?token={bad}");
        click(&world, &path).await.expect_problem(404, "unsubscribe_link_unknown");
    }
    let owner = world.sign_in("owner@harbor.example").await;
    owner.delete(&format!("/v1/clients/{client}")).await.expect(204);
    click(&world, &path).await.expect(204);
}

// K3, L10: staff's mails have the link, too
#[tokio::test]
async fn notices_of_staff_end_with_one_click_too() {
    let world = World::start().await;
    let Pair { practice, theo, maya, client } = pair(&world).await;
    let given = world.newest_mail(THEO).await;
    click(&world, &one_click(&given)).await.expect(204);
    assert_eq!(theo.get(OWN).await.expect(200).at("/topics/caseload"), false);
    let other = practice.owner.adds_client("Ola").await;
    let before = world.mails(THEO).await.len();
    practice.owner.gives(&other, Some(&theo), json!({})).await.expect(200);
    assert_eq!(world.mails(THEO).await.len(), before);
    maya.writes(&client, "Hello").await.expect(201);
    world.advance(16 * 60).await;
    assert_eq!(world.run("tell-of-messages").await["done"], 1);
    click(&world, &one_click(&world.newest_mail(THEO).await)).await.expect(204);
    let theo = world.sign_in(THEO).await;
    assert_eq!(theo.get(OWN).await.expect(200).at("/topics/messages"), false);
    // What keeps access safe has no such link.
    assert_eq!(world.newest_mail(THEO).await["headers"], json!({}));
}
