//! How much room the files of one client take (H1, security FIL-2): reserved when an upload is granted, kept when it
//! is complete, given back when it never came, was rejected or is deleted.

use jiff::Timestamp;

use super::{File, FileState};
use crate::domain::ids::{ClientId, FileId, PracticeId};

/// A number of files and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    pub files: u32,
    pub bytes: u64,
}

/// The most one client's record holds.
pub const LIMIT: Usage = Usage { files: 200, bytes: 2 * 1024 * 1024 * 1024 };

/// Room held for an upload until its grant expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    /// For this file.
    pub file: FileId,
    /// This many bytes.
    pub size: u64,
    /// Until then; afterwards it counts as given back.
    pub until: Timestamp,
}

/// No room for another file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("This client's files have reached their limit. Delete some that are no longer needed.")]
pub struct QuotaExceeded {
    /// What is taken, granted uploads included.
    pub used: Usage,
}

/// The room taken by one client's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    pub practice: PracticeId,
    pub client: ClientId,
    /// Grows by one with each change; 0 before the first.
    pub version: u64,
    /// Complete files.
    pub kept: Usage,
    /// Granted uploads.
    pub reserved: Vec<Reservation>,
}

impl Quota {
    /// Nothing taken yet.
    #[must_use]
    pub const fn empty(practice: PracticeId, client: ClientId) -> Self {
        Self { practice, client, version: 0, kept: Usage { files: 0, bytes: 0 }, reserved: Vec::new() }
    }

    /// What is taken now.
    #[must_use]
    pub fn used(&self, now: Timestamp) -> Usage {
        self.reserved.iter().filter(|held| now < held.until).fold(self.kept, |sum, held| sum.plus(held.size))
    }

    /// Holds room for an upload that was asked for.
    pub fn reserve(&mut self, file: &File, now: Timestamp) -> Result<(), QuotaExceeded> {
        let FileState::AwaitingUpload { until } = file.state else {
            return Ok(());
        };
        self.reserved.retain(|held| now < held.until);
        self.check(file.size.bytes(), now)?;
        self.reserved.push(Reservation { file: file.id, size: file.size.bytes(), until });
        Ok(())
    }

    /// Turns the room held for an upload into room taken. Without a reservation, after its expiry, there has to be room.
    pub fn keep(&mut self, file: &File, now: Timestamp) -> Result<(), QuotaExceeded> {
        let mut after = self.clone();
        after.reserved.retain(|held| held.file != file.id);
        after.check(file.size.bytes(), now)?;
        after.kept = after.kept.plus(file.size.bytes());
        *self = after;
        Ok(())
    }

    /// Gives back what a file takes in its present state.
    pub fn give_back(&mut self, file: &File) {
        match file.state {
            FileState::Available { .. } => {
                self.kept.files = self.kept.files.saturating_sub(1);
                self.kept.bytes = self.kept.bytes.saturating_sub(file.size.bytes());
            }
            FileState::AwaitingUpload { .. } | FileState::Rejected(_) => {
                self.reserved.retain(|held| held.file != file.id)
            }
        }
    }

    fn check(&self, size: u64, now: Timestamp) -> Result<(), QuotaExceeded> {
        let used = self.used(now);
        let after = used.plus(size);
        if after.files > LIMIT.files || after.bytes > LIMIT.bytes { Err(QuotaExceeded { used }) } else { Ok(()) }
    }
}

impl Usage {
    const fn plus(self, size: u64) -> Self {
        Self { files: self.files.saturating_add(1), bytes: self.bytes.saturating_add(size) }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::super::tests::file;
    use super::super::{MAX_SIZE, Rejection};
    use super::*;

    const START: Timestamp = Timestamp::UNIX_EPOCH;
    const LATER: SignedDuration = SignedDuration::from_secs(301);

    fn quota() -> Quota {
        let id = file(0, 1).id;
        Quota::empty(PracticeId::from_uuid(uuid::Uuid::nil()), id.client())
    }

    // H1
    #[test]
    fn the_201st_file_has_no_room() {
        let mut quota = quota();
        for n in 0..u128::from(LIMIT.files) {
            quota.reserve(&file(n, 1), START).unwrap();
        }
        let used = Usage { files: 200, bytes: 200 };
        assert_eq!(quota.reserve(&file(200, 1), START), Err(QuotaExceeded { used }));
        quota.give_back(&file(7, 1));
        assert_eq!(quota.reserve(&file(200, 1), START), Ok(()));
    }

    // H1
    #[test]
    fn the_bytes_are_counted_too() {
        let mut quota = quota();
        let most = u128::from(LIMIT.bytes / MAX_SIZE);
        for n in 0..most {
            quota.reserve(&file(n, MAX_SIZE), START).unwrap();
            quota.keep(&file(n, MAX_SIZE), START).unwrap();
        }
        assert!(quota.reserve(&file(most, MAX_SIZE), START).is_err());
        assert_eq!(quota.used(START + LATER).bytes, u64::try_from(most).unwrap() * MAX_SIZE);
    }

    // H1
    #[test]
    fn an_upload_that_never_came_takes_no_room_and_a_late_one_needs_some() {
        let mut quota = quota();
        quota.reserve(&file(0, 5), START).unwrap();
        assert_eq!(quota.used(START + LATER), Usage::default());
        quota.kept = LIMIT;
        assert_eq!(quota.keep(&file(0, 5), START + LATER), Err(QuotaExceeded { used: LIMIT }));
    }

    proptest! {
        // H1, H5
        #[test]
        fn whatever_happens_to_files_is_what_is_counted(steps in proptest::collection::vec((0_u8..4, 0_u128..6), 0..60)) {
            let mut quota = quota();
            let mut files: Vec<Option<File>> = vec![None; 6];
            for (step, n) in steps {
                let slot = &mut files[usize::try_from(n).unwrap()];
                match (step, slot.take()) {
                    (0, None) => {
                        let new = file(n, 10);
                        quota.reserve(&new, START).unwrap();
                        *slot = Some(new);
                    }
                    (1, Some(mut file)) if file.state == file_state() => {
                        quota.keep(&file, START).unwrap();
                        file.complete(file.content_type, START);
                        *slot = Some(file);
                    }
                    (2, Some(mut file)) if file.state == file_state() => {
                        quota.give_back(&file);
                        file.reject(Rejection::TypeMismatch);
                        *slot = Some(file);
                    }
                    (3, Some(file)) => quota.give_back(&file),
                    (_, other) => *slot = other,
                }
                let counted = files.iter().flatten().filter(|file| !matches!(file.state, FileState::Rejected(_))).count();
                prop_assert_eq!(quota.used(START), Usage { files: u32::try_from(counted).unwrap(), bytes: 10 * counted as u64 });
            }
        }
    }

    fn file_state() -> FileState {
        file(0, 1).state
    }
}
