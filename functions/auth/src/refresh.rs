use axum::extract::State;
use caseload::access::{Action, Cause, Grant, Resource};
use caseload::app::App;
use caseload::crypto::{Claim, Token};
use caseload::domain::session::{PrincipalId, Refresh};
use caseload::refusal::Refusal;
use caseload::store::{PrincipalKey, Tx, keys};
use caseload::web::{Afresh, Json, Outcome, Reply, RequestContext, SessionTokens, Visitor};
use caseload::workflows::retrying;
use serde::Deserialize;
use utoipa::ToSchema;

/// The refresh token of the last answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshSession {
    refresh_token: String,
}

// IDN-6
/// Rotates a session's tokens.
///
/// Using an old refresh token again ends the session; one that was never handed out is refused and ends nothing.
#[utoipa::path(
    post, path = "/v1/auth/refresh", tag = "auth", request_body = RefreshSession,
    responses((status = 201, body = SessionTokens), (status = 401))
)]
pub(crate) async fn refresh(
    State(app): State<App>,
    visitor: Visitor,
    _: Afresh,
    Json(body): Json<RefreshSession>,
) -> Outcome {
    let token = Token::parse(&body.refresh_token).map_err(|_| ended())?;
    let Claim::Refresh(principal, _) = token.claim else {
        return Err(ended().into());
    };
    retrying(app.clock(), async || rotate(&app, &visitor.context, &token, principal).await).await
}

fn ended() -> Refusal {
    Refusal::dead_token("session_ended", "This session is over. Sign in again.")
}

async fn rotate(app: &App, context: &RequestContext, token: &Token, principal: PrincipalId) -> Outcome {
    let Claim::Refresh(_, id) = token.claim else {
        return Err(ended().into());
    };
    let now = context.at;
    let of = token.practice;
    let wanted = (keys::session(of, principal, id), PrincipalKey::of(of, principal, now), keys::practice(of));
    let (Some(mut stored), Some((actor, epoch)), Some(practice)) = app.store.load(wanted).await? else {
        return Err(ended().into());
    };
    let cause = Cause { request: context.id, at: now };
    let grant =
        Grant::decide(&actor, Action::SelfSessions, &Resource::Practice, &practice, cause).map_err(|_| ended())?;
    let successor = app.keys.successor(token);
    let session = &mut stored.session;
    let outcome = session.refresh(&token.hash(), || app.keys.led_to(token, &session.current), now);
    match outcome {
        Refresh::Ended | Refresh::Unknown => return Err(ended().into()),
        _ if session.epoch != epoch => return Err(ended().into()),
        Refresh::Again => {}
        Refresh::Rotate => {
            session.previous = Some(std::mem::replace(&mut session.current, successor.hash()));
            session.refreshed_at = now;
        }
        Refresh::Reuse => session.revoked_at = Some(now),
    }
    if outcome != Refresh::Again {
        let mut tx = Tx::new(&grant);
        tx.replace(&mut stored).touches(id);
        app.store.commit(tx).await?;
    }
    if outcome == Refresh::Reuse {
        tracing::warn!(code = "refresh_reuse", session = %id, "a replaced refresh token came back");
        return Err(Refusal::dead_token(
            "token_reused",
            "This refresh token was used before. The session is over; sign in again.",
        )
        .into());
    }
    Reply::created(&app.session_tokens(&actor, &practice, &stored.session, &successor, now)?)
}
