//! The first row: is it a header, and what are the columns called (C2, b.2)?

use super::dates;
use super::refusal::FileRefusal;
use super::target::{self, HeaderMeaning, Target};
use crate::domain::email::EmailAddress;

/// A header cell without what editors leave around it: blanks, byte order marks, newlines.
pub(super) fn clean(cell: &str) -> String {
    let blank = |c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}';
    cell.split(blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `column_1`, `column_2`, …
pub(super) fn generated(columns: usize) -> Vec<String> {
    (1..=columns).map(|n| format!("column_{n}")).collect()
}

/// The columns' names, all different in any case. Of all targets only tags may stand in repeated columns (b.2).
pub(super) fn names(cells: &[String]) -> Result<Vec<String>, FileRefusal> {
    let mut names: Vec<String> = Vec::with_capacity(cells.len());
    for (at, cell) in cells.iter().enumerate() {
        let mut name = clean(cell);
        if name.is_empty() {
            name = format!("column_{}", at + 1);
        }
        let twin =
            |name: &str, names: &[String]| names.iter().position(|other| other.to_lowercase() == name.to_lowercase());
        if twin(&name, &names).is_some() && target::meaning(&name).target() == Target::Tags {
            name = format!("{name}_{}", at + 1);
        }
        if let Some(other) = twin(&name, &names) {
            return Err(FileRefusal::HeaderDuplicate(other + 1, at + 1));
        }
        names.push(name);
    }
    Ok(names)
}

/// Whether the first row names the columns, and whether that is certain: addresses and dates stand in no header.
pub(super) fn judge(cells: &[String]) -> (bool, bool) {
    let data = cells.iter().filter(|cell| EmailAddress::parse(cell).is_ok() || dates::is_written_date(cell)).count();
    let known = cells.iter().filter(|cell| matches!(target::meaning(&clean(cell)), HeaderMeaning::Target(..))).count();
    (data == 0 || known > data, data == 0)
}
