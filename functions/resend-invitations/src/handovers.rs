//! Hands clients over on the morning of the day that was agreed, in the practice's zone (L10).

use caseload::access::{Action, Actor, Cause, Grant};
use caseload::app::App;
use caseload::domain::date::today;
use caseload::domain::ids::{ClientId, StaffId};
use caseload::domain::practice::Practice;
use caseload::domain::staff::Staff;
use caseload::store::{Entity as _, Guard, Paging, StoreError, Tx, keys};
use caseload::web::Problem;
use jiff::ToSpan as _;
use jiff::tz::TimeZone;

use crate::Report;

pub(crate) async fn run(app: &App, cause: Cause) -> Result<Report, Problem> {
    let mut report = Report::default();
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
                apply(app, cause, guard, &mut report).await;
            }
            if after.is_none() {
                break;
            }
        }
    }
    Ok(report)
}

/// One client in the way must not keep the others from their therapist.
async fn apply(app: &App, cause: Cause, guard: &Guard, report: &mut Report) {
    match one(app, cause, guard).await {
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

/// Decided anew on the record itself, so that two runs at once hand it over once.
async fn one(app: &App, cause: Cause, guard: &Guard) -> Result<Applied, Problem> {
    let id: ClientId = guard.owner.parse().map_err(|_| Problem::internal("a handover without a client"))?;
    let grant = Grant::system(guard.practice, Actor::System("schedule"), Action::HandoverApply, Some(id), cause)?;
    let mut tx = Tx::new(&grant);
    let mut items = app.store.load(&[keys::practice(guard.practice), keys::client(guard.practice, id)]).await?;
    let practice = items.take::<Practice>(&keys::practice(guard.practice))?;
    let client = items.client(guard.practice, id)?;
    let applied = match (practice, client) {
        (Some(practice), Some(mut client)) => match client.handover {
            Some(planned) if planned.on > today(cause.at, practice.time_zone.time_zone()) => {
                return Ok(Applied::NotYet);
            }
            Some(planned) => match planned.to {
                None => {
                    tx.reassign(&mut client, None, None);
                    Applied::Done
                }
                Some(to) => match therapist(app, &practice, to).await? {
                    Some(staff) => {
                        tx.reassign(&mut client, Some(&staff), planned.ownership);
                        Applied::Done
                    }
                    None => {
                        tracing::warn!(code = "handover_dropped", client = %id, "its therapist takes no clients any more");
                        tx.drop_handover(&mut client).touches(to);
                        Applied::Pointless
                    }
                },
            },
            // Handed over already, or called off; unless somebody plans it again at this very moment.
            None => {
                tx.unchanged(&client).release(guard.key());
                Applied::Pointless
            }
        },
        _ => {
            tx.release(guard.key());
            Applied::Pointless
        }
    };
    match app.store.commit(tx).await {
        // Another run, or a person, was faster; what is left to do stays in the registry.
        Err(StoreError::Conflict(_)) => Ok(Applied::NotYet),
        other => Ok(other.map(|()| applied)?),
    }
}

async fn therapist(app: &App, practice: &Practice, id: StaffId) -> Result<Option<Staff>, Problem> {
    Ok(app.store.get::<Staff>(&keys::staff(practice.id, id)).await?.filter(Staff::takes_clients))
}
