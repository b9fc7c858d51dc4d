//! How a step ends that does not end well.

use super::Refusal;
use crate::store::{Answer, Conflict, StoreError};

/// Why a step ends early.
#[derive(Debug)]
pub enum Stop {
    /// It is not to be done.
    Refused(Refusal),
    /// It was done before: this was the answer then.
    Replayed(Box<Answer>),
    /// Somebody was faster: read again, decide again.
    Lost(Lost),
}

/// Which race was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// What was read has changed.
    Changed,
    /// The same request is being answered by another process.
    Twin,
}

impl Stop {
    /// A word for the log.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Replayed(_) => "answered_before",
            Self::Lost(Lost::Changed) => "stale",
            Self::Lost(Lost::Twin) => "request_in_progress",
        }
    }
}

impl<R: Into<Refusal>> From<R> for Stop {
    fn from(refusal: R) -> Self {
        Self::Refused(refusal.into())
    }
}

impl Lost {
    /// What is told to those for whom it is not tried again.
    #[must_use]
    pub fn refusal(self) -> Refusal {
        match self {
            Self::Changed => Refusal::outdated(),
            Self::Twin => {
                Refusal::conflict("request_in_progress", "The same request is being answered. Repeat it in a moment.")
            }
        }
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(Conflict::Stale(_)) => Self::Lost(Lost::Changed),
            StoreError::Conflict(Conflict::SameRequest) => Self::Lost(Lost::Twin),
            StoreError::Conflict(Conflict::Taken(taken)) => taken.into(),
            StoreError::Conflict(Conflict::TooMany(wait)) => Refusal::mailed_enough(wait).into(),
            StoreError::Unavailable(cause) => Refusal::unavailable(cause).into(),
            StoreError::TooLarge(_) => Refusal::conflict(
                "record_full",
                "This holds as much as it can. Take something out of it, or begin another one.",
            )
            .into(),
            StoreError::TooMuch => Refusal::conflict(
                "too_much_at_once",
                "This would change more at once than can be changed together. Do it in smaller parts.",
            )
            .into(),
            StoreError::Broken(cause) => Refusal::broken(cause).into(),
        }
    }
}
