//! The catalog of a practice: its tags and the names of its staff, in one item that every list reads with the rest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::domain::ids::{PracticeId, StaffId, TagId};
use crate::domain::staff::Staff;
use crate::domain::text::{FullName, TagName, fold};

/// A label on clients (B7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// Its name; unique in the practice, ignoring case and accents.
    pub name: TagName,
    /// `#rrggbb`.
    pub color: String,
}

/// What lists show of a staff member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffCard {
    /// Name.
    pub full_name: FullName,
    /// Whether it can be given clients.
    pub active: bool,
}

/// The tags and staff names of a practice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    /// The practice.
    pub practice: PracticeId,
    /// Grows by one with each change.
    pub version: u64,
    /// Tags by id.
    pub tags: BTreeMap<TagId, Tag>,
    /// Staff by id.
    pub staff: BTreeMap<StaffId, StaffCard>,
}

/// The colours new tags take in turn.
const COLORS: [&str; 8] = ["#2f6fde", "#1b9e77", "#d95f02", "#7570b3", "#e7298a", "#66a61e", "#a6761d", "#5f6b7a"];

impl Catalog {
    /// The most tags a practice can have.
    pub const MAX_TAGS: usize = 500;

    /// The catalog of a new practice.
    #[must_use]
    pub const fn new(practice: PracticeId) -> Self {
        Self { practice, version: 1, tags: BTreeMap::new(), staff: BTreeMap::new() }
    }

    /// Shows a staff member as it is now.
    pub fn show(&mut self, staff: &Staff) {
        let card = StaffCard { full_name: staff.full_name.clone(), active: staff.takes_clients() };
        self.staff.insert(staff.id, card);
        self.version += 1;
    }

    /// The tag of this name, ignoring case and accents.
    #[must_use]
    pub fn tag_named(&self, name: &TagName) -> Option<TagId> {
        let wanted = fold(name.as_str());
        self.tags.iter().find(|(_, tag)| fold(tag.name.as_str()) == wanted).map(|(id, _)| *id)
    }

    /// The tag of this name, added with the next colour if there is none. `None` when there is no room for more.
    pub fn tag_or_new(&mut self, name: &TagName, id: TagId) -> Option<TagId> {
        if let Some(known) = self.tag_named(name) {
            return Some(known);
        }
        if self.tags.len() >= Self::MAX_TAGS {
            return None;
        }
        let color = COLORS.get(self.tags.len() % COLORS.len()).copied().unwrap_or("#5f6b7a").to_owned();
        self.tags.insert(id, Tag { name: name.clone(), color });
        Some(id)
    }

    /// Tag names folded for search.
    #[must_use]
    pub fn folded_tags(&self) -> Vec<(TagId, String)> {
        self.tags.iter().map(|(id, tag)| (*id, fold(tag.name.as_str()))).collect()
    }
}

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    tags: BTreeMap<String, Tag>,
    staff: BTreeMap<String, StaffCard>,
}

impl Entity for Catalog {
    const NAME: &'static str = "catalog";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key {
        keys::catalog(self.practice)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self { practice, version: _, tags, staff } = self;
        Row {
            pid: practice.key(),
            tags: tags.iter().map(|(id, tag)| (id.key(), tag.clone())).collect(),
            staff: staff.iter().map(|(id, card)| (id.key(), card.clone())).collect(),
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
                .map(|(id, tag)| Ok((TagId::from_key(&id).map_err(corrupt)?, tag)))
                .collect::<Result<_, Corrupt>>()?,
            staff: staff
                .into_iter()
                .map(|(id, card)| Ok((StaffId::from_key(&id).map_err(corrupt)?, card)))
                .collect::<Result<_, Corrupt>>()?,
        })
    }
}
