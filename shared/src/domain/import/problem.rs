//! What can be wrong with a row: a stable code and one sentence that says how to put it right (C4).

use super::dates::{DateOrder, DateProblem};
use crate::domain::phone::InvalidPhone;
use crate::domain::text::InvalidText;

/// The code of a row with too few or too many cells.
pub(super) const ROW_LENGTH: &str = "row_length";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    NameMissing,
    NameInvalid,
    /// The comma speaks against the order of the whole column.
    NameOrder {
        comma_wanted: bool,
    },
    EmailInvalid,
    Date(DateProblem, DateOrder),
    Phone(InvalidPhone),
    RowLength {
        wanted: usize,
        found: usize,
    },
    Text(InvalidText),
    /// The quotation marks of the line break the rule.
    Quotes,
    /// Between its quotation marks stand lines that are rows of their own.
    Swallowed {
        last: u64,
    },
    /// Bytes that are no characters, or the sign that stands for such.
    Characters,
}

impl From<InvalidText> for Problem {
    fn from(problem: InvalidText) -> Self {
        Self::Text(problem)
    }
}

impl Problem {
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::NameMissing => "name_missing",
            Self::NameInvalid | Self::NameOrder { .. } => "name_invalid",
            Self::EmailInvalid => "email_invalid",
            Self::Date(DateProblem::Invalid, _) => "date_invalid",
            Self::Date(DateProblem::Future, _) => "date_in_future",
            Self::Phone(problem) => problem.code(),
            Self::RowLength { .. } => ROW_LENGTH,
            Self::Text(problem) => problem.code(),
            Self::Quotes | Self::Swallowed { .. } => "quote_broken",
            Self::Characters => "encoding_invalid",
        }
    }

    pub(super) fn fix(self) -> String {
        let sentence = match self {
            Self::NameMissing => "Fill in the client's first name and last name.",
            Self::NameInvalid => "Write the name with letters.",
            Self::NameOrder { comma_wanted: true } => {
                "The other rows of this column read \"Last, First\"; write this name the same way."
            }
            Self::NameOrder { comma_wanted: false } => {
                "The other rows of this column read \"First Last\"; write this name the same way, without a comma."
            }
            Self::EmailInvalid => "Write one e-mail address such as name@example.com, or leave the cell empty.",
            Self::Date(DateProblem::Future, _) => "This date is in the future; correct the year.",
            Self::Date(DateProblem::Invalid, DateOrder::Dmy) => {
                "This is no date of a column that reads day, month, year; write it as 1990-12-31."
            }
            Self::Date(DateProblem::Invalid, DateOrder::Mdy) => {
                "This is no date of a column that reads month, day, year; write it as 1990-12-31."
            }
            Self::Date(DateProblem::Invalid, DateOrder::Iso | DateOrder::Ymd) => {
                "This is no date of the calendar; write it as 1990-12-31."
            }
            Self::Phone(InvalidPhone::Number) => {
                "Check the digits of this phone number, or write it with + and its country code."
            }
            Self::Phone(InvalidPhone::Country) => "Write the phone's country as two letters such as US.",
            Self::Phone(InvalidPhone::CountryMissing) => {
                "Write this phone number with + and its country code, or fill in the phone's country."
            }
            Self::Phone(InvalidPhone::Scientific) => {
                "A spreadsheet rounded this phone number; format the column as text, type the number again and export again."
            }
            Self::RowLength { wanted, found } => {
                return format!(
                    "The row has {found} fields where the header has {wanted}; put quotation marks around a field that holds a separator, or add the missing fields."
                );
            }
            Self::Quotes => {
                "A quotation mark in this line is not closed, or text follows the one that closes it. Delete it, or write it twice inside a cell between quotation marks."
            }
            Self::Swallowed { last } => {
                return format!(
                    "A quotation mark that opens in this row closes only in line {last}, and rows stand between. Delete the mark, or close it where its cell ends."
                );
            }
            Self::Characters => {
                "Some characters of this row are damaged. Type them again, or export the list again as \"CSV UTF-8\"."
            }
            Self::Text(InvalidText::TooLong(most)) => return format!("Shorten this to at most {most} characters."),
            Self::Text(InvalidText::Control) => "Delete line breaks and invisible characters from this cell.",
            Self::Text(InvalidText::Empty) => "Fill in this cell.",
            Self::Text(InvalidText::Link) => "Write this without links or addresses.",
        };
        sentence.to_owned()
    }
}
