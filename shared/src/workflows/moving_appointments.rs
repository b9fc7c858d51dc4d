//! One way for appointments to come to change hands: with their client, on the day of a handover, when a therapist
//! leaves (L4, L10).

use jiff::Timestamp;

use super::retrying::retrying;
use crate::access::{Action, Actor, Cause, Grant, Resource};
use crate::app::App;
use crate::domain::appointment::{
    AppointmentRefusal, AppointmentStatus, AppointmentSummary, Booking, CalendarDay, Times, is_walk_in, may_meet,
};
use crate::domain::client::Client;
use crate::domain::ids::{AppointmentId, StaffId};
use crate::domain::practice::Practice;
use crate::domain::staff::Staff;
use crate::refusal::{Refusal, Stop};
use crate::store::{Tx, keys};

/// Under whose authority clients and their appointments change hands.
#[derive(Debug, Clone, Copy)]
pub struct Authority<'a> {
    /// Who asks.
    pub actor: &'a Actor,
    pub practice: &'a Practice,
    /// In which request or event.
    pub cause: Cause,
    /// As what the policy decides about it.
    pub action: Action,
}

impl Authority<'_> {
    /// The decision about one client.
    pub fn over(&self, client: &Client) -> Result<Grant, Refusal> {
        let Self { actor, practice, cause, action } = self;
        Ok(Grant::decide(actor, *action, &Resource::client(Some(client)), practice, *cause)?)
    }
}

/// A scheduled appointment that is to go from one therapist to another.
#[derive(Debug, Clone, Copy)]
pub struct AppointmentMove {
    pub id: AppointmentId,
    pub times: Times,
    /// Whose it is.
    pub from: StaffId,
    /// Whose it is to be.
    pub to: StaffId,
}

/// What became of the appointments that were to move.
#[derive(Debug, Clone, Default)]
pub struct MovedAppointments {
    /// How many went to the new therapist.
    pub moved: usize,
    /// Those that stay with the former one, soonest first.
    pub kept: Vec<KeptAppointment>,
}

/// An appointment that stays where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeptAppointment {
    pub id: AppointmentId,
    pub times: Times,
    pub why: WhyKept,
}

/// Why an appointment stays where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyKept {
    /// The new therapist cannot take it.
    Refused(AppointmentRefusal),
    /// Nobody was named to take it.
    NoHeir,
}

impl WhyKept {
    /// A stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::NoHeir => "no_heir",
        }
    }
}

impl MovedAppointments {
    /// Whether no appointment has moved yet.
    #[must_use]
    pub const fn none_moved(&self) -> bool {
        self.moved == 0
    }

    /// The appointments that begin at `since` or later and have neither moved nor been found to stay.
    #[must_use]
    pub fn left(
        &self,
        sessions: &AppointmentSummary,
        from: StaffId,
        to: StaffId,
        since: Timestamp,
    ) -> Vec<AppointmentMove> {
        let stays = |id| self.kept.iter().any(|kept| kept.id == id);
        let open = sessions.to_come(from, since).filter(|(id, _)| !stays(*id));
        open.map(|(id, times)| AppointmentMove { id, times, from, to }).collect()
    }
}

/// How often a client's appointments are looked through again because one was booked while the others moved.
pub const APPOINTMENT_ROUNDS: usize = 20;

enum Moved {
    Yes,
    /// Cancelled, or somebody else's, by now.
    Gone,
    Kept(AppointmentRefusal),
}

impl App {
    /// Moves each appointment in a transaction of its own, and adds to the report what became of it.
    ///
    /// An appointment in whose time the new therapist is booked stays. Refused if the new therapist does not work here any
    /// more. What has moved stays moved, so that a repetition goes on where this ended.
    pub async fn move_appointments(
        &self,
        by: Authority<'_>,
        moves: &[AppointmentMove],
        report: &mut MovedAppointments,
    ) -> Result<(), Stop> {
        for one in moves {
            match retrying(self.clock(), async || self.move_appointment(by, *one).await).await? {
                Moved::Yes => report.moved += 1,
                Moved::Gone => {}
                Moved::Kept(refusal) => {
                    report.kept.push(KeptAppointment { id: one.id, times: one.times, why: WhyKept::Refused(refusal) });
                }
            }
        }
        Ok(())
    }

    async fn move_appointment(&self, by: Authority<'_>, one: AppointmentMove) -> Result<Moved, Stop> {
        let AppointmentMove { id, times, from, to } = one;
        let (practice, of) = (by.practice.id, id.client());
        let (client, summary, staff, days) = self
            .store
            .load((
                keys::client(practice, of).unless_deleting(),
                keys::appointment_summary(practice, of),
                keys::staff(practice, to),
                times.days().map(|day| keys::calendar_day(practice, to, day)).collect::<Vec<_>>(),
            ))
            .await?;
        let Some((mut client, mut summary)) = client.zip(summary) else { return Ok(Moved::Gone) };
        // The client of the one who hands over goes the same way, right after its sessions.
        let follows = client.assigned_staff == Some(from);
        let asked = summary.requests.get(&id).filter(|asked| by.cause.at < asked.expires_at).map(|asked| asked.times);
        if !summary.hand_over(id, from, to, !follows && is_walk_in(&client, to)) {
            return Ok(Moved::Gone);
        }
        let staff = staff.filter(Staff::takes_clients).ok_or(AppointmentRefusal::StaffUnavailable)?;
        if !follows && let Err(refusal) = may_meet(&client, &staff) {
            return Ok(Moved::Kept(refusal));
        }
        let grant = by.over(&client)?;
        let mut tx = Tx::new(&grant);
        for (day, found) in times.days().zip(days) {
            let mut day = found.unwrap_or_else(|| CalendarDay::empty(practice, to, day));
            if let Err(refusal) = day.take(Booking { id, times, status: AppointmentStatus::Scheduled }) {
                return Ok(Moved::Kept(refusal));
            }
            tx.replace(&mut day);
        }
        tx.attendance(&mut client, &summary)
            .save_summary(&mut summary)
            .unchanged(&staff)
            .hand_appointment_over(id, (from, times), to, asked)
            .touches(id)
            .touches(from)
            .touches(to)
            .fields(["session_staff"]);
        self.store.commit(tx).await?;
        Ok(Moved::Yes)
    }
}
