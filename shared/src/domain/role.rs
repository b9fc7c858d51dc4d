//! Roles: what a practice lets its staff do, under names of its own (L5 to L8).

use std::collections::BTreeMap;

use super::ids::RoleId;
use super::text::{RoleDescription, RoleName};

/// Why a feature cannot stand in a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFeature {
    /// There is none of this name.
    #[error("is not a feature; GET /v1/roles lists them")]
    Unknown,
    /// Only admins have it, whatever their role (security AZ-4).
    #[error("belongs to admins and cannot be given by a role")]
    NotGrantable,
}

impl InvalidFeature {
    /// The stable code of a problem document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unknown => "feature_unknown",
            Self::NotGrantable => "feature_not_grantable",
        }
    }
}

macro_rules! features {
    ($($name:ident = $text:literal, $default:ident, $what:literal;)*) => {
        /// Something a role can include or leave out.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "`what` says it, to practice owners too")]
        pub enum Feature { $($name,)* }

        impl Feature {
            /// Every feature, in the order a person reads them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name in roles.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What it lets a person do.
            #[must_use]
            pub const fn what(self) -> &'static str {
                match self { $(Self::$name => $what,)* }
            }

            /// Who has it while the role says nothing: `everybody`, `unsupervised` or `nobody`.
            #[must_use]
            pub const fn given_to(self) -> &'static str {
                match self.default() {
                    Default::All => "everybody",
                    Default::Unsupervised => "unsupervised",
                    Default::None => "nobody",
                }
            }

            const fn default(self) -> Default {
                match self { $(Self::$name => Default::$default,)* }
            }
        }
    };
}

/// Who has a feature when the role says nothing about it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Default {
    /// Everybody.
    All,
    /// Those who work without supervision.
    Unsupervised,
    /// Nobody.
    None,
}

features! {
    ClientsEdit = "clients.edit", All, "Add clients; change, tag, deactivate and reactivate their own";
    ClientsDelete = "clients.delete", None, "Delete their own clients for good";
    ClientsExport = "clients.export", Unsupervised, "Export the record of their own clients";
    ClientsImport = "clients.import", Unsupervised, "Import clients from a file";
    ClinicalDiagnosis = "clinical.diagnosis", All, "Read and set diagnosis, symptoms and risk";
    ClinicalNotes = "clinical.notes", All, "Write clinical notes, and read those that are theirs to read";
    PortalManage = "portal.manage", All, "Invite their own clients to the portal and set what they may do there";
    Notes = "notes", All, "Read and write notes";
    Tasks = "tasks", All, "Read and assign tasks";
    Files = "files", All, "Read, upload and share files";
    Appointments = "appointments", All, "See and book appointments";
    Messages = "messages", All, "Exchange secure messages with their own clients";
    SuperviseMessages = "supervise.messages", None, "Read the messages of those they supervise";
    BillingRead = "billing.read", All, "See invoices and payments of their own clients";
    BillingManage = "billing.manage", Unsupervised, "Write invoices and record payments";
    BillingRefund = "billing.refund", None, "Refund payments";
    SettingsManage = "settings.manage", None, "Change the practice's settings";
    TagsManage = "tags.manage", Unsupervised, "Add, rename and delete tags";
}

/// What only admins do: no role grants it (security AZ-4).
const NOT_GRANTABLE: [&str; 5] = ["staff", "role", "audit", "client.reassign", "settings.payments_connect"];

impl Feature {
    /// Reads a name.
    pub fn parse(name: &str) -> Result<Self, InvalidFeature> {
        let under = |prefix: &&str| name.strip_prefix(prefix).is_some_and(|r| r.is_empty() || r.starts_with('.'));
        match Self::ALL.iter().find(|feature| feature.name() == name) {
            Some(feature) => Ok(*feature),
            None if NOT_GRANTABLE.iter().any(under) => Err(InvalidFeature::NotGrantable),
            None => Err(InvalidFeature::Unknown),
        }
    }
}

// L7
/// The modifier a role puts on insurance claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub enum BillingModifier {
    /// Bachelor's level.
    #[serde(rename = "HN")]
    Hn,
    /// Master's level.
    #[serde(rename = "HO")]
    Ho,
    /// Doctoral level.
    #[serde(rename = "HP")]
    Hp,
}

/// A role of a practice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    pub id: RoleId,
    /// Grows by one with each change; the `ETag`.
    pub version: u64,
    /// Its name; unique in the practice, ignoring case and accents.
    pub name: RoleName,
    /// What it is for.
    pub description: Option<RoleDescription>,
    /// On or off; what is absent is inherited from the default.
    pub overrides: BTreeMap<Feature, bool>,
    /// Whether who has it needs a supervisor (L6).
    pub requires_supervision: bool,
    /// Whether who has it can supervise others (L6).
    pub can_supervise: bool,
    /// The modifier on insurance claims, if any.
    pub billing_modifier: Option<BillingModifier>,
}

impl Role {
    /// The most roles a practice can have: they travel with every request.
    pub const MAX: usize = 30;

    /// Whether it includes a feature.
    #[must_use]
    pub fn has(&self, feature: Feature) -> bool {
        self.overrides.get(&feature).copied().unwrap_or_else(|| self.inherits(feature))
    }

    /// What it would include without an override.
    #[must_use]
    pub fn inherits(&self, feature: Feature) -> bool {
        match feature.default() {
            Default::All => true,
            Default::Unsupervised => !self.requires_supervision,
            Default::None => false,
        }
    }

    /// The roles a practice starts with: therapist, supervisor and intern. All can be changed.
    #[must_use]
    pub fn standard([therapist, supervisor, intern]: [RoleId; 3]) -> BTreeMap<RoleId, Self> {
        let role = |id, name: &str, requires_supervision, can_supervise| {
            let name = RoleName::parse(name).ok()?;
            let (overrides, description, billing_modifier) = (BTreeMap::new(), None, None);
            let role = Self {
                id,
                version: 1,
                name,
                description,
                overrides,
                requires_supervision,
                can_supervise,
                billing_modifier,
            };
            Some((id, role))
        };
        [
            role(therapist, "Therapist", false, false),
            role(supervisor, "Supervisor", false, true),
            role(intern, "Intern", true, false),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // L5: unknown names and names of what cannot be granted are told apart
    #[test]
    fn a_feature_is_known_unknown_or_not_for_roles() {
        for feature in Feature::ALL {
            assert_eq!(Feature::parse(feature.name()), Ok(*feature));
        }
        for name in ["staff.invite", "role.create", "audit.read", "client.reassign", "settings.payments_connect"] {
            assert_eq!(Feature::parse(name), Err(InvalidFeature::NotGrantable), "{name}");
        }
        for name in ["", "clients", "Notes", "staffing", "roles.create"] {
            assert_eq!(Feature::parse(name), Err(InvalidFeature::Unknown), "{name}");
        }
    }
}
