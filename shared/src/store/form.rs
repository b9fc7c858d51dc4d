//! The items of a practice's forms and packets, and of how many there are.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::domain::ids::{FormId, PacketId, PracticeId};
use crate::domain::paperwork::{
    Fill, Form, FormContent, FormKind, Library, Packet, Question, QuestionKey, QuestionKind,
};
use crate::domain::text::{ChoiceText, FormText, FormTitle, PacketName, QuestionLabel};

/// What a form says, as forms and sent packets keep it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ContentRow {
    title: FormTitle,
    kind: FormKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<FormText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    questions: Vec<QuestionRow>,
}

#[derive(Debug, Serialize, Deserialize)]
struct QuestionRow {
    key: QuestionKey,
    label: QuestionLabel,
    kind: QuestionKind,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    required: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    options: Vec<ChoiceText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fills: Option<Fill>,
}

impl From<Question> for QuestionRow {
    fn from(question: Question) -> Self {
        let Question { key, label, kind, required, options, fills } = question;
        Self { key, label, kind, required, options, fills }
    }
}

impl From<QuestionRow> for Question {
    fn from(row: QuestionRow) -> Self {
        let QuestionRow { key, label, kind, required, options, fills } = row;
        Self { key, label, kind, required, options, fills }
    }
}

impl From<FormContent> for ContentRow {
    fn from(content: FormContent) -> Self {
        let FormContent { title, kind, text, questions } = content;
        Self { title, kind, text, questions: questions.into_iter().map(QuestionRow::from).collect() }
    }
}

impl ContentRow {
    pub(super) fn read(self, of: &'static str) -> Result<FormContent, Corrupt> {
        let Self { title, kind, text, questions } = self;
        let content = FormContent { title, kind, text, questions: questions.into_iter().map(Question::from).collect() };
        content.check().map_err(|_| Corrupt(of))?;
        Ok(content)
    }
}

/// A form's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct FormRow {
    pid: String,
    id: FormId,
    content: ContentRow,
    created_at: Timestamp,
    changed_at: Timestamp,
}

crate::store::item::versioned!(Form);

impl Entity for Form {
    const NAME: &'static str = "form";
    const SCHEMA: u32 = 1;
    type Row = FormRow;

    fn key(&self) -> Key<Self> {
        keys::form(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> FormRow {
        let Self { id, practice, version: _, content, created_at, changed_at } = self.clone();
        FormRow { pid: practice.key(), id, content: content.into(), created_at, changed_at }
    }
    fn from_row(row: FormRow, version: u64) -> Result<Self, Corrupt> {
        let FormRow { pid, id, content, created_at, changed_at } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { id, practice, version, content: content.read(Self::NAME)?, created_at, changed_at })
    }
}

/// A packet's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct PacketRow {
    pid: String,
    id: PacketId,
    name: PacketName,
    forms: Vec<FormId>,
    created_at: Timestamp,
}

crate::store::item::versioned!(Packet);

impl Entity for Packet {
    const NAME: &'static str = "packet";
    const SCHEMA: u32 = 1;
    type Row = PacketRow;

    fn key(&self) -> Key<Self> {
        keys::packet(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> PacketRow {
        let Self { id, practice, version: _, name, forms, created_at } = self.clone();
        PacketRow { pid: practice.key(), id, name, forms, created_at }
    }
    fn from_row(row: PacketRow, version: u64) -> Result<Self, Corrupt> {
        let PacketRow { pid, id, name, forms, created_at } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Packet::check_ids(&forms).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { id, practice, version, name, forms, created_at })
    }
}

/// A library's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct LibraryRow {
    pid: String,
    forms: u32,
    packets: u32,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    used: BTreeMap<FormId, u32>,
}

crate::store::item::versioned!(Library);

impl Entity for Library {
    const NAME: &'static str = "library";
    const SCHEMA: u32 = 1;
    type Row = LibraryRow;

    fn key(&self) -> Key<Self> {
        keys::library(self.practice)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> LibraryRow {
        let Self { practice, version: _, forms, packets, used } = self.clone();
        LibraryRow { pid: practice.key(), forms, packets, used }
    }
    fn from_row(row: LibraryRow, version: u64) -> Result<Self, Corrupt> {
        let LibraryRow { pid, forms, packets, used } = row;
        let practice = PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?;
        Ok(Self { practice, version, forms, packets, used })
    }
}
