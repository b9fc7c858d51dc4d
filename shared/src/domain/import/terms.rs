//! What holds for every row of an import: what was asked for, by whom, and what that person's role includes.

use jiff::Timestamp;
use jiff::civil::Date;

use super::plan::Duplicates;
use crate::domain::client::{ImportStamp, Ownership};
use crate::domain::ids::{ClientId, ImportId, PracticeId, StaffId, TagId};

/// The terms of an import.
#[derive(Debug, Clone)]
pub struct Terms {
    pub import: ImportId,
    pub practice: PracticeId,
    /// What is done with clients that exist.
    pub duplicates: Duplicates,
    /// Whom new clients belong to.
    pub ownership: Ownership,
    /// Whoever started it: whose clients are matched, and who gets them.
    pub importer: StaffId,
    /// Whether the importer may give clients to others.
    pub admin: bool,
    /// Whether the importer's role includes clinical fields: without it, those of a row have no effect (L12).
    pub clinical: bool,
    /// Whether the importer's role includes making labels.
    pub labels: bool,
    /// When the run was asked for: every timestamp the rows get.
    pub at: Timestamp,
    /// The practice's day at that moment.
    pub day: Date,
}

/// Ids that are the same whenever this import asks for them, so that a row written twice is written under one id.
pub trait Ids {
    /// Of the client that the row of this line makes.
    fn of_client(&self, line: u64) -> ClientId;

    /// Of the label of this name, without case and accents.
    fn of_label(&self, folded: &str) -> TagId;
}

impl Terms {
    /// What a row of this line leaves on the client it makes or changes.
    pub(super) const fn stamp(&self, line: u64, created: bool) -> ImportStamp {
        ImportStamp { import: self.import, line, created }
    }
}
