//! An import: the job around a file.

use super::ids::{ImportId, PracticeId, StaffId};

/// An import.
#[derive(Debug, Clone)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// The practice.
    pub practice: PracticeId,
    /// Who started it.
    pub created_by: StaffId,
}
