//! What stands in one cell: an address, a phone, labels, or nothing at all (b.2, b.3).

use std::collections::BTreeSet;

use super::escape::unescaped;
use super::problem::Problem;
use crate::domain::email::EmailAddress;
use crate::domain::phone::{InvalidPhone, Phone, Region};
use crate::domain::text::{InvalidText, TagName, fold};

/// What a cell says: without blanks around it, without the formula that keeps a spreadsheet from calculating it, and
/// without the apostrophe that an export puts before one.
pub(super) fn plain(cell: &str) -> &str {
    formula_text(unescaped(formula_text(cell.trim())).trim()).trim()
}

/// The text of a spreadsheet's text formula: `="00123"` is 00123.
pub(super) fn formula_text(cell: &str) -> &str {
    let inner = cell.strip_prefix('=').map(str::trim).and_then(|rest| rest.strip_prefix('"')?.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('"')).unwrap_or(cell)
}

/// What people and programs write where they have nothing to write.
pub(super) fn is_filler(cell: &str) -> bool {
    const WORDS: [&str; 42] = [
        "n/a",
        "na",
        "n.a.",
        "n.a",
        "#n/a",
        "none",
        "nil",
        "null",
        "(null)",
        "nan",
        "unknown",
        "unk",
        "tbd",
        "tba",
        "not provided",
        "not given",
        "not available",
        "not applicable",
        "not specified",
        "unspecified",
        "no data",
        "blank",
        "(blank)",
        "(none)",
        "undefined",
        "k.a.",
        "k. a.",
        "keine angabe",
        "keine",
        "unbekannt",
        "inconnu",
        "non renseigne",
        "aucun",
        "neant",
        "s/o",
        "desconocido",
        "ninguno",
        "sin datos",
        "onbekend",
        "geen",
        "n.v.t.",
        "nvt",
    ];
    let signs = |c: char| matches!(c, '-' | '–' | '—' | '?' | '.' | '_' | '*' | '/' | '\\' | '#' | ' ' | '\u{a0}');
    cell.chars().all(signs) || WORDS.contains(&fold(cell).trim())
}

/// What people and programs write where there is no phone, or none that is to be called.
pub(super) fn says_no_phone(cell: &str) -> bool {
    const WORDS: [&str; 12] = [
        "no phone",
        "no phone number",
        "no number",
        "no cell",
        "do not call",
        "dnc",
        "unlisted",
        "x",
        "xxx",
        "#value!",
        "#ref!",
        "kein telefon",
    ];
    let mut digits = cell.chars().filter(char::is_ascii_digit).peekable();
    let zeros = digits.peek().is_some() && digits.all(|digit| digit == '0');
    zeros && !cell.chars().any(char::is_alphabetic) || WORDS.contains(&fold(cell).trim())
}

/// Whether a cell says that its row sums up others.
pub(super) fn is_total(cell: &str) -> bool {
    const WORDS: [&str; 22] = [
        "total",
        "totals",
        "grand",
        "sum",
        "count",
        "subtotal",
        "summe",
        "gesamt",
        "insgesamt",
        "anzahl",
        "suma",
        "totaal",
        "aantal",
        "nombre",
        "general",
        "clients",
        "patients",
        "records",
        "rows",
        "of",
        "active",
        "klienten",
    ];
    let folded = fold(cell);
    let mut words = folded.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).peekable();
    let sums = words.peek().is_some_and(|first| WORDS.iter().take(15).any(|word| word == first));
    let counts = folded.starts_with(|c: char| c.is_ascii_digit());
    (sums || counts && words.peek().is_some()) && words.all(|word| WORDS.contains(&word))
}

/// The first address of a cell, and whether there were more: `Name <a@b.example>; c@d.example`.
pub(super) fn email(cell: &str) -> Result<(EmailAddress, bool), Problem> {
    if let Ok(email) = EmailAddress::parse(cell) {
        return Ok((email, false));
    }
    let mut found = Vec::new();
    for part in
        cell.split(":::").flat_map(|part| part.split([';', ',', '\n'])).map(str::trim).filter(|part| !part.is_empty())
    {
        let bare = part.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>')).unwrap_or(part);
        match bare.strip_prefix("mailto:").unwrap_or(bare) {
            one if EmailAddress::parse(one).is_ok() => found.push(one),
            // Blanks part addresses only where every word is one: "ann lee@b.example" is a slip, not "lee".
            many => found.extend(many.split_whitespace()),
        }
    }
    let more = found.len() > 1;
    let mut emails = found.into_iter().map(EmailAddress::parse);
    match emails.next() {
        Some(Ok(first)) if emails.all(|email| email.is_ok()) => Ok((first, more)),
        _ => Err(Problem::EmailInvalid),
    }
}

/// The country a phone is read in: two letters, a name people use for it, or a dialling code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PhoneCountry {
    Region(Region),
    Dial(String),
}

impl PhoneCountry {
    pub(super) fn parse(cell: &str) -> Result<Self, Problem> {
        let digits = cell.trim_start_matches('+').trim_start_matches('0');
        if (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self::Dial(digits.to_owned()));
        }
        let folded: String = fold(cell).chars().filter(char::is_ascii_alphabetic).collect();
        let code = match folded.as_str() {
            "usa" | "unitedstates" | "unitedstatesofamerica" => "US",
            "canada" | "can" => "CA",
            "uk" | "unitedkingdom" | "greatbritain" | "england" | "scotland" | "wales" | "gbr" => "GB",
            "ireland" => "IE",
            "australia" | "aus" => "AU",
            "newzealand" => "NZ",
            "germany" | "deutschland" => "DE",
            "austria" | "osterreich" => "AT",
            "switzerland" | "schweiz" | "suisse" => "CH",
            "france" => "FR",
            "spain" | "espana" => "ES",
            "italy" | "italia" => "IT",
            "netherlands" | "nederland" => "NL",
            "belgium" => "BE",
            "mexico" => "MX",
            _ => cell,
        };
        Region::parse(code).map(Self::Region).map_err(Problem::Phone)
    }
}

/// What a cell has beside the phone that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    Nothing,
    /// Whose it is, when to call.
    Words,
    /// Another number.
    Phone,
}

/// The first phone of a cell, and what else there is.
pub(super) fn phone(
    cell: &str,
    country: Option<&PhoneCountry>,
    region: Option<Region>,
) -> Result<(Phone, Beside), Problem> {
    let parts =
        cell.split([';', ',', '\n', '|']).flat_map(|part| part.split(" or ")).flat_map(|part| part.split(" / "));
    match one_phone(cell, country, region) {
        Err(InvalidPhone::Number) => {
            let mut found = parts.filter_map(|part| one_phone(part, country, region).ok());
            let (first, _) = found.next().ok_or(Problem::Phone(InvalidPhone::Number))?;
            Ok((first, if found.next().is_some() { Beside::Phone } else { Beside::Words }))
        }
        other => other.map_err(Problem::Phone),
    }
}

fn one_phone(
    text: &str,
    country: Option<&PhoneCountry>,
    region: Option<Region>,
) -> Result<(Phone, Beside), InvalidPhone> {
    let read = match country {
        Some(PhoneCountry::Region(region)) => Phone::read(text, Some(*region)),
        // Read alone first: a rounded number must be named as such, not as one with a missing country.
        Some(PhoneCountry::Dial(code)) => match Phone::read(text, None) {
            Err(InvalidPhone::CountryMissing) => Phone::read(&format!("+{code} {text}"), None),
            other => other,
        },
        None => Phone::read(text, region),
    };
    read.map(|(phone, remark)| (phone, if remark.is_empty() { Beside::Nothing } else { Beside::Words }))
}

/// The labels of a cell, parted by `;` or `,`.
///
/// The groups that an address book makes by itself are no labels. One that is too long is left out, which is told.
pub(super) fn tags(cell: &str) -> Result<(Vec<TagName>, bool), InvalidText> {
    let (mut seen, mut tags, mut long) = (BTreeSet::new(), Vec::new(), false);
    let groups = |part: &&str| !part.is_empty() && !part.starts_with("* ") && !matches!(*part, "*" | "myContacts");
    for part in cell.split(":::").flat_map(|part| part.split([';', ',', '\n'])).map(str::trim).filter(groups) {
        match TagName::parse(part) {
            Ok(tag) if seen.insert(fold(part)) => tags.push(tag),
            Ok(_) => {}
            Err(InvalidText::TooLong(_)) => long = true,
            Err(error) => return Err(error),
        }
    }
    Ok((tags, long))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_email(cell: &str) -> Result<(String, bool), &'static str> {
        email(cell).map(|(email, more)| (email.as_str().to_owned(), more)).map_err(Problem::code)
    }

    // b.3: what stands where there is no phone is not one that fails
    #[test]
    fn a_word_for_no_phone_is_no_phone() {
        for cell in ["no phone", "Do Not Call", "UNLISTED", "x", "000-000-0000", "#VALUE!", "Kein Telefon"] {
            assert!(says_no_phone(cell), "{cell}");
        }
        for cell in ["415 555 0134", "+1 000 555 0000", "0800 FLOWERS", "phone of Max", "", "ext 0"] {
            assert!(!says_no_phone(cell), "{cell}");
        }
    }

    // b.3: `Name <a@b>`, two addresses in one cell
    #[test]
    fn the_first_address_of_a_cell_counts() {
        let one = |more| Ok(("Ann@b.example".to_owned(), more));
        for cell in ["Ann@b.example", "Ann Lee <Ann@b.example>", "mailto:Ann@b.example", "Ann@b.example;"] {
            assert_eq!(read_email(cell), one(false), "{cell}");
        }
        for cell in
            ["Ann@b.example, bob@c.example", "Ann <Ann@b.example>; Bob <bob@c.example>", "Ann@b.example bob@c.example"]
        {
            assert_eq!(read_email(cell), one(true), "{cell}");
        }
        for cell in ["not-an-address", "ann lee@b.example", "Ann@b.example, none", ";", "<>"] {
            assert_eq!(read_email(cell), Err("email_invalid"), "{cell}");
        }
    }

    // b.3, decision 3: a phone needs a country
    #[test]
    fn a_phone_is_read_in_the_country_of_its_row() {
        let read = |cell: &str, country: Option<&str>, region: Option<&str>| {
            let country = country.map(PhoneCountry::parse).transpose().map_err(Problem::code)?;
            let region = region.and_then(|code| Region::parse(code).ok());
            phone(cell, country.as_ref(), region).map(|(p, more)| (p.e164().to_owned(), more)).map_err(Problem::code)
        };
        assert_eq!(read("4155550100", Some("US"), None), Ok(("+14155550100".to_owned(), Beside::Nothing)));
        assert_eq!(read("030 5557634", Some("+49"), Some("US")), Ok(("+49305557634".to_owned(), Beside::Nothing)));
        assert_eq!(read("030 5557634", Some("Deutschland"), None), Ok(("+49305557634".to_owned(), Beside::Nothing)));
        assert_eq!(read("+49 30 5557634", Some("1"), None), Ok(("+49305557634".to_owned(), Beside::Nothing)));
        assert_eq!(read("(415) 555-0100 ext. 12", None, Some("US")), Ok(("+14155550100".to_owned(), Beside::Nothing)));
        assert_eq!(read("415 555 0100 (mum)", None, Some("US")), Ok(("+14155550100".to_owned(), Beside::Words)));
        for two in ["415 555 0100 / 212 555 0103", "415 555 0100; 212-555-0103", "415 555 0100 or 212 555 0103"] {
            assert_eq!(read(two, None, Some("US")), Ok(("+14155550100".to_owned(), Beside::Phone)), "{two}");
        }
        assert_eq!(read("4155550100", None, None), Err("phone_country_missing"));
        assert_eq!(read("1.55556E+10", Some("US"), None), Err("phone_scientific"));
        assert_eq!(read("1.55556E+10", Some("1"), None), Err("phone_scientific"));
        assert_eq!(read("1.55556E+10", None, None), Err("phone_scientific"));
        assert_eq!(read("12", None, Some("US")), Err("phone_invalid"));
        assert_eq!(read("4155550100", Some("Atlantis"), None), Err("phone_country_invalid"));
    }

    // b.2: split on `;` or `,`
    #[test]
    fn labels_are_parted_and_counted_once() {
        let names =
            |cell| tags(cell).map(|(tags, _)| tags.iter().map(|tag| tag.as_str().to_owned()).collect::<Vec<_>>());
        assert_eq!(names("anxiety; EMDR"), Ok(vec!["anxiety".to_owned(), "EMDR".to_owned()]));
        assert_eq!(names("Emdr,EMDR , ;couples"), Ok(vec!["Emdr".to_owned(), "couples".to_owned()]));
        assert_eq!(names("Couples ::: * myContacts"), Ok(vec!["Couples".to_owned()]));
        assert_eq!(tags(&"x".repeat(51)), Ok((vec![], true)));
    }

    proptest! {
        #[test]
        fn no_cell_makes_a_parser_panic(cell in "(\\PC|[0-9@<>;,x+. ]){0,40}", code in "\\PC{0,5}") {
            let _ = email(&cell);
            let _ = tags(&cell);
            let country = PhoneCountry::parse(&code).ok();
            let _ = phone(&cell, country.as_ref(), None);
        }
    }
}
