//! Clinical notes: who reads them when, what a signature and a review mean, and what is still to be written.

use end_to_end::{Persona, Practice, World};
use http::Method;
use serde_json::{Value, json};

/// Ina, an intern whom Sara supervises, with her client Maya, who has come in.
struct Stage {
    world: World,
    practice: Practice,
    ina: Persona,
    sara: Persona,
    maya: String,
    portal: Persona,
}

impl Stage {
    async fn set() -> Self {
        let world = World::start().await;
        let practice = world.practice("clinical").await;
        let (ina, sara) = (practice.hires("Ina", "Intern").await, practice.hires("Sara", "Supervisor").await);
        practice.has_supervised(&ina, &[&sara]).await;
        let maya = ina.adds_and_invites("Maya", "maya@mail.example").await.text("/id");
        let portal = world.accept("maya@mail.example").await;
        Self { world, practice, ina, sara, maya, portal }
    }

    fn list(&self) -> String {
        format!("/v1/clients/{}/clinical-notes", self.maya)
    }

    async fn seen(&self, by: &Persona) -> usize {
        by.get(&self.list()).await.expect(200).at("/items").as_array().map_or(0, Vec::len)
    }
}

// F5: no portal type carries one
#[tokio::test]
async fn a_clinical_note_never_reaches_the_portal() {
    let stage = Stage::set().await;
    let note = stage.ina.drafts_clinical_note(&stage.maya, json!({"template": "SOAP"})).await;
    stage.portal.get(&note).await.expect_problem(403, "wrong_caller");
    stage.portal.get(&stage.list()).await.expect_problem(403, "wrong_caller");
    stage.portal.get(&note.replace("/clinical-notes/", "/notes/")).await.expect(404);
    assert_eq!(stage.portal.get(&format!("/v1/clients/{}/notes", stage.maya)).await.at("/total"), 0);
}

// F5, L17: the whole way of a note that is reviewed
#[tokio::test]
async fn who_works_under_supervision_submits_and_a_supervisor_signs_off() {
    let stage = Stage::set().await;
    stage.practice.owner.patch("/v1/practice", json!({"team": {"review_days": 3}})).await.expect(200);
    let note = stage.ina.drafts_clinical_note(&stage.maya, json!({})).await;
    // A draft is its author's alone; admins know that there is something.
    stage.sara.get(&note).await.expect_problem(404, "not_found");
    stage.practice.owner.get(&note).await.expect_problem(403, "break_glass_required");
    assert_eq!((stage.seen(&stage.ina).await, stage.seen(&stage.sara).await), (1, 0));
    stage.ina.do_post(&format!("{note}/sign")).await.expect_problem(403, "review_required");
    stage.ina.do_post(&format!("{note}/approve")).await.expect_problem(403, "not_yours");
    let submitted = stage.ina.do_post(&format!("{note}/submit")).await.expect(200);
    assert_eq!((submitted.at("/state"), submitted.at("/overdue")), (json!("in_review"), json!(false)));
    assert!(submitted.at("/review_due_at").is_string());
    stage.ina.patch(&note, json!({"body": "Other."})).await.expect_problem(409, "in_review");
    stage.ina.do_post(&format!("{note}/approve")).await.expect_problem(403, "not_yours");
    let back = json!({"reason": "What was agreed?"});
    let returned = stage.sara.post(&format!("{note}/return"), back).await.expect(200);
    assert_eq!(
        (returned.at("/state"), returned.at("/returned/reason")),
        (json!("returned"), json!("What was agreed?"))
    );
    stage.ina.patch(&note, json!({"body": "S: …  P: weekly."})).await.expect(200);
    stage.ina.do_post(&format!("{note}/submit")).await.expect(200);
    // The first decision stands.
    let (returns, approves) = (format!("{note}/return"), format!("{note}/approve"));
    let both = tokio::join!(stage.sara.post(&returns, json!({"reason": "Hm."})), stage.sara.do_post(&approves));
    let done = [both.0.status.as_u16(), both.1.status.as_u16()];
    let mut statuses = done;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    if stage.ina.get(&note).await.at("/state") == "returned" {
        stage.ina.do_post(&format!("{note}/submit")).await.expect(200);
        stage.sara.do_post(&format!("{note}/approve")).await.expect(200);
    }
    let signed = stage.ina.get(&note).await.expect(200);
    assert_eq!((signed.at("/state"), signed.at("/approved_by/full_name")), (json!("signed"), json!("Sara Berg")));
    assert_eq!(signed.at("/allowed_actions"), json!(["amend"]));
}

// L17, API-3: a supervisor decides about what was read, and about nothing else
#[tokio::test]
async fn a_review_is_of_the_version_that_was_read() {
    let stage = Stage::set().await;
    let note = stage.ina.drafts_clinical_note(&stage.maya, json!({})).await;
    stage.ina.do_post(&format!("{note}/submit")).await.expect(200);
    let read = stage.sara.get(&note).await.expect(200).header("etag");
    stage.sara.post(&format!("{note}/return"), json!({"reason": "Hm."})).await.expect(200);
    stage.ina.patch(&note, json!({"body": "Something else."})).await.expect(200);
    stage.ina.do_post(&format!("{note}/submit")).await.expect(200);
    for (how, body) in [("approve", None), ("return", Some(json!({"reason": "Hm."})))] {
        let request = stage.sara.request(Method::POST, &format!("{note}/{how}")).header("if-match", &read);
        let told = match body {
            Some(body) => request.json(&body).send().await,
            None => request.send().await,
        };
        told.expect_problem(412, "stale");
    }
}

// F5
#[tokio::test]
async fn what_is_signed_is_amended_and_never_changed() {
    let stage = Stage::set().await;
    let theo = stage.practice.hires("Theo", "Therapist").await;
    let ola = theo.adds_client("Ola").await;
    let note = theo.drafts_clinical_note(&ola, json!({})).await;
    theo.post(&format!("{note}/addenda"), json!({"body": "And."})).await.expect_problem(409, "not_signed");
    theo.do_post(&format!("{note}/sign")).await.expect(200);
    for (method, body) in [(Method::PATCH, Some(json!({"body": "Other."}))), (Method::DELETE, None)] {
        let request = theo.request(method, &note).header("if-match", "*");
        let told = match body {
            Some(body) => request.json(&body).send().await,
            None => request.send().await,
        };
        told.expect_problem(409, "already_signed");
    }
    theo.do_post(&format!("{note}/sign")).await.expect_problem(409, "already_signed");
    let amended = theo.post(&format!("{note}/addenda"), json!({"body": "She called later."})).await.expect(200);
    assert_eq!(
        (amended.at("/body"), amended.at("/addenda/0/body")),
        (json!("S: slept badly."), json!("She called later."))
    );
    // Whoever has the client next reads what is signed, and no draft.
    let draft = theo.drafts_clinical_note(&ola, json!({})).await;
    let una = stage.practice.hires("Una", "Therapist").await;
    stage.practice.owner.gives(&ola, Some(&una), json!({})).await.expect(200);
    una.get(&note).await.expect(200);
    una.get(&draft).await.expect_problem(404, "not_found");
    una.post(&format!("{note}/addenda"), json!({"body": "Mine."})).await.expect_problem(403, "not_yours");
    theo.get(&note).await.expect_problem(404, "not_found");
}

// L17, decision 33: who has ended as a supervisor decides nothing any more
#[tokio::test]
async fn a_review_takes_an_active_supervisor() {
    let stage = Stage::set().await;
    let note = stage.ina.drafts_clinical_note(&stage.maya, json!({})).await;
    let other = stage.ina.drafts_clinical_note(&stage.maya, json!({})).await;
    stage.ina.do_post(&format!("{note}/submit")).await.expect(200);
    stage.practice.has_supervised(&stage.ina, &[]).await;
    stage.sara.do_post(&format!("{note}/approve")).await.expect_problem(404, "not_found");
    stage.ina.do_post(&format!("{other}/submit")).await.expect_problem(409, "supervisor_missing");
    let missing = async |path: &str, by: &Persona| by.get(path).await.expect(200).at("/supervisor_missing");
    let (me, roster) = ("/v1/me".to_owned(), format!("/v1/staff/{}", stage.ina.id));
    assert_eq!(missing(&me, &stage.ina).await, true);
    assert_eq!(missing(&roster, &stage.practice.owner).await, true);
    stage.practice.has_supervised(&stage.ina, &[&stage.sara]).await;
    assert_eq!(
        (missing(&me, &stage.ina).await, missing(&roster, &stage.practice.owner).await),
        (json!(false), json!(false))
    );
    stage.practice.sets_status(&stage.sara, "on_hold").await;
    assert_eq!(missing(&me, &stage.ina).await, true);
    stage.practice.owner.patch("/v1/practice", json!({"team": {"review_days": 61}})).await.expect(422);
}

// F5, L12: what is held and has no signed note is still to be written
#[tokio::test]
async fn sessions_without_a_signed_note_are_counted_and_listed() {
    let stage = Stage::set().await;
    let theo = stage.practice.hires("Theo", "Therapist").await;
    let ola = theo.adds_client("Ola").await;
    let mut sessions = Vec::new();
    for minutes in [(-60, -10), (-160, -110), (-260, -210)] {
        let session = theo.books(&ola, &theo, minutes).await;
        theo.settles(&session, "complete").await.expect(200);
        sessions.push(session);
    }
    let path = format!("/v1/staff/{}", theo.id);
    let pending = async || theo.get(&format!("{path}/metrics")).await.expect(200).at("/pending_notes");
    assert_eq!(pending().await, 3);
    let note = theo.drafts_clinical_note(&ola, json!({"appointment_id": sessions[1]})).await;
    assert_eq!(pending().await, 3, "a draft is no note");
    theo.do_post(&format!("{note}/sign")).await.expect(200);
    assert_eq!(pending().await, 2);
    let list = theo.get(&format!("{path}/sessions?note_pending=true")).await.expect(200);
    let ids: Vec<Value> =
        list.at("/items").as_array().expect("items").iter().map(|one| one["appointment_id"].clone()).collect();
    assert_eq!(ids, [json!(sessions[0]), json!(sessions[2])]);
    let unknown = json!({"body": "a", "appointment_id": stage.ina.books(&stage.maya, &stage.ina, (60, 110)).await});
    let told = theo.post(&format!("/v1/clients/{ola}/clinical-notes"), unknown).await.expect(422);
    assert_eq!(told.at("/errors/0/code"), "appointment_unknown");
}

// decisions 15, 31
#[tokio::test]
async fn an_admin_opens_anothers_clinical_note_with_a_reason_and_is_seen() {
    let stage = Stage::set().await;
    let note = stage.ina.drafts_clinical_note(&stage.maya, json!({"body": "Private."})).await;
    let glass = format!("{note}/break-glass");
    let before = stage.world.mails("ina@clinical.example").await.len();
    stage.sara.post(&glass, json!({"reason": "I want to."})).await.expect_problem(404, "not_found");
    stage.practice.owner.post(&glass, json!({"reason": ""})).await.expect(422);
    let opened = stage.practice.owner.post(&glass, json!({"reason": "A court has asked."})).await.expect(200);
    assert_eq!(opened.at("/body"), "Private.");
    assert_eq!(stage.world.mails("ina@clinical.example").await.len(), before + 1);
}
