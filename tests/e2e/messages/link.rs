//! The portal's address, sent by message or mail (D13).

use end_to_end::World;
use serde_json::{Value, json};

use super::{Pair, pair, texts};

// D13
#[tokio::test]
async fn the_portals_address_goes_out_by_message_and_by_mail() {
    let world = World::start().await;
    let Pair { practice, theo, maya, client, path } = pair(&world).await;
    let link = format!("/v1/clients/{client}/portal/send-link");
    let sent = theo.post(&link, json!({"by": ["mail", "message"]})).await.expect(200);
    assert_eq!(sent.json(), json!({"sent": ["mail", "message"], "skipped": []}));
    let url = maya.get("/v1/me").await.text("/practice/portal_url");
    let page = maya.get(&path).await.expect(200);
    assert!(texts(&page)[0].ends_with(&url) && !url.is_empty(), "{page:?}");
    assert_eq!(page.at("/unread"), 1);
    let mail = world.newest_mail("maya@mail.example").await;
    assert_eq!(mail["subject"], "Your client portal");
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains(&url) && !text.contains("token"), "{text}");
    // Not in the name of the therapist.
    let sent = practice.owner.post(&link, json!({"by": ["message", "mail"]})).await.expect(200);
    assert_eq!(sent.json(), json!({"sent": ["mail"], "skipped": [{"by": "message", "code": "not_yours"}]}));
    for bad in [json!({"by": []}), json!({"by": ["pigeon"]}), json!({})] {
        theo.post(&link, bad).await.expect_problem(422, "invalid_field");
    }
}

// D13: no message to whom cannot read it, and the answer says so
#[tokio::test]
async fn what_cannot_be_taken_is_skipped_with_the_reason() {
    let world = World::start().await;
    let Pair { practice, theo, client, .. } = pair(&world).await;
    let both = json!({"by": ["mail", "message"]});
    let ask = async |client: &str| {
        let sent = theo.post(&format!("/v1/clients/{client}/portal/send-link"), both.clone()).await.expect(200);
        let why = |n: usize| sent.at(&format!("/skipped/{n}/code"));
        (sent.at("/sent"), why(0), why(1))
    };
    let cannot = json!("client_cannot_sign_in");
    let bare = theo.adds_client("Ola").await;
    assert_eq!(ask(&bare).await, (json!([]), json!("no_address"), cannot.clone()));
    let known = theo.adds_client_with("Ivy", json!({"email": "ivy@mail.example"})).await.text("/id");
    assert_eq!(ask(&known).await, (json!([]), json!("consent_missing"), cannot.clone()));
    let invited = theo.adds_and_invites("Ana", "ana@mail.example").await.text("/id");
    assert_eq!(ask(&invited).await, (json!(["mail"]), cannot.clone(), Value::Null));
    let off = json!({"portal": {"features": {"messages": {"enabled": false}}}});
    practice.owner.patch("/v1/practice", off).await.expect(200);
    assert_eq!(ask(&client).await, (json!(["mail"]), json!("feature_off"), Value::Null));
    practice.owner.do_post(&format!("/v1/clients/{client}/deactivate")).await.expect(200);
    assert_eq!(ask(&client).await.0, json!([]));
}

// D13, IDN-13: counted like all mail about access
#[tokio::test]
async fn the_address_is_mailed_a_few_times_a_day() {
    let world = World::start().await;
    let Pair { theo, client, .. } = pair(&world).await;
    let link = format!("/v1/clients/{client}/portal/send-link");
    let mut sent = 0;
    while theo.post(&link, json!({"by": ["mail"]})).await.status == 200 {
        sent += 1;
        assert!(sent < 10);
    }
    let refused = theo.post(&link, json!({"by": ["mail"]})).await.expect_problem(429, "too_many_requests");
    assert!(!refused.header("retry-after").is_empty());
}
