//! Formula escaping: a spreadsheet must not calculate what a client is called (IMP-4, b.3).

/// A cell that starts so is a formula to a spreadsheet; the full-width signs are to some.
const fn starts_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
}

/// What stands in an exported cell: an apostrophe in front of what a spreadsheet would calculate.
pub(super) fn escaped(cell: &str) -> String {
    let mark = if cell.starts_with(starts_formula) { "'" } else { "" };
    format!("{mark}{cell}")
}

/// What an exported cell stood for: without that one apostrophe.
pub(super) fn unescaped(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(starts_formula)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // b.3: one apostrophe, and only before a formula
    #[test]
    fn only_the_exports_own_apostrophe_is_taken_off() {
        for (cell, wanted) in [
            ("'=1+1", "=1+1"),
            ("'+49 30", "+49 30"),
            ("'t Hooft", "'t Hooft"),
            ("''=x", "''=x"),
            ("'", "'"),
            ("O'Neil", "O'Neil"),
        ] {
            assert_eq!(unescaped(cell), wanted);
        }
    }

    proptest! {
        // IMP-4: what goes out comes back
        #[test]
        fn an_exported_cell_reads_back_and_is_no_formula(cell in "([=+@'-]|\\PC|\t|\r){0,8}") {
            let out = escaped(&cell);
            prop_assert!(!out.starts_with(['=', '+', '-', '@', '\t', '\r']));
            prop_assert_eq!(unescaped(&out), unescaped(&cell));
        }
    }
}
