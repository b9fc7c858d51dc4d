//! Bytes, numbers and ids as they lie in a log item (ids in full), in a row in memory (ids by number) and in a chunk.

use std::collections::HashMap;
use std::str;

use uuid::Uuid;

/// Stored bytes that are not what this module wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("directory bytes are corrupt")]
pub struct Corrupt;

/// Where a value goes in a chunk. A row or log item holds them in the order they are written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column {
    Id,
    Flags,
    Version,
    Lengths,
    Last,
    First,
    Preferred,
    Email,
    Phone,
    Country,
    OtherText,
    Birth,
    Created,
    Joined,
    Refs,
    SignIn,
    Invitation,
}

impl Column {
    /// The columns that hold text and nothing else.
    pub(super) const TEXTS: [Self; 6] =
        [Self::Last, Self::First, Self::Preferred, Self::Email, Self::Country, Self::OtherText];
}

pub(super) const COLUMNS: usize = Column::Invitation as usize + 1;

pub(super) trait Sink {
    fn put(&mut self, column: Column, bytes: &[u8]);
    fn refer(&mut self, id: Uuid);

    fn number(&mut self, column: Column, value: u64) {
        let (bytes, len) = varint(value);
        self.put(column, bytes.get(..len).unwrap_or_default());
    }
}

pub(super) trait Source<'a> {
    /// How an id reads here: itself or its number.
    type Ref;

    fn take(&mut self, column: Column, len: usize) -> Result<&'a [u8], Corrupt>;

    fn text(&mut self, column: Column, len: usize) -> Result<&'a str, Corrupt> {
        str::from_utf8(self.take(column, len)?).map_err(|_| Corrupt)
    }

    fn number(&mut self, column: Column) -> Result<u64, Corrupt>;
    fn refer(&mut self) -> Result<Self::Ref, Corrupt>;
}

const fn varint(mut value: u64) -> ([u8; 10], usize) {
    let mut out = [0; 10];
    let mut rest = out.as_mut_slice();
    let mut len = 1;
    while let Some((first, more)) = rest.split_first_mut() {
        *first = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            break;
        }
        *first |= 0x80;
        len += 1;
        rest = more;
    }
    (out, len)
}

pub(super) fn put_varint(value: u64, out: &mut Vec<u8>) {
    let (bytes, len) = varint(value);
    out.extend_from_slice(bytes.get(..len).unwrap_or_default());
}

pub(super) const fn zigzag(value: i64) -> u64 {
    (value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned()
}

pub(super) const fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

/// A cursor over bytes.
#[derive(Clone, Copy, Default)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    #[inline]
    pub(super) fn bytes(&mut self, len: usize) -> Result<&'a [u8], Corrupt> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(Corrupt)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Corrupt> {
        let (byte, rest) = self.0.split_first().ok_or(Corrupt)?;
        self.0 = rest;
        Ok(*byte)
    }

    #[inline]
    pub(super) fn number(&mut self) -> Result<u64, Corrupt> {
        match self.0.split_first() {
            Some((byte, rest)) if *byte < 0x80 => {
                self.0 = rest;
                Ok((*byte).into())
            }
            _ => self.long_number(),
        }
    }

    fn long_number(&mut self) -> Result<u64, Corrupt> {
        let mut value = 0;
        for place in 0..10 {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if place == 9 && part > 1 {
                return Err(Corrupt);
            }
            value |= part << (7 * place);
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Corrupt)
    }

    pub(super) fn length(&mut self) -> Result<usize, Corrupt> {
        usize::try_from(self.number()?).map_err(|_| Corrupt)
    }

    pub(super) fn uuid(&mut self) -> Result<Uuid, Corrupt> {
        Uuid::from_slice(self.bytes(16)?).map_err(|_| Corrupt)
    }
}

/// A log item: ids in full.
pub(super) struct Inline(pub(super) Vec<u8>);

impl Sink for Inline {
    fn put(&mut self, _: Column, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn refer(&mut self, id: Uuid) {
        self.0.extend_from_slice(id.as_bytes());
    }
}

impl<'a> Source<'a> for Reader<'a> {
    type Ref = Uuid;

    fn take(&mut self, _: Column, len: usize) -> Result<&'a [u8], Corrupt> {
        self.bytes(len)
    }

    fn number(&mut self, _: Column) -> Result<u64, Corrupt> {
        Self::number(self)
    }

    fn refer(&mut self) -> Result<Uuid, Corrupt> {
        self.uuid()
    }
}

/// Numbers for the ids of staff and tags, which repeat in every row.
#[derive(Clone, Default)]
pub(super) struct Interner {
    ids: Vec<Uuid>,
    numbers: HashMap<Uuid, u32>,
}

impl Interner {
    pub(super) fn number(&mut self, id: Uuid) -> u32 {
        *self.numbers.entry(id).or_insert_with(|| {
            self.ids.push(id);
            (self.ids.len() - 1) as u32
        })
    }

    pub(super) fn find(&self, id: Uuid) -> Option<u32> {
        self.numbers.get(&id).copied()
    }

    pub(super) fn id(&self, number: u32) -> Option<Uuid> {
        self.ids.get(number as usize).copied()
    }

    pub(super) fn ids(&self) -> &[Uuid] {
        &self.ids
    }

    pub(super) fn bytes(&self) -> usize {
        self.ids.capacity() * size_of::<Uuid>() + self.numbers.capacity() * size_of::<(Uuid, u32)>()
    }
}

/// A row in memory: ids by number.
pub(super) struct RowSink<'a> {
    pub(super) out: &'a mut Vec<u8>,
    pub(super) ids: &'a mut Interner,
}

impl Sink for RowSink<'_> {
    fn put(&mut self, _: Column, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    fn refer(&mut self, id: Uuid) {
        put_varint(self.ids.number(id).into(), self.out);
    }
}

pub(super) struct RowSource<'a>(pub(super) Reader<'a>);

impl<'a> Source<'a> for RowSource<'a> {
    type Ref = u32;

    fn take(&mut self, _: Column, len: usize) -> Result<&'a [u8], Corrupt> {
        self.0.bytes(len)
    }

    fn number(&mut self, _: Column) -> Result<u64, Corrupt> {
        self.0.number()
    }

    fn refer(&mut self) -> Result<u32, Corrupt> {
        u32::try_from(self.0.number()?).map_err(|_| Corrupt)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_reads_back(value: u64, signed: i64) {
            let mut bytes = Vec::new();
            put_varint(value, &mut bytes);
            let mut reader = Reader::new(&bytes);
            prop_assert_eq!(reader.number(), Ok(value));
            prop_assert!(reader.is_empty());
            prop_assert_eq!(unzigzag(zigzag(signed)), signed);
        }
    }
}
