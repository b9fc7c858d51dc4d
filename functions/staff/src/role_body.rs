use std::collections::BTreeMap;

use caseload::domain::ids::RoleId;
use caseload::domain::practice::Practice;
use caseload::domain::role::{BillingModifier, Feature, Role};
use caseload::domain::text::{RoleDescription, RoleName, fold};
use caseload::refusal::{BadField, Refusal, Stop};
use caseload::web::Patch;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::role_view::Override;

/// A new role.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateRole {
    name: RoleName,
    #[serde(default)]
    description: Option<RoleDescription>,
    /// By feature; what is not named is inherited.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, caseload::web::Patch<Override>>)]
    features: BTreeMap<String, Option<Override>>,
    #[serde(default)]
    requires_supervision: bool,
    #[serde(default)]
    can_supervise: bool,
    #[serde(default)]
    billing_modifier: Option<BillingModifier>,
}

/// A merge patch of a role.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchRole {
    #[serde(default)]
    name: Patch<RoleName>,
    #[serde(default)]
    description: Patch<RoleDescription>,
    /// By feature; what is not named stays as it is.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, caseload::web::Patch<Override>>)]
    features: BTreeMap<String, Option<Override>>,
    #[serde(default)]
    requires_supervision: Patch<bool>,
    #[serde(default)]
    can_supervise: Patch<bool>,
    #[serde(default)]
    billing_modifier: Patch<BillingModifier>,
}

/// Refuses a name that another role has, ignoring case and accents.
fn free_name(practice: &Practice, id: RoleId, name: &RoleName) -> Result<(), Stop> {
    let wanted = fold(name.as_str());
    let mut others = practice.roles.values().filter(|role| role.id != id);
    if others.any(|role| fold(role.name.as_str()) == wanted) {
        return Err(Refusal::conflict("role_taken", "There is a role of this name already.").into());
    }
    Ok(())
}

/// Sets what is said of each feature; every name at fault is told (security AZ-4).
fn set(overrides: &mut BTreeMap<Feature, bool>, wanted: &BTreeMap<String, Option<Override>>) -> Result<(), Stop> {
    let mut problems = Vec::new();
    for (name, said) in wanted {
        match (Feature::parse(name), said.unwrap_or(Override::Inherit)) {
            (Ok(feature), Override::Inherit) => {
                overrides.remove(&feature);
            }
            (Ok(feature), said) => {
                overrides.insert(feature, said == Override::On);
            }
            (Err(invalid), _) => {
                let place = name.replace('~', "~0").replace('/', "~1");
                problems.push(BadField::new(format!("/features/{place}"), invalid.code(), invalid));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Refusal::fields(problems).into()) }
}

impl CreateRole {
    /// The role, if the practice has room for it.
    pub(crate) fn role(self, id: RoleId, practice: &Practice) -> Result<Role, Stop> {
        let Self { name, description, features, requires_supervision, can_supervise, billing_modifier } = self;
        let mut overrides = BTreeMap::new();
        set(&mut overrides, &features)?;
        free_name(practice, id, &name)?;
        if practice.roles.len() >= Role::MAX {
            let detail = "The practice has as many roles as it can have. Delete one first.";
            return Err(Refusal::conflict("too_many_roles", detail).into());
        }
        Ok(Role { id, version: 1, name, description, overrides, requires_supervision, can_supervise, billing_modifier })
    }
}

impl PatchRole {
    /// Applies it; names what changed.
    pub(crate) fn apply(self, role: &mut Role, practice: &Practice) -> Result<Vec<&'static str>, Stop> {
        let Self { name, description, features, requires_supervision, can_supervise, billing_modifier } = self;
        set(&mut role.overrides, &features)?;
        if let Patch::Set(name) = &name {
            free_name(practice, role.id, name)?;
        }
        let refused = |bad| Refusal::fields(vec![bad]);
        let renamed = name.require(&mut role.name, "/name").map_err(refused)?;
        let needs = &mut role.requires_supervision;
        let needs = requires_supervision.require(needs, "/requires_supervision").map_err(refused)?;
        let can = can_supervise.require(&mut role.can_supervise, "/can_supervise").map_err(refused)?;
        let named = [
            (renamed, "name"),
            (description.apply(&mut role.description), "description"),
            (!features.is_empty(), "features"),
            (needs, "requires_supervision"),
            (can, "can_supervise"),
            (billing_modifier.apply(&mut role.billing_modifier), "billing_modifier"),
        ];
        role.version += 1;
        Ok(named.into_iter().filter_map(|(changed, field)| changed.then_some(field)).collect())
    }
}
