//! Whatever comes in wrong is refused with a code, and changes nothing.

use end_to_end::World;
use http::Method;
use serde_json::json;

// decision 26: one of several names is wanted, and what came is not even a text
#[tokio::test]
async fn a_value_of_another_kind_is_told_the_choices() {
    let world = World::start().await;
    let owner = world.practice("choices").await.owner;
    let body = json!({"name": "Front desk", "features": {"clients.edit": true}});
    let refused = owner.post("/v1/roles", body).await.expect_problem(422, "invalid_field");
    assert_eq!(refused.text("/errors/0/pointer"), "/features/clients.edit");
    assert_eq!(refused.text("/errors/0/detail"), "expected one of `on`, `off`, `inherit`");
}

// decision 24: a dead credential comes before the shape of the request
#[tokio::test]
async fn a_dead_session_is_told_nothing_about_its_request() {
    let world = World::start().await;
    let practice = world.practice("dead").await;
    practice.owner.request(Method::DELETE, "/v1/auth/sessions/current").send().await.expect(204);
    let malformed =
        practice.owner.request(Method::POST, "/v1/clients").header("content-type", "application/json").body("{");
    malformed.send().await.expect_problem(401, "unauthenticated");
    practice.owner.get("/v1/clients?limit=0").await.expect_problem(401, "unauthenticated");
}

// E6, L16
#[tokio::test]
async fn another_practices_things_are_absent() {
    let world = World::start().await;
    let (here, there) = (world.practice("here").await, world.practice("there").await);
    let body = json!({"first_name": "Ana", "last_name": "Okafor", "email": "ana@mail.example", "tags": ["x"]});
    let client = here.owner.post("/v1/clients", body.clone()).await.expect(201);
    let id = client.text("/id");
    let absent = there.owner.get("/v1/clients/cli_00000000000000000000000000").await.expect_problem(404, "not_found");
    let foreign = there.owner.get(&format!("/v1/clients/{id}")).await.expect_problem(404, "not_found");
    assert_eq!(absent.at("/detail"), foreign.at("/detail"));
    for path in ["", "/portal", "/files", "/invoices", "/payments"] {
        there.owner.get(&format!("/v1/clients/{id}{path}")).await.expect_problem(404, "not_found");
    }
    there.owner.do_post(&format!("/v1/clients/{id}/deactivate")).await.expect_problem(404, "not_found");
    there.owner.get("/v1/clients/not-an-id").await.expect_problem(404, "not_found");
    assert_eq!(there.owner.get("/v1/clients").await.expect(200).at("/total"), 0);
    assert_eq!(there.owner.post("/v1/clients/search", json!({"q": "okafor"})).await.at("/total"), 0);
    // Nor does the duplicate check tell of them.
    there.owner.post("/v1/clients", body).await.expect(201);
}

// B5, REL-2
#[tokio::test]
async fn a_change_needs_the_version_it_was_read_at() {
    let world = World::start().await;
    let practice = world.practice("version").await;
    let owner = &practice.owner;
    let created = owner.adds_client_with("Ana Okafor", json!({"email": "a@mail.example"})).await;
    let path = format!("/v1/clients/{}", created.text("/id"));
    let patch = || owner.request(Method::PATCH, &path).json(&json!({"email": null}));
    patch().send().await.expect_problem(428, "if_match_required");
    patch().header("if-match", "\"v99\"").send().await.expect_problem(412, "stale");
    let done = patch().header("if-match", &created.header("etag")).send().await.expect(200);
    assert_eq!(done.at("/email"), serde_json::Value::Null);
    patch().header("if-match", &created.header("etag")).send().await.expect_problem(412, "stale");
    owner.request(Method::DELETE, &path).send().await.expect_problem(428, "if_match_required");
    owner.delete(&path).await.expect(204);
    owner.get(&path).await.expect_problem(404, "not_found");
    assert_eq!(owner.get("/v1/clients").await.at("/total"), 0);
}

// b.3, decision 3, D4, B14
#[tokio::test]
async fn bad_fields_are_named_and_nothing_is_half_written() {
    let world = World::start().await;
    let practice = world.practice("fields").await;
    let owner = &practice.owner;
    let with = |name: &str, value: serde_json::Value| {
        let mut body = json!({"first_name": "Ana", "last_name": "Okafor"});
        body[name] = value;
        body
    };
    for (name, value, code) in [
        ("first_name", json!("  "), "required"),
        ("email", json!("not-an-address"), "email_invalid"),
        ("phone", json!({"number": "1.55556E+10", "country": "US"}), "phone_scientific"),
        ("date_of_birth", json!("2090-01-01"), "date_in_future"),
        ("date_of_birth", json!("2023-02-29"), "invalid"),
        ("first_name", json!("a\u{202e}b"), "control_character"),
    ] {
        let refused = owner.post("/v1/clients", with(name, value)).await.expect_problem(422, "invalid_field");
        assert_eq!(refused.text("/errors/0/code"), code, "{name}");
        assert!(refused.text("/errors/0/pointer").starts_with(&format!("/{name}")), "{name}");
    }
    owner.post("/v1/clients", json!({"first_name": "Ana"})).await.expect_problem(422, "invalid_field");
    let invite = |consent: bool, email: Option<&str>| {
        let mut body = with("invite", json!({"consent": consent}));
        body["email"] = json!(email);
        body
    };
    owner.post("/v1/clients", invite(true, None)).await.expect_problem(422, "email_missing");
    owner.post("/v1/clients", invite(false, Some("a@mail.example"))).await.expect_problem(422, "email_consent_missing");
    assert_eq!(owner.get("/v1/clients").await.at("/total"), 0);
    assert!(world.mails("a@mail.example").await.is_empty());
    let body = with("email", json!("a@mail.example"));
    owner.post("/v1/clients", body.clone()).await.expect(201);
    let twin = owner.post("/v1/clients", body.clone()).await.expect_problem(409, "possible_duplicate");
    assert_eq!(twin.text("/candidates/0/last_name"), "Okafor");
    let mut forced = body;
    forced["force"] = json!(true);
    owner.post("/v1/clients", forced).await.expect(201);
}

// security 0.12
#[tokio::test]
async fn names_that_mails_carry_have_no_links() {
    let world = World::start().await;
    let practice = world.practice("names").await;
    let role = practice.role("Therapist").await;
    let sign_up = |name: &str, owner: &str| {
        json!({
            "name": name, "slug": "bait", "time_zone": "UTC", "currency": "EUR",
            "owner": {"full_name": owner, "email": "victim@mail.example"},
        })
    };
    let (bad, own) = ("You won at evil.com/prize", format!("/v1/staff/{}", practice.owner.id));
    for (answer, pointer) in [
        (world.anonymous.post("/v1/practices", sign_up(bad, "Dana Owner")).await, "/name"),
        (world.anonymous.post("/v1/practices", sign_up("Harbor", bad)).await, "/owner/full_name"),
        (practice.owner.patch("/v1/practice", json!({"name": bad})).await, "/name"),
        (practice.owner.patch(&own, json!({"full_name": bad})).await, "/full_name"),
        (
            practice
                .owner
                .post("/v1/staff", json!({"full_name": bad, "email": "victim@mail.example", "role_id": role}))
                .await,
            "/full_name",
        ),
    ] {
        let refused = answer.expect_problem(422, "invalid_field");
        assert_eq!(refused.at("/errors/0/pointer"), pointer);
        assert_eq!(refused.at("/errors/0/code"), "link_not_allowed", "{pointer}");
    }
    assert!(world.mails("victim@mail.example").await.is_empty());
}

// REL-1, OBS-1, decision 24
#[tokio::test]
async fn an_empty_idempotency_key_is_no_key() {
    let world = World::start().await;
    let practice = world.practice("blank").await;
    let send = async |who: &end_to_end::Persona, path: &str, key: &str| {
        let body = json!({"first_name": "Ana", "last_name": "Okafor"});
        who.request(Method::POST, path).header("idempotency-key", key).json(&body).send().await
    };
    for key in ["", "  "] {
        send(&practice.owner, "/v1/clients", key).await.expect_problem(400, "idempotency_key_invalid");
        send(&world.anonymous, "/v1/practices", key).await.expect_problem(400, "idempotency_key_invalid");
        send(&world.anonymous, "/v1/clients", key).await.expect_problem(401, "unauthenticated");
    }
    assert_eq!(practice.owner.get("/v1/clients").await.at("/total"), 0);
}

// OBS-1, RFC 6901
#[tokio::test]
async fn an_unknown_field_is_pointed_at_exactly() {
    let world = World::start().await;
    let practice = world.practice("pointer").await;
    for (name, pointer) in [("a/b~", "/a~1b~0"), ("a`b", "/a`b"), ("", "/")] {
        let body = json!({"first_name": "Ana", "last_name": "Okafor", name: 1});
        let refused = practice.owner.post("/v1/clients", body).await.expect_problem(422, "unknown_field");
        assert_eq!(refused.text("/errors/0/pointer"), pointer);
    }
}

// A1, TEN-5
#[tokio::test]
async fn a_cursor_belongs_to_its_query_and_its_practice() {
    let world = World::start().await;
    let (here, there) = (world.practice("cursor").await, world.practice("cursor2").await);
    for n in 0..3 {
        here.owner.adds_client(&format!("Ana {n} Okafor")).await;
    }
    let page = here.owner.get("/v1/clients?limit=2").await.expect(200);
    let cursor = page.text("/next_cursor");
    assert_eq!(
        here.owner.get(&format!("/v1/clients?limit=2&cursor={cursor}")).await.at("/items").as_array().map(Vec::len),
        Some(1)
    );
    here.owner
        .get(&format!("/v1/clients?limit=2&status=pending&cursor={cursor}"))
        .await
        .expect_problem(400, "cursor_invalid");
    there.owner.get(&format!("/v1/clients?limit=2&cursor={cursor}")).await.expect_problem(400, "cursor_invalid");
    // It leads on for a quarter of an hour, also in another session of the same person.
    world.advance(15 * 60 - 1).await;
    let owner = world.sign_in("owner@cursor.example").await;
    owner.get(&format!("/v1/clients?limit=2&cursor={cursor}")).await.expect(200);
    world.advance(1).await;
    owner.get(&format!("/v1/clients?limit=2&cursor={cursor}")).await.expect_problem(400, "cursor_invalid");
    owner.get("/v1/clients?limit=201").await.expect_problem(400, "invalid_parameter");
    owner.get("/v1/clients?no_such=1").await.expect_problem(400, "unknown_parameter");
}

// OBS-1
#[tokio::test]
async fn unknown_addresses_and_methods_are_problems_too() {
    let world = World::start().await;
    world.anonymous.get("/v1/nothing").await.expect_problem(404, "not_found");
    world.anonymous.request(Method::PUT, "/v1/clients").send().await.expect_problem(405, "method_not_allowed");
    let slug = json!({"name": "X", "slug": "taken", "time_zone": "UTC", "currency": "USD", "owner": {"full_name": "A B", "email": "a@b.example"}});
    world.anonymous.post("/v1/practices", slug.clone()).await.expect(201);
    world.anonymous.post("/v1/practices", slug).await.expect_problem(409, "slug_taken");
}
