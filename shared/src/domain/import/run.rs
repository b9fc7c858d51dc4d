//! One pass over the rows of an import: where it stands, who works on it, what became of the rows so far (IMP-2).
//!
//! It lives beside the import while the pass lasts and leaves nothing behind: no owner, no lease, no count of attempts.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::dialect::Dialect;
use super::record::Record;
use super::report::{ReportKind, RowCounts, RunReport};
use crate::domain::ids::{ImportId, PracticeId};

/// How long a worker may be silent before another one takes over: less than the minute after which Lambda tries a dead
/// invocation again.
pub const LEASE: SignedDuration = SignedDuration::from_secs(50);

/// A pass over the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub practice: PracticeId,
    pub import: ImportId,
    /// What was asked for.
    pub kind: RunKind,
    /// When: every timestamp the rows get.
    pub requested_at: Timestamp,
    /// What it is doing.
    pub phase: Phase,
    /// The first row not accounted for.
    pub place: Place,
    /// What became of those before it.
    pub report: RunReport,
    /// Whether it ends where it stands, because whoever started the import works here no more (decision 6).
    pub stopped: bool,
    /// Who works on it.
    pub lease: Option<Lease>,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// A rehearsal (C4).
    DryRun,
    /// The real thing.
    Commit,
}

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Decides every row and writes none.
    Trial,
    /// Writes rows.
    Rows,
    /// The list shows them; the chunks of the snapshot before it are to be removed.
    Shown {
        /// That snapshot and how many chunks it has.
        replaced: Option<(Uuid, u32)>,
    },
}

/// A legal restart in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// The source byte a record starts at.
    pub offset: u64,
    /// Its physical line.
    pub line: u64,
    /// Lines below this one may be the text of a quotation mark that was never closed.
    #[serde(skip_serializing_if = "is_none", default)]
    pub doubt: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
const fn is_none(doubt: &u64) -> bool {
    *doubt == 0
}

impl Place {
    /// Where the record after this one begins.
    #[must_use]
    pub const fn after(record: &Record) -> Self {
        record.next
    }

    /// Where the rows begin.
    #[must_use]
    pub const fn first(dialect: &Dialect) -> Self {
        Self { offset: dialect.data_offset, line: dialect.data_line, doubt: 0 }
    }
}

/// The right to work on a run, until somebody may take it over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// Whose it is: fences off a worker that lost it without noticing.
    pub owner: Uuid,
    /// Until when nobody else takes it.
    pub until: Timestamp,
}

impl Run {
    /// A run from the first row on.
    #[must_use]
    pub const fn new(
        practice: PracticeId,
        import: ImportId,
        kind: RunKind,
        phase: Phase,
        dialect: &Dialect,
        now: Timestamp,
    ) -> Self {
        let report = RunReport { kind: phase.report(), at: now, parts: Vec::new() };
        let place = Place::first(dialect);
        Self { practice, import, kind, requested_at: now, phase, place, report, stopped: false, lease: None }
    }

    /// The trial found nothing wrong: from the first row on again, this time writing.
    pub fn begin_rows(&mut self, dialect: &Dialect) {
        self.phase = Phase::Rows;
        self.place = Place::first(dialect);
        self.report = RunReport { kind: Phase::Rows.report(), at: self.requested_at, parts: Vec::new() };
    }

    /// Accounts for a batch of rows.
    pub fn advance(&mut self, place: Place, counts: RowCounts) {
        self.place = place;
        self.report.parts.push(counts);
    }

    /// Takes it, or goes on holding it.
    pub fn hold(&mut self, owner: Uuid, now: Timestamp) {
        self.lease = Some(Lease { owner, until: now + LEASE });
    }
}

impl Phase {
    const fn report(self) -> ReportKind {
        match self {
            Self::Trial => ReportKind::DryRun,
            Self::Rows | Self::Shown { .. } => ReportKind::Commit,
        }
    }
}
