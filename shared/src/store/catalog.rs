//! The catalog's item, which every list reads with the rest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::domain::catalog::{Catalog, StaffCard, Tag, TagColor};
use crate::domain::ids::{PracticeId, StaffId, TagId};
use crate::domain::text::{FullName, TagName};

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    tags: BTreeMap<String, TagRow>,
    staff: BTreeMap<String, CardRow>,
}

#[derive(Debug, Serialize, Deserialize)]
struct TagRow {
    name: TagName,
    color: TagColor,
}

#[derive(Debug, Serialize, Deserialize)]
struct CardRow {
    full_name: FullName,
    active: bool,
}

crate::store::item::versioned!(Catalog);

impl Entity for Catalog {
    const NAME: &'static str = "catalog";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::catalog(self.practice)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self { practice, version: _, tags, staff } = self.clone();
        let tag = |Tag { name, color }| TagRow { name, color };
        let card = |StaffCard { full_name, active }| CardRow { full_name, active };
        Row {
            pid: practice.key(),
            tags: tags.into_iter().map(|(id, found)| (id.key(), tag(found))).collect(),
            staff: staff.into_iter().map(|(id, found)| (id.key(), card(found))).collect(),
        }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let corrupt = |_| Corrupt(Self::NAME);
        let Row { pid, tags, staff } = row;
        Ok(Self {
            practice: PracticeId::from_key(&pid).map_err(corrupt)?,
            version,
            tags: tags
                .into_iter()
                .map(|(id, TagRow { name, color })| Ok((TagId::from_key(&id).map_err(corrupt)?, Tag { name, color })))
                .collect::<Result<_, Corrupt>>()?,
            staff: staff
                .into_iter()
                .map(|(id, CardRow { full_name, active })| {
                    Ok((StaffId::from_key(&id).map_err(corrupt)?, StaffCard { full_name, active }))
                })
                .collect::<Result<_, Corrupt>>()?,
        })
    }
}
