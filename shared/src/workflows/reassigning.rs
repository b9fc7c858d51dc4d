//! One way to give a client to another therapist: from its page, in bulk, when a therapist leaves (L10).

use futures_util::future::join_all;
use jiff::Timestamp;
use jiff::civil::Date;

use super::moving_appointments::{APPOINTMENT_ROUNDS, AppointmentMove, Authority, MovedAppointments};
use super::notifying::{Carried, Notices};
use super::retrying::retrying;
use crate::app::App;
use crate::domain::appointment::AppointmentSummary;
use crate::domain::client::{AppointmentsToCome, Client, Handover, Ownership};
use crate::domain::date::today;
use crate::domain::ids::{ClientId, StaffId};
use crate::domain::mail::Outgoing;
use crate::domain::practice::Practice;
use crate::domain::staff::Staff;
use crate::refusal::{Refusal, Stop};
use crate::store::{Tx, keys};

/// To whom, when, and as whose client.
#[derive(Debug, Clone, Copy)]
pub struct Reassignment {
    /// The therapist; none leaves the client to the practice.
    pub to: Option<StaffId>,
    /// On a day to come in the practice's zone; at once without it, or if the day is today.
    pub on: Option<Date>,
    /// Direct or practice client from then on; as it is unless given.
    pub ownership: Option<Ownership>,
    /// What becomes of the sessions to come.
    pub sessions: AppointmentsToCome,
    /// Whether the client is told.
    pub notify_client: bool,
    /// Whose act it is: nobody is told of their own.
    pub by: Option<StaffId>,
}

/// The mails of one reassignment.
#[derive(Debug, Default)]
pub struct Mails {
    /// To the therapists.
    pub carried: Carried,
    /// To the client.
    pub client: Option<Outgoing>,
}

/// The therapist that clients are to go to: refused as `reassign_target` unless it works here and takes clients.
pub fn reassign_target(staff: Option<Staff>, pointer: &str) -> Result<Staff, Refusal> {
    staff.filter(Staff::takes_clients).ok_or_else(|| {
        Refusal::invalid(pointer, "reassign_target", "is not an active member of your team; choose somebody who is")
    })
}

impl Reassignment {
    /// Refuses what cannot be: a day that is over, a direct client of nobody, sessions that go to nobody.
    pub fn check(&self, practice: &Practice, now: Timestamp) -> Result<(), Refusal> {
        if self.on.is_some_and(|on| on < today(now, practice.time_zone.time_zone())) {
            return Err(Refusal::invalid("/on", "date_in_past", "is over; choose today or a day to come"));
        }
        if self.to.is_none() && self.ownership == Some(Ownership::Direct) {
            return Err(Refusal::invalid("/ownership", "direct_needs_therapist", "a direct client needs a therapist"));
        }
        if self.to.is_none() && self.sessions == AppointmentsToCome::Move {
            return Err(Refusal::invalid("/sessions", "move_needs_therapist", "sessions can only move to a therapist"));
        }
        Ok(())
    }

    /// The day to come it is planned for; none if it holds at once.
    #[must_use]
    pub fn planned(&self, practice: &Practice, now: Timestamp) -> Option<Date> {
        self.on.filter(|on| *on > today(now, practice.time_zone.time_zone()))
    }

    /// Whether sessions move with the client, and now.
    #[must_use]
    pub fn moves_appointments(&self, practice: &Practice, now: Timestamp) -> bool {
        self.sessions == AppointmentsToCome::Move && self.planned(practice, now).is_none()
    }

    /// The sessions that have to move before the client does, so that a request that was cut off goes on by itself.
    #[must_use]
    pub fn appointments_first(
        &self,
        client: &Client,
        sessions: Option<&AppointmentSummary>,
        practice: &Practice,
        now: Timestamp,
        so_far: &MovedAppointments,
    ) -> Vec<AppointmentMove> {
        match (client.assigned_staff, self.to, sessions) {
            (Some(from), Some(to), Some(sessions)) if from != to && self.moves_appointments(practice, now) => {
                so_far.left(sessions, from, to, now)
            }
            _ => Vec::new(),
        }
    }

    /// Who is to hear that the client of this therapist goes to another; nobody of their own act.
    #[must_use]
    pub fn former(&self, from: Option<StaffId>) -> Option<StaffId> {
        from.filter(|staff| Some(*staff) != self.to && Some(*staff) != self.by)
    }

    /// Who is to hear that this therapist's client comes to them, likewise.
    #[must_use]
    pub fn taker(&self, from: Option<StaffId>) -> Option<StaffId> {
        self.to.filter(|staff| Some(*staff) != from && Some(*staff) != self.by)
    }

    /// Writes it into the transaction with the mails it makes necessary; none if the client is, or is planned to be,
    /// exactly so already. `former` is who has the client now, if it is to hear of it.
    pub fn write(
        &self,
        app: &App,
        tx: &mut Tx,
        client: &mut Client,
        (former, to): (Option<&Staff>, Option<&Staff>),
        practice: &Practice,
        notices: &Notices,
    ) -> Result<Option<Mails>, Refusal> {
        let Some(on) = self.planned(practice, tx.grant().at()) else {
            let (from, same) = (client.assigned_staff, client.assigned_staff == self.to);
            if same && self.ownership.is_none_or(|o| o == client.ownership) && client.handover.is_none() {
                return Ok(None);
            }
            let former = former.filter(|staff| self.former(from) == Some(staff.id));
            let taker = to.filter(|staff| self.taker(from) == Some(staff.id));
            tx.reassign(client, to, self.ownership);
            let carried = notices.write(app, tx, practice, (former, taker))?;
            let client = if self.notify_client && !same { app.notify_client(tx, client, practice)? } else { None };
            return Ok(Some(Mails { carried, client }));
        };
        let Self { to: staff, ownership, sessions, notify_client, by, on: _ } = *self;
        let planned = Handover { to: staff, on, ownership, sessions, notify_client, by };
        if client.handover.is_some_and(|known| known == Handover { by: known.by, ..planned }) {
            return Ok(None);
        }
        tx.plan_handover(client, to, planned);
        Ok(Some(Mails::default()))
    }
}

#[derive(Debug, Clone, Copy)]
pub struct OneOfMany {
    pub client: ClientId,
    /// Who has it now.
    pub from: Option<StaffId>,
    /// What is to become of it.
    pub wish: Reassignment,
}

/// What became of one.
#[derive(Debug)]
pub struct Reassigned {
    /// Whether it was not so already.
    pub changed: bool,
    /// Its sessions, where they were to move.
    pub sessions: Option<MovedAppointments>,
}

/// Transactions under way at once.
const WIDTH: usize = 8;

enum Step {
    Sessions(Vec<AppointmentMove>),
    Done(bool, Carried),
}

impl App {
    /// Reassigns clients, each in a transaction of its own and under its own decision, and tells each therapist once.
    /// What became of them comes in no particular order.
    ///
    /// With a `leaver`, clients that are not its own any more are passed over, and the first trouble ends the work.
    pub async fn reassign_many(
        &self,
        by: Authority<'_>,
        many: &[OneOfMany],
        leaver: Option<StaffId>,
    ) -> Result<Vec<(ClientId, Result<Reassigned, Stop>)>, Stop> {
        let (mut notices, mut ends) = (Notices::default(), Vec::with_capacity(many.len()));
        // Who leaves is not written to.
        let matter =
            |one: &OneOfMany| (one.wish.former(one.from.filter(|_| leaver.is_none())), one.wish.taker(one.from));
        for (former, taker) in many.iter().map(matter) {
            notices.expect(former, taker);
        }
        let carries = |one: &OneOfMany, notices: &Notices| {
            let (former, taker) = matter(one);
            one.wish.planned(by.practice, by.cause.at).is_none() && notices.lacks(former, taker)
        };
        let mut waiting: Vec<&OneOfMany> = many.iter().collect();
        while !waiting.is_empty() {
            // Whoever carries a mail goes first and alone, then as many as may at the same time.
            let some: Vec<&OneOfMany> = match waiting.iter().position(|one| carries(one, &notices)) {
                Some(at) => vec![waiting.remove(at)],
                None => waiting.drain(..waiting.len().min(WIDTH)).collect(),
            };
            let done = join_all(some.iter().map(|one| self.reassign_one(by, one, leaver, &notices))).await;
            for (one, end) in some.into_iter().zip(done) {
                let end = end.map(|(reassigned, carried)| {
                    notices.add(carried);
                    reassigned
                });
                if end.is_err() && leaver.is_some() {
                    waiting.clear();
                }
                ends.push((one.client, end));
            }
        }
        notices.send(self).await?;
        Ok(ends)
    }

    async fn reassign_one(
        &self,
        by: Authority<'_>,
        one: &OneOfMany,
        leaver: Option<StaffId>,
        notices: &Notices,
    ) -> Result<(Reassigned, Carried), Stop> {
        let mut sessions = MovedAppointments::default();
        for _ in 0..APPOINTMENT_ROUNDS {
            match retrying(self.clock(), async || self.reassign_step(by, one, leaver, notices, &sessions).await).await?
            {
                Step::Sessions(moves) => self.move_appointments(by, &moves, &mut sessions).await?,
                Step::Done(changed, carried) => {
                    let moved = one.wish.moves_appointments(by.practice, by.cause.at);
                    return Ok((Reassigned { changed, sessions: moved.then_some(sessions) }, carried));
                }
            }
        }
        Err(Refusal::unavailable("sessions are booked while they move").into())
    }

    async fn reassign_step(
        &self,
        by: Authority<'_>,
        one: &OneOfMany,
        leaver: Option<StaffId>,
        notices: &Notices,
        moved: &MovedAppointments,
    ) -> Result<Step, Stop> {
        let OneOfMany { client: id, from, wish } = *one;
        let former = wish.former(from.filter(|_| leaver.is_none()));
        let (practice, now) = (by.practice.id, by.cause.at);
        let moves = wish.moves_appointments(by.practice, now);
        let wanted = (
            keys::client(practice, id).unless_deleting(),
            moves.then(|| keys::appointment_summary(practice, id)),
            wish.to.map(|to| keys::staff(practice, to)),
            former.map(|former| keys::staff(practice, former)),
        );
        let (client, sessions, to, former) = self.store.load(wanted).await?;
        let mut client = match (client, leaver) {
            (Some(client), None) => client,
            (Some(client), Some(leaver)) if client.assigned_staff == Some(leaver) => client,
            (None, None) => return Err(Refusal::absent().into()),
            // Gone, or somebody else's by now.
            (_, Some(_)) => return Ok(Step::Done(false, Carried::default())),
        };
        let pointer = if leaver.is_some() { "/reassign_to" } else { "/staff_id" };
        let to = to.map(|to| reassign_target(to, pointer)).transpose()?;
        let (former, sessions) = (former.flatten(), sessions.flatten());
        let first = wish.appointments_first(&client, sessions.as_ref(), by.practice, now, moved);
        if !first.is_empty() {
            return Ok(Step::Sessions(first));
        }
        let grant = by.over(&client)?;
        let mut tx = Tx::new(&grant);
        let therapists = (former.as_ref(), to.as_ref());
        let Some(mails) = wish.write(self, &mut tx, &mut client, therapists, by.practice, notices)? else {
            return Ok(Step::Done(false, Carried::default()));
        };
        if let Some(sessions) = &sessions {
            tx.unchanged(sessions);
        }
        self.store.commit(tx).await?;
        if let Some(mail) = &mails.client {
            self.send_now(mail).await?;
        }
        Ok(Step::Done(true, mails.carried))
    }
}
