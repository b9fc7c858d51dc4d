//! Invoices as their client sees them: drafts are not there.

use end_to_end::{Persona, World};
use serde_json::Value;

/// The ids of each page of two.
async fn pages(who: &Persona, client: &str) -> Vec<Vec<String>> {
    let (mut pages, mut behind) = (Vec::new(), String::new());
    loop {
        let page = who.get(&format!("/v1/clients/{client}/invoices?limit=2{behind}")).await.expect(200);
        let items = page.at("/items");
        let ids = items.as_array().into_iter().flatten().filter_map(|item| item["id"].as_str().map(str::to_owned));
        pages.push(ids.collect());
        match page.at("/next_cursor") {
            Value::String(cursor) => behind = format!("&cursor={cursor}"),
            _ => return pages,
        }
    }
}

// J2
#[tokio::test]
async fn a_client_s_pages_are_full_whatever_drafts_lie_between() {
    let world = World::start().await;
    let practice = world.practice("drafts").await;
    let owner = &practice.owner;
    let (client, portal) = practice.portal_client("Maya").await;
    let (mut all, mut issued) = (Vec::new(), Vec::new());
    for issue in [false, true, false, false, true, true, false, false, false, true] {
        let invoice = owner.drafts_invoice(&client, 15_000).await;
        if issue {
            owner.do_post(&format!("/v1/invoices/{invoice}/issue")).await.expect(200);
            issued.insert(0, invoice.clone());
        }
        all.insert(0, invoice);
    }
    let of_two = |ids: &[String]| ids.chunks(2).map(<[String]>::to_vec).collect::<Vec<_>>();
    assert_eq!(pages(owner, &client).await, of_two(&all));
    // Two full pages, and no third that would tell of the draft behind them.
    assert_eq!(pages(&portal, &client).await, of_two(&issued));
    portal.get(&format!("/v1/invoices/{}", all[1])).await.expect_problem(404, "not_found");
    portal.get(&format!("/v1/invoices/{}", issued[0])).await.expect(200);
}

// AUD-2, decision 19
#[tokio::test]
async fn the_trail_names_the_invoice_that_was_read() {
    let world = World::start().await;
    let practice = world.practice("trail").await;
    let client = practice.owner.adds_client("Maya").await;
    let invoice = practice.owner.drafts_invoice(&client, 15_000).await;
    let read = practice.owner.get(&format!("/v1/invoices/{invoice}")).await.expect(200);
    assert_eq!(world.audit(&read).await, [("invoice.read".to_owned(), "asked".to_owned(), vec![invoice])]);
}
