//! What goes wrong with paperwork.

use http::Method;
use serde_json::{Value, json};

use super::Cast;

// S4
#[tokio::test]
async fn each_answer_is_checked_against_its_question() {
    let cast = Cast::meet().await;
    let path = cast.send(json!({})).await;
    for (key, value, code) in [
        ("reason", json!(1), "answer_kind"),
        ("reason", json!("x".repeat(10_001)), "too_long"),
        ("reason", json!("a\0b"), "control_character"),
        ("nickname", json!("two\nlines"), "control_character"),
        ("nickname", json!("x".repeat(501)), "too_long"),
        ("before", json!("yes"), "answer_kind"),
        ("work", json!("Maybe"), "option_unknown"),
        ("helps", json!(["Sleep", "Sleep"]), "named_twice"),
        ("helps", json!(["Sleep", 1]), "answer_kind"),
        ("hours", json!(1e12), "out_of_range"),
        ("hours", json!(0.0001), "out_of_range"),
        ("mood", json!(11), "out_of_range"),
        ("mood", json!(2.5), "out_of_range"),
        ("born", json!("1990-02-30"), "date_invalid"),
        ("born", json!({"year": 1990}), "answer_kind"),
        ("other", json!("x"), "question_unknown"),
    ] {
        let told = cast.save(&path, json!({ (key): value })).await.expect_problem(422, "invalid_field");
        let pointer = format!("/answers/{}/{key}", cast.about);
        assert_eq!(
            (told.text("/errors/0/pointer"), told.text("/errors/0/code")),
            (pointer, code.into()),
            "{key}: {value}"
        );
    }
    let foreign = format!("frm_{}", "0".repeat(26));
    let told = cast.save_all(&path, json!({ (foreign.as_str()): {"a": 1} })).await.expect_problem(422, "invalid_field");
    assert_eq!(told.text("/errors/0/pointer"), format!("/answers/{foreign}"));
    // Every one that is wrong is told, and nothing of it is kept.
    let told =
        cast.save(&path, json!({"reason": 1, "mood": 0, "before": true})).await.expect_problem(422, "invalid_field");
    assert_eq!(told.at("/errors").as_array().map(Vec::len), Some(2));
    assert_eq!(cast.portal.get(&path).await.expect(200).at("/answers"), json!({}));
    // What is blank is no answer.
    let blank = json!({"reason": "  ", "before": null, "helps": []});
    assert_eq!(cast.save(&path, blank).await.expect(200).at("/answers"), json!({}));
}

// S4, API-3: two tabs
#[tokio::test]
async fn two_who_save_at_once_do_not_overwrite_each_other() {
    let cast = Cast::meet().await;
    let path = cast.send(json!({})).await;
    let tag = cast.portal.get(&path).await.header("etag");
    let save = async |answers: Value| {
        let request = cast.portal.request(Method::PUT, &format!("{path}/answers")).header("if-match", &tag);
        request.json(&json!({"answers": { (cast.about.as_str()): answers }})).send().await
    };
    save(json!({"mood": 1})).await.expect(200);
    save(json!({"mood": 2})).await.expect_problem(412, "stale");
    let kept = cast.portal.get(&path).await.expect(200);
    assert_eq!(kept.at("/answers"), json!({ (cast.about.as_str()): {"mood": 1} }));
}

// S4
#[tokio::test]
async fn only_a_consent_is_signed_and_only_once() {
    let cast = Cast::meet().await;
    let path = cast.send(json!({})).await;
    let sign = async |body: Value| cast.portal.post(&format!("{path}/sign"), body).await;
    let told = sign(json!({"typed_name": "Maya", "form_id": cast.about})).await.expect_problem(422, "invalid_field");
    assert_eq!(
        (told.text("/errors/0/pointer"), told.text("/errors/0/code")),
        ("/form_id".into(), "form_unknown".into())
    );
    sign(json!({"typed_name": " "})).await.expect_problem(422, "invalid_field");
    sign(json!({"typed_name": "Maya", "form_id": cast.consent})).await.expect(200);
    sign(json!({"typed_name": "Somebody else"})).await.expect_problem(409, "already_signed");
    let packet = cast.practice.owner.makes_packet(std::slice::from_ref(&cast.about)).await;
    let other = cast.theo.sends_packet(&cast.maya, &packet, json!({})).await.expect(201).text("/id");
    let name = json!({"typed_name": "Maya"});
    cast.portal.post(&format!("/v1/packets/{other}/sign"), name).await.expect_problem(409, "nothing_to_sign");
}

// E6, L16
#[tokio::test]
async fn another_client_s_packet_does_not_exist() {
    let cast = Cast::meet().await;
    let path = cast.send(json!({})).await;
    let (_, other) = cast.practice.portal_client("Ida").await;
    other.get(&path).await.expect_problem(404, "not_found");
    other.get(&cast.sent()).await.expect_problem(404, "not_found");
    other.do_post(&format!("{path}/submit")).await.expect_problem(404, "not_found");
    let una = cast.practice.hires("Una", "Therapist").await;
    una.get(&path).await.expect_problem(404, "not_found");
    una.sends_packet(&cast.maya, &cast.packet, json!({})).await.expect_problem(404, "not_found");
    // Nobody answers for a client.
    let answers = json!({"answers": {}});
    let request = cast.theo.request(Method::PUT, &format!("{path}/answers")).header("if-match", "*");
    request.json(&answers).send().await.expect_problem(403, "wrong_caller");
}

// S4
#[tokio::test]
async fn there_is_an_end_to_what_a_client_is_sent() {
    let cast = Cast::meet().await;
    let told = cast.theo.sends_packet(&cast.maya, &cast.packet, json!({"due": "2026-05-05"})).await;
    assert_eq!(told.expect_problem(422, "invalid_field").text("/errors/0/code"), "due_in_past");
    for _ in 0..50 {
        cast.send(json!({})).await;
    }
    let full = cast.theo.sends_packet(&cast.maya, &cast.packet, json!({})).await;
    full.expect_problem(409, "too_many_open_packets");
}

// S4, REL-1
#[tokio::test]
async fn the_same_packet_is_sent_once_under_one_key() {
    let cast = Cast::meet().await;
    let send = async || {
        let request = cast.theo.request(Method::POST, &cast.sent()).header("idempotency-key", "once");
        request.json(&json!({"packet_id": cast.packet})).send().await.expect(201).text("/id")
    };
    assert_eq!(send().await, send().await);
    assert_eq!(cast.theo.get(&cast.sent()).await.expect(200).at("/counts/open"), 1);
}
