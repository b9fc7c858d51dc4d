//! The library of a practice.

use end_to_end::World;
use serde_json::{Value, json};

use super::{Cast, questions};

// S4
#[tokio::test]
async fn a_form_says_what_is_wrong_with_it() {
    let world = World::start().await;
    let owner = world.practice("forms").await.owner;
    let asked = |question: Value| json!({"title": "A", "kind": "questions", "questions": [question]});
    let one = |more: Value| {
        let mut question = json!({"key": "a", "label": "A?", "kind": "short_text"});
        question.as_object_mut().expect("a question").extend(more.as_object().expect("more").clone());
        asked(question)
    };
    for (body, pointer, code) in [
        (json!({"title": "A", "kind": "questions"}), "/questions", "out_of_range"),
        (json!({"title": "A", "kind": "worksheet", "text": "Read."}), "/questions", "out_of_range"),
        (json!({"title": "A", "kind": "consent"}), "/text", "required"),
        (
            json!({"title": "A", "kind": "consent", "text": "I agree.", "questions": questions()}),
            "/questions",
            "kind_not_allowed",
        ),
        (one(json!({"key": "A b"})), "/questions/0/key", "key_invalid"),
        (one(json!({"label": "a\0b"})), "/questions/0/label", "control_character"),
        (one(json!({"kind": "choice"})), "/questions/0/options", "out_of_range"),
        (one(json!({"kind": "choice", "options": ["a", "a"]})), "/questions/0/options", "named_twice"),
        (one(json!({"options": ["a", "b"]})), "/questions/0/options", "kind_not_allowed"),
        (one(json!({"fills": "date_of_birth"})), "/questions/0/fills", "kind_not_allowed"),
    ] {
        let told = owner.post("/v1/forms", body.clone()).await.expect_problem(422, "invalid_field");
        assert_eq!(
            (told.text("/errors/0/pointer"), told.text("/errors/0/code")),
            (pointer.into(), code.into()),
            "{body}"
        );
    }
    let twice = json!([{"key": "a", "label": "A?", "kind": "yes_no"}, {"key": "a", "label": "B?", "kind": "yes_no"}]);
    let told = owner.post("/v1/forms", json!({"title": "A", "kind": "questions", "questions": twice})).await;
    assert_eq!(told.expect_problem(422, "invalid_field").text("/errors/0/pointer"), "/questions/1/key");
    let many = (0..101).map(|n| json!({"key": format!("q{n}"), "label": "?", "kind": "yes_no"})).collect::<Vec<_>>();
    let told = owner.post("/v1/forms", json!({"title": "A", "kind": "questions", "questions": many})).await;
    assert_eq!(told.expect_problem(422, "invalid_field").text("/errors/0/pointer"), "/questions");
    let long = (0..100)
        .map(|n| {
            json!({"key": format!("q{n}"), "label": "?", "kind": "choice",
            "options": (0..10).map(|o| format!("{o:0>150}")).collect::<Vec<_>>()})
        })
        .collect::<Vec<_>>();
    let told = owner.post("/v1/forms", json!({"title": "A", "kind": "questions", "questions": long})).await;
    assert_eq!(told.expect_problem(422, "invalid_field").text("/errors/0/code"), "too_large");
    // Markup is a text like any other.
    let markup = json!({"title": "<script>alert(1)</script>", "kind": "consent", "text": "<b>I agree.</b>"});
    let kept = owner.post("/v1/forms", markup).await.expect(201);
    assert_eq!(
        (kept.text("/title"), kept.text("/text")),
        ("<script>alert(1)</script>".into(), "<b>I agree.</b>".into())
    );
}

// S4
#[tokio::test]
async fn a_form_is_deleted_once_no_packet_holds_it() {
    let cast = Cast::meet().await;
    let owner = &cast.practice.owner;
    let sent = cast.send(json!({})).await;
    let form = format!("/v1/forms/{}", cast.consent);
    owner.delete(&form).await.expect_problem(409, "form_in_use");
    let packets = owner.get("/v1/packets").await.expect(200);
    assert_eq!(
        (packets.text("/items/0/name"), packets.at("/items/0/form_ids")),
        ("Intake".into(), json!([cast.about, cast.consent]))
    );
    let gone = owner.request(http::Method::DELETE, &format!("/v1/packets/{}", cast.packet));
    gone.header("if-match", &packets.text("/items/0/etag")).send().await.expect(204);
    owner.delete(&form).await.expect(204);
    owner.get(&form).await.expect_problem(404, "not_found");
    assert_eq!(owner.get("/v1/packets").await.expect(200).at("/items"), json!([]));
    // What was sent stays.
    assert_eq!(cast.portal.get(&sent).await.expect(200).at("/forms").as_array().map(Vec::len), Some(2));
    let refused =
        cast.theo.sends_packet(&cast.maya, &cast.packet, json!({})).await.expect_problem(422, "invalid_field");
    assert_eq!(refused.text("/errors/0/code"), "packet_unknown");
}

// S4, L16
#[tokio::test]
async fn a_packet_holds_forms_of_its_own_practice() {
    let cast = Cast::meet().await;
    let other = cast.world.practice("quay").await.owner;
    let foreign = other.writes_consent().await;
    let owner = &cast.practice.owner;
    for (forms, pointer, code) in [
        (json!([]), "/form_ids", "out_of_range"),
        (json!([cast.about, cast.about]), "/form_ids/1", "named_twice"),
        (json!([cast.about, foreign]), "/form_ids/1", "form_unknown"),
    ] {
        let told = owner.post("/v1/packets", json!({"name": "A", "form_ids": forms})).await;
        let told = told.expect_problem(422, "invalid_field");
        assert_eq!((told.text("/errors/0/pointer"), told.text("/errors/0/code")), (pointer.into(), code.into()));
    }
    other.get(&format!("/v1/forms/{}", cast.about)).await.expect_problem(404, "not_found");
    assert_eq!(other.get("/v1/packets").await.expect(200).at("/items"), json!([]));
    // Together they are longer than a packet.
    let text = "ä".repeat(30_000);
    let mut forms = Vec::new();
    for _ in 0..4 {
        forms.push(owner.writes_form(json!({"kind": "consent", "text": text, "questions": []})).await);
    }
    owner.post("/v1/packets", json!({"name": "A", "form_ids": forms})).await.expect_problem(409, "packet_too_large");
}
