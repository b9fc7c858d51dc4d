//! Sessions: with whom, at what time, and who can act on them whatever becomes of their client (d-8, I6, decisions 27, 28).

use end_to_end::{Answer, Persona, World};
use serde_json::{Value, json};

fn ids(answer: &Answer, member: &str) -> Vec<String> {
    let items = answer.at("/items");
    items.as_array().into_iter().flatten().map(|item| item[member].as_str().unwrap_or_default().to_owned()).collect()
}

fn item(answer: &Answer, member: &str, id: &str) -> Value {
    let items = answer.at("/items");
    let found = items.as_array().into_iter().flatten().find(|item| item[member] == id).cloned();
    found.unwrap_or_else(|| panic!("{id} is not among {items}"))
}

async fn is_absent(who: &Persona, client: &str) {
    who.get(&format!("/v1/clients/{client}")).await.expect_problem(404, "not_found");
    for list in [who.get("/v1/clients").await, who.post("/v1/clients/search", json!({"q": "lindq"})).await] {
        assert!(!ids(&list.expect(200), "id").contains(&client.to_owned()));
    }
    who.get(&format!("/v1/appointments?client_id={client}")).await.expect_problem(404, "not_found");
}

// decision 27: a former therapist is none by its own sessions, whoever has the client now
#[tokio::test]
async fn a_former_therapist_loses_the_client_and_can_still_act_on_its_sessions() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let nobody = json!({});
    let ways = [(Some(&vera), nobody.clone()), (None, nobody), (Some(&vera), json!({"ownership": "practice"}))];
    for (n, (to, more)) in (0..).zip(ways) {
        let day = n * 24 * 60;
        let maya = theo.adds_client_with("Maya", json!({"force": true})).await.text("/id");
        let past = theo.books(&maya, &theo, (-100 - day, -50 - day)).await;
        theo.settles(&past, "complete").await.expect(200);
        let next = theo.books(&maya, &theo, (60 + day, 110 + day)).await;
        let later = theo.books(&maya, &theo, (120 + day, 170 + day)).await;
        owner.gives(&maya, to, more).await.expect(200);
        is_absent(&theo, &maya).await;
        // What fills its time it sees, and with whom; of what is over, that it was.
        let mine = theo.get("/v1/appointments").await.expect(200);
        for open in [&next, &later] {
            assert_eq!(item(&mine, "id", open)["client"]["first_name"], "Maya");
        }
        assert_eq!(item(&mine, "id", &past)["client"], Value::Null);
        let read = theo.get(&format!("/v1/appointments/{past}")).await.expect(200);
        assert_eq!(read.at("/client"), Value::Null);
        assert_eq!(theo.get(&format!("/v1/appointments/{next}")).await.expect(200).text("/client/id"), maya);
        let history = theo.get(&format!("/v1/staff/{}/sessions", theo.id)).await.expect(200);
        assert_eq!(item(&history, "appointment_id", &past)["client"], Value::Null);
        // Booking anew is for who has the client.
        theo.tries_to_book(&maya, &theo, (300, 350)).await.expect_problem(404, "not_found");
        theo.settles(&next, "cancel").await.expect(200);
        owner.settles(&later, "cancel").await.expect(200);
        let free = theo.adds_client_with("Ola", json!({"force": true})).await.text("/id");
        let other = theo.books(&free, &theo, (65 + day, 105 + day)).await;
        theo.settles(&other, "cancel").await.expect(200);
    }
}

// decision 27
#[tokio::test]
async fn a_walk_in_is_made_by_what_is_to_come_or_was_held_and_by_no_missed_session() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let walt = practice.hires("Walt", "Therapist").await;
    for (n, (how, sees)) in (1..).zip([("complete", true), ("no-show", false), ("cancel", false)]) {
        let maya = owner.adds_client_with("Maya", json!({"force": true})).await.text("/id");
        let session = owner.books(&maya, &walt, (n * -60, n * -60 + 50)).await;
        walt.get(&format!("/v1/clients/{maya}")).await.expect(200);
        owner.settles(&session, how).await.expect(200);
        let read = walt.get(&format!("/v1/clients/{maya}")).await;
        assert_eq!(read.status.as_u16(), if sees { 200 } else { 404 }, "{how}");
    }
}

// I6
#[tokio::test]
async fn a_client_is_in_one_place_at_a_time_and_an_inactive_one_in_none() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let maya = owner.adds_client("Maya").await;
    let first = owner.books(&maya, &theo, (60, 110)).await;
    for overlapping in [(60, 110), (100, 150), (50, 65), (70, 80), (0, 300)] {
        owner.tries_to_book(&maya, &vera, overlapping).await.expect_problem(409, "client_busy");
    }
    // The therapist's own time comes first, and an end is no overlap.
    owner.tries_to_book(&maya, &theo, (60, 110)).await.expect_problem(409, "slot_taken");
    owner.books(&maya, &vera, (115, 160)).await;
    owner.settles(&first, "cancel").await.expect(200);
    owner.books(&maya, &vera, (60, 105)).await;
    owner.do_post(&format!("/v1/clients/{maya}/deactivate")).await.expect(200);
    owner.tries_to_book(&maya, &theo, (500, 550)).await.expect_problem(409, "client_inactive");
    owner.do_post(&format!("/v1/clients/{maya}/reactivate")).await.expect(200);
    owner.books(&maya, &theo, (500, 550)).await;
}

// I6, REL-8: whoever is faster
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_bookings_of_one_client_at_one_time_one_holds() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let maya = owner.adds_client("Maya").await;
    let mut staff = vec![owner.clone()];
    for number in 0..3 {
        staff.push(practice.hires(&format!("Theo{number}"), "Therapist").await);
    }
    let tries = (0..12).map(|n| {
        let (maya, with) = (&maya, &staff[n % 4]);
        end_to_end::patiently(move || owner.tries_to_book(maya, with, (60 + n as i64, 110 + n as i64)))
    });
    let answers = futures_util::future::join_all(tries).await;
    let booked = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(booked, 1);
    assert!(answers.iter().all(|a| a.status == 201 || matches!(a.code().as_str(), "client_busy" | "slot_taken")));
}

// decision 28, B11
#[tokio::test]
async fn the_therapist_of_a_practice_client_books_a_first_walk_in_with_a_colleague() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await);
    let walt = practice.hires("Walt", "Therapist").await;
    let maya = owner.adds_client("Maya").await;
    owner.gives(&maya, Some(&theo), json!({})).await.expect(200);
    vera.tries_to_book(&maya, &vera, (60, 110)).await.expect_problem(404, "not_found");
    theo.books(&maya, &vera, (60, 110)).await;
    vera.books(&maya, &vera, (120, 170)).await;
    // A walk-in books for itself, and is told for whom the rest is.
    let refused = vera.tries_to_book(&maya, &walt, (200, 250)).await.expect_problem(403, "not_yours");
    assert!(refused.text("/detail").contains("sessions of your own"), "{}", refused.json());
    // Nobody is told that something is for the therapist who is that therapist.
    let direct = theo.adds_client("Ola").await;
    theo.tries_to_book(&direct, &vera, (200, 250)).await.expect_problem(422, "direct_client");
    practice.sets_status(&walt, "on_hold").await;
    theo.tries_to_book(&maya, &walt, (200, 250)).await.expect_problem(422, "staff_unavailable");
}

// I1, E7
#[tokio::test]
async fn why_a_session_was_called_off_is_kept_and_shown_to_both_sides() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (id, maya) = practice.portal_client("Maya").await;
    let by_staff = owner.books(&id, owner, (60, 110)).await;
    let by_client = owner.books(&id, owner, (120, 170)).await;
    let without = owner.books(&id, owner, (200, 250)).await;
    for (who, session, body, kept) in [
        (
            owner,
            &by_staff,
            json!({"reason": " The practice is closed that day. "}),
            json!("The practice is closed that day."),
        ),
        (&maya, &by_client, json!({"reason": "A fever."}), json!("A fever.")),
        (owner, &without, json!({}), Value::Null),
    ] {
        let path = format!("/v1/appointments/{session}");
        let cancelled = who.post(&format!("{path}/cancel"), body).await.expect(200);
        assert_eq!(cancelled.at("/cancel_reason"), kept);
        for reader in [owner, &maya] {
            assert_eq!(reader.get(&path).await.expect(200).at("/cancel_reason"), kept);
        }
    }
    let next = owner.books(&id, owner, (300, 350)).await;
    for (body, code) in [(json!({"reason": "x".repeat(501)}), "too_long"), (json!({"why": "x"}), "unknown_field")] {
        let refused = owner.post(&format!("/v1/appointments/{next}/cancel"), body).await.expect(422);
        assert_eq!(refused.text("/errors/0/code"), code);
    }
}
