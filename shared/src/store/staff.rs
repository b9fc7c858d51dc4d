//! The staff member's item.

use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::domain::email::EmailAddress;
use crate::domain::ids::{PracticeId, StaffId};
use crate::domain::staff::{Staff, StaffStatus};
use crate::domain::text::FullName;

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: StaffId,
    full_name: FullName,
    email: EmailAddress,
    admin: bool,
    status: StaffStatus,
    #[serde(default)]
    supervises: Vec<StaffId>,
    session_epoch: u32,
}

impl Entity for Staff {
    const NAME: &'static str = "staff";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key {
        keys::staff(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self { id, practice, version: _, full_name, email, admin, status, supervises, session_epoch } =
            self.clone();
        Row { pid: practice.key(), id, full_name, email, admin, status, supervises, session_epoch }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row { pid, id, full_name, email, admin, status, supervises, session_epoch } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { id, practice, version, full_name, email, admin, status, supervises, session_epoch })
    }
}
