//! This one, or this one and what follows it.

use end_to_end::Answer;
use serde_json::{Value, json};

use super::{EVENING, MONDAY, books, ids, members, scheduled, starts, tries};
use crate::moving::Cast;
use crate::moving::races::assert_agree;

/// Moves a session and what follows it.
async fn moves(cast: &Cast, id: &str, start: &str, more: Value) -> Answer {
    let mut body = json!({"start": start, "scope": "following"});
    body.as_object_mut().expect("a body").extend(more.as_object().cloned().unwrap_or_default());
    cast.theo.post(&format!("/v1/appointments/{id}/reschedule"), body).await
}

async fn cancels(cast: &Cast, id: &str, scope: &str) -> Answer {
    cast.theo.post(&format!("/v1/appointments/{id}/cancel"), json!({"scope": scope, "reason": "Away."})).await
}

// I8
#[tokio::test]
async fn cancelling_what_follows_frees_their_times_at_once() {
    let cast = Cast::start("off", json!({})).await;
    let (theo, maya) = (&cast.theo, &cast.maya);
    let ola = theo.adds_client("Ola").await;
    let booked = books(theo, maya, EVENING, json!({"count": 6})).await;
    let all = ids(&booked);
    // One that was moved by itself follows where it stands now: into the day of the next one, and the last of all.
    theo.post(&format!("/v1/appointments/{}/reschedule", all[3]), json!({"start": "2026-12-08T01:00:00Z"}))
        .await
        .expect(200);
    let mails = cast.world.mails("maya@mail.example").await.len();
    let this = cancels(&cast, &all[1], "this").await.expect(200);
    assert_eq!((this.text("/status"), this.at("/series/sessions")), ("cancelled".into(), Value::Null));
    assert_eq!(scheduled(&cast, maya).await.len(), 5);
    cancels(&cast, &all[1], "following").await.expect_problem(409, "already_cancelled");
    let key = "off-with-them-all";
    let send = || {
        let request = theo.request(http::Method::POST, &format!("/v1/appointments/{}/cancel", all[2]));
        let body = json!({"scope": "following", "reason": "Away."});
        async move { request.header("idempotency-key", key).json(&body).send().await }
    };
    let (cancelled, again) = (send().await.expect(200), send().await.expect(200));
    assert_eq!((again.json(), again.header("idempotent-replay")), (cancelled.json(), "true".to_owned()));
    assert_eq!((cancelled.text("/id"), cancelled.text("/status")), (all[2].clone(), "cancelled".to_owned()));
    assert_eq!(members(&cancelled.at("/series/sessions"), "id"), all[2..]);
    assert_eq!(cancelled.at("/series/left"), json!([]));
    assert_eq!(cast.world.mails("maya@mail.example").await.len(), mails + 2, "one each");
    assert_eq!(scheduled(&cast, maya).await, [EVENING]);
    let last = cast.read(&cast.portal, &all[5]).await;
    assert_eq!((last.text("/status"), last.text("/cancel_reason")), ("cancelled".into(), "Away.".into()));
    books(theo, &ola, "2026-11-16T23:30:00Z", json!({"count": 5})).await;
    assert_agree(&cast, &[&theo.id], &[maya, &ola]).await;
}

// I8
#[tokio::test]
async fn what_follows_moves_along_and_one_that_moves_alone_leaves_the_others() {
    let cast = Cast::start("along", json!({})).await;
    let (theo, maya) = (&cast.theo, &cast.maya);
    let all = ids(&books(theo, maya, MONDAY, json!({"count": 5})).await);
    let list =
        "2026-10-26T13:00:00Z 2026-11-02T14:00:00Z 2026-11-09T14:00:00Z 2026-11-16T14:00:00Z 2026-11-23T14:00:00Z";
    let mut wanted: Vec<&str> = list.split(' ').collect();
    let alone = json!({"start": "2026-11-17T16:00:00Z", "scope": "this"});
    let alone = theo.post(&format!("/v1/appointments/{}/reschedule", all[3]), alone).await.expect(200);
    assert_eq!(alone.at("/series/sessions"), Value::Null);
    wanted[3] = "2026-11-17T16:00:00Z";
    assert_eq!(scheduled(&cast, maya).await, wanted);
    // From Monday to Tuesday, an hour later and longer, from the second one on: across the turn of the clock and back.
    let mails = cast.world.mails("maya@mail.example").await.len();
    let moved = moves(&cast, &all[1], "2026-11-03T15:00:00Z", json!({"end": "2026-11-03T16:00:00Z"})).await.expect(200);
    assert_eq!(starts(&moved), ["2026-11-03T15:00:00Z", "2026-11-10T15:00:00Z", "2026-11-24T15:00:00Z"]);
    assert_eq!((moved.text("/id"), moved.text("/end")), (all[1].clone(), "2026-11-03T16:00:00Z".to_owned()));
    assert_eq!(members(&moved.at("/series/left"), "code"), ["moved_by_itself"]);
    assert_eq!(members(&moved.at("/series/left"), "id"), [all[3].clone()]);
    assert_eq!(cast.read(theo, &all[4]).await.text("/end"), "2026-11-24T16:00:00Z");
    assert_eq!(cast.world.mails("maya@mail.example").await.len(), mails + 1);
    // The first one again, with all that follow: a week earlier on the wall, each where another one was.
    let moved = moves(&cast, &all[0], "2026-10-27T14:00:00Z", json!({})).await.expect(200);
    assert_eq!(starts(&moved)[..2], ["2026-10-27T14:00:00Z", "2026-11-03T15:00:00Z"]);
    for (start, second) in [("2026-11-03T15:00:00Z", "2026-11-10"), ("2026-10-27T14:00:00Z", "2026-11-03")] {
        let moved = moves(&cast, &all[0], start, json!({})).await.expect(200);
        assert!(starts(&moved)[1].starts_with(second), "{}", moved.json());
    }
    // One that went its own way takes those behind it along, and is one of them again.
    let back = moves(&cast, &all[3], "2026-11-17T15:00:00Z", json!({})).await.expect(200);
    assert_eq!(starts(&back), ["2026-11-17T15:00:00Z", "2026-11-24T15:00:00Z"]);
    let moved = moves(&cast, &all[2], "2026-11-11T15:00:00Z", json!({})).await.expect(200);
    assert_eq!((starts(&moved).len(), moved.at("/series/left")), (3, json!([])));
    assert_agree(&cast, &[&theo.id], &[maya]).await;
}

// I8: each goes where the next one was, or the one before, also where that takes more than one transaction
#[tokio::test]
async fn twenty_eight_evenings_move_by_a_week_in_both_directions() {
    let cast = Cast::start("weeks", json!({})).await;
    let (theo, maya) = (&cast.theo, &cast.maya);
    let booked = tries(theo, maya, EVENING, json!({"count": 28}), json!({"end": "2026-11-10T02:30:00Z"})).await;
    let (all, first) = (ids(&booked.expect(201)), "2026-11-02T23:30:00Z");
    for (to, second) in [(first, EVENING), (EVENING, "2026-11-16T23:30:00Z"), (first, EVENING)] {
        let moved = moves(&cast, &all[0], to, json!({})).await.expect(200);
        assert_eq!((moved.text("/start"), members(&moved.at("/series/sessions"), "id")), (to.to_owned(), all.clone()));
        let now = scheduled(&cast, maya).await;
        assert_eq!((now.len(), now[0].as_str(), now[1].as_str()), (28, to, second));
    }
    assert_agree(&cast, &[&theo.id], &[maya]).await;
}

// I8, INV-10
#[tokio::test]
async fn what_follows_moves_wholly_or_not_at_all() {
    let cast = Cast::start("whole", json!({})).await;
    let (theo, maya) = (&cast.theo, &cast.maya);
    let ola = theo.adds_client("Ola").await;
    let all = ids(&books(theo, maya, MONDAY, json!({"count": 5})).await);
    let before = scheduled(&cast, maya).await;
    books(theo, &ola, "2026-11-10T15:30:00Z", json!({"count": 2})).await;
    let told = moves(&cast, &all[1], "2026-11-03T15:00:00Z", json!({})).await.expect_problem(409, "slot_taken");
    assert_eq!(members(&told.at("/conflicts"), "date"), ["2026-11-10", "2026-11-17"]);
    assert!(told.text("/detail").contains("Nothing is moved."), "{}", told.text("/detail"));
    assert_eq!(scheduled(&cast, maya).await, before);
    let hours = json!({"time_zone": "America/New_York", "weekly": [{"day": "mon", "from": "08:00", "to": "12:00"}]});
    theo.put(&format!("/v1/staff/{}/availability", theo.id), hours).await.expect(200);
    moves(&cast, &all[1], "2026-11-04T15:00:00Z", json!({})).await.expect_problem(409, "outside_hours");
    moves(&cast, &all[1], "2026-11-04T15:00:00Z", json!({"override": true})).await.expect(200);
    moves(&cast, &all[1], "2099-12-20T15:00:00Z", json!({})).await.expect_problem(422, "invalid_field");
    let stale = theo.request(http::Method::POST, &format!("/v1/appointments/{}/reschedule", all[1]));
    let body = json!({"start": "2026-11-05T15:00:00Z", "scope": "following"});
    stale.header("if-match", "\"v9\"").json(&body).send().await.expect_problem(412, "stale");
    assert_agree(&cast, &[&theo.id], &[maya, &ola]).await;
}

// I8
#[tokio::test]
async fn following_is_for_staff_and_for_what_is_a_series() {
    let cast = Cast::start("scope", json!({"reschedule": "instant"})).await;
    let single = cast.theo.books(&cast.maya, &cast.theo, (cast.at(3, 0), cast.at(3, 50))).await;
    let series = ids(&books(&cast.theo, &cast.maya, EVENING, json!({"count": 2})).await)[0].clone();
    cancels(&cast, &single, "following").await.expect_problem(409, "not_in_series");
    moves(&cast, &single, EVENING, json!({})).await.expect_problem(409, "not_in_series");
    cancels(&cast, &single, "all").await.expect_problem(422, "invalid_field");
    for (how, body) in [
        ("cancel", json!({"scope": "following"})),
        ("reschedule", json!({"start": "2026-11-10T23:30:00Z", "scope": "following"})),
    ] {
        let told = cast.portal.post(&format!("/v1/appointments/{series}/{how}"), body).await;
        let told = told.expect_problem(422, "invalid_field");
        assert_eq!(
            (told.text("/errors/0/pointer"), told.text("/errors/0/code")),
            ("/scope".into(), "staff_only".into())
        );
    }
    let own = cast.portal.post(&format!("/v1/appointments/{series}/cancel"), json!({"scope": "this"})).await;
    own.expect(200);
    cancels(&cast, &single, "this").await.expect(200);
}

// I8, I4: a wish of the client's is answered by the move
#[tokio::test]
async fn a_wish_of_the_client_ends_with_the_move_of_its_session() {
    let cast = Cast::start("wishes", json!({})).await;
    let (theo, maya) = (&cast.theo, &cast.maya);
    let first = cast.world.in_minutes(5 * 1440);
    let all = ids(&books(theo, maya, &first, json!({"count": 4})).await);
    cast.portal.moves(&all[1], cast.at(12, 300)).await.expect(200);
    let moved = cast.world.in_minutes(5 * 1440 + 60);
    assert!(cast.read(theo, &all[1]).await.at("/asked").is_object());
    moves(&cast, &all[0], &moved, json!({})).await.expect(200);
    assert_eq!(cast.read(theo, &all[1]).await.at("/asked"), Value::Null);
    assert_agree(&cast, &[&theo.id], &[maya]).await;
    cast.portal.moves(&all[2], cast.at(19, 300)).await.expect(200);
    cancels(&cast, &all[0], "following").await.expect(200);
    assert_agree(&cast, &[&theo.id], &[maya]).await;
    assert!(tries(theo, maya, &first, json!({"count": 4}), json!({})).await.status == 201);
}

// decision 27: of what moved on with the client
#[tokio::test]
async fn a_former_therapist_neither_moves_a_series_nor_hears_where_the_rest_of_it_went() {
    let cast = Cast::start("moved-on", json!({})).await;
    let (theo, maya, owner) = (&cast.theo, &cast.maya, &cast.practice.owner);
    let ines = cast.practice.hires("Ines", "Therapist").await;
    let start = cast.world.in_minutes(-120);
    let body = json!({"client_id": maya, "staff_id": theo.id, "start": start, "end": cast.world.in_minutes(-70),
        "repeat": {"count": 4}});
    let first = theo.post("/v1/appointments", body).await.expect(201).text("/id");
    owner.gives(maya, Some(&ines), json!({"ownership": "direct", "sessions": "move"})).await.expect(200);
    let follow = json!({"start": cast.world.in_minutes(600), "override": true, "scope": "following"});
    theo.post(&format!("/v1/appointments/{first}/reschedule"), follow).await.expect_problem(403, "not_yours");
    let gone = theo.post(&format!("/v1/appointments/{first}/cancel"), json!({"scope": "following"})).await.expect(200);
    assert_eq!(gone.at("/series/left"), json!([]));
}
