//! A batch whose rows are judged.

use super::batch::{Batch, OpenRow};
use super::judge::Judge;
use super::known::{Known, KnownClients};
use super::report::{IMPORTER_INACTIVE, ReportKind, RowReport};
use super::terms::{Ids, Terms};
use super::verdict::Verdict;
use crate::domain::ids::{ClientId, TagId};

/// What becomes of the rows of a batch.
#[derive(Debug)]
pub struct Outcomes {
    told: Vec<RowReport>,
    pub(super) judged: Vec<Judged>,
    /// The failed rows as they may be sent in again.
    pub errors: Vec<u8>,
    /// Labels that the catalog must have before the rows are written.
    pub labels: Vec<TagId>,
}

/// A row with what becomes of it.
#[derive(Debug)]
pub struct Judged {
    pub(super) row: OpenRow,
    /// What becomes of it.
    pub verdict: Verdict,
}

impl Outcomes {
    /// Judges the rows of a batch, by these clients of its candidates.
    #[must_use]
    pub fn of(batch: Batch, terms: &Terms, ids: &dyn Ids, known: &mut Known, clients: &KnownClients) -> Self {
        let Batch { told, open, errors } = batch;
        let mut judge = Judge::new(terms, ids, known, clients);
        let judged = open
            .into_iter()
            .map(|row| {
                let verdict = judge.judge(&row);
                Judged { row, verdict }
            })
            .collect();
        Self { told, judged, errors, labels: judge.into_labels() }
    }

    /// The rows that were judged, in the order of the file.
    pub fn judged(&mut self) -> Vec<&mut Judged> {
        self.judged.iter_mut().collect()
    }

    /// Those of them that are written, or were already.
    pub fn written(&mut self) -> Vec<&mut Judged> {
        self.judged.iter_mut().filter(|judged| judged.verdict.written().is_some()).collect()
    }

    /// What the report says of each row, in the order of the file.
    #[must_use]
    pub fn reports(&self, kind: ReportKind) -> Vec<RowReport> {
        let judged = self.judged.iter().map(|judged| judged.verdict.report(&judged.row.row, kind));
        let mut reports: Vec<RowReport> = self.told.iter().cloned().chain(judged).collect();
        reports.sort_by_key(|report| report.line);
        reports
    }
}

impl Judged {
    /// The line of the row in the file.
    #[must_use]
    pub const fn line(&self) -> u64 {
        self.row.row.line
    }

    /// The clients that judging it again needs.
    pub fn clients(&self) -> impl Iterator<Item = ClientId> {
        self.row.existing.into_iter().chain(self.verdict.written().map(|(client, _)| client.id))
    }

    /// Leaves it out because the importer works here no more, unless it was written before.
    pub fn leave_unwritten(&mut self) {
        self.verdict.leave_unwritten(IMPORTER_INACTIVE);
    }
}

/// Judges rows anew, by what stands in the table now; the labels that the catalog must have before they are written.
pub fn judge_again(
    rows: &mut [&mut Judged],
    terms: &Terms,
    ids: &dyn Ids,
    known: &mut Known,
    clients: &KnownClients,
) -> Vec<TagId> {
    let mut judge = Judge::new(terms, ids, known, clients);
    for judged in rows {
        judged.verdict = judge.judge(&judged.row);
    }
    judge.into_labels()
}
