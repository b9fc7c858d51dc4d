//! The labels rows name: those of the practice, and new ones under ids that are the same in every try (B7).

use std::collections::{BTreeSet, HashMap};

use super::row::ImportedClient;
use super::terms::Ids;
use crate::domain::catalog::Catalog;
use crate::domain::ids::TagId;
use crate::domain::text::{TagName, fold};

/// The labels of the catalog as it will be once the rows so far are written.
pub(super) struct Labels<'a> {
    catalog: &'a mut Catalog,
    ids: &'a dyn Ids,
    /// Whether the importer's role includes making labels.
    may_add: bool,
    added: Vec<TagId>,
    by_name: HashMap<String, TagId>,
}

impl<'a> Labels<'a> {
    pub(super) fn new(catalog: &'a mut Catalog, ids: &'a dyn Ids, may_add: bool) -> Self {
        let by_name = catalog.tags.iter().map(|(id, tag)| (fold(tag.name.as_str()), *id)).collect();
        Self { catalog, ids, may_add, added: Vec::new(), by_name }
    }

    /// The id that a label has, or will have; none for a new one that the importer may not make.
    fn id(&self, name: &TagName) -> Option<TagId> {
        let folded = fold(name.as_str());
        if let Some(known) = self.by_name.get(&folded) {
            return Some(*known);
        }
        let derived = self.ids.of_label(&folded);
        (self.may_add || self.catalog.tags.contains_key(&derived)).then_some(derived)
    }

    /// The labels of a row, and whether some are left out because the importer may not make them.
    pub(super) fn of(&self, row: &ImportedClient) -> (BTreeSet<TagId>, bool) {
        let mut left_out = false;
        let ids = row.tags.iter().filter_map(|name| {
            let id = self.id(name);
            left_out |= id.is_none();
            id
        });
        (ids.collect(), left_out)
    }

    /// Adds those labels that are new and stand in `used`; takes out of `used` those there is no room for, and says
    /// whether there was room for all.
    pub(super) fn add(&mut self, names: &[TagName], used: &mut BTreeSet<TagId>) -> bool {
        let mut room = true;
        for name in names {
            let Some(id) = self.id(name) else { continue };
            // A label of this id that somebody has renamed since is still the label of this row.
            if !used.contains(&id) || self.catalog.tags.contains_key(&id) {
                continue;
            }
            if self.catalog.tag_or_new(name, id).is_some() {
                self.by_name.insert(fold(name.as_str()), id);
                self.added.push(id);
            } else {
                used.remove(&id);
                room = false;
            }
        }
        room
    }

    /// Those that are new to the catalog.
    pub(super) fn into_added(self) -> Vec<TagId> {
        self.added
    }
}
