//! Lets the next one of a repeated task appear once the one before it is over (G1). Where one is marked as done, the next
//! one appears with that.

use caseload::access::{Action, Actor, Cause, Grant, System};
use caseload::app::App;
use caseload::domain::ids::TaskId;
use caseload::refusal::{Refusal, Stop};
use caseload::store::{Entity as _, Guard, StoreError, Tx, keys};

use crate::Tally;

pub(crate) async fn run(app: &App, cause: Cause) -> Result<Tally, Stop> {
    let mut tally = Tally::default();
    for list in keys::task_watches(cause.at) {
        for guard in app.store.all(&list).await? {
            // One task in the way must not keep the others from coming again.
            match one(app, cause, &guard).await {
                Ok(Seen::NotYet) => {}
                Ok(Seen::Followed) => {
                    tally.due += 1;
                    tally.done += 1;
                }
                Ok(Seen::Left) => {
                    tally.due += 1;
                    tally.skipped += 1;
                }
                Err(stop) => {
                    tracing::warn!(code = stop.code(), task = guard.owner, "does not come again");
                    tally.due += 1;
                    tally.skipped += 1;
                }
            }
        }
    }
    Ok(tally)
}

enum Seen {
    /// Nothing to do now: it is not over here, somebody was faster, or its client is deactivated.
    NotYet,
    /// The next one is there.
    Followed,
    /// There is none to come, or no room for it.
    Left,
}

/// Decided anew on the task itself, so that two runs at once make one.
async fn one(app: &App, cause: Cause, guard: &Guard) -> Result<Seen, Stop> {
    let id: TaskId = guard.owner.parse().map_err(|_| Refusal::broken("a watch without a task"))?;
    let (practice, client) = (guard.practice, id.client());
    let wanted = (
        keys::practice(practice),
        keys::client(practice, client).unless_deleting(),
        keys::task(practice, id),
        keys::task_tally(practice, client),
    );
    let (found, client, task, tally) = app.store.load(wanted).await?;
    let system = Actor::System(System::Schedule);
    let grant = Grant::system(practice, system, Action::TaskRepeat, Some(id.client()), cause)?;
    let mut tx = Tx::new(&grant);
    tx.touches(id);
    let open = found.filter(|practice| practice.closed_at.is_none());
    let (Some(practice), Some(client), Some(mut task), Some(mut tally)) = (open, client, task, tally) else {
        tx.release(guard.key());
        return committed(app, tx, Seen::Left).await;
    };
    let (now, zone) = (cause.at, practice.time_zone.time_zone());
    if task.watched_at.is_none_or(|at| keys::task_watch(at.as_second(), id, practice.id) != guard.key()) {
        // It is watched elsewhere, or nothing comes after it any more.
        tx.unchanged(&task).release(guard.key());
        return committed(app, tx, Seen::Left).await;
    }
    // Whoever is deactivated goes on with what is due by the time it comes back.
    if client.suspended_at.is_some() || !task.is_followed(now, zone) {
        return Ok(Seen::NotYet);
    }
    if let Err(full) = tally.check_room() {
        tracing::warn!(code = Refusal::from(full).code(), task = %id, "does not come again yet");
        return Ok(Seen::Left);
    }
    let next = task.follow(TaskId::new(client.id, app.new_id()?), now, zone);
    let seen = if next.is_some() { Seen::Followed } else { Seen::Left };
    if let Some(mut next) = next {
        tally.add(&next)?;
        // A client whose deletion has begun gets nothing new.
        tx.create_task(&mut next, zone).replace(&mut tally).unchanged(&client).touches(next.id);
    }
    tx.save_task(&mut task, zone);
    committed(app, tx, seen).await
}

async fn committed(app: &App, tx: Tx, seen: Seen) -> Result<Seen, Stop> {
    match app.store.commit(tx).await {
        // Another run, or a person, was faster; what is left to do stays in the registry.
        Err(StoreError::Conflict(_)) => Ok(Seen::NotYet),
        other => Ok(other.map(|()| seen)?),
    }
}
