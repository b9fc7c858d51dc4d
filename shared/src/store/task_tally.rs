//! The item that counts a client's tasks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::domain::ids::{ClientId, PracticeId};
use crate::domain::task::{Due, SetBy, Slot, TaskStage, TaskTally};

/// A tally's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    client: ClientId,
    /// By side, step and due date, in one short word: there can be one for each open task.
    counts: BTreeMap<String, u32>,
}

fn word(slot: &Slot) -> String {
    let by = match slot.by {
        SetBy::Staff => 's',
        SetBy::Client => 'c',
    };
    let stage = match slot.stage {
        TaskStage::Open => 'o',
        TaskStage::InProgress => 'i',
        TaskStage::Done => 'd',
    };
    let due = slot.due.map(|due| due.to_string()).unwrap_or_default();
    format!("{by}{stage}{due}")
}

fn slot(word: &str) -> Option<Slot> {
    let mut letters = word.chars();
    let by = match letters.next()? {
        's' => SetBy::Staff,
        'c' => SetBy::Client,
        _ => return None,
    };
    let stage = match letters.next()? {
        'o' => TaskStage::Open,
        'i' => TaskStage::InProgress,
        'd' => TaskStage::Done,
        _ => return None,
    };
    let due = match letters.as_str() {
        "" => None,
        due => Some(Due::parse(due).ok()?),
    };
    Some(Slot { by, stage, due })
}

crate::store::item::versioned!(TaskTally);

impl Entity for TaskTally {
    const NAME: &'static str = "task_tally";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::task_tally(self.practice, self.client)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self { practice, client, version: _, counts } = self;
        let counts = counts.iter().map(|(slot, count)| (word(slot), *count)).collect();
        Row { pid: practice.key(), client: *client, counts }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row { pid, client, counts } = row;
        let corrupt = Corrupt(Self::NAME);
        let counts = counts.into_iter().map(|(word, count)| Ok((slot(&word).ok_or(corrupt)?, count)));
        Ok(Self {
            practice: PracticeId::from_key(&pid).map_err(|_| corrupt)?,
            client,
            version,
            counts: counts.collect::<Result<_, Corrupt>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::store::item::{from_item, to_item};

    // decision 18, G3
    #[test]
    fn a_tally_reads_back_and_stays_small() {
        let (practice, client) = (PracticeId::from_uuid(Uuid::from_u128(1)), ClientId::from_uuid(Uuid::from_u128(2)));
        let mut tally = TaskTally::empty(practice, client);
        tally.version = 3;
        for second in 0..i64::from(TaskTally::MAX_OPEN) {
            let due = Due::At(jiff::Timestamp::from_second(1_800_000_000 + second).unwrap());
            tally.counts.insert(Slot { by: SetBy::Client, stage: TaskStage::InProgress, due: Some(due) }, 1);
        }
        let day = Due::parse("2026-12-01").unwrap();
        tally.counts.insert(Slot { by: SetBy::Staff, stage: TaskStage::Open, due: Some(day) }, 2);
        tally.counts.insert(Slot { by: SetBy::Staff, stage: TaskStage::Done, due: None }, 4000);
        assert!(serde_json::to_string(&tally.to_row()).unwrap().len() < 16_000);
        assert_eq!(from_item::<TaskTally>(to_item(&tally).unwrap()), Ok(tally));
        for unknown in ["", "s", "x", "so2026", "sx", "zo"] {
            assert_eq!(slot(unknown), None, "{unknown}");
        }
    }
}
