//! The registry of the clients to look at for reminders, kept with the summary of their sessions (I7).
//!
//! One entry a client, however many sessions it has: a series takes no more of a transaction than a single one.

use jiff::Timestamp;

use super::guards::Guard;
use super::item::Entity as _;
use super::tx::Tx;
use crate::domain::appointment::AppointmentSummary;

impl Tx {
    /// Puts a summary in place of what was read of it, and sees to it that its sessions are looked at in time.
    pub fn save_summary(&mut self, summary: &mut AppointmentSummary) -> &mut Self {
        let stood = summary.look_at;
        summary.plan(self.grant().at());
        self.put_summary(summary, stood)
    }

    /// The same after a look, which has said itself when the next one is; `stood` is when this one was.
    pub fn save_looked_at(&mut self, summary: &mut AppointmentSummary, stood: Option<Timestamp>) -> &mut Self {
        self.put_summary(summary, stood)
    }

    fn put_summary(&mut self, summary: &mut AppointmentSummary, stood: Option<Timestamp>) -> &mut Self {
        let entry = |at| Guard::reminder(summary.practice, summary.client, at);
        let (before, now) = (stood.map(entry), summary.look_at.map(entry));
        if before != now {
            if let Some(before) = before {
                self.release(before.key());
            }
            if let Some(now) = now {
                self.put(&now);
            }
        }
        self.put_next(summary)
    }
}
