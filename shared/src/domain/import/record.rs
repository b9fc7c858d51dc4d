//! One row of a file as it stands there, and where.

use std::fmt;

/// One record of a file.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// The physical line it starts on, counting from one and counting newlines inside quotes.
    pub line: u64,
    /// The physical line after it.
    pub next_line: u64,
    /// The source byte it starts at.
    pub offset: u64,
    /// The source byte after it and its line end.
    pub end: u64,
    /// Its fields, unquoted and otherwise as they stand. Empty for an empty line.
    pub fields: Vec<String>,
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
            self.end,
            self.fields.len()
        )
    }
}
