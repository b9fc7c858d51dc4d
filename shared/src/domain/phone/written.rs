//! What people write around a number: an extension, whose it is, when to call.

/// Words before an extension, in the languages that lists come in.
const EXTENSIONS: &[&str] = &[
    "x",
    "ex",
    "ext",
    "extn",
    "exten",
    "extension",
    "xtn",
    "dw",
    "durchwahl",
    "nst",
    "nebenstelle",
    "poste",
    "int",
    "interno",
    "anexo",
    "ramal",
    "doorkies",
    "toestel",
    "доб",
];

/// The longest extension there is (ITU leaves it open; this is what the library that reads numbers takes).
const LONGEST: usize = 9;

/// The fewest digits that a number has anywhere.
const SHORTEST: usize = 4;

/// A text taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written<'t> {
    /// Digits with what parts them.
    pub number: &'t str,
    /// Digits dialled after it.
    pub extension: Option<&'t str>,
    /// Whatever else there is, in the order it was written.
    pub remark: String,
}

/// Whether it may stand within a number.
fn parts_digits(c: char) -> bool {
    c.is_numeric()
        || c.is_whitespace()
        || "+-.()[]/\\*~".contains(c)
        || ('\u{2010}'..='\u{2015}').contains(&c)
        || "−／－．（）＋".contains(c)
}

/// A piece of the text: as long as possible of one kind.
#[derive(Debug, Clone, Copy)]
struct Piece<'t> {
    text: &'t str,
    /// Whether it can be a number.
    digits: usize,
}

/// The text in pieces that may be of a number and others; brackets around words belong to the words.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut ends: Vec<(usize, bool)> = Vec::new();
    for (at, c) in text.char_indices() {
        let of_number = parts_digits(c);
        match ends.last_mut() {
            Some((end, kind)) if *kind == of_number => *end = at + c.len_utf8(),
            _ => ends.push((at + c.len_utf8(), of_number)),
        }
    }
    let mut from = 0;
    let piece = |(end, _): (usize, bool)| {
        let text = text.get(from..end).unwrap_or_default();
        from = end;
        Piece { text, digits: text.chars().filter(|c| c.is_numeric()).count() }
    };
    ends.into_iter().map(piece).collect()
}

/// Takes a text apart; none where no piece of it has digits enough, or where letters touch the digits: those may stand
/// for digits, and nobody can tell.
pub(super) fn take_apart(text: &str) -> Option<Written<'_>> {
    let all = pieces(text);
    let most = all.iter().map(|piece| piece.digits).max().filter(|most| *most >= SHORTEST)?;
    let at = all.iter().position(|piece| piece.digits == most)?;
    let number = all.get(at)?.text;
    let before = all.get(..at)?;
    let (mut after, mut extension) = (all.get(at + 1..)?, None);
    if let Some(word) = after.first() {
        let mark = word.text.trim_matches(['.', ':', '=', ';', ',', '(', '[']).to_lowercase();
        let is_mark = EXTENSIONS.contains(&mark.as_str()) || matches!(word.text, "#" | ";" | ",");
        let digits = after.get(1).map_or("", |next| next.text.trim_matches(|c: char| !c.is_ascii_digit()));
        if is_mark && (1..=LONGEST).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            extension = Some(digits);
            after = after.get(2..)?;
        } else if touches(number, word.text) {
            return None;
        }
    }
    // More digits than a house or a floor has are another number, and which of them is meant nobody can tell.
    if after.iter().chain(before).any(|piece| piece.digits >= 5) {
        return None;
    }
    if before
        .last()
        .is_some_and(|word| word.text.ends_with(char::is_alphabetic) && number.starts_with(char::is_numeric))
    {
        return None;
    }
    let words = |pieces: &[Piece<'_>]| pieces.iter().map(|piece| piece.text).collect::<String>();
    let remark = format!("{}{}", words(before), words(after));
    let remark = remark.trim_matches(|c: char| c.is_whitespace() || "()[]:;,.-/".contains(c));
    Some(Written { number: bare(number), extension, remark: remark.to_owned() })
}

/// Whether a word goes on where the digits end, as in `555-CALL` and `5550134a`.
fn touches(number: &str, word: &str) -> bool {
    let starts = word.starts_with(char::is_alphabetic);
    starts && number.ends_with(|c: char| c.is_numeric() || "-.–".contains(c))
}

/// A number without what belongs to the words around it.
fn bare(number: &str) -> &str {
    let start = |c: char| c.is_whitespace() || ")]-./".contains(c);
    let end = |c: char| c.is_whitespace() || "([-./".contains(c);
    number.trim_start_matches(start).trim_end_matches(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> Option<(&str, Option<&str>, String)> {
        take_apart(text).map(|written| (written.number, written.extension, written.remark))
    }

    // B4
    #[test]
    fn a_remark_is_no_part_of_a_number() {
        for (text, number, remark) in [
            ("020 7946 0018 mum", "020 7946 0018", "mum"),
            ("0412 345 678 (wife)", "0412 345 678", "wife"),
            ("Home: 020 7946 0018", "020 7946 0018", "Home"),
            ("(wife) 0412 345 678", "0412 345 678", "wife"),
            ("+49 (0)30 5557634", "+49 (0)30 5557634", ""),
            ("(415) 555-0134", "(415) 555-0134", ""),
            ("415 555 0134, after 5 pm", "415 555 0134", "after 5 pm"),
        ] {
            assert_eq!(taken(text), Some((number, None, remark.to_owned())), "{text}");
        }
    }

    // B4
    #[test]
    fn an_extension_is_one_by_its_mark() {
        for text in
            ["415 555 0134 x12", "415 555 0134 ext. 12", "415 555 0134;ext=12", "415 555 0134 #12", "415 555 0134x12"]
        {
            assert_eq!(taken(text), Some(("415 555 0134", Some("12"), String::new())), "{text}");
        }
        assert_eq!(taken("030 5557634 DW 7 Herr Berg"), Some(("030 5557634", Some("7"), "Herr Berg".to_owned())));
    }

    // B4
    #[test]
    fn letters_that_may_stand_for_digits_are_no_remark() {
        for text in ["1-800-FLOWERS", "415-555-CALL", "415 555 0134a", "4155550134mum", "tel4155550134"] {
            assert_eq!(taken(text), None, "{text}");
        }
    }

    #[test]
    fn of_two_numbers_nobody_knows_which_is_meant() {
        assert_eq!(taken("415 555 0134 or 212 555 0102"), None);
        assert_eq!(taken("mum"), None);
    }
}
