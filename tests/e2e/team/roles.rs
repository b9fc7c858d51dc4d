//! Roles: what they give, and that a change holds from the next request on.

use end_to_end::World;
use http::Method;
use serde_json::{Value, json};

use super::{families, send};

// L5
#[tokio::test]
async fn a_role_overrides_features_and_shows_what_it_comes_to() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let listed = owner.get("/v1/roles").await.expect(200);
    let names: Vec<_> = listed.at("/items").as_array().expect("items").iter().map(|r| r["name"].clone()).collect();
    assert_eq!(names, ["Intern", "Supervisor", "Therapist"]);
    let features = listed.at("/features").as_array().cloned().expect("features");
    assert!(features.iter().any(|f| f["name"] == "notes" && f["default"] == "everybody" && f["what"].is_string()));
    let body = json!({
        "name": "Biller", "description": "Only bills", "requires_supervision": true, "billing_modifier": "HP",
        "features": {"notes": "off", "billing.manage": "on", "tasks": "inherit"},
    });
    let role = owner.post("/v1/roles", body).await.expect(201);
    assert_eq!(role.text("/etag"), "\"v1\"");
    assert_eq!(role.at("/features/notes"), "off");
    assert_eq!(role.at("/features/tasks"), "inherit");
    assert_eq!(role.at("/preview/billing.manage/enabled"), true);
    assert_eq!(role.at("/preview/notes/enabled"), false);
    assert_eq!(role.at("/preview/clients.import/enabled"), false, "supervised by default");
    assert_eq!(role.at("/staff_count"), 0);
    let path = format!("/v1/roles/{}", role.text("/id"));
    let changed = owner.patch(&path, json!({"features": {"notes": "inherit"}, "description": null})).await.expect(200);
    assert_eq!((changed.at("/features/notes"), changed.at("/description")), (json!("inherit"), Value::Null));
    assert_eq!(changed.at("/features/billing.manage"), "on");
    assert_eq!(changed.text("/etag"), "\"v2\"");
    owner.patch(&path, json!({"name": null})).await.expect(422);
    let changed = owner.patch(&path, json!({"features": {"billing.manage": null}})).await.expect(200);
    assert_eq!(changed.at("/features/billing.manage"), "inherit", "null clears");
    let body = json!({"name": "Clerk"});
    owner.request(Method::PATCH, &path).json(&body).send().await.expect_problem(428, "if_match_required");
    let stale = owner.request(Method::PATCH, &path).header("if-match", "\"v1\"").json(&body);
    stale.send().await.expect_problem(412, "stale");
    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect_problem(404, "not_found");
}

// L5, security AZ-4
#[tokio::test]
async fn a_role_names_only_features_that_roles_can_give() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let features = json!({"staff.invite": "on", "nothing": "on", "notes": "off"});
    let refused = practice.owner.post("/v1/roles", json!({"name": "Clerk", "features": features})).await;
    let refused = refused.expect_problem(422, "invalid_field");
    let errors: Vec<(String, String)> = refused.at("/errors").as_array().into_iter().flatten().map(said).collect();
    let wanted = [("/features/nothing", "feature_unknown"), ("/features/staff.invite", "feature_not_grantable")];
    assert_eq!(errors, wanted.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    let bad = json!({"name": "Clerk", "features": {"notes": "maybe"}});
    practice.owner.post("/v1/roles", bad).await.expect(422);
    assert_eq!(practice.owner.get("/v1/roles").await.at("/items").as_array().map(Vec::len), Some(3));
}

fn said(error: &Value) -> (String, String) {
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("pointer"), text("code"))
}

// L5
#[tokio::test]
async fn names_are_taken_once_and_there_is_an_end_to_roles() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    owner.post("/v1/roles", json!({"name": "THERÁPIST"})).await.expect_problem(409, "role_taken");
    let role = practice.role("Intern").await;
    let path = format!("/v1/roles/{role}");
    owner.patch(&path, json!({"name": "supervisor"})).await.expect_problem(409, "role_taken");
    owner.patch(&path, json!({"name": "INTERN"})).await.expect(200);
    for n in 3..30 {
        owner.post("/v1/roles", json!({"name": format!("Role {n}")})).await.expect(201);
    }
    owner.post("/v1/roles", json!({"name": "One more"})).await.expect_problem(409, "too_many_roles");
}

// L5
#[tokio::test]
async fn a_role_in_use_stays() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (_, invited) = practice.invites_staff("Ines", "Intern", false).await;
    let intern = format!("/v1/roles/{}", practice.role("Intern").await);
    let refused = owner.delete(&intern).await.expect_problem(409, "role_in_use");
    assert_eq!(refused.at("/staff_count"), 1);
    owner.delete(&format!("/v1/staff/{}", invited.text("/id"))).await.expect(204);
    owner.delete(&intern).await.expect(204);
}

// L5: the role is given out and deleted at the same moment
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_is_never_given_out_and_deleted_at_once() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let theo = practice.hires("Theo", "Therapist").await;
    for round in 0..8 {
        let role = owner.post("/v1/roles", json!({"name": format!("Short {round}")})).await.expect(201).text("/id");
        let path = format!("/v1/roles/{role}");
        let deleted = owner.request(Method::DELETE, &path).header("if-match", "\"v1\"").send();
        let give = json!({"role_id": role});
        let role_of = format!("/v1/staff/{}/role", theo.id);
        let (deleted, given) = tokio::join!(deleted, owner.put(&role_of, give));
        assert_ne!(deleted.status == 204, given.status == 200, "{} {}", deleted.json(), given.json());
        let has = owner.get(&format!("/v1/staff/{}", theo.id)).await.expect(200).text("/role/id");
        owner.get(&format!("/v1/roles/{has}")).await.expect(200);
    }
}

// L8, decision 10
#[tokio::test]
async fn a_changed_role_holds_from_the_next_request_on() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let theo = practice.hires("Theo", "Therapist").await;
    let client = theo.adds_client("Maya").await;
    for ask in families(&client) {
        let answer = send(&theo, &ask).await;
        assert!(answer.status.is_success(), "{ask:?}: {}", answer.json());
    }
    let features: serde_json::Map<String, Value> = owner
        .get("/v1/roles")
        .await
        .at("/features")
        .as_array()
        .into_iter()
        .flatten()
        .map(|f| (f["name"].as_str().unwrap_or_default().to_owned(), json!("off")))
        .collect();
    let nothing = owner.post("/v1/roles", json!({"name": "Nothing", "features": features})).await.expect(201);
    let give = json!({"role_id": nothing.text("/id")});
    let changed = owner.put(&format!("/v1/staff/{}/role", theo.id), give).await.expect(200);
    assert_eq!(changed.text("/role/name"), "Nothing");
    let therapist = practice.role("Therapist").await;
    let audit = world.audit(&changed).await;
    let (_, _, named) = audit.iter().find(|(action, ..)| action == "staff.assign_role").expect("an entry");
    assert!(named.contains(&therapist) && named.contains(&nothing.text("/id")), "old and new: {named:?}");
    let open = [
        "/v1/clients".to_owned(),
        format!("/v1/clients/{client}"),
        format!("/v1/clients/{client}/portal"),
        "/v1/tags".to_owned(),
        "/v1/staff".to_owned(),
        "/v1/practice".to_owned(),
    ];
    for ask in families(&client) {
        let answer = send(&theo, &ask).await;
        let reads = ask.0 == "GET" && open.contains(&ask.1) || ask.1 == "/v1/clients/search";
        if reads {
            assert!(answer.status.is_success(), "{ask:?}: {}", answer.json());
        } else {
            answer.expect_problem(403, "role");
        }
    }
    assert!(theo.get(&format!("/v1/clients/{client}")).await.at("/clinical").is_null());
    // The role itself changes, not who has it.
    let path = format!("/v1/roles/{}", nothing.text("/id"));
    owner.patch(&path, json!({"features": {"files": "on"}})).await.expect(200);
    theo.get(&format!("/v1/clients/{client}/files")).await.expect(200);
    theo.get(&format!("/v1/clients/{client}/invoices")).await.expect_problem(403, "role");
}

// L8, matrix staff.* and role.*
#[tokio::test]
async fn the_team_is_the_admins_business() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let theo = practice.hires("Theo", "Therapist").await;
    let role = practice.role("Therapist").await;
    let one = format!("/v1/staff/{}", theo.id);
    let asks = [
        ("POST", "/v1/staff".to_owned(), Some(json!({"full_name": "X Y", "email": "x@mail.example", "role_id": role}))),
        ("GET", format!("/v1/staff/{}", practice.owner.id), None),
        ("PATCH", one.clone(), Some(json!({"full_name": "Boss"}))),
        ("PUT", format!("{one}/role"), Some(json!({"role_id": role, "admin": true}))),
        ("PUT", format!("{one}/status"), Some(json!({"status": "active"}))),
        ("PUT", format!("{one}/supervisors"), Some(json!({"supervisor_ids": []}))),
        ("POST", format!("{one}/invitation"), None),
        ("DELETE", one, None),
        ("GET", "/v1/roles".to_owned(), None),
        ("GET", format!("/v1/roles/{role}"), None),
        ("POST", "/v1/roles".to_owned(), Some(json!({"name": "Boss"}))),
        ("PATCH", format!("/v1/roles/{role}"), Some(json!({"name": "Boss"}))),
        ("DELETE", format!("/v1/roles/{role}"), None),
    ];
    let other = world.practice("other").await;
    for ask in asks {
        send(&theo, &ask).await.expect_problem(403, "role");
        // To another practice's admin there is nobody, and no such role.
        if ask.1.contains("stf_") {
            send(&other.owner, &ask).await.expect_problem(404, "not_found");
        }
    }
}

// L5, security AZ-4: overrides never widen who sees whom
#[tokio::test]
async fn the_settings_of_the_team_are_the_admins_even_where_a_role_manages_settings() {
    let world = World::start().await;
    let practice = world.practice("settings").await;
    let sara = practice.hires("Sara", "Supervisor").await;
    practice.sets_features(json!({"settings.manage": "on"})).await;
    sara.patch("/v1/practice", json!({"portal": {"greeting": "Hello"}})).await.expect(200);
    for team in [json!({"supervision": true}), json!({"supervision": false}), json!({"require_totp": true})] {
        sara.patch("/v1/practice", json!({"team": team})).await.expect_problem(403, "role");
    }
    practice.owner.patch("/v1/practice", json!({"team": {"supervision": false}})).await.expect(200);
}
