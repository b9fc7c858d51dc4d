//! The directory in the table, and in the memory of a warm function (decision 20, performance C.3).
//!
//! A snapshot is compressed chunks under a head; since then there is a log, an entry of which stands in each
//! client's transaction. A cold function reads head, chunks and log; a warm one reads the log only.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::item::{self, Corrupt, Entity};
use super::keys::{self, Key};
use super::{Conflict, Store, StoreError, sdk_error};
use crate::crypto::ordered_id;
use crate::domain::directory::{Change, Directory, Scope};
use crate::domain::ids::{PracticeId, TagId};
use crate::domain::session::PrincipalId;

/// How far back the log is read again: writers' clocks differ, and a transaction takes its time.
pub(super) const OVERLAP: SignedDuration = SignedDuration::from_secs(15);
/// How long a directory may go unread before it is read anew: folded log entries are kept for longer than this.
const STALE: SignedDuration = SignedDuration::from_mins(30);
/// Folded log entries are removed once they are this old.
pub(super) const KEEP_LOG: SignedDuration = SignedDuration::from_hours(2);
/// Compaction is due from this many log entries on.
const LONG_LOG: usize = 500;
/// Bytes of directories a process keeps.
const MEMORY: usize = 64 * 1024 * 1024;

/// Which snapshot holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub practice: PracticeId,
    /// Grows by one with each snapshot.
    pub version: u64,
    pub snapshot: Uuid,
    /// How many chunks it has.
    pub chunks: u32,
    /// Everything in the log up to here, in the machines' own time, is folded into it.
    pub folded_through: Timestamp,
}

/// The head's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct HeadRow {
    pid: String,
    snapshot: Uuid,
    chunks: u32,
    folded_through: Timestamp,
}

crate::store::item::versioned!(Head);

impl Entity for Head {
    const NAME: &'static str = "directory_head";
    const SCHEMA: u32 = 1;
    type Row = HeadRow;

    fn key(&self) -> Key<Self> {
        keys::directory_head(self.practice)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> HeadRow {
        let Self { practice, version: _, snapshot, chunks, folded_through } = *self;
        HeadRow { pid: practice.key(), snapshot, chunks, folded_through }
    }
    fn from_row(row: HeadRow, version: u64) -> Result<Self, Corrupt> {
        let HeadRow { pid, snapshot, chunks, folded_through } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { practice, version, snapshot, chunks, folded_through })
    }
}

/// A chunk of a snapshot.
#[derive(Debug)]
pub struct Chunk {
    pub(super) practice: PracticeId,
    pub(super) snapshot: Uuid,
    pub(super) number: u32,
    pub(super) bytes: Vec<u8>,
}

/// A chunk's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct ChunkRow {
    pid: String,
    snapshot: Uuid,
    number: u32,
    #[serde(with = "serde_bytes")]
    bytes: Vec<u8>,
}

impl Entity for Chunk {
    const NAME: &'static str = "directory_chunk";
    const SCHEMA: u32 = 1;
    type Row = ChunkRow;

    fn key(&self) -> Key<Self> {
        keys::directory_chunk(self.practice, self.snapshot, self.number)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        1
    }
    fn to_row(&self) -> ChunkRow {
        ChunkRow { pid: self.practice.key(), snapshot: self.snapshot, number: self.number, bytes: self.bytes.clone() }
    }
    fn from_row(row: ChunkRow, _: u64) -> Result<Self, Corrupt> {
        let ChunkRow { pid, snapshot, number, bytes } = row;
        Ok(Self { practice: PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?, snapshot, number, bytes })
    }
}

/// An entry of the log: a change of one client.
#[derive(Debug)]
pub struct LogItem {
    practice: PracticeId,
    id: Uuid,
    change: Vec<u8>,
}

/// A log entry's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct LogRow {
    pid: String,
    id: Uuid,
    #[serde(with = "serde_bytes")]
    change: Vec<u8>,
}

impl LogItem {
    /// The entry of an encoded change, ordered by the clock that nobody moves: moving the other cannot hide an entry.
    pub(super) fn new(practice: PracticeId, change: Vec<u8>, unmoved: Timestamp) -> Result<Self, StoreError> {
        Ok(Self { practice, id: ordered_id(unmoved)?, change })
    }
}

crate::store::item::plain!(LogItem);

impl Entity for LogItem {
    const NAME: &'static str = "directory_log";
    const SCHEMA: u32 = 1;
    type Row = LogRow;

    fn key(&self) -> Key<Self> {
        keys::directory_log(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        1
    }
    fn to_row(&self) -> LogRow {
        LogRow { pid: self.practice.key(), id: self.id, change: self.change.clone() }
    }
    fn from_row(row: LogRow, _: u64) -> Result<Self, Corrupt> {
        let LogRow { pid, id, change } = row;
        Ok(Self { practice: PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?, id, change })
    }
}

/// What one query of the log brings: entries, and the head behind them.
#[derive(Debug, Default)]
struct Log {
    entries: Vec<LogItem>,
    head: Option<Head>,
}

/// When an ordered id was made.
fn made_at(id: Uuid) -> Timestamp {
    let millis = i64::try_from(id.as_u128() >> 80).unwrap_or(0);
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// A directory as one process holds it.
#[derive(Debug)]
pub struct Held {
    /// The list.
    pub directory: Directory,
    /// The head it was read under, if there was one.
    pub head: Option<Head>,
    last_seen: Timestamp,
    log_length: usize,
    asked: bool,
    read_at: Timestamp,
    outlooks: HashMap<PrincipalId, Outlook>,
}

/// What a caller could see when it last looked: enough to foretell the next page, never to answer with it.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// Whose clients.
    pub scope: Scope,
    /// Tag names, folded.
    pub tags: Vec<(TagId, String)>,
}

impl Held {
    fn empty(head: Option<&Head>, directory: Directory, read_at: Timestamp) -> Self {
        Self {
            directory,
            head: head.cloned(),
            last_seen: head.map_or(Timestamp::UNIX_EPOCH, |h| h.folded_through),
            log_length: 0,
            asked: false,
            read_at,
            outlooks: HashMap::new(),
        }
    }

    /// Applies a piece of the log; `false` means that another snapshot holds by now.
    fn apply(&mut self, log: Log, read_at: Timestamp) -> Result<bool, Corrupt> {
        if log.head.map(|h| h.snapshot) != self.head.as_ref().map(|h| h.snapshot) {
            return Ok(false);
        }
        for entry in log.entries {
            let change = Change::decode(&entry.change).map_err(|_| Corrupt(LogItem::NAME))?;
            if self.directory.apply(change) {
                self.log_length += 1;
            }
            self.last_seen = self.last_seen.max(made_at(entry.id));
        }
        self.read_at = read_at;
        Ok(true)
    }

    /// Whether the log has become long enough to be folded; says so once.
    pub const fn asks_for_compaction(&mut self) -> bool {
        let asks = self.log_length >= LONG_LOG && !self.asked;
        self.asked |= asks;
        asks
    }

    /// What this caller could see when it last looked.
    #[must_use]
    pub fn outlook(&self, principal: PrincipalId) -> Option<Outlook> {
        self.outlooks.get(&principal).cloned()
    }

    /// Remembers what this caller can see.
    pub fn set_outlook(&mut self, principal: PrincipalId, outlook: Outlook) {
        self.outlooks.insert(principal, outlook);
    }

    /// The newest log entry that is in it, in the machines' own time.
    #[must_use]
    pub const fn last_seen(&self) -> Timestamp {
        self.last_seen
    }
}

/// The directories a warm process holds, by practice. The key comes from a verified token only, never across practices.
#[derive(Debug, Clone, Default)]
pub struct Directories {
    held: Arc<Mutex<HashMap<PracticeId, Arc<Mutex<Held>>>>>,
}

impl Directories {
    /// The practice's directory, if it is held and was read lately, by the clock that nobody moves.
    #[must_use]
    pub fn warm(&self, practice: PracticeId, unmoved: Timestamp) -> Option<Arc<Mutex<Held>>> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner).get(&practice).cloned()?;
        let read_at = lock(&held).read_at;
        (unmoved.duration_since(read_at) < STALE).then_some(held)
    }

    /// Keeps a directory, and forgets the least lately read ones beyond the memory given to them.
    pub fn keep(&self, practice: PracticeId, held: Held) -> Arc<Mutex<Held>> {
        let held = Arc::new(Mutex::new(held));
        let mut all = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(practice, held.clone());
        // The least lately read ones go first once there is too much.
        let size = |(id, held): (&PracticeId, &Arc<Mutex<Held>>)| {
            let held = lock(held);
            (held.read_at, *id, held.directory.bytes())
        };
        let mut sizes: Vec<(Timestamp, PracticeId, usize)> = all.iter().map(size).collect();
        sizes.sort_unstable_by_key(|(at, ..)| std::cmp::Reverse(*at));
        let mut sum = 0;
        for (_, id, bytes) in sizes {
            sum += bytes;
            if sum > MEMORY && id != practice {
                all.remove(&id);
            }
        }
        held
    }
}

/// The directory behind its lock; a panic elsewhere leaves it usable, changes are applied whole.
pub fn lock(held: &Mutex<Held>) -> std::sync::MutexGuard<'_, Held> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    async fn log_since(&self, practice: PracticeId, from: Timestamp) -> Result<Log, StoreError> {
        let low = keys::directory_log_from((from - OVERLAP).max(Timestamp::UNIX_EPOCH));
        let mut log = Log::default();
        let mut start = None;
        loop {
            let answer = self
                .client()
                .query()
                .table_name(self.table())
                .consistent_read(true)
                .return_consumed_capacity(self.capacity())
                .key_condition_expression("pk = :pk AND sk BETWEEN :low AND :high")
                .expression_attribute_values(":pk", AttributeValue::S(keys::directory_partition(practice)))
                .expression_attribute_values(":low", AttributeValue::S(low.clone()))
                .expression_attribute_values(":high", AttributeValue::S(keys::DIRECTORY_HEAD.to_owned()))
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|e| sdk_error("Query", &e))?;
            for item in answer.items.unwrap_or_default() {
                if item.get("sk").and_then(|sk| sk.as_s().ok()).is_some_and(|sk| sk == keys::DIRECTORY_HEAD) {
                    log.head = Some(item::from_item(item)?);
                } else {
                    log.entries.push(item::from_item(item)?);
                }
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(log);
            }
        }
    }

    /// Brings a warm directory up to date: one query. `false` means it has to be read anew.
    pub async fn refresh(&self, practice: PracticeId, held: &Mutex<Held>) -> Result<bool, StoreError> {
        let from = lock(held).last_seen;
        let log = self.log_since(practice, from).await?;
        Ok(lock(held).apply(log, self.clock().unmoved())?)
    }

    /// Reads a directory whole: log and chunks at the same time.
    pub async fn read_directory(&self, practice: PracticeId, head: Option<&Head>) -> Result<Held, StoreError> {
        let from = head.map_or(Timestamp::UNIX_EPOCH, |h| h.folded_through);
        let wanted: Vec<Key<Chunk>> = head
            .map(|h| (0..h.chunks).map(|n| keys::directory_chunk(practice, h.snapshot, n)).collect())
            .unwrap_or_default();
        let (log, chunks) = tokio::try_join!(self.log_since(practice, from), self.chunks(&wanted))?;
        let directory = Directory::from_chunks(chunks).map_err(|_| Corrupt(Chunk::NAME))?;
        let mut held = Held::empty(head, directory, self.clock().unmoved());
        if held.apply(log, self.clock().unmoved())? {
            Ok(held)
        } else {
            Err(StoreError::Conflict(Conflict::Stale(Head::NAME)))
        }
    }

    async fn chunks(&self, wanted: &[Key<Chunk>]) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut chunks = Vec::with_capacity(wanted.len());
        for keys in wanted.chunks(40) {
            for chunk in self.load(keys.to_vec()).await? {
                chunks.push(chunk.ok_or(StoreError::Conflict(Conflict::Stale(Head::NAME)))?.bytes);
            }
        }
        Ok(chunks)
    }

    /// Reads the head, then the directory; again if a new snapshot came in between.
    pub async fn load_directory(&self, practice: PracticeId) -> Result<Held, StoreError> {
        for _ in 0..5 {
            let head = self.load(keys::directory_head(practice)).await?;
            match self.read_directory(practice, head.as_ref()).await {
                Err(StoreError::Conflict(_)) => {}
                other => return other,
            }
        }
        Err(StoreError::Unavailable("the directory changes faster than it can be read".to_owned()))
    }

    /// The practice's directory for a list or search, read whole under the head that was just read.
    pub async fn directory(
        &self,
        held: &Directories,
        practice: PracticeId,
        head: Option<&Head>,
    ) -> Result<Arc<Mutex<Held>>, StoreError> {
        let fresh = match self.read_directory(practice, head).await {
            Err(StoreError::Conflict(_)) => self.load_directory(practice).await?,
            other => other?,
        };
        Ok(held.keep(practice, fresh))
    }
}
