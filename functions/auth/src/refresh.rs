use axum::extract::State;
use caseload::access::{Action, Actor, Cause, Grant, Resource};
use caseload::app::App;
use caseload::crypto::{Claim, Token};
use caseload::domain::practice::Practice;
use caseload::domain::session::{PrincipalId, Refresh};
use caseload::domain::staff::Staff;
use caseload::store::{StoredSession, Tx, keys};
use caseload::web::{Json, Outcome, Problem, ProblemBody, Reply, RequestContext, Visitor};
use caseload::workflows::{SessionTokens, retrying};
use serde::Deserialize;
use utoipa::ToSchema;

/// The refresh token of the last answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshSession {
    refresh_token: String,
}

/// Rotates a session's tokens.
///
/// Using an old refresh token again ends the session; one that was never handed out is refused and ends nothing (security
/// IDN-6).
#[utoipa::path(
    post, path = "/v1/auth/refresh", tag = "auth", request_body = RefreshSession, security(()),
    responses((status = 201, body = SessionTokens), (status = 401, body = ProblemBody))
)]
pub(crate) async fn refresh(State(app): State<App>, visitor: Visitor, Json(body): Json<RefreshSession>) -> Outcome {
    let token = Token::parse(&body.refresh_token).map_err(|_| ended())?;
    let Claim::Refresh(principal, _) = token.claim else {
        return Err(ended());
    };
    retrying(async || rotate(&app, &visitor.context, &token, principal).await).await
}

fn ended() -> Problem {
    Problem::dead_token("session_ended", "This session is over. Sign in again.")
}

async fn rotate(app: &App, context: &RequestContext, token: &Token, principal: PrincipalId) -> Outcome {
    let Claim::Refresh(_, id) = token.claim else {
        return Err(ended());
    };
    let now = context.at;
    let subject = match principal {
        PrincipalId::Staff(id) => keys::staff(token.practice, id),
        PrincipalId::Client(id) => keys::client(token.practice, id),
    };
    let key = keys::session(token.practice, principal, id);
    let mut items = app.store.load(&[key.clone(), subject.clone(), keys::practice(token.practice)]).await?;
    let practice = items.take::<Practice>(&keys::practice(token.practice))?.ok_or_else(ended)?;
    let mut stored = items.take::<StoredSession>(&key)?.ok_or_else(ended)?;
    let (actor, epoch) = match principal {
        PrincipalId::Staff(_) => {
            let staff = items.take::<Staff>(&subject)?.ok_or_else(ended)?;
            let epoch = staff.session_epoch;
            (Actor::Staff(Box::new(staff)), epoch)
        }
        PrincipalId::Client(id) => {
            let client = items.client(practice.id, id)?.ok_or_else(ended)?;
            let epoch = client.portal.session_epoch;
            (Actor::Client(Box::new(client)), epoch)
        }
    };
    let cause = Cause { request: context.id, at: now };
    let grant =
        Grant::decide(&actor, Action::SelfSessions, &Resource::Practice, &practice, cause).map_err(|_| ended())?;
    let successor = app.keys.successor(token);
    let session = &mut stored.session;
    let outcome = session.refresh(&token.hash(), || app.keys.led_to(token, &session.current), now);
    match outcome {
        Refresh::Ended | Refresh::Unknown => return Err(ended()),
        _ if session.epoch != epoch => return Err(ended()),
        Refresh::Again => {}
        Refresh::Rotate => {
            session.previous = Some(std::mem::replace(&mut session.current, successor.hash()));
            session.refreshed_at = now;
        }
        Refresh::Reuse => session.revoked_at = Some(now),
    }
    if outcome != Refresh::Again {
        stored.version += 1;
        let mut tx = Tx::new(&grant);
        tx.replace(&stored).touches(id);
        app.store.commit(tx).await?;
    }
    if outcome == Refresh::Reuse {
        tracing::warn!(code = "refresh_reuse", session = %id, "a replaced refresh token came back");
        return Err(Problem::dead_token(
            "token_reused",
            "This refresh token was used before. The session is over; sign in again.",
        ));
    }
    Reply::created(&app.session_tokens(&actor, &practice, &stored.session, &successor, now)?)
}
