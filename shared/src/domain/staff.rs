//! A staff member of a practice.

use super::email::EmailAddress;
use super::ids::{PracticeId, StaffId};
use super::text::FullName;

/// What a staff member can do at all (decision 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StaffStatus {
    /// Invited, has not come in yet.
    Invited,
    /// Everything its role allows.
    Active,
    /// Signs in, sees no personal data, takes nothing new.
    OnHold,
    /// The next request is refused.
    Inactive,
    /// No longer of this practice.
    Removed,
}

/// A staff member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// Its id.
    pub id: StaffId,
    /// The practice it works for.
    pub practice: PracticeId,
    /// Grows by one with each change.
    pub version: u64,
    /// Name.
    pub full_name: FullName,
    /// Where sign-in links go.
    pub email: EmailAddress,
    /// Whether it runs the practice.
    pub admin: bool,
    /// Status.
    pub status: StaffStatus,
    /// Whom it supervises while supervision lasts (L13).
    pub supervises: Vec<StaffId>,
    /// Sessions opened under an earlier number are dead.
    pub session_epoch: u32,
}
