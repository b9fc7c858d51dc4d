//! Every row is accounted for: what became of it, and a file of those that failed (C5, C7).

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use super::escape::escaped;
use super::row::{ImportedClient, RowFailure, RowWarning};
use super::target::{Known, known};
use crate::domain::ids::ClientId;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A new client.
    Created,
    /// An existing client changed.
    Updated,
    /// An existing client had all of it already.
    Unchanged,
    /// Left out on purpose: an empty row, a duplicate.
    Skipped,
    /// Left out because something is wrong with it.
    Failed,
}

/// The code of a row without any content.
pub const BLANK_ROW: &str = "blank_row";
/// The code of a row that an earlier row of the file says already.
pub const DUPLICATE_IN_FILE: &str = "duplicate_in_file";
/// The code of a row whose client exists and stays as it is.
pub const DUPLICATE_EXISTING: &str = "duplicate_existing";
/// The code of a row that was not written because whoever started the import works here no more.
pub const IMPORTER_INACTIVE: &str = "importer_inactive";

/// A row of the report.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct RowReport {
    /// The physical line the row starts on.
    pub line: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// The client it made, changed or matched.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub client_id: Option<ClientId>,
    /// The column that is wrong.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub column: Option<String>,
    /// What stands there.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<String>,
    /// Why it failed or was skipped.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<Cow<'static, str>>,
    /// How to put it right.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fix: Option<Cow<'static, str>>,
    /// What a person should look at.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub warnings: BTreeSet<RowWarning>,
}

impl fmt::Debug for RowReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RowReport {{ line: {}, outcome: {:?}, code: {:?} }}", self.line, self.outcome, self.code)
    }
}

impl RowReport {
    fn new(line: u64, outcome: Outcome) -> Self {
        Self {
            line,
            outcome,
            client_id: None,
            column: None,
            value: None,
            code: None,
            fix: None,
            warnings: BTreeSet::new(),
        }
    }

    /// A row that was written, or had nothing to write.
    #[must_use]
    pub fn done(row: &ImportedClient, outcome: Outcome, client: Option<ClientId>) -> Self {
        Self { client_id: client, warnings: row.warnings.clone(), ..Self::new(row.line, outcome) }
    }

    /// A row left out on purpose: [`BLANK_ROW`], [`DUPLICATE_IN_FILE`], [`DUPLICATE_EXISTING`] or [`IMPORTER_INACTIVE`].
    #[must_use]
    pub fn skipped(line: u64, code: &'static str, client: Option<ClientId>) -> Self {
        Self { client_id: client, code: Some(code.into()), ..Self::new(line, Outcome::Skipped) }
    }
}

impl From<&RowFailure> for RowReport {
    fn from(failure: &RowFailure) -> Self {
        let RowFailure { line, column, value, code, fix } = failure.clone();
        Self { column, value, code: Some(code.into()), fix: Some(fix.into()), ..Self::new(line, Outcome::Failed) }
    }
}

/// How many rows became what. `read` is always the sum of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Counts {
    /// Rows read, empty ones included.
    pub read: u64,
    /// New clients.
    pub created: u64,
    /// Existing clients changed.
    pub updated: u64,
    /// Existing clients that had it all.
    pub unchanged: u64,
    /// Rows left out on purpose.
    pub skipped: u64,
    /// Rows with something wrong.
    pub failed: u64,
}

impl Counts {
    /// Accounts for one row.
    pub const fn add(&mut self, outcome: Outcome) {
        self.read += 1;
        *match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Updated => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Skipped => &mut self.skipped,
            Outcome::Failed => &mut self.failed,
        } += 1;
    }

    /// The invariant of C7.
    #[must_use]
    pub const fn balanced(&self) -> bool {
        self.read == self.created + self.updated + self.unchanged + self.skipped + self.failed
    }
}

/// Writes the file of failed rows piece by piece: UTF-8, commas, the columns as they were and `error` at the end.
#[derive(Debug)]
pub struct ErrorSheet {
    columns: usize,
    /// Columns called `error` in the file itself, which was such a sheet before: the new one takes their place.
    dropped: Vec<usize>,
}

impl ErrorSheet {
    /// The sheet for a file with this header, and its first line.
    #[must_use]
    pub fn new(header: &[String]) -> (Self, Vec<u8>) {
        let dropped: Vec<usize> =
            header.iter().enumerate().filter(|(_, name)| known(name) == Known::ErrorColumn).map(|(at, _)| at).collect();
        let sheet = Self { columns: header.len(), dropped };
        let line = sheet.line(header, "error");
        (sheet, line)
    }

    /// The line of a failed row, with its fields as they stood in the file.
    #[must_use]
    pub fn row(&self, fields: &[String], failure: &RowFailure) -> Vec<u8> {
        let column = failure.column.as_deref().map(|column| format!("{column}: ")).unwrap_or_default();
        self.line(fields, &format!("{column}{} ({})", failure.fix, failure.code))
    }

    fn line(&self, fields: &[String], error: &str) -> Vec<u8> {
        let missing = self.columns.saturating_sub(fields.len());
        let fields = fields.iter().map(String::as_str).chain(std::iter::repeat_n("", missing));
        let kept = fields.enumerate().filter(|(at, _)| !self.dropped.contains(at)).map(|(_, field)| field);
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        // Writing to memory cannot fail.
        let _ = writer.write_record(kept.chain([error]).map(escaped));
        writer.into_inner().unwrap_or_default()
    }
}

/// The whole file of failed rows at once; see [`ErrorSheet`]. `header` is [`super::plan::Plan::error_header`], the fields are
/// those of [`super::plan::Plan::without_secrets`].
#[must_use]
pub fn errors_csv(header: &[String], rows: impl IntoIterator<Item = (Vec<String>, RowFailure)>) -> Vec<u8> {
    let (sheet, mut out) = ErrorSheet::new(header);
    for (fields, failure) in rows {
        out.extend(sheet.row(&fields, &failure));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::row::Parsed;
    use super::super::samples;
    use super::*;

    // C7
    #[test]
    fn every_row_counts_once() {
        let mut counts = Counts::default();
        for outcome in
            [Outcome::Created, Outcome::Updated, Outcome::Unchanged, Outcome::Skipped, Outcome::Failed, Outcome::Failed]
        {
            counts.add(outcome);
            assert!(counts.balanced());
        }
        assert_eq!((counts.read, counts.failed), (6, 2));
    }

    // C4, story 3
    #[test]
    fn a_failed_row_names_line_column_value_code_and_fix() {
        let failed = samples::parsed(samples::TROUBLE).into_iter().find_map(|(_, parsed)| match parsed {
            Parsed::Failed(failure) if failure.line == 4 => Some(failure),
            _ => None,
        });
        let report = RowReport::from(&failed.expect("line 4"));
        let json = serde_json::to_value(&report).expect("json");
        let wanted = serde_json::json!({"line": 4, "outcome": "failed", "column": "email", "value": "not-an-address", "code": "email_invalid",
            "fix": "Write one e-mail address such as name@example.com, or leave the cell empty."});
        assert_eq!(json, wanted);
        assert_eq!(serde_json::from_value::<RowReport>(json).ok(), Some(report.clone()));
        assert!(!format!("{report:?}").contains("not-an"));
    }

    // C5: re-uploadable as it is; IMP-4
    #[test]
    fn the_file_of_failed_rows_fails_in_the_same_way_until_it_is_corrected() {
        let sheet = |bytes: &[u8]| {
            let plan = samples::plan(bytes);
            let failed = samples::parsed(bytes).into_iter().filter_map(|(record, parsed)| match parsed {
                Parsed::Failed(failure) if failure.code != "row_length" => {
                    Some((plan.without_secrets(record.fields), failure))
                }
                _ => None,
            });
            errors_csv(&plan.error_header(), failed)
        };
        let codes = |bytes: &[u8]| {
            samples::parsed(bytes)
                .iter()
                .filter_map(|(_, p)| match p {
                    Parsed::Failed(f) => Some(f.code),
                    _ => None,
                })
                .collect::<Vec<_>>()
        };
        let first = sheet(samples::TROUBLE);
        assert!(first.starts_with(b"first_name,last_name,email,phone,phone_country,date_of_birth,tags,error\r\n"));
        assert_eq!(
            codes(&first),
            ["name_missing", "email_invalid", "date_in_future", "phone_scientific", "date_invalid"]
        );
        assert_eq!(sheet(&first), first);
        let corrected = String::from_utf8(first).expect("text").replace("not-an-address", "an@address.example");
        assert_eq!(codes(corrected.as_bytes()).len(), 4);
    }

    #[test]
    fn a_formula_in_the_file_of_failed_rows_is_text() {
        let failure = RowFailure { line: 2, column: None, value: None, code: "x", fix: "y".to_owned() };
        let fields = ["=1+1", "a\"b,c", "'=x"].map(str::to_owned).to_vec();
        let out = errors_csv(&["+a", "b", "c", "SSN"].map(str::to_owned), [(fields, failure)]);
        assert_eq!(
            String::from_utf8(out).ok().as_deref(),
            Some("'+a,b,c,SSN,error\r\n'=1+1,\"a\"\"b,c\",'=x,,y (x)\r\n")
        );
    }
}
