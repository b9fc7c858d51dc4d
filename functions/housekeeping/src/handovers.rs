//! Hands clients over on the morning of the day that was agreed, in the practice's zone (L10).

use caseload::access::{Action, Actor, Cause, Grant, System};
use caseload::app::App;
use caseload::domain::appointment::AppointmentSummary;
use caseload::domain::client::{AppointmentsToCome, Client, Handover};
use caseload::domain::date::today;
use caseload::domain::ids::{ClientId, StaffId};
use caseload::domain::practice::Practice;
use caseload::domain::staff::Staff;
use caseload::refusal::{Refusal, Stop};
use caseload::store::{Entity as _, Guard, StoreError, Tx, keys};
use caseload::workflows::{APPOINTMENT_ROUNDS, AppointmentMove, Authority, MovedAppointments, Notices, Reassignment};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use crate::Tally;

pub(crate) async fn run(app: &App, cause: Cause) -> Result<Tally, Stop> {
    let (mut tally, mut notices) = (Tally::default(), Notices::default());
    // Where a day begins first it is tomorrow already.
    let last_day = today(cause.at, &TimeZone::UTC).saturating_add(1.day());
    for list in keys::handovers(last_day) {
        for guard in app.store.all(&list).await? {
            apply(app, cause, &guard, &mut notices, &mut tally).await;
        }
    }
    notices.send(app).await?;
    Ok(tally)
}

/// One client in the way must not keep the others from their therapist.
async fn apply(app: &App, cause: Cause, guard: &Guard, notices: &mut Notices, tally: &mut Tally) {
    match one(app, cause, guard, notices).await {
        Ok(Applied::NotYet) => {}
        Ok(Applied::Done) => {
            tally.due += 1;
            tally.done += 1;
        }
        Ok(Applied::Pointless) => {
            tally.due += 1;
            tally.skipped += 1;
        }
        Err(stop) => {
            tracing::warn!(code = stop.code(), client = guard.owner, "not handed over");
            tally.due += 1;
            tally.skipped += 1;
        }
    }
}

enum Applied {
    /// The day has not begun there.
    NotYet,
    /// Handed over.
    Done,
    /// Something else happened first: the plan is off.
    Pointless,
}

/// Decided anew on the record itself, so that two runs at once hand it over once. The sessions go first: what is left
/// of them, the next run moves.
async fn one(app: &App, cause: Cause, guard: &Guard, notices: &mut Notices) -> Result<Applied, Stop> {
    let mut moved = MovedAppointments::default();
    for _ in 0..APPOINTMENT_ROUNDS {
        let seen = Seen::read(app, guard).await?;
        let Some((practice, mut client, planned)) = seen.planned() else {
            return pointless(app, cause, guard, seen).await;
        };
        if planned.on > today(cause.at, practice.time_zone.time_zone()) {
            return Ok(Applied::NotYet);
        }
        let system = Actor::System(System::Schedule);
        let by = Authority { actor: &system, practice: &practice, cause, action: Action::HandoverApply };
        let (former, to) = therapists(app, &practice, &client, &planned).await?;
        let grant = by.over(&client)?;
        let mut tx = Tx::new(&grant);
        if let (Some(to), None) = (planned.to, &to) {
            tracing::warn!(code = "handover_dropped", client = %client.id, "its therapist takes no clients any more");
            tx.drop_handover(&mut client).touches(to);
            return committed(app, tx, Applied::Pointless).await;
        }
        let first = appointments_first(&practice, &client, &planned, seen.sessions.as_ref(), &moved)?;
        if !first.is_empty() {
            app.move_appointments(by, &first, &mut moved).await?;
            continue;
        }
        let Handover { to: staff, on: _, ownership, sessions, notify_client, by: planner } = planned;
        let wish = Reassignment { to: staff, on: None, ownership, sessions, notify_client, by: planner };
        let mails = wish.write(app, &mut tx, &mut client, (former.as_ref(), to.as_ref()), &practice, notices)?;
        if let Some(sessions) = seen.sessions.filter(|_| planned.sessions == AppointmentsToCome::Move) {
            tx.unchanged(&sessions);
        }
        let applied = committed(app, tx, Applied::Done).await?;
        if let (Applied::Done, Some(mails)) = (&applied, mails) {
            notices.add(mails.carried);
            if let Some(mail) = &mails.client {
                app.send_now(mail).await?;
            }
        }
        let kept = moved.kept.len();
        if kept > 0 {
            tracing::warn!(code = "sessions_kept", client = %client.id, kept, "the new therapist is booked");
        }
        return Ok(applied);
    }
    Ok(Applied::NotYet)
}

/// What stands behind a guard.
struct Seen {
    practice: Option<Practice>,
    client: Option<Client>,
    sessions: Option<AppointmentSummary>,
}

impl Seen {
    async fn read(app: &App, guard: &Guard) -> Result<Self, Stop> {
        let id = client_of(guard)?;
        let wanted = (
            keys::practice(guard.practice),
            keys::client(guard.practice, id).unless_deleting(),
            keys::appointment_summary(guard.practice, id),
        );
        let (practice, client, sessions) = app.store.load(wanted).await?;
        Ok(Self { practice, client, sessions })
    }

    fn planned(&self) -> Option<(Practice, Client, Handover)> {
        let planned = self.client.as_ref()?.handover?;
        Some((self.practice.clone()?, self.client.clone()?, planned))
    }
}

fn client_of(guard: &Guard) -> Result<ClientId, Refusal> {
    guard.owner.parse().map_err(|_| Refusal::broken("a handover without a client"))
}

/// Who has the client and who gets it, if they are to hear of it and take clients.
async fn therapists(
    app: &App,
    practice: &Practice,
    client: &Client,
    planned: &Handover,
) -> Result<(Option<Staff>, Option<Staff>), Stop> {
    let key = |id: StaffId| keys::staff(practice.id, id);
    let (former, to) = (client.assigned_staff.map(key), planned.to.map(key));
    let (former, to) = app.store.load((former, to)).await?;
    Ok((former.flatten(), to.flatten().filter(Staff::takes_clients)))
}

/// The sessions that begin on the day of the handover or later, as far as they go along.
fn appointments_first(
    practice: &Practice,
    client: &Client,
    planned: &Handover,
    sessions: Option<&AppointmentSummary>,
    moved: &MovedAppointments,
) -> Result<Vec<AppointmentMove>, Stop> {
    let morning = planned.on.to_zoned(practice.time_zone.time_zone().clone()).map_err(Refusal::broken)?.timestamp();
    Ok(match (client.assigned_staff, planned.to, sessions) {
        (Some(from), Some(to), Some(sessions)) if from != to && planned.sessions == AppointmentsToCome::Move => {
            moved.left(sessions, from, to, morning)
        }
        _ => Vec::new(),
    })
}

/// Handed over already, or called off; unless somebody plans it again at this very moment.
async fn pointless(app: &App, cause: Cause, guard: &Guard, seen: Seen) -> Result<Applied, Stop> {
    let (system, id) = (Actor::System(System::Schedule), client_of(guard)?);
    let grant = Grant::system(guard.practice, system, Action::HandoverApply, Some(id), cause)?;
    let mut tx = Tx::new(&grant);
    if let (Some(client), Some(_)) = (&seen.client, &seen.practice) {
        tx.unchanged(client);
    }
    tx.release(guard.key());
    committed(app, tx, Applied::Pointless).await
}

async fn committed(app: &App, tx: Tx, applied: Applied) -> Result<Applied, Stop> {
    match app.store.commit(tx).await {
        // Another run, or a person, was faster; what is left to do stays in the registry.
        Err(StoreError::Conflict(_)) => Ok(Applied::NotYet),
        other => Ok(other.map(|()| applied)?),
    }
}
