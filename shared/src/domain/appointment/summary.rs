//! What a client's appointments come to: counts, the scheduled ones, and who holds any with it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Appointment, AppointmentRefusal, AppointmentStatus, Times};
use crate::domain::ids::{AppointmentId, ClientId, PracticeId, StaffId};

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
    /// Since when it has had these times; none until that is stored.
    pub since: Option<Timestamp>,
    /// The shortest lead, in hours, for which its client was reminded of these times, or was not to be.
    pub reminded: Option<u16>,
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
    /// How many appointments make a walk-in of a staff member: scheduled or held, and made while the client was the
    /// practice's and the staff member not its therapist (decision 27). Nobody stands here with none.
    pub walk_ins: BTreeMap<StaffId, u32>,
    /// What the client asks for and nobody has answered.
    pub requests: BTreeMap<AppointmentId, OpenRequest>,
    /// When to look next whether the client is to be reminded of one.
    pub look_at: Option<Timestamp>,
}

impl AppointmentSummary {
    /// The most scheduled appointments of one client: they are read with its profile.
    pub const MAX_OPEN: usize = 200;

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
            walk_ins: BTreeMap::new(),
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
        let Appointment { id, staff, times, .. } = *appointment;
        self.counts.entry(staff).or_default().add(AppointmentStatus::Scheduled);
        self.requests.remove(&id);
        self.open.insert(id, OpenAppointment { staff, times, walk_in, since: None, reminded: None });
        self.walks_in(staff, walk_in);
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
            let OpenAppointment { staff, walk_in, .. } = *open;
            *open = OpenAppointment { staff, times, walk_in, since: None, reminded: None };
        }
    }

    /// What was asked for is answered, or taken back.
    pub fn answered(&mut self, id: AppointmentId) {
        self.requests.remove(&id);
    }

    /// A scheduled appointment came to its end.
    pub fn settle(&mut self, appointment: &Appointment) {
        self.requests.remove(&appointment.id);
        if let Some(open) = self.open.remove(&appointment.id) {
            if appointment.status != AppointmentStatus::Completed {
                self.walks_out(open.staff, open.walk_in);
            }
            let tally = self.counts.entry(appointment.staff).or_default();
            tally.take(AppointmentStatus::Scheduled);
            tally.add(appointment.status);
        }
    }

    /// A scheduled appointment goes from one therapist to another, as a walk-in or as its own; `false` if there is none any
    /// more (L10).
    pub fn hand_over(&mut self, id: AppointmentId, from: StaffId, to: StaffId, walk_in: bool) -> bool {
        let Some(open) = self.open.get_mut(&id).filter(|open| open.staff == from) else { return false };
        self.requests.remove(&id);
        let before = std::mem::replace(&mut open.walk_in, walk_in);
        open.staff = to;
        self.walks_out(from, before);
        self.walks_in(to, walk_in);
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

    fn walks_in(&mut self, staff: StaffId, walk_in: bool) {
        if walk_in {
            let count = self.walk_ins.entry(staff).or_default();
            *count = count.saturating_add(1);
        }
    }

    fn walks_out(&mut self, staff: StaffId, walk_in: bool) {
        if let Some(count) = self.walk_ins.get_mut(&staff).filter(|_| walk_in) {
            *count = count.saturating_sub(1);
        }
        self.walk_ins.retain(|_, count| *count > 0);
    }

    /// Who is a walk-in of the client by its appointments: `Client::seen_by` (d-8, decision 27).
    #[must_use]
    pub fn seen_by(&self) -> BTreeSet<StaffId> {
        self.walk_ins.keys().copied().collect()
    }

    /// What the profile shows at this moment (B13).
    #[must_use]
    pub fn stats(&self, now: Timestamp) -> Stats {
        let sum = |count: fn(&Tally) -> u32| self.counts.values().map(count).fold(0, u32::saturating_add);
        let upcoming = self.open.values().filter(|open| open.times.start() > now).count();
        Stats {
            total: sum(|tally| tally.total()),
            upcoming: u32::try_from(upcoming).unwrap_or(u32::MAX),
            completed: sum(|tally| tally.completed),
        }
    }
}
