//! One row of a file as it stands there, and where.

use std::fmt;

use super::run::Place;

/// Why a record cannot be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Its quotation marks break the rule. Its fields are the line cut at every delimiter, marks and all.
    Quotes,
    /// Some of its bytes are no characters.
    Characters,
}

/// One record of a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// The physical line it starts on, counting from one and counting newlines inside quotes.
    pub line: u64,
    /// The physical line it ends on, which is another one where quotes hold newlines.
    pub last_line: u64,
    /// Where the record after it begins.
    pub next: Place,
    /// The source byte it starts at.
    pub offset: u64,
    /// Its fields, unquoted and otherwise as they stand. Empty for an empty line.
    pub fields: Vec<String>,
    /// Why it cannot be trusted, if so.
    pub fault: Option<Fault>,
    /// Whether a quotation mark stands in a field that does not begin with one.
    pub(super) bare_quote: bool,
    /// Whether a quotation mark above may have meant it as its text.
    pub(super) doubtful: bool,
}

impl Record {
    /// Nothing but separators and blanks: counted as a skipped row.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.fields.iter().all(|field| field.trim().is_empty())
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Record {{ line: {}, bytes: {}..{}, fields: {} }}",
            self.line,
            self.offset,
            self.next.offset,
            self.fields.len()
        )
    }
}
