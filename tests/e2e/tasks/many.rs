//! One task for many clients.

use end_to_end::Persona;
use http::Method;
use serde_json::{Value, json};

use super::Cast;

async fn under(who: &Persona, key: &str, body: &Value) -> end_to_end::Answer {
    who.request(Method::POST, "/v1/tasks/assign").header("idempotency-key", key).json(body).send().await
}

fn outcomes(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let results = answer["results"].as_array().cloned().unwrap_or_default();
    results.iter().map(|one| (text(&one["client_id"]), text(&one["outcome"]))).collect()
}

// G1: a result for each, and nobody gets it twice
#[tokio::test]
async fn one_task_is_set_for_many_clients_with_a_result_for_each() {
    let cast = Cast::meet().await;
    let (theo, maya) = (&cast.theo, cast.maya.clone());
    let (ola, noor) = (theo.adds_client("Ola").await, theo.adds_client("Noor").await);
    let una = cast.practice.hires("Una", "Therapist").await;
    let hers = una.adds_client("Ivy").await;
    let body = json!({"client_ids": [maya, hers, ola, noor], "task": {"title": "Breathe", "due": "2026-05-06"}});
    let set = under(theo, "monday", &body).await.expect(200);
    let said = |how: [&str; 4]| -> Vec<(String, String)> {
        [&maya, &hers, &ola, &noor].into_iter().cloned().zip(how.map(str::to_owned)).collect()
    };
    assert_eq!(outcomes(&set.json()), said(["done", "failed", "done", "done"]));
    assert_eq!((set.text("/results/1/code"), set.at("/results/1/task")), ("not_found".into(), Value::Null));
    assert_eq!(
        (set.text("/results/0/task/title"), set.text("/results/0/task/client_id")),
        ("Breathe".into(), maya.clone())
    );
    assert_eq!(cast.portal.get(&cast.tasks()).await.expect(200).text("/items/0/due"), "2026-05-06");

    // The same again, and again for whoever was left out.
    let again = under(theo, "monday", &body).await.expect(200);
    assert_eq!(again.at("/results/0"), set.at("/results/0"));
    for client in [&maya, &ola, &noor] {
        assert_eq!(theo.get(&format!("/v1/clients/{client}/tasks")).await.expect(200).at("/total"), 1);
    }
    una.get(&format!("/v1/clients/{hers}/tasks")).await.expect(200);
    cast.practice.owner.gives(&hers, Some(theo), json!({})).await.expect(200);
    let third = under(theo, "monday", &body).await.expect(200);
    assert_eq!(outcomes(&third.json()), said(["done"; 4]));
    let fourth = under(theo, "monday", &body).await.expect(200);
    assert_eq!((fourth.header("idempotent-replay"), fourth.json()), ("true".to_owned(), third.json()));
    // Also when what was set is over by now.
    cast.world.advance(23 * 3600).await;
    let theo = &cast.world.sign_in("theo@harbor.example").await;
    assert_eq!(under(theo, "monday", &body).await.expect(200).json(), third.json());
    let other = json!({"client_ids": [maya, hers, ola, noor], "task": {"title": "Rest"}});
    under(theo, "monday", &other).await.expect_problem(422, "idempotency_key_reused");
    // Without a key it is another task.
    let other = json!({"client_ids": [maya], "task": {"title": "Rest"}});
    theo.post("/v1/tasks/assign", other).await.expect(200);
    assert_eq!(theo.get(&cast.tasks()).await.expect(200).at("/total"), 2);
}

// G1, REL-1: twice at once under one key
#[tokio::test]
async fn twins_set_it_once() {
    let cast = Cast::meet().await;
    let ola = cast.theo.adds_client("Ola").await;
    let body = json!({"client_ids": [cast.maya, ola], "task": {"title": "Breathe"}});
    let (one, two) = tokio::join!(under(&cast.theo, "once", &body), under(&cast.theo, "once", &body));
    let ids = |answer: &end_to_end::Answer| [answer.text("/results/0/task/id"), answer.text("/results/1/task/id")];
    assert_eq!(ids(&one.expect(200)), ids(&two.expect(200)));
    for client in [&cast.maya, &ola] {
        assert_eq!(cast.theo.get(&format!("/v1/clients/{client}/tasks")).await.expect(200).at("/total"), 1);
    }
}

// G1, AZ-4, decision 24
#[tokio::test]
async fn what_stands_in_the_way_of_all_is_the_answer() {
    let cast = Cast::meet().await;
    let (theo, maya) = (&cast.theo, &cast.maya);
    let ask =
        async |ids: Value, task: Value| theo.post("/v1/tasks/assign", json!({"client_ids": ids, "task": task})).await;
    let fine = json!({"title": "Breathe"});
    for ids in [json!([]), json!([maya, maya])] {
        let refused = ask(ids, fine.clone()).await.expect_problem(422, "invalid_field");
        assert_eq!(refused.text("/errors/0/pointer"), "/client_ids");
    }
    for (task, pointer, code) in [
        (json!({}), "/task/title", "required"),
        (json!({"title": ""}), "/task/title", "required"),
        (json!({"title": "Late", "due": "2026-05-05"}), "/task/due", "due_in_past"),
        (json!({"title": "When", "repeat": {"every": "day"}}), "/task/repeat", "repeat_needs_due"),
    ] {
        let refused = ask(json!([maya]), task).await.expect_problem(422, "invalid_field");
        assert_eq!((refused.text("/errors/0/pointer"), refused.text("/errors/0/code")), (pointer.into(), code.into()));
    }
    // An admin keeps the record and is not its therapist.
    let by_admin = json!({"client_ids": [maya], "task": fine});
    let told = cast.practice.owner.post("/v1/tasks/assign", by_admin).await.expect(200);
    assert_eq!((told.text("/results/0/outcome"), told.text("/results/0/code")), ("failed".into(), "not_yours".into()));
    cast.practice.sets_features(json!({"tasks": "off"})).await;
    ask(json!([maya]), fine).await.expect_problem(403, "role");
    cast.portal
        .post("/v1/tasks/assign", json!({"client_ids": [maya], "task": {"title": "x"}}))
        .await
        .expect_problem(403, "wrong_caller");
}
