//! Tells people that a message has waited for them for a quarter of an hour: once, until they have read (K3).

use caseload::access::{Action, Actor, Cause, Grant, Resource, System, corresponds, decide};
use caseload::app::App;
use caseload::domain::client::Client;
use caseload::domain::ids::ClientId;
use caseload::domain::notifications::Topic;
use caseload::domain::practice::{PortalFeature, Practice};
use caseload::domain::session::PrincipalId;
use caseload::domain::side::Side;
use caseload::domain::thread::{Notice, Thread};
use caseload::refusal::{Refusal, Stop};
use caseload::store::{Conflict, Entity as _, Guard, Paging, StoreError, Tx, keys};
use caseload::workflows::{Reader, Wanted};
use jiff::{SignedDuration, Timestamp};

use crate::Tally;

/// At most this many per shard and run; the next run takes the rest.
const BATCH: usize = 100;

pub(crate) async fn run(app: &App, cause: Cause) -> Result<Tally, Stop> {
    let mut tally = Tally::default();
    for list in keys::message_notices(cause.at.as_second().div_euclid(60)) {
        let page = Paging { newest_first: false, limit: BATCH, after: None };
        for guard in app.store.list(&list, page).await?.0 {
            tally.due += 1;
            match one(app, cause, &guard).await {
                Ok(true) => tally.done += 1,
                Ok(false) => tally.skipped += 1,
                // One thread in the way must not keep the others from their readers.
                Err(stop) => {
                    tracing::warn!(code = stop.code(), client = guard.owner, "nobody was told of a message");
                    tally.skipped += 1;
                }
            }
        }
    }
    Ok(tally)
}

/// Decided anew on the thread itself, so that two runs at once tell once. Says whether anybody was told.
async fn one(app: &App, cause: Cause, guard: &Guard) -> Result<bool, Stop> {
    let id: ClientId = guard.owner.parse().map_err(|_| Refusal::broken("a waiting message without a client"))?;
    let of = guard.practice;
    let wanted = (keys::practice(of), keys::client(of, id).unless_deleting(), keys::thread(of, id));
    let (practice, client, thread) = app.store.load(wanted).await?;
    let practice = practice.filter(|practice| practice.closed_at.is_none());
    let system = Actor::System(System::Schedule);
    let grant = Grant::system(of, system, Action::Housekeeping, Some(id), cause)?;
    let mut tx = Tx::new(&grant);
    tx.release(guard.key()).touches(id);
    let Some(((practice, client), thread)) = practice.zip(client).zip(thread) else {
        return committed(app, tx).await.map(|_| false);
    };
    let due = thread.due(cause.at);
    if due.is_empty() {
        return committed(app, tx).await.map(|_| false);
    }
    let (mut told, mut mails) = (thread.clone(), Vec::new());
    for side in &due {
        let reader = reader(app, *side, &practice, &client, &thread, cause.at).await?;
        *told.notices.of_mut(*side) = reader.as_ref().map(|(reader, _)| Notice::Told { reader: *reader });
        if let Some((_, wanted)) = reader {
            mails.push(app.write_hourly(&mut tx, &practice, wanted)?);
        }
    }
    tx.replace(&mut told).unchanged(&client);
    match committed(app, tx).await? {
        Committed::Held => {}
        Committed::Met => return Ok(false),
        Committed::Limited(wait) => {
            postpone(app, &grant, guard, thread, &due, wait).await?;
            return Ok(false);
        }
    }
    for mail in &mails {
        app.send_now(mail).await?;
    }
    Ok(!mails.is_empty())
}

/// Who is to be told on a side, and how; nobody who has read, cannot come in, or does not read this thread any more.
async fn reader(
    app: &App,
    side: Side,
    practice: &Practice,
    client: &Client,
    thread: &Thread,
    now: Timestamp,
) -> Result<Option<(PrincipalId, Wanted)>, Stop> {
    if thread.unread(side) == 0 || !practice.portal.has(PortalFeature::Messages) {
        return Ok(None);
    }
    let wanted = |reader| Wanted::new(practice, reader, Topic::Messages, now);
    if side == Side::Client {
        let wanted = wanted(Reader::Client(client)).filter(|_| corresponds(client, practice).is_ok());
        return Ok(wanted.map(|wanted| (PrincipalId::Client(client.id), wanted)));
    }
    let Some(therapist) = client.assigned_staff else { return Ok(None) };
    let Some(staff) = app.store.load(keys::staff(practice.id, therapist)).await? else { return Ok(None) };
    let wanted = wanted(Reader::Staff(&staff));
    let actor = Actor::staff(staff, now);
    let reads = decide(&actor, Action::MessageRead, &Resource::thread(Some(client)), practice).is_ok();
    Ok(wanted.filter(|_| reads).map(|wanted| (PrincipalId::Staff(therapist), wanted)))
}

/// Enough was mailed for now: looked at again when there is room.
async fn postpone(
    app: &App,
    grant: &Grant,
    guard: &Guard,
    mut thread: Thread,
    due: &[Side],
    wait: SignedDuration,
) -> Result<(), Stop> {
    let at = grant.at() + wait;
    for side in due {
        *thread.notices.of_mut(*side) = Some(Notice::Due { at });
    }
    let mut tx = Tx::new(grant);
    tx.release(guard.key()).put(&Guard::message_notice(guard.practice, thread.client, at)).replace(&mut thread);
    committed(app, tx).await.map(|_| ())
}

/// How a transaction of this schedule ended.
enum Committed {
    Held,
    /// Another run, or a person, was faster; what is left to do stays in the registry.
    Met,
    Limited(SignedDuration),
}

async fn committed(app: &App, tx: Tx) -> Result<Committed, Stop> {
    match app.store.commit(tx).await {
        Ok(()) => Ok(Committed::Held),
        Err(StoreError::Conflict(Conflict::TooMany(wait))) => Ok(Committed::Limited(wait)),
        Err(StoreError::Conflict(_)) => Ok(Committed::Met),
        Err(error) => Err(error.into()),
    }
}
