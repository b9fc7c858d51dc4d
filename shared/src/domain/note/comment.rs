//! What either side adds to a note (F4).

use jiff::Timestamp;

pub use crate::domain::ids::CommentId;
use crate::domain::ids::{NoteId, PracticeId};
use crate::domain::session::PrincipalId;
use crate::domain::text::CommentBody;

/// Why a comment is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommentRefusal {
    #[error("This note has as many comments as fit. Write a note of your own instead.")]
    TooMany,
}

/// A comment on a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    pub id: CommentId,
    pub practice: PracticeId,
    pub note: NoteId,
    /// Grows by one with each change; the `ETag`.
    pub version: u64,
    pub author: PrincipalId,
    pub body: CommentBody,
    pub created_at: Timestamp,
    /// When its author changed it last.
    pub edited_at: Option<Timestamp>,
}

impl Comment {
    /// The most comments on one note.
    pub const MAX: u32 = 1000;

    /// Says something else from now on; whether it did not before.
    pub fn edit(&mut self, body: CommentBody, now: Timestamp) -> bool {
        let changed = body != self.body;
        if changed {
            self.body = body;
            self.edited_at = Some(now);
        }
        changed
    }
}
