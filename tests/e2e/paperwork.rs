//! Paperwork over HTTP: a library of forms, packets that are sent, filled in, signed and submitted (S4). The clock stands
//! at 10:00 UTC on 2026-05-06; the practice is in New York.

mod filled;
mod invited;
mod library;
mod trouble;

use end_to_end::{Answer, Persona, Practice, World};
use http::Method;
use serde_json::{Value, json};

/// Theo, and Maya, who is his client and has come in; a questionnaire, a consent and a packet of both.
struct Cast {
    world: World,
    practice: Practice,
    theo: Persona,
    maya: String,
    portal: Persona,
    about: String,
    consent: String,
    packet: String,
}

fn questions() -> Value {
    json!([
        {"key": "reason", "label": "What brings you here?", "kind": "long_text", "required": true},
        {"key": "nickname", "label": "What do you go by?", "kind": "short_text", "fills": "preferred_name"},
        {"key": "phone", "label": "Your phone", "kind": "short_text", "fills": "phone"},
        {"key": "born", "label": "Your birthday", "kind": "date", "fills": "date_of_birth"},
        {"key": "before", "label": "Have you been in therapy before?", "kind": "yes_no", "required": true},
        {"key": "work", "label": "Do you work?", "kind": "choice", "options": ["Yes", "No"], "fills": "employment_status"},
        {"key": "helps", "label": "What helps?", "kind": "choices", "options": ["Sleep", "Sport", "Talking"]},
        {"key": "hours", "label": "Hours of sleep", "kind": "number"},
        {"key": "mood", "label": "How are you?", "kind": "scale"},
    ])
}

const CONSENT: &str = "I agree to be treated.\nI can end it at any time.";

impl Cast {
    async fn meet() -> Self {
        let world = World::start().await;
        let practice = world.practice("harbor").await;
        let theo = practice.hires("Theo", "Therapist").await;
        let maya = theo.adds_and_invites("Maya", "maya@mail.example").await.text("/id");
        let portal = world.accept("maya@mail.example").await;
        let owner = &practice.owner;
        let about = owner.writes_form(json!({"questions": questions()})).await;
        let consent = json!({"title": "Consent", "kind": "consent", "text": CONSENT, "questions": []});
        let consent = owner.writes_form(consent).await;
        let packet = owner.makes_packet(&[about.clone(), consent.clone()]).await;
        Self { world, practice, theo, maya, portal, about, consent, packet }
    }

    fn sent(&self) -> String {
        format!("/v1/clients/{}/packets", self.maya)
    }

    /// Theo sends the packet: its path.
    async fn send(&self, more: Value) -> String {
        let sent = self.theo.sends_packet(&self.maya, &self.packet, more).await.expect(201);
        format!("/v1/packets/{}", sent.text("/id"))
    }

    /// Maya saves answers to the questionnaire.
    async fn save(&self, path: &str, answers: Value) -> Answer {
        self.save_all(path, json!({ (self.about.as_str()): answers })).await
    }

    async fn save_all(&self, path: &str, answers: Value) -> Answer {
        let tag = self.portal.get(path).await.header("etag");
        let request = self.portal.request(Method::PUT, &format!("{path}/answers")).header("if-match", &tag);
        request.json(&json!({"answers": answers})).send().await
    }

    async fn sign(&self, path: &str) -> Answer {
        self.portal.post(&format!("{path}/sign"), json!({"typed_name": "Maya Lindqvist"})).await
    }

    async fn submit(&self, path: &str) -> Answer {
        self.portal.do_post(&format!("{path}/submit")).await
    }

    /// Answers, signs and submits.
    async fn complete(&self, path: &str, answers: Value) {
        self.save(path, answers).await.expect(200);
        self.sign(path).await.expect(200);
        self.submit(path).await.expect(200);
    }
}

fn members(answer: &Answer) -> Vec<String> {
    answer.json().as_object().expect("an object").keys().cloned().collect()
}

// S4
#[tokio::test]
async fn a_packet_is_sent_filled_in_signed_and_submitted() {
    let cast = Cast::meet().await;
    let path = cast.send(json!({"due": "2026-05-20"})).await;
    let shown = cast.portal.get(&path).await.expect(200);
    assert_eq!(
        (shown.text("/name"), shown.text("/state"), shown.text("/due")),
        ("Intake".into(), "open".into(), "2026-05-20".into())
    );
    assert_eq!(shown.at("/allowed_actions"), json!(["answer", "sign", "submit"]));
    assert_eq!(shown.text("/forms/1/text"), CONSENT);
    assert_eq!((shown.at("/answers"), shown.at("/missing_count")), (json!({}), json!(3)));

    // As often as it likes, and only in part.
    cast.save(&path, json!({"before": true, "mood": 4})).await.expect(200);
    let answers = json!({"reason": "I sleep badly.\nSince May.", "before": false, "helps": ["Sport", "Sleep"], "work": "Yes",
        "hours": 5.5, "mood": 3, "born": "1990-02-28"});
    let saved = cast.save(&path, answers.clone()).await.expect(200);
    assert_eq!(saved.at("/answers"), json!({ (cast.about.as_str()): answers }));
    assert_eq!(saved.at("/missing"), json!([{"form_id": cast.consent, "question": null}]));

    let signed = cast.sign(&path).await.expect(200);
    assert_eq!(signed.text("/forms/1/signature/typed_name"), "Maya Lindqvist");
    assert_eq!(signed.text("/forms/1/signature/sha256"), caseload::crypto::sha256(CONSENT.as_bytes()));
    assert!(signed.text("/forms/1/signature/at").starts_with("2026-05-06T10:00:00."));
    // What the client has signed does not vanish.
    cast.theo.delete(&path).await.expect_problem(409, "signed_in_part");
    let submitted = cast.submit(&path).await.expect(200);
    assert_eq!((submitted.text("/state"), submitted.at("/allowed_actions")), ("submitted".into(), json!([])));

    let read = cast.theo.get(&path).await.expect(200);
    assert_eq!(read.at("/answers"), json!({ (cast.about.as_str()): answers }));
    assert_eq!(read.text("/forms/1/signature/typed_name"), "Maya Lindqvist");
    assert_eq!((read.text("/seen_by/name"), read.at("/allowed_actions")), ("Theo Berg".into(), json!(["fill"])));
}

// S4, E7
#[tokio::test]
async fn a_draft_is_the_client_s_own() {
    let cast = Cast::meet().await;
    let path = cast.send(json!({})).await;
    cast.save(&path, json!({"reason": "A secret.", "before": true})).await.expect(200);
    cast.sign(&path).await.expect(200);
    for who in [&cast.theo, &cast.practice.owner] {
        let read = who.get(&path).await.expect(200);
        assert_eq!((read.at("/answers"), read.at("/forms/1/signature")), (Value::Null, Value::Null));
        let listed = who.get(&cast.sent()).await.expect(200);
        assert!(!format!("{}{}", read.json(), listed.json()).contains("A secret."));
        for hidden in ["saved_at", "missing", "missing_count"] {
            assert_eq!((read.json().get(hidden), listed.json()["items"][0].get(hidden)), (None, None), "{hidden}");
        }
    }
    let portal = [
        "allowed_actions",
        "answers",
        "due",
        "etag",
        "forms",
        "id",
        "missing",
        "missing_count",
        "name",
        "overdue",
        "packet_id",
        "saved_at",
        "sent_at",
        "sent_by",
        "shown_to",
        "state",
        "submitted_at",
    ];
    assert_eq!(members(&cast.portal.get(&path).await.expect(200)), portal);
}

// S4
#[tokio::test]
async fn what_is_submitted_stays_as_it_is() {
    let cast = Cast::meet().await;
    let path = cast.send(json!({})).await;
    let missing = cast.submit(&path).await.expect_problem(409, "packet_incomplete");
    let told = json!([{"form_id": cast.about, "question": "reason"}, {"form_id": cast.about, "question": "before"},
        {"form_id": cast.consent, "question": null}]);
    assert_eq!(missing.at("/missing"), told);
    cast.complete(&path, json!({"reason": "Sleep", "before": true})).await;
    // Who of the staff opens it first is written down, and changes nothing the client has done.
    cast.theo.get(&path).await.expect(200);
    let before = cast.portal.get(&path).await.expect(200).json();
    cast.save(&path, json!({})).await.expect_problem(409, "already_submitted");
    cast.sign(&path).await.expect_problem(409, "already_submitted");
    cast.submit(&path).await.expect_problem(409, "already_submitted");
    cast.theo.delete(&path).await.expect_problem(409, "already_submitted");
    assert_eq!(cast.portal.get(&path).await.expect(200).json(), before);
}

// S4
#[tokio::test]
async fn what_was_sent_keeps_the_version_it_was_sent_with() {
    let cast = Cast::meet().await;
    let path = cast.send(json!({})).await;
    let form = format!("/v1/forms/{}", cast.consent);
    let tag = cast.practice.owner.get(&form).await.header("etag");
    let text = json!({"title": "Consent", "kind": "consent", "text": "Another text."});
    let changed = cast.practice.owner.request(Method::PUT, &form).header("if-match", &tag).json(&text).send().await;
    assert_eq!(changed.expect(200).at("/version"), 2);
    let shown = cast.portal.get(&path).await.expect(200);
    assert_eq!((shown.text("/forms/1/text"), shown.at("/forms/1/version")), (CONSENT.into(), json!(1)));
    let later = cast.portal.get(&cast.send(json!({})).await).await.expect(200);
    assert_eq!((later.text("/forms/1/text"), later.at("/forms/1/version")), ("Another text.".into(), json!(2)));
}

// S4
#[tokio::test]
async fn staff_sees_what_is_open_submitted_and_overdue() {
    let cast = Cast::meet().await;
    let first = cast.send(json!({"due": "2026-05-06T10:05:00Z"})).await;
    let second = cast.send(json!({"due": "2026-05-06T10:06:00Z"})).await;
    cast.send(json!({})).await;
    let counts = async || cast.theo.get(&cast.sent()).await.expect(200).at("/counts");
    assert_eq!(counts().await, json!({"open": 3, "overdue": 0, "submitted": 0}));
    cast.world.advance(420).await;
    assert_eq!(counts().await, json!({"open": 3, "overdue": 2, "submitted": 0}));
    let over = cast.theo.get(&format!("{}?overdue=true", cast.sent())).await.expect(200);
    assert_eq!(over.at("/items").as_array().map(Vec::len), Some(2));
    cast.complete(&first, json!({"reason": "Sleep", "before": true})).await;
    assert_eq!(counts().await, json!({"open": 2, "overdue": 1, "submitted": 1}));
    cast.theo.delete(&second).await.expect(204);
    cast.portal.get(&second).await.expect_problem(404, "not_found");
    assert_eq!(counts().await, json!({"open": 1, "overdue": 0, "submitted": 1}));
    let submitted = cast.portal.get(&format!("{}?state=submitted", cast.sent())).await.expect(200);
    assert_eq!(submitted.text("/items/0/id"), first.replace("/v1/packets/", ""));
}
