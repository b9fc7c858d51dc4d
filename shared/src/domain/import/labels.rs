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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::samples::{self, Plain};
    use super::*;
    use crate::domain::ids::PracticeId;

    fn name(text: &str) -> TagName {
        TagName::parse(text).expect("a name")
    }

    fn named(tags: &[&str]) -> ImportedClient {
        let csv = format!("first,last,tags\nAda,Lovelace,\"{}\"\n", tags.join("; "));
        samples::clients(csv.as_bytes()).remove(0)
    }

    fn catalog(tags: &[&str]) -> Catalog {
        let mut catalog = Catalog::new(PracticeId::from_uuid(Uuid::nil()));
        for (number, tag) in tags.iter().enumerate() {
            catalog.tag_or_new(&name(tag), known(number));
        }
        catalog
    }

    /// The id of a label that the practice has made itself.
    fn known(number: usize) -> TagId {
        TagId::from_uuid(Uuid::from_u64_pair(9, number as u64))
    }

    fn new(text: &str) -> TagId {
        Plain.of_label(&fold(text))
    }

    // B7
    #[test]
    fn a_label_is_the_practices_whatever_its_case_and_accents() {
        let mut catalog = catalog(&["Café", "EMDR"]);
        let mut labels = Labels::new(&mut catalog, &Plain, true);
        let row = named(&["CAFE", "emdr", "Grief"]);
        let (mut used, left_out) = labels.of(&row);
        assert_eq!((&used, left_out), (&BTreeSet::from([known(0), known(1), new("grief")]), false));
        assert!(labels.add(&row.tags, &mut used));
        assert_eq!(labels.into_added(), [new("grief")]);
        assert_eq!(catalog.tags.len(), 3);
    }

    // B7, L5: who may not make labels uses those there are
    #[test]
    fn who_may_not_make_labels_makes_none() {
        let mut catalog = catalog(&["Known"]);
        let mut labels = Labels::new(&mut catalog, &Plain, false);
        let row = named(&["known", "Grief"]);
        let (mut used, left_out) = labels.of(&row);
        assert_eq!((&used, left_out), (&BTreeSet::from([known(0)]), true));
        assert!(labels.add(&row.tags, &mut used) && labels.into_added().is_empty());
        assert_eq!(catalog.tags.len(), 1);
    }

    // B7, C10: an earlier try has made the label, and somebody has renamed it since
    #[test]
    fn a_label_of_this_row_stays_its_label_under_another_name() {
        for may_add in [true, false] {
            let mut catalog = catalog(&[]);
            catalog.tag_or_new(&name("Bereavement"), new("grief"));
            let mut labels = Labels::new(&mut catalog, &Plain, may_add);
            let row = named(&["Grief"]);
            let (mut used, left_out) = labels.of(&row);
            assert_eq!((&used, left_out), (&BTreeSet::from([new("grief")]), false));
            assert!(labels.add(&row.tags, &mut used) && labels.into_added().is_empty());
            assert_eq!(catalog.tags.values().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), ["Bereavement"]);
        }
    }

    // B7
    #[test]
    fn a_full_catalog_takes_no_label_and_the_row_goes_without() {
        let names: Vec<String> = (1..Catalog::MAX_TAGS).map(|number| format!("tag {number}")).collect();
        let mut catalog = catalog(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let mut labels = Labels::new(&mut catalog, &Plain, true);
        let row = named(&["Tag 1", "Last", "One more"]);
        let (mut used, _) = labels.of(&row);
        assert!(!labels.add(&row.tags, &mut used));
        assert_eq!(used, BTreeSet::from([known(0), new("last")]));
        assert_eq!(labels.into_added(), [new("last")]);
    }

    // C6: a row that keeps its client's labels makes none
    #[test]
    fn only_labels_in_use_are_made() {
        let mut catalog = catalog(&[]);
        let mut labels = Labels::new(&mut catalog, &Plain, true);
        let mut used = BTreeSet::from([new("one")]);
        assert!(labels.add(&[name("One"), name("Two")], &mut used));
        assert_eq!(labels.into_added(), [new("one")]);
    }

    proptest! {
        // B7, C10
        #[test]
        fn labels_have_the_same_ids_before_and_after_they_are_made(
            known in proptest::collection::vec("[abAB]{1,2}", 0..4),
            rows in proptest::collection::vec(proptest::collection::vec("[abAB]{1,2}", 1..4), 1..5),
        ) {
            let mut catalog = catalog(&known.iter().map(String::as_str).collect::<Vec<_>>());
            let before = catalog.tags.len();
            let mut labels = Labels::new(&mut catalog, &Plain, true);
            for tags in rows {
                let row = named(&tags.iter().map(String::as_str).collect::<Vec<_>>());
                let (wanted, left_out) = labels.of(&row);
                let mut used = wanted.clone();
                prop_assert!(labels.add(&row.tags, &mut used) && !left_out);
                prop_assert_eq!(&used, &wanted);
                prop_assert_eq!(labels.of(&row).0, wanted);
            }
            let added = labels.into_added();
            prop_assert_eq!(before + added.len(), catalog.tags.len());
            prop_assert!(added.iter().all(|id| catalog.tags.contains_key(id)));
        }
    }
}
