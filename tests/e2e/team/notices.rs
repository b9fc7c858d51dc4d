//! Who hears of a change of therapist, and what: that it happened, never whose client it is.

use end_to_end::{Persona, Practice, World};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::{Value, json};

const SUBJECTS: &[&str] =
    &["Clients have been given to you", "Clients of yours have been handed over", "A change at your practice"];

/// The notices to an address, newest first: the first line of each.
async fn notices(world: &World, address: &str) -> Vec<String> {
    let mails = world.mails(address).await;
    let told = mails.iter().filter(|mail| SUBJECTS.iter().any(|subject| mail["subject"] == *subject));
    told.map(|mail| mail["text"].as_str().and_then(|text| text.lines().next()).unwrap_or_default().to_owned()).collect()
}

async fn of(world: &World, names: &[&str]) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for name in names {
        all.push(notices(world, &format!("{name}@harbor.example")).await);
    }
    all
}

async fn pair(practice: &Practice) -> (Persona, Persona) {
    (practice.hires("Theo", "Therapist").await, practice.hires("Vera", "Therapist").await)
}

const GIVEN: &str = "A client of harbor Therapy has been given to you.";
const OVER: &str = "A client of yours at harbor Therapy has been handed over.";

// L10, security EML-1
#[tokio::test]
async fn both_therapists_hear_of_a_reassignment_and_nobody_of_their_own_act() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = pair(&practice).await;
    let maya = theo.adds_client("Maya").await;
    let path = format!("/v1/clients/{maya}/reassign");
    owner.post(&path, json!({"staff_id": vera.id})).await.expect(200);
    assert_eq!(of(&world, &["theo", "vera", "owner"]).await, [vec![OVER], vec![GIVEN], vec![]]);
    for name in ["theo", "vera"] {
        let mail = world.newest_mail(&format!("{name}@harbor.example")).await.to_string();
        assert!(!mail.contains("Maya") && !mail.contains("Lindqvist") && !mail.contains(&maya), "{mail}");
    }
    // Nothing changes, nobody hears of it.
    owner.post(&path, json!({"staff_id": vera.id})).await.expect(200);
    owner.post(&path, json!({"staff_id": vera.id, "ownership": "practice"})).await.expect(200);
    assert_eq!(of(&world, &["theo", "vera", "owner"]).await, [vec![OVER], vec![GIVEN], vec![]]);
    owner.post(&path, json!({"staff_id": owner.id})).await.expect(200);
    owner.post(&path, json!({"staff_id": null})).await.expect(200);
    assert_eq!(of(&world, &["theo", "vera", "owner"]).await, [vec![OVER], vec![OVER, GIVEN], vec![]]);
    // Whoever cannot sign in is not written to.
    owner.post(&path, json!({"staff_id": theo.id})).await.expect(200);
    practice.sets_status(&theo, "inactive").await;
    owner.post(&path, json!({"staff_id": vera.id})).await.expect(200);
    assert_eq!(of(&world, &["theo", "vera"]).await, [vec![GIVEN, OVER], vec![GIVEN, OVER, GIVEN]]);
    assert_eq!(world.run("flush-mail").await["due"], 0);
}

// L10
#[tokio::test]
async fn the_client_hears_of_it_only_if_asked_for_and_if_it_can_sign_in() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = pair(&practice).await;
    let (maya, _) = practice.portal_client("Maya").await;
    let noor = owner.adds_client_with("Noor", json!({"email": "noor@mail.example"})).await.text("/id");
    let told =
        async || (notices(&world, "maya@mail.example").await.len(), notices(&world, "noor@mail.example").await.len());
    let reassign = async |client: &str, to: &Persona, notify: Option<bool>| {
        let mut body = json!({"staff_id": to.id});
        if let Some(notify) = notify {
            body["notify_client"] = json!(notify);
        }
        owner.post(&format!("/v1/clients/{client}/reassign"), body).await.expect(200);
    };
    reassign(&maya, &theo, None).await;
    reassign(&maya, &vera, Some(false)).await;
    assert_eq!(told().await, (0, 0));
    reassign(&maya, &theo, Some(true)).await;
    reassign(&noor, &theo, Some(true)).await;
    assert_eq!(told().await, (1, 0));
    let mail = world.newest_mail("maya@mail.example").await.to_string();
    assert!(!mail.contains("Theo") && !mail.contains("Vera") && !mail.contains("Maya "), "{mail}");
    owner.do_post(&format!("/v1/clients/{maya}/portal/disable")).await.expect(200);
    reassign(&maya, &vera, Some(true)).await;
    assert_eq!(told().await, (1, 0));
    let many = json!({"action": "reassign", "client_ids": [maya, noor], "staff_id": theo.id, "notify_client": true});
    owner.post("/v1/clients/bulk", many).await.expect(200);
    assert_eq!(told().await, (1, 0));
}

// L10
#[tokio::test]
async fn in_bulk_each_therapist_gets_one_mail_with_the_number() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = pair(&practice).await;
    let sven = practice.hires("Sven", "Therapist").await;
    let mut clients = Vec::new();
    for n in 0..12 {
        clients.push(theo.adds_client(&format!("Maya{n}")).await);
    }
    clients.push(sven.adds_client("Noor").await);
    clients.push(vera.adds_client("Ola").await);
    clients.push(owner.adds_client("Eli").await);
    let ask = json!({"action": "reassign", "client_ids": clients, "staff_id": vera.id});
    owner.post("/v1/clients/bulk", ask.clone()).await.expect(200);
    let wanted = [
        vec!["12 clients of yours at harbor Therapy have been handed over."],
        vec!["14 clients of harbor Therapy have been given to you."],
        vec![OVER],
        vec![],
    ];
    assert_eq!(of(&world, &["theo", "vera", "sven", "owner"]).await, wanted);
    owner.post("/v1/clients/bulk", ask).await.expect(200);
    assert_eq!(of(&world, &["theo", "vera", "sven", "owner"]).await, wanted);
    assert_eq!(world.run("flush-mail").await["due"], 0);
    // Whoever takes over from somebody who leaves hears of it, too.
    let leave = json!({"reassign_to": theo.id});
    owner.delete_with(&format!("/v1/staff/{}", vera.id), leave).await.expect(204);
    let told = of(&world, &["theo", "vera"]).await;
    assert_eq!((told[0][0].as_str(), told[1].len()), ("15 clients of harbor Therapy have been given to you.", 1));
}

// L10
#[tokio::test]
async fn of_a_planned_handover_they_hear_when_it_happens() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = pair(&practice).await;
    let (maya, _) = practice.portal_client("Maya").await;
    let (noor, ola) = (theo.adds_client("Noor").await, owner.adds_client("Ola").await);
    owner.gives(&ola, Some(owner), json!({})).await.expect(200);
    let joined = owner.get(&format!("/v1/clients/{maya}")).await.expect(200).text("/join_date");
    let on: Date = joined.parse::<Date>().expect("a day").saturating_add(3.days());
    for client in [&maya, &noor, &ola] {
        let body = json!({"staff_id": vera.id, "on": on, "notify_client": true});
        owner.post(&format!("/v1/clients/{client}/reassign"), body).await.expect(200);
    }
    assert_eq!(of(&world, &["theo", "vera", "owner"]).await, [Vec::<String>::new(), vec![], vec![]]);
    world.advance(3 * 24 * 3600).await;
    assert_eq!(world.run("apply-handovers").await["done"], 3);
    let given = vec!["3 clients of harbor Therapy have been given to you."];
    assert_eq!(of(&world, &["theo", "vera", "owner"]).await, [vec![OVER], given, vec![]]);
    assert_eq!(notices(&world, "maya@mail.example").await, ["Who looks after you at harbor Therapy has changed."]);
    assert_eq!(world.run("flush-mail").await["due"], 0);
}

// L10, decision 22
#[tokio::test]
async fn a_notice_that_did_not_go_out_is_flushed() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (theo, vera) = pair(&practice).await;
    let maya = theo.adds_client("Maya").await;
    let trouble = |mode: &'static str| world.anonymous.post("/dev/mail/trouble", json!({"mode": mode}));
    trouble("failing").await.expect(200);
    owner.gives(&maya, Some(&vera), json!({})).await.expect(200);
    trouble("none").await.expect(200);
    assert_eq!(of(&world, &["theo", "vera"]).await, [Vec::<String>::new(), vec![]]);
    assert_eq!(world.run("flush-mail").await, json!({"due": 2, "done": 2, "skipped": 0}));
    assert_eq!(of(&world, &["theo", "vera"]).await, [vec![OVER], vec![GIVEN]]);
    let read = owner.get(&format!("/v1/clients/{maya}")).await.expect(200);
    assert_eq!(read.at("/handover"), Value::Null);
}
