//! Empty fields of a profile, filled from what a client has submitted.

use serde_json::{Value, json};

use super::Cast;

fn fields(proposals: &Value) -> Vec<&str> {
    proposals.as_array().into_iter().flatten().filter_map(|one| one["field"].as_str()).collect()
}

// S4, B5, B6
#[tokio::test]
async fn empty_fields_of_the_profile_are_filled_after_a_look() {
    let cast = Cast::meet().await;
    let path = cast.send(json!({})).await;
    let fill = format!("{path}/fill");
    cast.theo.post(&fill, json!({"preview": true})).await.expect_problem(409, "not_submitted");
    let answers = json!({"reason": "Sleep", "before": true, "nickname": "May", "phone": "+1 415 555 0101",
        "born": "1990-02-28", "work": "Yes"});
    cast.complete(&path, answers).await;
    let client = format!("/v1/clients/{}", cast.maya);
    cast.theo.patch(&client, json!({"preferred_name": "Maja"})).await.expect(200);

    let before = cast.theo.get(&client).await.expect(200);
    let look = cast.theo.post(&fill, json!({"preview": true})).await.expect(200);
    assert_eq!(fields(&look.at("/proposals")), ["phone", "date_of_birth", "employment_status"]);
    assert_eq!(
        (look.text("/proposals/0/value"), look.at("/proposals/0/problem")),
        ("+1 415 555 0101".into(), Value::Null)
    );
    assert_eq!(cast.theo.get(&client).await.expect(200).json(), before.json());

    let filled = cast.theo.post(&fill, json!({"fields": ["date_of_birth", "phone"]})).await.expect(200);
    assert_eq!(
        (filled.at("/filled"), fields(&filled.at("/proposals"))),
        (json!(["phone", "date_of_birth"]), vec!["employment_status"])
    );
    let after = cast.theo.get(&client).await.expect(200);
    assert_eq!((after.text("/date_of_birth"), after.text("/preferred_name")), ("1990-02-28".into(), "Maja".into()));
    assert_eq!(
        (after.at("/phone").to_string().contains("+14155550101"), after.at("/employment_status")),
        (true, Value::Null)
    );
    assert_ne!(after.text("/etag"), before.text("/etag"));

    // What is not empty stays, and nothing else is filled with it.
    let taken = cast.theo.post(&fill, json!({"fields": ["employment_status", "preferred_name"]})).await;
    assert_eq!(taken.expect_problem(409, "field_not_empty").text("/field"), "preferred_name");
    assert_eq!(cast.theo.get(&client).await.expect(200).at("/employment_status"), Value::Null);
    let none = cast.theo.post(&fill, json!({"fields": ["city"]})).await;
    assert_eq!(none.expect_problem(409, "nothing_to_fill").text("/field"), "city");
}

// S4, b.3
#[tokio::test]
async fn what_a_profile_would_refuse_fills_nothing() {
    let cast = Cast::meet().await;
    let path = cast.send(json!({})).await;
    let answers = json!({"reason": "Sleep", "before": true, "phone": "call my sister", "born": "2030-01-01"});
    cast.complete(&path, answers).await;
    let fill = format!("{path}/fill");
    let look = cast.theo.post(&fill, json!({"preview": true})).await.expect(200);
    let problems = (look.text("/proposals/0/problem/code"), look.text("/proposals/1/problem/code"));
    assert_eq!(problems, ("phone_invalid".into(), "date_in_future".into()));
    for field in ["phone", "date_of_birth"] {
        cast.theo.post(&fill, json!({"fields": [field]})).await.expect_problem(409, "nothing_to_fill");
    }
    for body in [json!({}), json!({"preview": true, "fields": ["phone"]})] {
        let refused = cast.theo.post(&fill, body).await.expect_problem(422, "invalid_field");
        assert_eq!(refused.text("/errors/0/code"), "contradiction");
    }
}

// S4, B14: whom the profile is now is who is found
#[tokio::test]
async fn a_filled_profile_is_found_as_the_same_person() {
    let cast = Cast::meet().await;
    let path = cast.send(json!({})).await;
    cast.complete(&path, json!({"reason": "Sleep", "before": true, "born": "1990-02-28"})).await;
    cast.theo.post(&format!("{path}/fill"), json!({"fields": ["date_of_birth"]})).await.expect(200);
    let twin = json!({"first_name": "Maya", "last_name": "Lindqvist", "date_of_birth": "1990-02-28"});
    let told = cast.theo.post("/v1/clients", twin).await.expect_problem(409, "possible_duplicate");
    assert_eq!(told.text("/candidates/0/id"), cast.maya);
}
