//! Hands clients over on the morning of the day that was agreed, in the practice's zone (L10).

use caseload::access::{Action, Actor, Cause, Grant};
use caseload::app::App;
use caseload::domain::appointment::AppointmentSummary;
use caseload::domain::client::{AppointmentsToCome, Client, Handover};
use caseload::domain::date::today;
use caseload::domain::ids::{ClientId, StaffId};
use caseload::domain::practice::Practice;
use caseload::domain::staff::Staff;
use caseload::store::{Entity as _, Guard, Paging, StoreError, Tx, keys};
use caseload::web::Problem;
use caseload::workflows::{APPOINTMENT_ROUNDS, AppointmentMove, Authority, MovedAppointments, Notices, Reassignment};
use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use crate::Report;

pub(crate) async fn run(app: &App, cause: Cause) -> Result<Report, Problem> {
    let (mut report, mut notices) = (Report::default(), Notices::default());
    // Where a day begins first it is tomorrow already.
    let last_day = today(cause.at, &TimeZone::UTC).saturating_add(1.day());
    let end = format!("{}{}~", keys::HANDOVERS, last_day.strftime("%Y%m%d"));
    for partition in keys::handover_partitions() {
        let mut after: Option<String> = None;
        loop {
            let page = Paging { newest_first: false, limit: 100, after: after.as_deref() };
            let (guards, more) = app.store.list::<Guard>(&partition, keys::HANDOVERS, page).await?;
            after = guards.last().map(|guard| guard.key().sk).filter(|last| more && *last < end);
            for guard in guards.iter().filter(|guard| guard.key().sk < end) {
                apply(app, cause, guard, &mut notices, &mut report).await;
            }
            if after.is_none() {
                break;
            }
        }
    }
    notices.send(app).await?;
    Ok(report)
}

/// One client in the way must not keep the others from their therapist.
async fn apply(app: &App, cause: Cause, guard: &Guard, notices: &mut Notices, report: &mut Report) {
    match one(app, cause, guard, notices).await {
        Ok(Applied::NotYet) => {}
        Ok(Applied::Done) => {
            report.due += 1;
            report.sent += 1;
        }
        Ok(Applied::Pointless) => {
            report.due += 1;
            report.skipped += 1;
        }
        Err(problem) => {
            tracing::warn!(code = problem.code(), client = guard.owner, "not handed over");
            report.due += 1;
            report.skipped += 1;
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
async fn one(app: &App, cause: Cause, guard: &Guard, notices: &mut Notices) -> Result<Applied, Problem> {
    let mut moved = MovedAppointments::default();
    for _ in 0..APPOINTMENT_ROUNDS {
        let seen = Seen::read(app, guard).await?;
        let Some((practice, mut client, planned)) = seen.planned() else {
            return pointless(app, cause, guard, seen).await;
        };
        if planned.on > today(cause.at, practice.time_zone.time_zone()) {
            return Ok(Applied::NotYet);
        }
        let system = Actor::System("schedule");
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
        let kept = moved.kept().len();
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
    async fn read(app: &App, guard: &Guard) -> Result<Self, Problem> {
        let id = client_of(guard)?;
        let (practice, summed) = (keys::practice(guard.practice), keys::appointment_summary(guard.practice, id));
        let mut items = app.store.load(&[practice.clone(), keys::client(guard.practice, id), summed.clone()]).await?;
        Ok(Self {
            practice: items.take(&practice)?,
            client: items.client(guard.practice, id)?,
            sessions: items.take(&summed)?,
        })
    }

    fn planned(&self) -> Option<(Practice, Client, Handover)> {
        let planned = self.client.as_ref()?.handover?;
        Some((self.practice.clone()?, self.client.clone()?, planned))
    }
}

fn client_of(guard: &Guard) -> Result<ClientId, Problem> {
    guard.owner.parse().map_err(|_| Problem::internal("a handover without a client"))
}

/// Who has the client and who gets it, if they are to hear of it and take clients.
async fn therapists(
    app: &App,
    practice: &Practice,
    client: &Client,
    planned: &Handover,
) -> Result<(Option<Staff>, Option<Staff>), Problem> {
    let key = |id: StaffId| keys::staff(practice.id, id);
    let (former, to) = (client.assigned_staff.map(key), planned.to.map(key));
    let wanted: Vec<_> = former.iter().chain(&to).cloned().collect();
    let mut items = app.store.load(&wanted).await?;
    let to = to.map(|to| items.take::<Staff>(&to)).transpose()?.flatten().filter(Staff::takes_clients);
    Ok((former.map(|former| items.take::<Staff>(&former)).transpose()?.flatten(), to))
}

/// The sessions that begin on the day of the handover or later, as far as they go along.
fn appointments_first(
    practice: &Practice,
    client: &Client,
    planned: &Handover,
    sessions: Option<&AppointmentSummary>,
    moved: &MovedAppointments,
) -> Result<Vec<AppointmentMove>, Problem> {
    let morning = planned.on.to_zoned(practice.time_zone.time_zone().clone()).map_err(Problem::internal)?.timestamp();
    Ok(match (client.assigned_staff, planned.to, sessions) {
        (Some(from), Some(to), Some(sessions)) if from != to && planned.sessions == AppointmentsToCome::Move => {
            moved.left(sessions, from, to, morning)
        }
        _ => Vec::new(),
    })
}

/// Handed over already, or called off; unless somebody plans it again at this very moment.
async fn pointless(app: &App, cause: Cause, guard: &Guard, seen: Seen) -> Result<Applied, Problem> {
    let (system, id) = (Actor::System("schedule"), client_of(guard)?);
    let grant = Grant::system(guard.practice, system, Action::HandoverApply, Some(id), cause)?;
    let mut tx = Tx::new(&grant);
    if let (Some(client), Some(_)) = (&seen.client, &seen.practice) {
        tx.unchanged(client);
    }
    tx.release(guard.key());
    committed(app, tx, Applied::Pointless).await
}

async fn committed(app: &App, tx: Tx<'_>, applied: Applied) -> Result<Applied, Problem> {
    match app.store.commit(tx).await {
        // Another run, or a person, was faster; what is left to do stays in the registry.
        Err(StoreError::Conflict(_)) => Ok(Applied::NotYet),
        other => Ok(other.map(|()| applied)?),
    }
}
