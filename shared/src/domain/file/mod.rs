//! A file of a client: granted, uploaded, checked, shared (H1 to H7).
//!
//! A file is known before its bytes are: it waits for its upload, and nothing can be downloaded before the bytes have
//! been compared with what was announced.

mod announced;
mod content;
mod named;
mod proof;
mod quota;

pub use announced::{FileSize, InvalidDigest, InvalidSize, Sha256};
pub use content::{ContentType, ContentTypeNotAllowed};
pub use named::{ATTACHED, BadNames, check_names};
pub use proof::{Bytes, Parts};
pub use quota::{LIMIT, Quota, QuotaExceeded, Reservation, Usage};

use jiff::Timestamp;

use super::ids::{FileId, PracticeId};
use super::session::PrincipalId;
use super::text::FileName;

/// The largest file, in bytes (decision 12).
pub const MAX_SIZE: u64 = 25 * 1024 * 1024;

// H7
/// Why uploaded bytes are not what was announced.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// Another number of bytes.
    #[error("The uploaded file has another size than announced. Upload it again as a new file.")]
    SizeMismatch,
    /// Bytes of another type, whatever the name says.
    #[error("The uploaded file is not of the announced type. Upload it again as a new file of its own type.")]
    TypeMismatch,
}

impl Rejection {
    /// The stable code of a problem document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SizeMismatch => "size_mismatch",
            Self::TypeMismatch => "type_mismatch",
        }
    }
}

/// Where a file stands, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// An upload was granted.
    AwaitingUpload {
        /// The grant's expiry.
        until: Timestamp,
    },
    /// The bytes are what was announced.
    Available {
        /// Checked at.
        since: Timestamp,
    },
    /// They were not, and are gone.
    Rejected(Rejection),
}

/// Where a file stands, as a person sees it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// An upload was granted.
    AwaitingUpload,
    /// An upload was granted and never completed.
    Expired,
    /// It can be downloaded.
    Available,
    /// The bytes were not what was announced.
    Rejected,
}

/// Why something cannot be done with a file in its present state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileRefusal {
    /// Completing without bytes.
    #[error(
        "Nothing has been uploaded. Send the bytes to the upload's url first, or ask for a new upload once it has expired."
    )]
    NotUploaded,
    /// The bytes were not what was announced.
    #[error("{0}")]
    Rejected(Rejection),
    /// Sharing what nobody can download yet.
    #[error("One of the files has not been uploaded and checked yet. Complete its upload first, or leave it out.")]
    NotReady(FileId),
    /// A client taking back what somebody has read.
    #[error(
        "Somebody of your practice has opened this file, so it can no longer be taken back. Write to them instead."
    )]
    AlreadyOpened,
    /// A client hiding an upload from its therapist (d-5).
    #[error("what you upload is always shared with your therapist")]
    AlwaysShared,
}

// H6
/// When one side has opened a file, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Opened {
    /// For the first time.
    pub first_at: Timestamp,
    /// For the last time.
    pub last_at: Timestamp,
    /// How many links to its bytes were asked for.
    pub downloads: u32,
}

/// What somebody announces before an upload.
#[derive(Debug, Clone)]
pub struct NewFile {
    pub name: FileName,
    pub size: FileSize,
    pub content_type: ContentType,
    /// Its digest, for those who have computed it.
    pub sha256: Option<Sha256>,
    /// Whether the client is to see it; the default depends on who uploads.
    pub shared: Option<bool>,
}

/// What the bucket holds.
#[derive(Debug, Clone, Copy)]
pub struct Uploaded<'a> {
    /// In bytes, as the bucket counts them.
    pub size: u64,
    /// The type it was uploaded as.
    pub content_type: Option<&'a str>,
    /// What there is to see of them.
    pub bytes: Bytes<'a>,
}

/// What the practice keeps about a file; its bytes stand in the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its id, which carries the client's.
    pub id: FileId,
    pub practice: PracticeId,
    /// Grows by one with everything that is written down about it.
    pub version: u64,
    /// Grows by one with each change that somebody makes; the `ETag`.
    pub edition: u64,
    /// Its name, without a path.
    pub name: FileName,
    pub content_type: ContentType,
    pub size: FileSize,
    /// Its digest, if it was announced.
    pub sha256: Option<Sha256>,
    /// Whether the client sees it: off for what staff uploads unless it says so; a lock on what the client uploads.
    pub shared: bool,
    /// Where it stands.
    pub state: FileState,
    pub uploaded_by: PrincipalId,
    /// Announced at.
    pub created_at: Timestamp,
    /// When staff has opened it.
    pub opened_by_staff: Option<Opened>,
    /// When the client has opened it.
    pub opened_by_client: Option<Opened>,
    /// Set while a permanent deletion is under way; the file then reads as absent.
    pub deleting: bool,
}

impl File {
    /// A file that waits for its upload. What staff uploads starts hidden, what a client uploads is shared (d-4, d-5).
    pub fn announced(
        id: FileId,
        practice: PracticeId,
        by: PrincipalId,
        new: NewFile,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Self, FileRefusal> {
        let NewFile { name, size, content_type, sha256, shared } = new;
        let shared = match (by, shared) {
            (PrincipalId::Staff(_), wanted) => wanted.unwrap_or(false),
            (PrincipalId::Client(_), None | Some(true)) => true,
            (PrincipalId::Client(_), Some(false)) => return Err(FileRefusal::AlwaysShared),
        };
        let state = FileState::AwaitingUpload { until };
        Ok(Self {
            id,
            practice,
            version: 1,
            edition: 1,
            name,
            content_type,
            size,
            sha256,
            shared,
            state,
            uploaded_by: by,
            created_at: now,
            opened_by_staff: None,
            opened_by_client: None,
            deleting: false,
        })
    }

    /// Whether its bytes have not been checked yet, or did not pass (H7).
    #[must_use]
    pub const fn is_quarantined(&self) -> bool {
        !matches!(self.state, FileState::Available { .. })
    }

    /// Whether it came from the client rather than from staff.
    #[must_use]
    pub const fn is_from_client(&self) -> bool {
        matches!(self.uploaded_by, PrincipalId::Client(_))
    }

    /// Where it stands now.
    #[must_use]
    pub fn stage(&self, now: Timestamp) -> Stage {
        match self.state {
            FileState::AwaitingUpload { until } if now < until => Stage::AwaitingUpload,
            FileState::AwaitingUpload { .. } => Stage::Expired,
            FileState::Available { .. } => Stage::Available,
            FileState::Rejected(_) => Stage::Rejected,
        }
    }

    /// Compares the uploaded bytes with what was announced, and tells the kind that they prove (H7).
    ///
    /// Browsers announce what phones record by its name, and are often wrong: what the bytes prove is kept, where that
    /// kind may be shared.
    pub fn judge(&self, found: &Uploaded<'_>) -> Result<ContentType, Rejection> {
        let uploaded_as = found.content_type.and_then(|text| ContentType::parse(text).ok());
        if found.size != self.size.bytes() {
            Err(Rejection::SizeMismatch)
        } else if uploaded_as != Some(self.content_type) {
            Err(Rejection::TypeMismatch)
        } else {
            found.bytes.kind(self.content_type).ok_or(Rejection::TypeMismatch)
        }
    }

    /// The bytes have passed, and are of this kind.
    pub fn complete(&mut self, kind: ContentType, now: Timestamp) {
        self.content_type = kind;
        self.edition += 1;
        self.state = FileState::Available { since: now };
    }

    /// They are not.
    pub fn reject(&mut self, rejection: Rejection) {
        self.edition += 1;
        self.state = FileState::Rejected(rejection);
    }

    /// Shares, hides, renames; names what changed (E7).
    pub fn change(&mut self, shared: Option<bool>, name: Option<FileName>) -> Vec<&'static str> {
        let mut fields = Vec::new();
        if let Some(shared) = shared {
            self.shared = shared;
            fields.push("shared");
        }
        if let Some(name) = name {
            self.name = name;
            fields.push("name");
        }
        self.edition += 1;
        fields
    }

    // H6
    /// Somebody asks for its bytes.
    pub fn open(&mut self, by: PrincipalId, now: Timestamp) {
        let opened = match by {
            PrincipalId::Staff(_) => &mut self.opened_by_staff,
            PrincipalId::Client(_) => &mut self.opened_by_client,
        };
        let known = opened.unwrap_or(Opened { first_at: now, last_at: now, downloads: 0 });
        *opened = Some(Opened { last_at: now, downloads: known.downloads.saturating_add(1), ..known });
    }

    // H2
    /// Whether the side that it is for has not opened it yet.
    #[must_use]
    pub const fn is_new(&self) -> bool {
        let opened = if self.is_from_client() { self.opened_by_staff } else { self.opened_by_client };
        !self.is_quarantined() && opened.is_none()
    }

    // decision 30
    /// Refuses to have a client take back what staff has opened.
    pub const fn check_withdrawal(&self) -> Result<(), FileRefusal> {
        if self.opened_by_staff.is_some() { Err(FileRefusal::AlreadyOpened) } else { Ok(()) }
    }

    /// From here on it reads as absent.
    pub fn begin_deletion(&mut self) {
        self.edition += 1;
        self.deleting = true;
    }

    /// The name a download is saved under: its ending is that of the checked type, so that no name makes it another.
    #[must_use]
    pub fn download_name(&self) -> String {
        let name = self.name.as_str();
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
        match self.content_type.endings() {
            known if known.contains(&ending.as_str()) => name.to_owned(),
            [usual, ..] => format!("{name}.{usual}"),
            [] => name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
