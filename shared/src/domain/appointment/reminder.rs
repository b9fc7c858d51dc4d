//! Which of a client's sessions it is reminded of at a moment, and when to look again (I7).
//!
//! Where the schedule looks next hangs on no setting until a session is near: what the practice or the client sets until
//! then holds for sessions that are booked already.

use jiff::{SignedDuration, Timestamp};

use super::{AppointmentSummary, OpenAppointment, Times};
use crate::domain::ids::AppointmentId;
use crate::domain::reminders::{Moment, Timing};

/// When a session is looked at first: before anything that can be set makes a reminder due.
const FIRST_LOOK: SignedDuration = SignedDuration::from_hours(9 * 24);

/// Nobody is reminded of what begins sooner.
const TOO_LATE: SignedDuration = SignedDuration::from_mins(30);

/// Whether a reminder of a session that begins then is still of use.
#[must_use]
pub fn is_worth_a_reminder(start: Timestamp, now: Timestamp) -> bool {
    start.duration_since(now) >= TOO_LATE
}

/// A session its client is to be reminded of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub id: AppointmentId,
    pub times: Times,
}

/// What there is to do about one session.
enum Need {
    /// Nothing before then, or ever.
    Wait(Option<Timestamp>),
    /// It is time, for this lead; the next one is then.
    Due(u16, Option<Timestamp>),
    /// It was time for this lead, but is too late; likewise.
    Missed(u16, Option<Timestamp>),
}

impl AppointmentSummary {
    /// Sees to it that each session is looked at in time. Part of each change, whatever it changes.
    pub fn plan(&mut self, now: Timestamp) {
        let mut next = self.look_at;
        for open in self.open.values_mut().filter(|open| open.since.is_none()) {
            open.since = Some(now);
            if open.times.start() > now {
                let first = first_look(open.times).max(now);
                next = Some(next.map_or(first, |next| next.min(first)));
            }
        }
        self.look_at = next.filter(|_| self.open.values().any(|open| open.times.start() > now));
    }

    /// The session to remind of now, if there is one, and marks it as done. When there are several, the others are due at
    /// the next look.
    pub fn look(&mut self, now: Timestamp, timing: &Timing<'_>) -> Option<Due> {
        let (mut due, mut looks): (Option<Due>, Vec<Timestamp>) = (None, Vec::new());
        let mut ahead: Vec<_> = self.open.iter_mut().filter(|(_, open)| open.times.start() > now).collect();
        ahead.sort_by_key(|(_, open)| open.times.start());
        for (id, open) in ahead {
            open.since.get_or_insert(now);
            match open.need(now, timing) {
                Need::Wait(at) => looks.extend(at),
                Need::Missed(lead, at) => {
                    open.reminded = Some(lead);
                    looks.extend(at);
                }
                Need::Due(lead, at) if due.is_none() => {
                    open.reminded = Some(lead);
                    due = Some(Due { id: *id, times: open.times });
                    looks.extend(at);
                }
                Need::Due(..) => looks.push(now),
            }
        }
        self.look_at = looks.into_iter().min();
        due
    }

    /// Whether this session still begins then.
    #[must_use]
    pub fn begins(&self, id: AppointmentId, start: Timestamp) -> bool {
        self.open.get(&id).is_some_and(|open| open.times.start() == start)
    }
}

fn first_look(times: Times) -> Timestamp {
    times.start().saturating_sub(FIRST_LOOK).unwrap_or(Timestamp::MIN)
}

impl OpenAppointment {
    /// Several leads that have passed make one reminder.
    fn need(&self, now: Timestamp, timing: &Timing<'_>) -> Need {
        let start = self.times.start();
        if first_look(self.times) > now {
            return Need::Wait(Some(first_look(self.times)));
        }
        let moments: Vec<Moment> = timing.moments(start).filter(|moment| self.is_open(moment)).collect();
        let passed = moments.iter().filter(|moment| moment.at <= now).map(|moment| moment.lead).min();
        let coming = moments.iter().filter(|moment| passed.is_none_or(|lead| moment.lead < lead));
        let next = coming.filter(|moment| moment.at > now).map(|moment| moment.at).min();
        let Some(lead) = passed else { return Need::Wait(next) };
        let quiet = timing.quiet.and_then(|quiet| quiet.end(now, timing.zone));
        match quiet {
            // It should have gone out before they began.
            Some(end) if is_worth_a_reminder(start, end) => Need::Wait(Some(next.map_or(end, |next| next.min(end)))),
            Some(_) => Need::Missed(lead, next),
            None if is_worth_a_reminder(start, now) => Need::Due(lead, next),
            None => Need::Missed(lead, next),
        }
    }

    /// Whether a reminder is still to come: not for a lead that is as long as one that is done or longer, nor for one that had passed
    /// when the session got its times.
    fn is_open(&self, moment: &Moment) -> bool {
        let told = self.reminded.is_some_and(|lead| lead <= moment.lead);
        let before = self.since.is_some_and(|since| moment.nominal <= since || moment.at <= since);
        !told && !before
    }
}

#[cfg(test)]
mod tests;
