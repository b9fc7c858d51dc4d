//! Whoever is faster: bookings, moves, requests and answers at once leave the records agreeing.

use std::collections::{BTreeMap, BTreeSet};

use caseload::domain::appointment::{Appointment, AppointmentStatus, AppointmentSummary, CalendarDay, Tally};
use caseload::domain::ids::{AppointmentId, StaffId};
use caseload::store::keys;
use end_to_end::{Dice, patiently};
use futures_util::future::join_all;
use jiff::civil::date;
use serde_json::json;

use super::{Cast, does};

/// What stands in the therapist's days, in the records, and in the clients' summaries is the same, and nothing overlaps.
pub(crate) async fn assert_agree(cast: &Cast, staff: &[&str], clients: &[&String]) {
    let (practice, store) = (cast.practice.id.parse().expect("an id"), &cast.world.cloud.app().store);
    let mut booked: BTreeMap<StaffId, BTreeMap<AppointmentId, (i64, AppointmentStatus)>> = BTreeMap::new();
    let mut asked: BTreeMap<StaffId, BTreeMap<AppointmentId, i64>> = BTreeMap::new();
    for client in clients {
        let of = client.parse().expect("an id");
        let all = store.all(&keys::appointments(practice, of)).await.expect("a list");
        let all: Vec<Appointment> = all.into_iter().map(|one| one.appointment).collect();
        assert!(all.is_sorted_by_key(|one| one.times.start().as_millisecond()), "in the order of their starts");
        let ids: BTreeSet<AppointmentId> = all.iter().map(|one| one.id).collect();
        assert_eq!(ids.len(), all.len(), "each once");
        let summary: AppointmentSummary = cast.world.stored(&keys::appointment_summary(practice, of)).await;
        let scheduled = all.iter().filter(|one| one.status == AppointmentStatus::Scheduled);
        let scheduled: BTreeMap<_, _> = scheduled.map(|one| (one.id, (one.staff, one.times))).collect();
        let open: BTreeMap<_, _> = summary.open.iter().map(|(id, open)| (*id, (open.staff, open.times))).collect();
        assert_eq!(open, scheduled);
        let wishes: BTreeSet<AppointmentId> = all.iter().filter(|one| one.asked.is_some()).map(|one| one.id).collect();
        assert_eq!(summary.requests.keys().copied().collect::<BTreeSet<_>>(), wishes);
        let mut tallies: BTreeMap<StaffId, Tally> = BTreeMap::new();
        for one in &all {
            let by_id: Appointment = cast.world.stored(&keys::appointment(practice, one.id)).await;
            assert_eq!(&by_id, one, "under its id as in the list");
            let start = one.times.start().as_millisecond();
            if matches!(one.status, AppointmentStatus::Scheduled | AppointmentStatus::Cancelled) {
                tallies.entry(one.staff).or_default().add(one.status);
                booked.entry(one.staff).or_default().insert(one.id, (start, one.status));
            }
            if let Some(wish) = one.asked {
                asked.entry(one.staff).or_default().insert(one.id, wish.times.start().as_millisecond());
            }
        }
        assert_eq!(summary.counts, tallies);
    }
    for whose in staff {
        let whose: StaffId = whose.parse().expect("an id");
        let span = (date(2026, 5, 1), date(2028, 7, 1));
        let days = store.calendar(practice, whose, span).await.expect("a calendar");
        let held = days.iter().flat_map(CalendarDay::beginning);
        let held: BTreeMap<_, _> = held.map(|one| (one.id, (one.times.start().as_millisecond(), one.status))).collect();
        assert_eq!(held, booked.remove(&whose).unwrap_or_default());
        let wishes = days.iter().flat_map(|day| &day.requests);
        let wishes: BTreeMap<_, _> = wishes.map(|one| (one.id, one.times.start().as_millisecond())).collect();
        assert_eq!(wishes, asked.remove(&whose).unwrap_or_default());
        for day in &days {
            let counting: Vec<_> = day.bookings.iter().filter(|one| one.status.counts()).collect();
            for (n, one) in counting.iter().enumerate() {
                assert!(counting.iter().skip(n + 1).all(|other| !one.times.overlaps(other.times)), "no overlap");
            }
        }
    }
}

// security REL-8, I3, I4, I8, INV-10: 108 of them, 36 at a time
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bookings_moves_series_and_answers_at_once_leave_the_records_agreeing() {
    let cast = Cast::start("melee", json!({})).await;
    let (theo, owner) = (&cast.theo, &cast.practice.owner);
    let (ola, other) = cast.practice.portal_client("Ola").await;
    owner.gives(&ola, Some(theo), json!({})).await.expect(200);
    let clients = [&cast.maya, &ola];
    let mut dice = Dice::of(12);
    let mut sessions = Vec::new();
    for n in 0..12_i64 {
        let start = cast.at(2 + n / 4, (n % 4) * 90);
        sessions.push(theo.books(clients[n as usize % 2], theo, (start, start + 50)).await);
    }
    let weekly = |client: &str, start: i64, count: u16| {
        let at = |minutes| cast.world.in_minutes(minutes);
        json!({"client_id": client, "start": at(start), "end": at(start + 50), "repeat": {"count": count}})
    };
    let series = theo.post("/v1/appointments", weekly(&cast.maya, cast.at(2, 600), 4)).await.expect(201);
    let members = series.at("/series/sessions").as_array().cloned().expect("sessions");
    sessions.extend(members.iter().map(|one| one["id"].as_str().expect("an id").to_owned()));
    for _ in 0..3 {
        let plan: Vec<(usize, usize, i64)> = (0..36)
            .map(|_| (dice.roll(10), dice.roll(16), cast.at(2 + dice.roll(4) as i64, dice.roll(48) as i64 * 30)))
            .collect();
        let acts = plan.iter().map(|(what, which, start)| {
            let (session, start, clients) = (&sessions[*which], *start, &clients);
            // The series is Maya's.
            let of = if *which < 12 { which % 2 } else { 0 };
            let portal = [&cast.portal, &other][of];
            let (repeat, move_on) = (weekly(clients[of], start, 3), cast.world.in_minutes(start));
            let follow = json!({"start": move_on, "scope": "following"});
            let path = format!("/v1/appointments/{session}/reschedule");
            patiently(move || {
                let (repeat, follow, path) = (repeat.clone(), follow.clone(), path.clone());
                async move {
                    match what {
                        0 => theo.tries_to_book(clients[of], theo, (start, start + 50)).await,
                        1 | 2 => theo.moves(session, start).await,
                        3 => portal.moves(session, start).await,
                        4 => does(theo, session, "accept").await,
                        5 => portal.asks_for(None, (start, start + 50)).await,
                        7 => theo.post("/v1/appointments", repeat).await,
                        8 => theo.post(&path, follow).await,
                        9 => does(theo, session, "reopen").await,
                        _ => does(theo, session, if which % 3 == 0 { "cancel" } else { "decline" }).await,
                    }
                }
            })
        });
        let answers = join_all(acts).await;
        assert!(answers.iter().all(|answer| matches!(answer.status.as_u16(), 200 | 201 | 409)));
        assert_agree(&cast, &[&theo.id], &clients).await;
    }
    // Another therapist takes over whatever is to come: what was asked of the former one is asked of nobody.
    let vera = cast.practice.hires("Vera", "Therapist").await;
    let body = json!({"staff_id": vera.id, "sessions": "move"});
    let tag = owner.get(&format!("/v1/clients/{}", cast.maya)).await.header("etag");
    let path = format!("/v1/clients/{}/reassign", cast.maya);
    let moved = owner.request(http::Method::POST, &path).header("if-match", &tag).json(&body).send().await;
    moved.expect(200);
    let shown = vera.get("/v1/appointments?sort=start&limit=200").await.expect(200);
    assert!(!shown.at("/items").as_array().expect("items").is_empty());
}

// I3: two clients want the last time, and each is accepted
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_requests_for_one_time_one_is_accepted() {
    let cast = Cast::start("rivals", json!({})).await;
    let (ola, other) = cast.practice.portal_client("Ola").await;
    cast.practice.owner.gives(&ola, Some(&cast.theo), json!({})).await.expect(200);
    let time = (cast.at(3, 0), cast.at(3, 50));
    let mut asked = Vec::new();
    for portal in [&cast.portal, &other] {
        asked.push(portal.asks_for(None, time).await.expect(201).text("/id"));
    }
    let tries = (0..10).map(|n| {
        let (id, theo) = (&asked[n % 2], &cast.theo);
        patiently(move || does(theo, id, "accept"))
    });
    let answers = join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    let codes: BTreeSet<String> = answers.iter().map(end_to_end::Answer::code).collect();
    assert!(codes.iter().all(|code| matches!(code.as_str(), "" | "slot_taken" | "nothing_asked")), "{codes:?}");
    assert_agree(&cast, &[&cast.theo.id], &[&cast.maya, &ola]).await;
}
