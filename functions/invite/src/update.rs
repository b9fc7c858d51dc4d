use std::collections::BTreeMap;

use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::email::EmailAddress;
use caseload::domain::ids::ClientId;
use caseload::domain::practice::Permission;
use caseload::refusal::Refusal;
use caseload::web::{Caller, Json, LoginClaim, Outcome, Patch, Path, Reply, RequireMatch, StaffOnly};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::portal::PortalAccessView;

/// A change of the portal tab.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchPortalAccess {
    // D8
    /// Another login address: earlier links and sessions end.
    #[serde(default)]
    email: Patch<EmailAddress>,
    /// Whether the client agreed to mail at that address.
    #[serde(default)]
    consent: bool,
    /// By permission; what is not named stays as it is, null goes back to the practice's default.
    #[serde(default)]
    permissions: BTreeMap<Permission, Option<bool>>,
}

// D8, E4
/// Changes the login address and the permissions of a client.
#[utoipa::path(
    patch, path = "/v1/clients/{client_id}/portal", tag = "invite", params(("client_id" = ClientId, Path)), request_body = PatchPortalAccess,
    responses((status = 200, body = PortalAccessView), (status = 409), (status = 429))
)]
pub(crate) async fn update_portal_access(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
    tag: RequireMatch,
    Json(body): Json<PatchPortalAccess>,
) -> Outcome {
    let mut asked = app.client(&caller, Action::PortalUpdate, id).await?;
    tag.check(asked.subject.version)?;
    let wanted = match body.email {
        Patch::Absent => None,
        Patch::Set(email) => Some(email),
        Patch::Null => return Err(Refusal::invalid("/email", "required", "cannot be cleared; disable access").into()),
    };
    if wanted.as_ref().is_some_and(|email| asked.subject.portal.is_moved_by(email)) {
        app.decide_also(&asked, Action::PortalUpdateEmail, &Resource::client(Some(&asked.subject))).await?;
    }
    let now = asked.grant.at();
    let client = &mut asked.subject;
    let before = client.portal.email.clone();
    let mut fields = Vec::new();
    if let Some(email) = wanted
        && client.sign_in_with(email)
    {
        fields.push("portal.email");
    }
    if body.consent {
        client.portal.consent_at.get_or_insert(now);
        fields.push("portal.consent_at");
    }
    if !body.permissions.is_empty() {
        for (permission, said) in body.permissions {
            match said {
                Some(given) => client.portal.permissions.insert(permission, given),
                None => client.portal.permissions.remove(&permission),
            };
        }
        fields.push("portal.permissions");
    }
    let mut tx = asked.tx();
    let client = &mut asked.subject;
    if fields.contains(&"portal.email") {
        app.move_login(&mut tx, client, before.as_ref(), client.portal.email.as_ref());
    }
    tx.save_client(client).fields(fields);
    let client = &asked.subject;
    let view = PortalAccessView::new(&app, &asked.actor, client, &asked.practice, now);
    let reply = Reply::ok_at(client.version, &view)?;
    let email = client.portal.email.as_ref();
    let claim = LoginClaim { email, consent: body.consent, client: Some(client), action: Action::PortalUpdateEmail };
    app.finish_login(&asked, tx, reply, claim).await
}
