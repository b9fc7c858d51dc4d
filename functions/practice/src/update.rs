use std::collections::BTreeMap;

use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::phone::Region;
use caseload::domain::practice::{FeatureSettings, Permission, PortalFeature, Practice, Zone};
use caseload::domain::text::{Passage, PracticeName};
use caseload::refusal::{BadField, Refusal, Stop};
use caseload::store::{Guard, keys};
use caseload::web::{Caller, Json, Outcome, Patch, Reply, RequireMatch, StaffOnly};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::view::PracticeView;

/// A merge patch of the settings: absent stays, null clears.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchPractice {
    #[serde(default)]
    name: Patch<PracticeName>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    time_zone: Patch<Zone>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    default_region: Patch<Region>,
    #[serde(default)]
    portal: PatchPortal,
    #[serde(default)]
    payments: PatchPayments,
    #[serde(default)]
    invitations: PatchInvitations,
    #[serde(default)]
    team: PatchTeam,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchPortal {
    #[serde(default)]
    on: Option<bool>,
    #[serde(default)]
    greeting: Patch<Passage>,
    #[serde(default)]
    self_registration: Option<bool>,
    #[serde(default)]
    email_confirmation: Option<bool>,
    #[serde(default)]
    features: BTreeMap<PortalFeature, FeatureSettings>,
    #[serde(default)]
    default_permissions: BTreeMap<Permission, bool>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchPayments {
    #[serde(default)]
    online: Option<bool>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchInvitations {
    #[serde(default)]
    resend_after_days: Patch<u8>,
    #[serde(default)]
    max_resends: Option<u8>,
    #[serde(default)]
    expires_after_days: Option<u8>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchTeam {
    #[serde(default)]
    supervision: Option<bool>,
    #[serde(default)]
    require_totp: Option<bool>,
}

/// Changes settings of the practice.
#[utoipa::path(
    patch, path = "/v1/practice", tag = "practice", request_body = PatchPractice,
    responses((status = 200, body = PracticeView))
)]
pub(crate) async fn update_practice(
    State(app): State<App>,
    caller: Caller<StaffOnly>,
    tag: RequireMatch,
    Json(body): Json<PatchPractice>,
) -> Outcome {
    let asked = app.practice(&caller, Action::SettingsUpdate).await?;
    if body.portal.on.is_some() {
        app.decide_also(&asked, Action::PortalToggle, &Resource::Practice).await?;
    }
    if body.payments.online.is_some() {
        app.decide_also(&asked, Action::PaymentsConnect, &Resource::Practice).await?;
    }
    let PatchTeam { supervision, require_totp } = body.team;
    if supervision.is_some() || require_totp.is_some() {
        // Who sees whose clients, and who gets in at all, is no setting that a role can give out (AZ-4).
        app.decide_also(&asked, Action::StaffSetSupervision, &Resource::Practice).await?;
    }
    let mut practice = asked.practice.clone();
    tag.check(practice.version)?;
    let fields = apply(&mut practice, body)?;
    let mut tx = asked.tx();
    tx.replace(&mut practice).fields(fields);
    match practice.invitations.resend_after_days {
        Some(_) => tx.put(&Guard::resend_registry(practice.id)),
        None => tx.release(keys::resend_registry(practice.id)),
    };
    let reply = Reply::ok_at(practice.version, &PracticeView::new(&practice, app.portal_url(&practice.slug)))?;
    app.finish(&asked, tx, reply).await
}

/// Applies the patch; names what changed.
fn apply(practice: &mut Practice, patch: PatchPractice) -> Result<Vec<&'static str>, Stop> {
    let PatchPractice { name, time_zone, default_region, portal, payments, invitations, team } = patch;
    let mut fields = Vec::new();
    let mut note = |changed: bool, field| {
        if changed {
            fields.push(field);
        }
    };
    let field = |bad: BadField| Refusal::fields(vec![bad]);
    note(name.require(&mut practice.name, "/name").map_err(field)?, "name");
    note(time_zone.require(&mut practice.time_zone, "/time_zone").map_err(field)?, "time_zone");
    note(default_region.apply(&mut practice.default_region), "default_region");
    let PatchPortal { on, greeting, self_registration, email_confirmation, features, default_permissions } = portal;
    note(set(&mut practice.portal.on, on), "portal.on");
    note(greeting.apply(&mut practice.portal.greeting), "portal.greeting");
    note(set(&mut practice.portal.self_registration, self_registration), "portal.self_registration");
    note(set(&mut practice.portal.email_confirmation, email_confirmation), "portal.email_confirmation");
    note(!features.is_empty(), "portal.features");
    practice.portal.features.extend(features);
    note(!default_permissions.is_empty(), "portal.default_permissions");
    practice.portal.permissions.extend(default_permissions);
    note(set(&mut practice.online_payments, payments.online), "payments.online");
    let PatchInvitations { resend_after_days, max_resends, expires_after_days } = invitations;
    note(resend_after_days.apply(&mut practice.invitations.resend_after_days), "invitations.resend_after_days");
    note(set(&mut practice.invitations.max_resends, max_resends), "invitations.max_resends");
    note(set(&mut practice.invitations.expires_after_days, expires_after_days), "invitations.expires_after_days");
    note(set(&mut practice.team.supervision, team.supervision), "team.supervision");
    note(set(&mut practice.team.require_totp, team.require_totp), "team.require_totp");
    match practice.invitations.out_of_range() {
        Some(name) => {
            Err(Refusal::invalid(format!("/invitations/{name}"), "out_of_range", "is outside the allowed range").into())
        }
        None => Ok(fields),
    }
}

fn set<T>(field: &mut T, value: Option<T>) -> bool {
    value.map(|value| *field = value).is_some()
}
