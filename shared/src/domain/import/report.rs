//! Every row is accounted for: what became of it, and the sums of that by part and by run (C4, C7).

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;

use super::row::{ImportedClient, RowFailure, RowWarning};
use crate::domain::ids::ClientId;

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowOutcome {
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
/// The code of a row of sums.
pub const TOTAL_ROW: &str = "total_row";
/// The code of a row that says the names of the columns once more.
pub const HEADER_AGAIN: &str = "header_again";
/// The code of a row that an earlier row of the file says already.
pub const DUPLICATE_IN_FILE: &str = "duplicate_in_file";
/// The code of a row whose client exists and stays as it is.
pub const DUPLICATE_EXISTING: &str = "duplicate_existing";
/// The code of a row that could be one of several clients: open them, and give the row an external id or a birthday.
pub const DUPLICATE_UNCLEAR: &str = "duplicate_unclear";
/// The code of a row that was not written because whoever started the import works here no more.
pub const IMPORTER_INACTIVE: &str = "importer_inactive";

/// What became of one row, with all that is needed to put it right.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct RowReport {
    /// The physical line the row starts on.
    pub line: u64,
    /// The physical line it ends on, where a quoted cell holds line breaks.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last_line: Option<u64>,
    /// What became of it.
    pub outcome: RowOutcome,
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
    fn new(line: u64, outcome: RowOutcome) -> Self {
        Self {
            line,
            last_line: None,
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
    pub fn done(row: &ImportedClient, outcome: RowOutcome, client: Option<ClientId>) -> Self {
        Self { client_id: client, warnings: row.warnings.clone(), ..Self::new(row.line, outcome) }.to(row.last_line)
    }

    /// The same row, which ends on this line.
    #[must_use]
    pub fn to(self, last_line: u64) -> Self {
        Self { last_line: Some(last_line).filter(|last| *last > self.line), ..self }
    }

    /// A row left out on purpose: [`BLANK_ROW`], [`TOTAL_ROW`], [`HEADER_AGAIN`], [`DUPLICATE_IN_FILE`], [`DUPLICATE_EXISTING`] or [`IMPORTER_INACTIVE`].
    #[must_use]
    pub fn skipped(line: u64, code: &'static str, client: Option<ClientId>) -> Self {
        Self { client_id: client, code: Some(code.into()), ..Self::new(line, RowOutcome::Skipped) }
    }
}

impl From<&RowFailure> for RowReport {
    fn from(failure: &RowFailure) -> Self {
        let RowFailure { line, last_line, column, value, code, fix } = failure.clone();
        Self { column, value, code: Some(code.into()), fix: Some(fix.into()), ..Self::new(line, RowOutcome::Failed) }
            .to(last_line)
    }
}

/// How many rows became what. Once a pass over the rows is done, `read` is the sum of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct RowCounts {
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

impl RowCounts {
    /// Accounts for one row.
    pub const fn add(&mut self, outcome: RowOutcome) {
        self.read += 1;
        *match outcome {
            RowOutcome::Created => &mut self.created,
            RowOutcome::Updated => &mut self.updated,
            RowOutcome::Unchanged => &mut self.unchanged,
            RowOutcome::Skipped => &mut self.skipped,
            RowOutcome::Failed => &mut self.failed,
        } += 1;
    }

    /// The rows of this outcome; all that were read, where none is named.
    #[must_use]
    pub const fn of(&self, outcome: Option<RowOutcome>) -> u64 {
        match outcome {
            None => self.read,
            Some(RowOutcome::Created) => self.created,
            Some(RowOutcome::Updated) => self.updated,
            Some(RowOutcome::Unchanged) => self.unchanged,
            Some(RowOutcome::Skipped) => self.skipped,
            Some(RowOutcome::Failed) => self.failed,
        }
    }

    /// The invariant of C7.
    #[must_use]
    pub const fn balanced(&self) -> bool {
        self.read == self.created + self.updated + self.unchanged + self.skipped + self.failed
    }
}

/// Whether rows were written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// What would become of them.
    DryRun,
    /// What became of them.
    Commit,
}

/// What became of the rows, by parts: each part is an object, here is how many rows of each outcome it has.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct RunReport {
    /// Whether rows were written.
    pub kind: ReportKind,
    /// When the run was asked for; with the kind it names the objects.
    pub at: Timestamp,
    /// The parts in the order of the file.
    #[serde(with = "tight")]
    pub parts: Vec<RowCounts>,
}

impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            ReportKind::DryRun => "dry-run",
            ReportKind::Commit => "commit",
        };
        write!(f, "{kind}-{}", self.at.as_millisecond())
    }
}

impl RunReport {
    /// The sum of all parts.
    #[must_use]
    pub fn counts(&self) -> RowCounts {
        let mut sum = RowCounts::default();
        for part in &self.parts {
            let RowCounts { read, created, updated, unchanged, skipped, failed } = part;
            sum.read += read;
            sum.created += created;
            sum.updated += updated;
            sum.unchanged += unchanged;
            sum.skipped += skipped;
            sum.failed += failed;
        }
        sum
    }
}

/// Five numbers a part, because the item is written with every group of rows.
mod tight {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::RowCounts;

    pub(super) fn serialize<S: Serializer>(parts: &[RowCounts], serializer: S) -> Result<S::Ok, S::Error> {
        let numbers = |part: &RowCounts| [part.created, part.updated, part.unchanged, part.skipped, part.failed];
        parts.iter().map(numbers).collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<RowCounts>, D::Error> {
        let parts = Vec::<[u64; 5]>::deserialize(deserializer)?;
        let counts = |[created, updated, unchanged, skipped, failed]: [u64; 5]| RowCounts {
            read: created
                .saturating_add(updated)
                .saturating_add(unchanged)
                .saturating_add(skipped)
                .saturating_add(failed),
            created,
            updated,
            unchanged,
            skipped,
            failed,
        };
        Ok(parts.into_iter().map(counts).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::Parsed;
    use super::super::samples;
    use super::*;

    // C7
    #[test]
    fn every_row_counts_once() {
        let mut counts = RowCounts::default();
        for outcome in [
            RowOutcome::Created,
            RowOutcome::Updated,
            RowOutcome::Unchanged,
            RowOutcome::Skipped,
            RowOutcome::Failed,
            RowOutcome::Failed,
        ] {
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
}
