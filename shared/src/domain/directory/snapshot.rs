//! The directory in memory: the rows of the snapshot in name order, and after them the rows of later changes.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::sync::OnceLock;

use super::bits::Bits;
use super::chunk::{self, Chunk, MAX_CHUNK_BYTES};
use super::entry::{Change, Entry};
use super::moments::{from_ordinal, ordinal};
use super::query::{Position, PositionKey, Sort};
use super::table::Table;
use super::wire::Corrupt;
use crate::domain::ids::ClientId;

/// Changes that are held beside the snapshot's rows, at least, before they are folded in.
const FEW: usize = 1024;

/// A practice's clients in memory (decision 20).
///
/// Two directories are equal if they hold the same entries, whatever changes led there.
#[derive(Clone, Default)]
pub struct Directory {
    pub(super) table: Table,
    /// The rows up to here are in name order.
    base: u32,
    /// Base rows by client.
    by_id: Vec<u32>,
    /// Base rows by join date; made when first asked for.
    by_join: OnceLock<Vec<u32>>,
    /// Later rows by name and by join date.
    late_names: Vec<u32>,
    late_joins: Vec<u32>,
    /// The later row of a client.
    late: HashMap<ClientId, u32>,
    /// Deleted clients, with the version of the deletion.
    gone: HashMap<ClientId, u64>,
}

/// What rows are ordered by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Name(&'a [u8], &'a [u8], u128),
    Join(i32, u128),
}

/// The first of `0..len` for which `before` is false; it must be true up to there.
fn first_not(len: u32, before: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

/// The part of a sorted list that is left after a position.
fn cut(sorted: &[u32], descending: bool, before: impl Fn(u32) -> bool) -> &[u32] {
    let at = sorted.partition_point(|slot| before(*slot));
    let part = if descending { sorted.get(..at) } else { sorted.get(at..) };
    part.unwrap_or_default()
}

type Slots<'a> = Box<dyn Iterator<Item = u32> + 'a>;

fn turned<'a>(slots: impl DoubleEndedIterator<Item = u32> + 'a, descending: bool) -> Slots<'a> {
    if descending { Box::new(slots.rev()) } else { Box::new(slots) }
}

impl Directory {
    /// Unpacks the chunks of one snapshot. Chunks in name order, as [`Self::encode_chunks`] makes them, load fastest.
    ///
    /// [`Corrupt`] if a chunk is damaged, or a client is in them twice.
    pub fn from_chunks<C: AsRef<[u8]>>(chunks: impl IntoIterator<Item = C>) -> Result<Self, Corrupt> {
        let chunks: Vec<C> = chunks.into_iter().collect();
        let room = chunks.iter().map(|chunk| chunk::told_len(chunk.as_ref())).sum();
        let mut table = Table::with_room(room);
        for chunk in chunks {
            table.load(&Chunk::open(chunk.as_ref(), MAX_CHUNK_BYTES)?)?;
        }
        table.shrink();
        let mut all: Vec<u32> = (0..table.slots()).collect();
        let mut held = Self { table, ..Self::default() };
        if !all.is_sorted_by(|a, b| held.key(*a, true) < held.key(*b, true)) {
            all.sort_by(|a, b| held.key(*a, true).cmp(&held.key(*b, true)));
            held.table = held.table.reordered(&all)?;
        }
        held.settle()
    }

    /// Takes a table in name order as the new base.
    fn settle(self) -> Result<Self, Corrupt> {
        let table = self.table;
        // Half of an id decides nearly always, and sorts twice as fast as the whole.
        let half = |slot| ((table.bits(slot) >> 64) as u64, slot);
        let mut ids: Vec<(u64, u32)> = (0..table.slots()).map(half).collect();
        ids.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| table.bits(a.1).cmp(&table.bits(b.1))));
        if !ids.is_sorted_by(|a, b| a.0 != b.0 || table.bits(a.1) != table.bits(b.1)) {
            return Err(Corrupt);
        }
        let by_id = ids.into_iter().map(|(_, slot)| slot).collect();
        Ok(Self { base: table.slots(), by_id, table, gone: self.gone, ..Self::default() })
    }

    /// Takes in a change if it is newer than what is held for its client, and tells whether it was.
    ///
    /// Deletions are remembered with their version, so the log may be read twice and in any order. At the same version
    /// a deletion wins; two entries of the same version are taken to be the same.
    pub fn apply(&mut self, change: Change) -> bool {
        let (id, version) = (change.id(), change.version());
        let deleted = self.gone.get(&id).copied();
        let row = self.slot(id);
        let newer = match (row, deleted, &change) {
            (Some(slot), _, Change::Put(_)) => version > self.table.version(slot),
            (Some(slot), _, Change::Gone { .. }) => version >= self.table.version(slot),
            (None, Some(deleted), _) => version > deleted,
            (None, None, _) => true,
        };
        if !newer {
            return false;
        }
        if let Some(slot) = row {
            self.table.live.clear(slot);
            self.late.remove(&id);
        }
        match change {
            Change::Gone { .. } => {
                self.gone.insert(id, version);
            }
            Change::Put(entry) => {
                self.gone.remove(&id);
                if let Some(slot) = self.table.push(&entry) {
                    self.late.insert(id, slot);
                    self.insert_late(slot);
                }
            }
        }
        let replaced = self.table.slots() as usize - self.len();
        if self.late_names.len().max(replaced) > FEW.max(self.base as usize / 4) {
            self.fold_in();
        }
        true
    }

    fn insert_late(&mut self, slot: u32) {
        let place = |list: &[u32], by_name| list.partition_point(|s| self.key(*s, by_name) < self.key(slot, by_name));
        let (by_name, by_join) = (place(&self.late_names, true), place(&self.late_joins, false));
        self.late_names.insert(by_name, slot);
        self.late_joins.insert(by_join, slot);
    }

    fn fold_in(&mut self) {
        let order: Vec<u32> = self.ordered(Sort::Name, None, &self.table.live).collect();
        let folded = self
            .table
            .reordered(&order)
            .and_then(|table| Self { table, gone: self.gone.clone(), ..Self::default() }.settle());
        // Rows in memory were read once already; were one unreadable, the rows as they are would go on to serve.
        if let Ok(folded) = folded {
            *self = folded;
        }
    }

    /// The live row of a client.
    fn slot(&self, id: ClientId) -> Option<u32> {
        let base = || {
            let bits = id.uuid().as_u128();
            let at = self.by_id.binary_search_by_key(&bits, |slot| self.table.bits(*slot)).ok()?;
            self.by_id.get(at).copied()
        };
        self.late.get(&id).copied().or_else(base).filter(|slot| self.table.live.has(*slot))
    }

    /// How many clients there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.table.live.count()
    }

    /// Whether there is no client.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entry of a client.
    #[must_use]
    pub fn get(&self, id: ClientId) -> Option<Entry> {
        self.slot(id).and_then(|slot| self.table.entry(slot))
    }

    /// Every entry, by name.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        self.ordered(Sort::Name, None, &self.table.live).filter_map(|slot| self.table.entry(slot))
    }

    /// The snapshot of what is held now, for compaction: the same entries give the same bytes.
    ///
    /// Deletions are not part of it: who loads it reads the log from far enough back (performance C.3).
    #[must_use]
    pub fn encode_chunks(&self) -> Vec<Vec<u8>> {
        chunk::encode_chunks(self.entries())
    }

    /// How many bytes of memory this takes, nearly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let lists = [&self.by_id, &self.late_names, &self.late_joins].map(Vec::capacity).iter().sum::<usize>();
        let joins = self.by_join.get().map_or(0, Vec::capacity);
        let maps =
            self.late.capacity() * size_of::<(ClientId, u32)>() + self.gone.capacity() * size_of::<(ClientId, u64)>();
        size_of::<Self>() + self.table.bytes() + (lists + joins) * size_of::<u32>() + maps
    }

    fn key(&self, slot: u32, by_name: bool) -> Key<'_> {
        if by_name {
            let (last, first) = self.table.name(slot);
            Key::Name(last, first, self.table.bits(slot))
        } else {
            Key::Join(self.table.joined(slot), self.table.bits(slot))
        }
    }

    /// The position of a row in a list sorted like this.
    pub(super) fn position(&self, sort: Sort, slot: u32) -> Option<Position> {
        let key = if sort.by_name() {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
            let (last, first) = self.table.name(slot);
            PositionKey::Name(text(last)?, text(first)?)
        } else {
            PositionKey::JoinDate(from_ordinal(self.table.joined(slot)).ok()?)
        };
        Some(Position { key, id: self.table.client(slot) })
    }

    fn by_join(&self) -> &[u32] {
        self.by_join.get_or_init(|| {
            let mut slots = self.by_id.clone();
            // Stable: clients of a day stay in the order of their ids.
            slots.sort_by_key(|slot| self.table.joined(*slot));
            slots
        })
    }

    /// The hits in order, after a position if it fits the order.
    pub(super) fn ordered<'a>(&'a self, sort: Sort, after: Option<&Position>, hits: &'a Bits) -> Slots<'a> {
        let (by_name, descending) = (sort.by_name(), sort.descending());
        let after = after.filter(|position| position.fits(sort)).map(|position| {
            let id = position.id.uuid().as_u128();
            match &position.key {
                PositionKey::Name(last, first) => Key::Name(last.as_bytes(), first.as_bytes(), id),
                PositionKey::JoinDate(date) => Key::Join(ordinal(*date), id),
            }
        });
        // Whether a row stands, in ascending order, before the cut: what is left lies after it, or descending before it.
        let before = |slot: u32| {
            let by = after.as_ref().map(|after| self.key(slot, by_name).cmp(after));
            if descending { by.is_none_or(Ordering::is_lt) } else { by.is_some_and(Ordering::is_le) }
        };
        let chosen = |list: &'a [u32]| list.iter().copied().filter(|slot| hits.has(*slot));
        let (base, late) = if by_name {
            let at = first_not(self.base, before);
            let range = if descending { 0..at } else { at..self.base };
            (turned(hits.within(range), descending), &self.late_names)
        } else {
            (turned(chosen(cut(self.by_join(), descending, before)), descending), &self.late_joins)
        };
        if late.is_empty() {
            return base;
        }
        let late = turned(chosen(cut(late, descending, before)), descending);
        let (mut base, mut late) = (base.peekable(), late.peekable());
        Box::new(std::iter::from_fn(move || {
            let base_first = match (base.peek(), late.peek()) {
                (Some(a), Some(b)) => (self.key(*a, by_name) < self.key(*b, by_name)) != descending,
                (a, _) => a.is_some(),
            };
            if base_first { base.next() } else { late.next() }
        }))
    }
}

impl PartialEq for Directory {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.entries().eq(other.entries())
    }
}

impl Eq for Directory {}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").field("clients", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Query, Scope, encode_chunks, samples};
    use super::*;

    // decision 20
    #[test]
    fn many_changes_fold_in_and_nothing_is_lost() {
        let entries: Vec<Entry> = samples::many(6_000).collect();
        let mut directory = Directory::from_chunks(encode_chunks(&entries)).expect("chunks");
        for entry in entries.iter().filter(|e| samples::noise(e.version).is_multiple_of(2)) {
            assert!(directory.apply(Change::Put(Entry {
                version: entry.version + 1,
                last_name: "Moved".into(),
                ..entry.clone()
            })));
        }
        assert_eq!(directory.len(), entries.len());
        let moved =
            directory.search(&Query { text: Some("moved".into()), limit: 1, ..Query::default() }, &Scope::All, &[]);
        assert_eq!(moved.total, entries.iter().filter(|e| samples::noise(e.version).is_multiple_of(2)).count());
        for entry in &entries {
            assert!(!directory.apply(Change::Put(entry.clone())), "an old version changes nothing");
            assert!(directory.get(entry.id).is_some());
        }
        assert!(directory.bytes() > 0 && !directory.is_empty());
        assert_eq!(Directory::from_chunks(directory.encode_chunks()).as_ref(), Ok(&directory));
    }

    // decision 20
    #[test]
    fn a_client_in_two_chunks_is_corrupt() {
        let chunks = encode_chunks(samples::many(10));
        assert_eq!(Directory::from_chunks(chunks.iter().chain(&chunks)), Err(Corrupt));
    }
}
