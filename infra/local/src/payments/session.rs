//! One Checkout Session: what state it is in, and how Stripe writes it.

use serde_json::{Value, json};

use super::order::Order;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Open,
    Complete,
    Expired,
}

impl Status {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Expired => "expired",
        }
    }
}

/// How far the news of a payment has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Delivery {
    Underway,
    Done,
    Failed(String),
}

/// A payment that was made.
#[derive(Debug, Clone)]
pub(super) struct Payment {
    pub(super) intent: String,
    pub(super) event: Value,
    pub(super) delivery: Delivery,
}

#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) order: Order,
    pub(super) payment: Option<Payment>,
    created: i64,
    was_expired: bool,
}

impl Session {
    /// A new session, open until its order's time.
    pub(super) fn open(order: Order, now: i64) -> Self {
        Self { id: super::new_id("cs_test_"), order, payment: None, created: now, was_expired: false }
    }

    pub(super) fn status(&self, now: i64) -> Status {
        if self.payment.is_some() {
            Status::Complete
        } else if self.was_expired || now >= self.order.expires_at {
            Status::Expired
        } else {
            Status::Open
        }
    }

    /// Ends an open session before its time; any other is left as it is and its status returned.
    pub(super) fn expire(&mut self, now: i64) -> Result<(), Status> {
        match self.status(now) {
            Status::Open => {
                self.was_expired = true;
                Ok(())
            }
            other => Err(other),
        }
    }

    /// Takes the payment of an open session: the event that says so, to be delivered. Any other is left as it is.
    pub(super) fn pay(&mut self, base: &str, now: i64) -> Option<Value> {
        if self.status(now) != Status::Open {
            return None;
        }
        let intent = super::new_id("pi_");
        self.payment = Some(Payment { intent, event: Value::Null, delivery: Delivery::Underway });
        let event = json!({
            "id": super::new_id("evt_"),
            "object": "event",
            "api_version": "2026-09-30.endive",
            "created": now,
            "livemode": false,
            "pending_webhooks": 1,
            "request": { "id": null, "idempotency_key": null },
            "type": "checkout.session.completed",
            "data": { "object": self.to_json(base, now) },
        });
        if let Some(payment) = &mut self.payment {
            payment.event = event.clone();
        }
        Some(event)
    }

    /// The session as Stripe writes it.
    pub(super) fn to_json(&self, base: &str, now: i64) -> Value {
        let status = self.status(now);
        let paid = status == Status::Complete;
        let order = &self.order;
        json!({
            "id": self.id,
            "object": "checkout.session",
            "url": (status == Status::Open).then(|| format!("{base}/pay/{}", self.id)),
            "status": status.as_str(),
            "payment_status": if paid { "paid" } else { "unpaid" },
            "mode": "payment",
            "ui_mode": "hosted",
            "livemode": false,
            "created": self.created,
            "expires_at": order.expires_at,
            "amount_subtotal": order.total,
            "amount_total": order.total,
            "currency": order.currency,
            "client_reference_id": order.client_reference_id,
            "metadata": order.metadata,
            "payment_intent": self.payment.as_ref().map(|payment| &payment.intent),
            "success_url": order.success_url,
            "cancel_url": order.cancel_url,
            "customer": null,
            "customer_details": null,
            "customer_email": null,
            "automatic_tax": { "enabled": false, "liability": null, "provider": null, "status": null },
            "custom_fields": [],
            "custom_text": {
                "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null,
            },
            "payment_method_types": ["card"],
            "shipping_options": [],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payments::form::Form;

    const FORM: &str = "mode=payment&success_url=https://x.example/ok&client_reference_id=pay_1&metadata[invoice]=inv_1\
        &line_items[0][price_data][currency]=USD&line_items[0][price_data][unit_amount]=15000\
        &line_items[0][price_data][product_data][name]=Session&line_items[0][quantity]=2\
        &line_items[1][price_data][currency]=usd&line_items[1][price_data][unit_amount]=500\
        &line_items[1][price_data][product_data][name]=Copy&line_items[1][quantity]=1";

    const DAY: i64 = 24 * 60 * 60;

    fn session(now: i64) -> Session {
        Session::open(Order::read(&Form::read(FORM.as_bytes()), now).unwrap(), now)
    }

    #[test]
    fn a_session_is_opened_paid_and_written_as_stripe_does() {
        let mut session = session(1_000);
        let json = session.to_json("http://local", 1_000);
        assert!(session.id.starts_with("cs_test_"));
        assert_eq!(json["amount_total"], 30_500);
        assert_eq!(json["currency"], "usd");
        assert_eq!(json["metadata"], json!({"invoice": "inv_1"}));
        assert_eq!(json["expires_at"], 1_000 + DAY);
        assert_eq!(json["url"], format!("http://local/pay/{}", session.id));

        let event = session.pay("http://local", 1_060).unwrap();
        let paid = &event["data"]["object"];
        assert_eq!((&paid["status"], &paid["payment_status"]), (&json!("complete"), &json!("paid")));
        assert!(paid["payment_intent"].as_str().unwrap().starts_with("pi_"));
        assert!(paid["url"].is_null());
        assert_eq!(*paid, session.to_json("http://local", 1_000 + 2 * DAY));
        assert!(session.pay("http://local", 1_061).is_none());
        assert_eq!(session.expire(1_061), Err(Status::Complete));
    }

    #[test]
    fn an_expired_session_cannot_be_paid() {
        let mut late = session(0);
        assert!(late.pay("", DAY).is_none());
        let mut ended = session(0);
        ended.expire(1).unwrap();
        assert!(ended.pay("", 2).is_none());
        assert_eq!(ended.to_json("", 2)["status"], "expired");
    }
}
