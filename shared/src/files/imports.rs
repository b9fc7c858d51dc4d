//! Where the objects of an import stand.

use crate::domain::ids::{ImportId, PracticeId};
use crate::domain::import::report::RunReport;

/// The keys of one import's objects, from typed ids only.
#[derive(Debug, Clone, Copy)]
pub struct ImportObjects {
    practice: PracticeId,
    import: ImportId,
}

impl ImportObjects {
    /// Of this import.
    #[must_use]
    pub const fn new(practice: PracticeId, import: ImportId) -> Self {
        Self { practice, import }
    }

    fn key(self, rest: &str) -> String {
        format!("imports/{}/{}/{rest}", self.practice.key(), self.import.key())
    }

    /// The uploaded file. Its arrival starts the analysis.
    #[must_use]
    pub fn source(self) -> String {
        self.key("source.csv")
    }

    /// The file as it was analysed. Under the upload's own key the grant would let other bytes follow.
    #[must_use]
    pub fn data(self, etag: Option<&str>) -> String {
        let plain: String = etag.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
        self.key(&format!("data-{plain}.csv"))
    }

    /// The manifest whose arrival starts a rehearsal.
    #[must_use]
    pub fn dry_run(self) -> String {
        self.key("dry-run.json")
    }

    /// The manifest whose arrival starts the commit.
    #[must_use]
    pub fn commit(self) -> String {
        self.key("commit.json")
    }

    /// The manifest whose arrival goes on with a run after this many parts.
    #[must_use]
    pub fn go_on(self, parts: usize) -> String {
        self.key(&format!("continue-{parts}.json"))
    }

    /// What became of the rows of a part.
    #[must_use]
    pub fn rows(self, report: &RunReport, part: usize) -> String {
        self.key(&format!("report/{report}/{part}.json"))
    }

    /// What a restarted worker must know of a part.
    #[must_use]
    pub fn memory(self, report: &RunReport, part: usize) -> String {
        self.key(&format!("report/{report}/{part}.memory.json"))
    }

    /// The failed rows of a part as they may be sent in again, without a header.
    #[must_use]
    pub fn errors(self, report: &RunReport, part: usize) -> String {
        self.key(&format!("report/{report}/{part}.errors.csv"))
    }
}
