use std::collections::BTreeMap;

use axum::extract::State;
use caseload::access::{Action, Actor, Offer, allowed_actions, permission_blocks};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::ids::ClientId;
use caseload::domain::practice::{Permission, Practice};
use caseload::web::{Caller, ETag, Outcome, Path, PortalView, Reply, StaffOnly};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

// D6, D7, E4
/// The portal tab of a client.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PortalAccessView {
    #[serde(flatten)]
    portal: PortalView,
    /// Addresses the portal can be opened with.
    eligible_emails: Vec<String>,
    consent_at: Option<Timestamp>,
    permissions: BTreeMap<Permission, PermissionView>,
    portal_url: String,
    allowed_actions: Vec<Offer>,
    etag: ETag,
}

/// One permission: as stored, as it works now, and what stands in the way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PermissionView {
    stored: bool,
    effective: bool,
    blocked_by: Vec<&'static str>,
}

impl PortalAccessView {
    pub(crate) fn new(app: &App, actor: &Actor, client: &Client, practice: &Practice, now: Timestamp) -> Self {
        let permission = |permission: Permission| {
            let default = practice.portal.permissions.get(&permission).copied().unwrap_or(false);
            let stored = client.portal.permissions.get(&permission).copied().unwrap_or(default);
            let blocked_by = permission_blocks(client, practice, permission);
            PermissionView { stored, effective: blocked_by.is_empty(), blocked_by }
        };
        let mut eligible: Vec<String> = [&client.profile.email, &client.portal.email]
            .into_iter()
            .flatten()
            .map(|email| email.as_str().to_owned())
            .collect();
        eligible.dedup();
        Self {
            portal: PortalView::of(client, practice, now),
            eligible_emails: eligible,
            consent_at: client.portal.consent_at,
            permissions: Permission::ALL.into_iter().map(|p| (p, permission(p))).collect(),
            portal_url: app.portal_url(&practice.slug),
            allowed_actions: allowed_actions(actor, &client.into(), practice),
            etag: ETag::new(client.version),
        }
    }
}

/// Stored and effective permissions, login address, invitation.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}/portal", tag = "invite", params(("client_id" = ClientId, Path)),
    responses((status = 200, body = PortalAccessView))
)]
pub(crate) async fn read_portal_access(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    Path(id): Path<ClientId>,
) -> Outcome {
    let read = app.client(&caller, Action::PortalRead, id).await?;
    let client = &read.subject;
    Reply::ok_at(client.version, &PortalAccessView::new(&app, &read.actor, client, &read.practice, read.grant.at()))
}
