use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::crypto::mac_sha256;
use crate::domain::checkout::{Checkout, bill};
use crate::domain::ids::{ClientId, InvoiceId, PaymentId, PracticeId};
use crate::domain::invoice::{Invoice, InvoiceNumber, Line};
use crate::domain::money::{Currency, Money};
use crate::domain::text::LineDescription;

const NOW: i64 = 1_800_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("an instant")
}

/// Method, address, idempotency key, form.
type Asked = (String, String, Option<String>, BTreeMap<String, String>);

/// A provider that gives prepared answers, in order, and keeps what it was asked.
#[derive(Debug, Clone, Default)]
struct Provider {
    answers: Arc<Mutex<Vec<(u16, String)>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl HttpConnector for Provider {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        assert_eq!(request.headers().get("authorization"), Some("Bearer sk_test_x"));
        let form = form_urlencoded::parse(request.body().bytes().unwrap_or_default()).into_owned().collect();
        let key = request.headers().get("idempotency-key").map(str::to_owned);
        self.asked.lock().expect("lock").push((request.method().to_owned(), request.uri().to_owned(), key, form));
        let mut answers = self.answers.lock().expect("lock");
        if answers.is_empty() {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("sk_test_x is in here".into())));
        }
        let (status, body) = answers.remove(0);
        let status = status.try_into().expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}

fn payments(answers: &[(u16, serde_json::Value)]) -> (Payments, Provider) {
    let provider = Provider::default();
    *provider.answers.lock().expect("lock") =
        answers.iter().map(|(status, body)| (*status, body.to_string())).collect();
    let connector = SharedHttpConnector::new(provider.clone());
    let http: SharedHttpClient = http_client_fn(move |_, _| connector.clone());
    let mut config = Config { payments_secret: Some(Secret::new("sk_test_x")), ..Config::default() };
    config.endpoints.payments = Some("http://pay.local:1".to_owned());
    let sdk = Sdk::local(http, "id", "secret", std::time::Duration::from_secs(1), crate::clock::Clock::standing());
    (Payments::new(&config, &sdk).expect("payments"), provider)
}

fn checkout() -> (Checkout, Vec<Invoice>) {
    let (client, practice) = (ClientId::from_uuid(Uuid::from_u128(7)), PracticeId::from_uuid(Uuid::from_u128(1)));
    let currency = Currency::parse("USD").expect("a currency");
    let invoices: Vec<Invoice> = [(1, 15_000), (2, 500)]
        .into_iter()
        .map(|(n, amount)| {
            let line = Line {
                description: LineDescription::parse("Trauma therapy").expect("a text"),
                quantity: 1,
                unit_price: Money { amount, currency },
            };
            let id = InvoiceId::new(client, Uuid::from_u128(n));
            let mut invoice = Invoice::draft(id, practice, currency, vec![line], None, at(NOW)).expect("a draft");
            invoice.issue(InvoiceNumber::new(2026, n as u64), at(NOW)).expect("issued");
            invoice
        })
        .collect();
    let asked = bill(&invoices, None).expect("a bill");
    let payment = PaymentId::new(client, Uuid::from_u128(9));
    (Checkout::start(payment, practice, asked, at(NOW)).expect("a checkout"), invoices)
}

async fn create(payments: &Payments) -> Result<ProviderCheckout, ProviderError> {
    let (checkout, invoices) = checkout();
    payments
        .create_checkout(&CheckoutOrder {
            checkout: &checkout,
            invoices: &invoices,
            portal_url: "https://p.example/harbor",
        })
        .await
}

// J3
#[tokio::test]
async fn a_checkout_asks_for_the_amounts_of_our_invoices_and_tells_nothing_about_health() {
    let answer = json!({"id": "cs_1", "url": "https://pay.example/1", "livemode": false, "status": "open"});
    let (payments, provider) = payments(&[(200, answer)]);
    let session = create(&payments).await.expect("a session");
    assert_eq!(session, ProviderCheckout { id: "cs_1".into(), url: "https://pay.example/1".into(), live: false });
    let (method, uri, key, form) = provider.asked.lock().expect("lock")[0].clone();
    let payment = checkout().0.payment.to_string();
    assert_eq!((method.as_str(), uri.as_str()), ("POST", "http://pay.local:1/v1/checkout/sessions"));
    assert_eq!(key.as_deref(), Some(payment.as_str()));
    for (name, value) in [
        ("mode", "payment"),
        ("client_reference_id", payment.as_str()),
        ("metadata[payment_id]", payment.as_str()),
        ("success_url", "https://p.example/harbor/billing?checkout=done"),
        ("expires_at", "1800003600"),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "15000"),
        ("line_items[0][price_data][product_data][name]", "Invoice 2026-0001"),
        ("line_items[1][price_data][unit_amount]", "500"),
        ("line_items[1][quantity]", "1"),
    ] {
        assert_eq!(form.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert!(!form.values().any(|value| value.contains("Trauma")));
}

// J3, REL-1
#[tokio::test]
async fn a_refusal_a_breakdown_and_silence_are_told_apart_and_keep_the_secret() {
    let error = |kind: &str| json!({"error": {"type": kind, "message": "about sk_test_x"}});
    for (status, body, last, text) in [
        (400, error("invalid_request_error"), true, "the payment provider refused: 400 invalid_request_error"),
        (401, json!({}), true, "the payment provider refused: 401 "),
        (409, error("idempotency_error"), false, "the payment provider gave no answer: 409 idempotency_error"),
        (429, json!({}), false, "the payment provider gave no answer: 429 "),
        (500, error("api_error"), true, "the payment provider broke: 500 api_error"),
        (503, json!("<html>"), false, "the payment provider gave no answer: 503 "),
    ] {
        let refused = create(&payments(&[(status, body)]).0).await.expect_err("refused");
        assert_eq!((refused.is_final(), refused.to_string().as_str()), (last, text));
    }
    let silent = create(&payments(&[]).0).await.expect_err("silence");
    assert_eq!(silent, ProviderError::Unknown("the connection failed".to_owned()));
}

// decision 37: what another try cannot change is not told as if it could
#[test]
fn a_refusal_that_will_never_change_is_no_busy_moment() {
    use crate::refusal::{Kind, Refusal};
    let kind = |error: ProviderError| Refusal::from(error).kind().clone();
    assert_eq!(kind(ProviderError::Refused("400".to_owned())), Kind::Conflict);
    for passing in [ProviderError::Locked, ProviderError::Broken, ProviderError::Unknown] {
        assert!(matches!(kind(passing("x".to_owned())), Kind::Unavailable(_)));
    }
    let gone = Refusal::from(crate::files::FileError::Absent);
    assert!(matches!(gone.kind(), Kind::Broken(_)));
}

// J3
#[tokio::test]
async fn a_page_is_closed_once_and_a_paid_one_is_known_as_paid() {
    let expired = json!({"id": "cs_1", "status": "expired", "url": null});
    let (open, provider) = payments(&[(200, expired.clone())]);
    assert_eq!(open.close_checkout("cs_1").await, Ok(Closed::Unpaid));
    assert_eq!(provider.asked.lock().expect("lock")[0].1, "http://pay.local:1/v1/checkout/sessions/cs_1/expire");
    let (again, _) = payments(&[(400, json!({})), (200, expired)]);
    assert_eq!(again.close_checkout("cs_1").await, Ok(Closed::Unpaid));
    let (paid, _) = payments(&[(400, json!({})), (200, json!({"id": "cs_1", "status": "complete"}))]);
    assert_eq!(paid.close_checkout("cs_1").await, Ok(Closed::Paid));
}

fn event(kind: &str, status: &str) -> String {
    let (checkout, _) = checkout();
    json!({"id": "evt_1", "type": kind, "data": {"object": {
        "id": "cs_1", "object": "checkout.session", "client_reference_id": checkout.payment.to_string(),
        "metadata": {"practice_id": checkout.practice.to_string()}, "amount_total": 15_500, "currency": "usd",
        "payment_status": status, "payment_intent": "pi_1", "livemode": false}}})
    .to_string()
}

fn signed(body: &str, secret: &str, second: i64) -> String {
    let tag = mac_sha256(secret.as_bytes(), &[second.to_string().as_bytes(), b".", body.as_bytes()]);
    format!("t={second},v1={tag}")
}

fn verify(body: &str, header: &str) -> Result<Event, WebhookRefusal> {
    verify_webhook(body.as_bytes(), Some(header), at(NOW), &[Secret::new("new"), Secret::new("old")])
}

// J7
#[test]
fn an_event_is_believed_with_a_fresh_signature_of_one_of_our_secrets() {
    // printf '12345.{"a":1}' | openssl dgst -sha256 -hmac whsec_local
    let known = "81d6448f3fb3589ebae95a6ae07e9cbc8ebef1f43ec550896b1eae1c5f18a9d0";
    assert_eq!(mac_sha256(b"whsec_local", &[b"12345", b".", br#"{"a":1}"#]), known);

    let body = event("checkout.session.completed", "paid");
    let event = verify(&body, &signed(&body, "old", NOW)).expect("an event");
    assert_eq!(event.id, "evt_1");
    let EventReport::Paid(session) = event.report else { panic!("paid") };
    let (checkout, _) = checkout();
    assert_eq!(session.claims(), Some((checkout.practice, checkout.payment)));
    let received = session.received().expect("money");
    assert_eq!((received.amount, received.payment.as_deref()), (checkout.total, Some("pi_1")));

    let good = signed(&body, "new", NOW);
    let (_, tag) = good.split_once("v1=").expect("a tag");
    verify(&body, &format!("t={NOW},v1=00,v0=zz, v1={tag}")).expect("an event");
    for second in [NOW - 300, NOW + 300] {
        verify(&body, &signed(&body, "new", second)).expect("an event");
    }
    for second in [NOW - 301, NOW + 301] {
        assert_eq!(verify(&body, &signed(&body, "new", second)), Err(WebhookRefusal::Timestamp));
    }
    for bad in ["", "t=1", &format!("v1={tag}"), &format!("t={},v1={tag}", NOW + 1), &signed(&body, "other", NOW)] {
        assert_eq!(verify(&body, bad), Err(WebhookRefusal::Signature), "{bad}");
    }
    assert_eq!(verify(&body.replace("15500", "1"), &good), Err(WebhookRefusal::Signature));
    assert_eq!(verify_webhook(body.as_bytes(), None, at(NOW), &[Secret::new("new")]), Err(WebhookRefusal::Signature));
    assert_eq!(verify_webhook(body.as_bytes(), Some(&good), at(NOW), &[]), Err(WebhookRefusal::Signature));
}

// J7
#[test]
fn only_events_of_checkouts_are_read() {
    let read = |body: &str| verify(body, &signed(body, "new", NOW));
    let report = |kind, status| read(&event(kind, status)).expect("an event").report;
    assert!(matches!(report("checkout.session.async_payment_succeeded", "paid"), EventReport::Paid(_)));
    assert!(matches!(report("checkout.session.expired", "unpaid"), EventReport::Unpaid(_)));
    assert_eq!(report("checkout.session.completed", "unpaid"), EventReport::Other);
    assert_eq!(
        read(r#"{"id":"evt_2","type":"invoice.paid","data":{"object":7}}"#).expect("an event").report,
        EventReport::Other
    );
    for bad in ["", "{}", "[]", r#"{"id":"evt_2","type":"checkout.session.completed","data":{"object":7}}"#] {
        assert_eq!(read(bad), Err(WebhookRefusal::Malformed), "{bad}");
    }
    let foreign = r#"{"id":"evt_3","type":"checkout.session.completed","data":{"object":{"id":"cs_9","metadata":null,"payment_status":"paid","client_reference_id":"x","payment_intent":{"id":"pi_2"}}}}"#;
    let EventReport::Paid(session) = read(foreign).expect("an event").report else { panic!("paid") };
    assert_eq!((session.claims(), session.received()), (None, None));
}

proptest! {
    // J7
    #[test]
    fn no_header_and_no_body_make_the_verifier_panic(body in "\\PC{0,60}", header in "(t=|v1=|,|[0-9a-f]|\\PC){0,40}") {
        let _ = verify(&body, &header);
        let _ = verify(&body, &signed(&body, "new", NOW));
    }
}
