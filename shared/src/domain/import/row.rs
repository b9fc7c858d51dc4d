//! A record read by a plan: a client, a named failure, or nothing (C4).

use std::fmt;

use super::cells::{formula_text, is_total, plain};
use super::draft::Draft;
use super::header::clean;
pub use super::imported::{ImportedClient, RowWarning};
use super::plan::Plan;
use super::problem::Problem;
use super::record::{Fault, Record};
use super::report::{BLANK_ROW, HEADER_AGAIN, TOTAL_ROW};

/// The longest value repeated to the practice.
const MAX_VALUE: usize = 100;

/// What a record turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Parsed {
    /// No client, for the reason of this code: an empty line, a line of sums.
    LeftOut(&'static str),
    /// A client.
    Row(Box<ImportedClient>),
    /// Something that must be put right first.
    Failed(RowFailure),
}

/// Why a row is not imported. Its first problem in the order of the columns.
#[derive(Clone, PartialEq, Eq)]
pub struct RowFailure {
    /// The physical line the row starts on.
    pub line: u64,
    /// The physical line it ends on.
    pub last_line: u64,
    /// The column; none where the row as a whole is wrong.
    pub column: Option<String>,
    /// What stands there, at most 100 characters.
    pub value: Option<String>,
    pub code: &'static str,
    /// One sentence on how to put it right.
    pub fix: String,
}

impl fmt::Debug for RowFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RowFailure {{ line: {}, code: {} }}", self.line, self.code)
    }
}

impl Plan {
    /// Reads a record.
    #[must_use]
    pub fn parse(&self, record: &Record) -> Parsed {
        if let Some(problem) = self.doubt(record) {
            return Parsed::Failed(self.failure(record, None, problem));
        }
        if let Some(code) = self.no_client(record) {
            return Parsed::LeftOut(code);
        }
        let mut draft = Draft::default();
        for (at, column) in self.columns.iter().enumerate() {
            let cell = record.fields.get(at).map(|field| plain(field)).unwrap_or_default();
            if let Err(problem) = draft.take(self, at, column, cell) {
                draft.fail(at, problem);
            }
        }
        match draft.finish(self, record) {
            Ok(client) => match self.shape(record, &client) {
                None => Parsed::Row(Box::new(client)),
                Some(problem) => Parsed::Failed(self.failure(record, None, problem)),
            },
            Err((at, problem)) => match self.short(record) {
                // Cells that are missing explain more than what became of the others.
                Some(short) if !self.cuts => Parsed::Failed(self.failure(record, None, short)),
                _ => Parsed::Failed(self.failure(record, Some(at), problem)),
            },
        }
    }

    /// What speaks against the record as a whole, whatever its cells say.
    fn doubt(&self, record: &Record) -> Option<Problem> {
        match record.fault {
            Some(Fault::Quotes) => return Some(Problem::Quotes),
            Some(Fault::Characters) => return Some(Problem::Characters),
            None => {}
        }
        let surplus = record.fields.get(self.columns.len()..).unwrap_or_default();
        let long = surplus.iter().any(|field| !field.trim().is_empty());
        let short = self.short(record).filter(|_| !record.is_blank());
        let bare = record.bare_quote && record.fields.iter().any(|field| formula_text(field.trim()).contains('"'));
        match short {
            _ if self.unmended(record) => Some(self.length(record)),
            Some(_) if bare => Some(Problem::Quotes),
            Some(short) if record.doubtful => Some(short),
            _ if bare && record.doubtful => Some(Problem::Quotes),
            _ if long => Some(self.length(record)),
            _ if self.swallowed(record) => Some(Problem::Swallowed { last: record.last_line }),
            _ => None,
        }
    }

    fn length(&self, record: &Record) -> Problem {
        match told(record) {
            // As an earlier file of failed rows said.
            Some(found) => Problem::RowLength { wanted: self.columns.len() - 1, found },
            None => Problem::RowLength { wanted: self.columns.len(), found: record.fields.len() },
        }
    }

    /// A row out of a file of failed rows whose missing cells are missing still, for all that they are written as empty.
    fn unmended(&self, record: &Record) -> bool {
        let cells = record.fields.get(..self.columns.len().saturating_sub(1)).unwrap_or_default();
        told(record).is_some_and(|found| {
            cells
                .get(found..)
                .is_some_and(|missing| !missing.is_empty() && missing.iter().all(|cell| cell.trim().is_empty()))
        })
    }

    fn short(&self, record: &Record) -> Option<Problem> {
        (record.fields.len() < self.dialect.fewest_fields()).then(|| self.length(record))
    }

    /// Cells missing at the end are empty ones in a file whose writer leaves them out, or after something that makes the
    /// row a person's beyond doubt; else they are a slip (b.3).
    fn shape(&self, record: &Record, client: &ImportedClient) -> Option<Problem> {
        self.short(record).filter(|_| record.fields.len() < 2 || !self.cuts && !client.is_told_apart())
    }

    /// Whether lines inside its quotation marks are rows: persons with more than a name.
    fn swallowed(&self, record: &Record) -> bool {
        if record.last_line == record.line || self.columns.len() < 2 {
            return false;
        }
        record.fields.iter().enumerate().any(|(at, field)| {
            let mut lines = field.lines().skip(1).peekable();
            let after = record.fields.get(at + 1..).unwrap_or_default();
            let delimiter = char::from(self.dialect.delimiter.byte());
            std::iter::from_fn(|| lines.next().map(|line| (line, lines.peek().is_none()))).any(|(line, last)| {
                let mut fields: Vec<String> = line.split(delimiter).map(str::to_owned).collect();
                if last {
                    fields.extend_from_slice(after);
                }
                fields.len() == self.columns.len() && {
                    let alone = Record { last_line: record.line, fields, ..record.clone() };
                    matches!(self.parse(&alone), Parsed::Row(client) if client.is_told_apart())
                }
            })
        })
    }

    /// The code of a row that is nobody: blank, the header once more, a line of sums.
    fn no_client(&self, record: &Record) -> Option<&'static str> {
        if record.is_blank() {
            return Some(BLANK_ROW);
        }
        let mut filled = record.fields.iter().enumerate().filter(|(_, field)| !field.trim().is_empty());
        let named =
            |(at, field): (usize, &String)| self.columns.get(at).is_some_and(|column| column.name == clean(field));
        if self.dialect.has_header && record.fields.len() > 1 && filled.clone().count() > 1 && filled.clone().all(named)
        {
            return Some(HEADER_AGAIN);
        }
        let first = filled.next()?.1;
        let rest_counts =
            filled.all(|(_, field)| plain(field).chars().all(|c| c.is_ascii_digit() || ".,%".contains(c)));
        (rest_counts && is_total(plain(first))).then_some(TOTAL_ROW)
    }

    fn failure(&self, record: &Record, at: Option<usize>, problem: Problem) -> RowFailure {
        let value = match at {
            Some(at) => record.fields.get(at).cloned().unwrap_or_default(),
            None => {
                let delimiter = char::from(self.dialect.delimiter.byte()).to_string();
                self.without_secrets(record).join(&delimiter)
            }
        };
        RowFailure {
            line: record.line,
            last_line: record.last_line,
            column: at.and_then(|at| self.columns.get(at)).map(|column| column.name.clone()),
            value: Some(value.chars().take(MAX_VALUE).collect()).filter(|value: &String| !value.is_empty()),
            code: problem.code(),
            fix: problem.fix(),
        }
    }
}

/// How many cells the row had, where an earlier file of failed rows says at its end that they were too few or too many.
fn told(record: &Record) -> Option<usize> {
    let text = record.fields.last().filter(|text| text.ends_with("(row_length)"))?;
    text.strip_prefix("The row has ")?.split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::samples::{self, clients, parsed};
    use super::*;
    use crate::domain::phone::Phone;
    use crate::domain::text::{Detail, Passage, TagName};

    fn failures(bytes: &[u8]) -> Vec<(u64, &'static str, Option<String>, Option<String>)> {
        let failure = |(_, parsed)| match parsed {
            Parsed::Failed(f) => Some((f.line, f.code, f.column, f.value)),
            _ => None,
        };
        parsed(bytes).into_iter().filter_map(failure).collect()
    }

    fn failed(
        line: u64,
        code: &'static str,
        column: &str,
        value: &str,
    ) -> (u64, &'static str, Option<String>, Option<String>) {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        (line, code, some(column), some(value))
    }

    fn one(csv: &str) -> ImportedClient {
        clients(csv.as_bytes()).pop().expect("a client")
    }

    fn code(csv: &str) -> Option<&'static str> {
        failures(csv.as_bytes()).first().map(|failure| failure.1)
    }

    // C4, C7: trouble.csv by hand
    #[test]
    fn each_line_of_a_troubled_file_has_its_own_fate() {
        assert_eq!(
            failures(samples::TROUBLE),
            [
                failed(3, "name_missing", "first_name", ""),
                failed(4, "email_invalid", "email", "not-an-address"),
                failed(5, "date_in_future", "date_of_birth", "2090-01-01"),
                failed(6, "phone_scientific", "phone", "1.55556E+10"),
                failed(11, "row_length", "", "Short,Row"),
                failed(13, "date_invalid", "date_of_birth", "2023-02-29"),
            ]
        );
        let rows = clients(samples::TROUBLE);
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 7, 8, 9, 10]);
        let blank = parsed(samples::TROUBLE)
            .into_iter()
            .filter(|(_, parsed)| *parsed == Parsed::LeftOut(BLANK_ROW))
            .map(|(record, _)| record.line);
        assert_eq!(blank.collect::<Vec<_>>(), [12]);
        let [ada, twin, same_twin, formula, ok] = rows.as_slice() else { panic!("five rows") };
        assert!(ada.warnings.contains(&RowWarning::AgeOver120) && twin.identity().same(&same_twin.identity()));
        assert_eq!(formula.first_name.as_str(), "=HYPERLINK(1)");
        assert_eq!(ok.phone.as_ref().map(Phone::e164), Some("+14155550100"));
        assert_eq!(ok.tags.iter().map(TagName::as_str).collect::<Vec<_>>(), ["anxiety", "EMDR"]);
    }

    // C1: the exports of other products come in whole
    #[test]
    fn sample_exports_import_without_a_failure() {
        for (bytes, rows) in [(samples::SIMPLE_PRACTICE, 240), (samples::JANE, 180), (samples::EXCEL, 150)] {
            assert_eq!((failures(bytes), clients(bytes).len()), (vec![], rows));
        }
        let van = clients(samples::SIMPLE_PRACTICE).into_iter().find(|row| row.last_name.as_str() == "Van der Berg");
        assert_eq!(van.map(|row| row.first_name.as_str().to_owned()).as_deref(), Some("John"));
        let first = clients(samples::SIMPLE_PRACTICE).remove(0);
        assert_eq!((first.date_of_birth, first.join_date), (Some(date(1970, 3, 16)), Some(date(2024, 3, 4))));
        assert_eq!((first.inactive, first.assigned_staff.as_deref()), (false, Some("Dana Owner")));
        let jane = clients(samples::JANE);
        assert_eq!(
            jane.first().and_then(|row| row.address.street.as_ref()).map(Passage::as_str),
            Some("12 Elm Street\nUnit 4")
        );
        assert_eq!(
            (jane.first().map(|row| row.line), jane.get(1).map(|row| (row.line, row.inactive))),
            (Some(2), Some((4, true)))
        );
        let excel = clients(samples::EXCEL).remove(0);
        assert_eq!(
            (excel.last_name.as_str(), excel.date_of_birth, excel.tags.len()),
            ("Sánchez", Some(date(1951, 2, 10)), 1)
        );
    }

    // C2: the first problem in the order of the columns
    #[test]
    fn of_several_problems_the_leftmost_is_named() {
        assert_eq!(code("email,first,last\nx,,\n"), Some("email_invalid"));
        assert_eq!(code("first,last,email\n,,x\n"), Some("name_missing"));
        assert_eq!(code("phone,first,last\n12,,\n"), Some("phone_invalid"));
        assert_eq!(code(&format!("first,last,city\nAda,L,{}\n", "x".repeat(201))), Some("too_long"));
        assert_eq!(code("first,last,city\nAda,L,\"a\nb\"\n"), Some("control_character"));
    }

    // b.3: placeholders are no names
    #[test]
    fn a_placeholder_is_no_name() {
        for name in ["Unknown", "n/a", "-", ""] {
            assert_eq!(code(&format!("first,last\n{name},Patient\n")), Some("name_missing"), "{name}");
        }
        assert_eq!(code("first,last\n12,34\n"), Some("name_invalid"));
        let own = one("Client,First,Last\n\"Ada King\",Ada,\n\"Bo Li\",,\n");
        assert_eq!((own.first_name.as_str(), own.last_name.as_str()), ("Bo", "Li"));
    }

    // b.3: unquoted commas shift columns; trailing separators do not
    #[test]
    fn a_row_of_another_length_fails_unless_only_blanks_are_surplus() {
        assert_eq!(code("first,last\nAda,L,x\n"), Some("row_length"));
        assert_eq!(code("first,last\nAda\n"), Some("row_length"));
        for csv in ["first,last\nAda,L,, \n", "first,last,,\nAda,L\n", "first,last,,\nAda,L,,\n"] {
            assert_eq!(clients(csv.as_bytes()).len(), 1, "{csv}");
        }
        let secret = failures(b"first,last,ssn\nAda,L,078-05-1120,x\n");
        assert_eq!(secret, [failed(2, "row_length", "", "Ada,L,,x")]);
    }

    // b.2: mobile, phone, home, work; b.3: the export's apostrophe
    #[test]
    fn the_first_filled_phone_in_the_order_of_use_counts() {
        let csv = "first,last,Work Phone,Home Phone,Phone,Mobile\nA,B,212 555 0001,212 555 0002,212 555 0003,'+1 212 555 0004\nA,B,212 555 0001,212 555 0002,,\n";
        let phones = clients(csv.as_bytes()).into_iter().map(|row| row.phone.map(|phone| phone.e164().to_owned()));
        assert_eq!(phones.collect::<Vec<_>>(), [Some("+12125550004".to_owned()), Some("+12125550002".to_owned())]);
    }

    // C8: imported means pending, ended means suspended
    #[test]
    fn an_ended_treatment_is_imported_suspended() {
        let rows = clients(b"name,status,Discharged At,Deceased At\nA B,Active,,\nA B,Prospective,,\nA B,Archived,,\nA B,Active,2020-01-01,\nA B,,,2020-01-01\nA B,VIP,,\n");
        assert_eq!(rows.iter().map(|row| row.inactive).collect::<Vec<_>>(), [false, false, true, true, true, false]);
        assert!(rows.last().is_some_and(|row| row.warnings.contains(&RowWarning::StatusUnknown)));
    }

    #[test]
    fn an_address_comes_together_from_its_columns() {
        let row = one("name,address,address 2,zip\nA B,12 Elm,Unit 4,01234\n");
        assert_eq!(row.address.street.as_ref().map(Passage::as_str), Some("12 Elm\nUnit 4"));
        assert_eq!(row.address.postal_code.as_ref().map(Detail::as_str), Some("01234"));
    }

    #[test]
    fn debug_prints_nothing_personal() {
        let text = format!("{:?}", parsed(samples::TROUBLE));
        assert!(!["Ada", "Lovelace", "not-an", "1815", "Short"].iter().any(|word| text.contains(word)), "{text}");
    }
}
