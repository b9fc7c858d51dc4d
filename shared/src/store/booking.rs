//! What books, moves and settles an appointment: its record, the client's summary, the therapist's days, the client.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use jiff::civil::Date;

use super::condition::Amendment;
use super::item::Entity as _;
use super::keys;
use super::tx::{Conflict, Tx};
use crate::domain::appointment::{Appointment, AppointmentStatus, AppointmentSummary, CalendarDay, Dated, Times};
use crate::domain::client::Client;
use crate::domain::ids::{AppointmentId, StaffId};

/// What becomes of an appointment in the days it touches, which are not read for it.
#[derive(Debug, Clone, Copy)]
pub enum DayChange {
    /// It is this from now on.
    Settle(Times, AppointmentStatus),
    /// It is not there any more.
    Release(Times),
    /// Nobody asks for this time any more.
    Answer(Times),
}

impl DayChange {
    /// A change that answers what was still asked for.
    #[must_use]
    pub fn with_answer(self, asked: Option<Times>) -> Vec<Self> {
        std::iter::once(self).chain(asked.map(Self::Answer)).collect()
    }
}

/// What becomes of it in one of them.
#[derive(Debug, Clone, Copy, Default)]
struct InDay {
    settle: Option<AppointmentStatus>,
    release: bool,
    answer: bool,
}

impl InDay {
    const fn update(self) -> (&'static str, &'static str) {
        match (self.settle, self.release, self.answer) {
            (Some(_), _, false) => (
                "SET bookings.#booking.#status = :status, version = version + :one",
                "attribute_exists(bookings.#booking)",
            ),
            (Some(_), _, true) => (
                "SET bookings.#booking.#status = :status, version = version + :one REMOVE requests.#booking",
                "attribute_exists(bookings.#booking)",
            ),
            (None, true, false) => {
                ("SET version = version + :one REMOVE bookings.#booking", "attribute_exists(bookings.#booking)")
            }
            (None, true, true) => (
                "SET version = version + :one REMOVE bookings.#booking, requests.#booking",
                "attribute_exists(bookings.#booking)",
            ),
            (None, false, _) => {
                ("SET version = version + :one REMOVE requests.#booking", "attribute_exists(requests.#booking)")
            }
        }
    }
}

impl Tx {
    /// Puts a new appointment.
    pub fn create_appointment(&mut self, appointment: &Appointment) -> &mut Self {
        self.put_new(appointment, Conflict::Stale(Appointment::NAME))
    }

    /// Puts an appointment in place of what was read of it; `was` is the time it had then. Of one that has moved, the place
    /// in the order of starts follows.
    pub fn save_appointment(&mut self, appointment: &mut Appointment, was: Times) -> &mut Self {
        let (practice, id) = (appointment.practice, appointment.id);
        self.put_next(appointment);
        let (before, now) = (was.start(), appointment.times.start());
        if id.is_moved(before) && id.place(before) != id.place(now) {
            self.release(keys::dated_appointment(practice, id.place(before), id));
        }
        if let Some(dated) = Dated::moved(appointment) {
            self.put_if(&dated, super::condition::Condition::default(), Conflict::Stale(Appointment::NAME));
        }
        self
    }

    /// How many items [`Self::save_appointment`] writes for one that goes from one start to another, or stays where it is.
    #[must_use]
    pub fn items_of_appointment(id: AppointmentId, was: Timestamp, now: Timestamp) -> usize {
        let leaves = id.is_moved(was) && id.place(was) != id.place(now);
        1 + usize::from(leaves) + usize::from(id.is_moved(now))
    }

    /// Writes into the days of an appointment what became of it. Which days these are, only its record tells: they are
    /// changed unread, so that this takes no third call. The record's own version keeps two changes apart.
    pub fn amend_days(&mut self, id: AppointmentId, staff: StaffId, changes: &[DayChange]) -> &mut Self {
        self.amend_other_days(id, staff, changes, &[])
    }

    /// Likewise, but for days that this transaction puts as a whole.
    pub fn amend_other_days(
        &mut self,
        id: AppointmentId,
        staff: StaffId,
        changes: &[DayChange],
        put: &[CalendarDay],
    ) -> &mut Self {
        let mut days: BTreeMap<Date, InDay> = BTreeMap::new();
        for change in changes {
            let (DayChange::Settle(times, _) | DayChange::Release(times) | DayChange::Answer(times)) = *change;
            for day in times.days().filter(|day| put.iter().all(|put| put.day != *day)) {
                let one = days.entry(day).or_default();
                match *change {
                    DayChange::Settle(_, status) => one.settle = Some(status),
                    DayChange::Release(_) => one.release = true,
                    DayChange::Answer(_) => one.answer = true,
                }
            }
        }
        let practice = self.grant().practice();
        for (day, one) in days {
            let (update, condition) = one.update();
            let mut names = vec![("#booking", id.to_string())];
            let mut values = vec![(":one", AttributeValue::N("1".to_owned()))];
            if let Some(status) = one.settle {
                names.push(("#status", "status".to_owned()));
                values.push((":status", AttributeValue::S(status.as_str().to_owned())));
            }
            let amendment = Amendment { update, condition, names, values };
            self.amend(keys::calendar_day(practice, staff, day), amendment, Conflict::Stale(CalendarDay::NAME));
        }
        self
    }

    /// Gives a scheduled appointment to another therapist: its record, and out of the days it touched, likewise unread.
    /// The client's summary, which stands in the transaction, says that it is scheduled and whose, and whether the client
    /// still asked for another time: whom it asked holds it no more.
    pub fn hand_appointment_over(
        &mut self,
        id: AppointmentId,
        (from, times): (StaffId, Times),
        to: StaffId,
        asked: Option<Times>,
    ) -> &mut Self {
        let practice = self.grant().practice();
        let record = Amendment {
            update: "SET staff = :to, version = version + :one REMOVE asked",
            condition: "staff = :from AND #status = :scheduled",
            names: vec![("#status", "status".to_owned())],
            values: vec![
                (":from", AttributeValue::S(from.to_string())),
                (":to", AttributeValue::S(to.to_string())),
                (":scheduled", AttributeValue::S(AppointmentStatus::Scheduled.as_str().to_owned())),
                (":one", AttributeValue::N("1".to_owned())),
            ],
        };
        let stale = Conflict::Stale(Appointment::NAME);
        if id.is_moved(times.start()) {
            let second = keys::dated_appointment(practice, id.place(times.start()), id);
            self.amend(second, record.clone(), stale);
        }
        self.amend(keys::appointment(practice, id), record, stale);
        self.amend_days(id, from, &DayChange::with_answer(DayChange::Release(times), asked))
    }

    /// Writes everything that hangs on how an appointment came to its end: record, summary, days, client. `asked` is the
    /// time that was still asked for.
    pub fn settle_appointment(
        &mut self,
        appointment: &mut Appointment,
        client: &mut Client,
        summary: &mut AppointmentSummary,
        asked: Option<Times>,
    ) -> &mut Self {
        summary.settle(appointment);
        self.attendance(client, summary);
        let Appointment { id, staff, times, status, .. } = *appointment;
        let changes = DayChange::with_answer(DayChange::Settle(times, status), asked);
        self.save_appointment(appointment, times)
            .save_summary(summary)
            .amend_days(id, staff, &changes)
            .touches(id)
            .fields(["status"])
    }

    /// Writes the client if who holds appointments with it has changed; else it must only still be as it was read, so that
    /// a booking does not move the profile's version.
    pub fn attendance(&mut self, client: &mut Client, summary: &AppointmentSummary) -> &mut Self {
        if client.attended_by(summary.seen_by()) { self.save_client(client) } else { self.unchanged(client) }
    }
}
