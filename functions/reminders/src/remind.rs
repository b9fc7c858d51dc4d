//! Looks at the clients whose time it is, and writes to those who are to be reminded.

use caseload::access::{Action, Actor, Cause, Grant, System};
use caseload::app::App;
use caseload::domain::appointment::AppointmentSummary;
use caseload::domain::client::Client;
use caseload::domain::ids::ClientId;
use caseload::domain::notifications::Topic;
use caseload::domain::practice::Practice;
use caseload::domain::reminders::Timing;
use caseload::refusal::Stop;
use caseload::store::keys::List;
use caseload::store::{Entity as _, Guard, Paging, StoreError, Tx, keys};
use caseload::workflows::{Notice, Reader, Wanted};
use futures_util::{StreamExt as _, stream};
use jiff::SignedDuration;

use crate::Tally;

/// How many clients are read in one call: three items each, and a call reads a hundred.
const PAGE: usize = 30;

/// How many transactions are under way at once. Mails go out one after the other, about as fast as the mail service takes
/// them, so that whatever ends this process leaves at most one of which nobody knows whether it went out.
const WRITERS: usize = 8;

/// A run ends before its function is stopped; the next one goes on.
const PATIENCE: SignedDuration = SignedDuration::from_mins(4);

pub(crate) async fn run(app: &App, cause: Cause) -> Result<Tally, Stop> {
    let mut tally = Tally::default();
    let mut shards: Vec<(List<Guard>, Option<String>)> =
        keys::reminders(cause.at).into_iter().map(|list| (list, None)).collect();
    // A page of each in turn: none waits for another's end.
    while !shards.is_empty() {
        let mut unread = Vec::new();
        for (list, after) in shards {
            if app.now() > cause.at + PATIENCE {
                return Ok(tally);
            }
            let page = Paging { newest_first: false, limit: PAGE, after: after.as_deref() };
            let (guards, more) = app.store.list(&list, page).await?;
            let last = guards.last().map(|guard| guard.key().sk().to_owned()).filter(|_| more);
            // What is claimed for sending is claimed from now on, not from when the run began.
            look_at(app, Cause { at: app.now(), ..cause }, guards, &mut tally).await?;
            unread.extend(last.map(|last| (list, Some(last))));
        }
        shards = unread;
    }
    Ok(tally)
}

/// A client with what is needed to remind it.
struct Seen {
    guard: Guard,
    client: ClientId,
    practice: Option<Practice>,
    record: Option<Client>,
    sessions: Option<AppointmentSummary>,
}

/// What came of one.
enum Looked {
    /// Nothing is due, or somebody was faster.
    NotYet,
    Reminded(Box<Notice>),
    /// It was time, and nobody is written to.
    Skipped,
}

async fn look_at(app: &App, cause: Cause, guards: Vec<Guard>, tally: &mut Tally) -> Result<(), Stop> {
    let seen = read(app, guards).await;
    let looks = seen.into_iter().map(async |seen| {
        let client = seen.client;
        one(app, cause, seen).await.unwrap_or_else(|stop| {
            // One client in the way must not keep the others from being reminded.
            tracing::warn!(code = stop.code(), %client, "not reminded");
            Looked::Skipped
        })
    });
    let looked: Vec<Looked> = stream::iter(looks).buffered(WRITERS).collect().await;
    for looked in looked {
        match looked {
            Looked::NotYet => {}
            Looked::Skipped => {
                tally.due += 1;
                tally.skipped += 1;
            }
            // Enough was sent to that address for a day.
            Looked::Reminded(notice) if !notice.is_written() => {
                tally.due += 1;
                tally.skipped += 1;
            }
            Looked::Reminded(notice) => {
                tally.due += 1;
                tally.done += 1;
                // Where the mail service is slow, the flush may have taken it meanwhile.
                if notice.is_ours(app.now()) {
                    app.send_notice(Some(*notice)).await?;
                }
            }
        }
    }
    Ok(())
}

/// Reads what stands behind all of them at once; one by one where something that is stored does not read.
async fn read(app: &App, guards: Vec<Guard>) -> Vec<Seen> {
    match together(app, &guards).await {
        Ok(seen) => seen,
        Err(_) if guards.len() > 1 => {
            let mut all = Vec::new();
            for guard in guards {
                all.extend(alone(app, guard).await);
            }
            all
        }
        Err(error) => {
            tracing::warn!(%error, "not read for reminders");
            Vec::new()
        }
    }
}

async fn alone(app: &App, guard: Guard) -> Vec<Seen> {
    together(app, &[guard]).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "not read for reminders");
        Vec::new()
    })
}

async fn together(app: &App, guards: &[Guard]) -> Result<Vec<Seen>, StoreError> {
    let owned = guards.iter().map(|guard| (guard.practice, guard.owner.parse::<ClientId>().ok()));
    let known: Vec<_> = guards.iter().zip(owned).filter_map(|(guard, (of, id))| Some((guard, of, id?))).collect();
    let wanted = (
        known.iter().map(|(_, of, _)| keys::practice(*of)).collect::<Vec<_>>(),
        known.iter().map(|(_, of, id)| keys::client(*of, *id).unless_deleting()).collect::<Vec<_>>(),
        known.iter().map(|(_, of, id)| keys::appointment_summary(*of, *id)).collect::<Vec<_>>(),
    );
    let (practices, records, sessions) = app.store.load(wanted).await?;
    let found = practices.into_iter().zip(records).zip(sessions);
    let seen = known.into_iter().zip(found).map(|((guard, _, client), ((practice, record), sessions))| Seen {
        guard: guard.clone(),
        client,
        practice,
        record,
        sessions,
    });
    Ok(seen.collect())
}

/// Decided anew on the record itself, so that two runs at once remind once.
async fn one(app: &App, cause: Cause, seen: Seen) -> Result<Looked, Stop> {
    let Seen { guard, client, practice, record, sessions } = seen;
    let granted = |action| Grant::system(guard.practice, Actor::System(System::Schedule), action, Some(client), cause);
    let (Some(practice), Some(record), Some(mut sessions)) = (practice, record, sessions) else {
        let mut tx = Tx::new(&granted(Action::Housekeeping)?);
        tx.release(guard.key());
        return committed(app, tx, Looked::NotYet).await;
    };
    let stood = sessions.look_at;
    if stood.is_none_or(|at| Guard::reminder(guard.practice, client, at) != guard) {
        // It is looked at another time: only the entry is left.
        let mut tx = Tx::new(&granted(Action::Housekeeping)?);
        tx.unchanged(&sessions).release(guard.key());
        return committed(app, tx, Looked::NotYet).await;
    }
    let leads = &practice.scheduling.reminders;
    let timing = Timing { leads, zone: practice.time_zone.time_zone(), quiet: record.portal.notifications.quiet };
    let due = sessions.look(cause.at, &timing);
    let wanted = Wanted::new(&practice, Reader::Client(&record), Topic::Reminders, cause.at);
    let Some((due, wanted)) = due.zip(wanted.filter(|_| practice.closed_at.is_none())) else {
        let mut tx = Tx::new(&granted(Action::Housekeeping)?);
        tx.save_looked_at(&mut sessions, stood);
        return committed(app, tx, if due.is_some() { Looked::Skipped } else { Looked::NotYet }).await;
    };
    let mut tx = Tx::new(&granted(Action::AppointmentRemind)?);
    tx.save_looked_at(&mut sessions, stood).unchanged(&record).touches(due.id);
    let notice = app.remind(&mut tx, &practice, wanted, due)?;
    committed(app, tx, Looked::Reminded(Box::new(notice))).await
}

async fn committed(app: &App, tx: Tx, looked: Looked) -> Result<Looked, Stop> {
    match app.store.commit(tx).await {
        // Another run, or a person, was faster; what is left to do stays in the registry.
        Err(StoreError::Conflict(_)) => Ok(Looked::NotYet),
        other => Ok(other.map(|()| looked)?),
    }
}
