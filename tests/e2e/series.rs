//! Sessions that come again: booked, moved and called off together, or one by one (I8).

mod cut_off;
mod following;

use caseload_local::faults::{Fault, Kind};
use end_to_end::{Answer, Persona, patiently};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::moving::Cast;
use crate::moving::races::assert_agree;

/// 09:00 in New York on the Monday before the clock goes back, on 1 November 2026.
const MONDAY: &str = "2026-10-26T13:00:00Z";
/// 18:30 in New York on a Monday: over midnight UTC, so that each session touches two days.
const EVENING: &str = "2026-11-09T23:30:00Z";

/// Books sessions of 50 minutes from this instant on.
async fn tries(by: &Persona, client: &str, start: &str, repeat: Value, more: Value) -> Answer {
    let start: jiff::Timestamp = start.parse().expect("an instant");
    let end = start + jiff::SignedDuration::from_mins(50);
    let mut body = json!({"client_id": client, "start": start, "end": end, "repeat": repeat});
    body.as_object_mut().expect("a body").extend(more.as_object().cloned().unwrap_or_default());
    by.post("/v1/appointments", body).await
}

/// The same, which has to be taken: the answer.
async fn books(by: &Persona, client: &str, start: &str, repeat: Value) -> Answer {
    tries(by, client, start, repeat, json!({})).await.expect(201)
}

fn members(list: &Value, name: &str) -> Vec<String> {
    list.as_array().into_iter().flatten().map(|one| one[name].as_str().unwrap_or_default().to_owned()).collect()
}

/// The ids of what was booked, soonest first.
fn ids(booked: &Answer) -> Vec<String> {
    members(&booked.at("/series/sessions"), "id")
}

fn starts(booked: &Answer) -> Vec<String> {
    members(&booked.at("/series/sessions"), "start")
}

/// The starts of a client's scheduled sessions, soonest first.
async fn scheduled(cast: &Cast, client: &str) -> Vec<String> {
    let list = format!("/v1/appointments?client_id={client}&status=scheduled&sort=start&limit=200");
    members(&cast.theo.get(&list).await.expect(200).at("/items"), "start")
}

// I8, security REL-9
#[tokio::test]
async fn a_series_keeps_its_time_on_the_wall_and_is_told_of_once() {
    let cast = Cast::start("weekly", json!({})).await;
    let mails = cast.world.mails("maya@mail.example").await.len();
    let booked = books(&cast.theo, &cast.maya, MONDAY, json!({"count": 4})).await;
    let wanted = ["2026-10-26T13:00:00Z", "2026-11-02T14:00:00Z", "2026-11-09T14:00:00Z", "2026-11-16T14:00:00Z"];
    assert_eq!(starts(&booked), wanted);
    assert_eq!((booked.text("/id"), booked.at("/start")), (ids(&booked)[0].clone(), json!(MONDAY)));
    assert_eq!(booked.at("/series/left"), Value::Null);
    assert_eq!(cast.world.mails("maya@mail.example").await.len(), mails + 1);
    let series = booked.text("/series/id");
    assert!(series.starts_with("ser_"));
    // Both sides see where it stands, each in its own words.
    let third = cast.read(&cast.theo, &ids(&booked)[2]).await;
    assert_eq!(third.at("/series"), json!({"id": series, "index": 3, "of": 4, "every_weeks": 1}));
    assert_eq!(cast.read(&cast.portal, &ids(&booked)[2]).await.at("/series"), third.at("/series"));
    assert_eq!(third.text("/end"), "2026-11-09T14:50:00Z");
    // Those of the series, and no others.
    cast.theo.books(&cast.maya, &cast.theo, (cast.at(1, 0), cast.at(1, 50))).await;
    for who in [&cast.theo, &cast.portal] {
        let list = who.get(&format!("/v1/appointments?series_id={series}&sort=start")).await.expect(200);
        assert_eq!(members(&list.at("/items"), "id"), ids(&booked));
    }
    cast.practice.owner.get("/v1/appointments?series_id=apt_1").await.expect_problem(400, "invalid_parameter");
    let audit = cast.world.audit(&booked).await;
    let (_, _, named) = audit.iter().find(|(action, ..)| action == "appointment.book").expect("an entry");
    assert!(ids(&booked).iter().all(|id| named.contains(id)), "{named:?}");
    assert_agree(&cast, &[&cast.theo.id], &[&cast.maya]).await;
}

// I8
#[tokio::test]
async fn a_series_ends_by_a_date_or_a_count_and_leaves_dates_out() {
    let cast = Cast::start("ends", json!({})).await;
    let (theo, maya) = (&cast.theo, &cast.maya);
    let fortnightly = json!({"every_weeks": 2, "until": "2026-12-08", "skip": ["2026-11-23"]});
    let booked = books(theo, maya, MONDAY, fortnightly).await;
    assert_eq!(starts(&booked), ["2026-10-26T13:00:00Z", "2026-11-09T14:00:00Z", "2026-12-07T14:00:00Z"]);
    let last = cast.read(theo, &ids(&booked)[2]).await;
    assert_eq!((last.at("/series/index"), last.at("/series/of")), (json!(4), json!(4)));
    // A record of what was held.
    let past = books(theo, maya, "2024-03-04T15:00:00Z", json!({"count": 2})).await;
    assert_eq!(starts(&past), ["2024-03-04T15:00:00Z", "2024-03-11T14:00:00Z"]);
    let refused = async |repeat: Value| {
        let told = tries(theo, maya, EVENING, repeat, json!({})).await.expect_problem(422, "invalid_field");
        (told.text("/errors/0/pointer"), told.text("/errors/0/code"), told.text("/errors/0/detail"))
    };
    for (repeat, pointer, code) in [
        (json!({"count": 1}), "/repeat/count", "out_of_range"),
        (json!({"count": 31}), "/repeat/count", "out_of_range"),
        (json!({"count": 10_000}), "/repeat/count", "out_of_range"),
        (json!({"every_weeks": 0, "count": 2}), "/repeat/every_weeks", "out_of_range"),
        (json!({"every_weeks": 13, "count": 2}), "/repeat/every_weeks", "out_of_range"),
        (json!({}), "/repeat", "contradiction"),
        (json!({"count": 2, "until": "2027-01-01"}), "/repeat", "contradiction"),
        (json!({"until": "2026-11-08"}), "/repeat/until", "out_of_range"),
        (json!({"until": "2026-11-15"}), "/repeat/until", "out_of_range"),
        (json!({"until": "2027-06-07"}), "/repeat/until", "too_many"),
        (json!({"count": 2, "skip": ["2026-11-17"]}), "/repeat/skip/0", "not_in_series"),
        (json!({"count": 2, "skip": ["2026-11-09", "2026-11-16"]}), "/repeat/skip", "not_in_series"),
    ] {
        let (at, what, _) = refused(repeat.clone()).await;
        assert_eq!((at.as_str(), what.as_str()), (pointer, code), "{repeat}");
    }
    let (_, _, detail) = refused(json!({"count": 10_000})).await;
    assert_eq!(detail, "must be a whole number from 2 to 28; book those behind them as another series");
    let told = tries(theo, maya, EVENING, json!({"count": 2, "weekly": true}), json!({})).await;
    told.expect_problem(422, "unknown_field");
    tries(theo, maya, "2099-12-20T15:00:00Z", json!({"count": 9}), json!({}))
        .await
        .expect_problem(422, "invalid_field");
    let own = tries(&cast.portal, maya, EVENING, json!({"count": 2}), json!({})).await;
    let own = own.expect_problem(422, "invalid_field");
    assert_eq!((own.text("/errors/0/pointer"), own.text("/errors/0/code")), ("/repeat".into(), "staff_only".into()));
}

// I8, INV-10
#[tokio::test]
async fn a_series_that_does_not_fit_is_not_booked_and_every_date_is_named() {
    let cast = Cast::start("clash", json!({})).await;
    let (theo, maya) = (&cast.theo, &cast.maya);
    let vera = cast.practice.hires("Vera", "Therapist").await;
    let ola = theo.adds_client("Ola").await;
    for start in ["2026-11-02T14:30:00Z", "2026-11-16T13:30:00Z"] {
        let start: jiff::Timestamp = start.parse().expect("an instant");
        theo.tries_to_book_at(&ola, theo, (start, start + jiff::SignedDuration::from_mins(50))).await.expect(201);
    }
    // With somebody else at that time.
    let start: jiff::Timestamp = "2026-11-23T14:00:00Z".parse().expect("an instant");
    let end = start + jiff::SignedDuration::from_mins(50);
    cast.practice.owner.tries_to_book_at(maya, &vera, (start, end)).await.expect(201);
    let hours = json!({"time_zone": "America/New_York", "weekly": [{"day": "mon", "from": "08:00", "to": "12:00"}],
                       "exceptions": [{"date": "2026-11-09", "closed": true}]});
    theo.put(&format!("/v1/staff/{}/availability", theo.id), hours).await.expect(200);
    let repeat = |skip: &[&str]| json!({"count": 6, "skip": skip});
    let told = tries(theo, maya, MONDAY, repeat(&[]), json!({})).await.expect_problem(409, "slot_taken");
    assert_eq!(members(&told.at("/conflicts"), "date"), ["2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23"]);
    assert_eq!(members(&told.at("/conflicts"), "code"), ["slot_taken", "outside_hours", "slot_taken", "client_busy"]);
    assert_eq!(told.at("/conflicts/0/start"), "2026-11-02T14:00:00Z");
    let wanted = "4 of the 6 sessions do not fit: 2026-11-02, 2026-11-09, 2026-11-16, 2026-11-23. The therapist has \
                  another session at this time. Nothing is booked. Name these dates under skip, or choose another time.";
    assert_eq!(told.text("/detail"), wanted);
    assert_eq!(scheduled(&cast, maya).await.len(), 1, "nothing is booked");
    let told = tries(theo, maya, MONDAY, repeat(&["2026-11-02", "2026-11-16"]), json!({"override": true})).await;
    let told = told.expect_problem(409, "client_busy");
    assert_eq!(members(&told.at("/conflicts"), "date"), ["2026-11-23"]);
    let all = json!({"override": true, "force": true});
    let booked = tries(theo, maya, MONDAY, repeat(&["2026-11-02", "2026-11-16"]), all).await.expect(201);
    assert_eq!(ids(&booked).len(), 4);
    cast.practice.owner.do_post(&format!("/v1/clients/{maya}/deactivate")).await.expect(200);
    let repeat = json!({"count": 2});
    tries(theo, maya, EVENING, repeat.clone(), json!({})).await.expect_problem(409, "client_inactive");
    tries(theo, maya, EVENING, repeat, json!({"force": true, "override": true})).await.expect(201);
    assert_agree(&cast, &[&theo.id, &vera.id], &[maya, &ola]).await;
}

// I8, performance 5.1: the largest there can be, in one transaction with all that is ever written beside it
#[tokio::test]
async fn twenty_eight_evenings_with_a_walk_in_are_booked_in_three_round_trips() {
    let cast = Cast::start("evenings", json!({})).await;
    let vera = cast.practice.hires("Vera", "Therapist").await;
    let start: jiff::Timestamp = EVENING.parse().expect("an instant");
    let body = json!({"client_id": cast.maya, "staff_id": vera.id, "start": start,
                      "end": start + jiff::SignedDuration::from_mins(180), "repeat": {"count": 28}});
    let mails = cast.world.mails("maya@mail.example").await.len();
    let send = || {
        let request = cast.practice.owner.request(http::Method::POST, "/v1/appointments");
        request.header("idempotency-key", "all-of-them").json(&body).send()
    };
    let (booked, again) = (send().await.expect(201), send().await.expect(201));
    assert_eq!((again.json(), again.header("idempotent-replay")), (booked.json(), "true".to_owned()));
    assert_eq!((ids(&booked).len(), scheduled(&cast, &cast.maya).await.len()), (28, 28));
    assert_eq!(cast.world.mails("maya@mail.example").await.len(), mails + 1);
    let calls = cast.world.calls(&booked).await;
    let table = calls.iter().filter(|call| call["service"] == "dynamodb" && call["operation"] != "DeleteItem");
    assert_eq!(table.count(), 3);
    let seen = vera.get("/v1/appointments?from=2026-11-01T00:00:00Z&to=2027-07-01T00:00:00Z").await.expect(200);
    assert_eq!(seen.at("/items").as_array().map(Vec::len), Some(28));
    assert_agree(&cast, &[&vera.id], &[&cast.maya]).await;
}

// I8, INV-10, security REL-8: whoever is faster
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn series_and_single_sessions_at_once_do_not_overlap() {
    let cast = Cast::start("crowd", json!({})).await;
    let (theo, maya) = (&cast.theo, &cast.maya);
    let ola = theo.adds_client("Ola").await;
    let singles = (0..28).map(|week| {
        let (theo, ola) = (&cast.theo, &ola);
        let start: jiff::Timestamp = EVENING.parse().expect("an instant");
        let start =
            start + jiff::SignedDuration::from_hours(week * 7 * 24) + jiff::SignedDuration::from_mins(week % 60);
        let end = start + jiff::SignedDuration::from_mins(50);
        patiently(move || theo.tries_to_book_at(ola, theo, (start, end)))
    });
    let series = (0..2).map(|_| patiently(|| tries(theo, maya, EVENING, json!({"count": 28}), json!({}))));
    let (singles, series) = tokio::join!(join_all(singles), join_all(series));
    for answer in singles.iter().chain(&series) {
        assert!(answer.status == 201 || answer.code() == "slot_taken", "{}", answer.json());
    }
    let booked = series.iter().filter(|answer| answer.status == 201).count();
    let apart = singles.iter().filter(|answer| answer.status == 201).count();
    assert!(booked == 1 || apart > 0, "{booked} {apart}");
    assert_eq!(scheduled(&cast, maya).await.len(), booked * 28);
    let clients: &[&String] = if booked > 0 { &[maya, &ola] } else { &[&ola] };
    assert_agree(&cast, &[&theo.id], clients).await;
}

// I8, REL-1: booked wholly or not at all, whichever call fails
#[tokio::test]
async fn a_series_that_is_cut_off_is_booked_wholly_or_not_at_all() {
    let cast = Cast::start("cut", json!({})).await;
    for (n, lost) in [(1, false), (2, false), (3, false), (1, true), (2, true), (3, true)] {
        let start = format!("2026-11-{:02}T15:00:00Z", 9 + n + 3 * i32::from(lost));
        let kind = if lost { Kind::LostResponse } else { Kind::ServerError };
        cast.world.cloud.faults().arm(Fault::at(n as u64, kind).times(1000).service("dynamodb"));
        let before = scheduled_unharmed(&cast).await;
        let send = || {
            let request = cast.theo.request(http::Method::POST, "/v1/appointments");
            let end = start.replace("15:00", "15:50");
            let body = json!({"client_id": cast.maya, "start": start, "end": end, "repeat": {"count": 5}});
            let key = format!("series-{n}-{lost}-{}", "k".repeat(16));
            async move { request.header("idempotency-key", &key).json(&body).send().await }
        };
        cast.world.cloud.faults().arm(Fault::at(n as u64, kind).times(1000).service("dynamodb"));
        let cut = send().await;
        cast.world.cloud.faults().clear();
        assert!(cut.status == 503 || cut.status == 201, "{n} {lost}: {}", cut.json());
        let after = scheduled_unharmed(&cast).await;
        assert!(after == before || after == before + 5, "{n} {lost}: {before} {after}");
        send().await.expect(201);
        assert_eq!(scheduled_unharmed(&cast).await, before + 5, "{n} {lost}");
    }
    assert_agree(&cast, &[&cast.theo.id], &[&cast.maya]).await;
}

async fn scheduled_unharmed(cast: &Cast) -> usize {
    cast.world.cloud.faults().clear();
    scheduled(cast, &cast.maya).await.len()
}

// I8, L3, L10: one by one, like any others
#[tokio::test]
async fn a_series_changes_hands_like_single_sessions() {
    let cast = Cast::start("hands", json!({})).await;
    let (owner, maya) = (&cast.practice.owner, &cast.maya);
    let vera = cast.practice.hires("Vera", "Therapist").await;
    let booked = books(&cast.theo, maya, MONDAY, json!({"count": 6})).await;
    let ola = vera.adds_client("Ola").await;
    let start: jiff::Timestamp = "2026-11-09T14:00:00Z".parse().expect("an instant");
    vera.tries_to_book_at(&ola, &vera, (start, start + jiff::SignedDuration::from_mins(50))).await.expect(201);
    let body = json!({"staff_id": vera.id, "sessions": "move"});
    let tag = owner.get(&format!("/v1/clients/{maya}")).await.header("etag");
    let path = format!("/v1/clients/{maya}/reassign");
    let moved = owner.request(http::Method::POST, &path).header("if-match", &tag).json(&body).send().await.expect(200);
    assert_eq!((moved.at("/sessions/moved"), moved.at("/sessions/kept/0/code")), (json!(5), json!("slot_taken")));
    assert_agree(&cast, &[&cast.theo.id, &vera.id], &[maya, &ola]).await;
    // What stays with the former therapist is not the new one's to call off.
    let first = &ids(&booked)[1];
    let cancelled = vera.post(&format!("/v1/appointments/{first}/cancel"), json!({"scope": "following"})).await;
    let cancelled = cancelled.expect(200);
    assert_eq!(members(&cancelled.at("/series/sessions"), "id").len(), 4);
    assert_eq!(members(&cancelled.at("/series/left"), "id"), [ids(&booked)[2].clone()]);
    assert_eq!(cancelled.at("/series/left/0/code"), "other_therapist");
    assert_agree(&cast, &[&cast.theo.id, &vera.id], &[maya, &ola]).await;
    owner.do_post(&format!("/v1/appointments/{}/cancel", ids(&booked)[2])).await.expect(200);
    let leave = format!("/v1/staff/{}", vera.id);
    let tag = owner.get(&leave).await.header("etag");
    let gone = owner.request(http::Method::DELETE, &leave).header("if-match", &tag);
    let gone = gone.json(&json!({"reassign_to": cast.theo.id, "sessions": "move"})).send().await;
    assert!(gone.status.is_success(), "{}", gone.json());
    let summary = cast.theo.get(&format!("/v1/appointments/{}", ids(&booked)[0])).await.expect(200);
    assert_eq!(summary.text("/staff/id"), cast.theo.id);
}
