//! Which row names the columns, and what they are called (C2, b.2)?

use super::dates;
use super::reader::Record;
use super::target::{self, HeaderMeaning};
use crate::domain::email::EmailAddress;

/// Rows among which the header is looked for.
pub(super) const TOP: usize = 12;

/// Where the header seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Guess {
    /// The row, not counting blank ones.
    pub(super) row: usize,
    /// Whether it names the columns; else it is the first data.
    pub(super) has_header: bool,
    pub(super) certain: bool,
}

/// A header cell without what editors leave around it: blanks, byte order marks, newlines.
pub(super) fn clean(cell: &str) -> String {
    let blank = |c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}';
    cell.split(blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `column_1`, `column_2`, …
pub(super) fn generated(columns: usize) -> Vec<String> {
    (1..=columns).map(|n| format!("column_{n}")).collect()
}

/// The columns' names, all different in any case: the second `Notes` is `Notes (2)`.
pub(super) fn names(cells: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(cells.len());
    for (at, cell) in cells.iter().enumerate() {
        let written = match clean(super::cells::formula_text(cell.trim())) {
            name if name.is_empty() => format!("column_{}", at + 1),
            name => name,
        };
        let taken = |name: &str| names.iter().any(|other| other.to_lowercase() == name.to_lowercase());
        let numbered = (2..).map(|number| format!("{written} ({number})"));
        let name = std::iter::once(written.clone()).chain(numbered).find(|name| !taken(name));
        names.push(name.unwrap_or(written));
    }
    names
}

/// How many cells of a row are names of columns that we know.
pub(super) fn known(cells: &[String]) -> usize {
    let known = |cell: &&String| target::meaning(&clean(cell)) != HeaderMeaning::Nothing;
    cells.iter().filter(known).count()
}

/// Cells that no header has: addresses and dates.
fn data(cells: &[String]) -> usize {
    cells.iter().filter(|cell| EmailAddress::parse(cell).is_ok() || dates::is_written_date(cell)).count()
}

fn filled(cells: &[String]) -> usize {
    cells.iter().filter(|cell| !cell.trim().is_empty()).count()
}

/// Finds the header among the first rows: below the titles above it, if there are any.
pub(super) fn find(records: &[Record]) -> Option<Guess> {
    let tops = records.get(..TOP.min(records.len())).unwrap_or_default();
    let first = tops.first()?;
    let (known_first, data_first) = (known(&first.fields), data(&first.fields));
    if known_first > 0 && (known_first > 1 || filled(&first.fields) == 1 || known_first > data_first) && !is_title(tops)
    {
        return Some(Guess { row: 0, has_header: true, certain: data_first == 0 });
    }
    // A row whose cells are mostly names we know, with nothing above it that such a row could be.
    let named = tops.iter().position(|row| known(&row.fields) >= 2 && known(&row.fields) > data(&row.fields));
    if let Some(row) = named {
        let wide = tops.get(row).map_or(0, |row| filled(&row.fields));
        let certain = tops.iter().take(row).all(|above| filled(&above.fields) * 2 <= wide.max(3));
        return Some(Guess { row, has_header: true, certain });
    }
    // Titles above a header of names that nobody knows.
    let widest = records.iter().map(|row| filled(&row.fields)).max().unwrap_or_default();
    let titles = tops.iter().take_while(|row| filled(&row.fields) <= 1).count();
    if widest >= 3 && titles > 0 && titles < tops.len() {
        let has_header = tops.get(titles).is_some_and(|row| data(&row.fields) == 0);
        return Some(Guess { row: titles, has_header, certain: false });
    }
    Some(Guess { row: 0, has_header: data_first == 0 || known_first > data_first, certain: data_first == 0 })
}

/// Whether the first row is a title although a word of it is the name of a column: one cell above wider rows, one of which
/// names columns.
fn is_title(tops: &[Record]) -> bool {
    let filled_first = tops.first().map_or(0, |row| filled(&row.fields));
    filled_first == 1 && tops.iter().skip(1).any(|row| known(&row.fields) >= 2 && filled(&row.fields) > 1)
}
