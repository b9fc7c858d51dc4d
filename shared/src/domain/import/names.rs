//! A whole name in one cell, taken apart in the order its column uses (C2).

use super::problem::Problem;
use crate::domain::text::fold;

/// The order of a column of whole names, decided by the share of its values with a comma.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NameOrder {
    /// `Maya Lindqvist`
    FirstLast,
    /// `Lindqvist, Maya`
    LastFirst,
}

/// The parts of a whole name.
#[derive(PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(super) struct Parts {
    pub(super) first: String,
    pub(super) middle: Option<String>,
    /// None for somebody who has one name.
    pub(super) last: Option<String>,
    /// Whether a title or credentials are left out.
    pub(super) titled: bool,
}

/// True where a comma parts last name and first name, not a name and its suffix or credentials.
pub(super) fn has_order_comma(name: &str) -> bool {
    let mut parts = name.split(',').map(str::trim).skip(1);
    parts.next().is_some_and(|part| !part.is_empty() && !is_suffix(part) && !part.split_whitespace().all(is_credential))
}

/// Takes a whole name apart. A last name keeps its particles ("Van der Berg") and its suffix ("Smith Jr."); titles and
/// credentials are no part of a name.
pub(super) fn split(name: &str, order: NameOrder) -> Result<Parts, Problem> {
    let written: Vec<&str> = name.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let mut suffix = Vec::new();
    let mut parts: Vec<Vec<&str>> = Vec::new();
    for (at, part) in written.iter().enumerate() {
        let mut words: Vec<&str> = part.split_whitespace().collect();
        if at > 0 && words.iter().all(|word| is_credential(word)) {
            continue;
        }
        if at > 0 && is_suffix(part) {
            suffix.push(*part);
            continue;
        }
        strip_titles(&mut words, if order == NameOrder::LastFirst { 1 } else { 2 });
        strip_credentials(&mut words);
        parts.push(words);
    }
    let counted: usize = parts.iter().map(Vec::len).sum::<usize>() + suffix.len();
    let titled = counted < name.split([',', ' ']).flat_map(str::split_whitespace).count();
    let (mut given, mut family): (Vec<&str>, Vec<&str>) = match (order, parts.as_slice()) {
        (_, []) => return Err(Problem::NameMissing),
        (_, [one]) if one.len() == 1 && written.len() == 1 && !name.contains(',') => (one.clone(), Vec::new()),
        (NameOrder::FirstLast, [whole]) if whole.len() > 1 => {
            let (given, family) = whole.split_at_checked(family_at(whole)).unwrap_or_default();
            (given.to_vec(), family.to_vec())
        }
        (_, [one]) if one.len() == 1 => return Err(Problem::NameMissing),
        (NameOrder::FirstLast, _) => return Err(Problem::NameOrder { comma_wanted: false }),
        (NameOrder::LastFirst, [family, given]) => (given.clone(), family.clone()),
        (NameOrder::LastFirst, _) => return Err(Problem::NameOrder { comma_wanted: true }),
    };
    // "Doe, Jane Jr."
    if order == NameOrder::LastFirst && given.len() > 1 {
        suffix.extend(given.pop_if(|word| is_suffix(word)));
    }
    family.extend(suffix);
    let middle = if given.len() > 1 { given.pop_if(|word| is_initial(word)).map(str::to_owned) } else { None };
    if given.is_empty() {
        return Err(Problem::NameMissing);
    }
    let last = Some(family.join(" ")).filter(|last| !last.is_empty());
    Ok(Parts { first: given.join(" "), middle, last, titled })
}

/// A name without titles and credentials, as staff are named in lists: `Dr. Ines Berg, LMFT` is Ines Berg.
pub(super) fn untitled(name: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (at, part) in name.split(',').enumerate() {
        let mut words: Vec<&str> = part.split_whitespace().collect();
        if at > 0 && words.iter().all(|word| is_credential(word)) {
            continue;
        }
        strip_titles(&mut words, 1);
        strip_credentials(&mut words);
        if !words.is_empty() {
            parts.push(words.join(" "));
        }
    }
    parts.join(", ")
}

/// Takes titles off the front, as long as so many words are left.
fn strip_titles(words: &mut Vec<&str>, left: usize) {
    while words.len() > left && words.first().is_some_and(|word| is_title(word)) {
        words.remove(0);
    }
}

/// Takes credentials off the end, as long as a whole name is left; in a name all in capitals nobody can tell them.
fn strip_credentials(words: &mut Vec<&str>) {
    let shouted = words.first().is_some_and(|word| word.len() > 1 && !word.chars().any(char::is_lowercase));
    while words.len() > 2 && !shouted && words.last().is_some_and(|word| is_credential(word)) {
        words.pop();
    }
}

/// Where the last name starts: at the last word, or at the particles and before the suffix around it.
fn family_at(words: &[&str]) -> usize {
    const PARTICLES: [&str; 46] = [
        "van", "von", "vom", "der", "den", "dem", "de", "del", "della", "dello", "degli", "dei", "di", "da", "dal",
        "dos", "das", "do", "du", "des", "la", "le", "los", "las", "lo", "li", "ter", "ten", "te", "zu", "zum", "zur",
        "af", "av", "bin", "bint", "ibn", "abu", "al", "el", "'t", "’t", "'s", "’s", "het", "op",
    ];
    let suffixed = words.len() > 2 && words.last().is_some_and(|word| is_suffix(word));
    let mut at = words.len().saturating_sub(if suffixed { 2 } else { 1 });
    loop {
        let before = |back: usize| at.checked_sub(back).and_then(|at| words.get(at)).copied().unwrap_or_default();
        if at > 1 && PARTICLES.contains(&fold(before(1)).as_str()) {
            at -= 1;
        } else if at > 2 && matches!(before(1), "y" | "e" | "i" | "und" | "u." | "och") {
            // "Ortega y Gasset": what it joins is one name.
            at -= 2;
        } else {
            return at;
        }
    }
}

fn is_suffix(word: &str) -> bool {
    matches!(fold(word.trim_end_matches('.')).as_str(), "jr" | "sr" | "jnr" | "snr" | "ii" | "iii" | "iv")
}

/// A title before a name.
fn is_title(word: &str) -> bool {
    const TITLES: [&str; 32] = [
        "dr",
        "dra",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "prof",
        "professor",
        "rev",
        "sir",
        "herr",
        "hr",
        "frau",
        "fr",
        "dipl",
        "dipl.-psych",
        "mag",
        "med",
        "med.",
        "psych",
        "mme",
        "mlle",
        "sra",
        "srta",
        "dott",
        "dhr",
        "mevr",
        "mw",
        "drs",
        "ing",
        "rer",
    ];
    TITLES.contains(&fold(word.trim_end_matches('.')).as_str())
}

/// Letters of a degree or a licence: `LCSW`, `Ph.D.`
fn is_credential(word: &str) -> bool {
    const CREDENTIALS: [&str; 44] = [
        "phd", "psyd", "md", "do", "edd", "dsw", "dphil", "esq", "lcsw", "lcswr", "lmsw", "licsw", "lsw", "msw",
        "lmft", "lmfta", "mft", "amft", "lpc", "lpcc", "lcpc", "lmhc", "lmhp", "lpca", "apcc", "lcmhc", "lgpc", "ncc",
        "rn", "np", "pmhnp", "aprn", "cadc", "lcdc", "bcba", "rpt", "rdt", "atr", "med", "ma", "msc", "ba", "bsc",
        "cpsych",
    ];
    let letters: String = word.chars().filter(|c| !matches!(c, '.' | '-')).collect();
    let capitals = letters.chars().filter(|c| c.is_uppercase()).count();
    capitals >= 2 && CREDENTIALS.contains(&fold(&letters).as_str())
}

fn is_initial(word: &str) -> bool {
    let mut letters = word.trim_end_matches('.').chars();
    letters.next().is_some_and(char::is_alphabetic) && letters.next().is_none()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(name: &str, order: NameOrder) -> Result<(String, Option<String>, String), &'static str> {
        split(name, order).map(|p| (p.first, p.middle, p.last.unwrap_or_default())).map_err(Problem::code)
    }

    fn named(first: &str, middle: Option<&str>, last: &str) -> Result<(String, Option<String>, String), &'static str> {
        Ok((first.to_owned(), middle.map(str::to_owned), last.to_owned()))
    }

    // C2: "First Last" and "Last, First"
    #[test]
    fn a_whole_name_is_taken_apart_in_the_order_of_its_column() {
        use NameOrder::{FirstLast, LastFirst};
        assert_eq!(parts("Emma Ångström", FirstLast), named("Emma", None, "Ångström"));
        assert_eq!(parts("John Van der Berg", FirstLast), named("John", None, "Van der Berg"));
        assert_eq!(parts("Mary Ann T. Smith, Jr.", FirstLast), named("Mary Ann", Some("T."), "Smith Jr."));
        assert_eq!(parts("John Smith III", FirstLast), named("John", None, "Smith III"));
        assert_eq!(parts("Ángström,  Emma  K", LastFirst), named("Emma", Some("K"), "Ángström"));
        assert_eq!(parts("Van der Berg, John", LastFirst), named("John", None, "Van der Berg"));
        assert_eq!(parts("Smith, John, Jr.", LastFirst), named("John", None, "Smith Jr."));
    }

    // decision 3: a single name is a whole one
    #[test]
    fn one_word_is_a_whole_name() {
        for order in [NameOrder::FirstLast, NameOrder::LastFirst] {
            assert_eq!(parts("Cher", order), named("Cher", None, ""));
        }
    }

    // b.3: particles and what joins two names stay in the last name; titles and credentials are no part of it
    #[test]
    fn a_last_name_is_whole_and_titles_are_no_name() {
        use NameOrder::{FirstLast, LastFirst};
        let cases = [
            ("José Ortega y Gasset", FirstLast, "José", "Ortega y Gasset"),
            ("Jan van 't Hoff", FirstLast, "Jan", "van 't Hoff"),
            ("Maria dos Santos e Silva", FirstLast, "Maria", "dos Santos e Silva"),
            ("Ludwig von und zu Stein", FirstLast, "Ludwig", "von und zu Stein"),
            ("Dr. Jane Doe", FirstLast, "Jane", "Doe"),
            ("Prof. Dr. med. Jane Doe", FirstLast, "Jane", "Doe"),
            ("Jane Doe, LCSW", FirstLast, "Jane", "Doe"),
            ("Jane Doe Ph.D.", FirstLast, "Jane", "Doe"),
            ("Doe, Dr. Jane", LastFirst, "Jane", "Doe"),
            ("Doe, Jane, PhD, LMFT", LastFirst, "Jane", "Doe"),
            ("Doe, Jane Jr.", LastFirst, "Jane", "Doe Jr."),
            ("Dr. Who", FirstLast, "Dr.", "Who"),
            ("JANE MA", FirstLast, "JANE", "MA"),
        ];
        for (name, order, first, last) in cases {
            assert_eq!(parts(name, order), named(first, None, last), "{name}");
        }
        assert!(split("Dr. Jane Doe", FirstLast).is_ok_and(|parts| parts.titled));
        assert!(split("Jane  Doe", FirstLast).is_ok_and(|parts| !parts.titled));
        assert_eq!(untitled("Dr. Ines Berg, LMFT"), "Ines Berg");
        assert_eq!(untitled("Berg, Ines"), "Berg, Ines");
    }

    // b.3: placeholders and half names are errors, and the order is never decided per row
    #[test]
    fn half_a_name_or_another_order_is_refused() {
        for name in [",", " ", "Smith,"] {
            assert_eq!(parts(name, NameOrder::LastFirst), Err("name_missing"), "{name}");
        }
        assert_eq!(parts("Smith, John", NameOrder::FirstLast), Err("name_invalid"));
        assert_eq!(parts("John Smith", NameOrder::LastFirst), Err("name_invalid"));
        assert!(!has_order_comma("John Smith, Jr.") && has_order_comma("Smith, John") && !has_order_comma("Smith,"));
    }

    proptest! {
        #[test]
        fn no_word_is_lost(words in proptest::collection::vec("[A-Za-z]{1,5}", 2..5)) {
            let whole = words.join(" ");
            let parts = split(&whole, NameOrder::FirstLast).map_err(|p| TestCaseError::fail(p.code()))?;
            let back: Vec<&str> = [Some(parts.first.as_str()), parts.middle.as_deref(), parts.last.as_deref()].into_iter().flatten().collect();
            prop_assert!(parts.titled || back.join(" ") == whole);
        }
    }
}
