//! Services, working hours and free times over HTTP (I2, I5, B9). The clock stands at 10:00 UTC on 2026-05-06, a Wednesday.

mod bad;
mod defaults;

use end_to_end::{Answer, Persona, Practice, World};
use http::Method;
use serde_json::{Value, json};

/// Theo, who works in Oslo from nine to noon, and Maya, a client of the practice whose therapist he is.
pub(super) struct Cast {
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
        let (maya, portal) = practice.portal_client("Maya").await;
        practice.owner.gives(&maya, Some(&theo), json!({})).await.expect(200);
        let cast = Self { world, practice, theo, maya, portal };
        works(&cast.theo, &cast.theo, json!({})).await.expect(200);
        cast
    }
}

/// The path of somebody's hours.
fn hours_of(staff: &Persona) -> String {
    format!("/v1/staff/{}/availability", staff.id)
}

const WEEK: [&str; 5] = ["mon", "tue", "wed", "thu", "fri"];

/// Sets somebody's hours, nine to noon on weekdays in Oslo unless `more` says otherwise, over those that there are.
async fn works(by: &Persona, whose: &Persona, more: Value) -> Answer {
    let day = |day: &str| json!({"day": day, "from": "09:00", "to": "12:00"});
    let mut body = json!({"time_zone": "Europe/Oslo", "weekly": WEEK.map(day)});
    body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
    let tag = by.get(&hours_of(whose)).await.header("etag");
    by.request(Method::PUT, &hours_of(whose)).header("if-match", &tag).json(&body).send().await
}

fn slots(whose: &Persona, query: &str) -> String {
    format!("/v1/staff/{}/slots?{query}", whose.id)
}

/// When the free times begin.
async fn free(who: &Persona, whose: &Persona, query: &str) -> Vec<String> {
    let shown = who.get(&slots(whose, query)).await.expect(200).at("/items");
    shown.as_array().into_iter().flatten().map(|one| one["start"].as_str().unwrap_or_default().to_owned()).collect()
}

const NEXT_DAY: &str = "from=2026-05-07&to=2026-05-07";

// I2, S2
#[tokio::test]
async fn services_are_the_practice_s_and_clients_see_what_they_can_book() {
    let cast = Cast::meet().await;
    let owner = &cast.practice.owner;
    let body = json!({"name": "Couples", "minutes": 90, "price": {"amount": 18_000, "currency": "USD"},
        "buffer_after": 10, "bookable_online": true, "place": "video", "link": "https://meet.example/room"});
    let made = owner.post("/v1/services", body).await.expect(201);
    assert!(made.text("/id").starts_with("svc_"), "{}", made.json());
    assert_eq!((made.at("/buffer_before"), made.at("/buffer_after")), (json!(0), json!(10)));
    owner.makes_service(json!({"name": "Supervision", "bookable_online": false})).await;
    let names = async |who: &Persona| {
        let shown = who.get("/v1/services").await.expect(200).at("/items");
        let name = |one: &Value| one["name"].as_str().unwrap_or_default().to_owned();
        shown.as_array().into_iter().flatten().map(name).collect::<Vec<_>>()
    };
    assert_eq!(names(&cast.theo).await, ["Supervision", "Couples"]);
    assert_eq!(names(&cast.portal).await, ["Couples"]);
    let seen = cast.portal.get("/v1/services").await.expect(200).at("/items/0");
    let members: Vec<&String> = seen.as_object().expect("an object").keys().collect();
    assert_eq!(members, ["id", "minutes", "name", "place", "price", "shown_to"]);

    let path = format!("/v1/services/{}", made.text("/id"));
    let tag = made.header("etag");
    let change = owner.request(Method::PATCH, &path).header("if-match", &tag).json(&json!({"minutes": 80})).send();
    assert_eq!(change.await.expect(200).at("/minutes"), 80);
    let told = owner.request(Method::DELETE, &path).header("if-match", &tag).send().await;
    told.expect_problem(412, "stale");
    owner.request(Method::DELETE, &path).header("if-match", "\"v2\"").send().await.expect(204);
    assert_eq!(names(&cast.theo).await, ["Supervision"]);
    cast.theo
        .post("/v1/services", json!({"name": "Mine", "minutes": 50, "bookable_online": true}))
        .await
        .expect_problem(403, "role");
}

// I2
#[tokio::test]
async fn hours_are_set_as_a_whole_and_read_back() {
    let cast = Cast::meet().await;
    let (owner, theo) = (&cast.practice.owner, &cast.theo);
    let una = cast.practice.hires("Una", "Therapist").await;
    let none = una.get(&hours_of(&una)).await.expect(200);
    assert_eq!(
        (none.at("/weekly"), none.at("/exceptions"), none.text("/etag")),
        (json!([]), json!([]), "\"v0\"".into())
    );
    assert_eq!(none.text("/time_zone"), "America/New_York");
    let exceptions = json!([
        {"date": "2026-12-24", "until": "2026-12-26", "closed": true},
        {"date": "2026-12-25", "from": "22:00", "to": "02:00"},
    ]);
    let nights = json!({"time_zone": "Asia/Tokyo", "weekly": [], "exceptions": exceptions});
    let set = una.put(&hours_of(&una), nights).await.expect(200);
    assert_eq!((set.at("/exceptions"), set.text("/etag")), (exceptions, "\"v1\"".into()));
    assert_eq!(una.get(&hours_of(&una)).await.expect(200).json(), set.json());
    let again = json!({"time_zone": "UTC", "weekly": []});
    una.put(&hours_of(&una), again.clone()).await.expect_problem(428, "if_match_required");
    let stale = una.request(Method::PUT, &hours_of(&una)).header("if-match", "\"v7\"").json(&again).send().await;
    stale.expect_problem(412, "stale");
    // One's own, and an admin anybody's.
    works(owner, &una, json!({})).await.expect(200);
    theo.get(&hours_of(&una)).await.expect_problem(403, "role");
    theo.put(&hours_of(&una), again).await.expect_problem(403, "role");
}

// I2, I5: what is shown can be booked
#[tokio::test]
async fn free_times_are_hours_without_what_is_booked_and_each_can_be_booked() {
    let cast = Cast::meet().await;
    let (theo, portal) = (&cast.theo, &cast.portal);
    let service = cast.practice.owner.makes_service(json!({"buffer_before": 10})).await;
    let ask = format!("service_id={service}&{NEXT_DAY}");
    let all = free(theo, theo, &ask).await;
    assert_eq!(all.first().map(String::as_str), Some("2026-05-07T07:00:00Z"));
    assert_eq!((all.len(), all.last().map(String::as_str)), (9, Some("2026-05-07T09:00:00Z")));
    let at = |text: &str| text.parse::<jiff::Timestamp>().expect("an instant");
    let book = async |from: &str, to: &str| theo.tries_to_book_at(&cast.maya, theo, (at(from), at(to))).await;
    let booked = book("2026-05-07T08:00:00Z", "2026-05-07T08:50:00Z").await.expect(201).text("/id");
    // Ten minutes before, fifty to the next: 07:00 ends before 08:00, and 09:00 begins ten minutes after 08:50.
    let left = free(theo, theo, &ask).await;
    assert_eq!(left, ["2026-05-07T07:00:00Z", "2026-05-07T09:00:00Z"]);
    let shown = theo.get(&slots(theo, &ask)).await.expect(200);
    assert_eq!(shown.text("/time_zone"), "Europe/Oslo");
    for one in shown.at("/items").as_array().into_iter().flatten() {
        book(one["start"].as_str().unwrap_or_default(), one["end"].as_str().unwrap_or_default()).await.expect(201);
    }
    assert_eq!(free(theo, theo, &ask).await, Vec::<String>::new());
    theo.settles(&booked, "cancel").await.expect(200);
    assert_eq!(free(theo, theo, &ask).await, ["2026-05-07T08:00:00Z"]);

    // Maya cannot be in two places, and Una is free at all times.
    let una = cast.practice.hires("Una", "Therapist").await;
    works(&una, &una, json!({})).await.expect(200);
    let hers = free(portal, &una, &ask).await;
    assert_eq!(hers, Vec::<String>::new(), "a day's notice");
    cast.practice.owner.patch("/v1/practice", json!({"scheduling": {"notice_hours": {"book": 2}}})).await.expect(200);
    assert_eq!(free(portal, &una, &ask).await, ["2026-05-07T08:00:00Z"]);
    assert_eq!(free(&una, &una, &ask).await.len(), 9);
}

// I5
#[tokio::test]
async fn clients_see_no_further_and_no_nearer_than_the_practice_lets_them_book() {
    let cast = Cast::meet().await;
    let owner = &cast.practice.owner;
    let service = owner.makes_service(json!({})).await;
    let rules = async |more: Value| {
        owner.patch("/v1/practice", json!({"scheduling": more})).await.expect(200);
    };
    rules(json!({"notice_hours": {"book": 21}, "horizon_days": 1, "slot_minutes": 60})).await;
    let ask = format!("service_id={service}&to=2026-05-20");
    // The notice is over just after 07:00, the horizon just after 10:00.
    assert_eq!(free(&cast.portal, &cast.theo, &ask).await, ["2026-05-07T08:00:00Z", "2026-05-07T09:00:00Z"]);
    assert_eq!(free(&cast.theo, &cast.theo, &ask).await.len(), 30);
    // Whoever may still move a session needs to know where to.
    rules(json!({"requests": "off"})).await;
    assert_eq!(free(&cast.portal, &cast.theo, &ask).await.len(), 2);
    rules(json!({"reschedule": "off"})).await;
    assert_eq!(free(&cast.portal, &cast.theo, &ask).await, Vec::<String>::new());
    let hidden = owner.makes_service(json!({"bookable_online": false})).await;
    let told = cast.portal.get(&slots(&cast.theo, &format!("service_id={hidden}"))).await;
    told.expect_problem(404, "not_found");
}

// I2
#[tokio::test]
async fn a_full_date_and_a_closed_one_offer_nothing() {
    let cast = Cast::meet().await;
    let theo = &cast.theo;
    let two_days = "minutes=60&from=2026-05-07&to=2026-05-08";
    let closed = json!({"exceptions": [{"date": "2026-05-08", "closed": true}], "daily_max": 1});
    works(theo, theo, closed).await.expect(200);
    assert_eq!(free(theo, theo, two_days).await.len(), 9);
    let mut evening = json!({"client_id": cast.maya, "start": "2026-05-07T18:00:00Z", "end": "2026-05-07T19:00:00Z"});
    theo.post("/v1/appointments", evening.clone()).await.expect_problem(409, "outside_hours");
    evening["override"] = json!(true);
    theo.post("/v1/appointments", evening).await.expect(201);
    assert_eq!(free(theo, theo, two_days).await, Vec::<String>::new());
}

// I2, L3
#[tokio::test]
async fn who_is_not_at_work_offers_nothing() {
    let cast = Cast::meet().await;
    let owner = &cast.practice.owner;
    let service = owner.makes_service(json!({})).await;
    let ask = format!("service_id={service}&from=2026-05-11&to=2026-05-12");
    assert_eq!(free(&cast.portal, &cast.theo, &ask).await.len(), 18);
    for status in ["on_hold", "inactive"] {
        cast.practice.sets_status(&cast.theo, status).await;
        assert_eq!(free(owner, &cast.theo, &ask).await, Vec::<String>::new(), "{status}");
        // Her own therapist has no time for her; another one would not be there.
        assert_eq!(free(&cast.portal, &cast.theo, &ask).await, Vec::<String>::new(), "{status}");
    }
    let (_, invited) = cast.practice.invites_staff("Vera", "Therapist", false).await;
    let vera = format!("/v1/staff/{}", invited.text("/id"));
    let hours = json!({"time_zone": "UTC", "weekly": [{"day": "mon", "from": "09:00", "to": "12:00"}]});
    owner.put(&format!("{vera}/availability"), hours).await.expect(200);
    let hers = format!("{vera}/slots?{ask}");
    assert_eq!(owner.get(&hers).await.expect(200).at("/items"), json!([]));
    cast.portal.get(&hers).await.expect_problem(404, "not_found");
}

// I2, E6, d-8
#[tokio::test]
async fn whose_times_one_sees_follows_from_whom_one_may_meet() {
    let cast = Cast::meet().await;
    let (owner, theo, portal) = (&cast.practice.owner, &cast.theo, &cast.portal);
    let service = owner.makes_service(json!({})).await;
    let ask = format!("service_id={service}&from=2026-05-11&to=2026-05-12");
    let una = cast.practice.hires("Una", "Therapist").await;
    works(&una, &una, json!({})).await.expect(200);
    // A client of the practice: any therapist at work. Theo: for Maya, whose therapist he is, and not otherwise.
    assert_eq!(free(portal, &una, &ask).await.len(), 18);
    theo.get(&slots(&una, &ask)).await.expect_problem(404, "not_found");
    assert_eq!(free(theo, &una, &format!("{ask}&client_id={}", cast.maya)).await.len(), 18);
    una.get(&slots(theo, &format!("{ask}&client_id={}", cast.maya))).await.expect_problem(404, "not_found");
    assert_eq!(free(owner, &una, &ask).await.len(), 18);
    // A direct client: its own therapist.
    let direct = theo.adds_and_invites("Noor", "noor@mail.example").await.text("/id");
    let noor = cast.world.accept("noor@mail.example").await;
    assert_eq!(free(&noor, theo, &ask).await.len(), 18);
    noor.get(&slots(&una, &ask)).await.expect_problem(404, "not_found");
    let told = owner.get(&slots(&una, &format!("{ask}&client_id={direct}"))).await;
    told.expect_problem(422, "direct_client");
    // Nobody asks in another client's name, or from another practice.
    portal.get(&slots(theo, &format!("{ask}&client_id={direct}"))).await.expect_problem(404, "not_found");
    let other = cast.world.practice("quay").await.owner;
    other.get(&slots(theo, "minutes=50")).await.expect_problem(404, "not_found");
}

// I2: two calls at once, and nothing after them
#[tokio::test]
async fn free_times_of_four_weeks_take_one_round_trip() {
    let cast = Cast::meet().await;
    let service = cast.practice.owner.makes_service(json!({})).await;
    let ask = format!("service_id={service}&from=2026-05-07&to=2026-06-03");
    let answer = cast.portal.get(&slots(&cast.theo, &ask)).await.expect(200);
    let calls = cast.world.calls(&answer).await;
    let mut names: Vec<&str> = calls.iter().map(|call| call["operation"].as_str().unwrap_or_default()).collect();
    names.sort_unstable();
    assert_eq!(names, ["BatchGetItem", "Query"], "{calls:?}");
}
