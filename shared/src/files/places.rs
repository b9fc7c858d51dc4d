//! Where a client's files stand in the bucket: ids only, the tenant first, nothing personal (security FIL-1).

use crate::domain::ids::{ClientId, FileId, PracticeId};

fn place(kind: &str, practice: PracticeId, file: FileId) -> String {
    format!("{kind}/{}/{}/{}", practice.key(), file.client().key(), file.key())
}

/// Where an upload arrives, unchecked.
#[must_use]
pub fn quarantine(practice: PracticeId, file: FileId) -> String {
    place("quarantine", practice, file)
}

/// Where it stands once it was checked: the only place downloads come from.
#[must_use]
pub fn checked(practice: PracticeId, file: FileId) -> String {
    place("files", practice, file)
}

/// What every file of a client starts with, in one of the two places files stand.
#[must_use]
pub fn client_prefix(place: &str, practice: PracticeId, client: ClientId) -> String {
    format!("{place}/{}/{}/", practice.key(), client.key())
}
