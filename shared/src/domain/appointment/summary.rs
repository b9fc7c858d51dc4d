//! What a client's appointments come to: counts, the scheduled ones, and who holds any with it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Appointment, AppointmentRefusal, AppointmentStatus, InSeries, SeriesPlace, Times, day_of};
use crate::domain::ids::{AppointmentId, ClientId, PracticeId, SeriesId, StaffId};

/// Appointments by status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Tally {
    /// Booked.
    pub scheduled: u32,
    /// Held.
    pub completed: u32,
    /// Called off.
    pub cancelled: u32,
    /// The client did not come.
    pub no_show: u32,
}

impl Tally {
    /// Counts one more.
    pub const fn add(&mut self, status: AppointmentStatus) {
        if let Some(count) = self.of(status) {
            *count = count.saturating_add(1);
        }
    }

    const fn take(&mut self, status: AppointmentStatus) {
        if let Some(count) = self.of(status) {
            *count = count.saturating_sub(1);
        }
    }

    /// Nothing where it was only asked for.
    const fn of(&mut self, status: AppointmentStatus) -> Option<&mut u32> {
        match status {
            AppointmentStatus::Scheduled => Some(&mut self.scheduled),
            AppointmentStatus::Completed => Some(&mut self.completed),
            AppointmentStatus::Cancelled => Some(&mut self.cancelled),
            AppointmentStatus::NoShow => Some(&mut self.no_show),
            AppointmentStatus::Requested
            | AppointmentStatus::Declined
            | AppointmentStatus::Withdrawn
            | AppointmentStatus::Expired => None,
        }
    }

    /// All of them.
    #[must_use]
    pub const fn total(self) -> u32 {
        self.kept().saturating_add(self.cancelled)
    }

    /// All but the cancelled (d-8).
    #[must_use]
    pub const fn kept(self) -> u32 {
        self.scheduled.saturating_add(self.completed).saturating_add(self.no_show)
    }
}

/// A scheduled appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenAppointment {
    /// Whose appointment.
    pub staff: StaffId,
    pub times: Times,
    /// Held with somebody else's client, or nobody's (decision 27).
    pub walk_in: bool,
    /// Where in its series, if it was booked in one.
    pub series: Option<SeriesPlace>,
    /// Since when it has had these times; none until that is stored.
    pub since: Option<Timestamp>,
    /// The shortest lead, in hours, for which its client was reminded of these times, or was not to be.
    pub reminded: Option<u16>,
}

/// An appointment that was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub id: AppointmentId,
    pub times: Times,
    /// Held with somebody else's client, or nobody's (decision 27).
    pub walk_in: bool,
}

/// A time that the client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenRequest {
    /// Whom it asks.
    pub staff: StaffId,
    pub times: Times,
    /// As if it were not there from then on.
    pub expires_at: Timestamp,
}

/// Counts for the profile (B13).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Every appointment there is, cancelled ones included.
    pub total: u32,
    /// Scheduled, and not begun yet.
    pub upcoming: u32,
    /// Held.
    pub completed: u32,
    /// The client did not come.
    pub no_shows: u32,
    /// Called off by the client later than the practice wants.
    pub late_cancellations: u32,
    /// When the last one that was held began.
    pub last: Option<Timestamp>,
    /// When the next one begins.
    pub next: Option<Timestamp>,
}

/// The appointments of one client, summed up. It stands in every transaction that books or settles one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppointmentSummary {
    pub practice: PracticeId,
    pub client: ClientId,
    /// Grows by one with each change; 0 before the first.
    pub version: u64,
    /// How many, by staff member and status.
    pub counts: BTreeMap<StaffId, Tally>,
    /// The scheduled ones, whether or not their time has come.
    pub open: BTreeMap<AppointmentId, OpenAppointment>,
    /// The latest that were held, by staff member, the latest last.
    pub held: BTreeMap<StaffId, Vec<Held>>,
    /// How many the client called off later than the practice wants.
    pub late_cancellations: u32,
    /// What the client asks for and nobody has answered.
    pub requests: BTreeMap<AppointmentId, OpenRequest>,
    /// When to look next whether the client is to be reminded of one.
    pub look_at: Option<Timestamp>,
}

impl AppointmentSummary {
    /// The most scheduled appointments of one client: they are read with its profile.
    pub const MAX_OPEN: usize = 200;

    /// So many of each staff member's are remembered: one that is taken back leaves those before it.
    const MAX_HELD: usize = 4;

    /// The most requests of one client that wait for an answer.
    pub const MAX_REQUESTS: usize = 10;

    /// No appointments yet.
    #[must_use]
    pub const fn empty(practice: PracticeId, client: ClientId) -> Self {
        Self {
            practice,
            client,
            version: 0,
            counts: BTreeMap::new(),
            open: BTreeMap::new(),
            held: BTreeMap::new(),
            late_cancellations: 0,
            requests: BTreeMap::new(),
            look_at: None,
        }
    }

    // I6
    /// Refuses a time at which the client is with somebody in another appointment: it cannot be in two places.
    pub fn check_free(&self, id: AppointmentId, times: Times) -> Result<(), AppointmentRefusal> {
        let taken = self.open.iter().any(|(other, open)| *other != id && open.times.overlaps(times));
        if taken { Err(AppointmentRefusal::ClientTaken) } else { Ok(()) }
    }

    /// An appointment is booked; `walk_in` if not with the client's own therapist.
    pub fn book(&mut self, appointment: &Appointment, walk_in: bool) -> Result<(), AppointmentRefusal> {
        if self.open.len() >= Self::MAX_OPEN {
            return Err(AppointmentRefusal::TooManyScheduled);
        }
        let Appointment { id, staff, times, series, .. } = *appointment;
        let series = series.map(|InSeries { id, index, .. }| SeriesPlace { id, index });
        self.counts.entry(staff).or_default().add(AppointmentStatus::Scheduled);
        self.requests.remove(&id);
        self.open.insert(id, OpenAppointment { staff, times, walk_in, series, since: None, reminded: None });
        Ok(())
    }

    /// The client asks for a time.
    pub fn ask(&mut self, id: AppointmentId, request: OpenRequest, now: Timestamp) -> Result<(), AppointmentRefusal> {
        self.requests.retain(|known, open| *known != id && now < open.expires_at);
        if self.requests.len() >= Self::MAX_REQUESTS {
            return Err(AppointmentRefusal::TooManyRequests);
        }
        self.requests.insert(id, request);
        Ok(())
    }

    /// A scheduled appointment goes to another time.
    pub fn reschedule(&mut self, id: AppointmentId, times: Times) {
        self.requests.remove(&id);
        if let Some(open) = self.open.get_mut(&id).filter(|open| open.times != times) {
            *open = OpenAppointment { times, since: None, reminded: None, ..*open };
        }
    }

    /// What was asked for is answered, or taken back.
    pub fn answered(&mut self, id: AppointmentId) {
        self.requests.remove(&id);
    }

    /// A scheduled appointment came to its end. It remembers whether it made a walk-in, in case that is taken back.
    pub fn settle(&mut self, appointment: &mut Appointment) {
        let Appointment { id, status, staff, late_cancel, .. } = *appointment;
        self.requests.remove(&id);
        let Some(OpenAppointment { times, walk_in, .. }) = self.open.remove(&id) else { return };
        if let Some(settled) = &mut appointment.settled {
            settled.walk_in = walk_in;
        }
        if status == AppointmentStatus::Completed {
            let held = self.held.entry(staff).or_default();
            held.push(Held { id, times, walk_in });
            held.sort_unstable_by_key(|held| (held.times.end(), held.id));
            held.drain(..held.len().saturating_sub(Self::MAX_HELD));
        }
        let tally = self.counts.entry(staff).or_default();
        tally.take(AppointmentStatus::Scheduled);
        tally.add(status);
        self.late_cancellations = self.late_cancellations.saturating_add(u32::from(late_cancel));
    }

    /// How an appointment came to its end is taken back: it is scheduled again, as it was `before`.
    pub fn reopen(&mut self, before: &Appointment) -> Result<(), AppointmentRefusal> {
        let Appointment { id, status, staff, times, late_cancel, settled, series, .. } = *before;
        if self.open.len() >= Self::MAX_OPEN {
            return Err(AppointmentRefusal::TooManyScheduled);
        }
        if let Some(held) = self.held.get_mut(&staff) {
            held.retain(|held| held.id != id);
        }
        self.held.retain(|_, held| !held.is_empty());
        let tally = self.counts.entry(staff).or_default();
        tally.take(status);
        tally.add(AppointmentStatus::Scheduled);
        self.late_cancellations = self.late_cancellations.saturating_sub(u32::from(late_cancel));
        let walk_in = settled.is_some_and(|settled| settled.walk_in);
        let series = series.map(|InSeries { id, index, .. }| SeriesPlace { id, index });
        self.open.insert(id, OpenAppointment { staff, times, walk_in, series, since: None, reminded: None });
        Ok(())
    }

    /// A scheduled appointment goes from one therapist to another, as a walk-in or as its own; `false` if there is none any
    /// more (L10).
    pub fn hand_over(&mut self, id: AppointmentId, from: StaffId, to: StaffId, walk_in: bool) -> bool {
        let Some(open) = self.open.get_mut(&id).filter(|open| open.staff == from) else { return false };
        self.requests.remove(&id);
        open.walk_in = walk_in;
        open.staff = to;
        if let Some(tally) = self.counts.get_mut(&from) {
            tally.take(AppointmentStatus::Scheduled);
        }
        self.counts.retain(|_, tally| tally.total() > 0);
        self.counts.entry(to).or_default().add(AppointmentStatus::Scheduled);
        true
    }

    /// The scheduled appointments of this therapist that begin at this instant or later, soonest first.
    pub fn to_come(&self, staff: StaffId, since: Timestamp) -> impl Iterator<Item = (AppointmentId, Times)> {
        let theirs = move |open: &OpenAppointment| open.staff == staff && open.times.start() >= since;
        self.open.iter().filter(move |(_, open)| theirs(open)).map(|(id, open)| (*id, open.times))
    }

    /// The scheduled ones of a series behind this place of it, by their places.
    #[must_use]
    pub fn following(&self, series: SeriesId, index: u16) -> Vec<(AppointmentId, OpenAppointment)> {
        let behind = |open: &OpenAppointment| open.series.filter(|at| at.id == series && at.index > index);
        let mut all: Vec<_> = self.open.iter().filter(|(_, open)| behind(open).is_some()).collect();
        all.sort_by_key(|(_, open)| open.series.map(|at| at.index));
        all.into_iter().map(|(id, open)| (*id, *open)).collect()
    }

    /// Who is a walk-in of the client by an appointment that is scheduled or was held, and the UTC day on which the last of
    /// these ends: `Client::seen_by` (d-8, decision 27).
    #[must_use]
    pub fn seen_by(&self) -> BTreeMap<StaffId, Date> {
        let open = self.open.values().filter(|open| open.walk_in).map(|open| (open.staff, open.times));
        let held = self.held.iter().flat_map(|(staff, all)| all.iter().map(|held| (*staff, held)));
        let held = held.filter(|(_, held)| held.walk_in).map(|(staff, held)| (staff, held.times));
        let mut seen = BTreeMap::new();
        for (staff, times) in open.chain(held) {
            let until = seen.entry(staff).or_insert(Date::MIN);
            *until = day_of(times.end()).max(*until);
        }
        seen
    }

    /// What the profile shows at this moment to who sees the sessions of these staff members (B13).
    #[must_use]
    pub fn stats(&self, now: Timestamp, sees: impl Fn(StaffId) -> bool) -> Stats {
        let seen = |count: fn(&Tally) -> u32| {
            self.counts.iter().filter(|(staff, _)| sees(**staff)).map(move |(_, tally)| count(tally))
        };
        let sum = |count| seen(count).fold(0, u32::saturating_add);
        let all = self.counts.keys().all(|staff| sees(*staff));
        let open = || self.open.values().filter(|open| sees(open.staff));
        let to_come = || open().map(|open| open.times.start()).filter(|start| *start > now);
        let upcoming = to_come().count();
        Stats {
            total: sum(|tally| tally.total()),
            upcoming: u32::try_from(upcoming).unwrap_or(u32::MAX),
            completed: sum(|tally| tally.completed),
            no_shows: sum(|tally| tally.no_show),
            // Whose they were is not counted.
            late_cancellations: if all { self.late_cancellations } else { 0 },
            last: self
                .held
                .iter()
                .filter(|(staff, _)| sees(**staff))
                .flat_map(|(_, held)| held)
                .map(|held| held.times.start())
                .max(),
            next: to_come().min(),
        }
    }
}
