//! A client's record as an archive (X5).

mod written;

use std::collections::BTreeMap;

use end_to_end::{Answer, Persona, Practice, World};
use export_record::{InArchive, KINDS};
use serde_json::{Value, json};

use self::written::{comments, packets, write_notes};

fn pdf(size: usize) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.resize(size, b'x');
    bytes
}

/// A file of the client, by whom, whether the other side sees it.
async fn file(by: &Persona, client: &str, name: &str, size: usize, shared: Option<bool>) -> String {
    let mut body = json!({"name": name, "size": size, "content_type": "application/pdf"});
    if let Some(shared) = shared {
        body["shared"] = json!(shared);
    }
    let granted = by.post(&format!("/v1/clients/{client}/files"), body).await.expect(201);
    by.upload(&granted.at("/upload"), pdf(size)).await.expect(200);
    by.do_post(&format!("/v1/files/{}/complete", granted.text("/id"))).await.expect(200);
    granted.text("/id")
}

/// A practice client of Tess, whom Walt has seen too, with one of everything.
struct Record {
    practice: Practice,
    tess: Persona,
    client: String,
}

async fn record(world: &World, slug: &str) -> Record {
    let practice = world.practice(slug).await;
    let owner = practice.owner.clone();
    let tess = practice.hires("Tess", "Therapist").await;
    let walt = practice.hires("Walt", "Therapist").await;
    let (client, portal) = practice.portal_client("Maya").await;
    owner.gives(&client, Some(&tess), json!({})).await.expect(200);
    tess.writes(&client, "How was it?").await.expect(201);
    tess.patch(&format!("/v1/clients/{client}"), json!({"diagnosis": "F41.1", "tags": ["weekly"]})).await.expect(200);
    owner.books(&client, &tess, (60, 110)).await;
    let plan = file(&tess, &client, "breathing.pdf", 1000, Some(false)).await;
    tess.sets_task(&client, json!({"file_ids": [plan]})).await;
    portal.sets_task(&client, json!({})).await;
    let packet = owner.makes_packet(&[owner.writes_form(json!({})).await, owner.writes_consent().await]).await;
    tess.sends_packet(&client, &packet, json!({})).await.expect(201);
    let filled = tess.sends_packet(&client, &packet, json!({})).await.expect(201).text("/id");
    portal.post(&format!("/v1/packets/{filled}/sign"), json!({"typed_name": "Maya Lindqvist"})).await.expect(200);
    portal.do_post(&format!("/v1/packets/{filled}/submit")).await.expect(200);
    // A first look would leave its mark between two reads.
    tess.get(&format!("/v1/packets/{filled}")).await.expect(200);
    owner.books(&client, &walt, (120, 170)).await;
    owner.drafts_invoice(&client, 9000).await;
    owner.patch("/v1/practice", json!({"payments": {"online": true}})).await.expect(200);
    portal.pays(&client, &owner.issues_invoice(&client, 15000).await).await;
    // Enough for an archive that leaves in several parts.
    file(&tess, &client, "plan.pdf", 6_000_000, Some(true)).await;
    file(&tess, &client, "plan.pdf", 2000, Some(false)).await;
    file(&walt, &client, "walk-in.pdf", 3000, Some(false)).await;
    file(&owner, &client, "front desk.pdf", 4000, Some(false)).await;
    file(&portal, &client, "from maya.pdf", 5000, None).await;
    // Announced, and never uploaded.
    let body = json!({"name": "late.pdf", "size": 9, "content_type": "application/pdf", "shared": true});
    tess.post(&format!("/v1/clients/{client}/files"), body).await.expect(201);
    write_notes(&client, [&tess, &walt, &portal]).await;
    Record { practice, tess, client }
}

/// What the lists show this reader, by id.
async fn listed(who: &Persona, path: &str) -> Option<BTreeMap<String, Value>> {
    let answer = who.get(path).await;
    if answer.status == 403 {
        return None;
    }
    let items = answer.expect(200).at("/items");
    let items = items.as_array().cloned().unwrap_or_default().into_iter();
    Some(items.map(|item| (item["id"].as_str().unwrap_or_default().to_owned(), item)).collect())
}

// X5, A2, L16, security AZ-5
#[tokio::test]
async fn an_export_holds_what_single_reads_show_and_nothing_else() {
    let world = World::start().await;
    let Record { practice, tess, client } = record(&world, "whole").await;
    for (who, files) in [(&tess, 7), (&practice.owner, 4)] {
        let archive = world.exported(who, &client).await;
        let said = archive.record();
        let mut profile = who.get(&format!("/v1/clients/{client}")).await.expect(200).json();
        // Of the reader, not of the record.
        for member in ["allowed_actions", "engagement", "etag", "shown_to", "tabs"] {
            assert!(profile.as_object_mut().expect("a profile").remove(member).is_some(), "{member}");
        }
        assert_eq!(said["client"], profile);
        assert_eq!(said["exported_by"]["id"], who.id);
        for (kind, place) in KINDS {
            let InArchive::At(place) = place else { continue };
            let part = place.trim_start_matches('/');
            let path = match part {
                // Compared above, as a whole.
                "client" | "client/stats" => continue,
                "appointments" => format!("/v1/appointments?client_id={client}"),
                "clinical_notes" => format!("/v1/clients/{client}/clinical-notes"),
                list => format!("/v1/clients/{client}/{list}"),
            };
            let shown = match part {
                "note_comments" => comments(who, &client).await,
                "packets" => packets(who, &client).await,
                _ => listed(who, &path).await,
            };
            let Some(archived) = said.pointer(place) else {
                // What passes between the client and its therapist is no admin's to read.
                assert!(who.id != tess.id && shown.is_none(), "{kind} is said to be at {place}");
                continue;
            };
            // An admin reads the clinical notes of nobody.
            let some = archived.as_array().is_some_and(|items| !items.is_empty());
            assert!(some || part == "clinical_notes", "the record has no {part} to compare");
            let mut ids = archive.ids(part);
            ids.iter_mut().for_each(|ids| ids.sort_unstable());
            assert_eq!(ids, shown.as_ref().map(|shown| shown.keys().cloned().collect()), "{part}");
            for (id, shown) in shown.into_iter().flatten() {
                let items = said[part].as_array().expect("a list");
                let item = items.iter().find(|item| item["id"] == id.as_str()).expect("the same item");
                for (name, value) in
                    shown.as_object().expect("an item").iter().filter(|(name, _)| *name != "allowed_actions")
                {
                    assert_eq!(item[name], *value, "{part}: {name}");
                }
            }
        }
        assert_eq!(archive.ids("files").map(|ids| ids.len()), Some(files));
        for item in said["files"].as_array().expect("files") {
            let bytes = item["path"].as_str().map(|path| archive.entries[path].clone());
            let good = item["state"] == "available";
            assert_eq!(bytes, good.then(|| pdf(usize::try_from(item["size"].as_u64().unwrap()).unwrap())), "{item}");
        }
        let good = said["files"].as_array().expect("files").iter().filter(|item| item["path"].is_string()).count();
        assert_eq!(archive.entries.len(), 2 + good, "{:?}", archive.entries.keys());
    }
    // Tess sees what Walt hid, for she is the therapist; twice the same name is told apart.
    let archive = world.exported(&tess, &client).await;
    assert!(archive.entries.contains_key("files/plan.pdf") && archive.entries.contains_key("files/plan (2).pdf"));
}

// X5, L5: a part that the role does not include is not in the archive either
#[tokio::test]
async fn what_a_role_does_not_include_is_left_out_of_the_export() {
    let world = World::start().await;
    let Record { practice, tess, client } = record(&world, "parts").await;
    assert!(world.exported(&tess, &client).await.record()["client"]["clinical"].is_object());
    let off = json!({"clinical.diagnosis": "off", "files": "off", "appointments": "off", "billing.read": "off",
        "messages": "off"});
    practice.sets_features(off).await;
    let archive = world.exported(&tess, &client).await;
    let said = archive.record();
    assert!(said["client"].get("clinical").is_none());
    for part in ["files", "messages", "appointments", "invoices", "payments"] {
        assert!(said.get(part).is_none(), "{part}");
    }
    let csv = String::from_utf8(archive.entries["client.csv"].clone()).expect("text");
    assert!(!csv.contains("F41.1") && !csv.contains("diagnosis"), "{csv}");
    assert_eq!(archive.entries.len(), 2);
}

// X5, L5: an archive made before shows what is no longer included
#[tokio::test]
async fn an_archive_is_not_had_by_whom_a_part_of_it_was_taken() {
    let world = World::start().await;
    let Record { practice, tess, client } = record(&world, "before").await;
    let asked = tess.do_post(&format!("/v1/clients/{client}/export")).await.expect(202);
    world.cloud.settled().await;
    let download = format!("/v1/exports/{}/download", asked.text("/id"));
    tess.do_post(&download).await.expect(200);
    for feature in ["files", "messages", "clinical.diagnosis", "appointments", "billing.read"] {
        practice.sets_features(json!({feature: "off"})).await;
        tess.do_post(&download).await.expect_problem(403, "role");
        practice.sets_features(json!({feature: "inherit"})).await;
    }
    tess.do_post(&download).await.expect(200);
}

async fn operations(world: &World, answer: &Answer) -> Vec<String> {
    let calls = world.calls(answer).await;
    let mut names: Vec<String> =
        calls.iter().map(|call| call["operation"].as_str().unwrap_or_default().into()).collect();
    names.sort_unstable();
    names
}

// X5, decision 19, AUD-2: audited item by item
#[tokio::test]
async fn an_export_names_in_the_trail_all_it_holds() {
    let world = World::start().await;
    let Record { tess, client, .. } = record(&world, "trail").await;
    let asked = tess.do_post(&format!("/v1/clients/{client}/export")).await.expect(202);
    world.cloud.settled().await;
    let trail = world.audit(&asked).await;
    let named: Vec<&String> = trail.iter().flat_map(|(_, _, resources)| resources).collect();
    let files = listed(&tess, &format!("/v1/clients/{client}/files")).await.expect("files");
    for id in files.keys().chain([&asked.text("/id")]) {
        assert!(named.contains(&id), "{id}: {trail:?}");
    }
    assert!(trail.iter().all(|(action, decided, _)| action == "client.export_record" && decided != "denied"));
    let cost = [
        "BatchGetItem",
        "PutItem",
        "PutObject",
        "Query",
        "Query",
        "Query",
        "Query",
        "Query",
        "Query",
        "Query",
        "Query",
        "Query",
        "Query",
        "TransactWriteItems",
        "UpdateItem",
    ];
    assert_eq!(operations(&world, &asked).await, cost);
    let download = tess.do_post(&format!("/v1/exports/{}/download", asked.text("/id"))).await.expect(200);
    assert_eq!(operations(&world, &download).await, ["BatchGetItem", "TransactWriteItems"]);
    let trail = world.audit(&download).await;
    assert_eq!(trail, [("client.export_record".to_owned(), "done".to_owned(), vec![asked.text("/id")])]);
}

// X5, IMP-4
#[tokio::test]
async fn an_exported_client_comes_back_through_the_importer() {
    let world = World::start().await;
    let from = world.practice("earlier").await;
    let person = json!({
        "first_name": "=Zoë", "middle_name": "M.", "last_name": "O'Neil, Jr", "preferred_name": "Zo", "pronouns": "they/them",
        "email": "zoe@mail.example", "phone": {"number": "+14155550123", "country": "US"}, "date_of_birth": "1990-02-03", "gender": "woman",
        "sex": "female", "address": {"street": "1 Pier\nFlat 2", "city": "Bergen", "region": "Vestland",
        "postal_code": "5003", "country": "Norway"}, "occupation": "@sea", "employer": "Harbor \"North\"",
        "employment_status": "full time", "relationship_status": "married", "living_arrangement": "alone",
        "diagnosis": "+F41.1\nsince 2019", "symptoms": "- worry", "external_id": "A-17", "tags": ["weekly", "new"]});
    let client = from.owner.post("/v1/clients", person).await.expect(201).text("/id");
    let csv = world.exported(&from.owner, &client).await.entries["client.csv"].clone();
    let to = world.practice("onward").await.owner;
    let path = to.uploads_import(csv, json!({})).await;
    world.cloud.settled().await;
    assert_eq!(to.get(&path).await.expect(200).text("/state"), "ready");
    to.do_post(&format!("{path}/commit")).await.expect(202);
    world.cloud.settled().await;
    let rows = to.get(&format!("{path}/rows")).await.expect(200);
    assert_eq!(rows.text("/items/0/outcome"), "created", "{}", rows.json());
    let back = to.get(&format!("/v1/clients/{}", rows.text("/items/0/client_id"))).await.expect(200).json();
    let sent = from.owner.get(&format!("/v1/clients/{client}")).await.expect(200).json();
    let same = [
        "first_name",
        "middle_name",
        "last_name",
        "preferred_name",
        "pronouns",
        "email",
        "phone",
        "date_of_birth",
        "gender",
        "sex",
        "address",
        "occupation",
        "employer",
        "employment_status",
        "relationship_status",
        "living_arrangement",
        "clinical",
        "external_id",
        "join_date",
        "status",
    ];
    for name in same {
        assert_eq!(back[name], sent[name], "{name}");
    }
    let names = |client: &Value| -> Vec<String> {
        let mut names: Vec<_> = client["tags"].as_array().unwrap().iter().map(|tag| tag["name"].to_string()).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(names(&back), names(&sent));
}

// X5, L10, L16: what its maker could read may be more than what another reader can
#[tokio::test]
async fn only_who_asked_for_an_export_has_it_and_only_while_the_record_is_theirs() {
    let world = World::start().await;
    let Record { practice, tess, client } = record(&world, "mine").await;
    let path = format!("/v1/clients/{client}/export");
    let ask = async |who: &Persona| {
        let export = format!("/v1/exports/{}", who.do_post(&path).await.expect(202).text("/id"));
        world.cloud.settled().await;
        export
    };
    let export = ask(&tess).await;
    let admin = practice.hires_admin("Ada").await;
    let stranger = world.practice("other").await.owner;
    for other in [&practice.owner, &admin, &stranger] {
        other.get(&export).await.expect_problem(404, "not_found");
        other.do_post(&format!("{export}/download")).await.expect_problem(404, "not_found");
    }
    // Unguessable, and of no client one does not see.
    stranger.do_post(&path).await.expect_problem(404, "not_found");
    practice.sets_features(json!({"clients.export": "off"})).await;
    tess.do_post(&path).await.expect_problem(403, "role");
    tess.do_post(&format!("{export}/download")).await.expect_problem(403, "role");
    practice.sets_features(json!({"clients.export": "inherit"})).await;
    tess.do_post(&format!("{export}/download")).await.expect(200);
    practice.owner.post(&format!("/v1/clients/{client}/reassign"), json!({"staff_id": null})).await.expect(200);
    // Her own sessions make no walk-in of her: the client is not there any more.
    tess.do_post(&path).await.expect_problem(404, "not_found");
    tess.do_post(&format!("{export}/download")).await.expect_problem(404, "not_found");
    let export = ask(&practice.owner).await;
    practice.sets_status(&tess, "inactive").await;
    tess.get(&export).await.expect_problem(401, "unauthenticated");
}

// X5
#[tokio::test]
async fn an_archive_is_kept_for_an_hour_and_ten_are_made_in_one() {
    let world = World::start().await;
    // The window of the limit begins with the hour: nothing of this may fall into two.
    let into = world.cloud.clock().now().as_second().rem_euclid(3600);
    world.advance(3600 - into).await;
    let practice = world.practice("hour").await;
    let owner = &practice.owner;
    let client = owner.adds_client("Ana Okafor").await;
    let path = format!("/v1/clients/{client}/export");
    let mut exports = Vec::new();
    for _ in 0..10 {
        exports.push(format!("/v1/exports/{}", owner.do_post(&path).await.expect(202).text("/id")));
    }
    let refused = owner.do_post(&path).await.expect_problem(429, "too_many_requests");
    assert!(!refused.header("retry-after").is_empty());
    world.cloud.settled().await;
    let read = owner.get(&exports[0]).await.expect(200);
    assert_eq!((read.text("/state"), read.text("/client_id")), ("ready".to_owned(), client));
    assert!(read.at("/size").as_u64().is_some_and(|size| size > 500), "{}", read.json());
    let link = owner.do_post(&format!("{}/download", exports[0])).await.expect(200).text("/url");
    let fetched = owner.fetch(&link).await.expect(200);
    assert_eq!(Some(fetched.bytes.len() as u64), read.at("/size").as_u64());
    let said = fetched.header("content-disposition");
    assert!(said.starts_with("attachment") && said.contains("record-") && !said.contains("Okafor"), "{said}");
    world.advance(61).await;
    assert_eq!(owner.fetch(&link).await.status, 403);
    world.advance(3540).await;
    let owner = world.sign_in("owner@hour.example").await;
    assert_eq!(owner.get(&exports[0]).await.expect(200).text("/state"), "expired");
    owner.do_post(&format!("{}/download", exports[0])).await.expect_problem(409, "export_expired");
}

// X5, decision 21
#[tokio::test]
async fn an_export_is_made_once_however_often_it_is_delivered() {
    let world = World::start().await;
    world.cloud.deliver_twice(true);
    let Record { tess, client, .. } = record(&world, "twice").await;
    let key = ("idempotency-key", "one-export");
    let path = format!("/v1/clients/{client}/export");
    let first = tess.request(http::Method::POST, &path).header(key.0, key.1).send().await.expect(202);
    let again = tess.request(http::Method::POST, &path).header(key.0, key.1).send().await.expect(202);
    assert_eq!(first.text("/id"), again.text("/id"));
    world.cloud.settled().await;
    let export = format!("/v1/exports/{}", first.text("/id"));
    assert_eq!(tess.get(&export).await.expect(200).text("/state"), "ready");
    let link = tess.do_post(&format!("{export}/download")).await.expect(200).text("/url");
    let archive = end_to_end::Archive::open(&tess.fetch(&link).await.expect(200).bytes);
    assert_eq!(archive.ids("files").map(|ids| ids.len()), Some(7));
}
