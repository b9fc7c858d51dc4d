use axum::extract::State;
use caseload::access::{Action, Actor, Cause, Grant, Resource};
use caseload::app::App;
use caseload::refusal::Stop;
use caseload::store::Tx;
use caseload::web::{Afresh, Json, Outcome, Reply, Visitor};
use caseload::workflows::{Ask, retrying};
use serde::Serialize;
use utoipa::ToSchema;

use crate::held::{Held, HeldByClient, hold};
use crate::token::{InvitationToken, only_expired};

/// The same whether or not a mail went out at once.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RenewAnswer {
    message: &'static str,
}

// D21
/// Mails a fresh link to the same mailbox, after the old one expired.
#[utoipa::path(
    post, path = "/v1/invitations/renew", tag = "invite", request_body = InvitationToken,
    responses((status = 202, body = RenewAnswer), (status = 409), (status = 404), (status = 429))
)]
pub(crate) async fn renew_invitation(
    State(app): State<App>,
    visitor: Visitor,
    _: Afresh,
    Json(body): Json<InvitationToken>,
) -> Outcome {
    retrying(app.clock(), async || {
        match hold(&app, &visitor.context, &body).await? {
            Held::Client(held) => renew(&app, &visitor, *held).await?,
            Held::Staff(held) => held.renew(&app, &visitor).await?,
        }
        Reply::accepted(&RenewAnswer { message: "A fresh link is on its way to the mailbox the first one went to." })
    })
    .await
}

async fn renew(app: &App, visitor: &Visitor, mut held: HeldByClient) -> Result<(), Stop> {
    let now = visitor.context.at;
    only_expired(held.current().map(|invitation| invitation.state_at(now)))?;
    held.available()?;
    let cause = Cause { request: visitor.context.id, at: now };
    let (actor, subject) = (Actor::Holder(held.principal()), Resource::client(Some(&held.client)));
    let grant = Grant::decide(&actor, Action::InvitationRenew, &subject, &held.practice, cause)?;
    let mut tx = Tx::new(&grant);
    let mail = app.invite(&mut tx, &mut held.client, &held.practice, Ask::default())?;
    tx.save_client(&mut held.client).fields(["invitation"]);
    app.store.commit(tx).await?;
    app.send_invitation_now(&grant, &mut held.client, &mail, |_| Ok(None)).await?;
    Ok(())
}
