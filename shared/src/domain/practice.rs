//! A practice and its settings.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::ids::{PracticeId, RoleId};
use super::money::Currency;
use super::phone::Region;
use super::role::Role;
use super::scheduling::SchedulingSettings;
use super::text::{Passage, PracticeName};

/// Why a slug is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSlug {
    /// Other characters or another length than allowed.
    #[error("must be 3 to 40 lower-case letters, digits and single hyphens, starting with a letter")]
    Shape,
    /// A word the portal needs for itself (D12).
    #[error("is reserved")]
    Reserved,
}

/// First parts of the portal's paths and host names that are its own: what the mailed links and its pages use, and what
/// somebody could take for them.
const RESERVED: &[&str] = &[
    "admin",
    "api",
    "app",
    "assets",
    "auth",
    "dev",
    "docs",
    "favicon",
    "health",
    "help",
    "invitation",
    "invitations",
    "invite",
    "login",
    "logout",
    "mail",
    "openapi",
    "portal",
    "portals",
    "practices",
    "public",
    "registration",
    "registrations",
    "robots",
    "sign-in",
    "sign-out",
    "sign-up",
    "signin",
    "signout",
    "signup",
    "static",
    "status",
    "support",
    "unsubscribe",
    "well-known",
    "www",
];

// D12
/// The stable name of a practice's portal.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, min_length = 3, max_length = 40)]
pub struct Slug(String);

impl Slug {
    /// Checks; does not fold, so that what a person typed is what the address shows.
    pub fn parse(text: &str) -> Result<Self, InvalidSlug> {
        let shape = (3..=40).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !text.ends_with('-')
            && !text.contains("--");
        if !shape {
            return Err(InvalidSlug::Shape);
        }
        if RESERVED.contains(&text) {
            return Err(InvalidSlug::Reserved);
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> serde::Deserialize<'de> for Slug {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|e| serde::de::Error::custom(super::coded("slug_invalid", e)))
    }
}

/// An IANA time zone that this build knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Reads a name such as `America/New_York`.
    pub fn parse(name: &str) -> Result<Self, InvalidZone> {
        TimeZone::get(name).ok().filter(|zone| zone.iana_name().is_some()).map(Self).ok_or(InvalidZone)
    }

    /// The zone's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    #[must_use]
    pub const fn time_zone(&self) -> &TimeZone {
        &self.0
    }
}

/// Not a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a time zone such as America/New_York")]
pub struct InvalidZone;

impl serde::Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> serde::Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|e| serde::de::Error::custom(super::coded("time_zone_invalid", e)))
    }
}

// E3
/// A part of the portal a practice can switch.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PortalFeature {
    /// Shared notes.
    Notes,
    /// Tasks and homework.
    Tasks,
    /// Files.
    Files,
    /// Secure messages.
    Messages,
}

impl PortalFeature {
    /// All of them, in the order in which a new portal shows them.
    pub const ALL: [Self; 4] = [Self::Notes, Self::Tasks, Self::Files, Self::Messages];

    /// Its name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Notes => "notes",
            Self::Tasks => "tasks",
            Self::Files => "files",
            Self::Messages => "messages",
        }
    }
}

// E4
/// What one client may do in the portal beyond reading. Stored per client, defaults per practice.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Ask for appointments.
    AppointmentRequests,
    /// Send and receive secure messages.
    SecureMessaging,
    /// See invoices, statements and superbills.
    BillingDocuments,
    /// Pay outstanding invoices.
    PayOutstanding,
}

impl Permission {
    /// Every permission, in the order a person reads them.
    pub const ALL: [Self; 4] =
        [Self::AppointmentRequests, Self::SecureMessaging, Self::BillingDocuments, Self::PayOutstanding];
}

/// Stored permissions: what is absent follows the default.
pub type Permissions = BTreeMap<Permission, bool>;

// E3, d-40
/// How one feature appears in the portal. Of one that was never set up, nothing does.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeatureSettings {
    /// Whether clients have it.
    pub enabled: bool,
    /// The word the portal shows for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub label: Option<super::text::TagName>,
    /// Its place in the menu.
    #[serde(default)]
    pub order: u8,
    /// A sentence above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub intro: Option<Passage>,
}

impl FeatureSettings {
    /// Switched on, at this place of the menu.
    #[must_use]
    pub const fn on(order: u8) -> Self {
        Self { enabled: true, label: None, order, intro: None }
    }
}

/// The practice's portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalSettings {
    /// Off: no client signs in, nothing stored changes (D20).
    pub on: bool,
    /// A sentence on the sign-in page.
    pub greeting: Option<Passage>,
    /// Whether people can register by themselves.
    pub self_registration: bool,
    /// Whether a new registration has to confirm its address (D16).
    pub email_confirmation: bool,
    /// Notes, tasks, files, messages.
    pub features: BTreeMap<PortalFeature, FeatureSettings>,
    /// What a client may do unless its own permissions say otherwise.
    pub permissions: Permissions,
}

impl Default for PortalSettings {
    fn default() -> Self {
        Self {
            on: true,
            greeting: None,
            self_registration: false,
            email_confirmation: true,
            features: PortalFeature::ALL
                .into_iter()
                .zip(1..)
                .map(|(feature, order)| (feature, FeatureSettings::on(order)))
                .collect(),
            permissions: Permission::ALL.into_iter().map(|p| (p, true)).collect(),
        }
    }
}

impl PortalSettings {
    /// Whether clients have this feature.
    #[must_use]
    pub fn has(&self, feature: PortalFeature) -> bool {
        self.features.get(&feature).is_some_and(|f| f.enabled)
    }
}

// decision 9
/// When invitations expire and are sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationSettings {
    /// Days until an unanswered invitation is sent again by itself; null = never.
    #[schema(minimum = 1, maximum = 30)]
    pub resend_after_days: Option<u8>,
    /// How often at most.
    #[schema(maximum = 10)]
    pub max_resends: u8,
    /// Days an invitation stays open.
    #[schema(minimum = 1, maximum = 30)]
    pub expires_after_days: u8,
}

impl Default for InvitationSettings {
    fn default() -> Self {
        Self { resend_after_days: None, max_resends: 2, expires_after_days: 7 }
    }
}

impl InvitationSettings {
    /// Days between sends, as a duration.
    #[must_use]
    pub fn resend_after(&self) -> Option<SignedDuration> {
        self.resend_after_days.map(|days| SignedDuration::from_hours(24 * i64::from(days)))
    }

    /// How long an invitation stays open.
    #[must_use]
    pub fn expires_after(&self) -> SignedDuration {
        SignedDuration::from_hours(24 * i64::from(self.expires_after_days))
    }

    /// The first field outside its range, as a JSON pointer below the settings.
    #[must_use]
    pub fn out_of_range(&self) -> Option<&'static str> {
        if self.resend_after_days.is_some_and(|d| !(1..=30).contains(&d)) {
            Some("resend_after_days")
        } else if self.max_resends > 10 {
            Some("max_resends")
        } else if !(1..=30).contains(&self.expires_after_days) {
            Some("expires_after_days")
        } else {
            None
        }
    }
}

/// A practice: the tenant of everything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Practice {
    pub id: PracticeId,
    /// Grows by one with each change; the `ETag`.
    pub version: u64,
    pub name: PracticeName,
    /// The name of its portal.
    pub slug: Slug,
    /// The zone its days are counted in.
    pub time_zone: Zone,
    /// What its invoices are in.
    pub currency: Currency,
    /// The country of a phone number typed without one.
    pub default_region: Option<Region>,
    /// Signed up at.
    pub created_at: Timestamp,
    /// Closed at, for good: nobody comes in any more (X6).
    pub closed_at: Option<Timestamp>,
    /// The portal's settings.
    pub portal: PortalSettings,
    /// Whether an online payments account is connected.
    pub online_payments: bool,
    /// Invitation expiry and resending.
    pub invitations: InvitationSettings,
    /// What clients may do to their appointments.
    pub scheduling: SchedulingSettings,
    /// The team's settings.
    pub team: TeamSettings,
    /// Roles by id: they are read with every request of staff.
    pub roles: BTreeMap<RoleId, Role>,
}

/// What holds for the whole team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamSettings {
    /// Whether supervisors see the clients of those they supervise (S3).
    pub supervision: bool,
    // decision 8
    /// Whether staff must sign in with a second factor.
    pub require_totp: bool,
    // L17
    /// Days a supervisor has to look at a note that was submitted; null = no deadline.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 60)]
    pub review_days: Option<u8>,
    // decision 27
    /// Days for which a walk-in therapist sees a client after their last session.
    #[schema(maximum = 365)]
    pub walk_in_days: u16,
}

/// The days of a practice that has not said otherwise.
pub const WALK_IN_DAYS: u16 = 30;

impl TeamSettings {
    /// The most `walk_in_days`.
    pub const MAX_WALK_IN_DAYS: u16 = 365;

    /// Whose last session ends on this UTC day or later is a walk-in today.
    #[must_use]
    pub fn walk_ins_since(&self, today: Date) -> Date {
        today.saturating_sub(i64::from(self.walk_in_days).days())
    }
}

impl Default for TeamSettings {
    /// Supervision is on: it shows nothing before somebody names a supervisor.
    fn default() -> Self {
        Self { supervision: true, require_totp: false, review_days: None, walk_in_days: WALK_IN_DAYS }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // D12
    #[test]
    fn a_slug_is_short_plain_and_not_reserved() {
        assert!(Slug::parse("harbor").is_ok());
        for bad in ["", "ab", "Harbor", "har bor", "-harbor", "harbor-", "har--bor", "1harbor", "härbor"] {
            assert_eq!(Slug::parse(bad), Err(InvalidSlug::Shape), "{bad}");
        }
        for own in RESERVED.iter().filter(|word| word.len() >= 3) {
            assert_eq!(Slug::parse(own), Err(InvalidSlug::Reserved), "{own}");
        }
    }
}
