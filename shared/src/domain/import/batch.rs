//! The rows between two checkpoints: read, and compared with the clients and rows that are known.

use super::error_sheet::ErrorSheet;
use super::known::Known;
use super::plan::{Duplicates, Plan};
use super::reader::Record;
use super::report::{DUPLICATE_IN_FILE, DUPLICATE_UNCLEAR, RowReport};
use super::row::{ImportedClient, Parsed};
use super::terms::Terms;
use crate::domain::identity::{Found, Identity};
use crate::domain::ids::ClientId;

/// The rows between two checkpoints. Lines grow from row to row, so their order need not be kept beside them.
#[derive(Debug)]
pub struct Batch {
    /// Rows whose outcome follows from the file alone.
    pub(super) told: Vec<RowReport>,
    /// Rows still to be judged.
    pub(super) open: Vec<OpenRow>,
    /// The failed rows as they may be sent in again.
    pub(super) errors: Vec<u8>,
}

/// A row that reads well and is new to the file.
#[derive(Debug)]
pub struct OpenRow {
    pub(super) row: Box<ImportedClient>,
    pub(super) identity: Identity,
    /// The client it seems to be.
    pub(super) existing: Option<ClientId>,
    /// Whether somebody else has its mailbox.
    pub(super) shared: bool,
}

impl Batch {
    /// Reads records and sets aside what the file itself decides. The rows are known from here on.
    #[must_use]
    pub fn read(plan: &Plan, terms: &Terms, known: &mut Known, records: Vec<Record>) -> Self {
        let (sheet, _) = ErrorSheet::of(plan);
        let mut batch = Self { told: Vec::new(), open: Vec::with_capacity(records.len()), errors: Vec::new() };
        for record in records {
            match plan.parse(&record) {
                Parsed::Failed(failure) => {
                    batch.errors.extend(sheet.row(plan, &record, &failure));
                    batch.told.push(RowReport::from(&failure));
                }
                Parsed::LeftOut(code) => {
                    batch.told.push(RowReport::skipped(record.line, code, None).to(record.last_line));
                }
                Parsed::Row(mut row) => {
                    if !terms.clinical {
                        row.leave_out_clinical();
                    }
                    batch.compare(terms.duplicates, known, row);
                }
            }
        }
        batch
    }

    fn compare(&mut self, duplicates: Duplicates, known: &mut Known, row: Box<ImportedClient>) {
        let identity = row.identity();
        let create = duplicates == Duplicates::Create;
        if !create && known.rows.find(&identity).is_some() {
            self.told.push(RowReport::skipped(row.line, DUPLICATE_IN_FILE, None).to(row.last_line));
            return;
        }
        let found = if create { None } else { known.clients.find(&identity) };
        if let Some(Found { client, unclear: true }) = found {
            known.rows.insert(&identity, ());
            self.told.push(RowReport::skipped(row.line, DUPLICATE_UNCLEAR, Some(client)).to(row.last_line));
            return;
        }
        let existing = found.map(|found| found.client);
        let shared = known.clients.mailbox(&identity).is_some() || known.rows.mailbox(&identity).is_some();
        known.rows.insert(&identity, ());
        self.open.push(OpenRow { row, identity, existing, shared });
    }

    /// The clients that rows seem to be, which the table must say.
    #[must_use]
    pub fn candidates(&self) -> Vec<ClientId> {
        self.open.iter().filter_map(|open| open.existing).collect()
    }
}
