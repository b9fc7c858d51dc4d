//! What a client answers, checked against its question.

use jiff::civil::Date;

use super::question::{Question, QuestionKind};
use crate::domain::text::{ChoiceText, InvalidText, LongAnswer, ShortAnswer};

/// What somebody gave as an answer, before it was checked.
#[derive(Clone, PartialEq)]
pub enum Given {
    /// No answer.
    Nothing,
    YesNo(bool),
    Number(f64),
    Text(String),
    Many(Vec<String>),
    /// Something that no question takes.
    Other,
}

crate::domain::prints_its_name!(Given);

/// An answer that fits its question.
#[derive(Clone, PartialEq, Eq)]
pub enum Answer {
    Short(ShortAnswer),
    Long(LongAnswer),
    YesNo(bool),
    Choice(ChoiceText),
    Choices(Vec<ChoiceText>),
    /// In thousandths.
    Number(i64),
    Date(Date),
    /// 1 to 10.
    Scale(u8),
}

crate::domain::prints_its_name!(Answer);

/// Why something is not an answer to its question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAnswer {
    /// The form is not in the packet.
    #[error("is not a form of this packet")]
    FormUnknown,
    /// The form has no such question.
    #[error("is not a question of this form")]
    QuestionUnknown,
    /// Another kind of value is asked for.
    #[error("must be {0}")]
    Kind(&'static str),
    /// Not a text that is taken.
    #[error(transparent)]
    Text(#[from] InvalidText),
    /// Not offered.
    #[error("is not one of the options")]
    OptionUnknown,
    /// Chosen twice.
    #[error("names an option twice")]
    OptionTwice,
    /// Too small, too large, too exact.
    #[error("must be {0}")]
    OutOfRange(&'static str),
    /// No such day.
    #[error("is not a date such as 1990-12-31, from 1850 to 2200")]
    Date,
    /// All answers together take too much room.
    #[error("the answers are too long altogether; shorten some")]
    TooLarge,
}

impl BadAnswer {
    /// The stable code of a problem document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::FormUnknown => "form_unknown",
            Self::QuestionUnknown => "question_unknown",
            Self::Kind(_) => "answer_kind",
            Self::Text(text) => text.code(),
            Self::OptionUnknown => "option_unknown",
            Self::OptionTwice => "named_twice",
            Self::OutOfRange(_) => "out_of_range",
            Self::Date => "date_invalid",
            Self::TooLarge => "too_large",
        }
    }
}

const NUMBER: &str = "a number from -1000000000 to 1000000000 with at most three decimals";
const SCALE: &str = "a whole number from 1 to 10";
/// The largest number, and how many parts of one are told apart.
const LARGEST: f64 = 1e9;
const PARTS: f64 = 1000.0;

impl Question {
    /// Reads an answer; what is blank is none.
    pub fn read(&self, given: &Given) -> Result<Option<Answer>, BadAnswer> {
        let blank = match given {
            Given::Nothing => true,
            Given::Text(text) => text.trim().is_empty(),
            Given::Many(many) => many.is_empty(),
            Given::YesNo(_) | Given::Number(_) | Given::Other => false,
        };
        if blank {
            return Ok(None);
        }
        Ok(Some(match (self.kind, given) {
            (QuestionKind::ShortText, Given::Text(text)) => Answer::Short(ShortAnswer::parse(text)?),
            (QuestionKind::LongText, Given::Text(text)) => Answer::Long(LongAnswer::parse(text)?),
            (QuestionKind::YesNo, Given::YesNo(yes)) => Answer::YesNo(*yes),
            (QuestionKind::Choice, Given::Text(text)) => Answer::Choice(self.option(text)?),
            (QuestionKind::Choices, Given::Many(many)) => Answer::Choices(self.options_of(many)?),
            (QuestionKind::Number, Given::Number(number)) => Answer::Number(thousandths(*number)?),
            (QuestionKind::Date, Given::Text(text)) => Answer::Date(day(text)?),
            (QuestionKind::Scale, Given::Number(number)) => Answer::Scale(step(*number)?),
            (kind, _) => return Err(BadAnswer::Kind(expected(kind))),
        }))
    }

    fn option(&self, text: &str) -> Result<ChoiceText, BadAnswer> {
        let found = self.options.iter().find(|option| option.as_str() == text.trim());
        found.cloned().ok_or(BadAnswer::OptionUnknown)
    }

    fn options_of(&self, many: &[String]) -> Result<Vec<ChoiceText>, BadAnswer> {
        let mut chosen = Vec::new();
        for text in many {
            let option = self.option(text)?;
            if chosen.contains(&option) {
                return Err(BadAnswer::OptionTwice);
            }
            chosen.push(option);
        }
        Ok(chosen)
    }
}

const fn expected(kind: QuestionKind) -> &'static str {
    match kind {
        QuestionKind::ShortText | QuestionKind::LongText => "a text",
        QuestionKind::YesNo => "true or false",
        QuestionKind::Choice => "one of the options, as a text",
        QuestionKind::Choices => "a list of some of the options",
        QuestionKind::Number => NUMBER,
        QuestionKind::Date => "a date such as 1990-12-31",
        QuestionKind::Scale => SCALE,
    }
}

fn thousandths(number: f64) -> Result<i64, BadAnswer> {
    let parts = (number * PARTS).round();
    if number.abs() <= LARGEST && parts / PARTS == number {
        Ok(parts as i64)
    } else {
        Err(BadAnswer::OutOfRange(NUMBER))
    }
}

fn step(number: f64) -> Result<u8, BadAnswer> {
    let whole = (1..=10_u8).find(|step| f64::from(*step) == number);
    whole.ok_or(BadAnswer::OutOfRange(SCALE))
}

fn day(text: &str) -> Result<Date, BadAnswer> {
    let text = text.trim();
    let date: Date =
        if text.len() == 10 { text.parse().map_err(|_| BadAnswer::Date)? } else { return Err(BadAnswer::Date) };
    if (1850..=2200).contains(&date.year()) { Ok(date) } else { Err(BadAnswer::Date) }
}

impl Answer {
    /// What would have to be given to get it.
    #[must_use]
    pub fn given(&self) -> Given {
        match self {
            Self::Short(text) => Given::Text(text.as_str().to_owned()),
            Self::Long(text) => Given::Text(text.as_str().to_owned()),
            Self::YesNo(yes) => Given::YesNo(*yes),
            Self::Choice(option) => Given::Text(option.as_str().to_owned()),
            Self::Choices(options) => Given::Many(options.iter().map(|option| option.as_str().to_owned()).collect()),
            // At most a million million: exact.
            Self::Number(parts) => Given::Number(*parts as f64 / PARTS),
            Self::Date(day) => Given::Text(day.to_string()),
            Self::Scale(step) => Given::Number(f64::from(*step)),
        }
    }

    /// On paper.
    #[must_use]
    pub fn text(&self) -> String {
        match self.given() {
            Given::Text(text) => text,
            Given::YesNo(yes) => if yes { "yes" } else { "no" }.to_owned(),
            Given::Number(number) => number.to_string(),
            Given::Many(many) => many.join(", "),
            Given::Nothing | Given::Other => String::new(),
        }
    }

    /// About how much room it takes when stored.
    pub(super) fn bytes(&self) -> usize {
        self.text().len() + 20
    }
}
