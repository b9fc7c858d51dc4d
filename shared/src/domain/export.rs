//! A client's record as an archive, for the staff member who asked for it (X5).
//!
//! What goes into it is settled when it is asked for: whoever puts the archive together decides nothing.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ids::{ExportId, FileId, PracticeId, StaffId};
use super::text::fold;

/// How long an archive that is not there yet may still come.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(1);
/// How long an archive can be downloaded: it shows what its reader could read when it was made.
pub const KEPT: SignedDuration = SignedDuration::from_hours(1);

/// Where an export stands, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum ExportState {
    /// Asked for.
    Preparing,
    /// The archive is there.
    Ready {
        /// Since then.
        at: Timestamp,
        /// Bytes.
        size: u64,
    },
    /// There will be none: a file of it was deleted while it was made.
    Outdated,
}

/// Where an export stands, as a person sees it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportStage {
    /// The archive is being made.
    Preparing,
    /// It can be downloaded.
    Ready,
    /// It was not made.
    Failed,
    /// It could be downloaded until `expires_at`.
    Expired,
}

/// Why there is nothing to download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExportRefusal {
    /// Not made yet.
    #[error("The archive is still being made. Ask again in a moment.")]
    NotReady,
    /// Not made.
    #[error("The archive was not made: a file was deleted meanwhile, or something went wrong. Ask for a new export.")]
    Failed,
    /// Too late.
    #[error("The archive is no longer kept. Ask for a new export.")]
    Expired,
}

/// A part of a record that not everybody who exports it may read, by its name. An archive is forgotten sooner than a part
/// is renamed; one whose name nobody knows is nobody's to read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Part(Cow<'static, str>);

impl Part {
    /// The part of that name.
    #[must_use]
    pub const fn named(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// An export of a client's record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Its id, which carries the client's.
    pub id: ExportId,
    /// Its practice.
    pub practice: PracticeId,
    /// Raised by each change.
    pub version: u64,
    /// Who asked for it, and alone may have it.
    pub requested_by: StaffId,
    /// When.
    pub requested_at: Timestamp,
    /// What is in it: who may not read a part any more may not have the archive any more.
    pub parts: BTreeSet<Part>,
    /// Where it stands.
    pub state: ExportState,
}

impl Export {
    /// One that was asked for just now.
    #[must_use]
    pub const fn new(
        id: ExportId,
        practice: PracticeId,
        requested_by: StaffId,
        parts: BTreeSet<Part>,
        now: Timestamp,
    ) -> Self {
        Self { id, practice, version: 1, requested_by, requested_at: now, parts, state: ExportState::Preparing }
    }

    /// Until when the archive can be downloaded, once it is there.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        match self.state {
            ExportState::Ready { at, .. } => Some(at + KEPT),
            ExportState::Preparing | ExportState::Outdated => None,
        }
    }

    /// Where it stands now.
    #[must_use]
    pub fn stage(&self, now: Timestamp) -> ExportStage {
        match (self.state, self.expires_at()) {
            (ExportState::Preparing, _) if now < self.requested_at + PATIENCE => ExportStage::Preparing,
            (ExportState::Preparing | ExportState::Outdated, _) => ExportStage::Failed,
            (ExportState::Ready { .. }, until) if until.is_some_and(|until| now < until) => ExportStage::Ready,
            (ExportState::Ready { .. }, _) => ExportStage::Expired,
        }
    }

    /// Refuses a download unless there is something to download.
    pub fn check_ready(&self, now: Timestamp) -> Result<(), ExportRefusal> {
        match self.stage(now) {
            ExportStage::Ready => Ok(()),
            ExportStage::Preparing => Err(ExportRefusal::NotReady),
            ExportStage::Failed => Err(ExportRefusal::Failed),
            ExportStage::Expired => Err(ExportRefusal::Expired),
        }
    }

    /// Ends the making; what has ended stays as it is.
    pub fn settle(&mut self, state: ExportState) {
        if self.state == ExportState::Preparing {
            self.state = state;
        }
    }
}

/// What an archive is made of: the object whose arrival starts the making.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportManifest {
    /// When it was asked for: the time of every entry, so that the same order always makes the same bytes.
    pub at: Timestamp,
    /// Texts, as they are.
    pub documents: Vec<Document>,
    /// Files of the client.
    pub files: Vec<Piece>,
}

/// A text in an archive.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its path in the archive.
    pub path: String,
    /// What it says.
    pub text: String,
}

/// A file in an archive.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Which.
    pub file: FileId,
    /// Its path in the archive.
    pub path: String,
}

impl fmt::Debug for ExportManifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ExportManifest({} documents, {} files)", self.documents.len(), self.files.len())
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({})", self.path)
    }
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Piece({})", self.file)
    }
}

/// Gives each file a path in the archive that no other has, on systems that ignore case too.
///
/// A second `plan.pdf` becomes `plan (2).pdf`.
#[derive(Default)]
pub struct Paths(HashSet<String>);

impl fmt::Debug for Paths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Paths({})", self.0.len())
    }
}

impl Paths {
    /// The path for a file of this name, which is a file name and no path. What some systems cannot write is replaced.
    pub fn give(&mut self, name: &str) -> String {
        let plain: String =
            name.chars().map(|c| if r#"<>:"/\|?*"#.contains(c) || c.is_control() { '_' } else { c }).collect();
        let device = plain.split('.').next().is_some_and(is_device);
        let name = if device { format!("_{plain}") } else { plain };
        let (stem, ending) = match name.rsplit_once('.') {
            Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
            _ => (name.as_str(), String::new()),
        };
        let numbered = (2u32..).map(|number| format!("files/{stem} ({number}){ending}"));
        let mut wishes = std::iter::once(format!("files/{name}")).chain(numbered);
        wishes.find(|path| self.0.insert(fold(path))).unwrap_or_default()
    }
}

/// Names that stand for devices on Windows, whatever follows the first dot.
fn is_device(stem: &str) -> bool {
    let stem = stem.trim_end().to_ascii_uppercase();
    let numbered = |device| {
        stem.strip_prefix(device)
            .is_some_and(|rest| matches!(rest.as_bytes(), [digit] if (b'1'..=b'9').contains(digit)))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::ids::ClientId;
    use super::*;

    fn asked() -> Export {
        let client = ClientId::from_uuid(Uuid::from_u128(1));
        let (practice, staff) = (PracticeId::from_uuid(Uuid::from_u128(2)), StaffId::from_uuid(Uuid::from_u128(3)));
        Export::new(ExportId::new(client, Uuid::from_u128(4)), practice, staff, BTreeSet::new(), Timestamp::UNIX_EPOCH)
    }

    // X5
    #[test]
    fn an_archive_can_be_had_for_an_hour_once_it_is_there() {
        let (mut export, start) = (asked(), Timestamp::UNIX_EPOCH);
        let second = SignedDuration::from_secs(1);
        assert_eq!(export.check_ready(start + PATIENCE - second), Err(ExportRefusal::NotReady));
        assert_eq!(export.check_ready(start + PATIENCE), Err(ExportRefusal::Failed));
        let at = start + second;
        export.settle(ExportState::Ready { at, size: 9 });
        export.settle(ExportState::Outdated);
        assert_eq!(export.expires_at(), Some(at + KEPT));
        assert_eq!(export.check_ready(at + KEPT - second), Ok(()));
        assert_eq!(export.check_ready(at + KEPT), Err(ExportRefusal::Expired));
        let mut outdated = asked();
        outdated.settle(ExportState::Outdated);
        assert_eq!(outdated.check_ready(start), Err(ExportRefusal::Failed));
    }

    // X5
    #[test]
    fn files_of_one_name_get_paths_of_their_own() {
        let mut paths = Paths::default();
        let given = ["plan.pdf", "Plan.PDF", "plan.pdf", "notes", "notes", ".pdf"].map(|name| paths.give(name));
        assert_eq!(
            given,
            [
                "files/plan.pdf",
                "files/Plan (2).PDF",
                "files/plan (3).pdf",
                "files/notes",
                "files/notes (2)",
                "files/.pdf"
            ]
        );
    }

    // X5, FIL-4
    #[test]
    fn an_archive_can_be_unpacked_on_every_system() {
        let mut paths = Paths::default();
        let given =
            ["a\"b:c?.pdf", "../x", "con.pdf", "NUL.txt.pdf", "com1", "com10", "tab\t."].map(|name| paths.give(name));
        assert_eq!(
            given,
            [
                "files/a_b_c_.pdf",
                "files/.._x",
                "files/_con.pdf",
                "files/_NUL.txt.pdf",
                "files/_com1",
                "files/com10",
                "files/tab_."
            ]
        );
    }

    proptest! {
        // X5
        #[test]
        fn no_two_files_share_a_path(names in prop::collection::vec("[aA.() 2]{1,6}", 0..30)) {
            let mut paths = Paths::default();
            let given: HashSet<String> = names.iter().map(|name| fold(&paths.give(name))).collect();
            prop_assert_eq!(given.len(), names.len());
        }
    }
}
