//! The items of a client's notes: the notes, what they said before, the comments on them, and their sum.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::condition::Amendment;
use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use super::{Conflict, Guard, Store, StoreError, Tx};
use crate::access::Grant;
use crate::domain::ids::{AppointmentId, ClientId, CommentId, NoteId, PracticeId};
use crate::domain::note::{Comment, Content, Edition, KEPT, Note, NoteTally, Seen, Written};
use crate::domain::session::PrincipalId;
use crate::domain::text::{CommentBody, NoteBody, NoteTitle};

/// What a note says, as it stands in an item.
#[derive(Debug, Serialize, Deserialize)]
struct ContentRow {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<NoteTitle>,
    body: NoteBody,
    shared: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    appointment: Option<AppointmentId>,
}

impl From<Content> for ContentRow {
    fn from(content: Content) -> Self {
        let Content { title, body, shared, appointment } = content;
        Self { title, body, shared, appointment }
    }
}

impl From<ContentRow> for Content {
    fn from(row: ContentRow) -> Self {
        let ContentRow { title, body, shared, appointment } = row;
        Self { title, body, shared, appointment }
    }
}

/// A note's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: NoteId,
    edition: u32,
    author: PrincipalId,
    content: ContentRow,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edited_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<Seen>,
    #[serde(default)]
    comments: u32,
    #[serde(default)]
    unread_by_staff: u32,
    #[serde(default)]
    unread_by_client: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted_at: Option<Timestamp>,
}

crate::store::item::versioned!(Note);

impl Entity for Note {
    const NAME: &'static str = "note";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::note(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self {
            id,
            practice,
            version: _,
            edition,
            author,
            content,
            created_at,
            edited_at,
            seen,
            comments,
            unread_by_staff,
            unread_by_client,
            deleted_at,
        } = self.clone();
        Row {
            pid: practice.key(),
            id,
            edition,
            author,
            content: content.into(),
            created_at,
            edited_at,
            seen,
            comments,
            unread_by_staff,
            unread_by_client,
            deleted_at,
        }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row { pid, id, edition, author, content, created_at, edited_at, seen, .. } = row;
        let Row { comments, unread_by_staff, unread_by_client, deleted_at, .. } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self {
            id,
            practice,
            version,
            edition,
            author,
            content: content.into(),
            created_at,
            edited_at,
            seen,
            comments,
            unread_by_staff,
            unread_by_client,
            deleted_at,
        })
    }
}

/// An earlier version's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct EditionRow {
    pid: String,
    note: NoteId,
    number: u32,
    content: ContentRow,
    at: Timestamp,
}

crate::store::item::plain!(Edition);

impl Entity for Edition {
    const NAME: &'static str = "note_edition";
    const SCHEMA: u32 = 1;
    type Row = EditionRow;

    fn key(&self) -> Key<Self> {
        keys::note_edition(self.practice, self.note, self.number)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        1
    }
    fn to_row(&self) -> EditionRow {
        let Self { note, practice, number, content, at } = self.clone();
        EditionRow { pid: practice.key(), note, number, content: content.into(), at }
    }
    fn from_row(row: EditionRow, _: u64) -> Result<Self, Corrupt> {
        let EditionRow { pid, note, number, content, at } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { note, practice, number, content: content.into(), at })
    }
}

/// A comment's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct CommentRow {
    pid: String,
    id: CommentId,
    note: NoteId,
    author: PrincipalId,
    body: CommentBody,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    edited_at: Option<Timestamp>,
}

crate::store::item::versioned!(Comment);

impl Entity for Comment {
    const NAME: &'static str = "note_comment";
    const SCHEMA: u32 = 1;
    type Row = CommentRow;

    fn key(&self) -> Key<Self> {
        keys::note_comment(self.practice, self.note, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> CommentRow {
        let Self { id, practice, note, version: _, author, body, created_at, edited_at } = self.clone();
        CommentRow { pid: practice.key(), id, note, author, body, created_at, edited_at }
    }
    fn from_row(row: CommentRow, version: u64) -> Result<Self, Corrupt> {
        let CommentRow { pid, id, note, author, body, created_at, edited_at } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { id, practice, note, version, author, body, created_at, edited_at })
    }
}

/// The sum's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct TallyRow {
    pid: String,
    client: ClientId,
    #[serde(default)]
    written: BTreeMap<PrincipalId, Written>,
    #[serde(default)]
    new_to_client: u32,
    #[serde(default)]
    new_to_staff: u32,
    #[serde(default)]
    unread_by_client: u32,
    #[serde(default)]
    unread_by_staff: u32,
}

crate::store::item::versioned!(NoteTally);

impl Entity for NoteTally {
    const NAME: &'static str = "note_tally";
    const SCHEMA: u32 = 1;
    type Row = TallyRow;

    fn key(&self) -> Key<Self> {
        keys::note_tally(self.practice, self.client)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> TallyRow {
        let Self { practice, client, version: _, written, new_to_client, new_to_staff, .. } = self.clone();
        let Self { unread_by_client, unread_by_staff, .. } = *self;
        TallyRow {
            pid: practice.key(),
            client,
            written,
            new_to_client,
            new_to_staff,
            unread_by_client,
            unread_by_staff,
        }
    }
    fn from_row(row: TallyRow, version: u64) -> Result<Self, Corrupt> {
        let TallyRow { pid, client, written, new_to_client, new_to_staff, unread_by_client, unread_by_staff } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { practice, client, version, written, new_to_client, new_to_staff, unread_by_client, unread_by_staff })
    }
}

fn one() -> (&'static str, AttributeValue) {
    (":one", AttributeValue::N("1".to_owned()))
}

impl Tx {
    /// Puts a note in place of what was read of it, and counts it as what it is now.
    pub fn change_note(&mut self, before: &Note, after: &mut Note, tally: &mut NoteTally) -> &mut Self {
        tally.change(before, after);
        self.replace(after).replace(tally)
    }

    /// Writes down that the other side has these before its eyes now. Nothing of it depends on what else happens to the
    /// client's notes, so that who reads is not held up by who writes; it does depend on each of them being shared still.
    pub fn see_notes(&mut self, client: ClientId, notes: &[&mut Note], by: PrincipalId, now: Timestamp) -> &mut Self {
        let practice = self.grant().practice();
        let at = || AttributeValue::S(now.to_string());
        for note in notes {
            let amendment = if note.seen.is_none() {
                let seen = HashMap::from([("first_at".to_owned(), at()), ("last_at".to_owned(), at())]);
                Amendment {
                    update: "SET seen = :seen, version = version + :one",
                    condition: "attribute_not_exists(seen) AND attribute_not_exists(deleted_at) AND content.#shared = :yes",
                    names: vec![("#shared", "shared".to_owned())],
                    values: vec![(":seen", AttributeValue::M(seen)), (":yes", AttributeValue::Bool(true)), one()],
                }
            } else {
                Amendment {
                    update: "SET seen.#last = :now, version = version + :one",
                    condition: "attribute_exists(seen)",
                    names: vec![("#last", "last_at".to_owned())],
                    values: vec![(":now", at()), one()],
                }
            };
            self.amend(keys::note(practice, note.id), amendment, Conflict::Stale(Note::NAME)).touches(note.id);
        }
        let new = notes.iter().filter(|note| note.seen.is_none()).count();
        if new > 0 {
            let counted = if by.is_staff() { "new_to_staff" } else { "new_to_client" };
            let amendment = Amendment {
                update: "SET #new = #new - :seen, version = version + :one",
                condition: "#new >= :seen",
                names: vec![("#new", counted.to_owned())],
                values: vec![(":seen", AttributeValue::N(new.to_string())), one()],
            };
            self.amend(keys::note_tally(practice, client), amendment, Conflict::Stale(NoteTally::NAME));
        }
        self
    }

    /// Has a deleted note forgotten for good once its author can no longer have it back.
    pub fn plan_purge(&mut self, note: &Note, deleted_at: Timestamp) -> &mut Self {
        self.put(&Guard::note_purge(note.practice, note.id, deleted_at + KEPT))
    }

    /// Its author has it back.
    pub fn drop_purge(&mut self, note: &Note, deleted_at: Timestamp) -> &mut Self {
        self.release(Guard::note_purge(note.practice, note.id, deleted_at + KEPT).key())
    }
}

impl Store {
    /// Removes a deleted note with all that it said before and all comments on it, for good. Safe to repeat.
    pub async fn forget_note(&self, grant: &Grant, id: NoteId) -> Result<(), StoreError> {
        let practice = grant.practice();
        let (editions, comments) = (keys::note_editions(practice, id), keys::note_comments(practice, id));
        let (editions, comments) = tokio::try_join!(self.all(&editions), self.all(&comments))?;
        let mut places: Vec<_> = editions.iter().map(|edition| edition.key().into_place()).collect();
        places.extend(comments.iter().map(|comment| comment.key().into_place()));
        self.remove(&places).await?;
        // Last, so that what was interrupted is found again.
        self.remove(&[keys::note(practice, id).into_place()]).await
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::store::item::{from_item, to_item};

    // decision 18
    #[test]
    fn a_note_reads_back_with_its_versions_comments_and_sum() {
        let client = ClientId::from_uuid(Uuid::from_u128(2));
        let (id, practice) = (NoteId::new(client, Uuid::from_u128(3)), PracticeId::from_uuid(Uuid::from_u128(1)));
        let body = NoteBody::parse("Größe").unwrap();
        let content = Content { title: NoteTitle::parse("a").ok(), body, shared: true, appointment: None };
        let author = PrincipalId::Client(client);
        let mut note = Note::new(id, practice, author, content, Timestamp::UNIX_EPOCH);
        note.saw(Timestamp::UNIX_EPOCH);
        note.take_comment(author).unwrap();
        note.delete(Timestamp::UNIX_EPOCH);
        assert_eq!(from_item::<Note>(to_item(&note).unwrap()), Ok(note.clone()));
        let edition = note.as_edition();
        assert_eq!(from_item::<Edition>(to_item(&edition).unwrap()), Ok(edition));
        let comment = Comment {
            id: CommentId::new(client, Uuid::from_u128(4)),
            practice,
            note: id,
            version: 3,
            author,
            body: CommentBody::parse("yes").unwrap(),
            created_at: Timestamp::UNIX_EPOCH,
            edited_at: Some(Timestamp::UNIX_EPOCH),
        };
        assert_eq!(from_item::<Comment>(to_item(&comment).unwrap()), Ok(comment));
        let mut tally = NoteTally::empty(practice, client);
        note.restore().unwrap();
        tally.admit(&note).unwrap();
        assert_eq!(from_item::<NoteTally>(to_item(&tally).unwrap()), Ok(tally));
    }
}
