//! One spelling for what people spell in several ways, for search alone: who is who is never decided by it (A4).

use icu_normalizer::DecomposingNormalizerBorrowed;

use crate::domain::text::fold;

/// Stands before another spelling of the same field. No UTF-8 has it.
const ALSO: u8 = 0xfe;

/// Apostrophes of any kind, and what is typed for one.
const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '`' | '´' | '\u{2018}'..='\u{201b}' | '\u{2b9}' | '\u{2bb}'..='\u{2bd}' | '\u{2032}' | '\u{ff07}')
}

/// Hyphens and dashes of any kind.
const fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2043}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}

const fn to_hiragana(c: char) -> char {
    match c {
        'ァ'..='ヶ' => match char::from_u32(c as u32 - 0x60) {
            Some(hiragana) => hiragana,
            None => c,
        },
        _ => c,
    }
}

/// Lower case, no accents, no apostrophes and no dashes, one sigma, one kana.
pub(super) fn spelled(text: &str) -> String {
    let kept = |c: &char| !is_apostrophe(*c) && !is_dash(*c);
    // Before the fold, which takes some of them apart, and after it, which makes others.
    let folded = fold(&text.chars().filter(kept).collect::<String>());
    let one = |c| match to_hiragana(c) {
        'ς' => 'σ',
        other => other,
    };
    folded.chars().filter(kept).map(one).collect()
}

/// The spelling that writes a second letter for what stands above the first, `mueller` for `Müller`; none where nothing
/// does.
pub(super) fn spelled_out(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut different = false;
    for c in DecomposingNormalizerBorrowed::new_nfd().normalize_iter(text.chars()) {
        let more = match (c, out.chars().next_back()) {
            ('\u{308}', Some('a' | 'o' | 'u' | 'A' | 'O' | 'U')) => "e",
            ('\u{30a}', Some('a' | 'A')) => "a",
            ('ø' | 'Ø', _) => "oe",
            _ => {
                out.push(c);
                continue;
            }
        };
        out.push_str(more);
        different = true;
    }
    different.then(|| spelled(&out))
}

/// Adds a field to a row's text: its spelling, and the other where it has one.
pub(super) fn push(text: &str, out: &mut Vec<u8>) {
    if text.is_ascii() {
        let kept = text.bytes().filter(|b| !matches!(b, b'\'' | b'`' | b'-'));
        return out.extend(kept.map(|b| b.to_ascii_lowercase()));
    }
    out.extend_from_slice(spelled(text).as_bytes());
    if let Some(other) = spelled_out(text) {
        out.push(ALSO);
        out.extend_from_slice(other.as_bytes());
    }
}

/// The first spelling of a field: what it is sorted by.
pub(super) fn first(field: Option<&[u8]>) -> &[u8] {
    field.and_then(|field| field.split(|b| *b == ALSO).next()).unwrap_or_default()
}

/// The words of what was typed, with one kind of dash, and in lower case without accents.
pub(super) fn words(typed: &str) -> Vec<Word> {
    let parts = typed.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '、' | '，'));
    parts.map(Word::of).filter(|word| !word.spellings.is_empty()).collect()
}

/// A word that was typed.
pub(super) struct Word {
    /// As it is, for what may be part of a phone.
    pub plain: String,
    /// Every way it may stand in a row's text.
    pub spellings: Vec<String>,
}

impl Word {
    fn of(typed: &str) -> Self {
        let plain = fold(&typed.chars().map(|c| if is_dash(c) { '-' } else { c }).collect::<String>());
        // What is joined here may stand apart there.
        let apart = typed.split(is_dash).map(spelled).collect::<Vec<_>>().join(" ");
        let mut spellings = vec![spelled(typed), apart.trim().to_owned()];
        spellings.extend(spelled_out(typed));
        spellings.retain(|spelling| !spelling.is_empty());
        spellings.dedup();
        Self { plain, spellings }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::super::table::Table;
    use super::super::terms::SearchTerms;

    fn finds(typed: &str, first: &str, last: &str) -> bool {
        let mut table = Table::default();
        let phone = Some("+14155550134".to_owned());
        table.push(&crate::domain::directory::Entry { phone, ..samples::plain(1, first, last) });
        SearchTerms::parse(typed, &[]).is_some_and(|wanted| wanted.narrow(&table, &table.live).has(0))
    }

    // A4
    #[test]
    fn a_name_is_found_as_people_spell_it() {
        for (last, typed) in [
            ("O'Brien", "obrien"),
            ("O'Brien", "o’brien"),
            ("O’Neill", "O'Neill"),
            ("O`Dea", "odea"),
            ("Γιώργος", "ΓΙΩΡΓΟΣ"),
            ("Müller", "mueller"),
            ("Müller", "muller"),
            ("Mueller", "müller"),
            ("Sørensen", "soerensen"),
            ("Åberg", "aaberg"),
            ("Smith-Jones", "smithjones"),
            ("Smith-Jones", "smith jones"),
            ("Smith-Jones", "smith\u{2011}jones"),
            ("Smith Jones", "smith-jones"),
            ("タナカ", "たなか"),
            ("たなか", "タナカ"),
            ("Weiß", "weiss"),
        ] {
            assert!(finds(typed, "Pia", last), "{typed} for {last}");
        }
        assert!(finds("Phone, Pia", "Pia", "Phone"));
        assert!(finds("415–555–0134", "Pia", "Phone"));
        assert!(finds("(415)−555", "Pia", "Phone"));
    }

    // A4
    #[test]
    fn two_letters_are_one_only_where_one_was_written() {
        assert!(!finds("sue", "Susan", "Berg"));
        assert!(!finds("mueller", "Pia", "Muller"));
        assert!(SearchTerms::parse(" - ,", &[]).is_none(), "nothing was typed");
    }
}
