//! An address that was corrected holds no link, in no order of calls (D8, D9, D10, D19, D21).

use end_to_end::{Answer, Persona, World};
use http::Method;
use serde_json::{Value, json};

const OWNER: &str = "owner@harbor.example";

/// The token of every mail to an address.
async fn tokens(world: &World, to: &str) -> Vec<String> {
    let mails = world.mails(to).await;
    let texts = mails.iter().filter_map(|mail| mail["text"].as_str());
    let tokens = texts.filter_map(|text| text.lines().find_map(|line| line.trim().split_once("#token=")));
    tokens.map(|(_, token)| token.to_owned()).collect()
}

/// The mailboxes with a link that would still let somebody in.
async fn open_at(world: &World, addresses: &[String]) -> Vec<String> {
    let mut open = Vec::new();
    for address in addresses {
        for token in tokens(world, address).await {
            let state = world.anonymous.post("/v1/invitations/lookup", json!({"token": token})).await.expect(200);
            if state.text("/state") == "open" {
                open.push(address.clone());
            }
        }
    }
    open
}

/// The same numbers in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }
}

/// What the rules say about one client that has not come in: where it is reached, and where no more.
#[derive(Debug, Default)]
struct Known {
    contact: Option<String>,
    login: Option<String>,
    corrected: Vec<String>,
}

impl Known {
    /// Another contact address. What the client was to sign in with because it was the contact address, is corrected.
    fn correct(&mut self, to: Option<String>) {
        if self.contact == to {
            return;
        }
        let follows = self.login == self.contact || self.login.as_ref().is_some_and(|l| self.corrected.contains(l));
        if let Some(login) = self.login.clone().filter(|_| follows) {
            self.corrected.push(login);
        }
        self.corrected.retain(|address| Some(address) != to.as_ref());
        self.contact = to;
    }

    /// An address that somebody named for signing in, knowing what they do.
    fn name(&mut self, login: String) {
        self.corrected.retain(|address| *address != login);
        self.login = Some(login);
    }
}

struct Walk<'w> {
    world: &'w World,
    owner: Persona,
    client: String,
    addresses: Vec<String>,
    known: Known,
    done: Vec<String>,
}

impl Walk<'_> {
    fn path(&self, more: &str) -> String {
        format!("/v1/clients/{}{more}", self.client)
    }

    async fn patch(&self, path: &str, body: Value) -> Answer {
        self.owner.patch(path, body).await
    }

    async fn invite(&mut self, email: Option<String>) {
        let mut body = json!({"consent": true});
        if let Some(email) = &email {
            body["email"] = json!(email);
        }
        let answer = self.owner.post(&self.path("/portal/invitation"), body).await;
        if answer.status == 201 {
            let email = email.unwrap_or_else(|| answer.text("/email"));
            self.known.name(email);
        }
        self.done.push(format!("invite: {}", answer.status));
    }

    async fn step(&mut self, dice: &mut Dice) {
        let address = self.addresses[dice.roll(self.addresses.len())].clone();
        match dice.roll(12) {
            0..=2 => {
                let to = (dice.roll(5) > 0).then_some(address);
                self.done.push(format!("contact {to:?}"));
                self.patch(&self.path(""), json!({"email": to})).await.expect(200);
                self.known.correct(to);
            }
            3 => {
                self.done.push(format!("login {address}"));
                let body = json!({"email": address, "consent": true});
                self.patch(&self.path("/portal"), body).await.expect(200);
                self.known.name(address);
            }
            4 | 5 => self.invite(None).await,
            6 => self.invite(Some(address)).await,
            7 => {
                self.done.push("disable".to_owned());
                self.owner.do_post(&self.path("/portal/disable")).await;
            }
            8 => {
                self.done.push("deactivate and back".to_owned());
                self.owner.do_post(&self.path("/deactivate")).await.expect(200);
                self.owner.do_post(&self.path("/reactivate")).await.expect(200);
            }
            9 => {
                // The mail waits in the outbox while the address is corrected, and is flushed then.
                self.done.push(format!("invite without mail, contact {address}, flush"));
                self.trouble("failing").await;
                self.invite(None).await;
                self.patch(&self.path(""), json!({"email": address})).await.expect(200);
                self.known.correct(Some(address));
                self.trouble("none").await;
                self.world.run("flush-mail").await;
            }
            10 => {
                self.done.push("two days, resend".to_owned());
                self.pass(2).await;
                self.world.run("resend-invitations").await;
            }
            _ => {
                self.done.push("eight days, everybody renews".to_owned());
                self.pass(8).await;
                for address in self.addresses.clone() {
                    for token in tokens(self.world, &address).await {
                        self.world.anonymous.post("/v1/invitations/renew", json!({"token": token})).await;
                    }
                }
            }
        }
    }

    async fn trouble(&self, mode: &str) {
        self.world.anonymous.post("/dev/mail/trouble", json!({"mode": mode})).await.expect(200);
    }

    async fn pass(&mut self, days: i64) {
        self.world.advance(days * 24 * 3600).await;
        self.owner = self.world.sign_in(OWNER).await;
    }

    /// Says whether a link lives.
    async fn check(&self) -> bool {
        let open = open_at(self.world, &self.addresses).await;
        let shown = self.owner.get(&self.path("/portal")).await.expect(200);
        let told = format!("{open:?} of {:?} after {:?}", self.known, self.done);
        assert!(open.len() <= 1, "two live links: {told}");
        for address in &open {
            assert!(!self.known.corrected.contains(address), "a corrected address: {told}");
            assert_eq!(shown.text("/email"), *address, "not the present address: {told}");
        }
        !open.is_empty()
    }
}

// D9, D10, decision 9: in no order of calls
#[tokio::test]
async fn at_most_one_link_lives_and_only_at_the_present_address() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let settings = json!({"invitations": {"resend_after_days": 1, "max_resends": 10}});
    practice.owner.patch("/v1/practice", settings).await.expect(200);
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut owner = practice.owner.clone();
    let mut alive = 0;
    for number in 0..10 {
        let addresses: Vec<String> = (0..4).map(|n| format!("a{n}.of{number}@mail.example")).collect();
        let created = owner.adds_and_invites(&format!("Maya Walk{number}"), &addresses[0]).await;
        let known =
            Known { contact: Some(addresses[0].clone()), login: Some(addresses[0].clone()), corrected: Vec::new() };
        let client = created.text("/id");
        let mut walk = Walk { world: &world, owner, client, addresses, known, done: Vec::new() };
        for _ in 0..12 {
            walk.step(&mut dice).await;
            alive += usize::from(walk.check().await);
        }
        // The next one begins on another day, with all its tries.
        walk.pass(1).await;
        owner = walk.owner;
    }
    // Else this would hold of links that nobody sends.
    assert!((30..110).contains(&alive), "{alive} of 120");
}

// D9, D10: the order that people really take
#[tokio::test]
async fn a_wrong_address_that_was_corrected_gets_no_link_and_the_right_one_does() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (wrong, right) = ("maya@wrong.example", "maya@right.example");
    let id = owner.adds_and_invites("Maya", wrong).await.text("/id");
    let first = json!({"token": world.token(wrong).await});
    let patched = owner.patch(&format!("/v1/clients/{id}"), json!({"email": right})).await.expect(200);
    assert_eq!(patched.at("/portal_update_required"), true);
    world.anonymous.post("/v1/invitations/accept", first.clone()).await.expect_problem(409, "invitation_revoked");
    // Agreed to was the address before.
    let bare = owner.do_post(&format!("/v1/clients/{id}/portal/invitation")).await;
    bare.expect_problem(422, "email_consent_missing");
    let sent = owner.invites(&id, None).await.expect(201);
    assert_eq!(sent.text("/email"), right);
    assert_eq!((world.mails(wrong).await.len(), world.mails(right).await.len()), (1, 1));
    world.anonymous.post("/v1/invitations/accept", first).await.expect_problem(409, "invitation_revoked");
    // The address that was wrong is free for whom it belongs to.
    let other = owner.adds_client_with("Mia", json!({"email": wrong})).await.text("/id");
    owner.invites(&other, None).await.expect(201);
    world.accept(right).await;
}

// D19, D9
#[tokio::test]
async fn access_is_restored_at_no_address_that_was_corrected_since() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (id, maya) = practice.portal_client("Maya").await;
    let (path, portal) = (format!("/v1/clients/{id}"), format!("/v1/clients/{id}/portal"));
    let (old, new) = ("maya@mail.example", "maya@right.example");
    let patched = owner.patch(&path, json!({"email": new})).await.expect(200);
    assert_eq!(patched.at("/portal_update_required"), true);
    // Who has come in stays in until somebody decides.
    maya.get("/v1/me").await.expect(200);
    owner.do_post(&format!("{portal}/disable")).await.expect(200);
    let mails = world.mails(old).await.len();
    owner.invites(&id, None).await.expect_problem(409, "email_change_undecided");
    assert_eq!(world.mails(old).await.len(), mails);
    let restored = owner.invites(&id, Some(new)).await.expect(201);
    assert_eq!((restored.text("/email"), restored.text("/access")), (new.to_owned(), "enabled".to_owned()));
    assert_eq!(world.mails(old).await.len(), mails);
    let link = json!({"token": world.token(new).await});
    world.anonymous.post("/v1/auth/sessions", link).await.expect(201);
    // Or somebody says that the address stays; and a link to it dies with the address.
    owner.patch(&path, json!({"email": old})).await.expect(200);
    owner.do_post(&format!("{portal}/disable")).await.expect(200);
    owner.invites(&id, None).await.expect_problem(409, "email_change_undecided");
    owner.patch(&portal, json!({"email": new})).await.expect(200);
    owner.invites(&id, None).await.expect(201);
    let late = json!({"token": world.token(new).await});
    owner.patch(&portal, json!({"email": old, "consent": true})).await.expect(200);
    world.anonymous.post("/v1/auth/sessions", late).await.expect_problem(401, "token_invalid");
}

// D9
#[tokio::test]
async fn after_a_new_contact_address_the_portal_keeps_the_old_one_or_moves_as_is_decided() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let (old, new) = ("maya@mail.example", "maya@right.example");
    let (id, maya) = practice.portal_client("Maya").await;
    let (path, decide) = (format!("/v1/clients/{id}"), format!("/v1/clients/{id}/portal/email-change"));
    owner.patch(&path, json!({"email": new})).await.expect(200);
    let kept = owner.post(&decide, json!({"decision": "keep"})).await.expect(200);
    assert_eq!((kept.text("/email"), kept.text("/access")), (old.to_owned(), "enabled".to_owned()));
    maya.get("/v1/me").await.expect(200);
    owner.do_post(&format!("{path}/portal/disable")).await.expect(200);
    assert_eq!(owner.invites(&id, None).await.expect(201).text("/email"), old);
    let (before, late) = (world.mails(old).await.len(), json!({"token": world.token(old).await}));
    // Agreed to was the former one.
    let move_on = json!({"decision": "disable_and_resend"});
    owner.post(&decide, move_on).await.expect_problem(422, "email_consent_missing");
    let moved = owner.post(&decide, json!({"decision": "disable_and_resend", "consent": true})).await.expect(200);
    assert_eq!((moved.text("/email"), moved.text("/access")), (new.to_owned(), "enabled".to_owned()));
    assert_eq!((world.mails(old).await.len(), world.mails(new).await.len()), (before, 1));
    maya.get("/v1/me").await.expect_problem(401, "unauthenticated");
    world.anonymous.post("/v1/auth/sessions", late).await.expect_problem(401, "token_invalid");
    let link = json!({"token": world.token(new).await});
    world.anonymous.post("/v1/auth/sessions", link).await.expect(201);
    // Who has not come in yet is invited there.
    let id = owner.adds_and_invites("Ida", "ida@wrong.example").await.text("/id");
    let (path, decide) = (format!("/v1/clients/{id}"), format!("/v1/clients/{id}/portal/email-change"));
    owner.patch(&path, json!({"email": "ida@right.example"})).await.expect(200);
    owner.post(&decide, json!({"decision": "disable_and_resend", "consent": true})).await.expect(200);
    assert_eq!(world.mails("ida@wrong.example").await.len(), 1);
    world.accept("ida@right.example").await;
    owner.patch(&path, json!({"email": null})).await.expect(200);
    let none = owner.post(&decide, json!({"decision": "disable_and_resend", "consent": true})).await;
    assert!(!none.status.is_success(), "{}", none.json());
}

// D9, d-13
#[tokio::test]
async fn an_invitation_to_an_address_of_its_own_outlives_a_change_of_the_contact_address() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let invite = json!({"email": "home@mail.example", "invite": {"consent": true, "email": "login@mail.example"}});
    let id = owner.adds_client_with("Maya", invite).await.text("/id");
    let path = format!("/v1/clients/{id}");
    let patched = owner.patch(&path, json!({"email": "other@mail.example"})).await.expect(200);
    assert_eq!(patched.at("/portal_update_required"), true);
    assert_eq!(patched.text("/portal/invitation/state"), "sent");
    for body in [json!({"email": null}), json!({"occupation": "Nurse"}), json!({"email": "login@mail.example"})] {
        let patched = owner.patch(&path, body).await.expect(200);
        assert_eq!(patched.at("/portal_update_required"), false, "{}", patched.json());
        assert_eq!(patched.text("/portal/invitation/state"), "sent");
    }
    world.accept("login@mail.example").await;
    // Cleared, there is nothing to sign in with instead.
    let (id, maya) = practice.portal_client("Ida").await;
    let cleared = owner.patch(&format!("/v1/clients/{id}"), json!({"email": null})).await.expect(200);
    assert_eq!(cleared.at("/portal_update_required"), false);
    maya.get("/v1/me").await.expect(200);
}

// D7, L2
#[tokio::test]
async fn an_invitation_that_was_declined_reads_so() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    let id = owner.adds_and_invites("Maya", "maya@mail.example").await.text("/id");
    let (staff, _) = practice.invites_staff("Theo", "Therapist", false).await;
    for email in ["maya@mail.example", staff.as_str()] {
        let token = json!({"token": world.token(email).await});
        world.anonymous.post("/v1/invitations/decline", token.clone()).await.expect(204);
        let state = world.anonymous.post("/v1/invitations/lookup", token.clone()).await.expect(200);
        assert_eq!(state.text("/state"), "declined");
        world.anonymous.post("/v1/invitations/accept", token).await.expect(409);
    }
    let portal = owner.get(&format!("/v1/clients/{id}/portal")).await.expect(200);
    assert_eq!(portal.text("/invitation/state"), "declined");
    let listed = owner.get("/v1/clients").await.expect(200);
    assert_eq!(listed.text("/items/0/portal/invitation/state"), "declined");
    owner.invites(&id, None).await.expect(201);
    world.accept("maya@mail.example").await;
}

// D12
#[tokio::test]
async fn no_practice_takes_a_name_that_the_portal_needs() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    practice.invites_staff("Theo", "Therapist", false).await;
    practice.owner.adds_and_invites("Maya", "maya@mail.example").await;
    world.anonymous.post("/v1/auth/sign-in", json!({"email": OWNER})).await.expect(202);
    let mails = world.anonymous.get("/dev/mail").await.expect(200).at("/items");
    let mut names: Vec<String> = Vec::new();
    for mail in mails.as_array().into_iter().flatten() {
        let link =
            mail["text"].as_str().unwrap_or_default().lines().find(|line| line.contains("#token=")).expect("a link");
        let path = link.trim().split("//").nth(1).and_then(|rest| rest.split_once('/')).expect("a path").1;
        names.push(path.split(['/', '#']).next().unwrap_or_default().to_owned());
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names, ["invitation", "sign-in"]);
    names.extend(["sign-up", "registration", "api", "openapi", "docs", "assets", "portal", "admin"].map(str::to_owned));
    for name in names {
        let body = json!({"name": "N", "slug": name, "time_zone": "UTC", "currency": "EUR",
            "owner": {"full_name": "N N", "email": "n@n.example"}});
        let refused = world.anonymous.request(Method::POST, "/v1/practices").json(&body).send().await.expect(422);
        assert_eq!(
            (refused.text("/errors/0/pointer"), refused.text("/errors/0/code")),
            ("/slug".into(), "slug_invalid".into())
        );
    }
}
