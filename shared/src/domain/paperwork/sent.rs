//! A packet as it was sent to a client: a copy of its forms, what the client answers, what it signs.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::PaperworkRefusal;
use super::answer::{Answer, BadAnswer, Given};
use super::form::{Form, FormContent};
use super::library::Packet;
use super::question::QuestionKey;
use crate::domain::ids::{FormId, PacketId, PracticeId, SentPacketId, StaffId};
use crate::domain::session::PrincipalId;
use crate::domain::task::Due;
use crate::domain::text::{PacketName, SignedName};

/// A form as it was when it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentForm {
    pub id: FormId,
    /// Which version of the form it is.
    pub version: u64,
    pub content: FormContent,
}

/// A signature under a consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub name: SignedName,
    pub at: Timestamp,
    /// SHA-256 of the text that was signed, in hex.
    pub sha256: String,
}

/// How far a packet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PacketStage {
    /// The client works on it.
    Open,
    /// The client is done with it.
    Submitted,
}

/// The answers to a packet, by form and question.
pub type Answers = BTreeMap<FormId, BTreeMap<QuestionKey, Answer>>;

/// Something required that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub form: FormId,
    /// The question without an answer; none where a signature is missing.
    pub question: Option<QuestionKey>,
}

/// A packet to be sent.
#[derive(Debug, Clone)]
pub struct NewPacket {
    pub id: SentPacketId,
    pub by: PrincipalId,
    pub due: Option<Due>,
}

/// A packet that was sent to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentPacket {
    pub id: SentPacketId,
    pub practice: PracticeId,
    /// Grows by one with each change; the `ETag`.
    pub version: u64,
    /// Which packet of the library it was.
    pub packet: PacketId,
    pub name: PacketName,
    pub forms: Vec<SentForm>,
    pub answers: Answers,
    pub signatures: BTreeMap<FormId, Signature>,
    pub due: Option<Due>,
    pub sent_by: PrincipalId,
    pub sent_at: Timestamp,
    /// When the client last saved.
    pub saved_at: Option<Timestamp>,
    /// When the client submitted it; unchanged from then on.
    pub submitted_at: Option<Timestamp>,
    /// Who of the staff opened it first after that, and when.
    pub seen: Option<(StaffId, Timestamp)>,
}

impl SentPacket {
    /// The most room the answers take, in bytes.
    pub const MAX_ANSWER_BYTES: usize = 80_000;

    /// A copy of a packet's forms as they are now; forms that are not at hand are not in it.
    pub fn new(
        new: NewPacket,
        packet: &Packet,
        forms: &BTreeMap<FormId, Form>,
        now: Timestamp,
    ) -> Result<Self, PaperworkRefusal> {
        let forms: Vec<&Form> = packet.forms.iter().filter_map(|id| forms.get(id)).collect();
        Packet::check_size(forms.iter().copied())?;
        let copy = |form: &Form| SentForm { id: form.id, version: form.version, content: form.content.clone() };
        let NewPacket { id, by, due } = new;
        Ok(Self {
            id,
            practice: packet.practice,
            version: 1,
            packet: packet.id,
            name: packet.name.clone(),
            forms: forms.into_iter().map(copy).collect(),
            answers: Answers::new(),
            signatures: BTreeMap::new(),
            due,
            sent_by: by,
            sent_at: now,
            saved_at: None,
            submitted_at: None,
            seen: None,
        })
    }

    /// How far it is.
    #[must_use]
    pub const fn stage(&self) -> PacketStage {
        if self.submitted_at.is_some() { PacketStage::Submitted } else { PacketStage::Open }
    }

    /// Open, and its due date is over.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp, zone: &TimeZone) -> bool {
        self.stage() == PacketStage::Open && self.due.is_some_and(|due| due.is_over(now, zone))
    }

    /// Refuses a change of what was submitted.
    pub const fn check_open(&self) -> Result<(), PaperworkRefusal> {
        if self.submitted_at.is_some() { Err(PaperworkRefusal::Submitted) } else { Ok(()) }
    }

    /// Refuses to make vanish what the client has submitted, or signed.
    pub fn check_withdrawable(&self) -> Result<(), PaperworkRefusal> {
        self.check_open()?;
        if self.signatures.is_empty() { Ok(()) } else { Err(PaperworkRefusal::SignedInPart) }
    }

    fn form(&self, id: FormId) -> Option<&SentForm> {
        self.forms.iter().find(|form| form.id == id)
    }

    /// Reads answers against the questions. Each that is refused comes with a pointer to it, within the answers.
    pub fn read(&self, given: &BTreeMap<FormId, BTreeMap<String, Given>>) -> Result<Answers, Vec<(String, BadAnswer)>> {
        let (mut answers, mut refused, mut bytes) = (Answers::new(), Vec::new(), 0_usize);
        for (id, given) in given {
            let Some(form) = self.form(*id) else {
                refused.push((format!("/{id}"), BadAnswer::FormUnknown));
                continue;
            };
            let mut read = BTreeMap::new();
            for (key, given) in given {
                let question = QuestionKey::parse(key).ok().and_then(|key| form.content.question(&key));
                match question.map(|question| (question, question.read(given))) {
                    None => refused.push((unknown(*id, key), BadAnswer::QuestionUnknown)),
                    Some((_, Err(bad))) => refused.push((format!("/{id}/{key}"), bad)),
                    Some((_, Ok(None))) => {}
                    Some((question, Ok(Some(answer)))) => {
                        bytes = bytes.saturating_add(answer.bytes()).saturating_add(key.len());
                        read.insert(question.key.clone(), answer);
                    }
                }
            }
            if !read.is_empty() {
                answers.insert(*id, read);
            }
        }
        if refused.is_empty() && bytes > Self::MAX_ANSWER_BYTES {
            refused.push((String::new(), BadAnswer::TooLarge));
        }
        if refused.is_empty() { Ok(answers) } else { Err(refused) }
    }

    /// Takes the answers down in place of those before.
    pub fn save(&mut self, answers: Answers, now: Timestamp) -> Result<(), PaperworkRefusal> {
        self.check_open()?;
        self.answers = answers;
        self.saved_at = Some(now);
        Ok(())
    }

    /// Signs one consent, or all that are not signed yet; `digest` is SHA-256 in hex.
    pub fn sign(
        &mut self,
        name: &SignedName,
        only: Option<FormId>,
        now: Timestamp,
        digest: impl Fn(&[u8]) -> String,
    ) -> Result<(), PaperworkRefusal> {
        self.check_open()?;
        let signable: Vec<&SentForm> = self.forms.iter().filter(|form| form.content.is_signed()).collect();
        if let Some(id) = only.filter(|id| signable.iter().all(|form| form.id != *id)) {
            return Err(PaperworkRefusal::NotSignable(id));
        }
        if signable.is_empty() {
            return Err(PaperworkRefusal::NothingToSign);
        }
        let open = |form: &&SentForm| !self.signatures.contains_key(&form.id) && only.is_none_or(|id| id == form.id);
        let signature = |form: &SentForm| {
            let text = form.content.text.as_ref().map_or("", |text| text.as_str());
            (form.id, Signature { name: name.clone(), at: now, sha256: digest(text.as_bytes()) })
        };
        let signed: Vec<_> = signable.into_iter().filter(open).map(signature).collect();
        if signed.is_empty() {
            return Err(PaperworkRefusal::AlreadySigned);
        }
        self.signatures.extend(signed);
        Ok(())
    }

    /// What is required and not there, in the order of the forms.
    #[must_use]
    pub fn missing(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        for form in &self.forms {
            if form.content.is_signed() && !self.signatures.contains_key(&form.id) {
                missing.push(Missing { form: form.id, question: None });
            }
            let answers = self.answers.get(&form.id);
            let answered = |key: &QuestionKey| answers.is_some_and(|answers| answers.contains_key(key));
            let open = form.content.questions.iter().filter(|asked| asked.required && !answered(&asked.key));
            missing.extend(open.map(|asked| Missing { form: form.id, question: Some(asked.key.clone()) }));
        }
        missing
    }

    /// Hands it in: nothing changes any more.
    pub fn submit(&mut self, now: Timestamp) -> Result<(), PaperworkRefusal> {
        self.check_open()?;
        let missing = self.missing();
        if !missing.is_empty() {
            return Err(PaperworkRefusal::Incomplete(missing));
        }
        self.submitted_at = Some(now);
        Ok(())
    }

    /// Somebody of the staff reads it. Says whether that is the first one after it was submitted.
    pub const fn saw(&mut self, staff: StaffId, now: Timestamp) -> bool {
        let first = self.submitted_at.is_some() && self.seen.is_none();
        if first {
            self.seen = Some((staff, now));
        }
        first
    }
}

/// Points to a question of which there is none: what is no key at all is not repeated.
fn unknown(form: FormId, key: &str) -> String {
    match QuestionKey::parse(key) {
        Ok(key) => format!("/{form}/{}", key.as_str()),
        Err(_) => format!("/{form}"),
    }
}
