use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::ids::ClientId;
use caseload::refusal::Stop;
use caseload::web::{Authorized, Caller, Json, LoginClaim, Outcome, Path, Reply, StaffOnly};
use caseload::workflows::{Ask, retrying};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::portal::PortalAccessView;

/// What a new contact address means for the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    /// The client is cut off from the portal at the former address and let in again at the new one.
    DisableAndResend,
    /// The client goes on signing in with the former address.
    Keep,
}

/// The decision after the contact address has changed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecideEmailChange {
    decision: Decision,
    /// Whether the client agreed to mail at the new address.
    #[serde(default)]
    consent: bool,
}

// D9
/// Decides what a new contact address means for the portal.
#[utoipa::path(
    post, path = "/v1/clients/{client_id}/portal/email-change", tag = "invite", params(("client_id" = ClientId, Path)), request_body = DecideEmailChange,
    responses((status = 200, body = PortalAccessView), (status = 409), (status = 429))
)]
pub(crate) async fn decide_email_change(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
    Json(body): Json<DecideEmailChange>,
) -> Outcome {
    retrying(app.clock(), async || {
        let asked = app.client(&caller, Action::PortalUpdate, id).await?;
        match body.decision {
            Decision::Keep => keep(&app, asked).await,
            Decision::DisableAndResend => resend(&app, asked, body.consent).await,
        }
    })
    .await
}

async fn keep(app: &App, mut asked: Authorized<Client>) -> Outcome {
    asked.subject.portal.outdated = false;
    let mut tx = asked.tx();
    tx.save_client(&mut asked.subject).fields(["portal.email"]);
    let reply = shown(app, &asked, &asked.subject)?;
    app.finish(&asked, tx, reply).await
}

async fn resend(app: &App, asked: Authorized<Client>, consent: bool) -> Outcome {
    app.decide_also(&asked, Action::PortalUpdateEmail, &Resource::client(Some(&asked.subject))).await?;
    let mut client = asked.subject.clone();
    // Where there is no contact address, the invitation says so; and who is cut off already stays so until it goes out.
    let _ = client.disable_access();
    let email = client.profile.email.clone();
    let mut tx = asked.tx();
    let ask = Ask { email: email.clone(), consent, ..Ask::default() };
    let mail = app.invite(&mut tx, &mut client, &asked.practice, ask)?;
    tx.save_client(&mut client).fields(["portal.access", "portal.email"]);
    let (email, before) = (email.as_ref(), Some(&asked.subject));
    let claim = LoginClaim { email, consent, client: before, action: Action::PortalUpdateEmail };
    app.finish_login(&asked, tx, shown(app, &asked, &client)?, claim).await?;
    app.send_invitation_now(&asked.grant, &mut client, &mail, |client| {
        Ok(asked.answer_place().cloned().zip(Some(shown(app, &asked, client)?.answer())))
    })
    .await?;
    shown(app, &asked, &client)
}

fn shown(app: &App, asked: &Authorized<Client>, client: &Client) -> Result<Reply, Stop> {
    let view = PortalAccessView::new(app, &asked.actor, client, &asked.practice, asked.grant.at());
    Reply::ok_at(client.version, &view)
}
