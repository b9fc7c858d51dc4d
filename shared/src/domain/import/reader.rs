//! Records out of bytes: RFC 4180, quoted newlines, any line end, and for each record the byte where the next one starts.
//!
//! A record's `end` and `next_line` are a legal restart: a new reader from there yields the same remaining records, which
//! is what a checkpoint of the worker stands on (IMP-2).

use std::fmt;

use super::bytes::Encoding;
use super::decode::{Decoder, source_len};
use super::dialect::{Delimiter, Dialect};
pub use super::record::Record;
use super::refusal::{FileRefusal, MAX_RECORD};

/// Where the open record begins.
#[derive(Clone, Copy)]
struct Start {
    offset: u64,
    line: u64,
}

/// Cuts source bytes, fed in pieces of any size, into records. Holds one record and one piece.
pub struct Reader {
    encoding: Encoding,
    decoder: Decoder,
    csv: csv_core::Reader,
    buffer: Vec<u8>,
    used: usize,
    offset: u64,
    line: u64,
    text: Vec<u8>,
    text_len: usize,
    ends: Vec<usize>,
    ends_len: usize,
    open: Option<Start>,
    taken: usize,
    previous: u8,
    held: Option<Record>,
    finished: bool,
    refusal: Option<FileRefusal>,
    stopped: bool,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reader {{ line: {}, offset: {} }}", self.line, self.offset)
    }
}

impl Reader {
    /// A reader of the file's bytes from `start_offset` on, which is the dialect's `data_offset` or a record's `end`;
    /// `start_line` is the dialect's `data_line` or that record's `next_line`.
    #[must_use]
    pub fn new(dialect: &Dialect, start_offset: u64, start_line: u64) -> Self {
        Self::with(dialect.encoding, dialect.delimiter, start_offset, start_line)
    }

    pub(super) fn with(encoding: Encoding, delimiter: Delimiter, offset: u64, line: u64) -> Self {
        let mut csv = csv_core::ReaderBuilder::new().delimiter(delimiter.byte()).build();
        let (mut text, mut ends) = (vec![0; 1024], vec![0; 64]);
        // The parser strips a byte order mark from its first input, wherever in the file a restart puts that;
        // a line end it ignores takes that first input's place.
        csv.read_record(b"\n", &mut text, &mut ends);
        Self {
            encoding,
            decoder: Decoder::new(encoding),
            csv,
            buffer: Vec::new(),
            used: 0,
            offset,
            line,
            text,
            text_len: 0,
            ends,
            ends_len: 0,
            open: None,
            taken: 0,
            previous: 0,
            held: None,
            finished: false,
            refusal: None,
            stopped: false,
        }
    }

    /// Takes the next source bytes. Drain [`Self::next_record`] after each piece to keep memory bounded.
    pub fn feed(&mut self, piece: &[u8]) {
        self.buffer.drain(..self.used.min(self.buffer.len()));
        self.used = 0;
        if self.refusal.is_none() {
            self.refusal = self.decoder.feed(piece, false, &mut self.buffer).err();
        }
    }

    /// Says that the file ends here; the last record needs no line end.
    pub fn finish(&mut self) {
        if !self.finished && self.refusal.is_none() {
            self.refusal = self.decoder.feed(&[], true, &mut self.buffer).err();
        }
        self.finished = true;
    }

    /// The next record that is complete; `None` where more bytes are needed or the file has ended.
    ///
    /// # Errors
    /// A record that is too long or breaks the encoding ends the reading: `None` follows.
    pub fn next_record(&mut self) -> Option<Result<Record, FileRefusal>> {
        if self.stopped {
            return None;
        }
        let result = self.step();
        self.stopped = matches!(result, Some(Err(_)));
        result
    }

    fn step(&mut self) -> Option<Result<Record, FileRefusal>> {
        loop {
            let next = self.buffer.get(self.used).copied();
            if let Some(mut record) = self.held.take() {
                match next {
                    Some(b'\n') => {
                        self.used += 1;
                        self.offset += source_len(self.encoding, b"\n");
                        record.end = self.offset;
                    }
                    None if !self.finished && self.refusal.is_none() => {
                        self.held = Some(record);
                        return None;
                    }
                    _ => {}
                }
                return Some(Ok(record));
            }
            if next.is_none() {
                if let Some(refusal) = self.refusal.take() {
                    return Some(Err(refusal));
                }
                if !self.finished || self.open.is_none() {
                    return None;
                }
            }
            if self.open.is_none() {
                self.open = Some(Start { offset: self.offset, line: self.line });
                (self.taken, self.previous, self.text_len, self.ends_len) = (0, 0, 0, 0);
                // The parser swallows empty lines; they are rows to account for here (C7).
                if let Some(end @ (b'\n' | b'\r')) = next {
                    self.advance(1);
                    if let Some(done) = self.close(end) {
                        return Some(done);
                    }
                    continue;
                }
            }
            if let Some(done) = self.parse() {
                return Some(done);
            }
        }
    }

    /// Lets the parser see what there is of the open record.
    fn parse(&mut self) -> Option<Result<Record, FileRefusal>> {
        let input = self.buffer.get(self.used..).unwrap_or_default();
        let input = input.get(..input.len().min(MAX_RECORD + 1 - self.taken)).unwrap_or(input);
        let text = self.text.get_mut(self.text_len..).unwrap_or_default();
        let ends = self.ends.get_mut(self.ends_len..).unwrap_or_default();
        let (result, read, written, fields) = self.csv.read_record(input, text, ends);
        let last = read.checked_sub(1).and_then(|at| input.get(at)).copied().unwrap_or_default();
        self.text_len += written;
        self.ends_len += fields;
        self.advance(read);
        if self.taken > MAX_RECORD {
            return Some(Err(FileRefusal::RowTooLong(self.open.map_or(self.line, |start| start.line))));
        }
        match result {
            csv_core::ReadRecordResult::InputEmpty => None,
            csv_core::ReadRecordResult::OutputFull => {
                self.text.resize(self.text.len() * 2, 0);
                None
            }
            csv_core::ReadRecordResult::OutputEndsFull => {
                self.ends.resize(self.ends.len() * 2, 0);
                None
            }
            csv_core::ReadRecordResult::Record | csv_core::ReadRecordResult::End => self.close(last),
        }
    }

    fn advance(&mut self, bytes: usize) {
        let seen = self.buffer.get(self.used..self.used + bytes).unwrap_or_default();
        self.offset += source_len(self.encoding, seen);
        for byte in seen {
            self.line += u64::from(*byte == b'\r' || (*byte == b'\n' && self.previous != b'\r'));
            self.previous = *byte;
        }
        self.used += bytes;
        self.taken += bytes;
    }

    /// Ends the open record; one that ended in CR waits for the LF that may belong to it.
    fn close(&mut self, last: u8) -> Option<Result<Record, FileRefusal>> {
        let start = self.open.take()?;
        let fields = match self.fields() {
            Ok(fields) => fields,
            Err(refusal) => return Some(Err(refusal)),
        };
        let record = Record { line: start.line, next_line: self.line, offset: start.offset, end: self.offset, fields };
        if last == b'\r' {
            self.held = Some(record);
            return None;
        }
        Some(Ok(record))
    }

    fn fields(&self) -> Result<Vec<String>, FileRefusal> {
        let text = self.text.get(..self.text_len).unwrap_or_default();
        let text = std::str::from_utf8(text).map_err(|_| FileRefusal::EncodingInvalid)?;
        let mut from = 0;
        let ends = self.ends.get(..self.ends_len).unwrap_or_default().iter();
        ends.map(|end| {
            let field = text.get(from..*end).ok_or(FileRefusal::EncodingInvalid)?;
            from = *end;
            Ok(field.to_owned())
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Encoding; 4] = [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Windows1252];

    fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
        match encoding {
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Encoding::Windows1252 => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
        }
    }

    fn read(bytes: &[u8], encoding: Encoding, from: (u64, u64), pieces: &[usize]) -> Vec<Result<Record, FileRefusal>> {
        let mut reader = Reader::with(encoding, Delimiter::Comma, from.0, from.1);
        let mut rest = bytes.get(usize::try_from(from.0).expect("small")..).expect("inside");
        let mut sizes = pieces.iter().copied().cycle();
        let mut out = Vec::new();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(sizes.next().unwrap_or(rest.len()).clamp(1, rest.len()));
            reader.feed(piece);
            rest = after;
            out.extend(std::iter::from_fn(|| reader.next_record()));
        }
        reader.finish();
        out.extend(std::iter::from_fn(|| reader.next_record()));
        out
    }

    fn rows(text: &str) -> Vec<(u64, Vec<String>)> {
        let records = read(text.as_bytes(), Encoding::Utf8, (0, 1), &[]);
        let records = records.into_iter().map(|r| r.expect("a record"));
        records.map(|r| (r.line, r.fields)).collect()
    }

    fn row(line: u64, fields: &[&str]) -> (u64, Vec<String>) {
        (line, fields.iter().map(|f| (*f).to_owned()).collect())
    }

    // b.3: physical line numbers, quoted newlines, doubled quotes
    #[test]
    fn a_record_bears_the_physical_line_it_starts_on() {
        let text = "a,\"b\r\nb\"\r\n\"c \"\"c\"\"\",d\n\"\n\n\",\rlast,";
        let wanted =
            [row(1, &["a", "b\r\nb"]), row(3, &["c \"c\"", "d"]), row(4, &["\n\n", ""]), row(7, &["last", ""])];
        assert_eq!(rows(text), wanted);
    }

    // C7: an empty line is a row to account for, the end of the last line is none
    #[test]
    fn empty_lines_come_out_and_the_last_line_end_does_not() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["", "a,b", "", "c,d", "", ""].join(end);
            assert_eq!(rows(&text), [row(1, &[]), row(2, &["a", "b"]), row(3, &[]), row(4, &["c", "d"]), row(5, &[])]);
        }
        assert_eq!(rows("a\n"), rows("a"));
    }

    // C9: a quotation mark that never closes stops the import instead of swallowing the file
    #[test]
    fn a_record_without_end_is_refused_with_its_line() {
        let text = format!("a,b\n\"c,{}", "d,e\n".repeat(30_000));
        for pieces in [&[][..], &[1000]] {
            let records = read(text.as_bytes(), Encoding::Utf8, (0, 1), pieces);
            assert_eq!(records.len(), 2);
            assert_eq!(records.last(), Some(&Err(FileRefusal::RowTooLong(2))));
        }
        let longest = format!("{}\nb", "a".repeat(MAX_RECORD - 1));
        assert_eq!(rows(&longest).len(), 2);
    }

    #[test]
    fn bytes_that_break_the_encoding_are_refused_after_the_records_before() {
        let records = read(b"a\nb\nZo\xeb\n", Encoding::Utf8, (0, 1), &[]);
        assert_eq!(records.len(), 3);
        assert_eq!(records.last(), Some(&Err(FileRefusal::EncodingInvalid)));
        assert_eq!(
            read(b"a\0\n\0\x00\xd8", Encoding::Utf16Le, (0, 1), &[]).last(),
            Some(&Err(FileRefusal::EncodingInvalid))
        );
    }

    fn csv_text(wide: bool) -> impl Strategy<Value = String> {
        let piece = if wide {
            "([a,\"\r\n]|[é€ß\u{feff}😀;]|\r\n|\"\"|a,b\n){0,60}"
        } else {
            "([a,\"\r\n]|[é€ß;]|\r\n|\"\"|a,b\n){0,60}"
        };
        proptest::string::string_regex(piece).expect("a pattern")
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        // IMP-2: any record's end is a checkpoint
        #[test]
        fn pieces_and_restarts_make_no_difference(
            text in csv_text(true), western in csv_text(false),
            pieces in proptest::collection::vec(1usize..12, 1..6), at in any::<proptest::sample::Index>(),
        ) {
            for encoding in ALL {
                let bytes = encode(if encoding == Encoding::Windows1252 { &western } else { &text }, encoding);
                let whole = read(&bytes, encoding, (0, 1), &[]);
                prop_assert_eq!(&read(&bytes, encoding, (0, 1), &pieces), &whole);
                let mut expected = 0;
                for record in whole.iter().flatten() {
                    prop_assert_eq!(record.offset, expected);
                    expected = record.end;
                }
                prop_assert_eq!(expected, bytes.len() as u64);
                if !whole.is_empty() {
                    let at = at.index(whole.len());
                    let record = whole.get(at).expect("inside").clone().expect("a record");
                    let resumed = read(&bytes, encoding, (record.end, record.next_line), &pieces);
                    prop_assert_eq!(Some(resumed.as_slice()), whole.get(at + 1..));
                }
            }
        }

        // b.3: RFC 4180, as another writer writes it
        #[test]
        fn what_a_csv_writer_writes_reads_back(table in proptest::collection::vec(proptest::collection::vec("[a-c,\"\r\n é]{0,6}", 3), 1..6)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).expect("memory");
            }
            let bytes = writer.into_inner().expect("memory");
            let fields: Vec<_> = read(&bytes, Encoding::Utf8, (0, 1), &[5]).into_iter().map(|r| r.expect("a record").fields).collect();
            prop_assert_eq!(fields, table);
        }
    }
}
