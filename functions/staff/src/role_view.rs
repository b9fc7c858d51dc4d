use std::collections::BTreeMap;

use caseload::domain::ids::RoleId;
use caseload::domain::role::{BillingModifier, Feature, Role};
use caseload::domain::team::Team;
use caseload::web::ETag;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a role says about a feature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Override {
    /// Given.
    On,
    /// Taken.
    Off,
    /// As the feature's default says.
    Inherit,
}

/// What who has the role may do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PreviewView {
    what: &'static str,
    enabled: bool,
}

/// A role with what it comes to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoleView {
    id: RoleId,
    name: String,
    description: Option<String>,
    /// `on`, `off` or `inherit` for every feature, by its name.
    features: BTreeMap<&'static str, Override>,
    requires_supervision: bool,
    can_supervise: bool,
    billing_modifier: Option<BillingModifier>,
    /// How many of the team have it, the invited among them.
    staff_count: usize,
    /// What each feature lets a person do, by its name, and whether this role gives it.
    preview: BTreeMap<&'static str, PreviewView>,
    /// For `If-Match` when it is changed or deleted.
    etag: ETag,
}

/// A feature that roles can give or take.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoleFeatureView {
    name: &'static str,
    what: &'static str,
    /// Who has it while a role says nothing: `everybody`, those who work `unsupervised`, or `nobody`.
    default: &'static str,
}

/// The roles of a practice and everything a role can say.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RoleList {
    items: Vec<RoleView>,
    next_cursor: Option<String>,
    features: Vec<RoleFeatureView>,
}

impl RoleView {
    pub(crate) fn new(role: &Role, team: &Team) -> Self {
        let said = |feature: Feature| match role.overrides.get(&feature) {
            Some(true) => Override::On,
            Some(false) => Override::Off,
            None => Override::Inherit,
        };
        let preview = |feature: Feature| PreviewView { what: feature.what(), enabled: role.has(feature) };
        Self {
            id: role.id,
            name: role.name.as_str().to_owned(),
            description: role.description.as_ref().map(|text| text.as_str().to_owned()),
            features: Feature::ALL.iter().map(|feature| (feature.name(), said(*feature))).collect(),
            requires_supervision: role.requires_supervision,
            can_supervise: role.can_supervise,
            billing_modifier: role.billing_modifier,
            staff_count: team.holders(role.id),
            preview: Feature::ALL.iter().map(|feature| (feature.name(), preview(*feature))).collect(),
            etag: ETag::new(role.version),
        }
    }
}

impl RoleList {
    pub(crate) fn new(roles: impl Iterator<Item = RoleView>) -> Self {
        let mut items: Vec<RoleView> = roles.collect();
        items.sort_by_cached_key(|role| caseload::domain::text::fold(&role.name));
        let feature = |feature: &Feature| RoleFeatureView {
            name: feature.name(),
            what: feature.what(),
            default: feature.given_to(),
        };
        Self { items, next_cursor: None, features: Feature::ALL.iter().map(feature).collect() }
    }
}
