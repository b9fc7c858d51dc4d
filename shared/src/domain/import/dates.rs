//! Dates as other systems write them. Which of two numbers is the day is decided per column, never per row (b.3).

use jiff::civil::Date;

use super::written::{Day, Written, read};

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

/// True for a text that is nothing but a date, not counting bare numbers.
pub(super) fn is_written_date(text: &str) -> bool {
    read(text).is_some_and(|written| !matches!(written, Written::Serial(_)))
}

/// What programs write where they have no date: zeros, and the first day of a spreadsheet's calendar.
pub(super) fn is_filler(text: &str) -> bool {
    let date = text.split(['T', ' ']).next().unwrap_or_default();
    if date.is_empty() || !date.chars().all(|c| c.is_ascii_digit() || matches!(c, '/' | '-' | '.')) {
        return false;
    }
    let mut numbers: Vec<&str> = date.split(['/', '-', '.']).map(|number| number.trim_start_matches('0')).collect();
    numbers.sort_unstable();
    numbers.iter().all(|number| number.is_empty())
        || matches!(numbers.as_slice(), ["", "1", "1900" | "00" | ""] | ["12", "1899", "30" | "31"] | ["", "", _])
        || numbers == ["1", "1", "1"] && date.contains("0001")
}

/// A day and a month without a year, as address books keep birthdays: `--02-14`, `14.02.`, `Feb 14`.
pub(super) fn is_yearless(text: &str) -> bool {
    super::written::is_yearless(text.trim())
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
            "1990-01-05",
            "1990/01/05",
            "19900105",
            "1990-01-05T00:00:00Z",
            "1990-01-05 23:59:59",
            "1990-01-05T23:00:00.000+13:00",
            "Jan 5, 1990",
            "January 5 1990",
            "5 Jan 1990",
            "5th January 1990",
            "05-JAN-1990",
            "5-Jan-90",
            "1990-Jan-05",
            "32878",
            " 1990-1-5 ",
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
        for text in [
            "2023-02-29",
            "1990-13-01",
            "31/31/1990",
            "",
            "soon",
            "1990",
            "0026-01-01",
            "5551234",
            "1/2/990",
            "１/２/1990",
            "Ja 5 1990",
            "1-2-3-4",
        ] {
            assert_eq!(read_as(text, DateOrder::Dmy), Err(DateProblem::Invalid), "{text}");
        }
        assert_eq!(read_as("31/12/1990", DateOrder::Mdy), Err(DateProblem::Invalid));
        assert_eq!(read_as("2090-01-01", DateOrder::Iso), Err(DateProblem::Future));
    }

    // b.3: two-digit years
    #[test]
    fn a_short_year_is_the_latest_that_is_not_in_the_future() {
        for (text, wanted) in [
            ("20/11/26", date(2026, 11, 20)),
            ("22/11/26", date(1926, 11, 22)),
            ("01/02/03", date(2003, 2, 1)),
            ("29/02/00", date(2000, 2, 29)),
            ("90/02/01", date(1990, 2, 1)),
        ] {
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
