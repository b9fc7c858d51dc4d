//! What becomes of a row that was judged: a client written, or left as it is (C6).

use std::collections::BTreeSet;

use super::report::{ReportKind, RowOutcome, RowReport};
use super::row::{ImportedClient, RowWarning};
use crate::domain::client::Client;
use crate::domain::ids::ClientId;

/// What becomes of a row, and what a person should look at.
#[derive(Debug)]
pub struct Verdict {
    /// What becomes of it.
    pub decision: Decision,
    pub(super) warnings: BTreeSet<RowWarning>,
}

/// What becomes of a row.
#[derive(Debug)]
pub enum Decision {
    /// Written.
    Write {
        /// The client as it is to stand.
        client: Box<Client>,
        /// Whether the row makes it.
        created: bool,
        /// Whether an earlier try of the row has written it already.
        stored: bool,
    },
    /// The client has it all.
    Unchanged(ClientId),
    /// Left out on purpose, for the reason of this code.
    LeftOut(&'static str, Option<ClientId>),
}

impl Verdict {
    pub(super) const fn of(decision: Decision) -> Self {
        Self { decision, warnings: BTreeSet::new() }
    }

    pub(super) fn warn(&mut self, when: bool, warning: RowWarning) {
        if when {
            self.warnings.insert(warning);
        }
    }

    /// The client it leads to and whether the row makes it, where it is written.
    #[must_use]
    pub fn written(&self) -> Option<(&Client, bool)> {
        match &self.decision {
            Decision::Write { client, created, .. } => Some((client, *created)),
            Decision::Unchanged(_) | Decision::LeftOut(..) => None,
        }
    }

    /// Leaves the row out, for the reason of this code, unless it was written before.
    pub(super) fn leave_unwritten(&mut self, code: &'static str) {
        if matches!(self.decision, Decision::Write { stored: false, .. }) {
            *self = Self::of(Decision::LeftOut(code, None));
        }
    }

    /// What the report says of the row. A rehearsal makes no client that could be named.
    pub(super) fn report(&self, row: &ImportedClient, kind: ReportKind) -> RowReport {
        let mut report = match &self.decision {
            Decision::Write { client, created: true, .. } => {
                let id = (kind == ReportKind::Commit).then_some(client.id);
                RowReport::done(row, RowOutcome::Created, id)
            }
            Decision::Write { client, created: false, .. } => {
                RowReport::done(row, RowOutcome::Updated, Some(client.id))
            }
            Decision::Unchanged(id) => RowReport::done(row, RowOutcome::Unchanged, Some(*id)),
            Decision::LeftOut(code, id) => return RowReport::skipped(row.line, code, *id),
        };
        report.warnings.extend(&self.warnings);
        report
    }
}
