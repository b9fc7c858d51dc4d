//! Rows in memory: their bytes, their folded text and what filters ask for, all by row number and only ever appended to.

use std::mem;

use jiff::civil::Date;

use super::bits::Bits;
use super::chunk::Chunk;
use super::codec::{self, Number, View};
use super::entry::Entry;
use super::moments::ordinal;
use super::spelling;
use super::wire::{Corrupt, Interner, Reader, RowSink, RowSource};
use crate::domain::client::{Ownership, Status};
use crate::domain::ids::ClientId;
use crate::domain::phone::unextended;
use crate::domain::portal::Access;

/// Stands after each field of a row's text. No UTF-8 has it, so nothing typed matches across it (A4).
pub(super) const BORDER: u8 = 0xff;

/// The fields of a row's text, in their order.
pub(super) const LAST: usize = 0;
pub(super) const FIRST: usize = 1;
pub(super) const PREFERRED: usize = 2;
pub(super) const EMAIL: usize = 3;
pub(super) const PHONE: usize = 4;
const FIELDS: usize = 5;

/// For each id, by its number, the rows that name it.
#[derive(Clone, Default)]
pub(super) struct Postings(Vec<Vec<u32>>);

impl Postings {
    fn add(&mut self, number: u32, slot: u32) {
        let number = number as usize;
        if number >= self.0.len() {
            self.0.resize(number + 1, Vec::new());
        }
        if let Some(rows) = self.0.get_mut(number) {
            rows.push(slot);
        }
    }

    pub(super) fn rows(&self, number: u32) -> &[u32] {
        self.0.get(number as usize).map_or(&[], Vec::as_slice)
    }

    fn bytes(&self) -> usize {
        self.0.iter().map(|rows| size_of::<Vec<u32>>() + rows.capacity() * size_of::<u32>()).sum()
    }
}

/// Rows by number. `live` leaves out those that a later row or a deletion replaced.
#[derive(Clone, Default)]
pub(super) struct Table {
    raw: Vec<u8>,
    raw_ends: Vec<u32>,
    text: Vec<u8>,
    text_ends: Vec<u32>,
    joined: Vec<i32>,
    pub(super) ids: Interner,
    pub(super) live: Bits,
    status: [Bits; 3],
    access: [Bits; 4],
    pub(super) unassigned: Bits,
    pub(super) assigned: Postings,
    /// Walk-in therapists, of practice clients only (decision 5).
    pub(super) seen: Postings,
    pub(super) tagged: Postings,
}

fn span(ends: &[u32], slot: u32) -> (usize, usize) {
    let end = |slot: u32| ends.get(slot as usize).map_or(0, |end| *end as usize);
    (slot.checked_sub(1).map_or(0, end), end(slot))
}

/// As `write!` would, at a third of its cost; a snapshot has a phone in nearly every row.
fn push_digits(mut value: u64, out: &mut Vec<u8>) {
    let mut digits = [b'0'; 20];
    let mut len = 0;
    for digit in digits.iter_mut().rev() {
        *digit += (value % 10) as u8;
        value /= 10;
        len += 1;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - len..).unwrap_or_default());
}

/// Makes room for more without doubling what a whole practice takes.
fn room<T>(list: &mut Vec<T>, more: usize) {
    if list.capacity() - list.len() < more {
        list.reserve_exact(more.max(list.len() / 16));
    }
}

/// Gives back what is not needed, but for a few changes to come.
fn trim<T>(list: &mut Vec<T>) {
    list.shrink_to(list.len() + list.len() / 64);
}

impl Table {
    pub(super) fn slots(&self) -> u32 {
        self.raw_ends.len() as u32
    }

    /// An empty table with room for rows of so many bytes.
    pub(super) fn with_room(bytes: usize) -> Self {
        Self { raw: Vec::with_capacity(bytes), text: Vec::with_capacity(bytes / 2), ..Self::default() }
    }

    /// Appends the rows of a chunk.
    pub(super) fn load(&mut self, chunk: &Chunk) -> Result<(), Corrupt> {
        let numbers: Vec<u32> = chunk.ids.iter().map(|id| self.ids.number(*id)).collect();
        let raw = mem::take(&mut self.raw);
        let mut rows = chunk.rows(&numbers, raw)?;
        for _ in 0..chunk.count {
            let view = codec::read(&mut rows)?;
            self.push_text(&view);
            self.index(&view, rows.out.len());
        }
        let done = rows.is_done();
        self.raw = rows.out;
        if done { Ok(()) } else { Err(Corrupt) }
    }

    /// Appends one row and gives its number.
    pub(super) fn push(&mut self, entry: &Entry) -> Option<u32> {
        room(&mut self.raw, 4096);
        room(&mut self.text, 4096);
        for ends in [&mut self.raw_ends, &mut self.text_ends] {
            room(ends, 64);
        }
        room(&mut self.joined, 64);
        let mut raw = mem::take(&mut self.raw);
        let from = raw.len();
        codec::write(entry, &mut RowSink { out: &mut raw, ids: &mut self.ids });
        let read = codec::read(&mut RowSource(Reader::new(raw.get(from..).unwrap_or_default())));
        let slot = read.ok().map(|view| {
            self.push_text(&view);
            self.index(&view, raw.len())
        });
        self.raw = raw;
        slot
    }

    /// The same rows in another order; those that `order` leaves out are gone.
    pub(super) fn reordered(&self, order: &[u32]) -> Result<Self, Corrupt> {
        let mut out = Self { ids: self.ids.clone(), ..Self::with_room(self.raw.len()) };
        for slot in order {
            out.raw.extend_from_slice(self.row(*slot));
            out.text.extend_from_slice(self.text(*slot));
            out.text.push(BORDER);
            out.index(&self.view(*slot)?, out.raw.len());
        }
        out.shrink();
        Ok(out)
    }

    fn push_text(&mut self, view: &View<'_, u32>) {
        for text in [Some(view.last), Some(view.first), view.preferred, view.email] {
            spelling::push(text.unwrap_or_default(), &mut self.text);
            self.text.push(BORDER);
        }
        match view.phone {
            Some(Number::Digits(digits)) => push_digits(digits, &mut self.text),
            Some(Number::Text(phone)) => self.text.extend(unextended(phone).bytes().filter(u8::is_ascii_digit)),
            None => {}
        }
        self.text.push(BORDER);
    }

    fn index(&mut self, view: &View<'_, u32>, raw_end: usize) -> u32 {
        let slot = self.slots();
        // A directory of 4 GiB fits no function's memory.
        self.raw_ends.push(u32::try_from(raw_end).unwrap_or(u32::MAX));
        self.text_ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        self.joined.push(view.joined);
        self.live.set(slot);
        let [active, pending, inactive] = &mut self.status;
        match view.status() {
            Status::Active => active,
            Status::Pending => pending,
            Status::Inactive => inactive,
        }
        .set(slot);
        let [none, invited, enabled, disabled] = &mut self.access;
        match view.access() {
            Access::None => none,
            Access::Invited => invited,
            Access::Enabled => enabled,
            Access::Disabled => disabled,
        }
        .set(slot);
        match view.assigned {
            Some(staff) => self.assigned.add(staff, slot),
            None => self.unassigned.set(slot),
        }
        view.tags.iter().for_each(|tag| self.tagged.add(*tag, slot));
        if view.ownership() == Ownership::Practice {
            view.seen_by.iter().for_each(|(staff, _)| self.seen.add(*staff, slot));
        }
        slot
    }

    fn row(&self, slot: u32) -> &[u8] {
        let (from, to) = span(&self.raw_ends, slot);
        self.raw.get(from..to).unwrap_or_default()
    }

    fn view(&self, slot: u32) -> Result<View<'_, u32>, Corrupt> {
        codec::read(&mut RowSource(Reader::new(self.row(slot))))
    }

    pub(super) fn entry(&self, slot: u32) -> Option<Entry> {
        self.view(slot).and_then(|view| view.entry(|number| self.ids.id(number))).ok()
    }

    /// The client's 128 bits: the head of the row.
    pub(super) fn bits(&self, slot: u32) -> u128 {
        self.row(slot).first_chunk().map_or(0, |bytes| u128::from_be_bytes(*bytes))
    }

    pub(super) fn client(&self, slot: u32) -> ClientId {
        ClientId::from_uuid(uuid::Uuid::from_u128(self.bits(slot)))
    }

    pub(super) fn version(&self, slot: u32) -> u64 {
        self.view(slot).map_or(0, |view| view.version)
    }

    /// Whether this staff member is a walk-in of the client by a session that ends on this day or later.
    pub(super) fn is_seen_since(&self, slot: u32, staff: u32, since: Date) -> bool {
        let until = |view: View<'_, u32>| view.seen_by.iter().find(|(one, _)| *one == staff).map(|(_, until)| *until);
        self.view(slot).ok().and_then(until).is_some_and(|until| until >= ordinal(since))
    }

    /// The join date, as a number that sorts like it.
    pub(super) fn joined(&self, slot: u32) -> i32 {
        self.joined.get(slot as usize).copied().unwrap_or(0)
    }

    /// All rows' texts, one after the other.
    pub(super) fn texts(&self) -> &[u8] {
        &self.text
    }

    /// Where each row's text ends, the border after it included.
    pub(super) fn text_ends(&self) -> &[u32] {
        &self.text_ends
    }

    /// One row's text: its fields with borders between them.
    pub(super) fn text(&self, slot: u32) -> &[u8] {
        let (from, to) = span(&self.text_ends, slot);
        self.text.get(from..to.saturating_sub(1)).unwrap_or_default()
    }

    pub(super) fn fields(&self, slot: u32) -> [&[u8]; FIELDS] {
        let mut split = self.text(slot).split(|b| *b == BORDER);
        std::array::from_fn(|_| split.next().unwrap_or_default())
    }

    /// Folded last and first name, as rows are sorted by them; a single name is sorted as a last one.
    pub(super) fn name(&self, slot: u32) -> (&[u8], &[u8]) {
        let text = self.text(slot);
        let mut borders = memchr::memchr_iter(BORDER, text);
        let (last, first) = (borders.next().unwrap_or(0), borders.next().unwrap_or(0));
        match (spelling::first(text.get(..last)), spelling::first(text.get(last + 1..first))) {
            ([], single) => (single, &[]),
            both => both,
        }
    }

    pub(super) const fn with_status(&self, status: Status) -> &Bits {
        let [active, pending, inactive] = &self.status;
        match status {
            Status::Active => active,
            Status::Pending => pending,
            Status::Inactive => inactive,
        }
    }

    pub(super) const fn with_access(&self, access: Access) -> &Bits {
        let [none, invited, enabled, disabled] = &self.access;
        match access {
            Access::None => none,
            Access::Invited => invited,
            Access::Enabled => enabled,
            Access::Disabled => disabled,
        }
    }

    fn planes(&self) -> impl Iterator<Item = &Bits> {
        self.status.iter().chain(&self.access).chain([&self.live, &self.unassigned])
    }

    pub(super) fn bytes(&self) -> usize {
        self.raw.capacity()
            + self.text.capacity()
            + (self.raw_ends.capacity() + self.text_ends.capacity() + self.joined.capacity()) * size_of::<u32>()
            + self.planes().map(Bits::bytes).sum::<usize>()
            + [&self.assigned, &self.seen, &self.tagged].map(Postings::bytes).iter().sum::<usize>()
            + self.ids.bytes()
    }

    pub(super) fn shrink(&mut self) {
        trim(&mut self.raw);
        trim(&mut self.text);
        trim(&mut self.raw_ends);
        trim(&mut self.text_ends);
        trim(&mut self.joined);
        for bits in self.status.iter_mut().chain(&mut self.access).chain([&mut self.live, &mut self.unassigned]) {
            bits.shrink();
        }
        for postings in [&mut self.assigned, &mut self.seen, &mut self.tagged] {
            postings.0.iter_mut().for_each(Vec::shrink_to_fit);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples;
    use super::*;

    // A4
    #[test]
    fn a_row_keeps_its_fields_apart_and_folded() {
        let mut table = Table::default();
        let entry = Entry { phone: Some("+49305557634".into()), ..samples::plain(1, "Zoë", "Weiß") };
        assert_eq!(table.push(&entry), Some(0));
        let empty: &[u8] = b"";
        assert_eq!(table.fields(0), [b"weiss".as_slice(), b"zoe", empty, empty, b"49305557634"]);
        assert_eq!(
            (table.name(0), table.client(0), table.version(0)),
            ((b"weiss".as_slice(), b"zoe".as_slice()), entry.id, 1)
        );
    }

    proptest! {
        #[test]
        fn a_row_reads_back_in_any_order(entries in prop::collection::vec(samples::entry(), 1..8)) {
            let mut table = Table::default();
            for entry in &entries {
                table.push(entry);
            }
            let back: Vec<u32> = (0..table.slots()).rev().collect();
            let turned = table.reordered(&back).expect("rows");
            for (slot, entry) in (0..).zip(entries.iter().rev()) {
                prop_assert_eq!(turned.entry(slot), Some(entry.clone()));
                prop_assert_eq!(turned.fields(slot), table.fields(table.slots() - 1 - slot));
            }
        }

        #[test]
        fn digits_are_written_as_by_the_formatter(value: u64) {
            let mut out = Vec::new();
            push_digits(value, &mut out);
            prop_assert_eq!(String::from_utf8(out), Ok(value.to_string()));
        }
    }
}
