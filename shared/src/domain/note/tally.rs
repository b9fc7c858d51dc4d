//! What a client's notes come to, kept with each change, so that nobody counts by reading them all.

use std::collections::BTreeMap;

use crate::domain::ids::{ClientId, PracticeId};
use crate::domain::note::{Note, NoteRefusal};
use crate::domain::session::PrincipalId;

/// How many notes somebody has written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Written {
    /// Those that the other side sees.
    pub shared: u32,
    /// Those that it does not.
    pub hidden: u32,
}

/// The notes of one client, summed up. What is deleted counts nowhere, what is hidden only for its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteTally {
    pub practice: PracticeId,
    pub client: ClientId,
    /// Grows by one with each change; 0 before the first.
    pub version: u64,
    /// By author.
    pub written: BTreeMap<PrincipalId, Written>,
    /// Shared by staff, and not seen by the client yet.
    pub new_to_client: u32,
    /// Shared by the client, and not seen by any staff yet.
    pub new_to_staff: u32,
    /// Comments on shared notes that the client has not seen.
    pub unread_by_client: u32,
    /// Comments on shared notes that no staff has seen.
    pub unread_by_staff: u32,
}

impl NoteTally {
    /// The most notes by one side of one client.
    pub const MAX: u32 = 20_000;

    /// No notes yet.
    #[must_use]
    pub const fn empty(practice: PracticeId, client: ClientId) -> Self {
        Self {
            practice,
            client,
            version: 0,
            written: BTreeMap::new(),
            new_to_client: 0,
            new_to_staff: 0,
            unread_by_client: 0,
            unread_by_staff: 0,
        }
    }

    /// A note comes. Each side has room of its own: how much the other one has written shows nowhere.
    pub fn admit(&mut self, note: &Note) -> Result<(), NoteRefusal> {
        let same_side = |author: &PrincipalId| matches!(author, PrincipalId::Client(_)) == note.is_from_client();
        let of_side = self.written.iter().filter(|(author, _)| same_side(author));
        let count: u32 = of_side.map(|(_, written)| written.shared.saturating_add(written.hidden)).sum();
        if count >= Self::MAX {
            return Err(NoteRefusal::TooMany);
        }
        self.add(note);
        Ok(())
    }

    /// A note is not what it was.
    pub fn change(&mut self, before: &Note, after: &Note) {
        self.take(before);
        self.add(after);
    }

    /// How many notes a reader sees, who sees what is hidden by some.
    #[must_use]
    pub fn total(&self, sees_hidden_by: impl Fn(PrincipalId) -> bool) -> u32 {
        let seen = self.written.iter().map(|(author, written)| match sees_hidden_by(*author) {
            true => written.shared.saturating_add(written.hidden),
            false => written.shared,
        });
        seen.sum()
    }

    fn add(&mut self, note: &Note) {
        self.count(note, u32::saturating_add);
    }

    fn take(&mut self, note: &Note) {
        self.count(note, u32::saturating_sub);
        self.written.retain(|_, written| *written != Written::default());
    }

    fn count(&mut self, note: &Note, by: impl Fn(u32, u32) -> u32) {
        if note.deleted_at.is_some() {
            return;
        }
        let written = self.written.entry(note.author).or_default();
        if !note.content.shared {
            written.hidden = by(written.hidden, 1);
            return;
        }
        written.shared = by(written.shared, 1);
        self.unread_by_client = by(self.unread_by_client, note.unread_by_client);
        self.unread_by_staff = by(self.unread_by_staff, note.unread_by_staff);
        if note.seen.is_none() {
            let new = if note.is_from_client() { &mut self.new_to_staff } else { &mut self.new_to_client };
            *new = by(*new, 1);
        }
    }
}
