//! Why the worker stops before the end.

use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::import::refusal::FileRefusal;
use caseload::domain::import::run::Run;
use caseload::files::FileError;
use caseload::refusal::Refusal;
use caseload::store::{Conflict, Corrupt, Entity as _, StoreError};

/// Why the worker stops.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Halt {
    /// Somebody else works on the run, or it has ended: nothing to do, and no error.
    #[error("another worker has the run")]
    Lost,
    #[error(transparent)]
    Store(StoreError),
    #[error(transparent)]
    File(FileError),
    #[error("the file reads otherwise than it was analysed: {}", .0.code())]
    Refused(FileRefusal),
    #[error("{0}")]
    Broken(String),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(Conflict::Stale(name)) if name == Run::NAME => Self::Lost,
            error => Self::Store(error),
        }
    }
}

impl From<Corrupt> for Halt {
    fn from(corrupt: Corrupt) -> Self {
        Self::Store(corrupt.into())
    }
}

impl From<caseload::crypto::NoRandomness> for Halt {
    fn from(none: caseload::crypto::NoRandomness) -> Self {
        Self::Store(none.into())
    }
}

impl From<FileError> for Halt {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<FileRefusal> for Halt {
    fn from(refusal: FileRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Refusal> for Halt {
    fn from(refusal: Refusal) -> Self {
        Self::Broken(refusal.to_string())
    }
}

impl Halt {
    /// What rows were decided by, a client of the group or the catalog, has changed since it was read.
    pub(crate) fn is_outdated(&self) -> bool {
        matches!(self, Self::Store(StoreError::Conflict(Conflict::Stale(name))) if [Client::NAME, Catalog::NAME].contains(name))
    }

    /// The table is busy.
    pub(crate) const fn is_busy(&self) -> bool {
        matches!(self, Self::Store(StoreError::Unavailable(_)))
    }
}
