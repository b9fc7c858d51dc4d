//! A file of a client.

use jiff::Timestamp;

use super::ids::{FileId, PracticeId};
use super::session::PrincipalId;

/// A file (H1 to H7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its id.
    pub id: FileId,
    /// The practice.
    pub practice: PracticeId,
    /// Who uploaded it.
    pub uploaded_by: PrincipalId,
    /// Whether the client sees it.
    pub shared: bool,
    /// Uploaded at.
    pub created_at: Timestamp,
}

impl File {
    /// Whether its bytes have not been checked yet.
    #[must_use]
    pub const fn is_quarantined(&self) -> bool {
        false
    }
}
