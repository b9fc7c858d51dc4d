//! A date as it is written, before anyone decides what its numbers mean (b.3).

use jiff::civil::Date;

use crate::domain::text::fold;

/// The earliest year a birthday or a first visit can be in.
const OLDEST_YEAR: i16 = 1800;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Year {
    Full(i16),
    /// Two digits: the latest such year that is not in the future.
    Short(i16),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) year: Year,
    pub(super) month: i8,
    pub(super) day: i8,
}

/// A date as it is written, before anyone decides what its numbers mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    Iso(Day),
    YearFirst(Day),
    Named(Day),
    Serial(Date),
    /// Two small numbers, then the year.
    Slots(i8, i8, Year),
}

impl Day {
    pub(super) fn date(self, today: Date) -> Option<Date> {
        let on = |year| Date::new(year, self.month, self.day).ok();
        match self.year {
            Year::Full(year) => on(year).filter(|_| year >= OLDEST_YEAR),
            Year::Short(year) => on(2000 + year).filter(|date| *date <= today).or_else(|| on(1900 + year)),
        }
    }
}

/// Reads a cell, if it is a date in any of the forms exports use.
pub(super) fn read(text: &str) -> Option<Written> {
    let text = without_time(text.trim());
    if text.len() > 30 || !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let (words, dashed) = words(text)?;
    match words.as_slice() {
        [one] => bare(one),
        [a, b, c] => three(a, b, c, dashed),
        _ => None,
    }
}

/// The date part of a timestamp, as it stands: a birthday has no time zone.
fn without_time(text: &str) -> &str {
    let Some(colon) = text.find(':') else { return text };
    let before = text.get(..colon).unwrap_or(text);
    let date = before.rfind(['T', 't', ' ']).and_then(|at| before.get(..at)).unwrap_or(text);
    date.trim_end()
}

/// Runs of digits and of letters, and whether nothing but `-` stands between them. Ordinal endings are left out.
fn words(text: &str) -> Option<(Vec<&str>, bool)> {
    let mut words = Vec::new();
    let mut dashed = true;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if "/-., ".contains(c) {
            dashed &= c == '-';
            rest = rest.get(1..)?;
            continue;
        }
        let same = |other: char| {
            if c.is_ascii_digit() { other.is_ascii_digit() } else { c.is_alphabetic() && other.is_alphabetic() }
        };
        let (word, after) = rest.split_at_checked(rest.find(|other| !same(other)).unwrap_or(rest.len()))?;
        if word.is_empty() {
            return None;
        }
        rest = after;
        // "5th", "1er", "13 de febrero de 1990"
        let ordinal = matches!(word.to_ascii_lowercase().as_str(), "st" | "nd" | "rd" | "th" | "er" | "de" | "of");
        if !ordinal {
            if words.len() == 3 {
                return None;
            }
            words.push(word);
        }
    }
    Some((words, dashed))
}

fn bare(digits: &str) -> Option<Written> {
    let number: i32 = digits.parse().ok()?;
    match digits.len() {
        8 => Some(Written::YearFirst(Day {
            year: Year::Full(i16::try_from(number / 10_000).ok()?),
            month: i8::try_from(number / 100 % 100).ok()?,
            day: i8::try_from(number % 100).ok()?,
        })),
        // A lone year is far likelier than the same number of days since 1900.
        4 if (1800..=2200).contains(&number) => None,
        4 | 5 => {
            let days = jiff::Span::new().try_days(number).ok()?;
            jiff::civil::date(1899, 12, 30).checked_add(days).ok().map(Written::Serial)
        }
        _ => None,
    }
}

fn three(a: &str, b: &str, c: &str, dashed: bool) -> Option<Written> {
    let small = |word: &str| if word.len() <= 2 { word.parse::<i8>().ok() } else { None };
    if let Some(month) = month(a) {
        return Some(Written::Named(Day { year: year(c)?, month, day: small(b)? }));
    }
    if let Some(month) = month(b) {
        let (year, day) = if a.len() == 4 { (year(a)?, small(c)?) } else { (year(c)?, small(a)?) };
        return Some(Written::Named(Day { year, month, day }));
    }
    if a.len() == 4 {
        let day = Day { year: year(a)?, month: small(b)?, day: small(c)? };
        return Some(if dashed { Written::Iso(day) } else { Written::YearFirst(day) });
    }
    let (first, second) = (small(a)?, small(b)?);
    if first > 31 {
        return Some(Written::YearFirst(Day { year: year(a)?, month: second, day: small(c)? }));
    }
    Some(Written::Slots(first, second, year(c)?))
}

fn year(word: &str) -> Option<Year> {
    let number = word.parse().ok()?;
    match word.len() {
        2 => Some(Year::Short(number)),
        4 => Some(Year::Full(number)),
        _ => None,
    }
}

/// A day and a month, and no year.
pub(super) fn is_yearless(text: &str) -> bool {
    let small = |word: &str| word.len() <= 2 && word.parse::<i8>().is_ok_and(|number| (1..=31).contains(&number));
    let bare = text.strip_prefix("--").filter(|rest| rest.len() == 4 && rest.bytes().all(|b| b.is_ascii_digit()));
    bare.is_some()
        || match words(text).as_ref().map(|(words, _)| words.as_slice()) {
            Some([a, b]) => {
                let named = month(a).is_some() && small(b) || month(b).is_some() && small(a);
                named || small(a) && small(b) && !text.contains(' ')
            }
            _ => false,
        }
}

/// The months in English, German, French, Spanish, Dutch and Italian, without accents.
const MONTHS: [&str; 12] = [
    "january januar janner janvier enero januari gennaio",
    "february februar feber fevrier febrero februari febbraio",
    "march marz mars marzo maart mrt maerz",
    "april avril abril aprile",
    "may mai mayo mei maggio",
    "june juni juin junio giugno",
    "july juli juillet julio luglio",
    "august aout agosto augustus",
    "september sept septembre septiembre setiembre settembre",
    "october oktober octobre octubre ottobre",
    "november novembre noviembre",
    "december dezember decembre diciembre dicembre",
];

/// A month by its name or the beginning of it, where only one begins so.
fn month(word: &str) -> Option<i8> {
    let word = fold(word);
    if word.len() < 3 {
        return None;
    }
    let begins = |names: &&str| names.split(' ').any(|name| name.starts_with(&word));
    let mut found = (1..).zip(MONTHS).filter(|(_, names)| begins(names)).map(|(number, _)| number);
    let first = found.next();
    first.filter(|_| found.next().is_none())
}
