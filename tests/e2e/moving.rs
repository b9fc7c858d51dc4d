//! Sessions that move, and what clients ask for (I1, I3 to I6).

pub(crate) mod races;

use end_to_end::{Answer, Persona, Practice, World};
use serde_json::{Value, json};

fn ids(list: &Answer) -> Vec<String> {
    let items = list.at("/items").as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item["id"].as_str().unwrap_or_default().to_owned()).collect()
}

pub(crate) struct Cast {
    pub(crate) world: World,
    pub(crate) practice: Practice,
    pub(crate) theo: Persona,
    /// A client of Theo that comes in.
    pub(crate) maya: String,
    pub(crate) portal: Persona,
}

impl Cast {
    pub(crate) async fn start(slug: &str, scheduling: Value) -> Self {
        let world = World::start().await;
        let practice = world.practice(slug).await;
        let theo = practice.hires("Theo", "Therapist").await;
        let (maya, portal) = practice.portal_client("Maya").await;
        practice.owner.gives(&maya, Some(&theo), json!({})).await.expect(200);
        practice.owner.patch("/v1/practice", json!({"scheduling": scheduling})).await.expect(200);
        Self { world, practice, theo, maya, portal }
    }

    pub(crate) fn at(&self, day: i64, minutes: i64) -> i64 {
        day * 1440 + minutes
    }

    pub(crate) async fn read(&self, by: &Persona, id: &str) -> Answer {
        by.get(&format!("/v1/appointments/{id}")).await.expect(200)
    }
}

async fn does(by: &Persona, id: &str, what: &str) -> Answer {
    by.do_post(&format!("/v1/appointments/{id}/{what}")).await
}

// I4, I1
#[tokio::test]
async fn a_session_keeps_its_id_when_it_moves_and_its_old_time_is_free_at_once() {
    let cast = Cast::start("moves", json!({})).await;
    let (theo, maya) = (&cast.theo, &cast.maya);
    let other = theo.adds_client("Ola").await;
    let first = theo.books(maya, theo, (cast.at(1, 0), cast.at(1, 50))).await;
    let second = theo.books(maya, theo, (cast.at(2, 0), cast.at(2, 50))).await;
    let list = format!("/v1/appointments?client_id={maya}");
    assert_eq!(ids(&theo.get(&list).await.expect(200)), [second.clone(), first.clone()]);
    // Behind the second, into a day of its own, then back before it, within a day, over midnight, and home again.
    for (day, minutes, order) in [
        (3, 0, [&first, &second]),
        (3, 25, [&first, &second]),
        (1, 700, [&second, &first]),
        (2, 700, [&first, &second]),
        (1, 0, [&second, &first]),
    ] {
        let moved = theo.moves(&first, cast.at(day, minutes)).await.expect(200);
        assert_eq!((moved.text("/id"), moved.text("/status")), (first.clone(), "scheduled".to_owned()));
        assert_eq!(ids(&theo.get(&list).await.expect(200)), order.map(String::clone), "{day} {minutes}");
        assert_eq!(ids(&theo.get("/v1/appointments").await.expect(200)), order.map(String::clone));
        let soonest = theo.get(&format!("{list}&sort=start")).await.expect(200);
        assert_eq!(ids(&soonest), [order[1].clone(), order[0].clone()]);
        assert_eq!(cast.read(&cast.portal, &first).await.at("/start"), moved.at("/start"));
        let other = theo.tries_to_book(&other, theo, (cast.at(day, minutes), cast.at(day, minutes + 5))).await;
        other.expect_problem(409, "slot_taken");
    }
    theo.moves(&first, cast.at(2, 20)).await.expect_problem(409, "slot_taken");
    theo.books(&other, theo, (cast.at(3, 0), cast.at(3, 50))).await;
    theo.moves(&first, cast.at(3, 10)).await.expect_problem(409, "slot_taken");
    theo.settles(&second, "cancel").await.expect(200);
    theo.moves(&second, cast.at(5, 0)).await.expect_problem(409, "already_cancelled");
    let none: Value = json!({"start": "2026-12-01T10:00:00Z", "end": "2026-12-01T09:00:00Z"});
    theo.post(&format!("/v1/appointments/{first}/reschedule"), none).await.expect_problem(422, "invalid_field");
}

// I4: pages, moved and unmoved alike
#[tokio::test]
async fn a_list_with_moved_sessions_pages_in_both_directions_without_repeating() {
    let cast = Cast::start("pages", json!({})).await;
    let (theo, maya) = (&cast.theo, &cast.maya);
    let mut booked = Vec::new();
    for day in 1..8 {
        booked.push(theo.books(maya, theo, (cast.at(day, 0), cast.at(day, 50))).await);
    }
    for (n, day) in [(0, 9), (3, 12), (5, 10), (6, 11)] {
        theo.moves(&booked[n], cast.at(day, 30)).await.expect(200);
    }
    let order: Vec<String> = [1, 2, 4, 0, 5, 6, 3].map(|n: usize| booked[n].clone()).to_vec();
    for (path, wanted) in [
        (format!("/v1/appointments?client_id={maya}&sort=start&limit=2"), order.clone()),
        (format!("/v1/appointments?client_id={maya}&limit=3"), order.iter().rev().cloned().collect()),
        ("/v1/appointments?sort=start&limit=2".to_owned(), order.clone()),
        ("/v1/appointments?limit=3".to_owned(), order.iter().rev().cloned().collect()),
    ] {
        let mut seen = Vec::new();
        let mut page = theo.get(&path).await.expect(200);
        loop {
            seen.extend(ids(&page));
            let Some(cursor) = page.at("/next_cursor").as_str().map(str::to_owned) else { break };
            page = theo.get(&format!("{path}&cursor={cursor}")).await.expect(200);
        }
        assert_eq!(seen, wanted, "{path}");
    }
    // The next one first where a start is named.
    let now = cast.world.in_minutes(0);
    let next = theo.get(&format!("/v1/appointments?client_id={maya}&from={now}&limit=1")).await.expect(200);
    assert_eq!(ids(&next), [order[0].clone()]);
}

// I3
#[tokio::test]
async fn a_request_holds_no_time_until_it_is_accepted() {
    let cast = Cast::start("requests", json!({})).await;
    let (theo, portal) = (&cast.theo, &cast.portal);
    let time = (cast.at(3, 0), cast.at(3, 50));
    let asked = portal.asks_for(None, time).await.expect(201);
    assert_eq!((asked.text("/status"), asked.text("/with")), ("requested".into(), "Theo Berg".into()));
    assert_eq!(asked.at("/asked/start"), asked.at("/start"));
    let id = asked.text("/id");
    let waiting = theo.get("/v1/appointments?status=requested").await.expect(200);
    assert_eq!(ids(&waiting), std::slice::from_ref(&id));
    assert_eq!(waiting.text("/items/0/client/first_name"), "Maya");
    let stats = theo.get(&format!("/v1/clients/{}", cast.maya)).await.expect(200);
    assert_eq!((stats.at("/stats/appointments_total"), stats.at("/stats/appointments_upcoming")), (json!(0), json!(0)));
    for refused in ["complete", "no-show", "cancel"] {
        theo.settles(&id, refused).await.expect_problem(409, "only_requested");
    }
    // Somebody else is faster.
    let ola = theo.adds_client("Ola").await;
    let taken = theo.books(&ola, theo, time).await;
    does(theo, &id, "accept").await.expect_problem(409, "slot_taken");
    theo.settles(&taken, "cancel").await.expect(200);
    assert_eq!(does(theo, &id, "accept").await.expect(200).text("/status"), "scheduled");
    assert_eq!(ids(&theo.get("/v1/appointments?status=requested").await.expect(200)), [] as [String; 0]);
    theo.tries_to_book(&ola, theo, time).await.expect_problem(409, "slot_taken");
    for again in ["accept", "decline"] {
        does(theo, &id, again).await.expect_problem(409, "nothing_asked");
    }
    let declined = portal.asks_for(None, (cast.at(4, 0), cast.at(4, 50))).await.expect(201).text("/id");
    let why = json!({"reason": "I am away that day."});
    let answer = theo.post(&format!("/v1/appointments/{declined}/decline"), why).await.expect(200);
    assert_eq!(answer.text("/status"), "declined");
    assert_eq!(cast.read(portal, &declined).await.text("/decline_reason"), "I am away that day.");
    let withdrawn = portal.asks_for(None, (cast.at(5, 0), cast.at(5, 50))).await.expect(201).text("/id");
    assert_eq!(does(portal, &withdrawn, "withdraw").await.expect(200).text("/status"), "withdrawn");
    does(theo, &withdrawn, "accept").await.expect_problem(409, "already_withdrawn");
    does(theo, &declined, "accept").await.expect_problem(409, "already_declined");
}

// I3: 72 hours, or what the practice has set, and never beyond its own start
#[tokio::test]
async fn a_request_that_nobody_answers_expires() {
    let cast = Cast::start("expiry", json!({"request_expires_hours": 2})).await;
    let id = cast.portal.asks_for(None, (cast.at(3, 0), cast.at(3, 50))).await.expect(201).text("/id");
    cast.world.advance(2 * 3600).await;
    let theo = cast.world.sign_in("theo@expiry.example").await;
    assert_eq!(cast.read(&theo, &id).await.text("/status"), "expired");
    does(&theo, &id, "accept").await.expect_problem(409, "request_expired");
    assert_eq!(ids(&theo.get("/v1/appointments?status=requested").await.expect(200)), [] as [String; 0]);
}

// I4
#[tokio::test]
async fn a_wish_to_move_keeps_the_old_time_until_it_is_accepted() {
    let cast = Cast::start("wishes", json!({})).await;
    let (theo, portal) = (&cast.theo, &cast.portal);
    let id = theo.books(&cast.maya, theo, (cast.at(3, 0), cast.at(3, 50))).await;
    let before = cast.read(portal, &id).await;
    portal.moves(&id, cast.at(4, 0)).await.expect(200);
    let wish = portal.moves(&id, cast.at(3, 30)).await.expect(200);
    assert_eq!((wish.text("/status"), wish.at("/start")), ("scheduled".into(), before.at("/start")));
    assert!(wish.text("/asked/start") > before.text("/start"));
    let waiting = theo.get("/v1/appointments?status=requested").await.expect(200);
    assert_eq!(ids(&waiting), std::slice::from_ref(&id), "the second wish replaces the first");
    does(theo, &id, "decline").await.expect(200);
    assert_eq!(cast.read(portal, &id).await.at("/start"), before.at("/start"));
    let wish = portal.moves(&id, cast.at(3, 30)).await.expect(200);
    let moved = does(theo, &id, "accept").await.expect(200);
    assert_eq!(moved.at("/start"), wish.at("/asked/start"));
    let ola = theo.adds_client("Ola").await;
    theo.books(&ola, theo, (cast.at(3, 0), cast.at(3, 29))).await;
    theo.tries_to_book(&ola, theo, (cast.at(3, 70), cast.at(3, 80))).await.expect_problem(409, "slot_taken");
    assert_eq!(ids(&theo.get("/v1/appointments?status=requested").await.expect(200)), [] as [String; 0]);
}

/// Hours all day long, every day.
async fn always_works(theo: &Persona) {
    let day = |day| json!({"day": day, "from": "00:00", "to": "00:00"});
    let hours = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(day);
    let path = format!("/v1/staff/{}/availability", theo.id);
    theo.put(&path, json!({"time_zone": "UTC", "weekly": hours})).await.expect(200);
}

/// Books a session of a service by itself, or asks for one, from an instant of May 2026 on.
async fn takes(who: &Persona, service: &str, start: &str) -> Answer {
    let start = format!("2026-05-{start}:00Z");
    who.post("/v1/appointments", json!({"service_id": service, "start": start})).await
}

async fn moves_to(who: &Persona, id: &str, start: &str) -> Answer {
    let start = json!({"start": format!("2026-05-{start}:00Z")});
    who.post(&format!("/v1/appointments/{id}/reschedule"), start).await
}

// I2, I5; it is 10:00 on 6 May
#[tokio::test]
async fn a_client_is_bound_by_the_practices_rules_and_staff_is_not() {
    let rules = json!({"requests": "instant", "reschedule": "instant", "horizon_days": 10, "grace_minutes": 0,
        "notice_hours": {"book": 12, "reschedule": 24, "cancel": 48}, "late_cancel": "block"});
    let cast = Cast::start("rules", rules).await;
    let (theo, portal) = (&cast.theo, &cast.portal);
    let service = json!({"name": "Session", "minutes": 50, "bookable_online": true});
    let service = cast.practice.owner.post("/v1/services", service).await.expect(201).text("/id");
    // Whoever has set no hours is asked, and not just booked.
    takes(portal, &service, "07T10:00").await.expect_problem(409, "not_offered");
    always_works(theo).await;
    takes(portal, &service, "06T21:00").await.expect_problem(409, "too_late");
    takes(portal, &service, "06T09:00").await.expect_problem(409, "in_the_past");
    takes(portal, &service, "17T10:00").await.expect_problem(409, "too_far_ahead");
    takes(portal, &service, "07T10:07").await.expect_problem(409, "not_offered");
    let soon = takes(portal, &service, "06T23:00").await.expect(201);
    assert_eq!(soon.text("/status"), "scheduled");
    let soon = soon.text("/id");
    moves_to(portal, &soon, "08T10:00").await.expect_problem(409, "too_late");
    portal.settles(&soon, "cancel").await.expect_problem(409, "too_late");
    moves_to(theo, &soon, "07T12:00").await.expect(200);
    // How long it lasts is not the client's to say.
    let longer = json!({"start": "2026-05-07T12:00:00Z", "end": "2026-05-07T15:00:00Z"});
    let path = format!("/v1/appointments/{soon}/reschedule");
    let longer = portal.post(&path, longer).await.expect_problem(422, "invalid_field");
    assert_eq!(longer.text("/errors/0/pointer"), "/end");
    let endless = json!({"start": "2026-05-08T10:00:00Z", "end": "2026-05-08T20:00:00Z"});
    let endless = portal.post("/v1/appointments", endless).await.expect_problem(422, "invalid_field");
    assert_eq!(endless.text("/errors/0/pointer"), "/service_id");
    // Into the time it has itself.
    moves_to(portal, &soon, "07T12:30").await.expect(200);
    moves_to(portal, &soon, "09T10:00").await.expect(200);
    assert!(portal.settles(&soon, "cancel").await.expect(200).at("/late_cancel").is_null());
    let late = json!({"scheduling": {"late_cancel": "mark", "requests": "off", "reschedule": "off"}});
    cast.practice.owner.patch("/v1/practice", late).await.expect(200);
    takes(portal, &service, "09T10:00").await.expect_problem(403, "online_off");
    // E2: the calendar itself is always there.
    assert_eq!(ids(&portal.get("/v1/appointments").await.expect(200)), std::slice::from_ref(&soon));
    let near = theo.books(&cast.maya, theo, (cast.at(1, 10), cast.at(1, 60))).await;
    moves_to(portal, &near, "11T10:00").await.expect_problem(403, "online_off");
    assert_eq!(portal.settles(&near, "cancel").await.expect(200).at("/late_cancel"), json!(true));
    let own = theo.books(&cast.maya, theo, (cast.at(0, 60), cast.at(0, 110))).await;
    assert!(theo.settles(&own, "cancel").await.expect(200).at("/late_cancel").is_null(), "staff is exempt");
    for bad in [json!({"horizon_days": 0}), json!({"notice_hours": {"cancel": 721}}), json!({"requests": null})] {
        let refused = cast.practice.owner.patch("/v1/practice", json!({"scheduling": bad})).await;
        refused.expect_problem(422, "invalid_field");
    }
}

// I2: what is shown as free can be taken at that moment, and nothing else
#[tokio::test]
async fn what_is_offered_can_be_booked_and_is_offered_no_more() {
    let rules = json!({"requests": "instant", "notice_hours": {"book": 0}});
    let cast = Cast::start("offers", rules).await;
    let (theo, portal) = (&cast.theo, &cast.portal);
    let service = json!({"name": "Session", "minutes": 50, "buffer_after": 10, "bookable_online": true});
    let service = cast.practice.owner.post("/v1/services", service).await.expect(201).text("/id");
    let path = format!("/v1/staff/{}/availability", theo.id);
    let hours = json!({"time_zone": "Europe/Oslo", "weekly": [{"day": "thu", "from": "09:00", "to": "12:00"}]});
    theo.put(&path, hours).await.expect(200);
    let slots = format!("/v1/staff/{}/slots?service_id={service}&from=2026-05-07&to=2026-05-07", theo.id);
    for _ in 0..4 {
        let free = portal.get(&slots).await.expect(200);
        let Some(first) = free.at("/items/0/start").as_str().map(str::to_owned) else { break };
        let take = json!({"service_id": service, "start": first});
        let booked = portal.post("/v1/appointments", take.clone()).await.expect(201);
        assert_eq!((booked.at("/end"), booked.text("/service_id")), (free.at("/items/0/end"), service.clone()));
        portal.post("/v1/appointments", take).await.expect_problem(409, "not_offered");
    }
    assert_eq!(portal.get(&slots).await.expect(200).at("/items"), json!([]));
    assert_eq!(ids(&theo.get("/v1/appointments").await.expect(200)).len(), 3, "09:00, 10:00, 11:00");
    let unknown = json!({"service_id": format!("svc_{}", "0".repeat(26)), "start": "2026-05-14T07:00:00Z"});
    let unknown = portal.post("/v1/appointments", unknown).await.expect_problem(422, "invalid_field");
    assert_eq!(unknown.text("/errors/0/code"), "service_unknown");
}

// I3, I6: whom a client asks, and what only staff can do
#[tokio::test]
async fn a_client_asks_whom_it_knows() {
    let cast = Cast::start("knows", json!({})).await;
    let stranger = cast.practice.hires("Sam", "Therapist").await;
    let time = (cast.at(3, 0), cast.at(3, 50));
    cast.portal.asks_for(Some(&stranger), time).await.expect_problem(422, "staff_unavailable");
    let forced = json!({"start": cast.world.in_minutes(time.0), "end": cast.world.in_minutes(time.1), "force": true});
    cast.portal.post("/v1/appointments", forced).await.expect_problem(422, "invalid_field");
    cast.practice.owner.books(&cast.maya, &stranger, (cast.at(1, 0), cast.at(1, 50))).await;
    cast.portal.asks_for(Some(&stranger), time).await.expect(201);
    for day in 4..13 {
        cast.portal.asks_for(None, (cast.at(day, 0), cast.at(day, 50))).await.expect(201);
    }
    let more = cast.portal.asks_for(None, (cast.at(20, 0), cast.at(20, 50))).await;
    more.expect_problem(409, "too_many_open_requests");
    cast.practice.owner.gives(&cast.maya, None, json!({})).await.expect(200);
    let nobody = cast.portal.asks_for(None, (cast.at(21, 0), cast.at(21, 50))).await;
    nobody.expect_problem(409, "no_therapist");
}

// S2, security EML-1: each side hears of what the other does, without what it is about
#[tokio::test]
async fn the_other_side_is_told_of_what_changes_and_wishes_to_know() {
    let cast = Cast::start("told", json!({})).await;
    let (theo, portal) = (&cast.theo, &cast.portal);
    let count = async |address: &str| cast.world.mails(address).await.len();
    let (maya, therapist) = ("maya@mail.example", "theo@told.example");
    let before = (count(maya).await, count(therapist).await);
    let id = theo.books(&cast.maya, theo, (cast.at(3, 0), cast.at(3, 50))).await;
    theo.moves(&id, cast.at(4, 0)).await.expect(200);
    assert_eq!(count(maya).await, before.0 + 2, "each change is told, however soon after another");
    let mail = cast.world.newest_mail(maya).await;
    assert_eq!(mail["subject"], "A session was moved");
    assert!(!mail.to_string().contains("Berg"), "{mail}");
    portal.moves(&id, cast.at(5, 0)).await.expect(200);
    assert_eq!(
        (count(maya).await, count(therapist).await),
        (before.0 + 3, before.1 + 1),
        "and who asks, that it is known"
    );
    assert_eq!(cast.world.newest_mail(therapist).await["subject"], "A client asks for another time");
    does(theo, &id, "decline").await.expect(200);
    portal.settles(&id, "cancel").await.expect(200);
    assert_eq!((count(maya).await, count(therapist).await), (before.0 + 5, before.1 + 2));
    // A record of what was is news to nobody, and who does not want to know is not told.
    theo.books(&cast.maya, theo, (-60, -10)).await;
    let off = json!({"topics": {"appointments": false}});
    portal.patch("/v1/me/notifications", off).await.expect(200);
    theo.books(&cast.maya, theo, (cast.at(6, 0), cast.at(6, 50))).await;
    assert_eq!(count(maya).await, before.0 + 5);
}
