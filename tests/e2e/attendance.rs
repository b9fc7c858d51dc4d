//! How a session ended, for how long that can be taken back, what it costs, and whom it makes a walk-in (I5, L7, B13).

use end_to_end::{Persona, Practice, World};
use serde_json::{Value, json};

struct Cast {
    world: World,
    practice: Practice,
    walt: Persona,
    /// A client of the practice, the owner's.
    maya: String,
    portal: Persona,
    /// 125 dollars a session.
    service: String,
}

impl Cast {
    async fn start(slug: &str, scheduling: Value) -> Self {
        let world = World::start().await;
        let practice = world.practice(slug).await;
        let walt = practice.hires("Walt", "Therapist").await;
        let (maya, portal) = practice.portal_client("Maya").await;
        practice.owner.gives(&maya, Some(&practice.owner), json!({})).await.expect(200);
        practice.owner.patch("/v1/practice", json!({"scheduling": scheduling})).await.expect(200);
        let price = json!({"price": {"amount": 12_550, "currency": "USD"}});
        let service = practice.owner.makes_service(price).await;
        Self { world, practice, walt, maya, portal, service }
    }

    /// A session of the service so many minutes from now.
    async fn session(&self, with: &Persona, minutes: i64) -> String {
        let body = json!({"client_id": self.maya, "staff_id": with.id, "service_id": self.service,
            "start": self.world.in_minutes(minutes)});
        self.practice.owner.post("/v1/appointments", body).await.expect(201).text("/id")
    }

    /// Hours go by; tokens live for minutes.
    async fn hours(&mut self, hours: i64) {
        self.world.advance(hours * 3_600).await;
        let slug = &self.practice.slug;
        self.walt = self.world.sign_in(&format!("walt@{slug}.example")).await;
        self.practice.owner = self.world.sign_in(&format!("owner@{slug}.example")).await;
    }

    async fn stats(&self) -> Value {
        let mut stats = self.practice.owner.get(&format!("/v1/clients/{}", self.maya)).await.expect(200).at("/stats");
        stats.as_object_mut().expect("an object").remove("tasks_done_percent");
        stats
    }
}

// I5, L7, B13: complete, no-show and cancel alike
#[tokio::test]
async fn how_a_session_ended_can_be_taken_back_for_a_day() {
    let mut cast = Cast::start("undone", json!({"missed_fee_percent": 50})).await;
    let owner = cast.practice.owner.clone();
    let role = json!({"name": "Doctor", "billing_modifier": "HO"});
    let role = owner.post("/v1/roles", role).await.expect(201).text("/id");
    owner.put(&format!("/v1/staff/{}/role", cast.walt.id), json!({"role_id": role})).await.expect(200);
    let id = cast.session(&cast.walt, -120).await;
    owner.settles(&id, "reopen").await.expect_problem(409, "not_settled");
    let started = owner.get(&format!("/v1/appointments/{id}")).await.expect(200).at("/start");
    for (how, status, fee, count) in [
        ("complete", "completed", json!(12_550), "/sessions_completed"),
        ("no-show", "no_show", json!(6_275), "/no_shows"),
        ("cancel", "cancelled", Value::Null, "/appointments_total"),
    ] {
        let settled = owner.settles(&id, how).await.expect(200);
        assert_eq!((settled.text("/status"), settled.at("/fee/amount")), (status.to_owned(), fee));
        assert_eq!(settled.at("/billing_modifier"), if how == "complete" { json!("HO") } else { Value::Null });
        let stats = cast.stats().await;
        assert_eq!(stats.pointer(count), Some(&json!(1)), "{stats}");
        assert_eq!(stats["last_session_at"], if how == "complete" { started.clone() } else { Value::Null });
        let again = owner.settles(&id, "reopen").await.expect(200);
        assert_eq!(
            (again.text("/status"), again.at("/fee"), again.at("/settled_at")),
            ("scheduled".to_owned(), Value::Null, Value::Null)
        );
        assert_eq!(cast.stats().await["sessions_completed"], 0);
    }
    // Its price is that of the day.
    let path = format!("/v1/services/{}", cast.service);
    let dearer = json!({"price": {"amount": 20_000, "currency": "USD"}});
    owner.settles(&id, "complete").await.expect(200);
    let tag = owner.get("/v1/services").await.expect(200).text("/items/0/etag");
    let change = owner.request(http::Method::PATCH, &path).header("if-match", &tag).json(&dearer);
    change.send().await.expect(200);
    assert_eq!(owner.get(&format!("/v1/appointments/{id}")).await.expect(200).at("/fee/amount"), 12_550);
    cast.portal.settles(&id, "reopen").await.expect_problem(403, "wrong_caller");
    cast.world.advance(86_399 - 60).await;
    let owner = cast.world.sign_in("owner@undone.example").await;
    owner.settles(&id, "reopen").await.expect(200);
    owner.settles(&id, "no-show").await.expect(200);
    cast.hours(24).await;
    cast.practice.owner.settles(&id, "reopen").await.expect_problem(409, "settled_for_good");
}

// I5, INV-10
#[tokio::test]
async fn a_cancelled_session_comes_back_only_into_a_time_that_is_free() {
    let cast = Cast::start("back", json!({})).await;
    let (owner, walt) = (&cast.practice.owner, &cast.walt);
    let id = cast.session(walt, 600).await;
    let ola = owner.adds_client("Ola").await;
    owner.settles(&id, "cancel").await.expect(200);
    let other = owner.books(&ola, walt, (620, 650)).await;
    owner.settles(&id, "reopen").await.expect_problem(409, "slot_taken");
    owner.settles(&other, "cancel").await.expect(200);
    let elsewhere = owner.books(&cast.maya, owner, (630, 660)).await;
    owner.settles(&id, "reopen").await.expect_problem(409, "client_busy");
    owner.settles(&elsewhere, "cancel").await.expect(200);
    owner.settles(&id, "reopen").await.expect(200);
    let told = cast.world.newest_mail("maya@mail.example").await;
    assert_eq!(told["subject"], "A session takes place after all");
    assert_eq!(told["attachments"].as_array().map(Vec::len), Some(1));
    owner.tries_to_book(&ola, walt, (620, 650)).await.expect_problem(409, "slot_taken");
    owner.settles(&id, "cancel").await.expect(200);
    cast.practice.sets_status(walt, "on_hold").await;
    owner.settles(&id, "reopen").await.expect_problem(422, "staff_unavailable");
}

// I5, B13
#[tokio::test]
async fn a_late_cancellation_costs_what_the_practice_says() {
    let cast = Cast::start("late", json!({"missed_fee_percent": 33})).await;
    let owner = &cast.practice.owner;
    let (soon, later) = (cast.session(owner, 120).await, cast.session(owner, 3 * 1440).await);
    assert_eq!(
        cast.stats().await["next_session_at"],
        owner.get(&format!("/v1/appointments/{soon}")).await.at("/start")
    );
    for (id, late, fee) in [(&soon, true, json!({"amount": 4_142, "currency": "USD"})), (&later, false, Value::Null)] {
        let told = cast.portal.settles(id, "cancel").await.expect(200);
        assert_eq!((told.at("/late_cancel") == true, told.at("/fee")), (late, Value::Null));
        let read = owner.get(&format!("/v1/appointments/{id}")).await.expect(200);
        assert_eq!(read.at("/fee"), fee);
    }
    assert_eq!(
        cast.stats().await,
        json!({"appointments_total": 2, "appointments_upcoming": 0, "sessions_completed": 0, "no_shows": 0,
            "late_cancellations": 1, "last_session_at": null, "next_session_at": null})
    );
    let percent = json!({"scheduling": {"missed_fee_percent": 101}});
    owner.patch("/v1/practice", percent).await.expect_problem(422, "invalid_field");
}

// decision 27
#[tokio::test]
async fn a_walk_in_sees_the_client_until_thirty_days_after_the_last_session() {
    let mut cast = Cast::start("window", json!({})).await;
    let path = format!("/v1/clients/{}", cast.maya);
    let id = cast.session(&cast.walt, -60).await;
    cast.walt.settles(&id, "complete").await.expect(200);
    cast.walt.get(&path).await.expect(200);
    let missed = cast.session(&cast.walt, 60).await;
    cast.hours(30 * 24).await;
    // What is scheduled still and was never held counts from its own end.
    cast.walt.get(&path).await.expect(200);
    cast.walt.settles(&missed, "no-show").await.expect(200);
    cast.walt.get(&path).await.expect(200);
    cast.hours(23).await;
    cast.walt.get(&path).await.expect_problem(404, "not_found");
    assert_eq!(cast.walt.get("/v1/clients").await.at("/total"), 0);
    assert_eq!(cast.walt.post("/v1/clients/search", json!({"q": "lindq"})).await.at("/total"), 0);
    let of_walt = format!("/v1/staff/{}", cast.walt.id);
    assert_eq!(cast.walt.get(&format!("{of_walt}/caseload")).await.expect(200).at("/total"), 0);
    assert_eq!(cast.walt.get(&format!("{of_walt}/metrics")).await.expect(200).at("/caseload/walk_in"), 0);
    // Nor does saying again how it ended, or booking oneself, bring the client back.
    cast.walt.settles(&missed, "reopen").await.expect_problem(403, "not_yours");
    cast.walt.get(&path).await.expect_problem(404, "not_found");
    cast.walt.tries_to_book(&cast.maya, &cast.walt, (60, 110)).await.expect_problem(404, "not_found");
    // The practice says how long.
    let owner = &cast.practice.owner;
    let days = |days: i64| json!({"team": {"walk_in_days": days}});
    owner.patch("/v1/practice", days(366)).await.expect_problem(422, "invalid_field");
    owner.patch("/v1/practice", days(31)).await.expect(200);
    cast.walt.get(&path).await.expect(200);
    assert_eq!(cast.walt.get("/v1/clients").await.at("/total"), 1);
    assert_eq!(cast.walt.get(&format!("{of_walt}/caseload")).await.expect(200).at("/total"), 1);
    owner.patch("/v1/practice", days(0)).await.expect(200);
    cast.walt.get(&path).await.expect_problem(404, "not_found");
    let (_, again) = (owner.get("/v1/practice").await.expect(200), cast.session(&cast.walt, 60).await);
    cast.walt.get(&path).await.expect(200);
    owner.settles(&again, "cancel").await.expect(200);
    cast.walt.get(&path).await.expect_problem(404, "not_found");
}

// decision 27: what was found by moving, reopening and looking behind
#[tokio::test]
async fn who_merely_holds_a_session_cannot_go_on_with_the_client() {
    let mut cast = Cast::start("holding", json!({})).await;
    let (path, week) = (format!("/v1/clients/{}", cast.maya), 7 * 1440);
    let (stale, other) = (cast.session(&cast.walt, 60).await, cast.session(&cast.walt, 200).await);
    cast.hours(40 * 24).await;
    cast.walt.get(&path).await.expect_problem(404, "not_found");
    for minutes in [-120, week] {
        cast.walt.moves(&stale, minutes).await.expect_problem(403, "not_yours");
    }
    cast.walt.settles(&stale, "complete").await.expect(200);
    cast.walt.settles(&stale, "reopen").await.expect_problem(403, "not_yours");
    cast.walt.get(&path).await.expect_problem(404, "not_found");
    // Whoever sees the client moves it, and the walk-in sees the client as long as that makes it one.
    let owner = cast.practice.owner.clone();
    owner.moves(&other, 5 * week).await.expect(200);
    cast.walt.get(&path).await.expect(200);
    cast.hours(34 * 24).await;
    cast.walt.get(&path).await.expect(200);
    let owner = cast.practice.owner.clone();
    owner.moves(&other, -30).await.expect_problem(409, "in_the_past");
    let told = cast.world.mails("maya@mail.example").await.len();
    let now = owner.get(&format!("/v1/appointments/{other}")).await.expect(200).at("/start");
    owner.post(&format!("/v1/appointments/{other}/reschedule"), json!({"start": now})).await.expect(200);
    assert_eq!(cast.world.mails("maya@mail.example").await.len(), told, "nothing has changed");
    // A walk-in's profile counts its own sessions.
    cast.session(&owner, 2 * week).await;
    let seen = cast.walt.get(&path).await.expect(200).at("/stats");
    assert_eq!((&seen["appointments_upcoming"], &seen["next_session_at"]), (&json!(1), &now));
    assert_eq!(cast.stats().await["appointments_upcoming"], 2);
    owner.settles(&other, "cancel").await.expect(200);
    owner.do_post(&format!("{path}/deactivate")).await.expect(200);
    owner.settles(&other, "reopen").await.expect_problem(409, "client_inactive");
}
