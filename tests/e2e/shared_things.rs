//! What therapist and client share, after any history: everybody finds exactly what is theirs to see, by whatever door
//! they look, and what a client hides is nowhere.

use std::collections::{BTreeMap, BTreeSet};

use end_to_end::{Dice, Persona, Practice, World};
use http::Method;
use serde_json::{Value, json};

const STEPS: usize = 14;

/// A note, as the rules know it.
#[derive(Debug, Clone)]
struct Known {
    id: String,
    /// The number of its author; none for the client.
    author: Option<usize>,
    shared: bool,
    deleted: bool,
}

/// A client with a therapist, somebody who has seen it, a supervisor and an admin.
struct Random {
    world: World,
    practice: Practice,
    /// Theo, Una, who may be each other's client's therapist; Sara, who may supervise both; Dana, an admin.
    staff: [Persona; 4],
    client: String,
    portal: Persona,
    notes: Vec<Known>,
    /// Whose client it is.
    therapist: usize,
    /// Whom Sara supervises.
    supervised: BTreeSet<usize>,
    active: bool,
    done: Vec<String>,
}

const THEO: usize = 0;
const UNA: usize = 1;
const SARA: usize = 2;
const DANA: usize = 3;

impl Random {
    async fn set(seed: u64) -> Self {
        let world = World::start().await;
        let practice = world.practice(&format!("shared-{seed}")).await;
        let (theo, una) = (practice.hires("Theo", "Therapist").await, practice.hires("Una", "Therapist").await);
        let sara = practice.hires("Sara", "Supervisor").await;
        let dana = practice.owner.clone();
        let (client, portal) = practice.portal_client("Maya").await;
        dana.gives(&client, Some(&theo), json!({})).await.expect(200);
        Self {
            world,
            practice,
            staff: [theo, una, sara, dana],
            client,
            portal,
            notes: Vec::new(),
            therapist: THEO,
            supervised: BTreeSet::new(),
            active: true,
            done: Vec::new(),
        }
    }

    /// Whether somebody has to do with the client at all (decision 5).
    fn relates(&self, staff: usize) -> bool {
        staff == DANA || staff == self.therapist || (staff == SARA && self.supervised.contains(&self.therapist))
    }

    /// Whether a staff member sees a note (decision 4).
    fn sees(&self, staff: usize, note: &Known) -> bool {
        let near = staff == self.therapist || (staff == SARA && self.supervised.contains(&self.therapist));
        let of = |author: usize| author == staff || (staff == SARA && self.supervised.contains(&author));
        self.relates(staff)
            && !note.deleted
            && match note.author {
                None => note.shared,
                Some(author) => note.shared || near || of(author),
            }
    }

    fn seen_by_client(note: &Known) -> bool {
        !note.deleted && (note.shared || note.author.is_none())
    }

    fn author(&self, note: &Known) -> &Persona {
        note.author.map_or(&self.portal, |author| &self.staff[author])
    }

    async fn write(&mut self, by: Option<usize>, shared: bool) {
        let author = by.map_or(&self.portal, |by| &self.staff[by]);
        let visibility = if shared { "shared" } else { "hidden" };
        let body = json!({"body": format!("Note {} zebra", self.notes.len()), "visibility": visibility});
        let written = author.post(&format!("/v1/clients/{}/notes", self.client), body).await;
        let may = by.map_or(self.active, |by| by == self.therapist);
        assert_eq!(written.status.is_success(), may, "{:?}: {}", self.done, written.json());
        if may {
            self.notes.push(Known { id: written.text("/id"), author: by, shared, deleted: false });
        }
    }

    /// Its author does something with a note, where that author still has to do with the client.
    async fn touch(&mut self, at: usize, dice: &mut Dice) {
        let note = self.notes[at].clone();
        if !note.author.map_or(self.active, |author| author == self.therapist) {
            return;
        }
        let (author, path) = (self.author(&note), format!("/v1/notes/{}", note.id));
        let turned = Known { shared: !note.shared, ..note.clone() };
        let gone = Known { deleted: !note.deleted, ..note.clone() };
        let after = match (note.deleted, dice.roll(3)) {
            (true, _) => {
                author.do_post(&format!("{path}/restore")).await.expect(200);
                gone
            }
            (false, 0) => {
                author.request(Method::DELETE, &path).header("if-match", "*").send().await.expect(204);
                gone
            }
            (false, _) => {
                let visibility = if turned.shared { "shared" } else { "hidden" };
                let request = author.request(Method::PATCH, &path).header("if-match", "*");
                request.json(&json!({"visibility": visibility})).send().await.expect(200);
                turned
            }
        };
        self.notes[at] = after;
    }

    async fn step(&mut self, dice: &mut Dice) {
        let what = dice.roll(10);
        self.done.push(format!("{what}"));
        match what {
            0..=2 => {
                let by = [Some(THEO), Some(UNA), None, None][dice.roll(4)];
                self.write(by, dice.once_in(2)).await;
            }
            3..=5 if !self.notes.is_empty() => {
                let at = dice.roll(self.notes.len());
                self.touch(at, dice).await;
            }
            6 => {
                let shared: Vec<&Known> = self.notes.iter().filter(|note| !note.deleted && note.shared).collect();
                if let (Some(note), true) = (shared.first(), self.active) {
                    let comments = format!("/v1/notes/{}/comments", note.id);
                    self.portal.post(&comments, json!({"body": "I see."})).await.expect(201);
                }
            }
            7 => {
                self.therapist = if self.therapist == THEO { UNA } else { THEO };
                let to = self.staff[self.therapist].clone();
                self.practice.owner.gives(&self.client, Some(&to), json!({})).await.expect(200);
            }
            8 => {
                let whom = dice.roll(2);
                if !self.supervised.remove(&whom) {
                    self.supervised.insert(whom);
                }
                for whom in [THEO, UNA] {
                    let by: Vec<&Persona> =
                        self.supervised.contains(&whom).then_some(&self.staff[SARA]).into_iter().collect();
                    self.practice.has_supervised(&self.staff[whom], &by).await;
                }
            }
            9 => {
                let how = if self.active { "deactivate" } else { "reactivate" };
                self.practice.owner.do_post(&format!("/v1/clients/{}/{how}", self.client)).await.expect(200);
                self.active = !self.active;
                if self.active {
                    self.portal = self.world.comes_back("maya@mail.example", &self.practice.slug).await;
                }
            }
            _ => {}
        }
    }

    /// Every door through which somebody may find notes says the same, and what the rules say.
    async fn check(&self) {
        for number in 0..self.staff.len() {
            let expected: BTreeSet<String> =
                self.notes.iter().filter(|note| self.sees(number, note)).map(|note| note.id.clone()).collect();
            let relates = self.relates(number);
            self.check_doors(&self.staff[number], &expected, relates, number == DANA).await;
        }
        if self.active {
            let seen = self.notes.iter().filter(|note| Self::seen_by_client(note));
            let expected: BTreeSet<String> = seen.map(|note| note.id.clone()).collect();
            self.check_doors(&self.portal, &expected, true, false).await;
        } else {
            self.portal.get("/v1/portal/home").await.expect(401);
        }
    }

    async fn check_doors(&self, by: &Persona, expected: &BTreeSet<String>, relates: bool, admin: bool) {
        let context = || format!("{:?} {:?}", self.done, self.notes);
        let list = format!("/v1/clients/{}/notes", self.client);
        let listed = by.get(&list).await;
        assert_eq!(listed.status, if relates { 200 } else { 404 }, "{}", context());
        if relates {
            let ids = |page: &Value| -> BTreeSet<String> {
                let items = page.as_array().into_iter().flatten();
                items.map(|item| item["id"].as_str().unwrap_or_default().to_owned()).collect()
            };
            assert_eq!(ids(&listed.at("/items")), *expected, "{}", context());
            assert_eq!(listed.at("/total"), expected.len(), "{}", context());
            let found = by.get(&format!("{list}?q=ZEBRA")).await.expect(200);
            assert_eq!(ids(&found.at("/items")), *expected, "{}", context());
            let profile = by.get(&format!("/v1/clients/{}", self.client)).await.expect(200);
            if profile.at("/shown_to") == "staff" {
                assert_eq!(profile.at("/tabs/notes/total"), expected.len(), "{}", context());
            }
        }
        for note in &self.notes {
            let status = by.get(&format!("/v1/notes/{}", note.id)).await.status.as_u16();
            // An admin knows of what staff hides, and no more.
            let known = admin && note.author.is_some() && !note.deleted;
            let wanted = if expected.contains(&note.id) {
                200
            } else if known {
                403
            } else {
                404
            };
            assert_eq!(status, wanted, "{} {}", note.id, context());
        }
    }

    /// And so does an archive.
    async fn check_archive(&self) {
        let by = &self.staff[self.therapist];
        let archive = self.world.exported(by, &self.client).await;
        let seen = self.notes.iter().filter(|note| self.sees(self.therapist, note)).map(|note| note.id.clone());
        let archived: BTreeSet<String> = archive.ids("notes").expect("notes").into_iter().collect();
        assert_eq!(archived, seen.collect(), "{:?}", self.done);
    }
}

// E7, F1, F2, F3, decisions 4, 5
#[tokio::test]
async fn after_any_history_everybody_finds_exactly_what_is_theirs_by_every_door() {
    for seed in 1..=4 {
        let mut dice = Dice::of(seed);
        let mut random = Random::set(seed).await;
        for _ in 0..STEPS {
            random.step(&mut dice).await;
            random.check().await;
        }
        random.check_archive().await;
    }
}

// E1: the first page says what the lists say, each part only where it is open
#[tokio::test]
async fn the_portals_first_page_counts_what_waits() {
    let world = World::start().await;
    let practice = world.practice("home").await;
    let theo = practice.hires("Theo", "Therapist").await;
    let maya = theo.adds_and_invites("Maya", "maya@mail.example").await.text("/id");
    let portal = world.accept("maya@mail.example").await;
    let empty = portal.get("/v1/portal/home").await.expect(200);
    assert_eq!((empty.at("/next_appointment"), empty.at("/tasks/open")), (Value::Null, json!(0)));
    let later = theo.books(&maya, &theo, (600, 650)).await;
    let soon = theo.books(&maya, &theo, (60, 110)).await;
    theo.writes_note(&maya, json!({})).await;
    theo.writes_note(&maya, json!({"visibility": "hidden"})).await;
    portal.writes_note(&maya, json!({})).await;
    theo.uploads_file(&maya, json!({"shared": true})).await;
    theo.uploads_file(&maya, json!({})).await;
    let task = theo.sets_task(&maya, json!({})).await;
    theo.writes(&maya, "Hello").await.expect(201);
    practice.owner.issues_invoice(&maya, 15_000).await;
    let home = portal.get("/v1/portal/home").await.expect(200);
    assert_eq!(world.rounds(&home).await, 1);
    assert_ne!(later, soon);
    assert_eq!(
        (home.text("/next_appointment/id"), home.text("/next_appointment/staff/full_name")),
        (soon, "Theo Berg".to_owned())
    );
    assert_eq!(
        (home.at("/tasks"), home.at("/notes")),
        (json!({"open": 1, "overdue": 0}), json!({"new": 1, "unread_comments": 0}))
    );
    assert_eq!((home.at("/files"), home.at("/messages")), (json!({"new": 1}), json!({"unread": 1})));
    assert_eq!(home.at("/balance"), json!({"amount": 15_000, "currency": "USD"}));
    let staff = theo.get(&format!("/v1/clients/{maya}")).await.expect(200);
    assert_eq!(staff.at("/tabs/notes"), json!({"total": 3, "new": 1, "unread_comments": 0}));
    assert_eq!(staff.at("/tabs/files"), json!({"total": 2, "new": 0}));
    assert_eq!((staff.at("/tabs/tasks/open"), staff.at("/tabs/payments/balance/amount")), (json!(1), json!(15_000)));
    // E9
    let engagement = staff.at("/engagement");
    assert_eq!((&engagement["files_shared"], &engagement["files_opened"]), (&json!(1), &json!(0)));
    assert_eq!(engagement["tasks_done_percent"], 0);
    portal.post(&format!("/v1/tasks/{task}/state"), json!({"state": "done"})).await.expect(200);
    portal.get(&format!("/v1/clients/{maya}/notes")).await.expect(200);
    let home = portal.get("/v1/portal/home").await.expect(200);
    assert_eq!((home.at("/tasks/open"), home.at("/notes/new")), (json!(0), json!(0)));
    let engaged = theo.get(&format!("/v1/clients/{maya}")).await.at("/engagement");
    assert_eq!(engaged["tasks_done_percent"], 100);
    // E3: a part that is off is left out, and one that is renamed appears as the practice wants it.
    let features =
        json!({"notes": {"enabled": false}, "tasks": {"label": "Homework", "order": 0, "intro": "To practise."}});
    practice.owner.patch("/v1/practice", json!({"portal": {"features": features}})).await.expect(200);
    let home = portal.get("/v1/portal/home").await.expect(200);
    assert_eq!((home.at("/notes"), home.at("/features/notes")), (Value::Null, Value::Null));
    assert_eq!(home.at("/features/tasks/label"), "Homework");
    let me = portal.get("/v1/me").await.expect(200);
    let menu: Vec<Value> =
        me.at("/menu").as_array().expect("a menu").iter().map(|one| one["feature"].clone()).collect();
    assert_eq!(menu, ["tasks", "files", "messages"]);
    let public = world.anonymous.get("/v1/portals/home").await.expect(200);
    assert_eq!((public.at("/menu/0/label"), public.at("/menu/0/intro")), (json!("Homework"), json!("To practise.")));
    theo.get("/v1/portal/home").await.expect_problem(403, "wrong_caller");
    let all: BTreeMap<String, Value> = serde_json::from_value(home.json()).expect("a page");
    assert!(all.keys().all(|name| name != "clinical_notes"));
}

// E9: client by client, for whoever has to do with them
#[tokio::test]
async fn a_practice_sees_how_much_its_clients_have_to_do_with_their_portal() {
    let world = World::start().await;
    let practice = world.practice("engaged").await;
    let (theo, una) = (practice.hires("Theo", "Therapist").await, practice.hires("Una", "Therapist").await);
    let maya = theo.adds_and_invites("Maya", "maya@mail.example").await.text("/id");
    let portal = world.accept("maya@mail.example").await;
    theo.adds_client("Ola").await;
    for _ in 0..3 {
        theo.sets_task(&maya, json!({})).await;
    }
    let done = theo.sets_task(&maya, json!({})).await;
    portal.post(&format!("/v1/tasks/{done}/state"), json!({"state": "done"})).await.expect(200);
    for by in [&theo, &practice.owner] {
        let seen = by.get("/v1/engagement").await.expect(200);
        let items = seen.at("/items");
        let of = |id: &str| items.as_array().into_iter().flatten().find(|one| one["client"]["id"] == id).cloned();
        let hers = of(&maya).expect("Maya");
        assert_eq!((seen.at("/total"), hers["tasks"]["done_percent"].clone()), (json!(2), json!(25)));
        assert_eq!((hers["tasks"]["open"].clone(), hers["last_sign_in_at"].is_string()), (json!(3), true));
    }
    assert_eq!(una.get("/v1/engagement").await.expect(200).at("/total"), 0);
    portal.get("/v1/engagement").await.expect_problem(403, "wrong_caller");
    let first = theo.get("/v1/engagement?limit=1").await.expect(200);
    let next = theo.get(&format!("/v1/engagement?limit=1&cursor={}", first.text("/next_cursor"))).await.expect(200);
    assert_ne!(first.at("/items/0/client/id"), next.at("/items/0/client/id"));
    practice.sets_features(json!({"tasks": "off"})).await;
    assert_eq!(theo.get("/v1/engagement").await.at("/items/0/tasks"), Value::Null);
}
