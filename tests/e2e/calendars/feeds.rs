//! Calendar feeds: what they show, to whom, and how they end.

use aws_sdk_dynamodb::types::AttributeValue;
use caseload_local::cloud::TABLE;
use end_to_end::{Answer, Persona, World};
use http::Method;
use serde_json::{Value, json};

use super::{Cast, Read, at, events};

/// The path of a feed's address.
fn path(feed: &Answer) -> String {
    let url = feed.text("/url");
    let at = url.find("/v1/calendars/").unwrap_or_else(|| panic!("{url}"));
    url[at..].to_owned()
}

async fn read(world: &World, path: &str) -> Vec<Read> {
    let answer = world.anonymous.get(path).await.expect(200);
    events(std::str::from_utf8(&answer.bytes).expect("UTF-8"))
}

fn told(events: &[Read]) -> Vec<(&str, &str)> {
    events.iter().map(|event| (event["SUMMARY"].as_str(), event["STATUS"].as_str())).collect()
}

/// The same answer whatever is not there.
async fn is_unknown(world: &World, path: &str) {
    world.anonymous.get(path).await.expect_problem(404, "calendar_unknown");
}

// I1, I3
#[tokio::test]
async fn a_staff_feed_shows_what_fills_the_calendar_and_what_is_asked_for() {
    let cast = Cast::start("feed").await;
    let (theo, world) = (&cast.theo, &cast.world);
    let (initials, busy) = (path(&theo.makes_feed("initials").await), path(&theo.makes_feed("busy").await));
    assert!(read(world, &initials).await.is_empty());
    let session = theo.books(&cast.maya, theo, at(2, 0)).await;
    let gone = theo.books(&cast.maya, theo, at(3, 0)).await;
    theo.settles(&gone, "cancel").await.expect(200);
    cast.portal.asks_for(None, at(4, 0)).await.expect(201);
    cast.portal.moves(&session, at(5, 0).0).await.expect(200);
    let held = theo.books(&cast.maya, theo, (-60, -10)).await;
    theo.settles(&held, "complete").await.expect(200);
    theo.books(&cast.maya, theo, at(-31, 0)).await;
    theo.books(&cast.maya, theo, at(367, 0)).await;
    let shown = read(world, &initials).await;
    let wanted = [("M.L.", "CONFIRMED"), ("M.L.", "CONFIRMED"), ("M.L.", "TENTATIVE"), ("M.L.", "TENTATIVE")];
    assert_eq!(told(&shown), wanted, "30 days back to 366 ahead, without what was cancelled");
    assert_eq!(shown[1]["UID"], format!("{session}@127.0.0.1"));
    assert_eq!(shown[3]["UID"], format!("{session}-asked@127.0.0.1"), "beside the session itself");
    assert_eq!(
        (shown[1]["DTSTART"].as_str(), shown[1]["DTSTART.TZID"].as_str()),
        ("20260508T060000", "America/New_York")
    );
    assert_eq!((shown[0]["TRANSP"].as_str(), shown[2]["TRANSP"].as_str()), ("OPAQUE", "TRANSPARENT"));
    assert!(told(&read(world, &busy).await).iter().all(|(summary, _)| *summary == "Busy"));
    // It stays where it is until somebody accepts; then it is the same event.
    theo.do_post(&format!("/v1/appointments/{session}/accept")).await.expect(200);
    let shown = read(world, &initials).await;
    let of_it: Vec<&Read> = shown.iter().filter(|event| event["UID"].starts_with(&session)).collect();
    assert_eq!((of_it.len(), of_it[0]["DTSTART"].as_str()), (1, "20260511T060000"));
    // decision 27: whose client it was, but is no more, is nobody to him.
    let walt = cast.practice.hires("Walt", "Therapist").await;
    cast.practice.owner.gives(&cast.maya, Some(&walt), json!({})).await.expect(200);
    let names: Vec<String> = read(world, &initials).await.iter().map(|event| event["SUMMARY"].clone()).collect();
    assert_eq!(names.first().map(String::as_str), Some("Busy"), "{names:?}");
}

// I1
#[tokio::test]
async fn a_clients_feed_shows_its_own_sessions() {
    let cast = Cast::start("own").await;
    let (theo, portal, world) = (&cast.theo, &cast.portal, &cast.world);
    let other = theo.adds_client("Ola").await;
    theo.books(&other, theo, at(1, 0)).await;
    let session = theo.books(&cast.maya, theo, at(2, 0)).await;
    portal.asks_for(None, at(4, 0)).await.expect(201);
    portal.moves(&session, at(5, 0).0).await.expect(200);
    let (said, busy) = (path(&portal.makes_feed("initials").await), path(&portal.makes_feed("busy").await));
    let at_practice = "Session at own Therapy";
    let mut shown = read(world, &said).await;
    shown.sort_by_key(|event| event["DTSTART"].clone());
    assert_eq!(told(&shown), [(at_practice, "CONFIRMED"), (at_practice, "TENTATIVE"), (at_practice, "TENTATIVE")]);
    assert!(read(world, &busy).await.iter().all(|event| event["SUMMARY"] == "Busy"));
}

// I1: whoever has it reads the feed, so it is shown once and kept nowhere
#[tokio::test]
async fn the_secret_is_shown_once_and_its_hash_alone_is_kept() {
    let cast = Cast::start("secret").await;
    let theo = &cast.theo;
    let make = async |key: &str, show: &str| {
        let request = theo.request(Method::POST, "/v1/calendar-feeds").header("idempotency-key", key);
        request.json(&json!({"show": show})).send().await
    };
    let made = make("k", "busy").await.expect(201);
    assert_eq!((made.text("/show"), made.at("/last_read_at")), ("busy".to_owned(), Value::Null));
    assert_eq!(make("k", "busy").await.expect(201).json(), made.json(), "a lost answer is not a lost feed");
    make("k", "initials").await.expect_problem(422, "idempotency_key_reused");
    let list = theo.get("/v1/calendar-feeds").await.expect(200);
    assert_eq!((list.text("/items/0/id"), list.at("/items/1")), (made.text("/id"), Value::Null));
    assert!(list.at("/items/0/url").is_null());
    let path = path(&made);
    let token = path.trim_start_matches("/v1/calendars/").trim_end_matches(".ics");
    assert!(token.len() > 100);
    let mut pages = cast.world.cloud.table().scan().table_name(TABLE).into_paginator().items().send();
    while let Some(item) = pages.next().await {
        let item = format!("{:?}", item.expect("an item"));
        assert!(!item.contains(token) && !item.contains(&token[64..]), "{item}");
    }
    // Every feed is another address, and a person has a few.
    for _ in 0..4 {
        assert_ne!(theo.makes_feed("busy").await.text("/url"), made.text("/url"));
    }
    theo.post("/v1/calendar-feeds", json!({"show": "busy"})).await.expect_problem(409, "too_many_calendar_feeds");
    for wrong in [json!({"show": "names"}), json!({})] {
        theo.post("/v1/calendar-feeds", wrong).await.expect_problem(422, "invalid_field");
    }
}

// I1, E6
#[tokio::test]
async fn a_feed_ends_at_once_when_its_owner_deletes_it_and_nobody_else_can() {
    let cast = Cast::start("ends").await;
    let world = &cast.world;
    let made = cast.theo.makes_feed("busy").await;
    let (path, id) = (path(&made), format!("/v1/calendar-feeds/{}", made.text("/id")));
    world.anonymous.get(path.trim_end_matches(".ics")).await.expect(200);
    for other in [&cast.practice.owner, &cast.portal] {
        other.delete(&id).await.expect_problem(404, "not_found");
    }
    world.anonymous.delete(&id).await.expect_problem(401, "unauthenticated");
    world.anonymous.get(&path).await.expect(200);
    cast.theo.delete(&id).await.expect(204);
    cast.theo.delete(&id).await.expect_problem(404, "not_found");
    is_unknown(world, &path).await;
    // One that is like it but for its secret, another kind of token, and no token at all.
    let another = super::feeds::path(&cast.theo.makes_feed("busy").await);
    let forged = format!("{}AAAA", &another.trim_end_matches(".ics")[..another.len() - 8]);
    is_unknown(world, &forged).await;
    let refresh = cast.theo.refresh_token.clone().expect("a token");
    for other in [refresh.as_str(), "nobody", "%F0%9F%98%80", ".ics"] {
        is_unknown(world, &format!("/v1/calendars/{other}")).await;
    }
}

// I1, decisions 6, 10 and 29: an address is no more than its owner is
#[tokio::test]
async fn a_feed_works_only_while_its_owner_could_sign_in() {
    let cast = Cast::start("while").await;
    let (world, owner) = (&cast.world, &cast.practice.owner);
    let feed = path(&cast.theo.makes_feed("initials").await);
    for status in ["on_hold", "inactive"] {
        cast.practice.sets_status(&cast.theo, status).await;
        is_unknown(world, &feed).await;
    }
    cast.practice.sets_status(&cast.theo, "active").await;
    read(world, &feed).await;
    cast.practice.sets_features(json!({"appointments": "off"})).await;
    is_unknown(world, &feed).await;
    cast.practice.sets_features(json!({"appointments": "inherit"})).await;
    read(world, &feed).await;

    let own = path(&cast.portal.makes_feed("busy").await);
    let client = format!("/v1/clients/{}", cast.maya);
    read(world, &own).await;
    for (off, on) in [(json!({"portal": {"on": false}}), json!({"portal": {"on": true}}))] {
        owner.patch("/v1/practice", off).await.expect(200);
        is_unknown(world, &own).await;
        owner.patch("/v1/practice", on).await.expect(200);
        read(world, &own).await;
    }
    owner.do_post(&format!("{client}/deactivate")).await.expect(200);
    is_unknown(world, &own).await;
    owner.do_post(&format!("{client}/reactivate")).await.expect(200);
    read(world, &own).await;
    owner.do_post(&format!("{client}/portal/disable")).await.expect(200);
    is_unknown(world, &own).await;
    owner.delete(&client).await.expect(204);
    is_unknown(world, &own).await;
    world.run("finish-deletions").await;
    let left =
        entities(world).await.into_iter().filter(|(entity, pk)| entity == "calendar_feeds" && pk.contains("#C#"));
    assert_eq!(left.count(), 0, "nothing of it stays");
    let removed = json!({"leave_unassigned": true});
    let theo = format!("/v1/staff/{}", cast.theo.id);
    let tag = owner.get(&theo).await.expect(200).header("etag");
    owner.request(Method::DELETE, &theo).header("if-match", &tag).json(&removed).send().await.expect(204);
    is_unknown(world, &feed).await;
}

async fn entities(world: &World) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut pages = world.cloud.table().scan().table_name(TABLE).into_paginator().items().send();
    while let Some(item) = pages.next().await {
        let item = item.expect("an item");
        let text = |name: &str| {
            item.get(name).and_then(|value: &AttributeValue| value.as_s().ok()).cloned().unwrap_or_default()
        };
        found.push((text("entity"), text("pk")));
    }
    found
}

// I1, AUD-2, IDN-13, API-3
#[tokio::test]
async fn a_read_is_noted_limited_and_not_sent_again_while_nothing_changed() {
    let cast = Cast::start("polled").await;
    let (theo, world): (&Persona, &World) = (&cast.theo, &cast.world);
    theo.books(&cast.maya, theo, at(2, 0)).await;
    let made = theo.makes_feed("initials").await;
    let path = path(&made);
    let first = world.anonymous.get(&path).await.expect(200);
    assert_eq!(first.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(first.header("cache-control"), "private, max-age=300");
    // The limit, what is there, whom it shows: the trail beside the last.
    assert!(world.rounds(&first).await <= 3, "{:?}", world.calls(&first).await);
    let names = (made.text("/id"), cast.maya.clone());
    for answer in [first.clone(), world.anonymous.get(&path).await.expect(200)] {
        let trail = world.audit(&answer).await;
        let [(action, decided, resources)] = trail.as_slice() else { panic!("{trail:?}") };
        assert_eq!((action.as_str(), decided.as_str()), ("calendar_feed.read", "done"));
        assert_eq!(resources, &[names.0.clone(), names.1.clone()]);
    }
    let read_at = async || theo.get("/v1/calendar-feeds").await.expect(200).text("/items/0/last_read_at");
    let noted = read_at().await;
    assert!(!noted.is_empty());
    world.advance(120).await;
    let again = world.anonymous.request(Method::GET, &path).header("if-none-match", &first.header("etag")).send().await;
    assert_eq!((again.status.as_u16(), again.bytes.len()), (304, 0), "the time of writing alone is no change");
    assert_eq!(read_at().await, noted, "once an hour is often enough");
    theo.books(&cast.maya, theo, at(3, 0)).await;
    let changed =
        world.anonymous.request(Method::GET, &path).header("if-none-match", &first.header("etag")).send().await;
    assert_eq!(changed.status, 200);
    let mut reads = 0;
    let limited = loop {
        let answer = world.anonymous.get(&path).await;
        if answer.status != 200 {
            break answer;
        }
        reads += 1;
        assert!(reads <= 120, "no limit");
    };
    limited.expect_problem(429, "too_many_requests");
    world.advance(3600).await;
    world.anonymous.get(&path).await.expect(200);
    assert_ne!(
        world
            .sign_in(&cast.theos_address())
            .await
            .get("/v1/calendar-feeds")
            .await
            .expect(200)
            .text("/items/0/last_read_at"),
        noted
    );
}
