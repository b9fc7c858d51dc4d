//! A stretch of time that a report or a calendar is asked for.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::domain::appointment::{Booking, CalendarDay, day_of};
use crate::refusal::Refusal;

/// The longest stretch.
const LONGEST: SignedDuration = SignedDuration::from_hours(24 * 366);

/// From one instant, which belongs to it, to another, which does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The start.
    pub from: Timestamp,
    /// The end.
    pub to: Timestamp,
}

impl Span {
    /// What was asked for. What is left out lies `back` before the other end, or `ahead` after now.
    ///
    /// 400 for a stretch that is empty or longer than 366 days.
    pub fn asked(
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        now: Timestamp,
        (back, ahead): (SignedDuration, SignedDuration),
    ) -> Result<Self, Refusal> {
        let bad = |detail: &'static str| Refusal::malformed("invalid_parameter", detail);
        let beyond = |_| bad("from and to must be instants of this age.");
        let to = to.map_or_else(|| now.checked_add(ahead), Ok).map_err(beyond)?;
        let from = from.map_or_else(|| to.min(now).checked_sub(back), Ok).map_err(beyond)?;
        if from >= to {
            return Err(bad("from must lie before to."));
        }
        if to.duration_since(from) > LONGEST {
            return Err(bad("from and to must lie at most 366 days apart."));
        }
        Ok(Self { from, to })
    }

    /// The UTC days it touches, first and last.
    #[must_use]
    pub fn days(self) -> (Date, Date) {
        (day_of(self.from), day_of(self.to))
    }

    /// The appointments of these days that begin within it, newest first.
    #[must_use]
    pub fn sessions(self, days: &[CalendarDay]) -> Vec<Booking> {
        self.sorted(days.iter().flat_map(CalendarDay::beginning))
    }

    /// The same with what clients ask for at this moment.
    #[must_use]
    pub fn calendar(self, days: &[CalendarDay], now: Timestamp) -> Vec<Booking> {
        self.sorted(days.iter().flat_map(|day| day.beginning().chain(day.asked_for(now))))
    }

    fn sorted(self, bookings: impl Iterator<Item = Booking>) -> Vec<Booking> {
        let within = |booking: &Booking| (self.from..self.to).contains(&booking.times.start());
        let mut bookings: Vec<Booking> = bookings.filter(within).collect();
        bookings.sort_unstable_by_key(|booking| std::cmp::Reverse(booking.order()));
        bookings
    }
}
