//! One look at every record: what each column holds, what it is proposed to be, what must be asked (C2).

use std::collections::BTreeMap;
use std::fmt;

use super::cells;
use super::columns::{ColumnMapping, Seen, add_sample, propose};
use super::dates::{DateEvidence, DateOrder};
use super::dialect::Dialect;
pub use super::names::NameOrder;
use super::names::has_order_comma;
use super::questions::{Answers, Chosen, Question, decide};
use super::reader::Record;
use super::refusal::{FileRefusal, MAX_COLUMNS, MAX_ROWS};
use crate::domain::email::EmailAddress;
use crate::domain::phone::Region;

/// What a column's cells have in common. Numbers only: a mapping may change without another look at the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ColumnFacts {
    /// Cells that are not blank.
    pub filled: u64,
    /// Cells where a comma parts a last name from a first name.
    pub commas: u64,
    /// Cells that could be phones without a country.
    pub bare_phones: u64,
    /// Cells that are e-mail addresses.
    #[serde(default)]
    pub mails: u64,
    /// What its dates say about their order.
    pub dates: DateEvidence,
}

impl ColumnFacts {
    pub(super) fn add(&mut self, cell: &str) {
        self.filled += 1;
        self.commas += u64::from(has_order_comma(cell));
        self.mails += u64::from(cell.contains('@') && EmailAddress::parse(cell).is_ok());
        let digits = cell.bytes().filter(u8::is_ascii_digit).count();
        self.bare_phones += u64::from(digits >= 3 && !cell.starts_with('+'));
        if digits > 0 {
            self.dates.add(cell);
        }
    }
}

/// What a file holds and how it is proposed to be read. Kept in the import's job record.
#[derive(Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Analysis {
    /// Every column with its proposed target, in the file's order.
    pub mapping: Vec<ColumnMapping>,
    /// The decided order of each column of dates, by column name.
    pub date_orders: BTreeMap<String, DateOrder>,
    /// The order of a column of whole names.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name_order: Option<NameOrder>,
    /// What must be answered before rows can be read; empty means ready.
    pub questions: Vec<Question>,
    /// Records after the header, empty ones included.
    pub rows_total: u64,
    /// Rows that have an empty cell at their end.
    #[serde(default)]
    pub(super) ends_empty: u64,
    pub(super) facts: Vec<ColumnFacts>,
}

impl Analysis {
    /// Nothing left to ask.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.questions.is_empty()
    }
}

impl fmt::Debug for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analysis")
            .field("columns", &self.mapping.len())
            .field("questions", &self.questions.len())
            .field("rows_total", &self.rows_total)
            .finish_non_exhaustive()
    }
}

/// Gathers facts record by record, in memory that does not grow with the file.
pub struct Analyzer {
    dialect: Dialect,
    default_region: Option<Region>,
    columns: Vec<(ColumnFacts, Vec<String>)>,
    rows: u64,
    filled_rows: u64,
    ends_empty: u64,
}

impl fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Analyzer {{ rows: {} }}", self.rows)
    }
}

impl Analyzer {
    /// An analyzer of a file so laid out, for a practice with this default region.
    ///
    /// Takes no today: a date in the future is a problem of its row, and tells as much about its column's order.
    #[must_use]
    pub fn new(dialect: &Dialect, default_region: Option<Region>) -> Self {
        let columns = dialect.columns.iter().map(|_| Default::default()).collect();
        Self { dialect: dialect.clone(), default_region, columns, rows: 0, filled_rows: 0, ends_empty: 0 }
    }

    /// Looks at one record after the header. A record that is too long or cannot be trusted is counted, but its cells
    /// prove nothing.
    pub fn record(&mut self, record: &Record) {
        self.rows += 1;
        self.ends_empty += u64::from(record.fields.last().is_some_and(|field| field.trim().is_empty()));
        if record.is_blank() {
            return;
        }
        self.filled_rows += 1;
        let fewest = self.dialect.fewest_fields();
        let surplus = record.fields.get(self.columns.len()..).unwrap_or_default();
        let short = record.fields.len() < fewest && (record.fields.len() < 2 || record.doubtful || record.bare_quote);
        if record.fault.is_some() || short || surplus.iter().any(|field| !field.trim().is_empty()) {
            return;
        }
        for ((facts, samples), field) in self.columns.iter_mut().zip(&record.fields) {
            let cell = cells::plain(field);
            if !cell.is_empty() && !cells::is_filler(cell) {
                facts.add(cell);
                add_sample(samples, cell);
            }
        }
    }

    /// Proposes how to read the file.
    ///
    /// # Errors
    /// No rows, or more than [`MAX_ROWS`].
    pub fn finish(self) -> Result<Analysis, FileRefusal> {
        if self.rows > MAX_ROWS {
            return Err(FileRefusal::TooManyRows);
        }
        if self.filled_rows == 0 {
            return Err(FileRefusal::NoRows);
        }
        let (facts, samples): (Vec<ColumnFacts>, Vec<_>) = self.columns.into_iter().unzip();
        if facts.iter().filter(|facts| facts.filled > 0).count() > MAX_COLUMNS {
            return Err(FileRefusal::TooManyColumns);
        }
        let analysis = Analysis::new(&self.dialect, facts, samples, self.rows, self.default_region);
        Ok(Analysis { ends_empty: self.ends_empty, ..analysis })
    }
}

impl Analysis {
    fn new(
        dialect: &Dialect,
        facts: Vec<ColumnFacts>,
        samples: Vec<Vec<String>>,
        rows_total: u64,
        default_region: Option<Region>,
    ) -> Self {
        let names = dialect.columns.iter().cloned();
        let seen = names.zip(&facts).zip(samples);
        let seen = seen.map(|((name, facts), samples)| Seen {
            name,
            filled: facts.filled > 0,
            mails: facts.mails > 0 && facts.mails * 10 >= facts.filled * 8,
            samples,
        });
        let seen = seen.collect();
        let mapping = propose(seen, dialect.has_header);
        let chosen: Vec<Chosen<'_>> = mapping
            .iter()
            .zip(&facts)
            .map(|(mapped, facts)| Chosen {
                name: &mapped.column,
                target: mapped.target,
                facts,
                unknown: mapped.is_unknown(),
            })
            .collect();
        let decided = decide(dialect, &chosen, &Answers::default(), default_region);
        Self {
            date_orders: decided.date_orders,
            name_order: decided.name_order,
            questions: decided.questions,
            mapping,
            rows_total,
            ends_empty: 0,
            facts,
        }
    }

    /// The same facts under other column names, after the practice has said which row is the header, or in which encoding
    /// the file is.
    pub(super) fn renamed(&self, from: &Dialect, to: &Dialect) -> Self {
        let samples = to.columns.iter().enumerate().map(|(at, name)| {
            let samples = self.mapping.get(at).map(|mapped| mapped.samples.as_slice()).unwrap_or_default();
            let read = samples.iter().map(|sample| from.encoding.reread(sample, to.encoding));
            read.filter(|sample| !to.has_header || sample != name).collect()
        });
        let facts = (0..to.columns.len()).map(|at| self.facts.get(at).copied().unwrap_or_default());
        // By lines: the rows in between are titles, of one line each.
        let rows = (self.rows_total + from.data_line).saturating_sub(to.data_line);
        let analysis = Self::new(to, facts.collect(), samples.collect(), rows, None);
        Self { ends_empty: self.ends_empty, ..analysis }
    }
}

#[cfg(test)]
mod tests {
    use super::super::bytes::Encoding;
    use super::super::columns::ColumnWarning;
    use super::super::dialect::Delimiter;
    use super::super::questions::QuestionCode;
    use super::super::samples::{self, analysis};
    use super::super::target::Target;
    use super::*;

    fn targets(analysis: &Analysis) -> Vec<Target> {
        analysis.mapping.iter().map(|mapped| mapped.target).collect()
    }

    // C2, story 3
    #[test]
    fn a_simplepractice_export_is_ready_without_a_question() {
        use Target::*;
        let (dialect, analysis) = analysis(samples::SIMPLE_PRACTICE, samples::us()).expect("an analysis");
        assert_eq!((dialect.encoding, dialect.delimiter, dialect.data_line), (Encoding::Utf8, Delimiter::Comma, 2));
        assert_eq!(
            targets(&analysis),
            [FullName, Email, Phone, DateOfBirth, Street, City, Region, PostalCode, JoinDate, Status, AssignedStaff]
        );
        assert!(analysis.is_ready() && analysis.mapping.iter().all(|mapped| mapped.confidence == 1.0));
        assert_eq!((analysis.rows_total, analysis.name_order), (240, Some(NameOrder::FirstLast)));
        // "Date Added" reads 03/04/2024 in every row and follows "Date of Birth" (b.3).
        let orders = [("Date Added", DateOrder::Mdy), ("Date of Birth", DateOrder::Mdy)];
        assert_eq!(analysis.date_orders, orders.map(|(column, order)| (column.to_owned(), order)).into());
        let first = serde_json::to_value(analysis.mapping.first()).expect("json");
        let samples = ["Emma Ångström", "Xóchitl Sánchez", "Pīteris Okafor"];
        assert_eq!(
            first,
            serde_json::json!({"column": "Client", "target": "full_name", "confidence": 1.0, "samples": samples})
        );
    }

    // decision 3: phones need a country
    #[test]
    fn phones_without_a_country_are_asked_about_once() {
        let (_, analysis) = analysis(samples::SIMPLE_PRACTICE, None).expect("an analysis");
        assert_eq!(analysis.questions.iter().map(|q| q.code).collect::<Vec<_>>(), [QuestionCode::PhoneCountry]);
    }

    // C2, b.3
    #[test]
    fn a_jane_export_is_ready_with_newlines_in_its_addresses() {
        let (_, analysis) = analysis(samples::JANE, None).expect("an analysis");
        assert!(analysis.is_ready());
        assert_eq!((analysis.rows_total, analysis.date_orders.get("Birth Date")), (180, Some(&DateOrder::Iso)));
        let ignored: Vec<&str> = analysis
            .mapping
            .iter()
            .filter(|m| m.target == Target::Ignore && m.warning == Some(ColumnWarning::NotStored))
            .map(|m| m.column.as_str())
            .collect();
        assert_eq!(ignored, ["Guardian Name"]);
    }

    // b.3: Windows-1252, semicolons
    #[test]
    fn an_excel_export_of_europe_is_ready() {
        use Target::*;
        let (dialect, analysis) = analysis(samples::EXCEL, None).expect("an analysis");
        assert_eq!(
            (dialect.encoding, dialect.encoding_guessed, dialect.delimiter),
            (Encoding::Windows1252, true, Delimiter::Semicolon)
        );
        assert_eq!(targets(&analysis), [FirstName, LastName, Email, Phone, DateOfBirth, Tags]);
        assert_eq!(
            (analysis.is_ready(), analysis.rows_total, analysis.date_orders.get("Birth date")),
            (true, 150, Some(&DateOrder::Dmy))
        );
        assert_eq!(analysis.mapping.first().and_then(|m| m.samples.first()).map(String::as_str), Some("Björn"));
    }

    // C9
    #[test]
    fn a_file_without_rows_or_with_too_many_is_refused() {
        assert_eq!(analysis(b"name,email\n\n,\n", None).map(|_| ()), Err(FileRefusal::NoRows));
        let many = format!("name\n{}", "a\n".repeat(200_001));
        assert_eq!(analysis(many.as_bytes(), None).map(|_| ()), Err(FileRefusal::TooManyRows));
    }

    // b.3: a shifted row proves nothing about the columns it is shifted into
    #[test]
    fn a_row_of_another_length_is_no_evidence() {
        let (_, analysis) =
            analysis(b"name,born\nA B,01/02/1990\nC,D,31/12/1990\n31/12/1990\n", None).expect("an analysis");
        assert_eq!(analysis.questions.iter().map(|q| q.code).collect::<Vec<_>>(), [QuestionCode::DateOrder]);
        assert_eq!(analysis.facts.iter().map(|facts| facts.filled).collect::<Vec<_>>(), [1, 1]);
        assert_eq!(analysis.rows_total, 3);
    }

    #[test]
    fn an_analysis_fits_into_a_job_record() {
        let wide: Vec<String> = (0..64).map(|n| format!("{n}{}", "x".repeat(97))).collect();
        let rows: Vec<String> =
            (0..3).map(|row| wide.iter().map(|cell| format!("{row}{cell}")).collect::<Vec<_>>().join(",")).collect();
        let (dialect, analysis) =
            analysis(format!("{}\n{}", wide.join(","), rows.join("\n")).as_bytes(), None).expect("an analysis");
        let json = serde_json::to_string(&(&dialect, &analysis)).expect("json");
        assert!(json.len() < 60_000, "{}", json.len());
        assert_eq!(serde_json::from_str::<(Dialect, Analysis)>(&json).ok(), Some((dialect, analysis)));
    }
}
