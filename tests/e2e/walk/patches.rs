//! A patch of one field leaves all others as they were, on every route that takes patches (B5, d-40, RFC 7396).

use std::collections::BTreeMap;

use caseload_local::openapi;
use end_to_end::{Practice, World};
use serde_json::{Map, Value, json};

/// A field of a patch: where it is, and two values for it.
type Leaf = (String, [Value; 2]);

struct Document(Value);

impl Document {
    fn read() -> Self {
        Self(serde_json::to_value(openapi::document()).expect("a document"))
    }

    /// The paths that take patches, each with the schema of its body.
    fn patches(&self) -> BTreeMap<String, Value> {
        let paths = self.0["paths"].as_object().expect("paths").iter();
        let body = |methods: &Value| methods["patch"]["requestBody"]["content"]["application/json"]["schema"].clone();
        paths.filter(|(_, methods)| methods["patch"].is_object()).map(|(path, m)| (path.clone(), body(m))).collect()
    }

    /// What a schema comes to where something is set.
    fn set<'v>(&'v self, schema: &'v Value) -> &'v Value {
        if let Some(to) = schema["$ref"].as_str().and_then(|to| to.strip_prefix('#')) {
            return self.set(self.0.pointer(to).expect("a schema"));
        }
        let mut choices = schema["oneOf"].as_array().into_iter().flatten().filter(|one| one["type"] != "null");
        match (choices.next(), choices.next()) {
            (Some(only), None) => self.set(only),
            _ => schema,
        }
    }

    /// Every field below, however deep.
    fn leaves(&self, schema: &Value, pointer: &str, all: &mut Vec<Leaf>) {
        let schema = self.set(schema);
        if let Some(members) = schema["properties"]
            .as_object()
            .filter(|_| !matches!(pointer, "/phone" | "/repeat" | "/quiet_hours" | "/price"))
        {
            for (name, member) in members {
                self.leaves(member, &format!("{pointer}/{name}"), all);
            }
        } else if schema["additionalProperties"].is_object() {
            let names = &schema["propertyNames"]["enum"];
            let named = names.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
            let mut names: Vec<String> = named.collect();
            if names.is_empty() {
                // Names that the description does not list: two features of a role.
                names = vec!["notes".to_owned(), "files".to_owned()];
            }
            for name in names {
                self.leaves(&schema["additionalProperties"], &format!("{pointer}/{name}"), all);
            }
        } else {
            all.push((pointer.to_owned(), values(pointer, schema)));
        }
    }
}

/// Two values that the field may have.
fn values(pointer: &str, schema: &Value) -> [Value; 2] {
    let both = |one: Value, two: Value| [one, two];
    match pointer {
        "/email" => both(json!("one@mail.example"), json!("two@mail.example")),
        "/phone" => {
            let phone = |number: &str| json!({"number": number, "country": "US"});
            both(phone("415 555 0134"), phone("415 555 0199"))
        }
        "/date_of_birth" => both(json!("1990-01-02"), json!("1991-03-04")),
        "/tags" => both(json!(["tag a"]), json!(["tag b", "tag c"])),
        "/color" => both(json!("#112233"), json!("#445566")),
        "/time_zone" => both(json!("Europe/Oslo"), json!("Asia/Tokyo")),
        "/default_region" => both(json!("NO"), json!("JP")),
        "/due" => both(json!("2090-01-02"), json!("2090-03-04")),
        "/repeat" => {
            both(json!({"every": "day", "interval": 2}), json!({"every": "week", "interval": 1, "on": ["mon"]}))
        }
        "/quiet_hours" => both(json!({"from": "21:00", "to": "07:30"}), json!({"from": "12:00", "to": "13:00"})),
        "/minutes" => both(json!(45), json!(60)),
        "/price" => both(json!({"amount": 12_000, "currency": "USD"}), json!({"amount": 15_000, "currency": "USD"})),
        "/link" => both(json!("https://meet.example/a"), json!("https://meet.example/b")),
        // A room on the net goes with no other.
        "/place" => both(json!("video"), json!("video")),
        "/file_ids" => both(json!([]), json!([])),
        "/consent" => both(json!(true), json!(true)),
        "/scheduling/slot_minutes" => both(json!(15), json!(20)),
        "/scheduling/reminders" => both(json!([24, 2]), json!([48])),
        // Who has no second factor is kept out by it.
        "/team/require_totp" => both(json!(false), json!(false)),
        _ => {
            let kind = |name: &str| {
                schema["type"] == name || schema["type"].as_array().is_some_and(|all| all.contains(&json!(name)))
            };
            match schema["enum"].as_array().map(Vec::as_slice) {
                Some([one, two, ..]) => both(one.clone(), two.clone()),
                _ if kind("boolean") => both(json!(false), json!(true)),
                _ if kind("integer") => {
                    let least = schema["minimum"].as_u64().unwrap_or(0).max(3);
                    both(json!(least), json!(least + 1))
                }
                _ if kind("string") => both(json!("One"), json!("Two")),
                _ => panic!("{pointer}: say which values this field takes: {schema}"),
            }
        }
    }
}

/// Where what is read shows a field, if not at the place that a patch has it.
fn shown(path: &str, pointer: &str) -> String {
    match (path, pointer) {
        ("/v1/clients/{client_id}", "/diagnosis" | "/symptoms") => format!("/clinical{pointer}"),
        ("/v1/clients/{client_id}", "/risk_level") => "/clinical/risk/level".to_owned(),
        ("/v1/tasks/{task_id}", "/file_ids") => "/files".to_owned(),
        ("/v1/clients/{client_id}/portal", "/consent") => "/consent_at".to_owned(),
        ("/v1/clients/{client_id}/portal", _) if pointer.starts_with("/permissions/") => format!("{pointer}/stored"),
        _ => pointer.to_owned(),
    }
}

/// Fields that mean something for another one, with what they change of it.
fn goes_along(path: &str, changed: &str, other: &str) -> bool {
    // Consent is for an address.
    path == "/v1/clients/{client_id}/portal" && changed == "/email" && other == "/consent"
}

/// A body that names only this field.
fn body(pointer: &str, value: &Value) -> Value {
    pointer
        .rsplit('/')
        .filter(|name| !name.is_empty())
        .fold(value.clone(), |inner, name| Value::Object(Map::from_iter([(name.to_owned(), inner)])))
}

/// Two values for a field that takes only what is there.
async fn things(practice: &Practice, address: &str, pointer: &str) -> Option<[Value; 2]> {
    let owner = &practice.owner;
    if pointer != "/appointment_id" {
        return None;
    }
    let client = owner.get(address).await.expect(200).text("/client_id");
    // Two hours of their own for each kind of address.
    let from = 1000 + 200 * i64::try_from(address.len()).expect("a length");
    let one = owner.books(&client, owner, (from, from + 50)).await;
    Some([json!(one), json!(owner.books(&client, owner, (from + 100, from + 150)).await)])
}

/// Something to patch: its address.
async fn made(practice: &Practice, path: &str) -> String {
    let owner = &practice.owner;
    let client = async |name: &str| owner.adds_client(name).await;
    match path {
        "/v1/practice" | "/v1/me/notifications" => path.to_owned(),
        "/v1/clients/{client_id}/notifications" => format!("/v1/clients/{}/notifications", client("Nils").await),
        "/v1/clients/{client_id}" => format!("/v1/clients/{}", client("Maya").await),
        "/v1/clients/{client_id}/portal" => format!("/v1/clients/{}/portal", client("Noor").await),
        "/v1/files/{file_id}" => {
            let client = client("Ola").await;
            format!("/v1/files/{}", owner.uploads_file(&client, json!({})).await)
        }
        "/v1/notes/{note_id}" | "/v1/notes/{note_id}/comments/{comment_id}" => {
            let client = client("Ivo").await;
            owner.gives(&client, Some(owner), json!({})).await.expect(200);
            let note = format!("/v1/notes/{}", owner.writes_note(&client, json!({})).await);
            let comments = format!("{note}/comments");
            let comment = owner.post(&comments, json!({"body": "Yes."})).await.expect(201).text("/id");
            if path.ends_with("{comment_id}") { format!("{comments}/{comment}") } else { note }
        }
        "/v1/clinical-notes/{clinical_note_id}" => {
            let client = client("Una").await;
            owner.gives(&client, Some(owner), json!({})).await.expect(200);
            owner.drafts_clinical_note(&client, json!({})).await
        }
        "/v1/tasks/{task_id}" => {
            let client = client("Tor").await;
            owner.books(&client, owner, (60, 110)).await;
            format!("/v1/tasks/{}", owner.sets_task(&client, json!({})).await)
        }
        "/v1/task-templates/{task_template_id}" => {
            let template = json!({"name": "Breathing", "title": "Breathe"});
            format!("/v1/task-templates/{}", owner.post("/v1/task-templates", template).await.expect(201).text("/id"))
        }
        "/v1/services/{service_id}" => {
            format!("/v1/services/{}", owner.makes_service(json!({"place": "video"})).await)
        }
        "/v1/roles/{role_id}" => format!("/v1/roles/{}", practice.role("Intern").await),
        "/v1/staff/{staff_id}" => format!("/v1/staff/{}", practice.hires("Theo", "Therapist").await.id),
        "/v1/tags/{tag_id}" => {
            let tag = owner.post("/v1/tags", json!({"name": "first"})).await.expect(201).text("/id");
            owner.adds_client_with("Ida", json!({"tags": [tag]})).await;
            format!("/v1/tags/{tag}")
        }
        _ => panic!("{path} takes patches: make something to patch here"),
    }
}

/// How it reads now. Tags, templates and comments are read in their list.
async fn read(practice: &Practice, path: &str) -> (Value, String) {
    let owner = &practice.owner;
    let (list, id) = path.rsplit_once('/').expect("a path");
    if matches!(list, "/v1/tags" | "/v1/task-templates" | "/v1/services") || list.ends_with("/comments") {
        let all = owner.get(list).await.expect(200).at("/items");
        let one = all.as_array().into_iter().flatten().find(|one| one["id"] == id).expect("one of them").clone();
        let etag = one["etag"].as_str().unwrap_or_default().to_owned();
        return (one, etag);
    }
    let shown = owner.get(path).await.expect(200);
    (shown.json(), shown.header("etag"))
}

// B5, d-40: a route that comes later is covered, or breaks this
#[tokio::test]
async fn a_patch_of_one_field_leaves_all_others_as_they_were() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let document = Document::read();
    let patches = document.patches();
    assert!(patches.len() >= 7, "{patches:?}");
    for (path, schema) in patches {
        let address = made(&practice, &path).await;
        let mut leaves = Vec::new();
        document.leaves(&schema, "", &mut leaves);
        // The owner is staff; a client's is set at the client.
        leaves
            .retain(|(pointer, _)| (path.as_str(), pointer.as_str()) != ("/v1/me/notifications", "/topics/reminders"));
        for (pointer, values) in &mut leaves {
            if let Some(things) = things(&practice, &address, pointer).await {
                *values = things;
            }
        }
        let patch = async |pointer: &str, value: &Value| {
            let (_, etag) = read(&practice, &address).await;
            let request = practice.owner.request(http::Method::PATCH, &address).header("if-match", &etag);
            let body = body(pointer, value);
            let answer = request.json(&body).send().await;
            assert_eq!(answer.status, 200, "PATCH {path} {body}: {}", answer.json());
            answer
        };
        // Everything has a value, set one by one.
        for (pointer, [one, _]) in &leaves {
            patch(pointer, one).await;
        }
        for (pointer, [_, two]) in &leaves {
            let (before, _) = read(&practice, &address).await;
            let answer = patch(pointer, two).await.json();
            let (after, _) = read(&practice, &address).await;
            let value = |of: &Value, pointer: &str| of.pointer(&shown(&path, pointer)).cloned().unwrap_or(Value::Null);
            assert_ne!(value(&after, pointer), Value::Null, "{path}{pointer}: where is it read?");
            assert_eq!(value(&answer, pointer), value(&after, pointer), "{path}{pointer}: the answer is what is read");
            if !matches!(pointer.as_str(), "/phone" | "/tags" | "/consent") {
                assert_eq!(value(&after, pointer), *two, "{path}{pointer}");
            }
            for (other, _) in leaves.iter().filter(|(other, _)| other != pointer && !goes_along(&path, pointer, other))
            {
                assert_eq!(value(&before, other), value(&after, other), "{path}: {pointer} changed {other}");
            }
        }
        // And what the answer says beside the fields is what is read, too.
        let (pointer, [one, _]) = leaves.first().expect("a field");
        let answer = patch(pointer, one).await.json();
        let (after, _) = read(&practice, &address).await;
        // How much there is under each tab is counted where the profile is read.
        let beside = |name: &str| matches!(name, "etag" | "tabs" | "engagement");
        for (name, value) in after.as_object().into_iter().flatten().filter(|(name, _)| !beside(name)) {
            assert_eq!(answer.get(name), Some(value), "{path}: {name} in the answer");
        }
    }
}

// d-40, E3
#[tokio::test]
async fn a_feature_keeps_its_label_intro_and_place_when_it_is_switched() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let features = |notes: Value| json!({"portal": {"features": {"notes": notes}}});
    let owner = &practice.owner;
    owner.patch("/v1/practice", features(json!({"label": "Journal"}))).await.expect(200);
    owner.patch("/v1/practice", features(json!({"intro": "What we wrote.", "order": 7}))).await.expect(200);
    let off = owner.patch("/v1/practice", features(json!({"enabled": false}))).await.expect(200);
    let whole = json!({"enabled": false, "label": "Journal", "order": 7, "intro": "What we wrote."});
    assert_eq!(off.at("/portal/features/notes"), whole);
    assert_eq!(off.at("/portal/features/tasks"), json!({"enabled": true, "order": 2}));
    let cleared = owner.patch("/v1/practice", features(json!({"label": null}))).await.expect(200);
    assert_eq!(cleared.at("/portal/features/notes"), json!({"enabled": false, "order": 7, "intro": "What we wrote."}));
    // What cannot be cleared is not passed over in silence.
    for body in [
        features(json!({"enabled": null})),
        json!({"portal": {"on": null}}),
        json!({"payments": {"online": null}}),
        json!({"invitations": {"max_resends": null}}),
        json!({"team": {"supervision": null}}),
    ] {
        let refused = owner.patch("/v1/practice", body.clone()).await.expect_problem(422, "invalid_field");
        assert_eq!(refused.text("/errors/0/code"), "required", "{body}");
    }
}

// E4
#[tokio::test]
async fn a_permission_that_is_cleared_follows_the_practice_again() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let path = format!("/v1/clients/{}/portal", owner.adds_client("Maya").await);
    let set = async |value: Value| {
        let patched = owner.patch(&path, json!({"permissions": {"secure_messaging": value}})).await.expect(200);
        patched.at("/permissions/secure_messaging/stored")
    };
    assert_eq!(set(json!(false)).await, false);
    assert_eq!(set(Value::Null).await, true);
    owner
        .patch("/v1/practice", json!({"portal": {"default_permissions": {"secure_messaging": false}}}))
        .await
        .expect(200);
    assert_eq!(set(Value::Null).await, false);
    owner.patch(&path, json!({"email": null})).await.expect_problem(422, "invalid_field");
}

// API-3, RFC 9110: any, one of several, none
#[tokio::test]
async fn a_change_is_made_to_one_of_the_versions_that_are_named() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let path = format!("/v1/clients/{}", practice.owner.adds_client("Maya").await);
    let send = async |tags: &[&str]| {
        let request = practice.owner.request(http::Method::PATCH, &path).json(&json!({"pronouns": "they"}));
        tags.iter().fold(request, |request, tag| request.header("if-match", tag)).send().await
    };
    let now = || async { practice.owner.get(&path).await.expect(200).header("etag") };
    send(&[]).await.expect_problem(428, "if_match_required");
    send(&["*"]).await.expect(200);
    send(&[&format!("\"v1\", {}", now().await)]).await.expect(200);
    send(&["\"v1\"", &now().await]).await.expect(200);
    for none in ["", ",", "\"v1\"", "v4", "\"*\""] {
        send(&[none]).await.expect_problem(412, "stale");
    }
    send(&[&format!("W/{}", now().await)]).await.expect_problem(412, "stale");
    practice.owner.request(http::Method::DELETE, &path).header("if-match", "*").send().await.expect(204);
}
