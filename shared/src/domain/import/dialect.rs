//! How a file is laid out: delimiter, header, and where its data begins (C2, b.3).

use std::fmt;

use super::bytes::{Encoding, EncodingChoice, Sniffed};
use super::header::{self, Guess};
use super::reader::{Reader, Record};
use super::refusal::{FileRefusal, MAX_HEADER};
use super::run::Place;

/// What stands between two fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Delimiter {
    /// `,`
    #[serde(rename = ",")]
    Comma,
    /// `;`
    #[serde(rename = ";")]
    Semicolon,
    #[serde(rename = "\t")]
    Tab,
    /// `|`
    #[serde(rename = "|")]
    Pipe,
}

impl Delimiter {
    const ALL: [Self; 4] = [Self::Comma, Self::Semicolon, Self::Tab, Self::Pipe];

    /// The byte it is in the file.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }
}

// The derived one describes a tab as a backslash and a letter.
impl utoipa::PartialSchema for Delimiter {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .description(Some("What stands between two fields."))
            .enum_values(Some([",", ";", "\t", "|"]))
            .into()
    }
}

impl utoipa::ToSchema for Delimiter {}

/// A row near the beginning: the header, a title above it or, without a header, the first data.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct TopRow {
    pub(super) fields: Vec<String>,
    offset: u64,
    pub(super) line: u64,
    end: u64,
    next_line: u64,
}

impl TopRow {
    fn new(record: &Record) -> Self {
        let fields = record.fields.iter().map(|field| field.chars().take(MAX_NAME).collect()).collect();
        let Place { offset: end, line: next_line, .. } = record.next;
        Self { fields, offset: record.offset, line: record.line, end, next_line }
    }
}

/// How to read a file. Kept in the import's job record, so that a restarted worker reads as the first one did.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Dialect {
    /// The encoding of the whole file.
    pub encoding: Encoding,
    /// True where nothing in the file says its encoding and the samples should be looked at.
    pub encoding_guessed: bool,
    /// What stands between two fields.
    pub delimiter: Delimiter,
    /// Whether a row names the columns.
    pub has_header: bool,
    /// False where `has_header` is a guess that the practice should confirm.
    pub header_certain: bool,
    /// The columns' names, all different; `column_7` where the header has none.
    pub columns: Vec<String>,
    /// The source byte the first data record starts at.
    pub data_offset: u64,
    /// The physical line of that byte.
    pub data_line: u64,
    /// The header or, without one, the first data.
    first: TopRow,
    /// The rows that could be the header, where that is not certain.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) tops: Vec<TopRow>,
    /// Encodings the file could be in, where that is not proved; the likeliest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) encodings: Vec<EncodingChoice>,
}

impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dialect")
            .field("encoding", &self.encoding)
            .field("delimiter", &self.delimiter)
            .field("has_header", &self.has_header)
            .field("columns", &self.columns.len())
            .field("data_offset", &self.data_offset)
            .finish_non_exhaustive()
    }
}

/// Rows the delimiter is judged by, the header included.
const SAMPLE: usize = 21;
/// No longer name or first field is kept in the job record.
const MAX_NAME: usize = 100;

impl Dialect {
    /// Finds the layout in the beginning of the file: `head` is its first 256 KiB, or all of a smaller one.
    ///
    /// # Errors
    /// No header at all, too many columns, a first line that never ends.
    pub fn detect(sniffed: &Sniffed, head: &[u8]) -> Result<Self, FileRefusal> {
        let head = Head { sniffed, bytes: head };
        let (start, told) = match head.sep_line() {
            Some((delimiter, end)) => (Place { offset: end, line: 2, doubt: 0 }, delimiter),
            None => (Place { offset: sniffed.bom, line: 1, doubt: 0 }, None),
        };
        let (delimiter, Rows { records, refusal, .. }) = match told {
            Some(delimiter) => (delimiter, head.rows(delimiter, start)),
            None => head.best_delimiter(start),
        };
        // Before anybody looks for a meaning in each of them.
        let named = |record: &Record| record.fields.iter().filter(|field| !field.trim().is_empty()).count();
        if records.first().is_some_and(|first| named(first) > MAX_HEADER) {
            return Err(FileRefusal::TooManyColumns);
        }
        let Some(Guess { row, has_header, certain }) = header::find(&records) else {
            return Err(refusal.unwrap_or(FileRefusal::HeaderMissing));
        };
        let Some(record) = records.get(row) else { return Err(FileRefusal::HeaderMissing) };
        let mut first = TopRow::new(record);
        if first.fields.len() > MAX_HEADER {
            while first.fields.last().is_some_and(|field| field.trim().is_empty()) {
                first.fields.pop();
            }
        }
        if first.fields.len() > MAX_HEADER {
            return Err(FileRefusal::TooManyColumns);
        }
        let tops = if certain { &[] } else { records.get(..header::TOP.min(records.len())).unwrap_or_default() };
        Ok(Self {
            encoding: sniffed.encoding,
            encoding_guessed: sniffed.guessed,
            delimiter,
            has_header,
            header_certain: certain,
            columns: Vec::new(),
            data_offset: 0,
            data_line: 0,
            first,
            tops: tops.iter().map(TopRow::new).collect(),
            encodings: sniffed.choices.clone(),
        }
        .laid_out(has_header))
    }

    /// The same file read with or without a header, as the practice answered.
    #[must_use]
    pub fn with_header(&self, has_header: bool) -> Self {
        let mut dialect = self.clone().laid_out(has_header);
        dialect.header_certain = true;
        dialect
    }

    /// The same file with its header on this line; `None` if none of its first rows begins there.
    #[must_use]
    pub fn with_header_row(&self, line: u64) -> Option<Self> {
        let top = self.tops.iter().chain([&self.first]).find(|top| top.line == line)?.clone();
        let mut dialect = Self { first: top, ..self.clone() }.laid_out(true);
        dialect.header_certain = true;
        Some(dialect)
    }

    /// The same file in another encoding, as the practice answered.
    #[must_use]
    pub(super) fn with_encoding(&self, encoding: Encoding) -> Self {
        let mut dialect = self.clone();
        for top in std::iter::once(&mut dialect.first).chain(&mut dialect.tops) {
            top.fields.iter_mut().for_each(|field| *field = self.encoding.reread(field, encoding));
        }
        (dialect.encoding, dialect.encoding_guessed, dialect.encodings) = (encoding, false, Vec::new());
        let has_header = dialect.has_header;
        dialect.laid_out(has_header)
    }

    /// Whether rows stand above the one that seems to be the header.
    pub(super) fn below_titles(&self) -> bool {
        self.tops.first().is_some_and(|top| top.line < self.first.line)
    }

    /// The physical line of the row that names the columns.
    #[must_use]
    pub fn header_line(&self) -> Option<u64> {
        self.has_header.then_some(self.first.line)
    }

    /// The fewest fields a row must have: columns that the header leaves unnamed at its end may be absent (b.3).
    #[must_use]
    pub fn fewest_fields(&self) -> usize {
        let named = self.first.fields.iter().rposition(|field| !header::clean(field).is_empty()).map_or(0, |at| at + 1);
        if self.has_header { named } else { self.columns.len() }
    }

    fn laid_out(mut self, has_header: bool) -> Self {
        self.has_header = has_header;
        (self.columns, self.data_offset, self.data_line) = if has_header {
            (header::names(&self.first.fields), self.first.end, self.first.next_line)
        } else {
            (header::generated(self.first.fields.len()), self.first.offset, self.first.line)
        };
        self
    }
}

struct Head<'a> {
    sniffed: &'a Sniffed,
    bytes: &'a [u8],
}

/// What one delimiter makes of the beginning of a file.
struct Rows {
    /// Those that are not blank.
    records: Vec<Record>,
    /// Columns it makes recognisable, then how many columns alike.
    score: (usize, usize),
    refusal: Option<FileRefusal>,
}

impl Head<'_> {
    fn from(&self, offset: u64) -> &[u8] {
        usize::try_from(offset).ok().and_then(|at| self.bytes.get(at..)).unwrap_or_default()
    }

    /// Excel's `sep=;` line: the delimiter, if it is one of ours, and the byte after the line.
    fn sep_line(&self) -> Option<(Option<Delimiter>, u64)> {
        let Sniffed { encoding, bom, .. } = self.sniffed;
        let start = self.from(*bom);
        let width = encoding.unit();
        let peek = start.get(..32 * width).unwrap_or(start);
        let text = encoding.decode(peek.get(..peek.len() / width * width).unwrap_or_default()).0;
        let end = text.find(['\n', '\r'])?;
        let (line, rest) = text.split_at_checked(end)?;
        let line = line.trim_matches('"');
        let (word, mark) = line.split_at_checked(4)?;
        let mut marks = mark.bytes();
        let (true, Some(mark), None) = (word.eq_ignore_ascii_case("sep="), marks.next(), marks.next()) else {
            return None;
        };
        // Nothing but ASCII stands before the end of such a line.
        let end = (end + if rest.starts_with("\r\n") { 2 } else { 1 }) * width;
        Some((Delimiter::ALL.into_iter().find(|d| d.byte() == mark), bom + end as u64))
    }

    /// The delimiter that makes columns recognisable, else the one that cuts the first rows into the most columns most
    /// alike; quoted text does not count.
    fn best_delimiter(&self, place: Place) -> (Delimiter, Rows) {
        let mut best = (Delimiter::Comma, self.rows(Delimiter::Comma, place));
        for delimiter in Delimiter::ALL.into_iter().skip(1) {
            let rows = self.rows(delimiter, place);
            if rows.score > best.1.score {
                best = (delimiter, rows);
            }
        }
        best
    }

    fn rows(&self, delimiter: Delimiter, place: Place) -> Rows {
        let mut reader = Reader::with(self.sniffed.encoding, delimiter, place);
        reader.feed(self.from(place.offset));
        if self.bytes.len() as u64 >= self.sniffed.size {
            reader.finish();
        }
        let (mut records, mut refusal) = (Vec::new(), None);
        while records.len() < SAMPLE {
            match reader.next_record() {
                None => break,
                Some(Err(found)) => {
                    refusal = Some(found);
                    break;
                }
                Some(Ok(record)) if record.is_blank() => {}
                Some(Ok(record)) => records.push(record),
            }
        }
        let sound = || records.iter().filter(|record| record.fault.is_none());
        let known = sound().take(header::TOP).map(|record| header::known(&record.fields)).max().unwrap_or_default();
        let shape = |width: usize| {
            let alike = sound().filter(|record| record.fields.len() == width).count();
            ((width - 1) * alike * alike * 1000).checked_div(records.len() * records.len()).unwrap_or_default()
        };
        let widths = sound().map(|record| record.fields.len().max(1));
        let score = (known, widths.map(shape).max().unwrap_or_default());
        Rows { score, records, refusal }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bytes::Sniffer;
    use super::*;

    fn detect(bytes: &[u8]) -> Result<Dialect, FileRefusal> {
        let mut sniffer = Sniffer::new();
        sniffer.feed(bytes)?;
        Dialect::detect(&sniffer.finish()?, bytes.get(..256 * 1024).unwrap_or(bytes))
    }

    fn found(text: &str) -> (Delimiter, Vec<String>, u64, u64) {
        let dialect = detect(text.as_bytes()).expect("a dialect");
        (dialect.delimiter, dialect.columns, dialect.data_offset, dialect.data_line)
    }

    // b.3: semicolon or tab; outside quotes
    #[test]
    fn the_delimiter_is_the_one_that_makes_the_rows_alike() {
        assert_eq!(found("name;tags\nAda;a, b, c\nBob;d, e, f\n").0, Delimiter::Semicolon);
        assert_eq!(found("name\tnote\nAda\ta;b,c\n").0, Delimiter::Tab);
        assert_eq!(found("name|note\nAda|a;b,c").0, Delimiter::Pipe);
        assert_eq!(found("\"name; first; last\",email\nAda,a@b.example\n").0, Delimiter::Comma);
        assert_eq!(found("name\nAda\n").0, Delimiter::Comma);
    }

    // b.3: `sep=;`
    #[test]
    fn a_separator_line_is_honoured_and_is_no_header() {
        let columns = vec!["name, first".to_owned(), "email".to_owned()];
        for line in ["sep=;\r\n", "SEP=;\r\n", "\"sep=;\"\n", "sep=;\r"] {
            let at = line.len() as u64 + 18;
            assert_eq!(
                found(&format!("{line}name, first;email\nAda,x;y\n")),
                (Delimiter::Semicolon, columns.clone(), at, 3)
            );
        }
        let utf16: Vec<u8> = "\u{feff}sep=|\r\na|b\r\nc|d".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let dialect = detect(&utf16).expect("a dialect");
        assert_eq!((dialect.delimiter, dialect.data_offset, dialect.data_line), (Delimiter::Pipe, 26, 3));
    }

    // C2: headers that look like data are asked about
    #[test]
    fn a_first_row_of_data_is_no_header() {
        for text in [
            "Ada,Lovelace,ada@mail.example\n",
            "Ada,Lovelace,10.12.1815\n",
            "Ada,Lovelace,ada@mail.example,Active,2020-01-01\n",
        ] {
            let dialect = detect(text.as_bytes()).expect("a dialect");
            assert!(!dialect.has_header && !dialect.header_certain, "{text}");
            assert_eq!(dialect.columns.first().map(String::as_str), Some("column_1"));
            assert_eq!((dialect.data_offset, dialect.data_line), (0, 1));
            let named = dialect.with_header(true);
            assert_eq!((named.data_offset, named.data_line, named.header_certain), (text.len() as u64, 2, true));
            assert_eq!(named.with_header(false).columns, dialect.columns);
        }
        assert!(detect(b"First name,E-mail,2024\nAda,a@b.example,x\n").is_ok_and(|d| d.has_header && d.header_certain));
        assert!(detect(b"First name,Last name,2024-01-05\nAda,L,x\n").is_ok_and(|d| d.has_header && !d.header_certain));
    }

    // b.2: blank headers, byte order marks, IMP-1: duplicates
    #[test]
    fn header_names_are_clean_and_all_different() {
        let (_, columns, offset, _) = found("\u{feff}\n\u{feff} Name ,,\"E-\nmail\",\nx,y,z,\n");
        assert_eq!((columns, offset), (["Name", "column_2", "E- mail", "column_4"].map(str::to_owned).to_vec(), 26));
        assert_eq!(found("a,b, A\n1,2,3\n").1, ["a", "b", "A (2)"]);
        assert_eq!(found("name,Tag,tag,TAG\nx,y,z,\n").1, ["name", "Tag", "tag (2)", "TAG (3)"]);
        assert_eq!(detect(b"\n\n , \n"), Err(FileRefusal::HeaderMissing));
        let many = |n: usize| (0..n).map(|i| format!("c{i}x")).collect::<Vec<_>>().join(",");
        assert_eq!(detect(many(257).as_bytes()), Err(FileRefusal::TooManyColumns));
        assert_eq!(detect(format!("{},,,\n", many(256)).as_bytes()).map(|d| d.columns.len()), Ok(256));
        assert_eq!(detect("a".repeat(70_000).as_bytes()), Err(FileRefusal::RowTooLong(1)));
    }

    #[test]
    fn a_dialect_survives_the_job_record() {
        let dialect = detect("sep=\t\nname\temail\nx\ty\n".as_bytes()).expect("a dialect");
        let json = serde_json::to_string(&dialect).expect("json");
        assert!(json.contains(r#""encoding":"utf-8""#) && json.contains(r#""delimiter":"\t""#), "{json}");
        assert_eq!(serde_json::from_str::<Dialect>(&json).ok(), Some(dialect));
    }
}
