use std::collections::BTreeMap;

use axum::extract::State;
use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::phone::Region;
use caseload::domain::practice::{Permission, PortalFeature, PortalSettings, Practice, TeamSettings, Zone};
use caseload::domain::text::{Passage, PracticeName, TagName};
use caseload::refusal::{BadField, Refusal, Stop};
use caseload::store::{Guard, keys};
use caseload::web::{Caller, Json, Outcome, Patch, Reply, RequireMatch, StaffOnly};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::changes::Changes;
use crate::scheduling::{PatchScheduling, apply_scheduling};
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
    scheduling: PatchScheduling,
    #[serde(default)]
    team: PatchTeam,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchPortal {
    #[serde(default)]
    on: Patch<bool>,
    #[serde(default)]
    greeting: Patch<Passage>,
    #[serde(default)]
    self_registration: Patch<bool>,
    #[serde(default)]
    email_confirmation: Patch<bool>,
    /// By feature; what is not named stays as it is.
    #[serde(default)]
    features: BTreeMap<PortalFeature, PatchFeature>,
    #[serde(default)]
    default_permissions: BTreeMap<Permission, bool>,
}

// d-40
/// A merge patch of how one part of the portal appears.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchFeature {
    /// Whether clients have it.
    #[serde(default)]
    enabled: Patch<bool>,
    /// The word the portal shows for it.
    #[serde(default)]
    label: Patch<TagName>,
    /// Its place in the menu.
    #[serde(default)]
    order: Patch<u8>,
    /// A sentence above it.
    #[serde(default)]
    intro: Patch<Passage>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchPayments {
    #[serde(default)]
    online: Patch<bool>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchInvitations {
    #[serde(default)]
    resend_after_days: Patch<u8>,
    #[serde(default)]
    max_resends: Patch<u8>,
    #[serde(default)]
    expires_after_days: Patch<u8>,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchTeam {
    #[serde(default)]
    supervision: Patch<bool>,
    #[serde(default)]
    require_totp: Patch<bool>,
    /// Days a supervisor has to look at a note that was submitted.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 60)]
    review_days: Patch<u8>,
    /// Days for which a walk-in therapist sees a client after their last session.
    #[serde(default)]
    #[schema(maximum = 365)]
    walk_in_days: Patch<u16>,
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
    if body.portal.on.is_named() {
        app.decide_also(&asked, Action::PortalToggle, &Resource::Practice).await?;
    }
    if body.payments.online.is_named() {
        app.decide_also(&asked, Action::PaymentsConnect, &Resource::Practice).await?;
    }
    if body.team.supervision.is_named() || body.team.require_totp.is_named() || body.team.walk_in_days.is_named() {
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

/// Applies the patch; names what changed, or all fields at fault.
fn apply(practice: &mut Practice, patch: PatchPractice) -> Result<Vec<&'static str>, Stop> {
    let PatchPractice { name, time_zone, default_region, portal, payments, invitations, scheduling, team } = patch;
    let mut changes = Changes::default();
    changes.note(name.require(&mut practice.name, "/name"), "name");
    changes.note(time_zone.require(&mut practice.time_zone, "/time_zone"), "time_zone");
    changes.note(Ok(default_region.apply(&mut practice.default_region)), "default_region");
    apply_portal(&mut practice.portal, portal, &mut changes);
    changes.note(payments.online.require(&mut practice.online_payments, "/payments/online"), "payments.online");
    let PatchInvitations { resend_after_days, max_resends, expires_after_days } = invitations;
    let set = &mut practice.invitations;
    changes.note(Ok(resend_after_days.apply(&mut set.resend_after_days)), "invitations.resend_after_days");
    changes.note(max_resends.require(&mut set.max_resends, "/invitations/max_resends"), "invitations.max_resends");
    let days = expires_after_days.require(&mut set.expires_after_days, "/invitations/expires_after_days");
    changes.note(days, "invitations.expires_after_days");
    if let Some(name) = set.out_of_range() {
        let pointer = format!("/invitations/{name}");
        changes.bad.push(BadField::new(pointer, "out_of_range", "is outside the allowed range"));
    }
    apply_scheduling(&mut practice.scheduling, scheduling, &mut changes);
    let set = &mut practice.team;
    changes.note(team.supervision.require(&mut set.supervision, "/team/supervision"), "team.supervision");
    changes.note(team.require_totp.require(&mut set.require_totp, "/team/require_totp"), "team.require_totp");
    changes.note(review_days(team.review_days, &mut set.review_days), "team.review_days");
    changes.note(team.walk_in_days.require(&mut set.walk_in_days, "/team/walk_in_days"), "team.walk_in_days");
    if set.walk_in_days > TeamSettings::MAX_WALK_IN_DAYS {
        changes.bad.push(BadField::new("/team/walk_in_days", "out_of_range", "must be from 0 to 365"));
    }
    if changes.bad.is_empty() { Ok(changes.fields) } else { Err(Refusal::fields(changes.bad).into()) }
}

fn apply_portal(portal: &mut PortalSettings, patch: PatchPortal, changes: &mut Changes) {
    let PatchPortal { on, greeting, self_registration, email_confirmation, features, default_permissions } = patch;
    changes.note(on.require(&mut portal.on, "/portal/on"), "portal.on");
    changes.note(Ok(greeting.apply(&mut portal.greeting)), "portal.greeting");
    let open = self_registration.require(&mut portal.self_registration, "/portal/self_registration");
    changes.note(open, "portal.self_registration");
    let confirmed = email_confirmation.require(&mut portal.email_confirmation, "/portal/email_confirmation");
    changes.note(confirmed, "portal.email_confirmation");
    for (feature, patch) in features {
        let PatchFeature { enabled, label, order, intro } = patch;
        let shown = portal.features.entry(feature).or_default();
        let pointer = |member: &str| format!("/portal/features/{}/{member}", feature.name());
        for named in [
            enabled.require(&mut shown.enabled, pointer("enabled")),
            Ok(label.apply(&mut shown.label)),
            order.require(&mut shown.order, pointer("order")),
            Ok(intro.apply(&mut shown.intro)),
        ] {
            changes.note(named, "portal.features");
        }
    }
    changes.note(Ok(!default_permissions.is_empty()), "portal.default_permissions");
    portal.permissions.extend(default_permissions);
}

/// A time that a supervisor can keep to, or none.
fn review_days(patch: Patch<u8>, field: &mut Option<u8>) -> Result<bool, BadField> {
    match patch {
        Patch::Set(days) if !(1..=60).contains(&days) => {
            Err(BadField::new("/team/review_days", "out_of_range", "must be from 1 to 60"))
        }
        patch => Ok(patch.apply(field)),
    }
}
