//! Into the team: invited, accepted, declined, and never in two practices.

use end_to_end::{Persona, World};
use futures_util::future::join_all;
use serde_json::{Value, json};

async fn answer(world: &World, token: &str, how: &str) -> end_to_end::Answer {
    world.anonymous.post(&format!("/v1/invitations/{how}"), json!({"token": token})).await
}

// L1, L2
#[tokio::test]
async fn an_invitation_is_mailed_looked_up_and_accepted() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let (email, invited) = practice.invites_staff("Theo", "Therapist", false).await;
    assert_eq!((invited.text("/status"), invited.text("/invitation/state")), ("invited".into(), "invited".into()));
    assert_eq!(invited.text("/etag"), "\"v1\"");
    let mail = world.newest_mail(&email).await;
    let text = mail["text"].as_str().expect("a text");
    assert!(text.contains("harbor Therapy") && !text.contains("Theo"), "{text}");
    let token = world.token(&email).await;
    let found = answer(&world, &token, "lookup").await.expect(200);
    let expires_at = found.at("/expires_at");
    let said = json!({
        "kind": "staff", "practice": {"name": "harbor Therapy", "slug": "harbor"}, "state": "open",
        "expires_at": expires_at,
    });
    assert_eq!(found.json(), said);
    let session = answer(&world, &token, "accept").await.expect(201);
    let theo = world.anonymous.with_session(&session);
    assert_eq!(theo.get("/v1/me").await.expect(200).text("/principal/full_name"), "Theo Berg");
    assert_eq!(answer(&world, &token, "lookup").await.expect(200).text("/state"), "accepted");
    let member = practice.owner.get(&format!("/v1/staff/{}", theo.id)).await.expect(200);
    assert_eq!((member.text("/status"), member.text("/invitation/state")), ("active".into(), "accepted".into()));
    assert!(member.at("/joined_at").is_string());
    // From now on by a sign-in link, like everybody.
    world.anonymous.post("/v1/auth/sign-in", json!({"email": email})).await.expect(202);
    let link = world.token(&email).await;
    world.anonymous.post("/v1/auth/sessions", json!({"token": link})).await.expect(201);
}

// L1
#[tokio::test]
async fn an_invitation_needs_a_role_of_the_practice_and_an_address_new_to_the_team() {
    let world = World::start().await;
    let (practice, other) = (world.practice("harbor").await, world.practice("other").await);
    let foreign = other.role("Therapist").await;
    let role = practice.role("Therapist").await;
    let invite = |role: &str, email: &str| {
        let body = json!({"full_name": "Theo Berg", "email": email, "role_id": role});
        let owner = practice.owner.clone();
        async move { owner.post("/v1/staff", body).await }
    };
    let refused = invite(&foreign, "theo@mail.example").await.expect_problem(422, "invalid_field");
    assert_eq!(refused.at("/errors/0/pointer"), "/role_id");
    assert_eq!(refused.at("/errors/0/code"), "role_unknown");
    assert_eq!(world.mails("theo@mail.example").await.len(), 0);
    invite(&role, "owner@harbor.example").await.expect_problem(409, "already_in_team");
    invite(&role, "theo@mail.example").await.expect(201);
    invite(&role, "THEO@mail.example").await.expect_problem(409, "already_in_team");
    // Whether somebody works elsewhere is not for the one who invites.
    invite(&role, "owner@other.example").await.expect(201);
}

// L2
#[tokio::test]
async fn only_the_newest_link_works_and_only_once() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let (email, invited) = practice.invites_staff("Theo", "Therapist", false).await;
    let path = format!("/v1/staff/{}", invited.text("/id"));
    let first = world.token(&email).await;
    practice.owner.do_post(&format!("{path}/invitation")).await.expect(200);
    let second = world.token(&email).await;
    assert_ne!(first, second);
    assert_eq!(answer(&world, &first, "lookup").await.expect(200).text("/state"), "revoked");
    answer(&world, &first, "accept").await.expect_problem(409, "invitation_revoked");
    answer(&world, &second, "accept").await.expect(201);
    answer(&world, &second, "accept").await.expect_problem(409, "already_accepted");
    answer(&world, &second, "decline").await.expect_problem(409, "already_accepted");
    answer(&world, &second, "renew").await.expect_problem(409, "already_accepted");
    practice.owner.do_post(&format!("{path}/invitation")).await.expect_problem(409, "already_accepted");
    let mut forged = second.clone();
    forged.replace_range(second.len() - 2.., if second.ends_with("AA") { "BB" } else { "AA" });
    answer(&world, &forged, "accept").await.expect_problem(404, "invitation_not_found");
}

// L2
#[tokio::test]
async fn a_declined_invitation_is_told_to_the_admins_and_can_be_sent_again() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let (email, invited) = practice.invites_staff("Theo", "Therapist", false).await;
    let path = format!("/v1/staff/{}", invited.text("/id"));
    let token = world.token(&email).await;
    let before = world.mails("owner@harbor.example").await.len();
    answer(&world, &token, "decline").await.expect(204);
    assert_eq!(world.mails("owner@harbor.example").await.len(), before + 1);
    let mail = world.newest_mail("owner@harbor.example").await;
    assert!(!mail.to_string().contains("Theo") && !mail.to_string().contains(&email), "{mail}");
    answer(&world, &token, "accept").await.expect_problem(409, "invitation_revoked");
    answer(&world, &token, "decline").await.expect_problem(409, "invitation_revoked");
    assert_eq!(practice.owner.get(&path).await.expect(200).text("/invitation/state"), "declined");
    practice.owner.do_post(&format!("{path}/invitation")).await.expect(200);
    world.accept(&email).await;
}

// L2
#[tokio::test]
async fn a_decline_is_told_to_the_admin_who_invited_or_to_every_admin_once_that_one_is_none() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let (ada, bea) = (practice.hires_admin("Ada").await, practice.hires_admin("Bea").await);
    let told = async || {
        let mut counts = Vec::new();
        for name in ["owner", "ada", "bea"] {
            let mails = world.mails(&format!("{name}@harbor.example")).await;
            let declined = "An invitation to your team was declined";
            counts.push(mails.iter().filter(|mail| mail["subject"] == declined).count());
        }
        counts
    };
    let role = practice.role("Therapist").await;
    let invite = async |by: &Persona, name: &str| {
        let email = format!("{name}@mail.example");
        let body = json!({"full_name": "Theo Berg", "email": email, "role_id": role});
        let invited = by.post("/v1/staff", body).await.expect(201).text("/id");
        (world.token(&email).await, invited)
    };
    let (token, invited) = invite(&ada, "theo").await;
    answer(&world, &token, "decline").await.expect(204);
    assert_eq!(told().await, [0, 1, 0]);
    // Whoever sent it last has invited.
    bea.do_post(&format!("/v1/staff/{invited}/invitation")).await.expect(200);
    answer(&world, &world.token("theo@mail.example").await, "decline").await.expect(204);
    assert_eq!(told().await, [0, 1, 1]);
    let (token, _) = invite(&bea, "vera").await;
    practice.sets_status(&bea, "on_hold").await;
    answer(&world, &token, "decline").await.expect(204);
    assert_eq!(told().await, [1, 2, 1]);
}

// L2, decision 9
#[tokio::test]
async fn an_expired_invitation_is_renewed_to_the_same_mailbox() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let (email, invited) = practice.invites_staff("Theo", "Therapist", false).await;
    let token = world.token(&email).await;
    answer(&world, &token, "renew").await.expect_problem(409, "invitation_open");
    world.advance(7 * 24 * 3600).await;
    answer(&world, &token, "accept").await.expect_problem(409, "invitation_expired");
    answer(&world, &token, "renew").await.expect(202);
    answer(&world, &token, "renew").await.expect_problem(409, "invitation_revoked");
    assert_eq!(world.accept(&email).await.id, invited.text("/id"));
}

// L2, L4
#[tokio::test]
async fn an_invitation_that_was_taken_back_opens_nothing() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let (email, invited) = practice.invites_staff("Theo", "Therapist", false).await;
    let path = format!("/v1/staff/{}", invited.text("/id"));
    let token = world.token(&email).await;
    let gone = practice.owner.delete(&path).await.expect(204);
    assert!(world.audit(&gone).await.iter().any(|(action, ..)| action == "staff.revoke_invite"));
    practice.owner.get(&path).await.expect_problem(404, "not_found");
    practice.owner.delete(&path).await.expect_problem(404, "not_found");
    for how in ["accept", "decline", "renew"] {
        answer(&world, &token, how).await.expect_problem(409, "invitation_revoked");
    }
    // The address is free again.
    practice.hires("Theo", "Therapist").await;
}

// L2, decision 22
#[tokio::test]
async fn an_invitation_that_did_not_go_out_is_flushed_unless_it_is_pointless_by_then() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let trouble = |mode: &'static str| world.anonymous.post("/dev/mail/trouble", json!({"mode": mode}));
    trouble("failing").await.expect(200);
    let (email, _) = practice.invites_staff("Theo", "Therapist", false).await;
    let (other, revoked) = practice.invites_staff("Vera", "Therapist", false).await;
    practice.owner.delete(&format!("/v1/staff/{}", revoked.text("/id"))).await.expect(204);
    trouble("none").await.expect(200);
    assert_eq!(world.run("flush-mail").await, json!({"due": 2, "done": 1, "skipped": 1}));
    assert_eq!(world.run("flush-mail").await["due"], 0);
    assert_eq!((world.mails(&email).await.len(), world.mails(&other).await.len()), (1, 0));
    let token = world.token(&email).await;
    trouble("failing").await.expect(200);
    answer(&world, &token, "decline").await.expect(204);
    trouble("none").await.expect(200);
    assert_eq!(world.run("flush-mail").await, json!({"due": 1, "done": 1, "skipped": 0}));
    let notice = world.newest_mail("owner@harbor.example").await;
    assert!(notice["text"].as_str().is_some_and(|text| text.contains("declined")), "{notice}");
}

// L1, security REL-1
#[tokio::test]
async fn a_repeated_invitation_is_one_invitation() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let role = practice.role("Therapist").await;
    let invite = |name: &str| {
        let body = json!({"full_name": name, "email": "theo@mail.example", "role_id": role});
        practice.owner.request(http::Method::POST, "/v1/staff").header("idempotency-key", "k1").json(&body).send()
    };
    let answers = join_all((0..8).map(|_| invite("Theo Berg"))).await;
    let first = answers[0].text("/id");
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.text("/id") == first));
    assert_eq!(world.mails("theo@mail.example").await.len(), 1);
    invite("Theo Dahl").await.expect_problem(422, "idempotency_key_reused");
}

// L2, L4: accepted and taken back at the same moment
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_accepts_while_the_invitation_is_taken_back_is_out_either_way() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    for round in 0..6 {
        let (email, invited) = practice.invites_staff(&format!("Theo{round}"), "Therapist", false).await;
        let path = format!("/v1/staff/{}", invited.text("/id"));
        let token = world.token(&email).await;
        let take_back = async {
            let mut gone = practice.owner.delete(&path).await;
            if gone.status == 412 {
                gone = practice.owner.delete(&path).await;
            }
            gone
        };
        let (accepted, gone) = tokio::join!(answer(&world, &token, "accept"), take_back);
        gone.expect(204);
        if accepted.status == 201 {
            world.anonymous.with_session(&accepted).get("/v1/me").await.expect_problem(401, "unauthenticated");
        } else {
            accepted.expect_problem(409, "invitation_revoked");
        }
        practice.owner.get(&path).await.expect_problem(404, "not_found");
    }
}

// L1, security IDN-13
#[tokio::test]
async fn a_practice_invites_a_hundred_a_day() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let mut path = String::new();
    for number in 0..20 {
        let (_, invited) = practice.invites_staff(&format!("Theo{number}"), "Therapist", false).await;
        path = format!("/v1/staff/{}/invitation", invited.text("/id"));
        for _ in 0..4 {
            practice.owner.do_post(&path).await.expect(200);
        }
    }
    let mails = world.mail_count().await;
    let refused = practice.owner.do_post(&path).await.expect_problem(429, "too_many_requests");
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(world.mail_count().await, mails);
    world.advance(24 * 3600).await;
    sign_in_again(&world, "owner@harbor.example").await.do_post(&path).await.expect(200);
}

async fn sign_in_again(world: &World, email: &str) -> Persona {
    world.anonymous.post("/v1/auth/sign-in", json!({"email": email})).await.expect(202);
    let token = world.token(email).await;
    let session = world.anonymous.post("/v1/auth/sessions", json!({"token": token})).await.expect(201);
    world.anonymous.with_session(&session)
}

// L15, decision 7
#[tokio::test]
async fn whoever_works_for_a_practice_joins_no_other_and_only_they_learn_it() {
    let world = World::start().await;
    let (one, two) = (world.practice("one").await, world.practice("two").await);
    let email = "owner@one.example";
    let role = two.role("Therapist").await;
    let body = json!({"full_name": "Dana Owner", "email": email, "role_id": role});
    let invited = two.owner.post("/v1/staff", body).await.expect(201);
    let token = world.token(email).await;
    let refused = answer(&world, &token, "accept").await.expect_problem(409, "already_in_practice");
    assert!(!refused.json().to_string().contains("one"), "it does not say which: {}", refused.json());
    let seen = two.owner.get(&format!("/v1/staff/{}", invited.text("/id"))).await.expect(200);
    assert_eq!((seen.text("/status"), seen.text("/invitation/state")), ("invited".into(), "invited".into()));
    // They are still who they were.
    one.owner.get("/v1/me").await.expect(200);
    sign_in_again(&world, email).await.get("/v1/roles").await.expect(200);
}

// L15, decision 7, INV-2
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_acceptances_in_two_practices_one_wins() {
    let world = World::start().await;
    let practices = [world.practice("one").await, world.practice("two").await];
    let mut tokens = Vec::new();
    for practice in &practices {
        let role = practice.role("Therapist").await;
        let body = json!({"full_name": "Theo Berg", "email": "theo@mail.example", "role_id": role});
        practice.owner.post("/v1/staff", body).await.expect(201);
        tokens.push(world.token("theo@mail.example").await);
    }
    let tries = (0..100).map(|n| answer(&world, &tokens[n % 2], "accept"));
    let answers = join_all(tries).await;
    let won: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    assert_eq!(won.len(), 1);
    let codes: Vec<String> = answers.iter().filter(|a| a.status != 201).map(end_to_end::Answer::code).collect();
    let known = |code: &String| ["already_in_practice", "already_accepted"].contains(&code.as_str());
    assert!(codes.iter().all(known), "{codes:?}");
    assert!(codes.iter().filter(|code| *code == "already_in_practice").count() == 50, "{codes:?}");
    let mut states = Vec::new();
    for practice in &practices {
        let roster = practice.owner.get("/v1/staff").await.expect(200).at("/items");
        let theo = roster.as_array().into_iter().flatten().find(|staff| staff["full_name"] == "Theo Berg").cloned();
        states.push(theo.map_or(Value::Null, |theo| theo["status"].clone()));
    }
    states.sort_by_key(Value::to_string);
    assert_eq!(states, [json!("active"), json!("invited")]);
}
