//! The labels rows name: those of the practice, and new ones under ids that are the same in every try (B7).

use std::collections::{BTreeSet, HashMap};

use caseload::domain::catalog::Catalog;
use caseload::domain::ids::TagId;
use caseload::domain::text::{TagName, fold};

use crate::job::Job;

/// The catalog as it will be once the rows so far are written.
#[derive(Debug)]
pub(crate) struct Tags {
    pub(crate) catalog: Catalog,
    /// Added to it.
    pub(crate) added: Vec<TagId>,
    by_name: HashMap<String, TagId>,
    /// Whether the importer's role includes making labels.
    may_add: bool,
}

impl Tags {
    pub(crate) fn new(catalog: Catalog, may_add: bool) -> Self {
        let by_name = catalog.tags.iter().map(|(id, tag)| (fold(tag.name.as_str()), *id)).collect();
        Self { catalog, added: Vec::new(), by_name, may_add }
    }

    /// The id that a label has, or will have; none for a new one that the importer may not make.
    pub(crate) fn id(&self, job: &Job, name: &TagName) -> Option<TagId> {
        let folded = fold(name.as_str());
        if let Some(known) = self.by_name.get(&folded) {
            return Some(*known);
        }
        let derived = TagId::from_uuid(job.derive("import tag", folded.as_bytes()));
        (self.may_add || self.catalog.tags.contains_key(&derived)).then_some(derived)
    }

    /// Adds those labels that are new and stand in `used`; takes out of `used` those there is no room for.
    pub(crate) fn add(&mut self, job: &Job, names: &[TagName], used: &mut BTreeSet<TagId>) -> bool {
        let mut room = true;
        for name in names {
            let Some(id) = self.id(job, name) else { continue };
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
}
