use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::session::FRESH;
use caseload::web::{Afresh, Caller, Json, Outcome, Reply, StaffOnly};
use caseload::workflows::retrying;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::second_factor::owner;

/// A code of the authenticator app, or a recovery code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GiveProof {
    totp: String,
}

/// How long the proof counts.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProofView {
    fresh_until: Timestamp,
}

// IDN-14
/// Shows the second factor again: what is sensitive asks for it.
#[utoipa::path(
    post, path = "/v1/auth/proof", tag = "auth", request_body = GiveProof,
    responses(
        (status = 200, body = ProofView), (status = 409),
        (status = 429)
    )
)]
pub(crate) async fn give_proof(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    _: Afresh,
    Json(body): Json<GiveProof>,
) -> Outcome {
    retrying(app.clock(), async || {
        let mut me = owner(&app, &caller).await?;
        me.prove(&app, &body.totp).await?;
        let grant = app.decide(&me.entered, Action::SelfSessions, &Resource::Practice).await?;
        let reply = Reply::ok(&ProofView { fresh_until: grant.at() + FRESH })?;
        let mut session = me.entered.session.clone();
        let asked = me.entered.authorized(grant, ());
        let mut tx = asked.tx();
        tx.replace(&mut me.factor).replace(&mut session).fields(["proved_at"]).touches(session.session.id);
        app.finish(&asked, tx, reply).await
    })
    .await
}
