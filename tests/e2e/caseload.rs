//! Caseloads, session histories, metrics and risk (L12 to L14).

use end_to_end::{Answer, Persona, Practice, World};
use serde_json::{Value, json};

/// Changes whom a client belongs to, as a reassignment does.
async fn assign(practice: &Practice, client: &str, to: Option<&Persona>, direct: bool) {
    let ownership = if direct { "direct" } else { "practice" };
    let body = json!({"staff_id": to.map(|to| to.id.clone()), "ownership": ownership});
    practice.owner.post(&format!("/v1/clients/{client}/reassign"), body).await.expect(200);
}

fn reasons(caseload: &Answer) -> Vec<(String, String)> {
    let items = caseload.at("/items").as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    items.iter().map(|item| (text(&item["client"]["first_name"]), text(&item["reason"]))).collect()
}

/// Ines with a direct client, one as its primary therapist and one as a walk-in; Sam supervises her.
struct Scene {
    world: World,
    practice: Practice,
    ines: Persona,
    sam: Persona,
    direct: String,
    primary: String,
    walk_in: String,
}

async fn scene(slug: &str) -> Scene {
    let world = World::start().await;
    let practice = world.practice(slug).await;
    let (ines, sam) = (practice.hires("Ines", "Therapist").await, practice.hires("Sam", "Supervisor").await);
    practice.has_supervised(&ines, &[&sam]).await;
    let direct = ines.adds_client("Ana").await;
    let (primary, walk_in) = (practice.owner.adds_client("Bo").await, practice.owner.adds_client("Cleo").await);
    practice.owner.adds_client("Dag").await;
    assign(&practice, &primary, Some(&ines), false).await;
    let booked = practice.owner.books(&walk_in, &ines, (-600, -600 + 50)).await;
    ines.settles(&booked, "complete").await.expect(200);
    Scene { world, practice, ines, sam, direct, primary, walk_in }
}

// L13, L14, L16, d-8
#[tokio::test]
async fn a_supervisor_sees_the_supervisees_caseload_with_reasons_while_the_relation_lasts() {
    let Scene { world: _world, practice, ines, sam, direct, primary, walk_in } = scene("reasons").await;
    let path = format!("/v1/staff/{}/caseload", ines.id);
    let wanted = [("Ana", "direct"), ("Bo", "primary"), ("Cleo", "walk_in")]
        .map(|(name, why)| (name.to_owned(), why.to_owned()));
    for reader in [&practice.owner, &ines, &sam] {
        let caseload = reader.get(&path).await.expect(200);
        assert_eq!(reasons(&caseload), wanted);
        assert_eq!(caseload.at("/total"), 3);
        for id in [&direct, &primary, &walk_in] {
            reader.get(&format!("/v1/clients/{id}")).await.expect(200);
        }
    }
    let first = sam.get(&format!("{path}?limit=2")).await.expect(200);
    let rest = sam.get(&format!("{path}?limit=2&cursor={}", first.text("/next_cursor"))).await.expect(200);
    assert_eq!(reasons(&rest), wanted[2..]);
    assert_eq!(rest.at("/next_cursor"), Value::Null);
    assert_eq!(sam.get(&format!("{path}?status=active")).await.expect(200).at("/total"), 0);
    assert_eq!(sam.get(&format!("{path}?status=pending")).await.expect(200).at("/total"), 3);
    sam.get(&format!("{path}?status=gone")).await.expect_problem(400, "invalid_parameter");

    let other = practice.hires("Otto", "Therapist").await;
    for kind in ["caseload", "sessions", "metrics"] {
        let path = format!("/v1/staff/{}/{kind}", ines.id);
        other.get(&path).await.expect_problem(403, "role");
        ines.get(&format!("/v1/staff/{}/{kind}", sam.id)).await.expect_problem(403, "role");
        let nobody = format!("/v1/staff/stf_{}/{kind}", "0".repeat(26));
        practice.owner.get(&nobody).await.expect_problem(404, "not_found");
        other.get(&nobody).await.expect_problem(403, "role");
        practice.owner.patch("/v1/practice", json!({"team": {"supervision": false}})).await.expect(200);
        sam.get(&path).await.expect_problem(403, "role");
        practice.owner.patch("/v1/practice", json!({"team": {"supervision": true}})).await.expect(200);
        sam.get(&path).await.expect(200);
    }
    practice.has_supervised(&ines, &[]).await;
    sam.get(&path).await.expect_problem(403, "role");
    sam.get(&format!("/v1/clients/{direct}")).await.expect_problem(404, "not_found");
    practice.sets_status(&ines, "on_hold").await;
    ines.get(&path).await.expect_problem(403, "on_hold");
}

// L12, d-32
#[tokio::test]
async fn metrics_add_up_and_say_how() {
    let Scene { world, practice, ines, sam, direct, primary, walk_in } = scene("metrics").await;
    for (start, how) in [(-500, "complete"), (-400, "no-show"), (-300, "cancel"), (-200, "")] {
        let booked = ines.books(&direct, &ines, (start, start + 50)).await;
        if !how.is_empty() {
            ines.settles(&booked, how).await.expect(200);
        }
    }
    let old = ines.books(&direct, &ines, (-40 * 24 * 60, -40 * 24 * 60 + 50)).await;
    ines.settles(&old, "complete").await.expect(200);
    ines.books(&direct, &ines, (600, 600 + 50)).await;
    ines.patch(&format!("/v1/clients/{direct}"), json!({"risk_level": "high"})).await.expect(200);
    practice.owner.patch(&format!("/v1/clients/{walk_in}"), json!({"risk_level": "low"})).await.expect(200);
    let invited = json!({"email": "bo@mail.example", "consent": true});
    practice.owner.post(&format!("/v1/clients/{primary}/portal/invitation"), invited).await.expect(201);
    world.accept("bo@mail.example").await;
    let path = format!("/v1/staff/{}/metrics", ines.id);
    let metrics = sam.get(&path).await.expect(200);
    assert_eq!(metrics.text("/staff_id"), ines.id);
    assert_eq!(metrics.at("/active_clients"), 1);
    assert_eq!(metrics.at("/caseload"), json!({"direct": 1, "primary": 1, "walk_in": 1}));
    let counted = json!({"scheduled": 1, "completed": 2, "cancelled": 1, "no_show": 1});
    assert_eq!(metrics.at("/sessions"), counted);
    assert_eq!(metrics.at("/pending_notes"), 2);
    assert_eq!(metrics.at("/risk"), json!({"none": 0, "low": 0, "moderate": 0, "high": 1, "not_set": 1}));
    for name in ["active_clients", "caseload", "sessions", "pending_notes", "risk"] {
        assert!(metrics.text(&format!("/formulas/{name}")).ends_with('.'), "{name}");
    }
    assert_eq!(metrics.at("/to"), metrics.at("/as_of"));
    let (from, to) = (world.in_minutes(-60 * 24 * 60), world.in_minutes(24 * 60));
    let wide = ines.get(&format!("{path}?from={from}&to={to}")).await.expect(200);
    assert_eq!(wide.at("/sessions"), json!({"scheduled": 2, "completed": 3, "cancelled": 1, "no_show": 1}));
    let history = ines.get(&format!("/v1/staff/{}/sessions?from={from}&to={to}", ines.id)).await.expect(200);
    assert_eq!(history.at("/items").as_array().map(Vec::len), Some(7));
    let from = world.in_minutes(-367 * 24 * 60);
    ines.get(&format!("{path}?from={from}")).await.expect_problem(400, "invalid_parameter");

    // Counts of risk are for roles with clinical access, like risk itself.
    practice.sets_features(json!({"clinical.diagnosis": "off"})).await;
    let without = sam.get(&path).await.expect(200);
    assert_eq!((without.at("/risk"), without.at("/sessions")), (Value::Null, counted));
    assert!(practice.owner.get(&path).await.expect(200).at("/risk").is_object());
}

// L12, L16
#[tokio::test]
async fn a_session_history_shows_nobody_elses_clients() {
    let Scene { world: _world, practice, ines, sam, direct, walk_in, .. } = scene("history").await;
    ines.books(&direct, &ines, (-300, -300 + 50)).await;
    let path = format!("/v1/staff/{}/sessions", ines.id);
    let names = async |reader: &Persona| -> Vec<String> {
        let items = reader.get(&path).await.expect(200).at("/items").as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item["client"]["first_name"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(names(&sam).await, ["Ana", "Cleo"], "newest first");
    let first = sam.get(&format!("{path}?limit=1")).await.expect(200);
    assert_eq!(first.text("/items/0/status"), "scheduled");
    let rest = sam.get(&format!("{path}?limit=1&cursor={}", first.text("/next_cursor"))).await.expect(200);
    assert_eq!((rest.text("/items/0/client/id"), rest.at("/next_cursor")), (walk_in.clone(), Value::Null));
    // Somebody else's direct client by now. Who held its sessions still has them, and settles them by name.
    assign(&practice, &direct, Some(&sam), true).await;
    assert_eq!(names(&ines).await, ["Ana", "Cleo"]);
    assert_eq!(names(&practice.owner).await, ["Ana", "Cleo"]);
    ines.get(&format!("/v1/clients/{direct}")).await.expect_problem(404, "not_found");
    let mine = ines.get("/v1/appointments").await.expect(200);
    assert_eq!(mine.at("/items").as_array().map(Vec::len), Some(2));
    assign(&practice, &direct, Some(&sam), false).await;
    ines.get(&format!("/v1/clients/{direct}")).await.expect_problem(404, "not_found");
    // Once they are over, they are told without the client.
    let held = mine.text("/items/0/id");
    ines.settles(&held, "complete").await.expect(200);
    assert_eq!(names(&ines).await, ["", "Cleo"]);
    assert_eq!(names(&practice.owner).await, ["Ana", "Cleo"]);
}

// L12, d-35, E7
#[tokio::test]
async fn risk_is_set_by_clinicians_and_shown_to_nobody_else() {
    let Scene { world: _world, practice, ines, direct, .. } = scene("clinic").await;
    let path = format!("/v1/clients/{direct}");
    assert_eq!(ines.get(&path).await.expect(200).at("/clinical/risk"), Value::Null);
    let set = ines.patch(&path, json!({"risk_level": "moderate", "occupation": "Nurse"})).await.expect(200);
    assert_eq!(set.text("/clinical/risk/level"), "moderate");
    assert_eq!(set.at("/clinical/risk/set_by"), json!({"id": ines.id, "full_name": "Ines Berg"}));
    assert!(set.at("/clinical/risk/set_at").is_string());
    ines.patch(&path, json!({"risk_level": "grave"})).await.expect_problem(422, "invalid_field");
    let listed = ines.post("/v1/clients/search", json!({"q": "ana"})).await.expect(200);
    assert!(!listed.json().to_string().contains("risk"));
    let (maya, portal) = practice.portal_client("Maya").await;
    practice.owner.patch(&format!("/v1/clients/{maya}"), json!({"risk_level": "high"})).await.expect(200);
    let own = portal.get(&format!("/v1/clients/{maya}")).await.expect(200);
    assert!(!own.json().to_string().contains("risk"));

    let clinical = || json!({"risk_level": "low", "diagnosis": "F41.1", "symptoms": null});
    practice.sets_features(json!({"clinical.diagnosis": "off"})).await;
    ines.patch(&path, clinical()).await.expect_problem(403, "role");
    ines.patch(&path, json!({"risk_level": null, "occupation": "Cook"})).await.expect_problem(403, "role");
    assert_eq!(ines.patch(&path, json!({"occupation": "Cook"})).await.expect(200).at("/clinical"), Value::Null);
    practice.sets_features(json!({"clinical.diagnosis": "inherit", "clients.edit": "off"})).await;
    ines.patch(&path, json!({"risk_level": null, "occupation": "Nurse"})).await.expect_problem(403, "role");
    let set = ines.patch(&path, clinical()).await.expect(200);
    assert_eq!((set.text("/clinical/risk/level"), set.text("/occupation")), ("low".into(), "Cook".into()));
    let cleared = ines.patch(&path, json!({"risk_level": null})).await.expect(200);
    assert_eq!((cleared.at("/clinical/risk"), cleared.text("/clinical/diagnosis")), (Value::Null, "F41.1".into()));
}

// performance 5.1, decision 19
#[tokio::test]
async fn a_warm_look_at_a_caseload_takes_one_round_trip() {
    let Scene { world, ines, sam, .. } = scene("lookcost").await;
    let ask = async |kind: &str| sam.get(&format!("/v1/staff/{}/{kind}", ines.id)).await.expect(200);
    ask("caseload").await;
    assert_eq!(world.rounds(&ask("caseload").await).await, 1);
    // Risk stands in the records.
    assert_eq!(world.rounds(&ask("metrics").await).await, 2);
    // Whom the calendar names is in the trail before it is told.
    assert_eq!(world.rounds(&ask("sessions").await).await, 2);
    for kind in ["caseload", "metrics", "sessions"] {
        let calls = world.calls(&ask(kind).await).await;
        let scans = calls.iter().filter(|call| call["operation"] == "Scan").count();
        assert_eq!((scans, calls.len() <= 6), (0, true), "{kind}: {calls:?}");
    }
}
