use caseload::domain::ids::PracticeId;
use caseload::domain::practice::{
    FeatureSettings, InvitationSettings, Permission, PortalFeature, Practice, TeamSettings,
};
use caseload::domain::scheduling::SchedulingSettings;
use caseload::web::ETag;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A practice with all its settings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PracticeView {
    pub id: PracticeId,
    pub name: String,
    pub slug: String,
    pub time_zone: String,
    pub currency: String,
    pub default_region: Option<String>,
    pub created_at: jiff::Timestamp,
    pub portal_url: String,
    pub portal: PortalSettingsView,
    pub payments: PaymentSettingsView,
    pub invitations: InvitationSettings,
    pub scheduling: SchedulingSettings,
    pub team: TeamSettings,
    pub etag: ETag,
}

/// The portal's settings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PortalSettingsView {
    pub on: bool,
    pub greeting: Option<String>,
    pub self_registration: bool,
    pub email_confirmation: bool,
    pub features: BTreeMap<PortalFeature, FeatureSettings>,
    #[schema(value_type = Object)]
    pub default_permissions: BTreeMap<Permission, bool>,
}

/// Online payments.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PaymentSettingsView {
    pub online: bool,
}

impl PracticeView {
    pub(crate) fn new(practice: &Practice, portal_url: String) -> Self {
        let portal = practice.portal.clone();
        Self {
            id: practice.id,
            name: practice.name.as_str().to_owned(),
            slug: practice.slug.as_str().to_owned(),
            time_zone: practice.time_zone.name().to_owned(),
            currency: practice.currency.code().to_owned(),
            default_region: practice.default_region.map(|r| r.code()),
            created_at: practice.created_at,
            portal_url,
            portal: PortalSettingsView {
                on: portal.on,
                greeting: portal.greeting.map(|g| g.as_str().to_owned()),
                self_registration: portal.self_registration,
                email_confirmation: portal.email_confirmation,
                features: portal.features,
                default_permissions: portal.permissions,
            },
            payments: PaymentSettingsView { online: practice.online_payments },
            invitations: practice.invitations,
            scheduling: practice.scheduling.clone(),
            team: practice.team,
            etag: ETag::new(practice.version),
        }
    }
}
