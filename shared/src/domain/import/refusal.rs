//! Why a whole file is refused, and the limits of a file (C9, decision 13).

/// The largest file, in bytes.
pub const MAX_BYTES: u64 = 50_000_000;
/// The most records after the header, empty ones included.
pub const MAX_ROWS: u64 = 200_000;
/// The most columns that hold something.
pub const MAX_COLUMNS: usize = 64;
/// The most columns that a header names, empty ones included.
pub const MAX_HEADER: usize = 256;
/// The longest record, in bytes of UTF-8.
pub const MAX_RECORD: usize = 64 * 1024;

/// Why a file as a whole is refused. The sentence says what to do and never repeats what the file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileRefusal {
    /// No bytes, or a byte order mark alone.
    #[error("The file is empty. Export the client list again and upload the new file.")]
    Empty,
    /// A ZIP container, which every .xlsx and .ods is.
    #[error(
        "This is an Excel workbook or a ZIP archive. Open it in a spreadsheet, save it as \"CSV UTF-8\" and upload that."
    )]
    Zip,
    #[error("The file is compressed with gzip. Unpack it and upload the CSV file inside.")]
    Gzip,
    #[error("This is a PDF document. Export the client list as CSV and upload that.")]
    Pdf,
    /// A workbook of Excel 97–2003.
    #[error(
        "This is an old Excel workbook (.xls). Open it in a spreadsheet, save it as \"CSV UTF-8\" and upload that."
    )]
    OldExcel,
    /// HTML or XML, which some products call a spreadsheet.
    #[error("This is a web page or XML, not CSV. Open it in a spreadsheet, save it as \"CSV UTF-8\" and upload that.")]
    Markup,
    /// NUL bytes outside UTF-16 with a byte order mark.
    #[error("The file holds binary data. Open it in a spreadsheet, save it as \"CSV UTF-8\" and upload that.")]
    Binary,
    /// Over [`MAX_BYTES`].
    #[error("The file is larger than 50 MB. Split it into smaller files and import them one after the other.")]
    TooLarge,
    /// Nothing but empty lines.
    #[error("The file has no row with column names. Add one as the first row and upload the file again.")]
    HeaderMissing,
    /// A header and nothing under it.
    #[error("The file has column names but no rows. Check the filter of the export and upload the file again.")]
    NoRows,
    /// Over [`MAX_COLUMNS`] or [`MAX_HEADER`].
    #[error("The file has more than 64 columns with values. Delete those you do not need and upload it again.")]
    TooManyColumns,
    /// Over [`MAX_ROWS`].
    #[error(
        "The file has more than 200,000 rows, empty ones included. Split it and import the parts one after the other."
    )]
    TooManyRows,
    /// Over [`MAX_RECORD`]; the line is where the record starts.
    #[error(
        "Line {0} is longer than 64 KiB. Shorten it, or check that the file is a list with a line for each client."
    )]
    RowTooLong(u64),
}

impl FileRefusal {
    /// The stable code of a problem document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "file_empty",
            Self::Zip => "file_is_zip",
            Self::Gzip => "file_is_gzip",
            Self::Pdf | Self::OldExcel | Self::Binary => "file_binary",
            Self::Markup => "file_is_markup",
            Self::TooLarge => "file_too_large",
            Self::HeaderMissing => "header_missing",
            Self::NoRows => "no_rows",
            Self::TooManyColumns => "too_many_columns",
            Self::TooManyRows => "too_many_rows",
            Self::RowTooLong(_) => "row_too_long",
        }
    }
}

/// A size that no file to be imported has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeRefusal {
    /// No bytes.
    Empty,
    /// Over the limit (C9).
    TooLarge,
}

/// Checks the announced size, before any work (C9).
pub const fn check_size(size: u64) -> Result<(), SizeRefusal> {
    match size {
        0 => Err(SizeRefusal::Empty),
        1..=MAX_BYTES => Ok(()),
        _ => Err(SizeRefusal::TooLarge),
    }
}
