//! The practice's item.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::domain::ids::{PracticeId, RoleId};
use crate::domain::money::Currency;
use crate::domain::phone::Region;
use crate::domain::practice::{
    FeatureSettings, InvitationSettings, Permissions, PortalFeature, PortalSettings, Practice, Slug, TeamSettings,
    WALK_IN_DAYS, Zone,
};
use crate::domain::reminders::Leads;
use crate::domain::role::{BillingModifier, Feature, Role};
use crate::domain::scheduling::{LateCancel, NoticeHours, SchedulingSettings, SelfService};
use crate::domain::text::{Passage, PracticeName, RoleDescription, RoleName, TagName};

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    name: PracticeName,
    slug: Slug,
    time_zone: Zone,
    currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_region: Option<Region>,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closed_at: Option<Timestamp>,
    portal_on: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    greeting: Option<Passage>,
    self_registration: bool,
    email_confirmation: bool,
    features: BTreeMap<PortalFeature, FeatureRow>,
    permissions: Permissions,
    online_payments: bool,
    #[serde(with = "InvitationsRow")]
    invitations: InvitationSettings,
    /// Not there before clients could ask for appointments.
    #[serde(default, with = "SchedulingRow")]
    scheduling: SchedulingSettings,
    #[serde(with = "TeamRow")]
    team: TeamSettings,
    roles: Vec<RoleRow>,
}

#[derive(Debug, Serialize, Deserialize)]
struct FeatureRow {
    enabled: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<TagName>,
    #[serde(default)]
    order: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    intro: Option<Passage>,
}

impl From<FeatureSettings> for FeatureRow {
    fn from(settings: FeatureSettings) -> Self {
        let FeatureSettings { enabled, label, order, intro } = settings;
        Self { enabled, label, order, intro }
    }
}

impl From<FeatureRow> for FeatureSettings {
    fn from(row: FeatureRow) -> Self {
        let FeatureRow { enabled, label, order, intro } = row;
        Self { enabled, label, order, intro }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "InvitationSettings")]
struct InvitationsRow {
    resend_after_days: Option<u8>,
    max_resends: u8,
    expires_after_days: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "SchedulingSettings")]
struct SchedulingRow {
    requests: SelfService,
    reschedule: SelfService,
    #[serde(with = "NoticeRow")]
    notice_hours: NoticeHours,
    grace_minutes: u16,
    late_cancel: LateCancel,
    #[serde(default)]
    missed_fee_percent: u8,
    horizon_days: u16,
    request_expires_hours: u16,
    slot_minutes: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy_text: Option<Passage>,
    #[serde(default)]
    reminders: Leads,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "NoticeHours")]
struct NoticeRow {
    book: u16,
    reschedule: u16,
    cancel: u16,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "TeamSettings")]
struct TeamRow {
    supervision: bool,
    require_totp: bool,
    #[serde(default)]
    review_days: Option<u8>,
    #[serde(default = "walk_in_days")]
    walk_in_days: u16,
}

const fn walk_in_days() -> u16 {
    WALK_IN_DAYS
}

#[derive(Debug, Serialize, Deserialize)]
struct RoleRow {
    id: RoleId,
    version: u64,
    name: RoleName,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<RoleDescription>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    overrides: BTreeMap<String, bool>,
    requires_supervision: bool,
    can_supervise: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_modifier: Option<BillingModifier>,
}

impl From<Role> for RoleRow {
    fn from(role: Role) -> Self {
        let Role { id, version, name, description, overrides, requires_supervision, can_supervise, billing_modifier } =
            role;
        let overrides = overrides.into_iter().map(|(feature, on)| (feature.name().to_owned(), on)).collect();
        Self { id, version, name, description, overrides, requires_supervision, can_supervise, billing_modifier }
    }
}

impl From<RoleRow> for Role {
    /// A feature that this build does not know grants nothing (security AZ-4).
    fn from(row: RoleRow) -> Self {
        let RoleRow {
            id,
            version,
            name,
            description,
            overrides,
            requires_supervision,
            can_supervise,
            billing_modifier,
        } = row;
        let known = |(name, on): (String, bool)| match Feature::parse(&name) {
            Ok(feature) => Some((feature, on)),
            Err(_) => {
                tracing::error!(code = "feature_unknown", feature = name, role = %id, "a stored role names it");
                None
            }
        };
        let overrides = overrides.into_iter().filter_map(known).collect();
        Self { id, version, name, description, overrides, requires_supervision, can_supervise, billing_modifier }
    }
}

crate::store::item::versioned!(Practice);

impl Entity for Practice {
    const NAME: &'static str = "practice";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::practice(self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.id)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self {
            id,
            version: _,
            name,
            slug,
            time_zone,
            currency,
            default_region,
            created_at,
            closed_at,
            portal,
            online_payments,
            invitations,
            scheduling,
            team,
            roles,
        } = self.clone();
        let PortalSettings { on, greeting, self_registration, email_confirmation, features, permissions } = portal;
        Row {
            pid: id.key(),
            name,
            slug,
            time_zone,
            currency,
            default_region,
            created_at,
            closed_at,
            portal_on: on,
            greeting,
            self_registration,
            email_confirmation,
            features: features.into_iter().map(|(feature, settings)| (feature, settings.into())).collect(),
            permissions,
            online_payments,
            invitations,
            scheduling,
            team,
            roles: roles.into_values().map(RoleRow::from).collect(),
        }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row {
            pid,
            name,
            slug,
            time_zone,
            currency,
            default_region,
            created_at,
            closed_at,
            portal_on,
            greeting,
            self_registration,
            email_confirmation,
            features,
            permissions,
            online_payments,
            invitations,
            scheduling,
            team,
            roles,
        } = row;
        let mut features: BTreeMap<PortalFeature, FeatureSettings> =
            features.into_iter().map(|(feature, row)| (feature, row.into())).collect();
        // Messages were a matter of permissions alone before they could be switched.
        features.entry(PortalFeature::Messages).or_insert_with(|| FeatureSettings::on(4));
        Ok(Self {
            id: PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?,
            version,
            name,
            slug,
            time_zone,
            currency,
            default_region,
            created_at,
            closed_at,
            portal: PortalSettings {
                on: portal_on,
                greeting,
                self_registration,
                email_confirmation,
                features,
                permissions,
            },
            online_payments,
            invitations,
            scheduling,
            team,
            roles: roles.into_iter().map(|row| (row.id, Role::from(row))).collect(),
        })
    }
}
