//! What a worker that takes over must know of a batch.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::outcomes::Outcomes;
use super::report::ReportKind;
use crate::domain::client::Client;
use crate::domain::directory::{Change, Entry};
use crate::domain::identity::Identity;
use crate::domain::ids::ClientId;

/// What is left of a batch once its rows are accounted for.
#[derive(Serialize, Deserialize)]
pub struct Memory {
    /// The rows that later rows may repeat.
    pub(super) seen: Vec<Identity>,
    /// The clients it has updated, with the line that did.
    pub(super) taken: Vec<(ClientId, u64)>,
    /// What the list will show.
    changes: Vec<Shown>,
}

/// An entry of the list as the directory's log encodes it.
#[derive(Serialize, Deserialize)]
struct Shown {
    created: bool,
    change: String,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Memory {{ rows: {}, changes: {} }}", self.seen.len(), self.changes.len())
    }
}

impl Memory {
    /// Of these outcomes. A rehearsal shows nothing in the list.
    #[must_use]
    pub fn of(outcomes: &Outcomes, kind: ReportKind) -> Self {
        let mut memory = Self { seen: Vec::new(), taken: Vec::new(), changes: Vec::new() };
        for judged in &outcomes.judged {
            memory.seen.push(judged.row.identity.clone());
            let Some((client, created)) = judged.verdict.written() else {
                continue;
            };
            if !created {
                memory.taken.push((client.id, judged.row.row.line));
            }
            if kind == ReportKind::Commit {
                memory.changes.push(Shown::new(client, created));
            }
        }
        memory
    }

    /// What the list will show, and whether the import has made the client; `None` if it cannot be read.
    #[must_use]
    pub fn entries(self) -> Option<Vec<(Entry, bool)>> {
        self.changes.into_iter().map(Shown::entry).collect()
    }
}

impl Shown {
    fn new(client: &Client, created: bool) -> Self {
        Self { created, change: STANDARD.encode(Change::Put(Entry::from(client)).encode()) }
    }

    fn entry(self) -> Option<(Entry, bool)> {
        match Change::decode(&STANDARD.decode(self.change).ok()?).ok()? {
            Change::Put(entry) => Some((entry, self.created)),
            Change::Gone { .. } => None,
        }
    }
}
