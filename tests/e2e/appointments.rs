//! Sessions: booked without overlap, settled once, seen by those they concern (issue 3, item 7).

use std::collections::{BTreeMap, BTreeSet};

use caseload::domain::appointment::{Appointment, AppointmentStatus, AppointmentSummary, Tally, day_of};
use caseload::domain::client::Client;
use caseload::domain::ids::{AppointmentId, ClientId, StaffId};
use caseload::store::keys;
use caseload_local::cloud::TABLE;
use end_to_end::{Answer, Practice, World, patiently};
use futures_util::future::join_all;
use serde_json::{Value, json};

fn ids(list: &Answer) -> Vec<String> {
    let items = list.at("/items").as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item["id"].as_str().unwrap_or_default().to_owned()).collect()
}

// issue 3, item 7; security REL-8
#[tokio::test]
async fn a_therapist_has_one_session_at_a_time_and_each_ends_once() {
    let world = World::start().await;
    let practice = world.practice("slots").await;
    let owner = &practice.owner;
    let (maya, ola) = (owner.adds_client("Maya").await, owner.adds_client("Ola").await);
    let first = owner.tries_to_book(&maya, owner, (60, 120)).await.expect(201);
    assert_eq!(first.text("/client/first_name"), "Maya");
    assert_eq!((first.text("/staff/id"), first.text("/staff/full_name")), (owner.id.clone(), "Dana Owner".to_owned()));
    assert_eq!((first.text("/status"), first.text("/time_zone")), ("scheduled".into(), "America/New_York".into()));
    for taken in [(60, 120), (30, 65), (115, 200), (70, 80), (0, 300)] {
        owner.tries_to_book(&ola, owner, taken).await.expect_problem(409, "slot_taken");
    }
    owner.tries_to_book(&ola, owner, (0, 59)).await.expect(201);
    owner.tries_to_book(&ola, owner, (121, 180)).await.expect(201);
    // Across midnight, wherever it is: a day of sessions, and one in the middle of it.
    owner.tries_to_book(&ola, owner, (3000, 4439)).await.expect(201);
    for taken in [(2990, 3010), (3600, 3660), (4430, 4500), (2000, 3200)] {
        owner.tries_to_book(&maya, owner, taken).await.expect_problem(409, "slot_taken");
    }
    owner.settles(&first.text("/id"), "complete").await.expect_problem(409, "not_started");
    owner.settles(&first.text("/id"), "no-show").await.expect_problem(409, "not_started");
    let cancelled = owner.settles(&first.text("/id"), "cancel").await.expect(200);
    assert_eq!(cancelled.text("/status"), "cancelled");
    assert!(cancelled.at("/settled_at").is_string());
    owner.settles(&first.text("/id"), "cancel").await.expect_problem(409, "already_cancelled");
    owner.tries_to_book(&ola, owner, (60, 120)).await.expect(201);
    for (start, how, code) in [(-500, "complete", "already_completed"), (-400, "no-show", "already_no_show")] {
        let past = owner.tries_to_book(&maya, owner, (start, start + 50)).await.expect(201);
        owner.settles(&past.text("/id"), how).await.expect(200);
        for again in ["complete", "no-show", "cancel"] {
            owner.settles(&past.text("/id"), again).await.expect_problem(409, code);
        }
        owner.tries_to_book(&maya, owner, (start, start + 50)).await.expect_problem(409, "slot_taken");
    }
}

// security REL-8
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_bookings_of_one_slot_are_one() {
    let world = World::start().await;
    let practice = world.practice("crowd").await;
    let owner = &practice.owner;
    let clients = [owner.adds_client("Maya").await, owner.adds_client("Ola").await];
    let bookings = (0..100).map(|n| owner.tries_to_book(&clients[n % 2], owner, (60, 120)));
    let mut tally: BTreeMap<(u16, String), usize> = BTreeMap::new();
    for answer in join_all(bookings).await {
        *tally.entry((answer.status.as_u16(), answer.code())).or_default() += 1;
    }
    let wanted = BTreeMap::from([((201, String::new()), 1), ((409, "slot_taken".to_owned()), 99)]);
    assert_eq!(tally, wanted);
    assert_eq!(ids(&owner.get("/v1/appointments").await.expect(200)).len(), 1);
}

// d-8, INV-10: whoever was faster, the records agree
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bookings_and_cancellations_at_once_leave_the_records_agreeing() {
    let world = World::start().await;
    let practice = world.practice("agree").await;
    let owner = &practice.owner;
    let (ines, walt) = (practice.hires("Ines", "Therapist").await, practice.hires("Walt", "Therapist").await);
    let staff = [owner, &ines, &walt];
    let maya = owner.adds_client("Maya").await;
    // One day for all of them: three a therapist, of which Walt's are cancelled while Ines gets three more.
    let day = |n: usize| (n as i64 * 10, n as i64 * 10 + 10);
    let booked = |who: usize, n| {
        let (maya, with) = (&maya, staff[who]);
        patiently(move || owner.tries_to_book(maya, with, day(n)))
    };
    let first = join_all((0..9).map(|n| booked(n % 3, n))).await;
    let walts = first.iter().filter(|one| one.text("/staff/id") == walt.id);
    let cancel = walts.map(|one| patiently(async || owner.settles(&one.text("/id"), "cancel").await));
    let book_more = (9..12).map(|n| booked(1, n));
    let (cancelled, more) = tokio::join!(join_all(cancel), join_all(book_more));
    assert!(first.iter().chain(&more).all(|answer| answer.status.as_u16() == 201));
    assert!(cancelled.len() == 3 && cancelled.iter().all(|answer| answer.status.as_u16() == 200));

    let (id, of) = (practice.id.parse().expect("an id"), maya.parse().expect("an id"));
    let stored: Client = world.stored(&keys::client(id, of)).await;
    let summary: AppointmentSummary = world.stored(&keys::appointment_summary(id, of)).await;
    let store = &world.cloud.app().store;
    let all = store.all(&keys::appointments(id, of)).await.expect("a list");
    let all: Vec<Appointment> = all.into_iter().map(|one| one.appointment).collect();
    assert!(all.is_sorted_by_key(|one| one.times.start()) && all.len() == 12);
    let seen: BTreeSet<StaffId> = all.iter().filter(|one| one.status.counts()).map(|one| one.staff).collect();
    assert_eq!(seen.len(), 2);
    assert_eq!(stored.seen_by, summary.seen_by());
    assert!(stored.seen_by.keys().eq(&seen));
    for persona in staff {
        let whose: StaffId = persona.id.parse().expect("an id");
        let mut tally = Tally::default();
        let mut wanted: Vec<(AppointmentId, AppointmentStatus)> = Vec::new();
        for one in all.iter().filter(|one| one.staff == whose) {
            tally.add(one.status);
            wanted.push((one.id, one.status));
        }
        assert_eq!(summary.counts.get(&whose), Some(&tally));
        let span = (day_of(all[0].times.start()), day_of(all[11].times.end()));
        let days = store.calendar(id, whose, span).await.expect("a calendar");
        let mut held: Vec<_> = days.iter().flat_map(|day| day.beginning()).map(|slot| (slot.id, slot.status)).collect();
        held.sort_unstable();
        assert_eq!(held, wanted);
    }
    assert!(summary.open.keys().eq(all.iter().filter(|one| one.settled.is_none()).map(|one| &one.id)));
}

// decision 5, d-8, L3
#[tokio::test]
async fn who_books_for_whom() {
    let world = World::start().await;
    let practice = world.practice("bookers").await;
    let owner = &practice.owner;
    let (ines, walt) = (practice.hires("Ines", "Therapist").await, practice.hires("Walt", "Supervisor").await);
    let (shared, direct) = (owner.adds_client("Maya").await, ines.adds_client("Ola").await);
    // Nobody's client of the practice is nobody's to see but an admin's.
    walt.tries_to_book(&shared, &walt, (60, 120)).await.expect_problem(404, "not_found");
    walt.tries_to_book(&direct, &walt, (60, 120)).await.expect_problem(404, "not_found");
    owner.tries_to_book(&shared, &walt, (60, 120)).await.expect(201);
    walt.tries_to_book(&shared, &walt, (120, 180)).await.expect(201);
    walt.tries_to_book(&shared, &ines, (60, 120)).await.expect_problem(403, "not_yours");
    owner.tries_to_book(&direct, &walt, (180, 240)).await.expect_problem(422, "direct_client");
    owner.tries_to_book(&direct, owner, (180, 240)).await.expect_problem(422, "direct_client");
    owner.tries_to_book(&direct, &ines, (180, 240)).await.expect(201);
    let alone = json!({"client_id": direct, "start": world.in_minutes(240), "end": world.in_minutes(300)});
    assert_eq!(ines.post("/v1/appointments", alone).await.expect(201).text("/staff/id"), ines.id);
    let stranger = world.practice("elsewhere").await.owner;
    owner.tries_to_book(&shared, &stranger, (60, 120)).await.expect_problem(422, "staff_unavailable");
    for status in ["on_hold", "inactive"] {
        practice.sets_status(&walt, status).await;
        owner.tries_to_book(&shared, &walt, (300, 360)).await.expect_problem(422, "staff_unavailable");
    }
    practice.has_supervised(&ines, &[&walt]).await;
    practice.sets_status(&walt, "active").await;
    let walt = world.sign_in("walt@bookers.example").await;
    walt.tries_to_book(&direct, &walt, (300, 360)).await.expect_problem(403, "not_yours");
    // A calendar is for roles with appointments, like each of its rows.
    walt.get(&format!("/v1/appointments?staff_id={}", ines.id)).await.expect(200);
    practice.sets_features(json!({"appointments": "off"})).await;
    walt.get(&format!("/v1/appointments?staff_id={}", ines.id)).await.expect_problem(403, "role");
}

// d-8, d-9, decision 5, AZ-A6
#[tokio::test]
async fn a_walk_in_sees_its_own_sessions_and_a_limited_client_until_the_last_is_cancelled() {
    let world = World::start().await;
    let practice = world.practice("walkin").await;
    let owner = &practice.owner;
    let walt = practice.hires("Walt", "Therapist").await;
    let maya = owner.adds_client("Maya").await;
    let path = format!("/v1/clients/{maya}");
    let others = owner.tries_to_book(&maya, owner, (0, 50)).await.expect(201);
    walt.get(&path).await.expect_problem(404, "not_found");
    assert_eq!(walt.get("/v1/clients").await.at("/total"), 0);
    let theirs = owner.tries_to_book(&maya, &walt, (60, 110)).await.expect(201);

    let read = walt.get(&path).await.expect(200);
    assert_eq!(read.at("/allowed_actions"), json!([]));
    assert_eq!(walt.get("/v1/clients").await.at("/total"), 1);
    assert_eq!(walt.post("/v1/clients/search", json!({"q": "lindq"})).await.at("/total"), 1);
    walt.patch(&path, json!({"occupation": "Nurse"})).await.expect_problem(403, "not_yours");
    walt.patch(&path, json!({"risk_level": "low"})).await.expect_problem(403, "not_yours");
    assert_eq!(ids(&walt.get(&format!("/v1/appointments?client_id={maya}")).await.expect(200)), [theirs.text("/id")]);
    assert_eq!(ids(&walt.get("/v1/appointments").await.expect(200)), [theirs.text("/id")]);
    let of_owner = format!("/v1/appointments?staff_id={}", owner.id);
    assert_eq!(ids(&walt.get(&of_owner).await.expect(200)), Vec::<String>::new());
    assert_eq!(ids(&owner.get(&of_owner).await.expect(200)), [others.text("/id")]);
    walt.get(&format!("/v1/appointments/{}", others.text("/id"))).await.expect_problem(404, "not_found");
    walt.settles(&others.text("/id"), "cancel").await.expect_problem(404, "not_found");

    let again = walt.tries_to_book(&maya, &walt, (120, 170)).await.expect(201);
    walt.settles(&theirs.text("/id"), "cancel").await.expect(200);
    walt.get(&path).await.expect(200);
    walt.settles(&again.text("/id"), "cancel").await.expect(200);
    walt.get(&path).await.expect_problem(404, "not_found");
    assert_eq!(walt.get("/v1/clients").await.at("/total"), 0);
    walt.get(&format!("/v1/appointments/{}", again.text("/id"))).await.expect_problem(404, "not_found");
    assert_eq!(ids(&walt.get("/v1/appointments").await.expect(200)), Vec::<String>::new());
}

// I1, E6, E7, decision 5
#[tokio::test]
async fn a_client_sees_its_own_appointments_and_calls_them_off_if_the_practice_lets_it() {
    let world = World::start().await;
    let practice = world.practice("portal-cal").await;
    let owner = &practice.owner;
    let (maya, portal) = practice.portal_client("Maya").await;
    let (ola, other) = practice.portal_client("Ola").await;
    let next = owner.tries_to_book(&maya, owner, (60, 110)).await.expect(201);
    let begun = owner.tries_to_book(&maya, owner, (-60, -10)).await.expect(201);
    let path = format!("/v1/appointments/{}", next.text("/id"));
    let own = portal.get(&path).await.expect(200).json();
    let shown: Vec<&String> = own.as_object().expect("an object").keys().collect();
    assert_eq!(shown, ["end", "etag", "id", "shown_to", "start", "status", "time_zone", "with"]);
    assert_eq!(own["with"], "Dana Owner");
    let listed = portal.get("/v1/appointments").await.expect(200);
    assert_eq!(ids(&listed), [next.text("/id"), begun.text("/id")], "the latest start first");
    assert_eq!(listed.at("/items/0"), own);
    assert_eq!(portal.get(&format!("/v1/appointments?client_id={maya}")).await.json(), listed.json());
    portal.get(&format!("/v1/appointments?client_id={ola}")).await.expect_problem(404, "not_found");
    other.get(&path).await.expect_problem(404, "not_found");
    other.settles(&next.text("/id"), "cancel").await.expect_problem(404, "not_found");
    portal.settles(&next.text("/id"), "complete").await.expect_problem(403, "wrong_caller");
    let permission = |on: bool| json!({"permissions": {"appointment_requests": on}});
    owner.patch(&format!("/v1/clients/{maya}/portal"), permission(false)).await.expect(200);
    // decision 30: calling off is no request.
    portal.settles(&begun.text("/id"), "cancel").await.expect_problem(409, "already_started");
    assert_eq!(portal.settles(&next.text("/id"), "cancel").await.expect(200).text("/status"), "cancelled");
    assert_eq!(owner.get(&path).await.expect(200).text("/status"), "cancelled");
}

async fn operations(world: &World, answer: &Answer) -> Vec<String> {
    let calls = world.calls(answer).await;
    let mut names: Vec<String> =
        calls.iter().map(|call| call["operation"].as_str().unwrap_or_default().into()).collect();
    names.sort_unstable();
    names
}

// B13, performance 5.1
#[tokio::test]
async fn bookings_take_two_calls_and_leave_the_profiles_version_alone() {
    let world = World::start().await;
    let practice = world.practice("stats").await;
    let owner = &practice.owner;
    let maya = owner.adds_client("Maya").await;
    let path = format!("/v1/clients/{maya}");
    let first = owner.tries_to_book(&maya, owner, (60, 110)).await.expect(201);
    assert_eq!(operations(&world, &first).await, ["BatchGetItem", "TransactWriteItems"]);
    let tag = owner.get(&path).await.expect(200).text("/etag");
    let second = owner.tries_to_book(&maya, owner, (-60, -10)).await.expect(201);
    for (appointment, how) in [(&first, "cancel"), (&second, "complete")] {
        let settled = owner.settles(&appointment.text("/id"), how).await.expect(200);
        assert_eq!(operations(&world, &settled).await, ["BatchGetItem", "TransactWriteItems"], "{how}");
    }
    let third = owner.tries_to_book(&maya, owner, (200, 250)).await.expect(201);
    let read = owner.get(&path).await.expect(200);
    assert_eq!(read.text("/etag"), tag);
    let (last, next) = (second.at("/start"), third.at("/start"));
    let stats = json!({"appointments_total": 3, "appointments_upcoming": 1, "sessions_completed": 1, "no_shows": 0,
        "late_cancellations": 0, "last_session_at": last, "next_session_at": next, "tasks_done_percent": null});
    assert_eq!(read.at("/stats"), stats);
    assert_eq!(operations(&world, &read).await, ["BatchGetItem", "PutItem", "Query", "Query"]);
    assert_eq!(owner.patch(&path, json!({"occupation": "Nurse"})).await.expect(200).at("/stats"), stats);
    let one = owner.get(&format!("/v1/appointments/{}", first.text("/id"))).await.expect(200);
    assert_eq!(operations(&world, &one).await, ["BatchGetItem", "PutItem"]);
    let list = owner.get(&format!("/v1/appointments?client_id={maya}")).await.expect(200);
    assert_eq!((world.rounds(&list).await, ids(&list).len()), (1, 3));
    let key = "k".repeat(20);
    let body = json!({"client_id": maya, "start": world.in_minutes(400), "end": world.in_minutes(450)});
    let twice =
        || owner.request(http::Method::POST, "/v1/appointments").header("idempotency-key", &key).json(&body).send();
    assert_eq!(twice().await.expect(201).json(), twice().await.expect(201).json());
}

// API-2, L16
#[tokio::test]
async fn lists_have_pages_and_bounds() {
    let world = World::start().await;
    let practice = world.practice("pages").await;
    let owner = &practice.owner;
    let maya = owner.adds_client("Maya").await;
    let mut booked = Vec::new();
    for n in 0..5 {
        booked.push(owner.tries_to_book(&maya, owner, (n * 60, n * 60 + 50)).await.expect(201));
    }
    let newest: Vec<String> = booked.iter().rev().map(|one| one.text("/id")).collect();
    for list in [format!("/v1/appointments?client_id={maya}&limit=2"), "/v1/appointments?limit=2".to_owned()] {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = owner.get(&format!("{list}{cursor}")).await.expect(200);
            found.extend(ids(&page));
            match page.at("/next_cursor") {
                Value::String(next) => cursor = format!("&cursor={next}"),
                _ => break,
            }
        }
        assert_eq!(found, newest, "{list}");
    }
    let (second, fourth) = (booked[1].text("/start"), booked[3].text("/start"));
    for list in [format!("client_id={maya}"), format!("staff_id={}", owner.id)] {
        let within = owner.get(&format!("/v1/appointments?{list}&from={second}&to={fourth}")).await.expect(200);
        assert_eq!(ids(&within), [newest[3].clone(), newest[2].clone()], "{list}: the next one first");
        let backwards = owner.get(&format!("/v1/appointments?{list}&from={fourth}&to={second}")).await;
        backwards.expect_problem(400, "invalid_parameter");
    }
    let first = owner.get("/v1/appointments?limit=2").await.text("/next_cursor");
    owner.get(&format!("/v1/appointments?client_id={maya}&cursor={first}")).await.expect_problem(400, "cursor_invalid");
    for bad in ["limit=0", "limit=201", "from=yesterday", "client_id=stf_1"] {
        owner.get(&format!("/v1/appointments?{bad}")).await.expect_problem(400, "invalid_parameter");
    }
    owner.get("/v1/appointments?day=1").await.expect_problem(400, "unknown_parameter");
    let long = "from=2026-01-01T00:00:00Z&to=2027-06-01T00:00:00Z";
    owner.get(&format!("/v1/appointments?{long}")).await.expect_problem(400, "invalid_parameter");
    owner.get(&format!("/v1/appointments?client_id={maya}&{long}")).await.expect(200);
}

// API-2
#[tokio::test]
async fn bad_bookings_are_refused_with_their_field() {
    let world = World::start().await;
    let practice = world.practice("badbook").await;
    let owner = &practice.owner;
    let maya = owner.adds_client("Maya").await;
    let nobody = format!("cli_{}", "0".repeat(26));
    for (start, end, pointer, code) in [
        ("2026-12-01T10:00:00Z", "2026-12-01T10:04:59Z", "/end", "too_short"),
        ("2026-12-01T10:00:00Z", "2026-12-01T09:00:00Z", "/end", "too_short"),
        ("2026-12-01T10:00:00Z", "2026-12-02T10:00:01Z", "/end", "too_long"),
        ("1999-12-01T10:00:00Z", "1999-12-01T11:00:00Z", "/start", "out_of_range"),
        ("2100-12-01T10:00:00Z", "2100-12-01T11:00:00Z", "/start", "out_of_range"),
    ] {
        for client in [&maya, &nobody] {
            let body = json!({"client_id": client, "start": start, "end": end});
            let refused = owner.post("/v1/appointments", body).await.expect_problem(422, "invalid_field");
            assert_eq!(
                (refused.text("/errors/0/pointer"), refused.text("/errors/0/code")),
                (pointer.into(), code.into())
            );
        }
    }
    let good = json!({"client_id": nobody, "start": "2026-12-01T10:00:00Z", "end": "2026-12-01T11:00:00Z"});
    owner.post("/v1/appointments", good.clone()).await.expect_problem(404, "not_found");
    let mut more = good;
    more["note"] = json!("x");
    owner.post("/v1/appointments", more).await.expect_problem(422, "unknown_field");
    let first = owner.tries_to_book(&maya, owner, (-60, 0)).await.expect(201);
    let path = format!("/v1/appointments/{}/complete", first.text("/id"));
    let stale = owner.request(http::Method::POST, &path).header("if-match", "\"v9\"").send().await;
    stale.expect_problem(412, "stale");
}

/// The partitions of calendars that name a client anywhere, with the statuses of its bookings.
async fn bookings_of(world: &World, client: &str) -> Vec<String> {
    let key = client.parse::<ClientId>().expect("an id").key();
    let items = world.cloud.table().scan().table_name(TABLE).send().await.expect("a scan").items.unwrap_or_default();
    let days = items.iter().filter_map(|item| item.get("bookings")?.as_m().ok());
    let slots = days.flatten().filter(|(id, _)| id.contains(&key));
    let mut statuses: Vec<String> =
        slots.map(|(_, slot)| slot.as_m().expect("a booking")["status"].as_s().expect("a status").clone()).collect();
    statuses.sort_unstable();
    statuses
}

async fn deleted(world: &World, practice: &Practice, client: &str) {
    practice.owner.delete(&format!("/v1/clients/{client}")).await.expect(204);
    assert_eq!(world.run("finish-deletions").await, json!({"due": 1, "done": 1, "skipped": 0}));
}

// decision 11
#[tokio::test]
async fn a_deleted_clients_sessions_to_come_free_their_times() {
    let world = World::start().await;
    let practice = world.practice("purged").await;
    let owner = &practice.owner;
    let (maya, ola) = (owner.adds_client("Maya").await, owner.adds_client("Ola").await);
    let held = owner.tries_to_book(&maya, owner, (-60, -10)).await.expect(201);
    owner.settles(&held.text("/id"), "complete").await.expect(200);
    owner.tries_to_book(&maya, owner, (60, 110)).await.expect(201);
    owner.tries_to_book(&maya, owner, (120, 170)).await.expect(201);
    deleted(&world, &practice, &maya).await;
    assert_eq!(bookings_of(&world, &maya).await, ["cancelled", "cancelled", "completed"]);
    owner.get(&format!("/v1/appointments/{}", held.text("/id"))).await.expect_problem(404, "not_found");
    assert_eq!(ids(&owner.get("/v1/appointments").await.expect(200)), Vec::<String>::new());
    owner.tries_to_book(&ola, owner, (60, 110)).await.expect(201);
    owner.tries_to_book(&ola, owner, (-60, -10)).await.expect_problem(409, "slot_taken");
}
