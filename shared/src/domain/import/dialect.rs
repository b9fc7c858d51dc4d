//! How a file is laid out: delimiter, header, and where its data begins (C2, b.3).

use std::fmt;

use super::bytes::{Encoding, Sniffed};
use super::decode::{Decoder, source_len};
use super::header;
use super::reader::{Reader, Record};
use super::refusal::{FileRefusal, MAX_COLUMNS};

/// What stands between two fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
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

/// The first row that is not empty: the header or, without one, the first data.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
struct FirstRow {
    fields: Vec<String>,
    offset: u64,
    line: u64,
    end: u64,
    next_line: u64,
}

/// How to read a file. Kept in the import's job record, so that a restarted worker reads as the first one did.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Dialect {
    /// The encoding of the whole file.
    pub encoding: Encoding,
    /// True where the encoding is the last resort and the samples should be looked at.
    pub encoding_guessed: bool,
    /// What stands between two fields.
    pub delimiter: Delimiter,
    /// Whether the first row names the columns.
    pub has_header: bool,
    /// False where `has_header` is a guess that the practice should confirm.
    pub header_certain: bool,
    /// The columns' names, all different; `column_7` where the header has none.
    pub columns: Vec<String>,
    /// The source byte the first data record starts at.
    pub data_offset: u64,
    /// The physical line of that byte.
    pub data_line: u64,
    first: FirstRow,
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
    /// No header at all, two columns of one name, too many columns, a first row that never ends.
    pub fn detect(sniffed: &Sniffed, head: &[u8]) -> Result<Self, FileRefusal> {
        let head = Head { sniffed, bytes: head };
        let (start, line, told) = match head.sep_line() {
            Some((delimiter, end)) => (end, 2, delimiter),
            None => (sniffed.bom, 1, None),
        };
        let (delimiter, rows) = match told {
            Some(delimiter) => (delimiter, head.rows(delimiter, start, line)),
            None => head.best_delimiter(start, line),
        };
        let mut record = match rows {
            Rows { first: Some(record), .. } => record,
            Rows { refusal: Some(refusal), .. } => return Err(refusal),
            Rows { .. } => return Err(FileRefusal::HeaderMissing),
        };
        if record.fields.len() > MAX_COLUMNS {
            while record.fields.last().is_some_and(|field| field.trim().is_empty()) {
                record.fields.pop();
            }
        }
        if record.fields.len() > MAX_COLUMNS {
            return Err(FileRefusal::TooManyColumns);
        }
        let (has_header, header_certain) = header::judge(&record.fields);
        let fields = record.fields.iter().map(|field| field.chars().take(MAX_NAME).collect()).collect();
        let first =
            FirstRow { fields, offset: record.offset, line: record.line, end: record.end, next_line: record.next_line };
        Self {
            encoding: sniffed.encoding,
            encoding_guessed: sniffed.guessed,
            delimiter,
            has_header,
            header_certain,
            columns: Vec::new(),
            data_offset: 0,
            data_line: 0,
            first,
        }
        .laid_out(has_header)
    }

    /// The same file read with or without a header, as the practice answered.
    ///
    /// # Errors
    /// The first row, taken as a header, has two columns of one name.
    pub fn with_header(&self, has_header: bool) -> Result<Self, FileRefusal> {
        let mut dialect = self.clone().laid_out(has_header)?;
        dialect.header_certain = true;
        Ok(dialect)
    }

    /// The fewest fields a row must have: columns that the header leaves unnamed at its end may be absent (b.3).
    #[must_use]
    pub fn fewest_fields(&self) -> usize {
        let named = self.first.fields.iter().rposition(|field| !header::clean(field).is_empty()).map_or(0, |at| at + 1);
        if self.has_header { named } else { self.columns.len() }
    }

    fn laid_out(mut self, has_header: bool) -> Result<Self, FileRefusal> {
        self.has_header = has_header;
        (self.columns, self.data_offset, self.data_line) = if has_header {
            (header::names(&self.first.fields)?, self.first.end, self.first.next_line)
        } else {
            (header::generated(self.first.fields.len()), self.first.offset, self.first.line)
        };
        Ok(self)
    }
}

struct Head<'a> {
    sniffed: &'a Sniffed,
    bytes: &'a [u8],
}

/// What one delimiter makes of the beginning of a file.
struct Rows {
    first: Option<Record>,
    score: usize,
    refusal: Option<FileRefusal>,
}

impl Head<'_> {
    fn from(&self, offset: u64) -> &[u8] {
        usize::try_from(offset).ok().and_then(|at| self.bytes.get(at..)).unwrap_or_default()
    }

    /// Excel's `sep=;` line: the delimiter, if it is one of ours, and the byte after the line.
    fn sep_line(&self) -> Option<(Option<Delimiter>, u64)> {
        let start = self.from(self.sniffed.bom);
        let mut text = Vec::new();
        let peek = start.get(..32).unwrap_or(start);
        Decoder::new(self.sniffed.encoding).feed(peek, false, &mut text).ok()?;
        let end = text.iter().position(|b| matches!(b, b'\n' | b'\r'))?;
        let (line, rest) = text.split_at_checked(end)?;
        let line = std::str::from_utf8(line).ok()?.trim_matches('"');
        let (word, mark) = line.split_at_checked(4)?;
        let mut marks = mark.bytes();
        let (true, Some(mark), None) = (word.eq_ignore_ascii_case("sep="), marks.next(), marks.next()) else {
            return None;
        };
        let end = end + if rest.starts_with(b"\r\n") { 2 } else { 1 };
        let bytes = source_len(self.sniffed.encoding, text.get(..end)?);
        Some((Delimiter::ALL.into_iter().find(|d| d.byte() == mark), self.sniffed.bom + bytes))
    }

    /// The delimiter that cuts the first rows into the most columns most alike; quoted text does not count.
    fn best_delimiter(&self, offset: u64, line: u64) -> (Delimiter, Rows) {
        let mut best = (Delimiter::Comma, self.rows(Delimiter::Comma, offset, line));
        for delimiter in Delimiter::ALL.into_iter().skip(1) {
            let rows = self.rows(delimiter, offset, line);
            if rows.score > best.1.score {
                best = (delimiter, rows);
            }
        }
        best
    }

    fn rows(&self, delimiter: Delimiter, offset: u64, line: u64) -> Rows {
        let mut reader = Reader::with(self.sniffed.encoding, delimiter, offset, line);
        reader.feed(self.from(offset));
        if self.bytes.len() as u64 >= self.sniffed.size {
            reader.finish();
        }
        let (mut first, mut refusal) = (None::<Record>, None);
        let (mut seen, mut alike) = (0, 0);
        while seen < SAMPLE {
            match reader.next_record() {
                None => break,
                Some(Err(found)) => {
                    refusal = Some(found);
                    break;
                }
                Some(Ok(record)) if record.is_blank() => {}
                Some(Ok(record)) => {
                    seen += 1;
                    alike += usize::from(first.as_ref().is_none_or(|first| first.fields.len() == record.fields.len()));
                    first.get_or_insert(record);
                }
            }
        }
        let cuts = first.as_ref().map_or(0, |record| record.fields.len() - 1);
        Rows { score: (cuts * alike * 1000).checked_div(seen).unwrap_or(0), first, refusal }
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
            let named = dialect.with_header(true).expect("a dialect");
            assert_eq!((named.data_offset, named.data_line, named.header_certain), (text.len() as u64, 2, true));
            assert_eq!(named.with_header(false).map(|d| d.columns), Ok(dialect.columns));
        }
        assert!(detect(b"First name,E-mail,2024\nAda,a@b.example,x\n").is_ok_and(|d| d.has_header && d.header_certain));
        assert!(detect(b"First name,Last name,2024-01-05\nAda,L,x\n").is_ok_and(|d| d.has_header && !d.header_certain));
    }

    // b.2: blank headers, byte order marks, IMP-1: duplicates
    #[test]
    fn header_names_are_clean_and_all_different() {
        let (_, columns, offset, _) = found("\u{feff}\n\u{feff} Name ,,\"E-\nmail\",\nx,y,z,\n");
        assert_eq!((columns, offset), (["Name", "column_2", "E- mail", "column_4"].map(str::to_owned).to_vec(), 26));
        assert_eq!(detect(b"a,b, A\n1,2,3\n"), Err(FileRefusal::HeaderDuplicate(1, 3)));
        assert_eq!(found("name,Tag,tag\nx,y,z\n").1, ["name", "Tag", "tag_3"]);
        assert_eq!(detect(b"\n\n , \n"), Err(FileRefusal::HeaderMissing));
        assert_eq!(
            detect(",".repeat(64).replace(',', "a,").as_bytes()).map_err(FileRefusal::code),
            Err("header_duplicate")
        );
        let many = |n: usize| (0..n).map(|i| format!("c{i}x")).collect::<Vec<_>>().join(",");
        assert_eq!(detect(many(65).as_bytes()), Err(FileRefusal::TooManyColumns));
        assert_eq!(detect(format!("{},,,\n", many(64)).as_bytes()).map(|d| d.columns.len()), Ok(64));
        assert_eq!(detect(format!("\"{}", "a\n".repeat(40_000)).as_bytes()), Err(FileRefusal::RowTooLong(1)));
    }

    #[test]
    fn a_dialect_survives_the_job_record() {
        let dialect = detect("sep=\t\nname\temail\nx\ty\n".as_bytes()).expect("a dialect");
        let json = serde_json::to_string(&dialect).expect("json");
        assert!(json.contains(r#""encoding":"utf-8""#) && json.contains(r#""delimiter":"\t""#), "{json}");
        assert_eq!(serde_json::from_str::<Dialect>(&json).ok(), Some(dialect));
    }
}
