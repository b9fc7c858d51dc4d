//! What can never be paid is refused where it is written down, and what will never change is no 503 (decision 37).

use end_to_end::{Answer, Persona, World};
use serde_json::{Value, json};

/// A practice in this currency, with its owner signed in and a client.
async fn in_currency(world: &World, currency: &str) -> (Persona, String) {
    let slug = format!("in-{}", currency.to_lowercase());
    let email = format!("owner@{slug}.example");
    let body = json!({"name": "Harbor", "slug": slug, "time_zone": "UTC", "currency": currency,
        "owner": {"full_name": "Dana Owner", "email": email}});
    world.anonymous.post("/v1/practices", body).await.expect(201);
    let session = json!({"token": world.token(&email).await});
    let owner = world.anonymous.with_session(&world.anonymous.post("/v1/auth/sessions", session).await.expect(201));
    let client = owner.adds_client("Maya").await;
    (owner, client)
}

async fn draft(owner: &Persona, client: &str, currency: &str, prices: &[(i64, u32)]) -> Answer {
    let line = |(amount, quantity): &(i64, u32)| {
        let price = json!({"amount": amount, "currency": currency});
        json!({"description": "Session", "quantity": quantity, "unit_price": price})
    };
    let lines: Vec<Value> = prices.iter().map(line).collect();
    owner.post(&format!("/v1/clients/{client}/invoices"), json!({"lines": lines})).await
}

fn field(refused: &Answer) -> (String, String) {
    (refused.text("/errors/0/pointer"), refused.text("/errors/0/code"))
}

// decision 37
#[tokio::test]
async fn an_amount_that_is_never_charged_is_refused_when_it_is_drafted() {
    let world = World::start().await;
    for currency in ["KWD", "BHD", "JOD", "OMR", "TND"] {
        let (owner, client) = in_currency(&world, currency).await;
        for price in [12_345, 12_341, 1] {
            let refused = draft(&owner, &client, currency, &[(12_340, 1), (price, 10)]).await;
            let refused = refused.expect_problem(422, "invalid_field");
            assert_eq!(field(&refused), ("/lines/1/unit_price/amount".to_owned(), "not_payable".to_owned()));
        }
        let drafted = draft(&owner, &client, currency, &[(12_340, 1), (0, 1)]).await.expect(201);
        owner.do_post(&format!("/v1/invoices/{}/issue", drafted.text("/id"))).await.expect(200);
    }
    for (currency, least) in [("USD", 50), ("GBP", 30), ("JPY", 50), ("CZK", 1_500), ("MXN", 1_000), ("HUF", 17_500)] {
        let (owner, client) = in_currency(&world, currency).await;
        let refused = draft(&owner, &client, currency, &[(least - 1, 1)]).await.expect_problem(422, "invalid_field");
        assert_eq!(field(&refused), ("/lines".to_owned(), "not_payable".to_owned()), "{currency}");
        draft(&owner, &client, currency, &[(least, 1)]).await.expect(201);
        // The sum counts, and a draft that asks for nothing yet is one.
        draft(&owner, &client, currency, &[(least - 1, 1), (1, 1)]).await.expect(201);
        draft(&owner, &client, currency, &[]).await.expect(201);
    }
}

// decision 37, J3
#[tokio::test]
async fn a_part_is_paid_only_if_the_rest_can_be() {
    let world = World::start().await;
    let practice = world.practice("harbor").await;
    let owner = &practice.owner;
    owner.patch("/v1/practice", json!({"payments": {"online": true}})).await.expect(200);
    let (id, maya) = practice.portal_client("Maya").await;
    let invoice = owner.issues_invoice(&id, 150).await;
    let pay = async |amount: i64| {
        let body = json!({"invoice_ids": [invoice], "amount": {"amount": amount, "currency": "USD"}});
        maya.post(&format!("/v1/clients/{id}/checkout"), body).await
    };
    for part in [1, 49, 101, 149] {
        let refused = pay(part).await.expect_problem(422, "invalid_field");
        assert_eq!(field(&refused), ("/amount/amount".to_owned(), "not_payable".to_owned()), "{part}");
    }
    pay(100).await.expect(201);
}
