//! The items of a practice's task templates, and of how many there are.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use super::task::RepeatRow;
use crate::domain::ids::{PracticeId, TaskTemplateId};
use crate::domain::task::{TaskKind, TaskTemplate, TaskTemplates, Wording};
use crate::domain::text::{TaskText, TaskTitle, TemplateName};

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: TaskTemplateId,
    name: TemplateName,
    title: TaskTitle,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<TaskText>,
    kind: TaskKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_in_days: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repeat: Option<RepeatRow>,
    created_at: Timestamp,
}

crate::store::item::versioned!(TaskTemplate);

impl Entity for TaskTemplate {
    const NAME: &'static str = "task_template";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::task_template(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self { id, practice, version: _, wording, created_at } = self.clone();
        let Wording { name, title, text, kind, due_in_days, repeat } = wording;
        let repeat = repeat.as_ref().map(RepeatRow::from);
        Row { pid: practice.key(), id, name, title, text, kind, due_in_days, repeat, created_at }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row { pid, id, name, title, text, kind, due_in_days, repeat, created_at } = row;
        let repeat = repeat.map(|repeat| repeat.read(Self::NAME)).transpose()?;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        let wording = Wording { name, title, text, kind, due_in_days, repeat };
        Ok(Self { id, practice, version, wording, created_at })
    }
}

/// A tally's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct TallyRow {
    pid: String,
    count: u32,
}

crate::store::item::versioned!(TaskTemplates);

impl Entity for TaskTemplates {
    const NAME: &'static str = "task_templates_tally";
    const SCHEMA: u32 = 1;
    type Row = TallyRow;

    fn key(&self) -> Key<Self> {
        keys::task_templates_tally(self.practice)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> TallyRow {
        TallyRow { pid: self.practice.key(), count: self.count }
    }
    fn from_row(row: TallyRow, version: u64) -> Result<Self, Corrupt> {
        let practice = PracticeId::from_key(&row.pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { practice, version, count: row.count })
    }
}
