use axum::extract::State;
use caseload::access::{Action, Actor, Cause, Grant, Resource};
use caseload::app::App;
use caseload::domain::portal::AcceptRefusal;
use caseload::store::Tx;
use caseload::web::{Afresh, Json, Outcome, Reply, Visitor};
use caseload::workflows::retrying;

use crate::held::{Held, HeldByClient, hold};
use crate::token::InvitationToken;

// L2
/// Declines an invitation: its link is dead from now on.
///
/// The admin who invited to a team is told, or every admin once that one is none.
#[utoipa::path(
    post, path = "/v1/invitations/decline", tag = "invite", request_body = InvitationToken,
    responses((status = 204), (status = 409), (status = 404), (status = 429))
)]
pub(crate) async fn decline_invitation(
    State(app): State<App>,
    visitor: Visitor,
    _: Afresh,
    Json(body): Json<InvitationToken>,
) -> Outcome {
    retrying(app.clock(), async || match hold(&app, &visitor.context, &body).await? {
        Held::Client(held) => decline(&app, &visitor, *held).await,
        Held::Staff(held) => held.decline(&app, &visitor).await,
    })
    .await
}

async fn decline(app: &App, visitor: &Visitor, mut held: HeldByClient) -> Outcome {
    let open = held.current().is_some_and(|invitation| invitation.is_open(visitor.context.at));
    if !open {
        return Err(AcceptRefusal::Revoked.into());
    }
    let cause = Cause { request: visitor.context.id, at: visitor.context.at };
    let (actor, subject) = (Actor::Holder(held.principal()), Resource::client(Some(&held.client)));
    let grant = Grant::decide(&actor, Action::InvitationDecline, &subject, &held.practice, cause)?;
    held.client.portal.decline_invitation();
    let mut tx = Tx::new(&grant);
    tx.save_client(&mut held.client).fields(["invitation"]);
    app.store.commit(tx).await?;
    Ok(Reply::empty())
}
