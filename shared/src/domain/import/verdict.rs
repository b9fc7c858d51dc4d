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
            Decision::LeftOut(code, id) => return RowReport::skipped(row.line, code, *id).to(row.last_line),
        };
        report.warnings.extend(&self.warnings);
        report
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::super::merge::profile;
    use super::super::report::{DUPLICATE_EXISTING, IMPORTER_INACTIVE};
    use super::super::samples;
    use super::*;
    use crate::domain::client::Ownership;
    use crate::domain::ids::PracticeId;

    fn row() -> ImportedClient {
        samples::clients(b"first,last,date of birth\nAda,Lovelace,1815-12-10\n").remove(0)
    }

    fn id() -> ClientId {
        ClientId::from_uuid(Uuid::from_u128(7))
    }

    fn write(created: bool, stored: bool) -> Verdict {
        let practice = PracticeId::from_uuid(Uuid::nil());
        let (at, day) = (Timestamp::UNIX_EPOCH, samples::today());
        let client = Client::new(id(), practice, profile(&row(), &BTreeSet::new()), Ownership::Practice, None, at, day);
        Verdict::of(Decision::Write { client: Box::new(client), created, stored })
    }

    fn unchanged() -> Verdict {
        Verdict::of(Decision::Unchanged(id()))
    }

    fn left_out() -> Verdict {
        Verdict::of(Decision::LeftOut(DUPLICATE_EXISTING, Some(id())))
    }

    // C4, C7: a rehearsal says what the run will say, but for the id of a client that it does not make
    #[test]
    fn each_decision_has_its_line_in_the_report() {
        use ReportKind::{Commit, DryRun};
        let cases = [
            (write(true, false), RowOutcome::Created, None),
            (write(true, true), RowOutcome::Created, None),
            (write(false, false), RowOutcome::Updated, Some(id())),
            (write(false, true), RowOutcome::Updated, Some(id())),
            (unchanged(), RowOutcome::Unchanged, Some(id())),
            (left_out(), RowOutcome::Skipped, Some(id())),
        ];
        for (verdict, outcome, rehearsed) in cases {
            let (report, rehearsal) = (verdict.report(&row(), Commit), verdict.report(&row(), DryRun));
            assert_eq!((report.line, report.outcome, report.client_id), (2, outcome, Some(id())));
            assert_eq!(rehearsal.client_id, rehearsed);
            assert_eq!(rehearsal, RowReport { client_id: rehearsed, ..report });
        }
        assert_eq!(left_out().report(&row(), Commit).code.as_deref(), Some(DUPLICATE_EXISTING));
    }

    // C4
    #[test]
    fn warnings_of_the_row_and_of_the_verdict_stand_together_unless_it_is_left_out() {
        use RowWarning::{AgeOver120, EmailShared};
        for (mut verdict, wanted) in [
            (write(true, false), vec![AgeOver120, EmailShared]),
            (unchanged(), vec![AgeOver120, EmailShared]),
            (left_out(), vec![]),
        ] {
            verdict.warn(true, EmailShared);
            verdict.warn(false, RowWarning::TagsFull);
            let warnings = verdict.report(&row(), ReportKind::Commit).warnings;
            assert_eq!(warnings.into_iter().collect::<Vec<_>>(), wanted);
        }
    }

    // L3, C10: what was written before its importer left stays written, and is told so
    #[test]
    fn only_what_is_not_written_yet_is_left_unwritten() {
        for created in [true, false] {
            let mut verdict = write(created, false);
            verdict.warn(true, RowWarning::EmailShared);
            verdict.leave_unwritten(IMPORTER_INACTIVE);
            assert!(verdict.written().is_none() && verdict.warnings.is_empty());
            let report = verdict.report(&row(), ReportKind::Commit);
            assert_eq!((report.code.as_deref(), report.client_id), (Some(IMPORTER_INACTIVE), None));

            let mut verdict = write(created, true);
            verdict.leave_unwritten(IMPORTER_INACTIVE);
            assert_eq!(verdict.written().map(|(client, created)| (client.id, created)), Some((id(), created)));
        }
        for mut verdict in [unchanged(), left_out()] {
            let before = verdict.report(&row(), ReportKind::Commit);
            assert!(verdict.written().is_none());
            verdict.leave_unwritten(IMPORTER_INACTIVE);
            assert_eq!(verdict.report(&row(), ReportKind::Commit), before);
        }
    }
}
