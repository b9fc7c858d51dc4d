//! What becomes of a row: a new client, a change of one, or nothing (C6, C8, C10).

use std::collections::{BTreeSet, HashMap};

use super::batch::OpenRow;
use super::known::{Known, KnownClient, KnownClients};
use super::labels::Labels;
use super::merge::{Update, is_stored, merge, profile};
use super::names::untitled;
use super::report::{DUPLICATE_EXISTING, DUPLICATE_IN_FILE};
use super::row::{ImportedClient, RowWarning};
use super::terms::{Ids, Terms};
use super::verdict::{Decision, Verdict};
use crate::domain::client::{Client, Ownership};
use crate::domain::identity::Identity;
use crate::domain::ids::{ClientId, StaffId, TagId};
use crate::domain::text::fold;

/// Decides rows by the terms of an import and by what is known.
pub(super) struct Judge<'a> {
    terms: &'a Terms,
    ids: &'a dyn Ids,
    clients: &'a KnownClients,
    updated: &'a mut HashMap<ClientId, u64>,
    labels: Labels<'a>,
    /// Active staff by name; of two with one name neither can be meant with certainty.
    staff: HashMap<Vec<String>, Option<StaffId>>,
    addresses: &'a HashMap<String, StaffId>,
}

/// The words of a name in any order, without case, accents, titles and credentials: `Berg, Ines` is `Dr. Ines Berg, LMFT`.
fn called(name: &str) -> Vec<String> {
    let mut words: Vec<String> = untitled(name).split([',', ' ']).flat_map(str::split_whitespace).map(fold).collect();
    words.sort_unstable();
    words
}

impl<'a> Judge<'a> {
    pub(super) fn new(terms: &'a Terms, ids: &'a dyn Ids, known: &'a mut Known, clients: &'a KnownClients) -> Self {
        let mut staff: HashMap<Vec<String>, Option<StaffId>> = HashMap::new();
        for (id, card) in known.catalog.staff.iter().filter(|(_, card)| card.active) {
            staff.entry(called(card.full_name.as_str())).and_modify(|known| *known = None).or_insert(Some(*id));
        }
        let labels = Labels::new(&mut known.catalog, ids, terms.labels);
        Self { terms, ids, clients, updated: &mut known.updated, labels, staff, addresses: &known.addresses }
    }

    /// Decides a row. Deciding it again, after it or its client was written, comes to the same.
    pub(super) fn judge(&mut self, open: &OpenRow) -> Verdict {
        let clients = self.clients;
        let existing = open.existing.and_then(|id| clients.get(&id)).filter(|known| self.is_same(open, known));
        let (tags, left_out) = self.labels.of(&open.row);
        let mut verdict = match existing {
            Some(known) => self.existing(&open.row, known, tags),
            None => self.new_client(open, tags),
        };
        verdict.warn(left_out, RowWarning::TagsNotAllowed);
        verdict
    }

    /// The labels that the rows judged so far add to the catalog.
    pub(super) fn into_labels(self) -> Vec<TagId> {
        self.labels.into_added()
    }

    /// The directory only proposes; the record decides.
    fn is_same(&self, open: &OpenRow, known: &KnownClient) -> bool {
        let mine = known.client.import == Some(self.terms.stamp(open.row.line, false));
        mine || (known.visible && Identity::of_client(&known.client).same(&open.identity))
    }

    fn existing(&mut self, row: &ImportedClient, known: &KnownClient, tags: BTreeSet<TagId>) -> Verdict {
        let client = &known.client;
        let renamed = !Identity::of_client(client).same_name(&row.identity());
        let mut verdict = self.change(row, known, tags);
        verdict.warn(renamed, RowWarning::NameKept);
        verdict
    }

    fn change(&mut self, row: &ImportedClient, known: &KnownClient, tags: BTreeSet<TagId>) -> Verdict {
        let client = &known.client;
        let Some(update) = self.terms.duplicates.update() else {
            return Verdict::of(if is_stored(&client.profile, row, &tags) {
                Decision::Unchanged(client.id)
            } else {
                Decision::LeftOut(DUPLICATE_EXISTING, Some(client.id))
            });
        };
        if *self.updated.entry(client.id).or_insert(row.line) != row.line {
            return Verdict::of(Decision::LeftOut(DUPLICATE_IN_FILE, Some(client.id)));
        }
        let stamp = self.terms.stamp(row.line, false);
        if client.import == Some(stamp) {
            // What the row found no room for then, it finds no room for now.
            let mut wanted = tags;
            let applied = update == Update::All || client.profile.tags.is_subset(&wanted);
            let room = !applied || self.labels.add(&row.tags, &mut wanted);
            let stored = Decision::Write { client: Box::new(client.clone()), created: false, stored: true };
            let mut verdict = Verdict::of(stored);
            verdict.warn(!room, RowWarning::TagsFull);
            return verdict;
        }
        let Some(mut merged) = merge(&client.profile, row, &tags, update) else {
            return Verdict::of(Decision::Unchanged(client.id));
        };
        if !known.changeable {
            return Verdict::of(Decision::LeftOut(DUPLICATE_EXISTING, Some(client.id)));
        }
        let room = self.labels.add(&row.tags, &mut merged.tags);
        let mut verdict = if merged == client.profile {
            Verdict::of(Decision::Unchanged(client.id))
        } else {
            let mut client = client.clone();
            client.replace_profile(merged);
            client.version += 1;
            client.import = Some(stamp);
            Verdict::of(Decision::Write { client: Box::new(client), created: false, stored: false })
        };
        verdict.warn(!room, RowWarning::TagsFull);
        verdict
    }

    fn new_client(&mut self, open: &OpenRow, mut tags: BTreeSet<TagId>) -> Verdict {
        let (terms, row) = (self.terms, &*open.row);
        let (id, stamp) = (self.ids.of_client(row.line), terms.stamp(row.line, true));
        let room = self.labels.add(&row.tags, &mut tags);
        let (ownership, assigned, unknown) = self.owner(row);
        let written = self.clients.get(&id).map(|known| &known.client).filter(|client| client.import == Some(stamp));
        let client = written.cloned().unwrap_or_else(|| {
            let join_date = row.join_date.unwrap_or(terms.day);
            let profile = profile(row, &tags);
            let mut client = Client::new(id, terms.practice, profile, ownership, assigned, terms.at, join_date);
            client.suspended_at = row.inactive.then_some(terms.at);
            client.import = Some(stamp);
            client
        });
        let stored = written.is_some();
        let mut verdict = Verdict::of(Decision::Write { client: Box::new(client), created: true, stored });
        verdict.warn(open.shared, RowWarning::EmailShared);
        verdict.warn(unknown, RowWarning::StaffUnknown);
        verdict.warn(!room, RowWarning::TagsFull);
        verdict
    }

    /// The active member of the team that a row names, by address or by name.
    fn member(&self, named: &str) -> Option<StaffId> {
        let address = named.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>')).unwrap_or(named);
        match self.addresses.get(&address.trim().to_lowercase()) {
            Some(staff) => Some(*staff).filter(|staff| self.staff.values().any(|active| *active == Some(*staff))),
            None => self.staff.get(&called(named)).copied().flatten(),
        }
    }

    /// Whom a new client belongs to (decision 5), and whether the row names somebody it cannot belong to.
    fn owner(&self, row: &ImportedClient) -> (Ownership, Option<StaffId>, bool) {
        let Terms { ownership, importer, .. } = *self.terms;
        let named = row.assigned_staff.as_deref().map(|name| self.member(name));
        if !self.terms.admin {
            // What a therapist imports it must be able to see, and it cannot give clients to others.
            return (ownership, Some(importer), named.is_some_and(|staff| staff != Some(importer)));
        }
        let unknown = named == Some(None);
        match ownership {
            Ownership::Direct => (ownership, named.flatten().or(Some(importer)), unknown),
            Ownership::Practice => (ownership, named.flatten(), unknown),
        }
    }
}

#[cfg(test)]
mod tests;
