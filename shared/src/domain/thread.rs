//! The conversation of a client with its therapist, in one small item: who wrote last, how far each side has read, what
//! is unread, and who is to be told that something waits (K1, K3).
//!
//! It belongs to the client and stays when the therapist changes. Nothing in it is found out by counting messages.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::ids::{ClientId, FileId, MessageId, PracticeId};
use super::message::{Message, MessageRefusal};
use super::session::PrincipalId;
use super::side::{Side, Sides};
use super::text::{Excerpt, MessageBody};

/// The most messages one thread holds.
pub const MAX_MESSAGES: u32 = 20_000;

/// How many messages are marked one by one when they are read; of more, the thread remembers the rest as a run.
pub const MARKED: usize = 80;

// K3
/// How long something waits unread before its reader is told.
pub const PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// The last message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    pub id: MessageId,
    pub from: PrincipalId,
    pub at: Timestamp,
    /// How it begins.
    pub excerpt: Excerpt,
}

/// How far a side has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadMark {
    pub up_to: MessageId,
    pub at: Timestamp,
    /// How many of the other side's messages that is.
    pub count: u32,
}

/// Messages that were read at once and not marked one by one, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Run {
    /// Not this one yet.
    pub after: u32,
    /// This one still.
    pub through: u32,
    pub at: Timestamp,
}

// K3
/// Where the mail stands that tells a side that something waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// It is due then, unless the side has read by that time.
    Due { at: Timestamp },
    /// This reader was told; no other mail before they have read.
    Told { reader: PrincipalId },
}

/// The thread of a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    pub practice: PracticeId,
    pub client: ClientId,
    /// Grows by one with each change; 0 before the first message.
    pub version: u64,
    pub last: Option<Last>,
    /// How many messages each side has written.
    pub sent: Sides<u32>,
    /// How far each side has read.
    pub read: Sides<Option<ReadMark>>,
    /// What each side has read in runs, oldest first.
    pub runs: Sides<Vec<Run>>,
    /// Who is to be told.
    pub notices: Sides<Option<Notice>>,
}

/// What reading comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Whether the side had not read so far already.
    pub moved: bool,
    /// The messages to mark as read.
    pub marked: Vec<MessageId>,
}

impl Thread {
    /// Nothing written yet.
    #[must_use]
    pub fn empty(practice: PracticeId, client: ClientId) -> Self {
        Self {
            practice,
            client,
            version: 0,
            last: None,
            sent: Sides::default(),
            read: Sides::default(),
            runs: Sides::default(),
            notices: Sides::default(),
        }
    }

    /// How many messages a side has not read.
    #[must_use]
    pub fn unread(&self, side: Side) -> u32 {
        let read = self.read.of(side).map_or(0, |mark| mark.count);
        self.sent.of(side.other()).saturating_sub(read)
    }

    /// Writes the next message. `fresh` is a new time-ordered id.
    pub fn write(
        &mut self,
        fresh: Uuid,
        from: PrincipalId,
        body: MessageBody,
        files: Vec<FileId>,
        now: Timestamp,
    ) -> Result<Message, MessageRefusal> {
        if self.sent.staff.saturating_add(self.sent.client) >= MAX_MESSAGES {
            return Err(MessageRefusal::Full);
        }
        *self.sent.of_mut(Side::of(from)) += 1;
        // Two processes' clocks may differ: the order of ids is the order in which the messages were taken.
        let earliest = self.last.as_ref().map_or(0, |last| last.id.own().as_u128().saturating_add(1));
        let id = MessageId::new(self.client, Uuid::from_u128(fresh.as_u128().max(earliest)));
        self.last = Some(Last { id, from, at: now, excerpt: body.excerpt() });
        let (practice, counted) = (self.practice, self.sent);
        Ok(Message { id, practice, version: 1, from, body, files, created_at: now, counted, read_at: None })
    }

    /// A side has read up to a message; never backwards. `recent` are the messages up to that one, newest first, at least
    /// as many as can be marked or all there are.
    pub fn mark_read(&mut self, side: Side, up_to: &Message, recent: &[Message], now: Timestamp) -> Reading {
        let before = *self.read.of(side);
        if before.is_some_and(|mark| mark.up_to >= up_to.id) {
            return Reading::default();
        }
        let other = side.other();
        let (read, count) = (before.map_or(0, |mark| mark.count), *up_to.counted.of(other));
        let is_new = |message: &&Message| message.side() == other && message.place() > read && message.place() <= count;
        let marked: Vec<MessageId> = recent.iter().filter(is_new).take(MARKED).map(|message| message.id).collect();
        let through = count.saturating_sub(u32::try_from(marked.len()).unwrap_or(u32::MAX));
        if through > read {
            self.runs.of_mut(side).push(Run { after: read, through, at: now });
        }
        *self.read.of_mut(side) = Some(ReadMark { up_to: up_to.id, at: now, count });
        *self.notices.of_mut(side) = None;
        Reading { moved: true, marked }
    }

    /// When the other side read a message; none if it has not.
    #[must_use]
    pub fn read_at(&self, message: &Message) -> Option<Timestamp> {
        let covers = |run: &&Run| run.after < message.place() && message.place() <= run.through;
        let run = || self.runs.of(message.side().other()).iter().find(covers).map(|run| run.at);
        message.read_at.or_else(run)
    }

    // K3
    /// When a side that is to read something has to be looked after, unless that is settled already.
    pub fn expect(&mut self, reader: PrincipalId, now: Timestamp) -> Option<Timestamp> {
        let side = Side::of(reader);
        let notice = self.notices.of_mut(side);
        match notice {
            Some(Notice::Due { .. }) => None,
            Some(Notice::Told { reader: told }) if *told == reader => None,
            Some(Notice::Told { .. }) | None => {
                let at = now + PATIENCE;
                *notice = Some(Notice::Due { at });
                Some(at)
            }
        }
    }

    /// The sides that a mail is due for.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Vec<Side> {
        let is_due = |side: &Side| matches!(self.notices.of(*side), Some(Notice::Due { at }) if *at <= now);
        [Side::Staff, Side::Client].into_iter().filter(is_due).collect()
    }
}

#[cfg(test)]
mod tests;
