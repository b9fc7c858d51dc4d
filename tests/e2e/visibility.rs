//! Whoever looks sees the same clients everywhere: in reads, lists, counts, search, exports, duplicate hints
//! and import matches.
//!
//! Random practices: who is whose client, who has sessions with whom, who supervises whom, what roles include.

use std::collections::{BTreeMap, BTreeSet};

use end_to_end::{Archive, Dice, Persona, Practice, World};
use futures_util::future::join_all;
use serde_json::{Value, json};

const STAFF: usize = 5;
const CLIENTS: usize = 10;

fn email(number: usize) -> String {
    format!("client{number}@mail.example")
}

fn tag(number: usize) -> String {
    format!("Tag{}", number % 3)
}

fn person(number: usize) -> Value {
    json!({
        "first_name": format!("Zoe{number}"), "last_name": "Zander", "email": email(number), "date_of_birth": "1990-01-02",
        "tags": [tag(number)],
    })
}

/// A practice in which anything may be the case.
struct Random {
    world: World,
    practice: Practice,
    staff: Vec<Persona>,
    clients: Vec<String>,
}

async fn random(seed: u64) -> Random {
    let mut dice = Dice::of(seed);
    let world = World::start().await;
    let practice = world.practice(&format!("random-{seed}")).await;
    let owner = practice.owner.clone();
    let mut staff = Vec::new();
    for number in 0..STAFF {
        let role = ["Therapist", "Supervisor", "Supervisor", "Intern"][dice.roll(4)];
        staff.push(practice.hires(&format!("Staff{number}"), role).await);
    }
    for one in &staff {
        let supervisors: Vec<&str> =
            staff.iter().filter(|_| dice.once_in(4)).map(|supervisor| supervisor.id.as_str()).collect();
        // Circles and roles that may not supervise are refused; what is left is as random.
        owner.put(&format!("/v1/staff/{}/supervisors", one.id), json!({"supervisor_ids": supervisors})).await;
    }
    let tags: BTreeSet<String> = (0..CLIENTS).map(tag).collect();
    for name in tags {
        owner.post("/v1/tags", json!({"name": name})).await.expect(201);
    }
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        let by = if dice.once_in(2) { &owner } else { &staff[dice.roll(STAFF)] };
        let client = by.post("/v1/clients", person(number)).await.expect(201).text("/id");
        if dice.once_in(2) {
            let to = (!dice.once_in(4)).then(|| staff[dice.roll(STAFF)].id.clone());
            owner.post(&format!("/v1/clients/{client}/reassign"), json!({"staff_id": to})).await.expect(200);
        }
        for _ in 0..dice.roll(3) {
            let start = world.free_hour();
            let end = start + jiff::SignedDuration::from_mins(50);
            let body = json!({"client_id": client, "staff_id": staff[dice.roll(STAFF)].id, "start": start, "end": end});
            let booked = owner.post("/v1/appointments", body).await;
            if booked.status == 201 && dice.once_in(3) {
                owner.do_post(&format!("/v1/appointments/{}/cancel", booked.text("/id"))).await.expect(200);
            }
        }
        clients.push(client);
    }
    if dice.once_in(3) {
        owner.patch("/v1/practice", json!({"team": {"supervision": false}})).await.expect(200);
    }
    if dice.once_in(3) {
        let role = format!("/v1/roles/{}", practice.role("Supervisor").await);
        owner.patch(&role, json!({"can_supervise": false})).await.expect(200);
    }
    Random { world, practice, staff, clients }
}

impl Random {
    /// The clients that single reads show.
    async fn read(&self, who: &Persona) -> BTreeSet<String> {
        let reads = self.clients.iter().map(async |client| {
            let answer = who.get(&format!("/v1/clients/{client}")).await;
            assert!(matches!(answer.status.as_u16(), 200 | 404), "{}", answer.json());
            (answer.status == 200).then(|| client.clone())
        });
        join_all(reads).await.into_iter().flatten().collect()
    }

    /// The clients that the dry run of an import of all of them recognises.
    async fn matched_by_import(&self, who: &Persona) -> BTreeSet<String> {
        let mut csv = "First Name,Last Name,Email,Date of Birth\n".to_owned();
        for number in 0..CLIENTS {
            csv.push_str(&format!("Zoe{number},Zander,{},1990-01-02\n", email(number)));
        }
        let import = who.post("/v1/imports", json!({"file_name": "all.csv", "size": csv.len()})).await.expect(201);
        let path = format!("/v1/imports/{}", import.text("/id"));
        who.upload(&import.at("/upload"), csv).await.expect(200);
        self.world.cloud.settled().await;
        who.do_post(&format!("{path}/dry-run")).await.expect(202);
        self.world.cloud.settled().await;
        let rows = who.get(&format!("{path}/rows")).await.expect(200).at("/items");
        let rows = rows.as_array().cloned().unwrap_or_default();
        assert_eq!(rows.len(), CLIENTS, "{rows:?}");
        let known = rows.iter().filter(|row| row["outcome"] != "created");
        known.map(|row| row["client_id"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Asks for the record of everybody: 404 for exactly those whom reads do not show; what is exported says whose it is.
    async fn check_exports(&self, who: &Persona, reads: &BTreeSet<String>) -> usize {
        let includes = who.get("/v1/me").await.at("/features")["clients.export"]["enabled"] == true;
        let mut exported = 0;
        for client in &self.clients {
            let answer = who.do_post(&format!("/v1/clients/{client}/export")).await;
            match answer.status.as_u16() {
                404 => assert!(!reads.contains(client), "{client} is read and not found for export"),
                403 if includes => assert_eq!((answer.code().as_str(), reads.contains(client)), ("not_yours", true)),
                403 => assert_eq!((answer.code().as_str(), reads.contains(client)), ("role", true)),
                _ => {
                    assert!(reads.contains(client), "{client} is exported and not read");
                    let read = who.get(&format!("/v1/clients/{client}")).await.expect(200);
                    let offers = read.at("/allowed_actions");
                    assert!(offers.as_array().is_some_and(|offers| offers.contains(&json!("export"))), "{offers}");
                    let export = answer.expect(202).text("/id");
                    self.world.cloud.settled().await;
                    let link = who.do_post(&format!("/v1/exports/{export}/download")).await.expect(200).text("/url");
                    let archive = Archive::open(&who.fetch(&link).await.expect(200).bytes);
                    assert_eq!(archive.record()["client"]["id"], *client);
                    let listed = who.get(&format!("/v1/appointments?client_id={client}")).await.expect(200);
                    let listed = listed.at("/items").as_array().map(Vec::len);
                    assert_eq!(archive.ids("appointments").map(|ids| ids.len()), listed);
                    exported += 1;
                }
            }
        }
        exported
    }

    /// What a list or a search shows, page by page, and what it counts.
    async fn listed(&self, who: &Persona, search: bool) -> BTreeSet<String> {
        let mut shown = BTreeSet::new();
        let mut cursor = Value::Null;
        loop {
            let page = if search {
                let mut body = json!({"q": "zander", "limit": 3});
                if !cursor.is_null() {
                    body["cursor"] = cursor;
                }
                who.post("/v1/clients/search", body).await.expect(200)
            } else {
                let behind = cursor.as_str().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
                who.get(&format!("/v1/clients?limit=3{behind}")).await.expect(200)
            };
            for item in page.at("/items").as_array().into_iter().flatten() {
                assert!(shown.insert(item["id"].as_str().expect("an id").to_owned()), "shown twice");
            }
            cursor = page.at("/next_cursor");
            if cursor.is_null() {
                let counts = page.at("/counts");
                let counted: u64 = counts.as_object().into_iter().flatten().filter_map(|(_, n)| n.as_u64()).sum();
                assert_eq!(page.at("/total"), shown.len());
                assert_eq!(counted, shown.len() as u64, "{counts}");
                return shown;
            }
        }
    }

    /// Compares what the tags count with whom reads show.
    async fn check_tags(&self, who: &Persona, reads: &BTreeSet<String>, what: &str) {
        let mut having = BTreeMap::new();
        for (number, client) in self.clients.iter().enumerate() {
            *having.entry(tag(number)).or_insert(0) += usize::from(reads.contains(client));
        }
        let tags = who.get("/v1/tags").await.expect(200).at("/items");
        assert_eq!(tags.as_array().map(Vec::len), Some(having.len()), "{what}: {tags}");
        for tag in tags.as_array().into_iter().flatten() {
            assert_eq!(tag["clients"], having[tag["name"].as_str().expect("a name")], "{what}: {tag}");
        }
    }

    /// Adds somebody who is here already: told of the one it can see, of nobody otherwise.
    async fn check_duplicate(&self, who: &Persona, number: usize, visible: &BTreeSet<String>) {
        let answer = who.post("/v1/clients", person(number)).await;
        if visible.contains(&self.clients[number]) {
            let answer = answer.expect_problem(409, "possible_duplicate");
            assert_eq!(answer.text("/candidates/0/id"), self.clients[number]);
            assert_eq!(answer.at("/candidates/1"), Value::Null);
        } else {
            answer.expect(201);
        }
    }
}

// A1, A4, A5, B8, B14, C6, L9, L13, L16, X5, decision 5
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_view_shows_exactly_the_clients_that_reads_show() {
    let (mut hidden, mut exported) = (0, 0);
    for seed in 1..=8 {
        let random = random(seed).await;
        let everybody: Vec<&Persona> = random.staff.iter().chain([&random.practice.owner]).collect();
        let mut seen = Vec::new();
        for (number, who) in everybody.iter().enumerate() {
            let reads = random.read(who).await;
            let what = format!("seed {seed}, person {number}");
            assert_eq!(random.listed(who, false).await, reads, "{what}: the list");
            assert_eq!(random.listed(who, true).await, reads, "{what}: search");
            random.check_tags(who, &reads, &what).await;
            exported += random.check_exports(who, &reads).await;
            // Whom an intern's role does not let import, learns nothing by it either.
            if who.get("/v1/me").await.at("/features")["clients.import"]["enabled"] == true {
                assert_eq!(random.matched_by_import(who).await, reads, "{what}: import");
            } else {
                who.post("/v1/imports", json!({"file_name": "a.csv", "size": 9})).await.expect_problem(403, "role");
            }
            hidden += CLIENTS - reads.len();
            seen.push(reads);
        }
        assert_eq!(seen.last().map(BTreeSet::len), Some(CLIENTS), "admins see everybody");
        // Last, because it adds clients: each asks about another one.
        for (number, (who, reads)) in everybody.iter().zip(&seen).enumerate() {
            random.check_duplicate(who, number, reads).await;
        }
    }
    assert!(exported > 100, "hardly anything was exported: {exported}");
    assert!(hidden > CLIENTS, "hardly anything was hidden from anybody");
}
