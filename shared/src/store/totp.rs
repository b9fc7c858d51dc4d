//! The item of a staff member's second factor: sealed secrets and hashes only.

use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::domain::ids::{PracticeId, StaffId};
use crate::domain::totp::{Confirmed, SealedSecret, SecondFactor};

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    staff: StaffId,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed: Option<Confirmed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pending: Option<SealedSecret>,
}

crate::store::item::versioned!(SecondFactor);

impl Entity for SecondFactor {
    const NAME: &'static str = "second_factor";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::second_factor(self.practice, self.staff)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self { practice, staff, version: _, confirmed, pending } = self.clone();
        Row { pid: practice.key(), staff, confirmed, pending }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row { pid, staff, confirmed, pending } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { practice, staff, version, confirmed, pending })
    }
}
