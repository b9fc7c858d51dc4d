//! A therapist's days, where several sessions are written at once.

use std::collections::{BTreeMap, BTreeSet};

use caseload::app::App;
use caseload::domain::appointment::{AppointmentRefusal, AppointmentStatus, Booking, CalendarDay, Times};
use caseload::domain::ids::{AppointmentId, PracticeId, StaffId};
use caseload::refusal::Stop;
use caseload::store::{Tx, keys};
use jiff::civil::Date;

/// As many as one read brings.
const AT_ONCE: usize = 100;

/// Days as they were read, and what has changed about them since.
pub(crate) struct Calendar {
    days: BTreeMap<Date, CalendarDay>,
    touched: BTreeSet<Date>,
}

impl Calendar {
    /// Reads the days that these times touch.
    pub(crate) async fn read(
        app: &App,
        (practice, staff): (PracticeId, StaffId),
        times: impl IntoIterator<Item = Times>,
    ) -> Result<Self, Stop> {
        let dates: BTreeSet<Date> = times.into_iter().flat_map(Times::days).collect();
        let dates: Vec<Date> = dates.into_iter().collect();
        let mut days = BTreeMap::new();
        for some in dates.chunks(AT_ONCE) {
            let wanted: Vec<_> = some.iter().map(|day| keys::calendar_day(practice, staff, *day)).collect();
            for (day, found) in some.iter().zip(app.store.load(wanted).await?) {
                days.insert(*day, found.unwrap_or_else(|| CalendarDay::empty(practice, staff, *day)));
            }
        }
        Ok(Self { days, touched: BTreeSet::new() })
    }

    /// A session fills the therapist's time.
    pub(crate) fn take(&mut self, booking: Booking) -> Result<(), AppointmentRefusal> {
        self.change(booking.times, |day| day.take(booking))
    }

    /// What stood of a session at this time, or was asked for, does so no more.
    pub(crate) fn release(&mut self, id: AppointmentId, times: Times) {
        let released = self.change(times, |day| {
            day.release(id);
            Ok::<(), std::convert::Infallible>(())
        });
        let Ok(()) = released;
    }

    /// A session came to its end.
    pub(crate) fn settle(&mut self, id: AppointmentId, times: Times, status: AppointmentStatus) {
        let settled = self.change(times, |day| {
            day.settle(id, status);
            Ok::<(), std::convert::Infallible>(())
        });
        let Ok(()) = settled;
    }

    fn change<E>(&mut self, times: Times, mut change: impl FnMut(&mut CalendarDay) -> Result<(), E>) -> Result<(), E> {
        for date in times.days() {
            if let Some(day) = self.days.get_mut(&date) {
                self.touched.insert(date);
                change(day)?;
            }
        }
        Ok(())
    }

    /// As they are now.
    pub(crate) fn days(&self) -> impl Iterator<Item = &CalendarDay> {
        self.days.values()
    }

    /// Writes the days that have changed since they were read, or written.
    pub(crate) fn write(&mut self, tx: &mut Tx) {
        for date in std::mem::take(&mut self.touched) {
            if let Some(day) = self.days.get_mut(&date) {
                tx.replace(day);
            }
        }
    }
}
