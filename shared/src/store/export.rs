//! The item of an export.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::domain::export::{Export, ExportState, Part};
use crate::domain::ids::{ExportId, PracticeId, StaffId};

/// How long the table remembers that it was asked for; the audit trail remembers longer.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: ExportId,
    requested_by: StaffId,
    requested_at: Timestamp,
    parts: BTreeSet<Part>,
    state: ExportState,
}

crate::store::item::versioned!(Export);

impl Entity for Export {
    const NAME: &'static str = "export";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::export(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn forget_at(&self) -> Option<i64> {
        Some((self.requested_at + REMEMBERED).as_second())
    }
    fn to_row(&self) -> Row {
        let Self { id, practice, version: _, requested_by, requested_at, parts, state } = self.clone();
        Row { pid: practice.key(), id, requested_by, requested_at, parts, state }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row { pid, id, requested_by, requested_at, parts, state } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { id, practice, version, requested_by, requested_at, parts, state })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::ClientId;
    use crate::store::item::{from_item, to_item};

    // decision 18
    #[test]
    fn an_export_reads_back_in_every_state() {
        let [practice, client, staff, own] = [1, 2, 3, 4].map(Uuid::from_u128);
        let (id, practice) = (ExportId::new(ClientId::from_uuid(client), own), PracticeId::from_uuid(practice));
        let at = Timestamp::UNIX_EPOCH;
        for state in [ExportState::Preparing, ExportState::Ready { at, size: 9 }, ExportState::Outdated] {
            let parts = BTreeSet::from(["clinical", "files"].map(Part::named));
            let export = Export { state, ..Export::new(id, practice, StaffId::from_uuid(staff), parts, at) };
            assert_eq!(from_item::<Export>(to_item(&export).unwrap()), Ok(export));
        }
    }
}
