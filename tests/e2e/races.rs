//! A hundred at once: one wins, and the store, not luck, decides which.

use std::collections::BTreeMap;

use end_to_end::{Answer, World};
use futures_util::future::join_all;
use serde_json::json;

const CROWD: usize = 100;

fn tally(answers: &[Answer]) -> BTreeMap<(u16, String), usize> {
    let mut tally = BTreeMap::new();
    for answer in answers {
        *tally.entry((answer.status.as_u16(), answer.code())).or_default() += 1;
    }
    tally
}

// D14, INV-3
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_acceptances_of_one_invitation_register_one_client() {
    let world = World::start().await;
    let practice = world.practice("accept").await;
    practice.owner.adds_and_invites("Maya", "maya@mail.example").await;
    let token = json!({"token": world.token("maya@mail.example").await});
    let answers = join_all((0..CROWD).map(|_| world.anonymous.post("/v1/invitations/accept", token.clone()))).await;
    let tally = tally(&answers);
    assert_eq!(tally.get(&(201, String::new())), Some(&1), "{tally:?}");
    assert_eq!(tally.get(&(409, "already_accepted".to_owned())), Some(&(CROWD - 1)), "{tally:?}");
}

// decision 3, INV-1
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_clients_with_one_login_address_are_one() {
    let world = World::start().await;
    let practice = world.practice("logins").await;
    let create = |n: usize| {
        let body = json!({"first_name": format!("Twin {n}"), "last_name": "One", "email": "twin@mail.example", "invite": {"consent": true}});
        practice.owner.post("/v1/clients", body)
    };
    let answers = join_all((0..CROWD).map(create)).await;
    let tally = tally(&answers);
    assert_eq!(tally.get(&(201, String::new())), Some(&1), "{tally:?}");
    assert_eq!(tally.get(&(409, "email_in_use_for_login".to_owned())), Some(&(CROWD - 1)), "{tally:?}");
    assert_eq!(practice.owner.get("/v1/clients").await.at("/total"), 1);
    assert_eq!(world.mails("twin@mail.example").await.len(), 1);
}

// J7, INV-7, INV-9
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_deliveries_of_one_payment_pay_once() {
    let world = World::start().await;
    let practice = world.practice("paid").await;
    let owner = &practice.owner;
    owner.patch("/v1/practice", json!({"payments": {"online": true}})).await.expect(200);
    let (id, portal) = practice.portal_client("Maya").await;
    let invoice = owner.issues_invoice(&id, 15000).await;
    let started =
        portal.post(&format!("/v1/clients/{id}/checkout"), json!({"invoice_ids": [invoice]})).await.expect(201);
    // The provider is told to deliver to nobody, so that the crowd below comes first.
    let payments = world.cloud.payments().expect("payments");
    payments.set_webhook_url("http://127.0.0.1:9/nobody".to_owned());
    world.anonymous.elsewhere().request(http::Method::POST, &started.text("/checkout_url")).send().await;
    let event = payments.events().pop().expect("an event").to_string();
    let signature = world.sign_webhook(&event);
    let deliver = || {
        let hook = world.anonymous.request(http::Method::POST, "/v1/webhooks/payments");
        hook.header("content-type", "application/json")
            .header("stripe-signature", &signature)
            .body(event.clone())
            .send()
    };
    let answers = join_all((0..CROWD).map(|_| deliver())).await;
    assert!(answers.iter().all(|answer| answer.status.is_success()), "{:?}", tally(&answers));
    let timeline = owner.get(&format!("/v1/clients/{id}/payments")).await.expect(200);
    assert_eq!(timeline.at("/items").as_array().map(Vec::len), Some(1));
    let invoice = owner.get(&format!("/v1/invoices/{invoice}")).await.expect(200);
    assert_eq!((invoice.text("/state"), invoice.at("/balance/amount")), ("paid".to_owned(), json!(0)));
}

// decision 8
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_link_opens_one_session() {
    let world = World::start().await;
    world.practice("once").await;
    world.anonymous.post("/v1/auth/sign-in", json!({"email": "owner@once.example"})).await.expect(202);
    let token = json!({"token": world.token("owner@once.example").await});
    let answers = join_all((0..CROWD).map(|_| world.anonymous.post("/v1/auth/sessions", token.clone()))).await;
    let tally = tally(&answers);
    assert_eq!(tally.get(&(201, String::new())), Some(&1), "{tally:?}");
    assert_eq!(tally.get(&(401, "token_used".to_owned())), Some(&(CROWD - 1)), "{tally:?}");
}

// security REL-1
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_request_has_one_effect_and_one_answer() {
    let world = World::start().await;
    let practice = world.practice("repeat").await;
    let create = |name: &str, key: &str| {
        let body = json!({"first_name": name, "last_name": "Lindqvist"});
        practice.owner.request(http::Method::POST, "/v1/clients").header("idempotency-key", key).json(&body).send()
    };
    let answers = join_all((0..20).map(|_| create("Maya", "k1"))).await;
    let first = answers.first().expect("an answer").text("/id");
    assert!(
        answers.iter().all(|answer| answer.status.as_u16() == 201 && answer.text("/id") == first),
        "{:?}",
        tally(&answers)
    );
    assert_eq!(practice.owner.get("/v1/clients").await.at("/total"), 1);
    create("Ola", "k1").await.expect_problem(422, "idempotency_key_reused");
}
