//! The item that sums up a client's thread.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use super::{Store, StoreError};
use crate::domain::ids::{ClientId, MessageId, PracticeId};
use crate::domain::session::PrincipalId;
use crate::domain::side::Sides;
use crate::domain::text::Excerpt;
use crate::domain::thread::{Last, Notice, ReadMark, Run, Thread};

/// A thread's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct ThreadRow {
    pid: String,
    client: ClientId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last: Option<LastRow>,
    sent: Sides<u32>,
    #[serde(default)]
    read_to: Sides<Option<MarkRow>>,
    #[serde(default)]
    runs: Sides<Vec<Run>>,
    #[serde(default)]
    notices: Sides<Option<Notice>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct LastRow {
    id: MessageId,
    by: PrincipalId,
    at: Timestamp,
    excerpt: Excerpt,
}

#[derive(Debug, Serialize, Deserialize)]
struct MarkRow {
    up_to: MessageId,
    at: Timestamp,
    count: u32,
}

crate::store::item::versioned!(Thread);

impl Entity for Thread {
    const NAME: &'static str = "thread";
    const SCHEMA: u32 = 1;
    type Row = ThreadRow;

    fn key(&self) -> Key<Self> {
        keys::thread(self.practice, self.client)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> ThreadRow {
        let Self { practice, client, version: _, last, sent, read, runs, notices } = self.clone();
        let last = last.map(|Last { id, from, at, excerpt }| LastRow { id, by: from, at, excerpt });
        let read_to = read.map(|mark| mark.map(|ReadMark { up_to, at, count }| MarkRow { up_to, at, count }));
        ThreadRow { pid: practice.key(), client, last, sent, read_to, runs, notices }
    }
    fn from_row(row: ThreadRow, version: u64) -> Result<Self, Corrupt> {
        let ThreadRow { pid, client, last, sent, read_to, runs, notices } = row;
        let last = last.map(|LastRow { id, by: from, at, excerpt }| Last { id, from, at, excerpt });
        let read = read_to.map(|mark| mark.map(|MarkRow { up_to, at, count }| ReadMark { up_to, at, count }));
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { practice, client, version, last, sent, read, runs, notices })
    }
}

impl Store {
    /// Reads the threads of many clients; those in which nothing was ever written are left out.
    pub async fn threads(&self, practice: PracticeId, ids: &[ClientId]) -> Result<Vec<Thread>, StoreError> {
        let mut threads = Vec::new();
        // As many as one call takes, and so many calls at once that a large caseload does not take the table.
        for wave in ids.chunks(100 * 8) {
            let load =
                |ids: &[ClientId]| self.load(ids.iter().map(|id| keys::thread(practice, *id)).collect::<Vec<_>>());
            let loaded = futures_util::future::try_join_all(wave.chunks(100).map(load)).await?;
            threads.extend(loaded.into_iter().flatten().flatten());
        }
        Ok(threads)
    }
}
