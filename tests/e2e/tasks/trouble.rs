//! Bad input, and what meets at one task.

use aws_sdk_dynamodb::types::AttributeValue;
use caseload_local::cloud::TABLE;
use end_to_end::{Persona, patiently};
use http::Method;
use serde_json::{Value, json};

use super::Cast;

// G1: each is told where and why
#[tokio::test]
async fn what_cannot_be_is_refused_at_its_field() {
    let cast = Cast::meet().await;
    let long = "x".repeat(100_000);
    let repeat = |rule: Value| json!({"title": "Walk", "due": "2026-06-01", "repeat": rule});
    for (body, pointer, code) in [
        (json!({}), "/title", "required"),
        (json!({"title": ""}), "/title", "required"),
        (json!({"title": long}), "/title", "too_long"),
        (json!({"title": "a\nb"}), "/title", "control_character"),
        (json!({"title": "a\u{0}b"}), "/title", "control_character"),
        (json!({"title": "a\u{202e}b"}), "/title", "control_character"),
        (json!({"title": "Walk", "body": long}), "/body", "too_long"),
        (json!({"title": "Walk", "body": "a\u{0}b"}), "/body", "control_character"),
        (json!({"title": "Walk", "body": "a\u{2066}b"}), "/body", "control_character"),
        (json!({"title": "Walk", "due": "soon"}), "/due", "due_invalid"),
        (json!({"title": "Walk", "due": "2026-02-30"}), "/due", "due_invalid"),
        (json!({"title": "Walk", "due": "1999-12-31"}), "/due", "due_too_early"),
        (json!({"title": "Walk", "due": "2101-01-01"}), "/due", "due_too_late"),
        (json!({"title": "Walk", "due": "2026-05-05"}), "/due", "due_in_past"),
        (json!({"title": "Walk", "due": "2026-05-06T09:59:59Z"}), "/due", "due_in_past"),
        (json!({"title": "Walk", "repeat": {"every": "day"}}), "/repeat", "repeat_needs_due"),
        (repeat(json!({"every": "day", "interval": 53})), "/repeat/interval", "out_of_range"),
        (repeat(json!({"every": "day", "count": 367})), "/repeat/count", "out_of_range"),
        (repeat(json!({"every": "week", "until": "2026-07-01", "count": 2})), "/repeat", "contradiction"),
        (repeat(json!({"every": "day", "on": ["mon"]})), "/repeat", "contradiction"),
        (repeat(json!({"every": "week", "until": "2026-05-31"})), "/repeat/until", "out_of_range"),
        (json!({"title": "Walk", "file_ids": ["fil_1"]}), "/file_ids/0", "id_invalid"),
        (json!({"title": "Walk", "kind": "chore"}), "/kind", "invalid"),
    ] {
        let refused = cast.theo.post(&cast.tasks(), body).await.expect_problem(422, "invalid_field");
        let told = (refused.text("/errors/0/pointer"), refused.text("/errors/0/code"));
        assert_eq!(told, (pointer.to_owned(), code.to_owned()), "{}", refused.json());
    }
    assert_eq!(cast.theo.get(&cast.tasks()).await.expect(200).at("/total"), 0);
    // Markup is text, and today is not over; as far ahead as 2100 is fine.
    let markup = "<script>alert('x')</script>";
    for due in ["2026-05-06", "2026-05-06T10:00:01Z", "2100-12-31"] {
        let kept =
            cast.theo.post(&cast.tasks(), json!({"title": markup, "body": markup, "due": due})).await.expect(201);
        assert_eq!(
            (kept.text("/title"), kept.text("/body"), kept.text("/due")),
            (markup.into(), markup.into(), due.into())
        );
        assert_eq!(kept.header("content-type"), "application/json");
    }
}

// G1, API-3
#[tokio::test]
async fn two_who_edit_at_once_do_not_overwrite_each_other() {
    let cast = Cast::meet().await;
    let path = format!("/v1/tasks/{}", cast.theo.sets_task(&cast.maya, json!({"due": "2026-05-08"})).await);
    let tag = cast.theo.get(&path).await.header("etag");
    let send =
        async |body: Value| cast.theo.request(Method::PATCH, &path).header("if-match", &tag).json(&body).send().await;
    let (one, two) = tokio::join!(send(json!({"title": "One"})), send(json!({"body": "Two"})));
    let mut told = [one.status.as_u16(), two.status.as_u16()];
    told.sort_unstable();
    assert_eq!(told, [200, 412]);
    // What happens to another task is no reason.
    let tag = cast.theo.get(&path).await.header("etag");
    cast.portal.sets_task(&cast.maya, json!({})).await;
    let moved = cast.theo.request(Method::PATCH, &path).header("if-match", &tag).json(&json!({"due": "2026-05-09"}));
    moved.send().await.expect(200);
    // A date that has gone by meanwhile stays, and is no new one.
    cast.world.advance(10 * 24 * 3600).await;
    let theo = cast.world.sign_in("theo@harbor.example").await;
    theo.patch(&path, json!({"title": "Still", "due": "2026-05-09"})).await.expect(200);
    let refused = theo.patch(&path, json!({"due": "2026-05-10"})).await.expect_problem(422, "invalid_field");
    assert_eq!(refused.text("/errors/0/code"), "due_in_past");
    theo.patch(&path, json!({"title": null})).await.expect_problem(422, "invalid_field");
}

// G3
#[tokio::test]
async fn many_who_change_tasks_at_once_are_all_counted() {
    let cast = Cast::meet().await;
    let (theo, portal) = (&cast.theo, &cast.portal);
    let set = async |who: &Persona| patiently(|| who.tries_to_set_task(&cast.maya, json!({}))).await;
    let all = tokio::join!(set(theo), set(portal), set(theo), set(portal), set(theo));
    let ids = [all.0, all.1, all.2, all.3, all.4].map(|answer| answer.expect(201).text("/id"));
    let done = async |who: &Persona, id: &str| patiently(|| who.takes_task_to(id, "done")).await;
    let all = tokio::join!(done(theo, &ids[0]), done(portal, &ids[1]), done(portal, &ids[2]));
    for answer in [all.0, all.1, all.2] {
        answer.expect(200);
    }
    for (query, count) in [("", 5), ("?state=done", 3), ("?by=client", 2), ("?by=staff&state=open", 1)] {
        assert_eq!(theo.get(&format!("{}{query}", cast.tasks())).await.expect(200).at("/total"), count, "{query}");
    }
}

// G1, REL-1
#[tokio::test]
async fn the_same_request_twice_makes_one_task() {
    let cast = Cast::meet().await;
    let body = json!({"title": "Breathe"});
    let path = cast.tasks();
    let send = async || {
        let request = cast.portal.request(Method::POST, &path).header("idempotency-key", "one");
        request.json(&body).send().await
    };
    let (first, again) = (send().await.expect(201), send().await.expect(201));
    assert_eq!((again.json(), again.header("idempotent-replay")), (first.json(), "true".to_owned()));
    assert_eq!(cast.portal.get(&path).await.expect(200).at("/total"), 1);
}

// G2, E3: what the practice has switched off is refused, and kept
#[tokio::test]
async fn a_feature_that_is_off_hides_tasks_and_keeps_them() {
    let cast = Cast::meet().await;
    let (portal, owner) = (&cast.portal, &cast.practice.owner);
    let own = portal.sets_task(&cast.maya, json!({})).await;
    let profile = format!("/v1/clients/{}", cast.maya);
    let switch = async |on: bool| {
        let tasks = json!({"portal": {"features": {"tasks": {"enabled": on}}}});
        owner.patch("/v1/practice", tasks).await.expect(200);
    };
    switch(false).await;
    portal.get(&cast.tasks()).await.expect_problem(403, "feature_off");
    portal.get(&format!("/v1/tasks/{own}")).await.expect_problem(403, "feature_off");
    portal.tries_to_set_task(&cast.maya, json!({})).await.expect_problem(403, "feature_off");
    portal.takes_task_to(&own, "done").await.expect_problem(403, "feature_off");
    assert!(portal.get(&profile).await.expect(200).json().get("progress").is_none());
    // Staff goes on.
    assert_eq!(cast.titles(&cast.theo, "").await, ["Breathe"]);
    switch(true).await;
    assert_eq!(cast.titles(portal, "").await, ["Breathe"]);
    assert_eq!(portal.get(&profile).await.expect(200).at("/progress/tasks_open"), 1);
}

// G3: there is an end to what anybody could do
#[tokio::test]
async fn there_are_500_open_tasks_and_5000_in_all_at_most() {
    let cast = Cast::meet().await;
    let task = cast.theo.sets_task(&cast.maya, json!({})).await;
    cast.portal.takes_task_to(&task, "done").await.expect(200);
    let counted = async |counts: &[(&str, u32)]| {
        let counts = counts.iter().map(|(slot, count)| ((*slot).to_owned(), AttributeValue::N(count.to_string())));
        let key = |text: String| AttributeValue::S(text);
        let practice = cast.practice.id.trim_start_matches("prac_");
        let pk = key(format!("P#{practice}#C#{}", cast.maya.trim_start_matches("cli_")));
        let update =
            cast.world.cloud.table().update_item().table_name(TABLE).key("pk", pk).key("sk", key("TASKS".into()));
        let update = update.update_expression("SET #c = :c").expression_attribute_names("#c", "counts");
        update.expression_attribute_values(":c", AttributeValue::M(counts.collect())).send().await.expect("an update");
    };
    counted(&[("so", 300), ("ci2026-05-08", 200), ("sd", 1)]).await;
    cast.theo.tries_to_set_task(&cast.maya, json!({})).await.expect_problem(409, "too_many_open_tasks");
    cast.portal.takes_task_to(&task, "open").await.expect_problem(409, "too_many_open_tasks");
    let listed = cast.theo.get(&format!("{}?state=in_progress", cast.tasks())).await.expect(200);
    assert_eq!(listed.at("/total"), 200);
    counted(&[("so", 1), ("sd", 4999)]).await;
    cast.theo.tries_to_set_task(&cast.maya, json!({})).await.expect_problem(409, "too_many_tasks");
    counted(&[("so", 1), ("sd", 4998)]).await;
    cast.theo.sets_task(&cast.maya, json!({})).await;
}
