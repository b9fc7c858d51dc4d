//! Members: what is shown of them, their status, their last admin.

use caseload_local::faults::{Fault, Kind};
use end_to_end::World;
use http::Method;
use serde_json::{Value, json};

use super::{families, send};

// L2, matrix staff.list_roster
#[tokio::test]
async fn an_admin_sees_the_whole_roster_and_colleagues_who_works_here() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let theo = practice.hires("Theo", "Therapist").await;
    practice.invites_staff("Ines", "Intern", false).await;
    let roster = practice.owner.get("/v1/staff").await.expect(200).at("/items");
    let names: Vec<_> = roster.as_array().expect("items").iter().map(|staff| staff["full_name"].clone()).collect();
    assert_eq!(names, ["Ines Berg", "Theo Berg", "Dana Owner"]);
    let invited = practice.owner.get("/v1/staff?status=invited").await.expect(200).at("/items");
    assert_eq!(invited.as_array().map(Vec::len), Some(1));
    assert_eq!(invited[0]["email"], "ines@harbor.example");
    let seen = theo.get("/v1/staff").await.expect(200).at("/items");
    let theos = json!({"id": theo.id, "full_name": "Theo Berg", "role": {"name": "Therapist"}, "status": "active",
        "shown_to": "colleague", "etag": seen[0]["etag"]});
    assert_eq!(seen.as_array().map(Vec::len), Some(2));
    assert_eq!(seen[0], theos);
    assert_eq!(theo.get("/v1/staff?status=invited").await.expect(200).at("/items"), json!([]));
    theo.get(&format!("/v1/staff/{}", practice.owner.id)).await.expect_problem(403, "role");
    // decision 29
    let own = theo.get(&format!("/v1/staff/{}", theo.id)).await.expect(200);
    assert_eq!(
        (own.text("/email"), own.text("/shown_to")),
        ("theo@harbor.example".to_owned(), "admin_or_self".to_owned())
    );
}

// API-2
#[tokio::test]
async fn the_roster_comes_in_pages() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    for name in ["Ada", "Ben", "Cleo", "Dora", "Emil"] {
        practice.invites_staff(name, "Therapist", false).await;
    }
    let mut names = Vec::new();
    let mut path = "/v1/staff?status=invited&limit=2".to_owned();
    loop {
        let page = practice.owner.get(&path).await.expect(200);
        let items = page.at("/items").as_array().cloned().expect("items");
        assert!((1..=2).contains(&items.len()));
        names.extend(items.iter().map(|staff| staff["full_name"].as_str().unwrap_or_default().to_owned()));
        match page.at("/next_cursor").as_str() {
            Some(cursor) => path = format!("/v1/staff?status=invited&limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(names, ["Emil Berg", "Dora Berg", "Cleo Berg", "Ben Berg", "Ada Berg"]);
    practice.owner.get(&path.replace("status=invited", "status=active")).await.expect_problem(400, "cursor_invalid");
}

// L3, decision 6
#[tokio::test]
async fn on_hold_sees_nobody_and_inactive_is_out_with_the_next_request() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let theo = practice.hires("Theo", "Therapist").await;
    let client = theo.adds_client("Maya").await;
    let path = format!("/v1/staff/{}/status", theo.id);
    practice.owner.put(&path, json!({"status": "on_hold"})).await.expect(200);
    for ask in families(&client) {
        let answer = send(&theo, &ask).await;
        if ["/v1/tags", "/v1/staff", "/v1/practice"].contains(&ask.1.as_str()) && ask.0 == "GET" {
            answer.expect(200);
        } else {
            answer.expect_problem(403, "on_hold");
        }
    }
    theo.get("/v1/me").await.expect(200);
    practice.owner.put(&path, json!({"status": "active"})).await.expect(200);
    theo.get(&format!("/v1/clients/{client}")).await.expect(200);
    practice.owner.put(&path, json!({"status": "inactive"})).await.expect(200);
    for ask in families(&client) {
        send(&theo, &ask).await.expect_problem(401, "unauthenticated");
    }
    let refresh = json!({"refresh_token": theo.refresh_token});
    assert_eq!(world.anonymous.post("/v1/auth/refresh", refresh).await.status, 401);
    // Back again, but not with the old session.
    practice.owner.put(&path, json!({"status": "active"})).await.expect(200);
    theo.get("/v1/me").await.expect(401);
    practice.owner.put(&path, json!({"status": "removed"})).await.expect(422);
    let (_, invited) = practice.invites_staff("Ines", "Intern", false).await;
    let path = format!("/v1/staff/{}/status", invited.text("/id"));
    practice.owner.put(&path, json!({"status": "active"})).await.expect_problem(409, "invitation_not_accepted");
}

// L7, d-33
#[tokio::test]
async fn a_members_own_billing_modifier_stands_before_the_roles() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let role = practice.role("Intern").await;
    owner.patch(&format!("/v1/roles/{role}"), json!({"billing_modifier": "HN"})).await.expect(200);
    let ines = practice.hires("Ines", "Intern").await;
    let path = format!("/v1/staff/{}", ines.id);
    assert_eq!(owner.get(&path).await.expect(200).text("/effective_billing_modifier"), "HN");
    let changed = owner.patch(&path, json!({"billing_modifier": "HO", "full_name": "Ines Dahl"})).await.expect(200);
    assert_eq!(
        (changed.text("/billing_modifier"), changed.text("/effective_billing_modifier")),
        ("HO".into(), "HO".into())
    );
    assert_eq!(changed.text("/full_name"), "Ines Dahl");
    let changed = owner.patch(&path, json!({"billing_modifier": null})).await.expect(200);
    assert_eq!(
        (changed.at("/billing_modifier"), changed.text("/effective_billing_modifier")),
        (json!(null), "HN".into())
    );
    owner.patch(&path, json!({"billing_modifier": "HX"})).await.expect(422);
    let stale = owner.request(Method::PATCH, &path).header("if-match", "\"v1\"").json(&json!({"full_name": "X"}));
    stale.send().await.expect_problem(412, "stale");
    // The name follows everywhere.
    let client = ines.adds_client("Maya").await;
    let shown = owner.get(&format!("/v1/clients/{client}")).await.expect(200);
    assert_eq!(shown.text("/assigned_staff/full_name"), "Ines Dahl");
}

// L4, L7, API-3, RFC 9110
#[tokio::test]
async fn a_member_is_changed_or_removed_at_the_version_that_was_read() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let theo = practice.hires("Theo", "Therapist").await;
    let path = format!("/v1/staff/{}", theo.id);
    let tag = practice.owner.get(&path).await.expect(200).header("etag");
    let patch = || practice.owner.request(Method::PATCH, &path).json(&json!({"full_name": "Theo Dahl"}));
    let remove = || practice.owner.request(Method::DELETE, &path);
    patch().send().await.expect_problem(428, "if_match_required");
    remove().send().await.expect_problem(428, "if_match_required");
    for other in ["\"v99\"".to_owned(), format!("W/{tag}")] {
        patch().header("if-match", &other).send().await.expect_problem(412, "stale");
        remove().header("if-match", &other).send().await.expect_problem(412, "stale");
    }
    let renamed = patch().header("if-match", &tag).send().await.expect(200);
    remove().header("if-match", &tag).send().await.expect_problem(412, "stale");
    remove().header("if-match", &renamed.header("etag")).send().await.expect(204);
}

// L5, INV-11
#[tokio::test]
async fn a_practice_keeps_an_active_admin() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let path = format!("/v1/staff/{}", owner.id);
    for status in ["inactive", "on_hold"] {
        owner.put(&format!("{path}/status"), json!({"status": status})).await.expect_problem(409, "last_admin");
    }
    owner.delete(&path).await.expect_problem(409, "last_admin");
    let role = practice.role("Therapist").await;
    let own = json!({"role_id": role, "admin": false});
    owner.put(&format!("{path}/role"), own.clone()).await.expect_problem(409, "own_role");
    // Somebody invited is not there yet.
    practice.invites_staff("Ada", "Therapist", true).await;
    owner.delete(&path).await.expect_problem(409, "last_admin");
    let ada = world.accept("ada@harbor.example").await;
    ada.put(&format!("{path}/role"), own).await.expect(200);
    owner.get("/v1/roles").await.expect_problem(403, "role");
    ada.delete(&format!("/v1/staff/{}", ada.id)).await.expect_problem(409, "last_admin");
}

// L5, INV-11
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_admins_who_disable_each_other_at_once_leave_one() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    for round in 0..5 {
        let one = &practice.owner;
        let two = practice.hires_admin(&format!("Ada{round}")).await;
        let (of_one, of_two) = (format!("/v1/staff/{}/status", one.id), format!("/v1/staff/{}/status", two.id));
        let off = json!({"status": "inactive"});
        let (first, second) = tokio::join!(one.put(&of_two, off.clone()), two.put(&of_one, off.clone()));
        let done = [&first, &second].iter().filter(|answer| answer.status == 200).count();
        assert_eq!(done, 1, "{} {}", first.json(), second.json());
        if second.status == 200 {
            one.get("/v1/me").await.expect(401);
            two.get("/v1/roles").await.expect(200);
            return;
        }
        two.get("/v1/me").await.expect(401);
        one.get("/v1/roles").await.expect(200);
    }
}

// C1, L3: an import names Tess for its rows while she is put on hold
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_gives_nobody_clients_who_was_put_on_hold_meanwhile() {
    let world = World::start().await;
    let practice = world.practice("meanwhile").await;
    let owner = &practice.owner;
    let tess = practice.hires("Tess", "Therapist").await;
    let csv = "First Name,Last Name,Therapist\nAna,Okafor,Tess Berg\nIda,Lund,Tess Berg\n";
    let path = owner.uploads_import(csv, json!({})).await;
    world.cloud.settled().await;
    // The worker has decided its rows and gets no further, until she is on hold.
    world.cloud.faults().arm(Fault::at(1, Kind::Hold).operation("TransactWriteItems").workers());
    owner.do_post(&format!("{path}/commit")).await.expect(202);
    world.cloud.faults().have_struck(1).await;
    practice.sets_status(&tess, "on_hold").await;
    world.cloud.faults().clear();
    world.cloud.settled().await;
    assert_eq!(owner.get(&path).await.expect(200).text("/state"), "done");
    let rows = owner.get(&format!("{path}/rows")).await.expect(200).at("/items");
    for row in rows.as_array().expect("rows") {
        assert_eq!((&row["outcome"], &row["warnings"]), (&json!("created"), &json!(["staff_unknown"])), "{row}");
        let client = owner.get(&format!("/v1/clients/{}", row["client_id"].as_str().expect("an id"))).await;
        assert_eq!(client.expect(200).at("/assigned_staff"), Value::Null);
    }
}
