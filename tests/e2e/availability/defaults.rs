//! With what booking from a profile begins.

use serde_json::{Value, json};

use super::Cast;

// B9, I6
#[tokio::test]
async fn booking_from_a_profile_begins_with_therapist_length_and_the_next_free_times() {
    let cast = Cast::meet().await;
    let theo = &cast.theo;
    let path = format!("/v1/clients/{}/booking-defaults", cast.maya);
    let first = theo.get(&path).await.expect(200);
    assert_eq!((first.text("/staff_id"), first.at("/service_id")), (theo.id.clone(), Value::Null));
    assert_eq!(first.at("/minutes"), 50);
    let starts: Vec<String> = (0..5).map(|n| first.text(&format!("/next_slots/{n}/start"))).collect();
    assert_eq!(starts[0], "2026-05-07T07:00:00Z");
    assert_eq!(starts[4], "2026-05-07T08:00:00Z");
    assert_eq!(first.at("/next_slots/5"), Value::Null);
    let service = json!({"name": "Intake", "minutes": 90, "bookable_online": true});
    let service = cast.practice.owner.post("/v1/services", service).await.expect(201).text("/id");
    let evening =
        json!({"client_id": cast.maya, "service_id": service, "start": "2026-05-06T20:00:00Z", "override": true});
    let booked = theo.post("/v1/appointments", evening).await.expect(201);
    assert_eq!((booked.text("/service_id"), booked.text("/end")), (service.clone(), "2026-05-06T21:30:00Z".into()));
    let after = theo.get(&path).await.expect(200);
    assert_eq!(after.text("/service_id"), service);
    assert_eq!((after.at("/minutes"), after.text("/next_slots/0/end")), (json!(90), "2026-05-07T08:30:00Z".into()));

    // Nobody's client, and somebody who does not see her.
    let ola = cast.practice.owner.adds_client("Ola").await;
    let none = cast.practice.owner.get(&format!("/v1/clients/{ola}/booking-defaults")).await.expect(200);
    assert_eq!((none.at("/staff_id"), none.at("/next_slots")), (Value::Null, json!([])));
    let una = cast.practice.hires("Una", "Therapist").await;
    una.get(&path).await.expect_problem(404, "not_found");
    cast.portal.get(&path).await.expect_problem(403, "wrong_caller");
}
