//! The team's item.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::domain::ids::{PracticeId, StaffId};
use crate::domain::team::{Member, Team};

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    members: BTreeMap<String, Member>,
}

crate::store::item::versioned!(Team);

impl Entity for Team {
    const NAME: &'static str = "team";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::team(self.practice)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let members = self.members.iter().map(|(id, member)| (id.key(), member.clone())).collect();
        Row { pid: self.practice.key(), members }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let member =
            |(id, member): (String, Member)| Ok((StaffId::from_key(&id).map_err(|_| Corrupt(Self::NAME))?, member));
        Ok(Self {
            practice: PracticeId::from_key(&row.pid).map_err(|_| Corrupt(Self::NAME))?,
            version,
            members: row.members.into_iter().map(member).collect::<Result<_, Corrupt>>()?,
        })
    }
}
