//! What a form asks.

use super::fill::Fill;
use crate::domain::text::{ChoiceText, QuestionLabel};

/// Why a text is not the key of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 40 lower-case letters, digits and underscores")]
pub struct InvalidKey;

impl InvalidKey {
    /// The stable code of a problem document.
    pub const CODE: &'static str = "key_invalid";
}

/// What a question goes by among those of its form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, pattern = "^[a-z0-9_]{1,40}$")]
pub struct QuestionKey(String);

impl QuestionKey {
    /// The longest allowed, in characters.
    pub const MAX: usize = 40;

    /// Checks.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let fine = (1..=Self::MAX).contains(&text.len()) && text.bytes().all(fits);
        if fine { Ok(Self(text.to_owned())) } else { Err(InvalidKey) }
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> serde::Deserialize<'de> for QuestionKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(|e| serde::de::Error::custom(crate::domain::coded(InvalidKey::CODE, e)))
    }
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// On one line, up to 500 characters.
    ShortText,
    /// On many lines, up to 10,000 characters.
    LongText,
    YesNo,
    /// One of the options.
    Choice,
    /// Any of the options.
    Choices,
    /// Up to a thousand million, with up to three decimals.
    Number,
    /// A calendar day.
    Date,
    /// 1 to 10.
    Scale,
}

impl QuestionKind {
    /// Whether it offers options.
    #[must_use]
    pub const fn has_options(self) -> bool {
        matches!(self, Self::Choice | Self::Choices)
    }
}

/// A question of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub key: QuestionKey,
    pub label: QuestionLabel,
    pub kind: QuestionKind,
    /// Nothing is submitted without an answer.
    pub required: bool,
    /// What there is to choose from.
    pub options: Vec<ChoiceText>,
    /// The field of the profile that the answer can fill.
    pub fills: Option<Fill>,
}

impl Question {
    /// The most that one can offer.
    pub const MAX_OPTIONS: usize = 50;

    /// About how much room it takes when stored.
    pub(super) fn bytes(&self) -> usize {
        let options: usize = self.options.iter().map(|option| option.as_str().len() + 3).sum();
        self.key.as_str().len() + self.label.as_str().len() + options + 100
    }
}
