//! Dates as other systems write them. Which of two numbers is the day is decided per column, never per row (b.3).

use jiff::civil::Date;

/// The order of day, month and year in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `1990-01-31`, or any form that leaves no doubt.
    Iso,
    /// `1990/01/31`, `19900131`.
    Ymd,
    /// `31.01.1990`
    Dmy,
    /// `01/31/1990`
    Mdy,
}

/// Why a cell is no date of the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateProblem {
    /// No date, a day that no calendar has, or another order than the column's.
    Invalid,
    /// After today.
    Future,
}

/// The last year a birthday or a first visit can be in.
const OLDEST_YEAR: i16 = 1800;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Year {
    Full(i16),
    /// Two digits: the latest such year that is not in the future.
    Short(i16),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Day {
    year: Year,
    month: i8,
    day: i8,
}

/// A date as it is written, before anyone decides what its numbers mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Iso(Day),
    YearFirst(Day),
    Named(Day),
    Serial(Date),
    /// Two small numbers, then the year.
    Slots(i8, i8, Year),
}

/// True for a text that is nothing but a date, not counting bare numbers.
pub(super) fn is_written_date(text: &str) -> bool {
    read(text).is_some_and(|written| !matches!(written, Written::Serial(_)))
}

/// What the cells of a column say about its order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DateEvidence {
    iso: u64,
    year_first: u64,
    /// Month names, serial numbers, day and month alike: readable in any order.
    any: u64,
    dmy: u64,
    mdy: u64,
    /// Both numbers could be a month.
    open: u64,
}

/// What a column's own cells decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnOrder {
    Fixed(DateOrder),
    /// Some cells could be read both ways and nothing, or as much on either side, decides.
    Open,
}

impl DateEvidence {
    /// Takes one cell into account.
    pub fn add(&mut self, text: &str) {
        match read(text) {
            None => {}
            Some(Written::Iso(_)) => self.iso += 1,
            Some(Written::YearFirst(_)) => self.year_first += 1,
            Some(Written::Named(_) | Written::Serial(_)) => self.any += 1,
            Some(Written::Slots(a, b, _)) => match (a, b) {
                (1..=12, 1..=12) if a == b => self.any += 1,
                (1..=12, 1..=12) => self.open += 1,
                (13..=31, 1..=12) => self.dmy += 1,
                (1..=12, 13..=31) => self.mdy += 1,
                _ => {}
            },
        }
    }

    /// Cells that are dates.
    #[must_use]
    pub const fn dates(&self) -> u64 {
        self.iso + self.year_first + self.any + self.dmy + self.mdy + self.open
    }

    pub(super) fn own_order(&self) -> OwnOrder {
        match self.dmy.cmp(&self.mdy) {
            std::cmp::Ordering::Greater => OwnOrder::Fixed(DateOrder::Dmy),
            std::cmp::Ordering::Less => OwnOrder::Fixed(DateOrder::Mdy),
            std::cmp::Ordering::Equal if self.dmy + self.open > 0 => OwnOrder::Open,
            std::cmp::Ordering::Equal if self.year_first > self.iso => OwnOrder::Fixed(DateOrder::Ymd),
            std::cmp::Ordering::Equal => OwnOrder::Fixed(DateOrder::Iso),
        }
    }
}

/// Reads a cell of a column whose order is settled.
///
/// # Errors
/// The cell is no date in that order, or lies after today.
pub fn parse(text: &str, order: DateOrder, today: Date) -> Result<Date, DateProblem> {
    let date = match read(text).ok_or(DateProblem::Invalid)? {
        Written::Serial(date) => Some(date),
        Written::Iso(day) | Written::YearFirst(day) | Written::Named(day) => day.date(today),
        Written::Slots(a, b, year) => match order {
            DateOrder::Dmy => Day { year, month: b, day: a }.date(today),
            DateOrder::Mdy => Day { year, month: a, day: b }.date(today),
            DateOrder::Iso | DateOrder::Ymd if a == b => Day { year, month: a, day: b }.date(today),
            DateOrder::Iso | DateOrder::Ymd => None,
        },
    };
    match date {
        None => Err(DateProblem::Invalid),
        Some(date) if date > today => Err(DateProblem::Future),
        Some(date) => Ok(date),
    }
}

impl Day {
    fn date(self, today: Date) -> Option<Date> {
        let on = |year| Date::new(year, self.month, self.day).ok();
        match self.year {
            Year::Full(year) => on(year).filter(|_| year >= OLDEST_YEAR),
            Year::Short(year) => on(2000 + year).filter(|date| *date <= today).or_else(|| on(1900 + year)),
        }
    }
}

fn read(text: &str) -> Option<Written> {
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
        let same = |other: char| if c.is_ascii_digit() { other.is_ascii_digit() } else { other.is_ascii_alphabetic() };
        let (word, after) = rest.split_at_checked(rest.find(|other| !same(other)).unwrap_or(rest.len()))?;
        if word.is_empty() || words.len() == 3 {
            return None;
        }
        rest = after;
        let ordinal = matches!(word.to_ascii_lowercase().as_str(), "st" | "nd" | "rd" | "th");
        if !ordinal {
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

fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    ];
    let word = word.to_ascii_lowercase();
    if word.len() < 3 {
        return None;
    }
    let at = MONTHS.iter().position(|month| month.starts_with(&word) || (word == "sept" && *month == "september"))?;
    i8::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn today() -> Date {
        date(2026, 11, 21)
    }

    fn read_as(text: &str, order: DateOrder) -> Result<Date, DateProblem> {
        parse(text, order, today())
    }

    // b.3: the forms other systems write
    #[test]
    fn a_date_is_read_in_the_forms_exports_use() {
        let forms = [
            "1990-01-05", "1990/01/05", "19900105", "1990-01-05T00:00:00Z", "1990-01-05 23:59:59", "1990-01-05T23:00:00.000+13:00",
            "Jan 5, 1990", "January 5 1990", "5 Jan 1990", "5th January 1990", "05-JAN-1990", "5-Jan-90", "1990-Jan-05", "32878", " 1990-1-5 ",
        ];
        for text in forms {
            for order in [DateOrder::Iso, DateOrder::Dmy, DateOrder::Mdy] {
                assert_eq!(read_as(text, order), Ok(date(1990, 1, 5)), "{text}");
            }
        }
        for text in ["1/5/1990", "01/05/1990 0:00", "1-5-90", "01.05.1990", "1/5/1990 12:00:00 AM"] {
            assert_eq!(read_as(text, DateOrder::Mdy), Ok(date(1990, 1, 5)), "{text}");
            assert_eq!(read_as(text, DateOrder::Dmy), Ok(date(1990, 5, 1)), "{text}");
            assert_eq!(read_as(text, DateOrder::Iso), Err(DateProblem::Invalid), "{text}");
        }
    }

    // b.3
    #[test]
    fn what_no_calendar_has_is_no_date() {
        for text in ["2023-02-29", "1990-13-01", "31/31/1990", "", "soon", "1990", "0026-01-01", "5551234", "1/2/990", "１/２/1990", "Ja 5 1990", "1-2-3-4"] {
            assert_eq!(read_as(text, DateOrder::Dmy), Err(DateProblem::Invalid), "{text}");
        }
        assert_eq!(read_as("31/12/1990", DateOrder::Mdy), Err(DateProblem::Invalid));
        assert_eq!(read_as("2090-01-01", DateOrder::Iso), Err(DateProblem::Future));
    }

    // b.3: two-digit years
    #[test]
    fn a_short_year_is_the_latest_that_is_not_in_the_future() {
        for (text, wanted) in [("20/11/26", date(2026, 11, 20)), ("22/11/26", date(1926, 11, 22)), ("01/02/03", date(2003, 2, 1)), ("29/02/00", date(2000, 2, 29)), ("90/02/01", date(1990, 2, 1))] {
            assert_eq!(read_as(text, DateOrder::Dmy), Ok(wanted), "{text}");
        }
    }

    // b.3: per column
    #[test]
    fn one_number_over_twelve_fixes_the_column() {
        let own = |cells: &[&str]| {
            let mut evidence = DateEvidence::default();
            cells.iter().for_each(|cell| evidence.add(cell));
            evidence.own_order()
        };
        assert_eq!(own(&["01/02/1990", "03/16/1970"]), OwnOrder::Fixed(DateOrder::Mdy));
        assert_eq!(own(&["01.02.1990", "16.03.1970"]), OwnOrder::Fixed(DateOrder::Dmy));
        assert_eq!(own(&["01/02/1990", "1990-03-04"]), OwnOrder::Open);
        assert_eq!(own(&["02/02/1990", "1990-03-04"]), OwnOrder::Fixed(DateOrder::Iso));
        assert_eq!(own(&["19900304", ""]), OwnOrder::Fixed(DateOrder::Ymd));
        assert_eq!(own(&["13/01/1990", "14/01/1990", "01/15/1990"]), OwnOrder::Fixed(DateOrder::Dmy));
        assert_eq!(own(&["13/01/1990", "01/15/1990"]), OwnOrder::Open);
    }

    fn days() -> impl Strategy<Value = Date> {
        (1900i16..2026, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| date(y, m, d))
    }

    proptest! {
        #[test]
        fn a_column_written_in_one_order_is_read_in_that_order(dates in proptest::collection::vec(days(), 1..20), dmy: bool) {
            let write = |d: &Date| if dmy { d.strftime("%d/%m/%Y").to_string() } else { d.strftime("%m/%d/%Y").to_string() };
            let mut evidence = DateEvidence::default();
            dates.iter().for_each(|d| evidence.add(&write(d)));
            prop_assert_eq!(evidence.dates(), dates.len() as u64);
            let order = if dmy { DateOrder::Dmy } else { DateOrder::Mdy };
            let decided = evidence.own_order();
            if dates.iter().any(|d| d.day() > 12) {
                prop_assert_eq!(decided, OwnOrder::Fixed(order));
            } else if dates.iter().any(|d| d.day() != d.month()) {
                prop_assert_eq!(decided, OwnOrder::Open);
            }
            for d in &dates {
                prop_assert_eq!(read_as(&write(d), order), Ok(*d));
            }
        }

        #[test]
        fn serial_numbers_count_days_as_a_spreadsheet_does(days in 2300i32..46_000) {
            let d = date(1900, 3, 1).checked_add(jiff::Span::new().days(days - 61)).expect("a date");
            prop_assert_eq!(read_as(&days.to_string(), DateOrder::Dmy), Ok(d));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "(\\PC|[0-9/. :Ta-z-]){0,40}") {
            let _ = read_as(&text, DateOrder::Dmy);
            let _ = read_as(&text, DateOrder::Mdy);
            DateEvidence::default().add(&text);
        }
    }
}
