//! Files that a request names: each once, and not too many.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::domain::ids::FileId;

/// The most files that go along with a task or a message.
pub const ATTACHED: RangeInclusive<usize> = 0..=10;

/// Why files cannot be named like this, in the member `file_ids`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadNames {
    /// Fewer than this.
    #[error("takes at least {0}")]
    TooFew(usize),
    /// More than this.
    #[error("takes at most {0} files")]
    TooMany(usize),
    /// One of them stands before, too.
    #[error("is named twice; name each file once")]
    Twice(usize),
}

/// Refuses what names too many or too few, or one twice.
pub fn check_names(ids: &[FileId], count: RangeInclusive<usize>) -> Result<(), BadNames> {
    if ids.len() < *count.start() {
        return Err(BadNames::TooFew(*count.start()));
    }
    if ids.len() > *count.end() {
        return Err(BadNames::TooMany(*count.end()));
    }
    let mut known = BTreeSet::new();
    ids.iter().position(|id| !known.insert(*id)).map_or(Ok(()), |place| Err(BadNames::Twice(place)))
}
