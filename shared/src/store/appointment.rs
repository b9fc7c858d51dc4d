//! The items of appointments: the record, the client's summary, the therapist's days.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::condition::Amendment;
use super::item::{Corrupt, Entity};
use super::keys::{self, Key};
use super::tx::{Conflict, Tx};
use super::{Store, StoreError};
use crate::access::Grant;
use crate::domain::appointment::{
    Appointment, AppointmentStatus, AppointmentSummary, Booking, CalendarDay, Settled, Times, day_of,
};
use crate::domain::client::Client;
use crate::domain::ids::{AppointmentId, ClientId, PracticeId, StaffId};
use crate::domain::role::BillingModifier;
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
    start: Timestamp,
    end: Timestamp,
    status: AppointmentStatus,
    created_by: StaffId,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled: Option<Settled>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    billing_modifier: Option<BillingModifier>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cancel_reason: Option<CancelReason>,
}

crate::store::item::versioned!(Appointment);

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
            times,
            status,
            created_by,
            created_at,
            settled,
            billing_modifier,
            cancel_reason,
        } = self.clone();
        let (start, end) = (times.start(), times.end());
        Row {
            pid: practice.key(),
            id,
            staff,
            start,
            end,
            status,
            created_by,
            created_at,
            settled,
            billing_modifier,
            cancel_reason,
        }
    }
    fn from_row(row: Row, version: u64) -> Result<Self, Corrupt> {
        let Row {
            pid,
            id,
            staff,
            start,
            end,
            status,
            created_by,
            created_at,
            settled,
            billing_modifier,
            cancel_reason,
        } = row;
        if (status == AppointmentStatus::Scheduled) != settled.is_none() {
            return Err(Corrupt(Self::NAME));
        }
        Ok(Self {
            id,
            practice: PracticeId::from_key(&pid).map_err(|_| Corrupt(Self::NAME))?,
            version,
            staff,
            times: times(start, end, Self::NAME)?,
            status,
            created_by,
            created_at,
            settled,
            billing_modifier,
            cancel_reason,
        })
    }
}

/// A day's attributes. Bookings by appointment, so that one of them can be changed without reading the day.
#[derive(Debug, Serialize, Deserialize)]
pub struct DayRow {
    pid: String,
    staff: StaffId,
    day: Date,
    bookings: BTreeMap<String, BookingRow>,
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
        let Self { practice, staff, day, version: _, bookings } = self;
        let booking = |booking: &Booking| {
            let Booking { id, times, status } = *booking;
            (id.to_string(), BookingRow { start: times.start(), end: times.end(), status })
        };
        DayRow { pid: practice.key(), staff: *staff, day: *day, bookings: bookings.iter().map(booking).collect() }
    }
    fn from_row(row: DayRow, version: u64) -> Result<Self, Corrupt> {
        let DayRow { pid, staff, day, bookings } = row;
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
        })
    }
}

impl Tx {
    /// Writes how an appointment came to its end into the days it touches. Which days these are, only its record tells:
    /// they are changed unread, so that settling takes no third call. The record's own version keeps two ends apart.
    pub fn settle_booking(
        &mut self,
        id: AppointmentId,
        (staff, times): (StaffId, Times),
        status: AppointmentStatus,
    ) -> &mut Self {
        let practice = self.grant().practice();
        for day in times.days() {
            let amendment = Amendment {
                update: "SET bookings.#booking.#status = :status, version = version + :one",
                condition: "attribute_exists(bookings.#booking)",
                names: vec![("#booking", id.to_string()), ("#status", "status".to_owned())],
                values: vec![
                    (":status", AttributeValue::S(status.as_str().to_owned())),
                    (":one", AttributeValue::N("1".to_owned())),
                ],
            };
            self.amend(keys::calendar_day(practice, staff, day), amendment, Conflict::Stale(CalendarDay::NAME));
        }
        self
    }

    /// Gives a scheduled appointment to another therapist: its record, and out of the days it touched, likewise unread.
    /// The client's summary, which stands in the transaction, says that it is scheduled and whose.
    pub fn hand_appointment_over(
        &mut self,
        id: AppointmentId,
        (from, times): (StaffId, Times),
        to: StaffId,
    ) -> &mut Self {
        let practice = self.grant().practice();
        let record = Amendment {
            update: "SET staff = :to, version = version + :one",
            condition: "staff = :from AND #status = :scheduled",
            names: vec![("#status", "status".to_owned())],
            values: vec![
                (":from", AttributeValue::S(from.to_string())),
                (":to", AttributeValue::S(to.to_string())),
                (":scheduled", AttributeValue::S(AppointmentStatus::Scheduled.as_str().to_owned())),
                (":one", AttributeValue::N("1".to_owned())),
            ],
        };
        self.amend(keys::appointment(practice, id), record, Conflict::Stale(Appointment::NAME));
        for day in times.days() {
            let amendment = Amendment {
                update: "SET version = version + :one REMOVE bookings.#booking",
                condition: "attribute_exists(bookings.#booking)",
                names: vec![("#booking", id.to_string())],
                values: vec![(":one", AttributeValue::N("1".to_owned()))],
            };
            self.amend(keys::calendar_day(practice, from, day), amendment, Conflict::Stale(CalendarDay::NAME));
        }
        self
    }

    /// Writes everything that hangs on how an appointment came to its end: record, summary, days, client.
    pub fn settle_appointment(
        &mut self,
        appointment: &mut Appointment,
        client: &mut Client,
        summary: &mut AppointmentSummary,
    ) -> &mut Self {
        summary.settle(appointment);
        self.attendance(client, summary);
        let Appointment { id, staff, times, status, .. } = *appointment;
        self.replace(appointment)
            .replace(summary)
            .settle_booking(id, (staff, times), status)
            .touches(id)
            .fields(["status"])
    }

    /// Writes the client if who holds appointments with it has changed; else it must only still be as it was read, so that
    /// a booking does not move the profile's version.
    pub fn attendance(&mut self, client: &mut Client, summary: &AppointmentSummary) -> &mut Self {
        if client.attended_by(summary.seen_by()) { self.save_client(client) } else { self.unchanged(client) }
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
        for (id, open) in summary.into_iter().flat_map(|summary| summary.open) {
            let mut tx = Tx::new(grant);
            tx.settle_booking(id, (open.staff, open.times), AppointmentStatus::Cancelled).touches(id);
            self.commit(tx).await?;
        }
        Ok(())
    }
}
