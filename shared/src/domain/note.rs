//! Notes that a therapist and a client write for each other (F1 to F4).

mod comment;
mod tally;
#[cfg(test)]
mod tests;

pub use comment::{Comment, CommentId, CommentRefusal};
pub use tally::{NoteTally, Written};

use jiff::{SignedDuration, Timestamp};

use super::ids::{AppointmentId, NoteId, PracticeId};
use super::session::PrincipalId;
use super::text::{NoteBody, NoteTitle};

/// How long its author can take a deletion back.
pub const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Who may see a note beside its author.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The other side, too.
    Shared,
    /// Of what staff hides: its author, the client's therapist and their supervisors. Of what a client hides: nobody.
    Hidden,
}

impl Visibility {
    /// Whether the other side sees it.
    #[must_use]
    pub const fn of(shared: bool) -> Self {
        if shared { Self::Shared } else { Self::Hidden }
    }

    /// Whether the other side sees it.
    #[must_use]
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Shared)
    }
}

/// When the other side had a note before its eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Seen {
    /// For the first time.
    #[serde(rename = "first_at")]
    pub first: Timestamp,
    /// For the last time, to within an hour.
    #[serde(rename = "last_at")]
    pub last: Timestamp,
}

/// How often a look at a note already seen is written down.
const SEEN_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// Why something cannot be done with a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteRefusal {
    #[error("This client has as many notes as fit. Delete some that are not needed any more.")]
    TooMany,
    #[error("This note has as many earlier versions as are kept. Write a new one instead.")]
    TooManyEditions,
    #[error("This note is not deleted, so there is nothing to restore.")]
    NotDeleted,
}

/// What a note says: its text, and whether the other side sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub title: Option<NoteTitle>,
    pub body: NoteBody,
    pub shared: bool,
    /// The session it is about.
    pub appointment: Option<AppointmentId>,
}

/// What a note said before it was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edition {
    pub note: NoteId,
    pub practice: PracticeId,
    /// Counts from 1.
    pub number: u32,
    pub content: Content,
    /// Since when it said so.
    pub at: Timestamp,
}

/// A note of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub id: NoteId,
    pub practice: PracticeId,
    /// Grows with everything that is written down about it.
    pub version: u64,
    /// Grows with each change by its author; the `ETag`.
    pub edition: u32,
    pub author: PrincipalId,
    pub content: Content,
    pub created_at: Timestamp,
    /// When its author changed it last.
    pub edited_at: Option<Timestamp>,
    /// When the other side saw it.
    pub seen: Option<Seen>,
    /// How many comments there are.
    pub comments: u32,
    /// Comments by the client that no staff has seen.
    pub unread_by_staff: u32,
    /// Comments by staff that the client has not seen.
    pub unread_by_client: u32,
    pub deleted_at: Option<Timestamp>,
}

impl Note {
    /// The most earlier versions of one note.
    pub const MAX_EDITIONS: u32 = 1000;

    /// A new note.
    #[must_use]
    pub const fn new(id: NoteId, practice: PracticeId, author: PrincipalId, content: Content, now: Timestamp) -> Self {
        Self {
            id,
            practice,
            version: 1,
            edition: 1,
            author,
            content,
            created_at: now,
            edited_at: None,
            seen: None,
            comments: 0,
            unread_by_staff: 0,
            unread_by_client: 0,
            deleted_at: None,
        }
    }

    /// Whether the client wrote it.
    #[must_use]
    pub const fn is_from_client(&self) -> bool {
        matches!(self.author, PrincipalId::Client(_))
    }

    /// Says something else from now on; what it said before comes back, if that is anything else.
    pub fn edit(&mut self, content: Content, now: Timestamp) -> Result<Option<Edition>, NoteRefusal> {
        if content == self.content {
            return Ok(None);
        }
        if self.edition >= Self::MAX_EDITIONS {
            return Err(NoteRefusal::TooManyEditions);
        }
        let before = self.as_edition();
        self.content = content;
        self.edition += 1;
        self.edited_at = Some(now);
        Ok(Some(before))
    }

    /// What it says now.
    #[must_use]
    pub fn as_edition(&self) -> Edition {
        let at = self.edited_at.unwrap_or(self.created_at);
        let Self { id, practice, edition, content, .. } = self;
        Edition { note: *id, practice: *practice, number: *edition, content: content.clone(), at }
    }

    /// Gone for everybody; its author can take that back for a while.
    pub const fn delete(&mut self, now: Timestamp) {
        self.deleted_at = Some(now);
        self.edition = self.edition.saturating_add(1);
    }

    /// Back as it was.
    pub fn restore(&mut self) -> Result<(), NoteRefusal> {
        self.deleted_at.take().map(|_| self.edition = self.edition.saturating_add(1)).ok_or(NoteRefusal::NotDeleted)
    }

    /// Whether it is deleted and can no longer be restored.
    #[must_use]
    pub fn is_past(&self, now: Timestamp) -> bool {
        self.deleted_at.is_some_and(|at| at + KEPT <= now)
    }

    /// Whether somebody on the other side of its author has it before its eyes for the first time, or again after a while.
    #[must_use]
    pub fn is_news_to(&self, reader: PrincipalId, now: Timestamp) -> bool {
        let other = matches!(reader, PrincipalId::Client(_)) != self.is_from_client();
        other && self.seen.is_none_or(|seen| now.duration_since(seen.last) >= SEEN_AGAIN)
    }

    /// It has been seen from the other side.
    pub const fn saw(&mut self, now: Timestamp) {
        let first = match self.seen {
            Some(seen) => seen.first,
            None => now,
        };
        self.seen = Some(Seen { first, last: now });
    }

    /// How many of its comments this reader has not seen.
    #[must_use]
    pub const fn unread_by(&self, reader: PrincipalId) -> u32 {
        match reader {
            PrincipalId::Staff(_) => self.unread_by_staff,
            PrincipalId::Client(_) => self.unread_by_client,
        }
    }

    /// This reader has seen all of its comments.
    pub const fn read_comments(&mut self, reader: PrincipalId) {
        match reader {
            PrincipalId::Staff(_) => self.unread_by_staff = 0,
            PrincipalId::Client(_) => self.unread_by_client = 0,
        }
    }

    /// Somebody comments on it.
    pub fn take_comment(&mut self, by: PrincipalId) -> Result<(), CommentRefusal> {
        if self.comments >= Comment::MAX {
            return Err(CommentRefusal::TooMany);
        }
        self.comments += 1;
        match by {
            PrincipalId::Staff(_) => self.unread_by_client += 1,
            PrincipalId::Client(_) => self.unread_by_staff += 1,
        }
        Ok(())
    }

    /// Somebody takes a comment back: nobody has to read it any more.
    pub const fn lose_comment(&mut self, by: PrincipalId) {
        self.comments = self.comments.saturating_sub(1);
        let unread = match by {
            PrincipalId::Staff(_) => &mut self.unread_by_client,
            PrincipalId::Client(_) => &mut self.unread_by_staff,
        };
        *unread = unread.saturating_sub(1);
    }
}
