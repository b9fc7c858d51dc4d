//! The items of a packet that was sent to a client, and of how many there are.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::form::ContentRow;
use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use crate::domain::ids::{ClientId, FormId, PacketId, PracticeId, SentPacketId, StaffId};
use crate::domain::paperwork::{Answer, PacketTally, QuestionKey, SentForm, SentPacket, Signature};
use crate::domain::session::PrincipalId;
use crate::domain::task::Due;
use crate::domain::text::{ChoiceText, LongAnswer, PacketName, ShortAnswer, SignedName};

/// The item's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: SentPacketId,
    packet: PacketId,
    name: PacketName,
    forms: Vec<SentFormRow>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    answers: BTreeMap<FormId, BTreeMap<QuestionKey, AnswerRow>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    signatures: BTreeMap<FormId, SignatureRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<Due>,
    sent_by: PrincipalId,
    sent_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    saved_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    submitted_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen_by: Option<StaffId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, Deserialize)]
struct SentFormRow {
    id: FormId,
    version: u64,
    content: ContentRow,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnswerRow {
    Short(ShortAnswer),
    Long(LongAnswer),
    YesNo(bool),
    Choice(ChoiceText),
    Choices(Vec<ChoiceText>),
    Number(i64),
    Date(Date),
    Scale(u8),
}

crate::domain::prints_its_name!(AnswerRow);

#[derive(Debug, Serialize, Deserialize)]
struct SignatureRow {
    name: SignedName,
    at: Timestamp,
    sha256: String,
}

impl From<Answer> for AnswerRow {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Short(text) => Self::Short(text),
            Answer::Long(text) => Self::Long(text),
            Answer::YesNo(yes) => Self::YesNo(yes),
            Answer::Choice(option) => Self::Choice(option),
            Answer::Choices(options) => Self::Choices(options),
            Answer::Number(parts) => Self::Number(parts),
            Answer::Date(day) => Self::Date(day),
            Answer::Scale(step) => Self::Scale(step),
        }
    }
}

impl From<AnswerRow> for Answer {
    fn from(row: AnswerRow) -> Self {
        match row {
            AnswerRow::Short(text) => Self::Short(text),
            AnswerRow::Long(text) => Self::Long(text),
            AnswerRow::YesNo(yes) => Self::YesNo(yes),
            AnswerRow::Choice(option) => Self::Choice(option),
            AnswerRow::Choices(options) => Self::Choices(options),
            AnswerRow::Number(parts) => Self::Number(parts),
            AnswerRow::Date(day) => Self::Date(day),
            AnswerRow::Scale(step) => Self::Scale(step),
        }
    }
}

/// The same answers in another form.
fn each<A: Into<B>, B>(
    answers: BTreeMap<FormId, BTreeMap<QuestionKey, A>>,
) -> BTreeMap<FormId, BTreeMap<QuestionKey, B>> {
    let one = |of: BTreeMap<QuestionKey, A>| of.into_iter().map(|(key, answer)| (key, answer.into())).collect();
    answers.into_iter().map(|(form, answers)| (form, one(answers))).collect()
}

crate::store::item::versioned!(SentPacket);

impl Entity for SentPacket {
    const NAME: &'static str = "sent_packet";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::sent_packet(self.practice, self.id)
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
            packet,
            name,
            forms,
            answers,
            signatures,
            due,
            sent_by,
            sent_at,
            saved_at,
            submitted_at,
            seen,
        } = self.clone();
        let form = |SentForm { id, version, content }| SentFormRow { id, version, content: content.into() };
        let signature = |(id, Signature { name, at, sha256 })| (id, SignatureRow { name, at, sha256 });
        Row {
            pid: practice.key(),
            id,
            packet,
            name,
            forms: forms.into_iter().map(form).collect(),
            answers: each(answers),
            signatures: signatures.into_iter().map(signature).collect(),
            due,
            sent_by,
            sent_at,
            saved_at,
            submitted_at,
            seen_by: seen.map(|(by, _)| by),
            seen_at: seen.map(|(_, at)| at),
        }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row {
            pid,
            id,
            packet,
            name,
            forms,
            answers,
            signatures,
            due,
            sent_by,
            sent_at,
            saved_at,
            submitted_at,
            seen_by,
            seen_at,
        } = row;
        let form =
            |SentFormRow { id, version, content }| Ok(SentForm { id, version, content: content.read(Self::NAME)? });
        let signature = |(id, SignatureRow { name, at, sha256 })| (id, Signature { name, at, sha256 });
        Ok(Self {
            id,
            practice: PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?,
            version,
            packet,
            name,
            forms: forms.into_iter().map(form).collect::<Result<_, Corrupt>>()?,
            answers: each(answers),
            signatures: signatures.into_iter().map(signature).collect(),
            due,
            sent_by,
            sent_at,
            saved_at,
            submitted_at,
            seen: seen_by.zip(seen_at),
        })
    }
}

/// What counts those without a due date: no name in the table is empty.
const NEVER: &str = "none";

/// A tally's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct TallyRow {
    pid: String,
    client: ClientId,
    /// By due date.
    open: BTreeMap<String, u32>,
    submitted: u32,
    unseen: u32,
}

crate::store::item::versioned!(PacketTally);

impl Entity for PacketTally {
    const NAME: &'static str = "packet_tally";
    const SCHEMA: u32 = 1;
    type Row = TallyRow;

    fn key(&self) -> Key<Self> {
        keys::packet_tally(self.practice, self.client)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> TallyRow {
        let Self { practice, client, version: _, open, submitted, unseen } = self;
        let word = |due: &Option<Due>| due.map_or_else(|| NEVER.to_owned(), |due| due.to_string());
        let open = open.iter().map(|(due, count)| (word(due), *count)).collect();
        TallyRow { pid: practice.key(), client: *client, open, submitted: *submitted, unseen: *unseen }
    }
    fn from_row(row: TallyRow, version: u64) -> Result<Self, Corrupt> {
        let TallyRow { pid, client, open, submitted, unseen } = row;
        let corrupt = Corrupt(Self::NAME);
        let slot = |(word, count): (String, u32)| match word.as_str() {
            NEVER => Ok((None, count)),
            due => Ok((Some(Due::parse(due).map_err(|_| corrupt)?), count)),
        };
        Ok(Self {
            practice: PracticeId::from_key(&pid).map_err(|_| corrupt)?,
            client,
            version,
            open: open.into_iter().map(slot).collect::<Result<_, Corrupt>>()?,
            submitted,
            unseen,
        })
    }
}

#[cfg(test)]
mod tests;
