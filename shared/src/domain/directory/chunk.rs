//! A piece of the stored snapshot: some thousand entries by column, compressed (performance C.3).

use std::borrow::Borrow;
use std::{mem, str};

use uuid::Uuid;

use super::codec;
use super::entry::Entry;
use super::wire::{COLUMNS, Column, Corrupt, Interner, Reader, Sink, Source, put_varint};

/// No chunk is larger, except one of a single entry that is.
pub const CHUNK_LIMIT: usize = 300 * 1024;
pub const MAX_CHUNK_ENTRIES: usize = 7_000;
/// What a chunk may at most unfold to: 7,000 entries with every text at its longest.
pub const MAX_CHUNK_BYTES: usize = 32 * 1024 * 1024;

const FORMAT: u8 = 1;
const LEVEL: i32 = 3;

#[derive(Default)]
struct Columns {
    columns: [Vec<u8>; COLUMNS],
    ids: Interner,
}

impl Sink for Columns {
    fn put(&mut self, column: Column, bytes: &[u8]) {
        if let Some(column) = self.columns.get_mut(column as usize) {
            column.extend_from_slice(bytes);
        }
    }

    fn refer(&mut self, id: Uuid) {
        let number = self.ids.number(id);
        self.number(Column::Refs, number.into());
    }
}

fn encode_chunk<E: Borrow<Entry>>(entries: &[E]) -> Vec<u8> {
    let mut columns = Columns::default();
    entries.iter().for_each(|entry| codec::write(entry.borrow(), &mut columns));
    let mut plain = Vec::new();
    put_varint(entries.len() as u64, &mut plain);
    put_varint(columns.ids.ids().len() as u64, &mut plain);
    columns.ids.ids().iter().for_each(|id| plain.extend_from_slice(id.as_bytes()));
    columns.columns.iter().for_each(|column| put_varint(column.len() as u64, &mut plain));
    columns.columns.iter().for_each(|column| plain.extend_from_slice(column));
    let mut out = vec![FORMAT];
    put_varint(plain.len() as u64, &mut out);
    // Only allocation can fail here; a chunk that is no frame is refused when read.
    out.extend(zstd::bulk::compress(&plain, LEVEL).unwrap_or_default());
    out
}

/// Packs entries, in the order given, into chunks of at most [`CHUNK_LIMIT`] bytes and [`MAX_CHUNK_ENTRIES`] entries.
///
/// The same entries in the same order give the same bytes.
pub fn encode_chunks<E: Borrow<Entry>>(entries: impl IntoIterator<Item = E>) -> Vec<Vec<u8>> {
    let mut entries = entries.into_iter().fuse();
    let mut held: Vec<E> = Vec::new();
    let mut out = Vec::new();
    let mut goal = MAX_CHUNK_ENTRIES / 2;
    loop {
        held.extend(entries.by_ref().take(goal.saturating_sub(held.len())));
        if held.is_empty() {
            return out;
        }
        let mut count = held.len().min(goal);
        let chunk = loop {
            let chunk = encode_chunk(held.get(..count).unwrap_or_default());
            if chunk.len() <= CHUNK_LIMIT || count == 1 {
                break chunk;
            }
            // Aim a little below what would fit, and always lower than before.
            count = (count * CHUNK_LIMIT / chunk.len() * 15 / 16).clamp(1, count - 1);
        };
        goal = (count * CHUNK_LIMIT / chunk.len() * 15 / 16).clamp(1, MAX_CHUNK_ENTRIES);
        held.drain(..count);
        out.push(chunk);
    }
}

/// An unpacked chunk.
pub(super) struct Chunk {
    pub(super) count: usize,
    pub(super) ids: Vec<Uuid>,
    plain: Vec<u8>,
    columns_at: usize,
    lengths: [usize; COLUMNS],
}

/// What a chunk says it unfolds to, as far as that is credible: it compresses to about a half.
pub(super) fn told_len(bytes: &[u8]) -> usize {
    let told = Reader::new(bytes.get(1..).unwrap_or_default()).length().unwrap_or(0);
    told.min(bytes.len().saturating_mul(4))
}

impl Chunk {
    pub(super) fn open(bytes: &[u8], max: usize) -> Result<Self, Corrupt> {
        let mut reader = Reader::new(bytes);
        if reader.byte()? != FORMAT {
            return Err(Corrupt);
        }
        // Asked before anything is unpacked: a small chunk must not fill the memory.
        let len = reader.length()?;
        if len > max {
            return Err(Corrupt);
        }
        let plain = zstd::bulk::decompress(reader.rest(), len).map_err(|_| Corrupt)?;
        if plain.len() != len {
            return Err(Corrupt);
        }
        let mut reader = Reader::new(&plain);
        let count = reader.length()?;
        let ids = reader.length()?;
        if ids > plain.len() / 16 || count > plain.len() / 16 {
            return Err(Corrupt);
        }
        let ids = (0..ids).map(|_| reader.uuid()).collect::<Result<_, _>>()?;
        let mut lengths = [0; COLUMNS];
        for len in &mut lengths {
            *len = reader.length()?;
        }
        let columns_at = plain.len() - reader.rest().len();
        Ok(Self { count, ids, columns_at, lengths, plain })
    }

    /// Reads the rows one after the other, each leaving its row form at the end of `out`.
    pub(super) fn rows<'a>(&'a self, numbers: &'a [u32], out: Vec<u8>) -> Result<Rows<'a>, Corrupt> {
        let mut reader = Reader::new(self.plain.get(self.columns_at..).unwrap_or_default());
        let mut columns = [Reader::default(); COLUMNS];
        for (column, len) in columns.iter_mut().zip(self.lengths) {
            *column = Reader::new(reader.bytes(len)?);
        }
        if !reader.is_empty() {
            return Err(Corrupt);
        }
        // A column at once is checked faster than word by word.
        let mut texts = [""; COLUMNS];
        for column in Column::TEXTS.map(|column| column as usize) {
            if let (Some(text), Some(bytes)) = (texts.get_mut(column), columns.get_mut(column)) {
                *text = str::from_utf8(mem::take(bytes).rest()).map_err(|_| Corrupt)?;
            }
        }
        Ok(Rows { columns, texts, numbers, out })
    }
}

pub(super) struct Rows<'a> {
    columns: [Reader<'a>; COLUMNS],
    texts: [&'a str; COLUMNS],
    /// What the chunk's own number of an id is in the directory.
    numbers: &'a [u32],
    pub(super) out: Vec<u8>,
}

impl Rows<'_> {
    pub(super) fn is_done(&self) -> bool {
        self.columns.iter().all(Reader::is_empty) && self.texts.iter().all(|text| text.is_empty())
    }
}

impl<'a> Source<'a> for Rows<'a> {
    type Ref = u32;

    fn take(&mut self, column: Column, len: usize) -> Result<&'a [u8], Corrupt> {
        let bytes = self.columns.get_mut(column as usize).ok_or(Corrupt)?.bytes(len)?;
        self.out.extend_from_slice(bytes);
        Ok(bytes)
    }

    fn text(&mut self, column: Column, len: usize) -> Result<&'a str, Corrupt> {
        if !matches!(column, Column::Phone) {
            let text = self.texts.get_mut(column as usize).ok_or(Corrupt)?;
            let (taken, rest) = text.split_at_checked(len).ok_or(Corrupt)?;
            *text = rest;
            self.out.extend_from_slice(taken.as_bytes());
            return Ok(taken);
        }
        str::from_utf8(self.take(column, len)?).map_err(|_| Corrupt)
    }

    #[inline]
    fn number(&mut self, column: Column) -> Result<u64, Corrupt> {
        let column = self.columns.get_mut(column as usize).ok_or(Corrupt)?;
        let before = column.rest();
        let value = column.number()?;
        if value < 0x80 {
            // The short form, however long the chunk has it.
            self.out.push(value as u8);
            return Ok(value);
        }
        let read = before.len() - column.rest().len();
        self.out.extend_from_slice(before.get(..read).unwrap_or_default());
        Ok(value)
    }

    fn refer(&mut self) -> Result<u32, Corrupt> {
        let number = self.columns.get_mut(Column::Refs as usize).ok_or(Corrupt)?.number()?;
        let number = usize::try_from(number).ok().and_then(|n| self.numbers.get(n)).ok_or(Corrupt)?;
        put_varint((*number).into(), &mut self.out);
        Ok(*number)
    }
}

/// The entries of one chunk, in their order.
///
/// `max_bytes` bounds what it may unfold to: [`MAX_CHUNK_BYTES`] for any chunk [`encode_chunks`] makes.
pub fn decode_chunk(bytes: &[u8], max_bytes: usize) -> Result<Vec<Entry>, Corrupt> {
    let chunk = Chunk::open(bytes, max_bytes)?;
    let numbers: Vec<u32> = (0..).take(chunk.ids.len()).collect();
    let mut rows = chunk.rows(&numbers, Vec::new())?;
    let id = |number: u32| chunk.ids.get(number as usize).copied();
    let entries = (0..chunk.count)
        .map(|_| {
            rows.out.clear();
            codec::read(&mut rows)?.entry(id)
        })
        .collect::<Result<_, _>>()?;
    if rows.is_done() { Ok(entries) } else { Err(Corrupt) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples;
    use super::*;

    fn decode_all(chunks: &[Vec<u8>]) -> Vec<Entry> {
        chunks.iter().flat_map(|c| decode_chunk(c, MAX_CHUNK_BYTES).expect("a chunk")).collect()
    }

    // performance C.3
    #[test]
    fn no_chunk_is_larger_than_the_limit_and_none_is_lost() {
        let entries: Vec<Entry> = samples::many(9_000).collect();
        let chunks = encode_chunks(&entries);
        assert!(chunks.len() >= 2);
        assert!(chunks.iter().all(|c| c.len() <= CHUNK_LIMIT));
        assert_eq!(decode_all(&chunks), entries);
        assert_eq!(encode_chunks(entries), chunks, "the same entries give the same bytes");
    }

    #[test]
    fn entries_that_do_not_compress_split_further() {
        let noise = |n: u64| (0..25).map(|i| samples::noise(n * 25 + i).to_string()).collect::<String>();
        let entries: Vec<Entry> =
            samples::many(5_000).zip(0..).map(|(e, n)| Entry { external_id: Some(noise(n)), ..e }).collect();
        let chunks = encode_chunks(&entries);
        assert!(chunks.iter().all(|c| c.len() <= CHUNK_LIMIT));
        assert_eq!(decode_all(&chunks), entries);
    }

    #[test]
    fn a_chunk_that_unfolds_too_far_is_refused_unread() {
        let chunks = encode_chunks(samples::many(100));
        assert_eq!(decode_chunk(&chunks[0], 1_000), Err(Corrupt));
        let mut bomb = vec![FORMAT];
        put_varint(u64::MAX, &mut bomb);
        assert_eq!(decode_chunk(&bomb, usize::MAX - 1), Err(Corrupt));
    }

    #[test]
    fn nothing_packs_into_no_chunks() {
        assert!(encode_chunks(Vec::<Entry>::new()).is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn entries_read_back_from_their_chunk(entries in prop::collection::vec(samples::entry(), 0..20)) {
            prop_assert_eq!(decode_all(&encode_chunks(&entries)), entries);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>, plain: Vec<u8>) {
            let _ = decode_chunk(&bytes, MAX_CHUNK_BYTES);
            let mut packed = vec![FORMAT];
            put_varint(plain.len() as u64, &mut packed);
            packed.extend(zstd::bulk::compress(&plain, LEVEL).expect("packed"));
            let _ = decode_chunk(&packed, MAX_CHUNK_BYTES);
        }

        #[test]
        fn no_flipped_byte_makes_the_reader_panic(entries in prop::collection::vec(samples::entry(), 1..5), at: prop::sample::Index, by: u8) {
            let plain = encode_chunk(&entries);
            let mut reader = Reader::new(&plain[1..]);
            let len = reader.length().expect("a length");
            let mut plain = zstd::bulk::decompress(reader.rest(), len).expect("plain");
            let at = at.index(plain.len());
            plain[at] ^= by;
            let mut packed = vec![FORMAT];
            put_varint(plain.len() as u64, &mut packed);
            packed.extend(zstd::bulk::compress(&plain, LEVEL).expect("packed"));
            let _ = decode_chunk(&packed, MAX_CHUNK_BYTES);
        }
    }
}
