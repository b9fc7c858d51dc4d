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
    pub(super) last: String,
}

/// True where a comma parts last name and first name, not a name and its suffix.
pub(super) fn has_order_comma(name: &str) -> bool {
    let mut parts = name.split(',').map(str::trim).skip(1);
    parts.next().is_some_and(|part| !part.is_empty() && !is_suffix(part))
}

/// Takes a whole name apart. A last name keeps its particles ("Van der Berg") and its suffix ("Smith Jr.").
pub(super) fn split(name: &str, order: NameOrder) -> Result<Parts, Problem> {
    let mut parts: Vec<&str> = name.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let suffix = if parts.len() > 1 { parts.pop_if(|part| is_suffix(part)) } else { None };
    let (mut given, mut family): (Vec<&str>, Vec<&str>) = match (order, parts.as_slice()) {
        (_, []) => return Err(Problem::NameMissing),
        (NameOrder::FirstLast, [whole]) => {
            let words: Vec<&str> = whole.split_whitespace().collect();
            let at = family_at(&words);
            let (given, family) = words.split_at_checked(at).unwrap_or_default();
            (given.to_vec(), family.to_vec())
        }
        (NameOrder::FirstLast, _) => return Err(Problem::NameOrder { comma_wanted: false }),
        (NameOrder::LastFirst, [family, given]) => {
            (given.split_whitespace().collect(), family.split_whitespace().collect())
        }
        (NameOrder::LastFirst, [one]) if one.split_whitespace().count() == 1 => return Err(Problem::NameMissing),
        (NameOrder::LastFirst, _) => return Err(Problem::NameOrder { comma_wanted: true }),
    };
    family.extend(suffix);
    let middle = if given.len() > 1 { given.pop_if(|word| is_initial(word)).map(str::to_owned) } else { None };
    if given.is_empty() || family.is_empty() {
        return Err(Problem::NameMissing);
    }
    Ok(Parts { first: given.join(" "), middle, last: family.join(" ") })
}

/// Where the last name starts: at the last word, or at the particles and before the suffix around it.
fn family_at(words: &[&str]) -> usize {
    const PARTICLES: [&str; 25] = [
        "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "das", "do", "du", "la", "le", "los",
        "las", "ter", "ten", "zu", "zur", "bin", "ibn", "al", "el",
    ];
    let suffixed = words.len() > 2 && words.last().is_some_and(|word| is_suffix(word));
    let mut at = words.len().saturating_sub(if suffixed { 2 } else { 1 });
    while at > 1 && words.get(at - 1).is_some_and(|word| PARTICLES.contains(&fold(word).as_str())) {
        at -= 1;
    }
    at
}

fn is_suffix(word: &str) -> bool {
    let word = fold(word.trim_end_matches('.'));
    matches!(word.as_str(), "jr" | "sr" | "ii" | "iii" | "iv" | "md" | "m.d" | "phd" | "ph.d" | "esq")
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
        split(name, order).map(|p| (p.first, p.middle, p.last)).map_err(Problem::code)
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

    // b.3: placeholders and half names are errors, and the order is never decided per row
    #[test]
    fn half_a_name_or_another_order_is_refused() {
        for name in ["Cher", ",", " ", "Smith,"] {
            assert_eq!(parts(name, NameOrder::LastFirst), Err("name_missing"), "{name}");
        }
        assert_eq!(parts("Cher", NameOrder::FirstLast), Err("name_missing"));
        assert_eq!(parts("Smith, John", NameOrder::FirstLast), Err("name_invalid"));
        assert_eq!(parts("John Smith", NameOrder::LastFirst), Err("name_invalid"));
        assert!(!has_order_comma("John Smith, Jr.") && has_order_comma("Smith, John") && !has_order_comma("Smith,"));
    }

    proptest! {
        #[test]
        fn no_word_is_lost(words in proptest::collection::vec("[A-Za-z]{1,5}", 2..5)) {
            let whole = words.join(" ");
            let parts = split(&whole, NameOrder::FirstLast).map_err(|p| TestCaseError::fail(p.code()))?;
            let back: Vec<&str> = [Some(parts.first.as_str()), parts.middle.as_deref(), Some(parts.last.as_str())].into_iter().flatten().collect();
            prop_assert_eq!(back.join(" "), whole);
        }
    }
}
