//! The items of appointments: the record, the client's summary, the therapist's days.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::booking::DayChange;
use super::guards::Guard;
use super::item::{Corrupt, Entity, Versioned};
use super::keys::{self, Key};
use super::tx::Tx;
use super::{Store, StoreError};
use crate::access::Grant;
use crate::domain::appointment::{
    Appointment, AppointmentStatus, AppointmentSummary, AskedTime, Booking, CalendarDay, Dated, InSeries, Request,
    Settled, Times, day_of,
};
use crate::domain::ids::{AppointmentId, ClientId, PracticeId, ServiceId, StaffId};
use crate::domain::money::Money;
use crate::domain::role::BillingModifier;
use crate::domain::session::PrincipalId;
use crate::domain::text::CancelReason;

pub(super) fn times(start: Timestamp, end: Timestamp, of: &'static str) -> Result<Times, Corrupt> {
    Times::new(start, end).map_err(|_| Corrupt(of))
}

/// An appointment's attributes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    pid: String,
    id: AppointmentId,
    staff: StaffId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service: Option<ServiceId>,
    start: Timestamp,
    end: Timestamp,
    status: AppointmentStatus,
    created_by: PrincipalId,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked: Option<AskedRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled: Option<Settled>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    billing_modifier: Option<BillingModifier>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fee: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cancel_reason: Option<CancelReason>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    late_cancel: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decline_reason: Option<CancelReason>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    series: Option<InSeries>,
    /// Where it stands a second time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<AppointmentId>,
}

#[derive(Debug, Serialize, Deserialize)]
struct AskedRow {
    start: Timestamp,
    end: Timestamp,
    at: Timestamp,
    expires_at: Timestamp,
}

// Not plain: one that has moved is two items. See `Tx::save_appointment`.
impl Versioned for Appointment {
    fn version_mut(&mut self) -> &mut u64 {
        &mut self.version
    }
}

impl Entity for Appointment {
    const NAME: &'static str = "appointment";
    const SCHEMA: u32 = 1;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        keys::appointment(self.practice, self.id)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> Row {
        let Self {
            id,
            practice,
            version: _,
            staff,
            service,
            times,
            status,
            created_by,
            created_at,
            asked,
            settled,
            billing_modifier,
            fee,
            cancel_reason,
            late_cancel,
            decline_reason,
            series,
        } = self.clone();
        let (start, end) = (times.start(), times.end());
        let asked = asked.map(|AskedTime { times, at, expires_at }| AskedRow {
            start: times.start(),
            end: times.end(),
            at,
            expires_at,
        });
        Row {
            pid: practice.key(),
            id,
            staff,
            service,
            start,
            end,
            status,
            created_by,
            created_at,
            asked,
            settled,
            billing_modifier,
            fee,
            cancel_reason,
            late_cancel,
            decline_reason,
            series,
            place: None,
        }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row {
            pid,
            id,
            staff,
            service,
            start,
            end,
            status,
            created_by,
            created_at,
            asked,
            settled,
            billing_modifier,
            fee,
            cancel_reason,
            late_cancel,
            decline_reason,
            series,
            place: _,
        } = row;
        if status.is_open() != settled.is_none() {
            return Err(Corrupt(Self::NAME));
        }
        let asked = asked.map(|AskedRow { start, end, at, expires_at }| {
            Ok(AskedTime { times: times(start, end, Self::NAME)?, at, expires_at })
        });
        Ok(Self {
            id,
            practice: PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?,
            version,
            staff,
            service,
            times: times(start, end, Self::NAME)?,
            status,
            created_by,
            created_at,
            asked: asked.transpose()?,
            settled,
            billing_modifier,
            fee,
            cancel_reason,
            late_cancel,
            decline_reason,
            series,
        })
    }
}

impl Entity for Dated {
    const NAME: &'static str = Appointment::NAME;
    const SCHEMA: u32 = Appointment::SCHEMA;
    type Row = Row;

    fn key(&self) -> Key<Self> {
        let Appointment { practice, id, .. } = self.appointment;
        match self.place {
            Some(place) => keys::dated_appointment(practice, place, id),
            None => keys::appointment(practice, id).read_as(),
        }
    }
    fn is_listed(&self) -> bool {
        self.is_in_order()
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.appointment.practice)
    }
    fn version(&self) -> u64 {
        self.appointment.version
    }
    fn to_row(&self) -> Row {
        Row { place: self.place, ..self.appointment.to_row() }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let place = row.place;
        Ok(Self { appointment: Appointment::from_row(row, version)?, place })
    }
}

/// A day's attributes. Bookings by appointment, so that one of them can be changed without reading the day.
#[derive(Debug, Serialize, Deserialize)]
pub struct DayRow {
    pid: String,
    staff: StaffId,
    day: Date,
    bookings: BTreeMap<String, BookingRow>,
    /// Written even where nobody asks for anything: a request is taken out by its path.
    #[serde(default)]
    requests: BTreeMap<String, RequestRow>,
}

#[derive(Debug, Serialize, Deserialize)]
struct RequestRow {
    start: Timestamp,
    end: Timestamp,
    expires_at: Timestamp,
}

#[derive(Debug, Serialize, Deserialize)]
struct BookingRow {
    start: Timestamp,
    end: Timestamp,
    status: AppointmentStatus,
}

crate::store::item::versioned!(CalendarDay);

impl Entity for CalendarDay {
    const NAME: &'static str = "calendar_day";
    const SCHEMA: u32 = 1;
    type Row = DayRow;

    fn key(&self) -> Key<Self> {
        keys::calendar_day(self.practice, self.staff, self.day)
    }
    fn practice(&self) -> Option<PracticeId> {
        Some(self.practice)
    }
    fn version(&self) -> u64 {
        self.version
    }
    fn to_row(&self) -> DayRow {
        let Self { practice, staff, day, version: _, bookings, requests } = self;
        let booking = |booking: &Booking| {
            let Booking { id, times, status } = *booking;
            (id.to_string(), BookingRow { start: times.start(), end: times.end(), status })
        };
        let request = |request: &Request| {
            let Request { id, times, expires_at } = *request;
            (id.to_string(), RequestRow { start: times.start(), end: times.end(), expires_at })
        };
        let (bookings, requests) = (bookings.iter().map(booking), requests.iter().map(request));
        DayRow {
            pid: practice.key(),
            staff: *staff,
            day: *day,
            bookings: bookings.collect(),
            requests: requests.collect(),
        }
    }
    fn from_row(row: DayRow, version: u64) -> Result<Self, Corrupt> {
        let DayRow { pid, staff, day, bookings, requests } = row;
        let request = |(id, RequestRow { start, end, expires_at }): (String, RequestRow)| {
            let id = id.parse::<AppointmentId>().map_err(|_| Corrupt(Self::NAME))?;
            Ok(Request { id, times: times(start, end, Self::NAME)?, expires_at })
        };
        let booking = |(id, BookingRow { start, end, status }): (String, BookingRow)| {
            let id = id.parse::<AppointmentId>().map_err(|_| Corrupt(Self::NAME))?;
            Ok(Booking { id, times: times(start, end, Self::NAME)?, status })
        };
        Ok(Self {
            practice: PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?,
            staff,
            day,
            version,
            bookings: bookings.into_iter().map(booking).collect::<Result<_, Corrupt>>()?,
            requests: requests.into_iter().map(request).collect::<Result<_, Corrupt>>()?,
        })
    }
}

/// After every appointment there can be.
const END: Date = Date::constant(2100, 1, 1);

impl Store {
    /// The days of a staff member's calendar from one day to another, both included, oldest first.
    pub async fn calendar(
        &self,
        practice: PracticeId,
        staff: StaffId,
        days: (Date, Date),
    ) -> Result<Vec<CalendarDay>, StoreError> {
        self.all(&keys::calendar(practice, staff, days)).await
    }

    /// The scheduled appointments of a staff member that begin at this instant or later, soonest first.
    pub async fn appointments_to_come(
        &self,
        practice: PracticeId,
        staff: StaffId,
        since: Timestamp,
    ) -> Result<Vec<Booking>, StoreError> {
        let days = self.calendar(practice, staff, (day_of(since), END)).await?;
        let open = |booking: &Booking| booking.status == AppointmentStatus::Scheduled && booking.times.start() >= since;
        let mut bookings: Vec<Booking> = days.iter().flat_map(CalendarDay::beginning).filter(open).collect();
        bookings.sort_unstable_by_key(Booking::order);
        Ok(bookings)
    }

    /// What fills a staff member's time from one instant to another: its appointments that were not cancelled.
    pub async fn booked(
        &self,
        practice: PracticeId,
        staff: StaffId,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<Booking>, StoreError> {
        let days = self.calendar(practice, staff, (day_of(from), day_of(to))).await?;
        Ok(days.into_iter().flat_map(|day| day.bookings).filter(|booking| booking.status.counts()).collect())
    }

    /// Frees the times of the appointments that a client who is being deleted had still to come.
    pub(super) async fn free_bookings(&self, grant: &Grant, client: ClientId) -> Result<(), StoreError> {
        let summary = self.load(keys::appointment_summary(grant.practice(), client)).await?;
        // One by one: two of them may stand in the same day, and a transaction touches an item once.
        let Some(AppointmentSummary { open, requests, look_at, .. }) = summary else { return Ok(()) };
        if let Some(at) = look_at {
            let mut tx = Tx::new(grant);
            tx.release(Guard::reminder(grant.practice(), client, at).key()).touches(client);
            self.commit(tx).await?;
        }
        let settled = open
            .into_iter()
            .map(|(id, open)| (id, open.staff, DayChange::Settle(open.times, AppointmentStatus::Cancelled)));
        let live = requests.into_iter().filter(|(_, asked)| grant.at() < asked.expires_at);
        let answered = live.map(|(id, asked)| (id, asked.staff, DayChange::Answer(asked.times)));
        for (id, staff, change) in settled.chain(answered) {
            let mut tx = Tx::new(grant);
            tx.amend_days(id, staff, &[change]).touches(id);
            self.commit(tx).await?;
        }
        Ok(())
    }
}
