//! From what was typed to what is looked for (A4), and the scan for it.

use memchr::memmem::Finder;

use super::bits::Bits;
use super::query::Matched;
use super::spelling::{self, Word, spelled};
use super::table::{BORDER, EMAIL, FIRST, LAST, PHONE, PREFERRED, Table};
use crate::domain::ids::TagId;

/// Where in a row's text a needle counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In any field.
    Anywhere,
    /// In any field but the phone.
    Words,
    Phone,
    /// At the phone's first digit: the country's code was typed.
    PhoneStart,
    /// Right after the country's code: the trunk zero was typed, which E.164 leaves out.
    PhoneNational,
}

struct Needle {
    finder: Finder<'static>,
    place: Place,
}

impl Needle {
    fn new(text: &str, place: Place) -> Self {
        Self { finder: Finder::new(text.as_bytes()).into_owned(), place }
    }

    /// Whether a hit at `at` counts in this row's text.
    fn counts(&self, row: &[u8], at: usize) -> bool {
        if self.place == Place::Anywhere {
            return true;
        }
        let phone = memchr::memrchr(BORDER, row).map_or(0, |border| border + 1);
        match self.place {
            Place::Anywhere => true,
            Place::Words => at < phone,
            Place::Phone => at >= phone,
            Place::PhoneStart => at == phone,
            Place::PhoneNational => at == phone + code_len(row.get(phone..).unwrap_or_default()),
        }
    }

    fn hits(&self, row: &[u8]) -> bool {
        if self.place == Place::Anywhere {
            return self.finder.find(row).is_some();
        }
        // Overlapping hits count: only one of them may be in the right place.
        let mut from = 0;
        while let Some(at) = row.get(from..).and_then(|rest| self.finder.find(rest)) {
            if self.counts(row, from + at) {
                return true;
            }
            from += at + 1;
        }
        false
    }

    /// Adds every row with a hit.
    fn scan(&self, table: &Table, found: &mut Bits) {
        let (texts, ends) = (table.texts(), table.text_ends());
        let (mut from, mut slot, mut row_from) = (0, 0, 0);
        while let Some(hit) = texts.get(from..).and_then(|rest| self.finder.find(rest)) {
            let at = from + hit;
            // The hit's row: near for a frequent needle, far for a rare one.
            let mut end = ends.get(slot).map_or(0, |end| *end as usize);
            if at >= end {
                slot += rank(ends.get(slot..).unwrap_or_default(), at);
                row_from = slot.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |end| *end as usize);
                end = ends.get(slot).map_or(texts.len(), |end| *end as usize);
            }
            let row = || texts.get(row_from..end.saturating_sub(1)).unwrap_or_default();
            if self.place == Place::Anywhere || self.counts(row(), at - row_from) {
                found.set(slot as u32);
                from = end;
            } else {
                from = at + 1;
            }
        }
    }
}

/// How many of the ends are at or before `at`, looking near the front first.
fn rank(ends: &[u32], at: usize) -> usize {
    let passed = |end: &u32| *end as usize <= at;
    let mut step = 1;
    while ends.get(step - 1).is_some_and(passed) {
        step *= 2;
    }
    let from = step / 2;
    from + ends.get(from..step.min(ends.len())).unwrap_or_default().partition_point(passed)
}

/// How many digits the country code has that a number starts with (ITU E.164 zones).
fn code_len(digits: &[u8]) -> usize {
    match digits {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    }
}

/// One word and every way it can be meant.
struct Term {
    needles: Vec<Needle>,
    /// The tags whose name has the word.
    tags: Vec<TagId>,
}

/// Needles for what may be part of a phone; none if it cannot be.
fn phone_needles(text: &str) -> Vec<Needle> {
    if !text.chars().all(|c| c.is_ascii_digit() || "+()-./ ".contains(c)) {
        return Vec::new();
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let mut out = vec![Needle::new(&digits, Place::Phone)];
    let after_prefix = ["00", "011"].iter().filter_map(|prefix| digits.strip_prefix(prefix));
    out.extend(after_prefix.clone().map(|rest| Needle::new(rest, Place::PhoneStart)));
    // "+49 (0)30": the zero in the middle is not dialled from abroad and not stored.
    let international = text.trim_start().starts_with('+').then_some(digits.as_str());
    out.extend(international.into_iter().chain(after_prefix).filter_map(|all| {
        let (code, rest) = all.split_at_checked(code_len(all.as_bytes()))?;
        Some(Needle::new(&format!("{code}{}", rest.strip_prefix('0')?), Place::PhoneStart))
    }));
    out.extend(digits.strip_prefix('0').map(|rest| Needle::new(rest, Place::PhoneNational)));
    out.retain(|needle| !needle.finder.needle().is_empty());
    out
}

impl Term {
    fn word(word: &Word, place: Place, tag_names: &[(TagId, String)]) -> Self {
        let mut needles: Vec<Needle> = word.spellings.iter().map(|spelling| Needle::new(spelling, place)).collect();
        if place == Place::Anywhere {
            needles.extend(phone_needles(&word.plain));
            let redundant = |n: &Needle| {
                n.place == Place::Phone && word.spellings.iter().any(|one| one.as_bytes() == n.finder.needle())
            };
            needles.retain(|n| !redundant(n));
        }
        let has = |name: &str| word.spellings.iter().any(|spelling| name.contains(spelling));
        let tags = tag_names.iter().filter(|(_, name)| has(&spelled(name))).map(|(id, _)| *id).collect();
        Self { needles, tags }
    }

    fn phone(needles: Vec<Needle>) -> Self {
        Self { needles, tags: Vec::new() }
    }

    fn len(&self) -> usize {
        self.needles.iter().map(|n| n.finder.needle().len()).min().unwrap_or(0)
    }

    /// Which of the candidates have the word.
    fn narrow(&self, table: &Table, candidates: &Bits) -> Bits {
        let tags = self.tags.iter().filter_map(|tag| table.ids.find(tag.uuid()));
        let mut found: Bits = tags.flat_map(|number| table.tagged.rows(number)).copied().collect();
        found.keep(candidates);
        // A row at a time costs a few scans' worth of set-up: worth it only when most rows are out already.
        if candidates.count() < table.slots() as usize / 8 {
            for slot in candidates.within(0..table.slots()) {
                if !found.has(slot) && self.needles.iter().any(|needle| needle.hits(table.text(slot))) {
                    found.set(slot);
                }
            }
        } else {
            self.needles.iter().for_each(|needle| needle.scan(table, &mut found));
            found.keep(candidates);
        }
        found
    }

    /// Where the row has the word.
    fn matched(&self, table: &Table, slot: u32, tags: &[TagId]) -> Vec<Matched> {
        let fields = table.fields(slot);
        let name = |field: usize| match field {
            LAST => Matched::LastName,
            FIRST => Matched::FirstName,
            PREFERRED => Matched::PreferredName,
            EMAIL => Matched::Email,
            _ => Matched::Phone,
        };
        let has = |needle: &Needle, field: usize, text: &[u8]| match needle.place {
            Place::Anywhere => needle.finder.find(text).is_some(),
            Place::Words => field != PHONE && needle.finder.find(text).is_some(),
            _ => field == PHONE && needle.hits(text),
        };
        let in_text =
            fields.iter().enumerate().filter(|(field, text)| self.needles.iter().any(|n| has(n, *field, text)));
        let mut out: Vec<Matched> = in_text.map(|(field, _)| name(field)).collect();
        out.extend(tags.iter().any(|tag| self.tags.contains(tag)).then_some(Matched::Tag));
        out
    }
}

/// Everything that is looked for: one of the ways, all words of it.
pub(super) struct SearchTerms(Vec<Vec<Term>>);

impl SearchTerms {
    /// Reads what was typed; `tag_names` are folded. None if it is blank.
    pub(super) fn parse(text: &str, tag_names: &[(TagId, String)]) -> Option<Self> {
        let words = spelling::words(text);
        if words.is_empty() {
            return None;
        }
        let plain = || words.iter().map(|word| word.plain.as_str()).collect::<Vec<_>>().join(" ");
        let whole = if words.len() > 1 { phone_needles(&plain()) } else { Vec::new() };
        let place = if whole.is_empty() { Place::Anywhere } else { Place::Words };
        let mut terms: Vec<Term> = words.iter().map(|word| Term::word(word, place, tag_names)).collect();
        // The longest word is likely the rarest and leaves the least for the others.
        terms.sort_by_key(|term| std::cmp::Reverse(term.len()));
        let phone = (!whole.is_empty()).then(|| vec![Term::phone(whole)]);
        Some(Self(phone.into_iter().chain([terms]).collect()))
    }

    /// Which of the candidates are found.
    pub(super) fn narrow(&self, table: &Table, candidates: &Bits) -> Bits {
        let mut found = Bits::default();
        for way in &self.0 {
            let mut left = candidates.clone();
            for term in way {
                left = term.narrow(table, &left);
            }
            found.add(&left);
        }
        found
    }

    /// Why a row was found, each reason once.
    pub(super) fn matched(&self, table: &Table, slot: u32, tags: &[TagId]) -> Vec<Matched> {
        let mut out = Vec::new();
        for way in &self.0 {
            let reasons: Vec<_> = way.iter().map(|term| term.matched(table, slot, tags)).collect();
            if reasons.iter().all(|reasons| !reasons.is_empty()) {
                out.extend(reasons.into_iter().flatten());
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn finds(typed: &str, phone: &str) -> bool {
        let mut table = Table::default();
        table.push(&crate::domain::directory::Entry { phone: Some(phone.into()), ..samples::plain(1, "Maya", "Berg") });
        SearchTerms::parse(typed, &[]).is_some_and(|wanted| wanted.narrow(&table, &table.live).has(0))
    }

    // A4
    #[test]
    fn a_phone_is_found_however_it_is_written() {
        let us = "+14155550134";
        for typed in [
            "(415) 555",
            "0134",
            "415-555-0134",
            "415.555.0134",
            "+1 415 555 0134",
            "1 (415) 555-0134",
            "001 415 555",
            "011 1 415",
            "5550134",
        ] {
            assert!(finds(typed, us), "{typed}");
        }
        let german = "+49305557634";
        for typed in [
            "030 5557634",
            "30 5557634",
            "+49 30 555",
            "+49 (0)30 5557634",
            "0049 30 5557634",
            "0049 (0)30",
            "0305",
            "7634",
        ] {
            assert!(finds(typed, german), "{typed}");
        }
        let italian = "+390612345678";
        for typed in ["06 1234 5678", "+39 06 1234", "6 1234"] {
            assert!(finds(typed, italian), "{typed}");
        }
    }

    // A4
    #[test]
    fn a_whole_phone_is_one_term_not_several() {
        assert!(!finds("555 415", "+14155550134"));
        assert!(!finds("0555", "+14155550134"), "a trunk zero stands before a whole national number only");
        assert!(!finds("+1 0134", "+14155550134"));
    }

    // A4
    #[test]
    fn words_and_digits_can_be_mixed() {
        assert!(finds("maya 0134", "+14155550134"));
        assert!(finds("berg (415)", "+14155550134"));
        assert!(!finds("maya 0135", "+14155550134"));
    }

    #[test]
    fn the_rank_of_an_offset_is_the_number_of_ends_before_it() {
        let ends: Vec<u32> = (1..200).map(|n| n * 3).collect();
        for at in 0..620 {
            assert_eq!(rank(&ends, at), (at / 3).min(ends.len()));
        }
    }
}
