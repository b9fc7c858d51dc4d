//! Dates and times as small numbers: a practice's dates lie near each other.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::wire::{Column, Corrupt, Sink, Source, unzigzag, zigzag};
use crate::domain::ids::ClientId;

/// A number for a date that sorts like it; near zero for birthdays and join dates.
pub(super) fn ordinal(date: Date) -> i32 {
    (i32::from(date.year()) - 1990) * 372 + (i32::from(date.month()) - 1) * 31 + i32::from(date.day()) - 1
}

pub(super) fn from_ordinal(ordinal: i32) -> Result<Date, Corrupt> {
    let year = i16::try_from(ordinal.div_euclid(372) + 1990).map_err(|_| Corrupt)?;
    let rest = ordinal.rem_euclid(372);
    let small = |n: i32| i8::try_from(n + 1).map_err(|_| Corrupt);
    Date::new(year, small(rest / 31)?, small(rest % 31)?).map_err(|_| Corrupt)
}

/// A time-ordered id tells nearly when its record was made; an id made otherwise tells nothing.
pub(super) fn created_near(id: ClientId) -> Timestamp {
    let millis = (id.uuid().as_u128() >> 80) as i64;
    let plausible = (1_577_836_800_000..4_102_444_800_000).contains(&millis) && id.uuid().get_version_num() == 7;
    Timestamp::from_millisecond(if plausible { millis } else { 1_735_689_600_000 }).unwrap_or(Timestamp::UNIX_EPOCH)
}

pub(super) fn day_of(at: Timestamp) -> i32 {
    ordinal(TimeZone::UTC.to_datetime(at).date())
}

/// A time as its distance from one that is near: mostly whole seconds, days or nothing.
pub(super) fn put_time(out: &mut impl Sink, column: Column, at: Timestamp, near: Timestamp) {
    let nanos = i64::from(at.subsec_nanosecond()) - i64::from(near.subsec_nanosecond());
    let (value, unit) = match nanos {
        n if n % 1_000_000 == 0 => (n / 1_000_000, 0),
        n if n % 1_000 == 0 => (n / 1_000, 1),
        n => (n, 2),
    };
    out.number(column, zigzag(at.as_second() - near.as_second()));
    out.number(column, zigzag(value) << 2 | unit);
}

pub(super) fn time<'a>(source: &mut impl Source<'a>, column: Column, near: Timestamp) -> Result<Timestamp, Corrupt> {
    let seconds = unzigzag(source.number(column)?).checked_add(near.as_second()).ok_or(Corrupt)?;
    let fine = source.number(column)?;
    let scale = match fine & 3 {
        0 => 1_000_000,
        1 => 1_000,
        _ => 1,
    };
    let nanos = unzigzag(fine >> 2).checked_mul(scale).and_then(|n| n.checked_add(near.subsec_nanosecond().into()));
    let nanos = nanos.and_then(|n| i32::try_from(n).ok()).ok_or(Corrupt)?;
    Timestamp::new(seconds, nanos).map_err(|_| Corrupt)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        // A1
        #[test]
        fn a_date_reads_back_and_sorts_like_its_number(a in -9999i16..=9999, b in -9999i16..=9999, month in 1i8..=12, day in 1i8..=28) {
            let (x, y) = (jiff::civil::date(a, month, day), jiff::civil::date(b, 13 - month, 29 - day));
            prop_assert_eq!(from_ordinal(ordinal(x)), Ok(x));
            prop_assert_eq!(x.cmp(&y), ordinal(x).cmp(&ordinal(y)));
        }

        #[test]
        fn no_number_makes_the_calendar_panic(number: i32) {
            let _ = from_ordinal(number);
        }
    }
}
