//! The reported lists over HTTP: who is who, quotation marks, encodings, therapists.

use super::*;

fn report(name: &str) -> Vec<u8> {
    sample(&format!("reports/{name}"))
}

// C6, B14: what a family shares joins nobody, in imports and in hints alike
#[tokio::test]
async fn two_first_names_are_two_clients_whatever_they_share() {
    let world = World::start().await;
    let practice = world.practice("twins").await;
    let (twins, done) = import(&world, &practice, &report("03-twins.csv"), json!({})).await;
    assert_counts(&done, [2, 0, 0, 0, 0]);
    assert_eq!(twins.rows("").await[1]["warnings"], json!(["email_shared"]));

    let other = world.practice("stored").await;
    let lena = json!({"first_name": "Lena", "last_name": "Voss", "email": "family.voss@mail.example", "date_of_birth": "2015-06-01"});
    other.owner.post("/v1/clients", lena).await.expect(201);
    let options = json!({"duplicates": "update_all"});
    let (_, done) = import(&world, &other, &report("03b-stored-twin-then-update-all.csv"), options).await;
    assert_counts(&done, [1, 0, 0, 0, 0]);
    assert_eq!((find(&other, "Lena").await.len(), find(&other, "Tom").await.len()), (1, 1));

    let indic = world.practice("indic").await;
    let add = |first: &str| json!({"first_name": first, "last_name": "शर्मा", "email": "sharma@mail.example"});
    indic.owner.post("/v1/clients", add("रीमा")).await.expect(201);
    indic.owner.post("/v1/clients", add("रमा")).await.expect(201);
    indic.owner.post("/v1/clients", add("रमा")).await.expect_problem(409, "possible_duplicate");
}

// C7: each physical line has its word
#[tokio::test]
async fn a_broken_quotation_fails_its_line_alone_and_comes_back_as_it_stood() {
    let world = World::start().await;
    let practice = world.practice("quotes").await;
    let (list, done) = import(&world, &practice, &report("01-stray-quote-to-eof.csv"), json!({})).await;
    assert_counts(&done, [29, 0, 0, 0, 1]);
    let failed = list.rows("?outcome=failed").await;
    assert_eq!((failed[0]["line"].clone(), failed[0]["code"].clone()), (json!(6), json!("quote_broken")));
    let sheet = practice.owner.get(&format!("{}/errors.csv", list.path)).await.expect(200);
    let text = String::from_utf8(sheet.bytes.to_vec()).expect("text");
    assert!(text.contains("\nC05,Case,c05@mail.example,\"call back,"), "{text}");
    let mended = text.replace("\"call back", "call back");
    let (_, done) = import(&world, &practice, mended.as_bytes(), json!({})).await;
    assert_counts(&done, [1, 0, 0, 0, 0]);
    assert_eq!(total(&practice).await, 30);
}

// decision 13
#[tokio::test]
async fn an_encoding_is_asked_for_and_the_answer_is_how_the_file_is_read() {
    let world = World::start().await;
    let practice = world.practice("mac").await;
    let list = Import::upload(&world, &practice, &report("06-macroman-cr.csv"), json!({})).await;
    assert_eq!(
        (list.seen.text("/state"), list.seen.text("/questions/0/code")),
        ("awaiting_mapping".into(), "encoding".into())
    );
    let wrong = json!({"answers": {"encoding": "utf-16le"}});
    practice.owner.put(&format!("{}/mapping", list.path), wrong).await.expect(422);
    let answer = json!({"answers": {"encoding": "macintosh"}});
    let ready = practice.owner.put(&format!("{}/mapping", list.path), answer).await.expect(200);
    assert_eq!((ready.text("/state"), ready.text("/encoding")), ("ready".into(), "macintosh".into()));
    assert_counts(&list.run("commit").await, [2, 0, 0, 0, 0]);
    assert_eq!(find(&practice, "José").await.len(), 1);
}

// decision 5, decision 3
#[tokio::test]
async fn a_therapist_is_found_by_address_and_by_name_and_a_single_name_is_a_name() {
    let world = World::start().await;
    let practice = world.practice("forms").await;
    let team = practice.owner.get("/v1/staff").await.expect(200);
    let (address, name) = (team.text("/items/0/email"), team.text("/items/0/full_name"));
    let (first, last) = name.split_once(' ').expect("two names");
    let file = format!(
        "First Name,Last Name,Therapist\nA,Case,{address}\nB,Case,\"{name}, LMFT\"\nC,Case,\"{last}, {first}\"\nD,Case,Dr. {name}\nAiko,,\n"
    );
    let (list, done) = import(&world, &practice, file.as_bytes(), json!({"ownership": "practice"})).await;
    assert_counts(&done, [5, 0, 0, 0, 0]);
    for row in &list.rows("").await[..4] {
        assert_eq!(row.get("warnings"), None, "{row}");
    }
    let aiko = find(&practice, "Aiko").await;
    assert_eq!((aiko.len(), aiko[0]["last_name"].clone()), (1, json!("")));
    practice.owner.post("/v1/clients", json!({"first_name": "Sukarno", "last_name": ""})).await.expect(201);
}
