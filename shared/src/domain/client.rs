//! A client of a practice: the profile, the three stored facts its status is derived from, its portal access.

mod addressing;
mod belonging;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use super::email::EmailAddress;
use super::ids::{ClientId, ImportId, PracticeId, StaffId, TagId};
use super::phone::Phone;
use super::portal::{Access, Block, Portal};
use super::text::{Detail, ExternalId, FamilyName, Passage, PersonName};
pub use belonging::{AppointmentsToCome, Handover, Ownership, PastTherapist, WALK_INS_DATED_FROM};

// S1, decision 1
/// What the list shows and filters by. Derived, never stored.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Has registered and can be let into the portal.
    Active,
    /// Was added by the practice and has not registered yet.
    Pending,
    /// Access has been suspended.
    Inactive,
}

/// Derives the status from the two stored facts (decision 1).
#[must_use]
pub const fn status(suspended: bool, registered: bool) -> Status {
    match (suspended, registered) {
        (true, _) => Status::Inactive,
        (false, true) => Status::Active,
        (false, false) => Status::Pending,
    }
}

/// Where a client lives. Every part is optional.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// Street, house, flat; may have several lines.
    pub street: Option<Passage>,
    /// City or town.
    pub city: Option<Detail>,
    /// State, province or county.
    pub region: Option<Detail>,
    /// Postal or zip code.
    pub postal_code: Option<Detail>,
    /// Country, as written.
    pub country: Option<Detail>,
}

crate::domain::prints_its_name!(Address);

/// The card and the overview of a client (B4, B6). Only the names are required (decision 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub first_name: PersonName,
    pub middle_name: Option<PersonName>,
    pub last_name: FamilyName,
    /// What the client goes by.
    pub preferred_name: Option<PersonName>,
    /// Pronouns, free text.
    pub pronouns: Option<Detail>,
    /// Contact address; may repeat within a practice.
    pub email: Option<EmailAddress>,
    pub phone: Option<Phone>,
    /// Birthday, a calendar date.
    pub date_of_birth: Option<Date>,
    /// Gender, free text.
    pub gender: Option<Detail>,
    /// Sex as recorded, kept apart from gender.
    pub sex: Option<Detail>,
    pub address: Address,
    pub occupation: Option<Detail>,
    pub employer: Option<Detail>,
    pub employment_status: Option<Detail>,
    pub relationship_status: Option<Detail>,
    pub living_arrangement: Option<Detail>,
    /// Clinical diagnosis, if recorded. Never in the portal (d-35).
    pub diagnosis: Option<Passage>,
    /// Presenting symptoms. Never in the portal (d-35).
    pub symptoms: Option<Passage>,
    /// The id the client has in another system.
    pub external_id: Option<ExternalId>,
    /// Labels, by id, so that a rename reaches every client.
    pub tags: BTreeSet<TagId>,
}

// L12
/// How much a client is at risk, as a clinician set it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RiskLevel {
    None,
    Low,
    Moderate,
    High,
}

/// A clinician's judgement. Never in the portal (d-35).
#[derive(Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Risk {
    /// How much.
    pub level: RiskLevel,
    /// Since when.
    pub set_at: Timestamp,
    /// Whose judgement it is.
    pub set_by: StaffId,
}

crate::domain::prints_its_name!(Risk);

/// Which import made or last changed a client, and how: a replayed row finds its own trace and repeats its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportStamp {
    pub import: ImportId,
    /// The physical line of its file.
    pub line: u64,
    /// Whether it created the client; else it updated it.
    pub created: bool,
}

/// A client record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    pub id: ClientId,
    pub practice: PracticeId,
    /// Grows by one with each change; the `ETag`.
    pub version: u64,
    /// Card and overview.
    pub profile: Profile,
    /// Direct or practice client.
    pub ownership: Ownership,
    /// The primary therapist, or none.
    pub assigned_staff: Option<StaffId>,
    /// Since when.
    pub assigned_at: Timestamp,
    /// Who it was before, oldest first.
    pub past_therapists: Vec<PastTherapist>,
    /// A change to come.
    pub handover: Option<Handover>,
    /// The walk-ins by its sessions, each with the UTC day on which the last of these ends (decisions 5 and 27).
    pub seen_by: BTreeMap<StaffId, Date>,
    /// Risk, if a clinician has set it.
    pub risk: Option<Risk>,
    /// When the record was made.
    pub created_at: Timestamp,
    /// Shown as "join date"; never changes (A2).
    pub join_date: Date,
    /// Deactivated since.
    pub suspended_at: Option<Timestamp>,
    /// First registered at.
    pub registered_at: Option<Timestamp>,
    /// Portal access and invitation.
    pub portal: Portal,
    /// Set while a permanent deletion is under way; the record then reads as absent.
    pub deleting: bool,
    /// The import that last wrote it.
    pub import: Option<ImportStamp>,
}

/// Why a change of a client is refused in its present state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientRefusal {
    /// Deactivating the deactivated.
    #[error("The client is inactive already.")]
    AlreadyInactive,
    /// Reactivating what is not inactive (decision 2).
    #[error("Only an inactive client can be reactivated.")]
    NotInactive,
    /// Disabling what is disabled.
    #[error("Portal access is disabled already.")]
    AlreadyDisabled,
}

/// What an invitation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invited {
    /// An invitation to register.
    Invited,
    /// Access as it was; a sign-in link goes out (D19).
    Restored,
}

impl Client {
    /// A new client: pending, never invited.
    #[must_use]
    pub fn new(
        id: ClientId,
        practice: PracticeId,
        profile: Profile,
        ownership: Ownership,
        assigned_staff: Option<StaffId>,
        now: Timestamp,
        join_date: Date,
    ) -> Self {
        Self {
            id,
            practice,
            version: 1,
            profile,
            ownership,
            assigned_staff,
            assigned_at: now,
            past_therapists: Vec::new(),
            handover: None,
            seen_by: BTreeMap::new(),
            risk: None,
            created_at: now,
            join_date,
            suspended_at: None,
            registered_at: None,
            portal: Portal::default(),
            deleting: false,
            import: None,
        }
    }

    /// Active, Pending or Inactive.
    #[must_use]
    pub const fn status(&self) -> Status {
        status(self.suspended_at.is_some(), self.registered_at.is_some())
    }

    /// What stands between the client and the portal; empty means it can sign in (decision 1).
    #[must_use]
    pub fn blocked_by(&self, practice_portal_on: bool) -> Vec<Block> {
        super::portal::blocks(
            practice_portal_on,
            self.suspended_at.is_some(),
            self.registered_at.is_some(),
            self.portal.access,
        )
    }

    /// Cuts everything: sessions and open invitations end with it (D23).
    pub fn deactivate(&mut self, now: Timestamp) -> Result<(), ClientRefusal> {
        if self.suspended_at.is_some() {
            return Err(ClientRefusal::AlreadyInactive);
        }
        self.suspended_at = Some(now);
        self.portal.revoke_invitation();
        self.portal.end_sessions();
        Ok(())
    }

    /// Goes back to what the stored facts say (decision 2).
    pub fn reactivate(&mut self) -> Result<(), ClientRefusal> {
        if self.suspended_at.is_none() {
            return Err(ClientRefusal::NotInactive);
        }
        self.suspended_at = None;
        Ok(())
    }

    /// Cuts the portal only; the status stays (D18).
    pub fn disable_access(&mut self) -> Result<(), ClientRefusal> {
        if self.portal.access == Access::Disabled {
            return Err(ClientRefusal::AlreadyDisabled);
        }
        self.portal.access = Access::Disabled;
        self.portal.revoke_invitation();
        self.portal.end_sessions();
        Ok(())
    }

    /// Marks the client registered: the first time it comes in through the portal (D14).
    pub fn register(&mut self, now: Timestamp) {
        self.registered_at.get_or_insert(now);
        self.portal.access = Access::Enabled;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // decision 1, d-1
    #[test]
    fn status_is_derived_from_the_stored_facts() {
        assert_eq!(status(false, false), Status::Pending);
        assert_eq!(status(false, true), Status::Active);
        assert_eq!(status(true, false), Status::Inactive);
        assert_eq!(status(true, true), Status::Inactive);
    }
}
