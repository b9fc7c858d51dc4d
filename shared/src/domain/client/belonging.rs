//! Whom a client belongs to: its primary therapist, those before, and the change to come (L10, L11).

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::Client;
use crate::domain::ids::StaffId;

// d-8
/// Who a client belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ownership {
    /// Belongs to one therapist.
    Direct,
    /// Belongs to the practice and has a primary therapist or none.
    Practice,
}

/// A primary therapist the client had before (L11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PastTherapist {
    pub staff: StaffId,
    pub from: Timestamp,
    pub until: Timestamp,
}

// L10
/// What becomes of the appointments to come when a client changes hands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentsToCome {
    /// The former therapist holds them.
    #[default]
    Stay,
    /// The new therapist holds them, as far as it has the time.
    Move,
}

impl AppointmentsToCome {
    /// Whether they stay with the former therapist.
    #[must_use]
    pub fn stay(&self) -> bool {
        *self == Self::Stay
    }
}

/// A change of the primary therapist that is agreed for a day to come (L10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handover {
    /// To whom; nobody = unassigned.
    pub to: Option<StaffId>,
    /// On the morning of this day, in the practice's zone.
    pub on: Date,
    /// Direct or practice client from then on; as it is unless given.
    pub ownership: Option<Ownership>,
    /// What becomes of the appointments that begin on that day or later.
    pub sessions: AppointmentsToCome,
    /// Whether the client is told when it happens.
    pub notify_client: bool,
    /// Who planned it, and is told nothing about it.
    pub by: Option<StaffId>,
}

/// What was written before walk-ins were dated counts as of the day from which they are.
pub const WALK_INS_DATED_FROM: Date = Date::constant(2026, 11, 28);

/// How many former therapists a record remembers.
const PAST_THERAPISTS: usize = 100;

impl Client {
    /// Gives the client to another therapist, or to nobody; the record remembers whom it belonged to (L10, L11).
    ///
    /// A direct client that nobody has any more belongs to the practice (d-12).
    pub fn assign(&mut self, to: Option<StaffId>, now: Timestamp) {
        if let Some(staff) = self.assigned_staff.filter(|staff| Some(*staff) != to) {
            self.past_therapists.push(PastTherapist { staff, from: self.assigned_at, until: now });
            let surplus = self.past_therapists.len().saturating_sub(PAST_THERAPISTS);
            self.past_therapists.drain(..surplus);
        }
        if to.is_none() {
            self.ownership = Ownership::Practice;
        }
        if self.assigned_staff != to {
            self.assigned_at = now;
        }
        self.assigned_staff = to;
        self.handover = None;
    }

    /// Takes note of who holds appointments with it, and until which day (d-8, decision 27). Says whether that changed; else the record stays as it is.
    pub fn attended_by(&mut self, staff: BTreeMap<StaffId, Date>) -> bool {
        if self.seen_by == staff {
            return false;
        }
        self.seen_by = staff;
        true
    }
}
