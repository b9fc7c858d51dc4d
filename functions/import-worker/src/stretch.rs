//! The rows between two checkpoints: read, compared with the file so far, and what is left to decide.

use caseload::domain::ids::ClientId;
use caseload::domain::import::error_sheet::ErrorSheet;
use caseload::domain::import::identity::Identity;
use caseload::domain::import::plan::{Duplicates, Plan};
use caseload::domain::import::reader::Record;
use caseload::domain::import::report::{BLANK_ROW, DUPLICATE_IN_FILE, RowReport};
use caseload::domain::import::row::{ImportedClient, Parsed};

use crate::ground::Ground;
use crate::rules::Verdict;

/// A row that reads well and is new to the file.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) row: ImportedClient,
    pub(crate) identity: Identity,
    /// The client it seems to be.
    pub(crate) existing: Option<ClientId>,
    /// Whether somebody else has its mailbox.
    pub(crate) shared: bool,
    pub(crate) verdict: Verdict,
}

/// What is known of a row.
#[derive(Debug)]
pub(crate) enum Fate {
    Told(Box<RowReport>),
    Open(Box<Open>),
}

/// The rows between two checkpoints.
#[derive(Debug)]
pub(crate) struct Stretch {
    pub(crate) fates: Vec<Fate>,
    /// The failed rows as they may be sent in again.
    pub(crate) errors: Vec<u8>,
}

impl Stretch {
    /// Reads records and sets aside what the file itself decides.
    pub(crate) fn sort(plan: &Plan, ground: &mut Ground, records: Vec<Record>) -> Self {
        let (sheet, _) = ErrorSheet::new(&plan.error_header());
        let mut errors = Vec::new();
        let mut fates = Vec::with_capacity(records.len());
        for record in records {
            fates.push(match plan.parse(&record) {
                Parsed::Blank => Fate::told(RowReport::skipped(record.line, BLANK_ROW, None)),
                Parsed::Failed(failure) => {
                    errors.extend(sheet.row(&plan.without_secrets(record.fields), &failure));
                    Fate::told(RowReport::from(&failure))
                }
                Parsed::Row(row) if ground.clinical => compare(plan.options.duplicates, ground, *row),
                Parsed::Row(row) => compare(plan.options.duplicates, ground, row.without_clinical()),
            });
        }
        Self { fates, errors }
    }

    pub(crate) fn open(&self) -> impl Iterator<Item = &Open> {
        self.fates.iter().filter_map(|fate| match fate {
            Fate::Open(open) => Some(&**open),
            Fate::Told(_) => None,
        })
    }

    pub(crate) fn open_mut(&mut self) -> impl Iterator<Item = &mut Open> {
        self.fates.iter_mut().filter_map(|fate| match fate {
            Fate::Open(open) => Some(&mut **open),
            Fate::Told(_) => None,
        })
    }
}

fn compare(duplicates: Duplicates, ground: &mut Ground, row: ImportedClient) -> Fate {
    let identity = row.identity();
    let create = duplicates == Duplicates::Create;
    if !create && ground.file.find(&identity).is_some() {
        return Fate::told(RowReport::skipped(row.line, DUPLICATE_IN_FILE, None));
    }
    let existing = if create { None } else { ground.existing.find(&identity) };
    let shared = ground.existing.mailbox(&identity).is_some() || ground.file.mailbox(&identity).is_some();
    ground.file.insert(&identity, ());
    Fate::Open(Box::new(Open { row, identity, existing, shared, verdict: Verdict::default() }))
}

impl Fate {
    fn told(report: RowReport) -> Self {
        Self::Told(Box::new(report))
    }
}
