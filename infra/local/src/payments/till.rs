//! Where a person pays: the button's work, and the event that follows it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::page::page;
use super::session::{Delivery, Payment};
use super::webhook::{deliver, sign};
use super::{Books, Desk};

/// `GET /pay/{id}`
pub(super) async fn show(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Response {
    page(desk.books().sessions.get(&id), desk.now())
}

/// `POST /pay/{id}`: pays an open session and tells the webhook; tells it again when that failed before.
pub(super) async fn pay(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Response {
    if desk.take(&id) {
        // A task of its own: a browser that gives up must not leave the payment half told.
        let telling = tokio::spawn({
            let (desk, id) = (Arc::clone(&desk), id.clone());
            async move { desk.tell(&id).await }
        });
        if let Err(error) = telling.await {
            tracing::error!(%error, "the event could not be delivered");
        }
    }
    let books = desk.books();
    let mut response = page(books.sessions.get(&id), desk.now());
    if books.failure(&id).is_some() {
        *response.status_mut() = StatusCode::BAD_GATEWAY;
    }
    response
}

impl Books {
    fn payment(&mut self, id: &str) -> Option<&mut Payment> {
        self.sessions.get_mut(id)?.payment.as_mut()
    }

    fn failure(&self, id: &str) -> Option<&str> {
        match &self.sessions.get(id)?.payment.as_ref()?.delivery {
            Delivery::Failed(reason) => Some(reason),
            Delivery::Underway | Delivery::Done => None,
        }
    }
}

impl Desk {
    /// Whether there is something to tell: a payment just made, or one whose telling failed. Says so to one caller only.
    fn take(&self, id: &str) -> bool {
        let mut books = self.books();
        if books.failure(id).is_some() {
            if let Some(payment) = books.payment(id) {
                payment.delivery = Delivery::Underway;
            }
            return true;
        }
        let event = books.sessions.get_mut(id).and_then(|session| session.pay(&self.base, self.now()));
        let paid = event.is_some();
        books.events.extend(event);
        paid
    }

    async fn tell(&self, id: &str) {
        let (url, body) = {
            let mut books = self.books();
            let body = books.payment(id).map(|payment| payment.event.to_string());
            (books.webhook_url.clone(), body.unwrap_or_default())
        };
        let signature = sign(&self.webhook_secret, self.now(), &body);
        let delivery = match deliver(&self.clock, &url, signature, body).await {
            Ok(()) => Delivery::Done,
            Err(error) => Delivery::Failed(error.to_string()),
        };
        if let Some(payment) = self.books().payment(id) {
            payment.delivery = delivery;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU16, Ordering};

    use axum::Router;
    use axum::http::{HeaderMap, Method, Request};
    use axum::routing::post;
    use caseload::clock::Clock;
    use http_body_util::BodyExt;
    use jiff::Timestamp;
    use serde_json::Value;
    use tower::ServiceExt;

    use super::*;
    use crate::payments::form::Form;
    use crate::payments::order::Order;
    use crate::payments::session::Session;
    use crate::payments::{Payments, router};

    const FORM: &str = "mode=payment&success_url=https://x.example/ok?s={CHECKOUT_SESSION_ID}&metadata[invoice]=inv_1\
        &line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=15000\
        &line_items[0][price_data][product_data][name]=<b>Session</b>&line_items[0][quantity]=2";

    /// A webhook that keeps what it is sent and answers as told.
    struct Webhook {
        url: String,
        got: Arc<Mutex<Vec<(String, String)>>>,
        answer: Arc<AtomicU16>,
    }

    impl Webhook {
        async fn start() -> Self {
            let (got, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU16::new(200)));
            let (log, told) = (Arc::clone(&got), Arc::clone(&answer));
            let take = move |headers: HeaderMap, body: String| async move {
                let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
                log.lock().unwrap().push((signature, body));
                StatusCode::from_u16(told.load(Ordering::SeqCst)).unwrap()
            };
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}/v1/webhooks/payments?a=b", listener.local_addr().unwrap());
            let app = Router::new().route("/v1/webhooks/payments", post(take));
            tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
            Self { url, got, answer }
        }
    }

    async fn payments(url: &str) -> (Payments, String) {
        let clock = Clock::standing();
        clock.set(Timestamp::from_second(1_000).unwrap());
        let payments = Payments::start(url.to_owned(), "whsec_local".to_owned(), clock).await.unwrap();
        let order = Order::read(&Form::read(FORM.as_bytes()), 1_000).unwrap();
        let session = Session::open(order, 1_000);
        let id = session.id.clone();
        payments.desk.books().sessions.insert(id.clone(), session);
        (payments, id)
    }

    async fn page(payments: &Payments, method: Method, id: &str) -> (u16, String) {
        let request = Request::builder().method(method).uri(format!("/pay/{id}"));
        let request = request.body(axum::body::Body::empty()).unwrap();
        let response = router(Arc::clone(&payments.desk)).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_button_pays_once_and_delivers_a_signed_event() {
        let webhook = Webhook::start().await;
        let (payments, id) = payments(&webhook.url).await;
        let (status, html) = page(&payments, Method::GET, &id).await;
        assert_eq!(status, 200);
        for part in
            ["2 × &lt;b&gt;Session&lt;/b&gt;", "300.00 USD", &format!("action=\"/pay/{id}\""), ">Pay 300.00 USD<"]
        {
            assert!(html.contains(part), "{part} is not in {html}");
        }
        assert!(payments.events().is_empty());

        let (status, html) = page(&payments, Method::POST, &id).await;
        assert_eq!(status, 200);
        assert!(html.contains("<h1>Paid</h1>") && html.contains(&format!("https://x.example/ok?s={id}")), "{html}");
        let (signature, body) = webhook.got.lock().unwrap()[0].clone();
        assert_eq!(signature, sign("whsec_local", 1_000, &body));
        let event: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(event["type"], "checkout.session.completed");
        assert_eq!(event["data"]["object"]["id"], id);
        assert_eq!(event["data"]["object"]["metadata"]["invoice"], "inv_1");
        assert_eq!(payments.events(), [event]);

        let (status, html) = page(&payments, Method::POST, &id).await;
        assert!(status == 200 && html.contains("<h1>Paid</h1>"), "{html}");
        assert!(!page(&payments, Method::GET, &id).await.1.contains("<button"));
        assert_eq!(webhook.got.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_failed_delivery_is_shown_and_tried_again_with_the_same_event() {
        let webhook = Webhook::start().await;
        webhook.answer.store(503, Ordering::SeqCst);
        let (payments, id) = payments(&webhook.url).await;
        let (status, html) = page(&payments, Method::POST, &id).await;
        assert_eq!(status, 502);
        assert!(html.contains("could not be told") && html.contains("503") && html.contains(">Retry<"), "{html}");

        payments.set_webhook_url("http://127.0.0.1:1/".to_owned());
        let (_, html) = page(&payments, Method::POST, &id).await;
        assert!(html.contains("127.0.0.1:1 cannot be reached"), "{html}");

        payments.set_webhook_url(webhook.url.clone());
        webhook.answer.store(204, Ordering::SeqCst);
        let (status, html) = page(&payments, Method::POST, &id).await;
        assert!(status == 200 && html.contains("<h1>Paid</h1>"), "{html}");
        let got = webhook.got.lock().unwrap();
        assert_eq!(got.len(), 2);
        assert_eq!(got[0], got[1]);
        assert_eq!(payments.events().len(), 1);
    }

    #[tokio::test]
    async fn an_expired_link_says_so_and_takes_nothing() {
        let (payments, id) = payments("http://127.0.0.1:1/").await;
        payments.desk.books().sessions.get_mut(&id).unwrap().expire(1_000).unwrap();
        for method in [Method::GET, Method::POST] {
            let (status, html) = page(&payments, method, &id).await;
            assert!(status == 410 && html.contains("has expired"), "{html}");
        }
        assert!(payments.events().is_empty());
        assert_eq!(page(&payments, Method::POST, "cs_test_0").await.0, 404);
    }
}
