//! A form of a practice's library.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::question::{Question, QuestionKey};
use crate::domain::ids::{FormId, PracticeId};
use crate::domain::text::{FormText, FormTitle};

/// What a form is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FormKind {
    /// Asks what the practice wants to know.
    Questions,
    /// Is read and signed.
    Consent,
    /// Is worked on.
    Worksheet,
}

/// What a form says and asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormContent {
    pub title: FormTitle,
    pub kind: FormKind,
    /// What is signed of a consent; the introduction of any other.
    pub text: Option<FormText>,
    /// None in a consent.
    pub questions: Vec<Question>,
}

/// Why there is no such form; each says which field of the body it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadForm {
    /// A consent without anything to read.
    #[error("a consent needs the text that is signed")]
    NoText,
    /// Nothing to answer.
    #[error("must be 1 to 100 questions")]
    Questions,
    /// A consent is read and signed, no more.
    #[error("a consent has no questions; put them into a form of their own")]
    Consent,
    /// One key for two.
    #[error("another question of this form has this key")]
    KeyTwice(usize),
    /// Nothing to choose from, or too much.
    #[error("must be 2 to 50 options")]
    Options(usize),
    /// One option for two.
    #[error("names an option twice")]
    OptionTwice(usize),
    /// Nothing to choose here.
    #[error("only choice and choices have options")]
    NoOptions(usize),
    /// The answer is not what the field holds.
    #[error("cannot be filled from a question of this kind")]
    FillKind(usize),
    /// Two answers for one field.
    #[error("another question of this form fills this field")]
    FillTwice(usize),
    /// More than one form holds.
    #[error("the form is too long altogether; make two of it")]
    TooLarge,
}

impl BadForm {
    /// Which field, in the body that describes a form.
    #[must_use]
    pub fn pointer(self) -> String {
        match self {
            Self::NoText => "/text".to_owned(),
            Self::Questions | Self::Consent | Self::TooLarge => "/questions".to_owned(),
            Self::KeyTwice(place) => format!("/questions/{place}/key"),
            Self::Options(place) | Self::OptionTwice(place) | Self::NoOptions(place) => {
                format!("/questions/{place}/options")
            }
            Self::FillKind(place) | Self::FillTwice(place) => format!("/questions/{place}/fills"),
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoText => "required",
            Self::Questions | Self::Options(_) => "out_of_range",
            Self::Consent | Self::NoOptions(_) | Self::FillKind(_) => "kind_not_allowed",
            Self::KeyTwice(_) | Self::OptionTwice(_) | Self::FillTwice(_) => "named_twice",
            Self::TooLarge => "too_large",
        }
    }
}

impl FormContent {
    /// The most questions.
    pub const MAX_QUESTIONS: usize = 100;
    /// The most room one takes when stored, in bytes.
    pub const MAX_BYTES: usize = 100_000;

    /// Refuses what no form can be.
    pub fn check(&self) -> Result<(), BadForm> {
        match self.kind {
            FormKind::Consent if self.text.is_none() => return Err(BadForm::NoText),
            FormKind::Consent if !self.questions.is_empty() => return Err(BadForm::Consent),
            FormKind::Consent => {}
            FormKind::Questions | FormKind::Worksheet => {
                if !(1..=Self::MAX_QUESTIONS).contains(&self.questions.len()) {
                    return Err(BadForm::Questions);
                }
            }
        }
        let (mut keys, mut filled) = (BTreeSet::new(), BTreeSet::new());
        for (place, question) in self.questions.iter().enumerate() {
            if !keys.insert(&question.key) {
                return Err(BadForm::KeyTwice(place));
            }
            let options: BTreeSet<_> = question.options.iter().collect();
            match question.kind.has_options() {
                true if !(2..=Question::MAX_OPTIONS).contains(&question.options.len()) => {
                    return Err(BadForm::Options(place));
                }
                true if options.len() < question.options.len() => return Err(BadForm::OptionTwice(place)),
                false if !options.is_empty() => return Err(BadForm::NoOptions(place)),
                true | false => {}
            }
            if let Some(fill) = question.fills {
                if !fill.takes(question.kind) {
                    return Err(BadForm::FillKind(place));
                }
                if !filled.insert(fill) {
                    return Err(BadForm::FillTwice(place));
                }
            }
        }
        if self.bytes() > Self::MAX_BYTES { Err(BadForm::TooLarge) } else { Ok(()) }
    }

    /// The question with this key.
    #[must_use]
    pub fn question(&self, key: &QuestionKey) -> Option<&Question> {
        self.questions.iter().find(|question| question.key == *key)
    }

    /// Whether it is signed.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.kind == FormKind::Consent
    }

    /// About how much room it takes when stored.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let text = self.text.as_ref().map_or(0, |text| text.as_str().len());
        self.title.as_str().len() + text + self.questions.iter().map(Question::bytes).sum::<usize>() + 100
    }
}

/// A form of a practice. What was sent of it before keeps what it said then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    pub id: FormId,
    pub practice: PracticeId,
    /// Grows by one with each change; the `ETag`, and which version of the form it is.
    pub version: u64,
    pub content: FormContent,
    pub created_at: Timestamp,
    /// When this version was made.
    pub changed_at: Timestamp,
}
