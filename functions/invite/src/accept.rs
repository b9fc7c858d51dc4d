use axum::extract::State;
use caseload::access::{Action, Actor, Cause, Grant, Resource};
use caseload::app::App;
use caseload::store::Tx;
use caseload::web::{Afresh, Json, Outcome, Reply, SessionTokens, Visitor};
use caseload::workflows::retrying;

use crate::held::{Held, HeldByClient, hold};
use crate::token::InvitationToken;

// D14, L2
/// Accepts an invitation: the client is registered, or the staff member joins, and is signed in, in one transaction.
#[utoipa::path(
    post, path = "/v1/invitations/accept", tag = "invite", request_body = InvitationToken,
    responses((status = 201, body = SessionTokens), (status = 409), (status = 404))
)]
pub(crate) async fn accept_invitation(
    State(app): State<App>,
    visitor: Visitor,
    _: Afresh,
    Json(body): Json<InvitationToken>,
) -> Outcome {
    retrying(app.clock(), async || match hold(&app, &visitor.context, &body).await? {
        Held::Client(held) => register(&app, &visitor, *held).await,
        Held::Staff(held) => held.accept(&app, &visitor).await,
    })
    .await
}

async fn register(app: &App, visitor: &Visitor, mut held: HeldByClient) -> Outcome {
    let now = visitor.context.at;
    let actor = Actor::Holder(held.principal());
    let cause = Cause { request: visitor.context.id, at: now };
    let subject = Resource::client(Some(&held.client));
    let grant = Grant::decide(&actor, Action::InvitationAccept, &subject, &held.practice, cause)?;
    held.client.portal.accept(held.serial, now)?;
    held.available()?;
    let client = &mut held.client;
    client.register(now);
    client.portal.last_sign_in_at = Some(now);
    let principal = caseload::domain::session::PrincipalId::Client(client.id);
    let (session, refresh) = app.new_session(&held.practice, principal, client.portal.session_epoch, now)?;
    let actor = Actor::Client(Box::new(client.clone()));
    let reply = Reply::created(&app.session_tokens(&actor, &held.practice, &session.session, &refresh, now)?)?;
    let mut tx = Tx::new(&grant);
    tx.save_client(client).create(&session).fields(["registered_at", "portal"]).touches(session.session.id);
    app.store.commit(tx).await?;
    Ok(reply)
}
