//! What mails about sessions say, to whom, and the file that comes with them.

use end_to_end::Persona;
use serde_json::{Value, json};

use super::{Cast, MAYA, at, attached};

async fn does(by: &Persona, id: &str, what: &str) {
    by.do_post(&format!("/v1/appointments/{id}/{what}")).await.expect(200);
}

fn sequence(event: &super::Read) -> u64 {
    event["SEQUENCE"].parse().expect("a number")
}

// S2, I1, I4, EML-1: calendars update instead of doubling
#[tokio::test]
async fn a_session_that_moves_and_ends_is_one_event_of_both_calendars() {
    let cast = Cast::start("files").await;
    let (theo, therapist) = (&cast.theo, cast.theos_address());
    let id = theo.books(&cast.maya, theo, at(3, 0)).await;
    let mail = cast.world.newest_mail(MAYA).await;
    assert_eq!(mail["subject"], "A session was booked");
    let text = mail["text"].as_str().expect("a text");
    let said = "A session at files Therapy was booked for Saturday, 9 May 2026, 06:00 to 06:50 (America/New_York).";
    assert!(text.contains(said), "{text}");
    let (kind, booked) = attached(&mail);
    assert_eq!(kind, "text/calendar; charset=UTF-8; method=PUBLISH");
    assert_eq!((booked["UID"].as_str(), sequence(&booked)), (format!("{id}@127.0.0.1").as_str(), 1));
    assert_eq!(booked["SUMMARY"], "Session at files Therapy");
    assert_eq!((booked["DTSTART"].as_str(), booked["DTSTART.TZID"].as_str()), ("20260509T060000", "America/New_York"));
    assert_eq!((booked["calendar.METHOD"].as_str(), booked["STATUS"].as_str()), ("PUBLISH", "CONFIRMED"));
    assert!(
        booked["ORGANIZER"].starts_with("mailto:") && !booked.contains_key("ATTENDEE"),
        "nobody is asked to answer"
    );
    assert!(cast.told(&therapist).await.is_empty(), "who did it knows");

    theo.moves(&id, at(4, 0).0).await.expect(200);
    let mail = cast.world.newest_mail(MAYA).await;
    assert_eq!(mail["subject"], "A session was moved");
    let (_, moved) = attached(&mail);
    assert_eq!((&moved["UID"], moved["DTSTART"].as_str()), (&booked["UID"], "20260510T060000"));
    assert!(sequence(&moved) > sequence(&booked) && moved["DTSTAMP"] >= booked["DTSTAMP"]);

    cast.portal.settles(&id, "cancel").await.expect(200);
    for (to, summary) in [(MAYA, "Session at files Therapy"), (therapist.as_str(), "Session")] {
        let mail = cast.world.newest_mail(to).await;
        assert_eq!(mail["subject"], "A session was cancelled");
        let (kind, gone) = attached(&mail);
        assert_eq!(kind, "text/calendar; charset=UTF-8; method=CANCEL");
        assert_eq!((&gone["UID"], gone["SUMMARY"].as_str()), (&booked["UID"], summary));
        assert_eq!((gone["calendar.METHOD"].as_str(), gone["STATUS"].as_str()), ("CANCEL", "CANCELLED"));
        assert!(sequence(&gone) > sequence(&moved));
    }
    let to_staff = cast.world.newest_mail(&therapist).await.to_string();
    assert!(!to_staff.contains("Maya") && !to_staff.contains("Lindqvist"), "{to_staff}");
}

// I3, I4: what is only asked for is in no calendar
#[tokio::test]
async fn requests_and_their_answers_are_told_to_both_sides() {
    let cast = Cast::start("asked").await;
    let (theo, portal, therapist) = (&cast.theo, &cast.portal, cast.theos_address());
    let first = portal.asks_for(None, at(3, 0)).await.expect(201).text("/id");
    assert_eq!(cast.told(MAYA).await, ["Your request was received"]);
    assert_eq!(cast.told(&therapist).await, ["A client asks for a session"]);
    does(theo, &first, "accept").await;
    let mail = cast.world.newest_mail(MAYA).await;
    assert_eq!(mail["subject"], "Your request was accepted");
    let (_, accepted) = attached(&mail);
    portal.moves(&first, at(5, 0).0).await.expect(200);
    assert_eq!(cast.told(&therapist).await, ["A client asks for another time", "A client asks for a session"]);
    does(theo, &first, "decline").await;
    let declined = cast.world.newest_mail(MAYA).await;
    assert!(declined["text"].as_str().expect("a text").contains("The session stays where it is."), "{declined}");
    portal.moves(&first, at(6, 0).0).await.expect(200);
    does(theo, &first, "accept").await;
    let (_, moved) = attached(&cast.world.newest_mail(MAYA).await);
    assert_eq!((&moved["UID"], moved["DTSTART"].as_str()), (&accepted["UID"], "20260512T060000"));
    assert!(sequence(&moved) > sequence(&accepted));
    // Taking back what nobody has answered makes nobody any work.
    let second = portal.asks_for(None, at(8, 0)).await.expect(201).text("/id");
    let before = (cast.told(MAYA).await.len(), cast.told(&therapist).await.len());
    does(portal, &second, "withdraw").await;
    assert_eq!((cast.told(MAYA).await.len(), cast.told(&therapist).await.len()), before);
    let third = portal.asks_for(None, at(9, 0)).await.expect(201).text("/id");
    does(theo, &third, "decline").await;
    assert_eq!(cast.told(MAYA).await[0], "Your request was declined");
    let all = cast.world.mails(MAYA).await.into_iter().chain(cast.world.mails(&therapist).await);
    for mail in all.filter(|mail| mail["subject"] != "Your request was accepted") {
        assert_eq!(mail["attachments"], json!([]), "{mail}");
    }
}

// S2, decisions 28 and 29: whose calendar it is, hears of it
#[tokio::test]
async fn a_colleague_is_told_of_what_is_put_into_their_calendar() {
    let cast = Cast::start("others").await;
    let (owner, therapist) = (&cast.practice.owner, cast.theos_address());
    let id = owner.books(&cast.maya, &cast.theo, at(3, 0)).await;
    owner.moves(&id, at(4, 0).0).await.expect(200);
    owner.settles(&id, "cancel").await.expect(200);
    let all = ["A session was cancelled", "A session was moved", "A session was booked"];
    assert_eq!(
        (cast.told(&therapist).await, cast.told(MAYA).await),
        (all.map(str::to_owned).into(), all.map(str::to_owned).into())
    );
    assert!(cast.told("owner@others.example").await.is_empty());
    // Nobody is told of what their role does not let them see.
    cast.practice.sets_features(json!({"appointments": "off"})).await;
    owner.books(&cast.maya, &cast.theo, at(7, 0)).await;
    assert_eq!((cast.told(&therapist).await.len(), cast.told(MAYA).await.len()), (3, 4));
    cast.practice.sets_features(json!({"appointments": "inherit"})).await;
    // As they wish.
    cast.theo.patch("/v1/me/notifications", json!({"topics": {"appointments": false}})).await.expect(200);
    owner.books(&cast.maya, &cast.theo, at(5, 0)).await;
    assert_eq!((cast.told(&therapist).await.len(), cast.told(MAYA).await.len()), (3, 5));
}

// I7: what waits for the morning is told as it is then
#[tokio::test]
async fn what_changed_in_quiet_hours_is_told_once_and_as_it_is_by_then() {
    let cast = Cast::start("quiet").await;
    let (theo, world) = (&cast.theo, &cast.world);
    // It is six in the morning there.
    let quiet = json!({"quiet_hours": {"from": "05:00", "to": "08:00"}});
    cast.portal.patch("/v1/me/notifications", quiet).await.expect(200);
    let moved = theo.books(&cast.maya, theo, at(3, 0)).await;
    theo.moves(&moved, at(4, 0).0).await.expect(200);
    let gone = theo.books(&cast.maya, theo, at(6, 0)).await;
    theo.settles(&gone, "cancel").await.expect(200);
    assert!(cast.told(MAYA).await.is_empty());
    world.advance(2 * 3600).await;
    world.run("flush-mail").await;
    let mut told = cast.told(MAYA).await;
    told.sort();
    assert_eq!(told, ["A session was cancelled", "A session was moved"]);
    world.advance(60).await;
    assert_eq!(world.run("flush-mail").await["due"], 0);
}

// RFC 5545, EML-1: whatever the practice is called, and on the day on which clocks turn
#[tokio::test]
async fn an_odd_name_and_a_turn_of_the_clock_are_read_as_they_were_meant() {
    let cast = Cast::start("odd").await;
    let name = "Harbor, Hill; & \"Sons\" \\ 👩‍⚕️ Praxis für Körper, Geist und alles andere, was uns bewegt";
    cast.practice.owner.patch("/v1/practice", json!({"name": name})).await.expect(200);
    // 1 November 2026, 01:30 for the second time in New York.
    let booking = json!({"client_id": cast.maya, "staff_id": cast.theo.id, "override": true,
        "start": "2026-11-01T05:30:00Z", "end": "2026-11-01T07:30:00Z"});
    cast.theo.post("/v1/appointments", booking).await.expect(201);
    let mail = cast.world.newest_mail(MAYA).await;
    let (_, event) = attached(&mail);
    assert_eq!(event["SUMMARY"], format!("Session at {name}"));
    // From the first half past one to the half past two that follows the second.
    assert_eq!((event["DTSTART"].as_str(), event["DTEND"].as_str()), ("20261101T013000", "20261101T023000"));
    let file = mail["attachments"][0]["text"].as_str().expect("a text");
    for part in ["BEGIN:DAYLIGHT\r\nDTSTART:20260308T020000\r\n", "BEGIN:STANDARD\r\nDTSTART:20261101T020000\r\n"] {
        assert!(file.contains(part), "{file}");
    }
    assert_eq!(mail["headers"]["List-Unsubscribe-Post"], Value::from("List-Unsubscribe=One-Click"));
}

// I3: who asked for the same time hears that it is gone
#[tokio::test]
async fn who_asked_for_a_time_that_another_was_given_is_told() {
    let cast = Cast::start("rivals").await;
    let (owner, theo) = (&cast.practice.owner, &cast.theo);
    let (ola, rival) = cast.practice.portal_client("Ola").await;
    owner.gives(&ola, Some(theo), json!({})).await.expect(200);
    let first = cast.portal.asks_for(None, at(3, 0)).await.expect(201).text("/id");
    let (from, to) = at(3, 0);
    let second = rival.asks_for(None, (from + 30, to + 30)).await.expect(201).text("/id");
    rival.asks_for(None, at(4, 0)).await.expect(201);
    let before = cast.world.mails("ola@mail.example").await.len();
    does(theo, &first, "accept").await;
    let told = cast.world.mails("ola@mail.example").await;
    assert_eq!((told.len(), told[0]["subject"].as_str()), (before + 1, Some("Choose another time")));
    assert_eq!(told[0]["attachments"], json!([]));
    let late = theo.do_post(&format!("/v1/appointments/{second}/accept")).await;
    late.expect_problem(409, "slot_taken");
    // However the time is taken: by a series, by what follows in one, by a cancellation that is taken back.
    let book = |day: i64, hours: i64, repeat: Value| {
        let minutes = |at: i64| cast.world.in_minutes(at + hours * 60);
        let times = at(day, 0);
        let body =
            json!({"client_id": cast.maya, "start": minutes(times.0), "end": minutes(times.1), "repeat": repeat});
        theo.post("/v1/appointments", body)
    };
    let wishes = async |day| rival.asks_for(None, at(day, 0)).await.expect(201);
    let hears = async || cast.world.newest_mail("ola@mail.example").await["subject"] == "Choose another time";
    wishes(12).await;
    book(5, 0, json!({"count": 2})).await.expect(201);
    assert!(hears().await);
    let first = book(13, 2, json!({"count": 2})).await.expect(201).text("/id");
    wishes(20).await;
    let follow = json!({"start": cast.world.in_minutes(at(13, 0).0), "scope": "following"});
    theo.post(&format!("/v1/appointments/{first}/reschedule"), follow).await.expect(200);
    assert!(hears().await);
    let back = book(15, 0, Value::Null).await.expect(201).text("/id");
    does(theo, &back, "cancel").await;
    wishes(15).await;
    does(theo, &back, "reopen").await;
    assert!(hears().await);
}
