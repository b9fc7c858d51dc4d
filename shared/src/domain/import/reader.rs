//! Records out of bytes: RFC 4180, quoted newlines, any line end, and for each record the byte where the next one starts.
//!
//! A record's `end` and `next_line` are a legal restart: a new reader from there yields the same remaining records, which
//! is what a checkpoint of the worker stands on (IMP-2). Where quotation marks break the rule, the line that opens them
//! comes out as a record with a fault, and reading goes on with the line after it.

use std::fmt;

use super::bytes::Encoding;
use super::dialect::{Delimiter, Dialect};
use super::quoting::{Found, Scan};
use super::record::Fault;
pub use super::record::Record;
use super::refusal::{FileRefusal, MAX_RECORD};
use super::run::Place;

/// Cuts source bytes, fed in pieces of any size, into records. Holds one record and one piece.
pub struct Reader {
    encoding: Encoding,
    delimiter: Delimiter,
    csv: csv_core::Reader,
    buffer: Vec<u8>,
    /// Where in the buffer the open record begins.
    start: usize,
    scan: Scan,
    /// Where in the file it begins.
    place: Place,
    finished: bool,
    stopped: bool,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reader {{ line: {}, offset: {} }}", self.place.line, self.place.offset)
    }
}

impl Reader {
    /// A reader of the file's bytes from `place` on: where the dialect's rows begin, or after a record.
    #[must_use]
    pub fn new(dialect: &Dialect, place: Place) -> Self {
        Self::with(dialect.encoding, dialect.delimiter, place)
    }

    pub(super) fn with(encoding: Encoding, delimiter: Delimiter, place: Place) -> Self {
        let mut csv = csv_core::ReaderBuilder::new().delimiter(delimiter.byte()).build();
        // The parser strips a byte order mark from its first input; a line end it ignores takes that first input's place.
        csv.read_record(b"\n", &mut [0; 8], &mut [0; 8]);
        let (buffer, scan) = (Vec::new(), Scan::new());
        Self { encoding, delimiter, csv, buffer, start: 0, scan, place, finished: false, stopped: false }
    }

    /// Takes the next source bytes. Drain [`Self::next_record`] after each piece to keep memory bounded.
    pub fn feed(&mut self, piece: &[u8]) {
        self.buffer.drain(..self.start.min(self.buffer.len()));
        self.start = 0;
        self.buffer.extend_from_slice(piece);
    }

    /// Says that the file ends here; the last record needs no line end.
    pub const fn finish(&mut self) {
        self.finished = true;
    }

    /// The next record that is complete; `None` where more bytes are needed or the file has ended.
    ///
    /// # Errors
    /// A line that is too long ends the reading: `None` follows.
    pub fn next_record(&mut self) -> Option<Result<Record, FileRefusal>> {
        if self.stopped {
            return None;
        }
        let open = self.buffer.get(self.start..).filter(|open| !open.is_empty())?;
        let most = open.get(..MAX_RECORD + self.encoding.unit()).unwrap_or(open);
        let found = match self.scan.go(most, self.encoding, self.delimiter, self.finished && most.len() == open.len()) {
            // A quotation mark that is never closed runs on; a single line of this length is refused.
            Found::More if most.len() > MAX_RECORD => match self.scan.broken() {
                Some(found) => found,
                None => {
                    self.stopped = true;
                    return Some(Err(FileRefusal::RowTooLong(self.place.line)));
                }
            },
            Found::More => return None,
            found => found,
        };
        Some(Ok(self.cut(found)))
    }

    /// Takes the record that was found out of the buffer.
    fn cut(&mut self, found: Found) -> Record {
        let (end, line_end, broken) = match found {
            Found::Broken { end, line_end } => (end, line_end, true),
            Found::Record { end, line_end } => (end, line_end, false),
            Found::More => (0, 0, false),
        };
        let bytes = self.buffer.get(self.start..self.start + end - line_end).unwrap_or_default();
        let (text, damaged) = self.encoding.decode(bytes);
        let fields = if broken {
            text.split(char::from(self.delimiter.byte())).map(str::to_owned).collect()
        } else {
            fields(&mut self.csv, &text)
        };
        let lines = if broken { 0 } else { self.scan.lines } + u64::from(line_end > 0);
        let mut doubt = self.place.doubt;
        if broken {
            // Lines that the open quotation mark ran over are looked at closely: they may be its text after all.
            doubt = doubt.max(self.place.line + self.scan.lines + 1);
        }
        let next = Place { offset: self.place.offset + end as u64, line: self.place.line + lines, doubt };
        let fault = match (broken, damaged || text.contains(char::REPLACEMENT_CHARACTER)) {
            (true, _) => Some(Fault::Quotes),
            (false, true) => Some(Fault::Characters),
            (false, false) => None,
        };
        let record = Record {
            line: self.place.line,
            last_line: self.place.line + if broken { 0 } else { self.scan.lines },
            next,
            offset: self.place.offset,
            fields,
            fault,
            bare_quote: self.scan.bare_quote,
            doubtful: self.place.line < self.place.doubt,
        };
        self.start += end;
        self.place = next;
        self.scan = Scan::new();
        record
    }
}

/// The fields of a record without its line end; none for an empty line, which is a row to account for (C7).
fn fields(csv: &mut csv_core::Reader, record: &str) -> Vec<String> {
    if record.is_empty() {
        return Vec::new();
    }
    let (mut text, mut ends) = (vec![0; record.len() + 1], vec![0; record.len() + 2]);
    let (mut written, mut ended) = (0, 0);
    for input in [record.as_bytes(), b"\n"] {
        let (text, ends) = (text.get_mut(written..), ends.get_mut(ended..));
        let (_, _, bytes, fields) = csv.read_record(input, text.unwrap_or_default(), ends.unwrap_or_default());
        written += bytes;
        ended += fields;
    }
    let mut from = 0;
    let cut = ends.iter().take(ended).map(|end| {
        let field = text.get(from..*end).unwrap_or_default();
        from = *end;
        String::from_utf8_lossy(field).into_owned()
    });
    cut.collect()
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
            _ => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
        }
    }

    const START: Place = Place { offset: 0, line: 1, doubt: 0 };

    fn read(bytes: &[u8], encoding: Encoding, from: Place, pieces: &[usize]) -> Vec<Result<Record, FileRefusal>> {
        let mut reader = Reader::with(encoding, Delimiter::Comma, from);
        let mut rest = bytes.get(usize::try_from(from.offset).expect("small")..).expect("inside");
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
        let records = read(text.as_bytes(), Encoding::Utf8, START, &[]);
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

    fn faults(text: &str) -> Vec<(u64, Option<Fault>)> {
        let records = read(text.as_bytes(), Encoding::Utf8, START, &[3]);
        records.into_iter().map(|record| record.expect("a record")).map(|record| (record.line, record.fault)).collect()
    }

    // C7: what breaks the rule of quotation marks swallows no line
    #[test]
    fn a_broken_quotation_fails_its_line_and_no_other() {
        let quotes = Some(Fault::Quotes);
        let open = faults("a,b\nc,\"open\nd,e\nf,g\n");
        assert_eq!(open, [(1, None), (2, quotes), (3, None), (4, None)]);
        let after = faults("a,\"open\nb,c\nd,\"closed\"\n");
        assert_eq!(after, [(1, quotes), (2, None), (3, None)]);
        assert_eq!(faults("a,\"b\"c,d\ne,f\n"), [(1, quotes), (2, None)]);
        assert_eq!(faults("a,\"b\" ,d\ne,\"f"), [(1, None), (2, quotes)]);
        assert_eq!(faults("a,\"b\nc\",d\ne,5\" f\n"), [(1, None), (3, None)]);
        let broken = read(b"a,\"b, c\n", Encoding::Utf8, START, &[]).remove(0).expect("a record");
        assert_eq!(broken.fields, ["a", "\"b", " c"]);
    }

    // C9: a quotation mark that never closes fails its line, a line without end the file
    #[test]
    fn a_line_without_end_is_refused_with_its_number() {
        let text = format!("a,b\n\"c,{}", "d,e\n".repeat(30_000));
        for pieces in [&[][..], &[1000]] {
            let records = read(text.as_bytes(), Encoding::Utf8, START, pieces);
            assert_eq!(records.len(), 30_001);
            let broken =
                |record: &Result<Record, FileRefusal>| record.as_ref().is_ok_and(|record| record.fault.is_some());
            assert_eq!(records.iter().filter(|record| broken(record)).count(), 1);
        }
        let text = format!("a\n{}", "b".repeat(MAX_RECORD + 2));
        assert_eq!(read(text.as_bytes(), Encoding::Utf8, START, &[]).last(), Some(&Err(FileRefusal::RowTooLong(2))));
        let longest = format!("{}\nb", "a".repeat(MAX_RECORD - 1));
        assert_eq!(rows(&longest).len(), 2);
    }

    // decision 13: a row with a few bad bytes is named, and the others are read
    #[test]
    fn bytes_that_break_the_encoding_are_a_fault_of_their_row() {
        let damaged = |bytes: &[u8], encoding| {
            let records = read(bytes, encoding, START, &[2]).into_iter().map(|record| record.expect("a record"));
            records.map(|record| record.fault == Some(Fault::Characters)).collect::<Vec<_>>()
        };
        assert_eq!(damaged(b"a\nZo\xeb\nb\n", Encoding::Utf8), [false, true, false]);
        assert_eq!(damaged(b"a\0\n\0\x00\xd8\n\0b\0", Encoding::Utf16Le), [false, true, false]);
        assert_eq!(damaged(b"a\0\n\0b\0\n", Encoding::Utf16Le), [false, true]);
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
                let whole = read(&bytes, encoding, START, &[]);
                prop_assert_eq!(&read(&bytes, encoding, START, &pieces), &whole);
                let mut expected = 0;
                for record in whole.iter().flatten() {
                    prop_assert_eq!(record.offset, expected);
                    expected = record.next.offset;
                }
                prop_assert_eq!(expected, bytes.len() as u64);
                if !whole.is_empty() {
                    let at = at.index(whole.len());
                    let record = whole.get(at).expect("inside").clone().expect("a record");
                    let resumed = read(&bytes, encoding, record.next, &pieces);
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
            let fields: Vec<_> = read(&bytes, Encoding::Utf8, START, &[5]).into_iter().map(|r| r.expect("a record").fields).collect();
            prop_assert_eq!(fields, table);
        }
    }
}
