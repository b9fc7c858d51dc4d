//! What is refused, with the field and what to do.

use end_to_end::Answer;
use serde_json::{Value, json};

use super::{Cast, hours_of, slots};

/// The first field at fault and its code.
fn fault(answer: Answer) -> (String, String) {
    let answer = answer.expect_problem(422, "invalid_field");
    (answer.text("/errors/0/pointer"), answer.text("/errors/0/code"))
}

// I2
#[tokio::test]
async fn a_service_that_cannot_be_is_refused_by_its_field() {
    let cast = Cast::meet().await;
    let owner = &cast.practice.owner;
    let price = |amount: i64, currency: &str| json!({"price": {"amount": amount, "currency": currency}});
    for (more, pointer, code) in [
        (json!({"minutes": 4}), "/minutes", "out_of_range"),
        (json!({"minutes": 1441}), "/minutes", "out_of_range"),
        (json!({"buffer_before": 241}), "/buffer_before", "out_of_range"),
        (json!({"buffer_after": 241}), "/buffer_after", "out_of_range"),
        (price(-1, "USD"), "/price/amount", "out_of_range"),
        (price(100, "EUR"), "/price/currency", "currency_mismatch"),
        (json!({"link": "https://meet.example"}), "/link", "link_without_video"),
        (json!({"place": "video", "link": "http://meet.example"}), "/link", "link_invalid"),
        (json!({"name": "  "}), "/name", "required"),
    ] {
        let mut body = json!({"name": "Session", "minutes": 50, "bookable_online": true});
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        let told = fault(owner.post("/v1/services", body).await);
        assert_eq!(told, (pointer.to_owned(), code.to_owned()), "{more}");
    }
}

// I2
#[tokio::test]
async fn a_practice_has_a_hundred_services_at_most() {
    let cast = Cast::meet().await;
    let owner = &cast.practice.owner;
    for _ in 0..100 {
        owner.makes_service(json!({})).await;
    }
    let one_more = json!({"name": "Session", "minutes": 50, "bookable_online": true});
    owner.post("/v1/services", one_more).await.expect_problem(409, "too_many_services");
}

// I2
#[tokio::test]
async fn hours_that_cannot_be_are_refused_by_their_place() {
    let cast = Cast::meet().await;
    let theo = &cast.theo;
    let day = |day: &str, from: &str, to: &str| json!({"day": day, "from": from, "to": to});
    let weekly = |all: Vec<Value>| json!({"time_zone": "UTC", "weekly": all});
    let except = |one: Value| json!({"time_zone": "UTC", "weekly": [], "exceptions": [one]});
    for (body, pointer, code) in [
        (weekly(vec![day("mon", "09:00", "09:00")]), "/weekly/0/to", "hours_empty"),
        (weekly(vec![day("mon", "22:00", "02:00"), day("tue", "01:00", "03:00")]), "/weekly/1", "hours_overlap"),
        (weekly(vec![day("mon", "01:00", "03:00"), day("sun", "22:00", "02:00")]), "/weekly/1", "hours_overlap"),
        (weekly(vec![day("mon", "9:00", "12:00")]), "/weekly/0/from", "time_invalid"),
        (json!({"time_zone": "Mars/Base", "weekly": []}), "/time_zone", "time_zone_invalid"),
        (json!({"time_zone": "UTC", "weekly": [], "daily_max": 0}), "/daily_max", "out_of_range"),
        (except(json!({"date": "2026-12-24"})), "/exceptions/0", "exception_unclear"),
        (except(json!({"date": "2026-12-24", "from": "09:00"})), "/exceptions/0", "exception_unclear"),
        (
            except(json!({"date": "2026-12-24", "closed": true, "from": "09:00", "to": "10:00"})),
            "/exceptions/0",
            "exception_unclear",
        ),
        (
            except(json!({"date": "2026-12-24", "until": "2026-12-25", "from": "09:00", "to": "10:00"})),
            "/exceptions/0/until",
            "exception_unclear",
        ),
        (
            except(json!({"date": "2026-12-24", "until": "2026-12-23", "closed": true})),
            "/exceptions/0/until",
            "out_of_range",
        ),
        (except(json!({"date": "2100-01-01", "closed": true})), "/exceptions/0/date", "out_of_range"),
        (except(json!({"date": "2026-12-24", "from": "09:00", "to": "09:00"})), "/exceptions/0/to", "hours_empty"),
    ] {
        let told = fault(theo.put(&hours_of(theo), body.clone()).await);
        assert_eq!(told, (pointer.to_owned(), code.to_owned()), "{body}");
    }
}

// I2
#[tokio::test]
async fn free_times_are_asked_for_with_what_they_need() {
    let cast = Cast::meet().await;
    let service = cast.practice.owner.makes_service(json!({})).await;
    let (theo, portal) = (&cast.theo, &cast.portal);
    let both = format!("service_id={service}&minutes=50");
    for query in [
        "",
        both.as_str(),
        "minutes=4",
        "minutes=1441",
        "minutes=50&from=2026-05-08&to=2026-05-07",
        "minutes=50&from=2026-05-01&to=2026-07-02",
        "minutes=50&to=2027-05-01",
        "minutes=50&from=1999-12-31",
        "minutes=50&from=2026-02-30",
        "minutes=50&colour=red",
    ] {
        let told = theo.get(&slots(theo, query)).await;
        assert_eq!(told.status, 400, "{query}: {}", told.json());
    }
    theo.get(&slots(theo, "minutes=50&from=2026-05-01&to=2026-07-01")).await.expect(200);
    theo.get(&slots(theo, "minutes=50&from=2099-12-30&to=2099-12-31")).await.expect(200);
    portal.get(&slots(theo, "minutes=50")).await.expect_problem(400, "invalid_parameter");
    theo.get(&slots(theo, "service_id=svc_00000000000000000000000000")).await.expect_problem(404, "not_found");
}
