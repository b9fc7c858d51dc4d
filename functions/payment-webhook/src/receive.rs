use axum::extract::State;
use axum::http::HeaderMap;
use caseload::access::{Action, Actor, Cause, Grant, System};
use caseload::app::App;
use caseload::domain::ids::{PaymentId, PracticeId};
use caseload::payments::{Event, EventReport, Session};
use caseload::refusal::Stop;
use caseload::store::{Guard, keys};
use caseload::web::{Afresh, Outcome, RawBody, Reply, Visitor};
use caseload::workflows::retrying;
use serde::Serialize;
use utoipa::ToSchema;

use crate::settle::{Effect, free, settle};

/// The answer to an event.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EventResult {
    result: Effect,
}

// J7
/// Takes an event of the payment provider. It takes effect once, however often and in whatever order it comes.
#[utoipa::path(
    post, path = "/v1/webhooks/payments", tag = "payment-webhook",
    params(("stripe-signature" = String, Header, description = "`t=<unix seconds>,v1=<hex HMAC-SHA-256 of t.body>`")),
    request_body(content = Object, content_type = "application/json"),
    responses((status = 200, body = EventResult))
)]
pub(crate) async fn receive_event(
    State(app): State<App>,
    visitor: Visitor,
    _: Afresh,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Outcome {
    let cause = Cause { request: visitor.context.id, at: visitor.context.at };
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
    let Event { id, report } = app.payments()?.event(&body, signature, cause.at)?;
    let event = app.keys.hash("webhook event", &[id.as_bytes()]);
    let result = match &report {
        EventReport::Paid(session) | EventReport::Unpaid(session) => match session.claims() {
            Some(claims) => {
                retrying(app.clock(), async || take(&app, &event, &report, session, claims, cause).await).await?
            }
            None => Effect::Ignored,
        },
        EventReport::Other => Effect::Ignored,
    };
    Reply::ok(&EventResult { result })
}

/// Reads what the event is about and lets it take effect, unless it has.
async fn take(
    app: &App,
    event: &str,
    report: &EventReport,
    session: &Session,
    (practice, payment): (PracticeId, PaymentId),
    cause: Cause,
) -> Result<Effect, Stop> {
    let (found, taken) = app.store.load((keys::checkout(practice, payment), keys::webhook_event(event))).await?;
    if taken.is_some() {
        return Ok(Effect::Duplicate);
    }
    // What an event says about whose it is counts only where a checkout of ours says the same.
    let Some(checkout) = found else {
        return Ok(Effect::Ignored);
    };
    let actor = Actor::System(System::Payments);
    let grant = Grant::system(practice, actor, Action::PaymentApply, Some(checkout.client()), cause)?;
    let once = Guard::webhook_event(event, practice, payment);
    let taken = match report {
        EventReport::Paid(_) => settle(app, &grant, &once, checkout, session).await,
        EventReport::Unpaid(_) => free(app, &grant, &once, checkout, session).await,
        EventReport::Other => return Ok(Effect::Ignored),
    };
    match taken {
        // A twin of this event, delivered at the same time, may have been the one that was in the way.
        Err(error) if app.store.load(keys::webhook_event(event)).await?.is_some() => {
            tracing::info!(code = error.code(), "a payment event was taken by its twin");
            Ok(Effect::Duplicate)
        }
        other => other,
    }
}
