//! What becomes of the sessions to come of somebody who leaves (L4).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use caseload::access::{Action, Grant, Resource};
use caseload::app::App;
use caseload::domain::appointment::{AppointmentRefusal, AppointmentStatus, Booking};
use caseload::domain::client::Ownership;
use caseload::domain::directory::Entry;
use caseload::domain::ids::{AppointmentId, StaffId};
use caseload::domain::session::PrincipalId;
use caseload::refusal::{Refusal, Stop};
use caseload::store::directory::{Held, lock};
use caseload::store::{Decided, Tx, keys};
use caseload::web::view::appointment::KeptAppointmentView;
use caseload::web::{Caller, StaffOnly};
use caseload::workflows::{AppointmentMove, Authority, KeptAppointment, MovedAppointments, WhyKept, retrying};
use futures_util::future::try_join_all;

use crate::removal::{AppointmentsOfLeaver, RemoveStaff};

/// Somebody leaves: under whose authority, and with what said about it.
#[derive(Clone, Copy)]
pub(crate) struct Leaving<'a> {
    pub app: &'a App,
    pub caller: &'a Caller<StaffOnly>,
    pub by: Authority<'a>,
    pub body: &'a RemoveStaff,
    pub staff: StaffId,
}

/// Sessions one request handles: what is left takes another one, before the gateway gives up on this.
const BATCH: usize = 200;
/// Sessions in the way that one refusal lists.
const LISTED: usize = 50;

/// A session with its client, as the directory has it now.
type ToHandle = (Booking, Entry);

impl Leaving<'_> {
    /// The scheduled sessions that this instant has before it. A client on its way out takes its sessions along.
    pub(crate) fn sessions(self, held: &Mutex<Held>, bookings: &[Booking]) -> Vec<ToHandle> {
        let held = lock(held);
        bookings.iter().filter_map(|booking| Some((*booking, held.directory.get(booking.id.client())?))).collect()
    }

    /// Handles the sessions as it was said: 409 `has_sessions` with counts if nothing was, 409 `sessions_in_the_way`
    /// before the first moves if one of them cannot.
    ///
    /// What is handled stays so; a repeated request goes on.
    pub(crate) async fn settle(self, sessions: &[ToHandle]) -> Result<(), Stop> {
        let some = sessions.get(..sessions.len().min(BATCH)).unwrap_or_default();
        match self.body.sessions {
            _ if sessions.is_empty() => return Ok(()),
            None => {
                let clients: BTreeSet<_> = sessions.iter().map(|(booking, _)| booking.id.client()).collect();
                let counts = serde_json::json!({ "sessions": sessions.len(), "clients": clients.len() });
                let detail = "They still have sessions to come. Say whether these move to the heirs or are cancelled.";
                return Err(Refusal::conflict("has_sessions", detail).with("counts", counts).into());
            }
            Some(AppointmentsOfLeaver::Cancel) => {
                for (booking, _) in some {
                    retrying(self.app.clock(), async || self.cancel(booking.id).await).await?;
                }
            }
            Some(AppointmentsOfLeaver::Move) => {
                let (moves, kept) = self.plan(sessions).await?;
                self.refuse(&kept).await?;
                let mut report = MovedAppointments::default();
                self.app.move_appointments(self.by, moves.get(..some.len()).unwrap_or_default(), &mut report).await?;
                self.refuse(&report.kept).await?;
            }
        }
        if sessions.len() > BATCH {
            return Err(Refusal::unavailable("more sessions than one request handles").into());
        }
        Ok(())
    }

    /// Where each session goes, and which cannot.
    async fn plan(self, sessions: &[ToHandle]) -> Result<(Vec<AppointmentMove>, Vec<KeptAppointment>), Stop> {
        let now = self.by.cause.at;
        let until = sessions.iter().map(|(booking, _)| booking.times.end()).max().unwrap_or(now);
        let heirs: BTreeSet<StaffId> = sessions.iter().filter_map(|(booking, _)| self.heir(booking)).collect();
        let booked = try_join_all(heirs.into_iter().map(async |heir| {
            self.app.store.booked(self.by.practice.id, heir, (now, until)).await.map(|bookings| (heir, bookings))
        }));
        let booked: BTreeMap<StaffId, Vec<Booking>> = booked.await?.into_iter().collect();
        let (mut moves, mut kept) = (Vec::new(), Vec::new());
        for (booking, client) in sessions {
            let Booking { id, times, .. } = *booking;
            match self.way(booking, client, &booked) {
                Ok(to) => moves.push(AppointmentMove { id, times, from: self.staff, to }),
                Err(why) => kept.push(KeptAppointment { id, times, why }),
            }
        }
        Ok((moves, kept))
    }

    fn heir(self, booking: &Booking) -> Option<StaffId> {
        self.body.heir(booking.id.client())
    }

    /// Who takes a session, or why nobody can.
    fn way(
        self,
        booking: &Booking,
        client: &Entry,
        booked: &BTreeMap<StaffId, Vec<Booking>>,
    ) -> Result<StaffId, WhyKept> {
        let heir = self.heir(booking).ok_or(WhyKept::NoHeir)?;
        // A client of the leaver's becomes the heir's; somebody else's direct client does not.
        let becomes = if client.assigned_staff == Some(self.staff) { Some(heir) } else { client.assigned_staff };
        if client.ownership == Ownership::Direct && becomes != Some(heir) {
            return Err(WhyKept::Refused(AppointmentRefusal::DirectClient));
        }
        let taken = booked.get(&heir).into_iter().flatten().any(|other| other.times.overlaps(booking.times));
        if taken { Err(WhyKept::Refused(AppointmentRefusal::SlotTaken)) } else { Ok(heir) }
    }

    /// Refuses if there is one in the way; the trail says whose sessions the refusal shows.
    async fn refuse(self, kept: &[KeptAppointment]) -> Result<(), Stop> {
        if kept.is_empty() {
            return Ok(());
        }
        let listed = kept.get(..kept.len().min(LISTED)).unwrap_or_default();
        let shown: BTreeSet<String> = listed.iter().map(|kept| kept.id.client().to_string()).collect();
        let shown: Vec<String> = shown.into_iter().collect();
        self.app.note_shown(self.caller, Action::StaffRemove, Decided::Done, None, &shown).await?;
        let views: Vec<_> = listed.iter().copied().map(KeptAppointmentView::from).collect();
        let detail = "Some of their sessions to come cannot move. Move or cancel these first, or name another heir.";
        Err(Refusal::conflict("sessions_in_the_way", detail)
            .with("sessions", serde_json::to_value(views).map_err(Refusal::broken)?)
            .with("total", kept.len())
            .into())
    }

    /// Calls one session off, unless it has come to its end, or gone to somebody else, meanwhile.
    async fn cancel(self, id: AppointmentId) -> Result<(), Stop> {
        let Self { app, by: Authority { actor, practice, cause, action }, .. } = self;
        let of = id.client();
        let wanted = (
            keys::client(practice.id, of).unless_deleting(),
            keys::appointment(practice.id, id),
            keys::appointment_summary(practice.id, of),
        );
        let (Some(mut client), Some(mut session), Some(mut summary)) = app.store.load(wanted).await? else {
            return Ok(());
        };
        if session.staff != self.staff || session.status != AppointmentStatus::Scheduled {
            return Ok(());
        }
        let about = Resource::Appointment(Some(((&client).into(), self.staff)));
        // Who leaves takes leave of its sessions, too, whatever its role says of sessions.
        let action = if action == Action::SelfLeave { action } else { Action::AppointmentCancel };
        let grant = Grant::decide(actor, action, &about, practice, cause)?;
        let wish = session.asked_at(grant.at()).map(|asked| asked.times);
        let by = actor.principal().unwrap_or(PrincipalId::Staff(self.staff));
        session.cancel(grant.at(), by, &practice.scheduling)?;
        let mut tx = Tx::new(&grant);
        tx.settle_appointment(&mut session, &mut client, &mut summary, wish);
        Ok(app.store.commit(tx).await?)
    }
}
