//! Where a record ends, by RFC 4180 and no more: a quotation mark opens a field at its start, and only what parts fields
//! may follow the one that closes it.
//!
//! What breaks that rule is never read on: it would swallow the lines below it.

use super::bytes::Encoding;
use super::dialect::Delimiter;

/// What became of the open record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// It goes on behind the bytes there are.
    More,
    /// It ends before this many bytes, of which so many are its line end.
    Record { end: usize, line_end: usize },
    /// Its quotation marks break the rule; its first line, which ends here, is all that can be said to be its own.
    Broken { end: usize, line_end: usize },
}

/// What the last unit was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    FieldStart,
    Plain,
    Quoted,
    /// A quotation mark in a quoted field: half of a doubled one, or the end.
    Closing,
    /// Blanks after the end of a quoted field.
    Closed,
    /// Broken within its first line: on to the end of that.
    Broken,
}

/// Looks for the end of one record, in pieces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scan {
    at: At,
    /// Bytes seen.
    pub(super) seen: usize,
    /// Line ends seen, all of them inside quotes.
    pub(super) lines: u64,
    first_line: Option<(usize, usize)>,
    /// A quotation mark in a field that does not begin with one.
    pub(super) bare_quote: bool,
}

impl Scan {
    pub(super) const fn new() -> Self {
        Self { at: At::FieldStart, seen: 0, lines: 0, first_line: None, bare_quote: false }
    }

    /// Goes over what there is of the record; `last` says that nothing follows.
    pub(super) fn go(&mut self, bytes: &[u8], encoding: Encoding, delimiter: Delimiter, last: bool) -> Found {
        let width = encoding.unit();
        loop {
            let Some(unit) = unit(bytes, self.seen, encoding) else {
                return if last { self.end(bytes.len()) } else { Found::More };
            };
            if matches!(unit, b'\r' | b'\n') {
                let mut line_end = width;
                if unit == b'\r' {
                    match self::unit(bytes, self.seen + width, encoding) {
                        Some(b'\n') => line_end += width,
                        None if !last => return Found::More,
                        _ => {}
                    }
                }
                self.seen += line_end;
                match self.at {
                    At::Quoted => {
                        self.lines += 1;
                        self.first_line.get_or_insert((self.seen, line_end));
                    }
                    At::Broken => return Found::Broken { end: self.seen, line_end },
                    _ => return Found::Record { end: self.seen, line_end },
                }
                continue;
            }
            self.seen += width;
            let parts = unit == delimiter.byte();
            let quote = unit == b'"';
            self.bare_quote |= quote && self.at == At::Plain;
            self.at = match self.at {
                At::FieldStart if quote => At::Quoted,
                At::FieldStart | At::Plain | At::Closing | At::Closed if parts => At::FieldStart,
                At::FieldStart | At::Plain => At::Plain,
                At::Quoted if quote => At::Closing,
                At::Closing if quote => At::Quoted,
                At::Closing | At::Closed if matches!(unit, b' ' | b'\t') => At::Closed,
                At::Closing | At::Closed => match self.broken() {
                    Some(found) => return found,
                    None => At::Broken,
                },
                same @ (At::Quoted | At::Broken) => same,
            };
        }
    }

    /// The record breaks the rule: what it is cut back to, unless its first line has not ended yet.
    pub(super) fn broken(&self) -> Option<Found> {
        self.first_line.map(|(end, line_end)| Found::Broken { end, line_end })
    }

    fn end(&self, length: usize) -> Found {
        match self.at {
            At::Quoted => self.broken().unwrap_or(Found::Broken { end: length, line_end: 0 }),
            At::Broken => Found::Broken { end: length, line_end: 0 },
            _ => Found::Record { end: length, line_end: 0 },
        }
    }
}

/// The unit at this byte, where it is ASCII; any other is told as one that means nothing here.
fn unit(bytes: &[u8], at: usize, encoding: Encoding) -> Option<u8> {
    let first = *bytes.get(at)?;
    let (high, low) = match encoding {
        Encoding::Utf16Le => (*bytes.get(at + 1)?, first),
        Encoding::Utf16Be => (first, *bytes.get(at + 1)?),
        _ => return Some(first),
    };
    Some(if high == 0 { low } else { u8::MAX })
}
