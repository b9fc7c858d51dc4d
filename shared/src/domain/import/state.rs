//! Where an import stands, why it failed, and what it refuses in that state (C7, C9, decision 6).

use std::borrow::Cow;

use jiff::Timestamp;

use super::refusal::FileRefusal;
use super::report::IMPORTER_INACTIVE;

/// Where an import stands, by name alone: as the API shows it and the table keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ImportStage {
    /// The file has not come yet.
    AwaitingUpload,
    /// The file is being looked at.
    Analyzing,
    /// Columns or questions are open.
    AwaitingMapping,
    Ready,
    /// A rehearsal that writes nothing.
    DryRunning,
    Committing,
    Done,
    Failed,
    Cancelled,
}

/// Where an import stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The file has not come yet.
    AwaitingUpload {
        /// Until when it can.
        expires_at: Timestamp,
    },
    /// The file is being looked at.
    Analyzing,
    /// Something must be asked.
    AwaitingMapping,
    /// Nothing is left to ask.
    Ready,
    /// A rehearsal is under way; it writes nothing.
    DryRunning,
    /// Rows are being written.
    Committing,
    /// Every row is accounted for.
    Done,
    /// It ended early; what was written before, if anything, stays.
    Failed(Failure),
    /// Somebody ended it.
    Cancelled,
}

/// Why an import failed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Failure {
    /// Stable code.
    pub code: Cow<'static, str>,
    /// What to do about it.
    pub detail: Cow<'static, str>,
}

impl From<FileRefusal> for Failure {
    fn from(refusal: FileRefusal) -> Self {
        Self { code: refusal.code().into(), detail: refusal.to_string().into() }
    }
}

impl Failure {
    /// Another number of bytes than announced.
    pub const SIZE: Self =
        Self::fixed("size_mismatch", "The file has another size than announced. Start a new import for it.");
    /// Another media type than granted.
    pub const TYPE: Self = Self::fixed(
        "type_mismatch",
        "The file was not sent as text/csv. Start a new import and send its headers as they are.",
    );
    /// All rows or none, and one failed (C7).
    pub const ROWS: Self = Self::fixed(
        "rows_failed",
        "Some rows cannot be imported, and you asked for all or nothing: nothing was written. Correct them, or import the valid rows.",
    );
    /// The upload was replaced or removed before it was looked at.
    pub const CHANGED: Self = Self::fixed(
        "file_changed",
        "The uploaded file was replaced while it was looked at. Upload it again as a new import.",
    );
    /// Whoever started it was put on hold, made inactive or removed (decision 6).
    pub const IMPORTER: Self = Self::fixed(
        IMPORTER_INACTIVE,
        "Whoever started this import is not an active member of the team any more, so it was ended. What it had written stays. For the rest, somebody else can import the same file.",
    );
    pub(super) const EXPIRED: Self =
        Self::fixed("upload_expired", "The file did not arrive in time. Start a new import.");

    const fn fixed(code: &'static str, detail: &'static str) -> Self {
        Self { code: Cow::Borrowed(code), detail: Cow::Borrowed(detail) }
    }
}

impl State {
    /// Whether a run goes over the rows.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        match self {
            Self::DryRunning | Self::Committing => true,
            Self::AwaitingUpload { .. }
            | Self::Analyzing
            | Self::AwaitingMapping
            | Self::Ready
            | Self::Done
            | Self::Failed(_)
            | Self::Cancelled => false,
        }
    }

    /// The same without what belongs to it, as the API shows it.
    #[must_use]
    pub const fn stage(&self) -> ImportStage {
        match self {
            Self::AwaitingUpload { .. } => ImportStage::AwaitingUpload,
            Self::Analyzing => ImportStage::Analyzing,
            Self::AwaitingMapping => ImportStage::AwaitingMapping,
            Self::Ready => ImportStage::Ready,
            Self::DryRunning => ImportStage::DryRunning,
            Self::Committing => ImportStage::Committing,
            Self::Done => ImportStage::Done,
            Self::Failed(_) => ImportStage::Failed,
            Self::Cancelled => ImportStage::Cancelled,
        }
    }
}

/// Why an import refuses something in its present state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefusal {
    /// A second upload, or one that comes after the end.
    #[error("The file of this import has come already.")]
    NotAwaitingUpload,
    /// The file is not analysed yet, or a rehearsal is under way.
    #[error("The import is not ready for this yet. Read it again in a moment.")]
    NotReady,
    /// Questions are open.
    #[error("Answer the open questions first.")]
    MappingIncomplete,
    /// Rows are being written.
    #[error("The import is being committed and can no longer be changed.")]
    Committing,
    /// It is done.
    #[error("The import is done already.")]
    AlreadyCommitted,
    /// It failed, was cancelled, or is done.
    #[error("The import has ended. Start a new one.")]
    Finished,
}
