//! When a client is reminded of a session: so long before it, but not within its quiet hours (I7).

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use super::notifications::QuietHours;

/// Why these are no leads of reminders. The number is where in the list it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLeads {
    /// More than there can be.
    #[error("must be at most 4")]
    TooMany,
    /// None, or longer than a week.
    #[error("must be from 1 to 168")]
    OutOfRange(usize),
    /// There already.
    #[error("is there twice")]
    Twice(usize),
}

/// How many hours before a session its client is reminded: at most four times, the longest first; none at all if empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u16>", into = "Vec<u16>")]
pub struct Leads(Vec<u16>);

impl Leads {
    const MOST: usize = 4;
    /// A week.
    const LONGEST: u16 = 168;

    /// Takes them in any order.
    pub fn new(mut hours: Vec<u16>) -> Result<Self, BadLeads> {
        if hours.len() > Self::MOST {
            return Err(BadLeads::TooMany);
        }
        for (at, lead) in hours.iter().enumerate() {
            if !(1..=Self::LONGEST).contains(lead) {
                return Err(BadLeads::OutOfRange(at));
            }
            if hours.iter().take(at).any(|earlier| earlier == lead) {
                return Err(BadLeads::Twice(at));
            }
        }
        hours.sort_unstable_by(|a, b| b.cmp(a));
        Ok(Self(hours))
    }

    /// In hours, the longest first.
    #[must_use]
    pub fn hours(&self) -> &[u16] {
        &self.0
    }
}

impl Default for Leads {
    fn default() -> Self {
        Self(vec![24, 2])
    }
}

impl TryFrom<Vec<u16>> for Leads {
    type Error = BadLeads;

    fn try_from(hours: Vec<u16>) -> Result<Self, BadLeads> {
        Self::new(hours)
    }
}

impl From<Leads> for Vec<u16> {
    fn from(leads: Leads) -> Self {
        leads.0
    }
}

/// What quiet hours must leave of the time before a session for a reminder to wait for their end.
const LEFT_BY_QUIET: SignedDuration = SignedDuration::from_hours(1);

/// How long before quiet hours a reminder is due that cannot wait for their end: the schedule runs once more until then.
const BEFORE_QUIET: SignedDuration = SignedDuration::from_mins(10);

/// What decides when a client is reminded.
#[derive(Debug, Clone, Copy)]
pub struct Timing<'a> {
    /// As the practice has set.
    pub leads: &'a Leads,
    /// The practice's: days are counted there.
    pub zone: &'a TimeZone,
    /// As the client has set.
    pub quiet: Option<QuietHours>,
}

/// When one reminder of a session is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Which one: so many hours before.
    pub lead: u16,
    /// By the lead alone.
    pub nominal: Timestamp,
    /// Outside the quiet hours.
    pub at: Timestamp,
}

impl Timing<'_> {
    /// When the reminders of a session that begins then are due, the longest lead first.
    pub fn moments(&self, start: Timestamp) -> impl Iterator<Item = Moment> {
        self.leads.hours().iter().map(move |lead| {
            let nominal = nominal(*lead, start, self.zone);
            Moment { lead: *lead, nominal, at: self.awake(nominal, start) }
        })
    }

    /// The end of the quiet hours if they leave enough time, else a moment before they begin.
    fn awake(&self, at: Timestamp, start: Timestamp) -> Timestamp {
        let Some(quiet) = self.quiet else { return at };
        match quiet.end(at, self.zone) {
            None => at,
            Some(end) if start.duration_since(end) >= LEFT_BY_QUIET => end,
            Some(_) => {
                let begin = quiet.begin(at, self.zone).unwrap_or(at);
                begin.saturating_sub(BEFORE_QUIET).unwrap_or(begin)
            }
        }
    }
}

/// Whole days are days of the calendar: the clock on the wall shows the time of the session. What it skips is as much
/// later as it is set forward; of what it shows twice, the first counts. Other leads are hours that go by.
fn nominal(lead: u16, start: Timestamp, zone: &TimeZone) -> Timestamp {
    let hours = SignedDuration::from_hours(i64::from(lead));
    let by_hours = start.saturating_sub(hours).unwrap_or(Timestamp::MIN);
    if !lead.is_multiple_of(24) {
        return by_hours;
    }
    let local = zone.to_datetime(start);
    let day = local.date().checked_sub(i64::from(lead / 24).days());
    let shown = day.and_then(|day| zone.to_ambiguous_zoned(day.to_datetime(local.time())).compatible());
    shown.map(|at| at.timestamp()).ok().filter(|at| *at < start).unwrap_or(by_hours)
}

#[cfg(test)]
mod tests;
