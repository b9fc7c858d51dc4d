//! Rows into the table, in groups: all of a group or none of it, and only while the run is this worker's.

use std::time::Duration;

use caseload::domain::catalog::Catalog;
use caseload::domain::ids::ClientId;
use caseload::domain::import::report::IMPORTER_INACTIVE;
use caseload::store::{Conflict, Entity as _, StoreError, Tx, keys};

use crate::ground::Ground;
use crate::halt::Halt;
use crate::job::Job;
use crate::rules::{Kind, Rules, Stored};
use crate::stretch::{Open, Stretch};

/// Rows in a transaction: a hundred actions less the run, the audit entry and some room.
const GROUP: usize = 90;
/// How often something that others were faster with, or too busy for, is tried.
const TRIES: u32 = 8;

/// Decides every open row and, in a run that writes, writes it; `false` if the importer works here no more, and what was
/// not written by then is left out.
pub(crate) async fn settle(job: &Job, ground: &mut Ground, stretch: &mut Stretch) -> Result<bool, Halt> {
    let candidates: Vec<ClientId> = stretch.open().filter_map(|open| open.existing).collect();
    let stored = read(job, &candidates).await?;
    let options = job.plan()?.options;
    for _ in 0..TRIES {
        let mut rules = Rules::new(job, options, ground.catalog.clone());
        for open in stretch.open_mut() {
            open.verdict = rules.judge(open, &stored, &mut ground.taken);
        }
        if !job.writes() {
            ground.catalog = rules.tags.catalog;
            return Ok(true);
        }
        let mut works = ground.importer_works(job);
        if works && !rules.tags.added.is_empty() && !add_tags(job, &mut rules).await? {
            ground.catalog = Ground::catalog(job).await?;
            continue;
        }
        ground.catalog = rules.tags.catalog.clone();
        let mut writing: Vec<&mut Open> = stretch.open_mut().filter(|open| open.verdict.writes()).collect();
        for group in writing.chunks_mut(GROUP) {
            works = works && write_group(job, &mut rules, ground, group).await?;
            if !works {
                leave_out(job, &mut rules, ground, group).await?;
            }
        }
        return Ok(works);
    }
    Err(Halt::Broken("the catalog changes faster than it can be read".to_owned()))
}

/// Clients by id, as many as there are.
async fn read(job: &Job, ids: &[ClientId]) -> Result<Stored, Halt> {
    let mut stored = Stored::new();
    for ids in ids.chunks(100) {
        let wanted: Vec<_> = ids.iter().map(|id| keys::client(job.practice.id, *id).unless_deleting()).collect();
        let clients = job.app.store.load(wanted).await?.into_iter().flatten();
        stored.extend(clients.map(|client| (client.id, client)));
    }
    Ok(stored)
}

/// The stretch's new labels before its rows; `false` if the catalog has changed meanwhile.
async fn add_tags(job: &Job, rules: &mut Rules<'_>) -> Result<bool, Halt> {
    let mut tx = Tx::new(&job.grant);
    tx.hold(&job.held()).replace(&mut rules.tags.catalog).audited_as(job.derive("import audit tags", &place(job)));
    for id in &rules.tags.added {
        tx.touches(id);
    }
    match job.app.store.commit(tx).await {
        Ok(()) => Ok(true),
        Err(StoreError::Conflict(Conflict::Stale(name))) if name == Catalog::NAME => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The stretch, for ids that are the same in every try of it.
fn place(job: &Job) -> [u8; 8] {
    job.run.place.offset.to_be_bytes()
}

/// Writes a group; `false`, and nothing is written, if the importer works here no more.
async fn write_group<'j>(
    job: &'j Job,
    rules: &mut Rules<'j>,
    ground: &mut Ground,
    group: &mut [&mut Open],
) -> Result<bool, Halt> {
    let first = group.first().map_or(0, |open| open.row.line);
    let audit = job.derive("import audit rows", &first.to_be_bytes());
    let mut pause = Duration::from_millis(50);
    for _ in 0..TRIES {
        let mut tx = Tx::new(&job.grant);
        // Importer and whoever is given clients work here at this very moment: the catalog changes with everybody's status.
        tx.hold(&job.held()).audited_as(audit).unchanged(&rules.tags.catalog);
        for open in group.iter() {
            let Kind::Write { client, created, stored } = &open.verdict.kind else {
                continue;
            };
            tx.touches(client.id);
            match (created, stored) {
                (_, true) => &mut tx,
                (true, false) => tx.create_imported(client, job.import.id),
                (false, false) => tx.replace_imported(client),
            };
        }
        match job.app.store.commit(tx).await.map_err(Halt::from) {
            Ok(()) => return Ok(true),
            Err(halt) if halt.is_outdated() => {
                judge_again(job, rules, ground, group).await?;
                if !ground.importer_works(job) {
                    return Ok(false);
                }
            }
            Err(halt) if halt.is_busy() => {
                job.app.clock().pause(pause).await;
                pause *= 2;
            }
            Err(halt) => return Err(halt),
        }
    }
    Err(Halt::Store(StoreError::Unavailable("a group of rows was refused again and again".to_owned())))
}

/// Decides a group anew, by what stands in the table now.
async fn judge_again<'j>(
    job: &'j Job,
    rules: &mut Rules<'j>,
    ground: &mut Ground,
    group: &mut [&mut Open],
) -> Result<(), Halt> {
    ground.catalog = Ground::catalog(job).await?;
    *rules = Rules::new(job, rules.options, ground.catalog.clone());
    let ids = group.iter().flat_map(|open| open.existing.into_iter().chain(open.verdict.written().map(|(c, _)| c.id)));
    let stored = read(job, &ids.collect::<Vec<_>>()).await?;
    for open in group.iter_mut() {
        open.verdict = rules.judge(open, &stored, &mut ground.taken);
    }
    Ok(())
}

/// Leaves out what an earlier worker has not written already.
async fn leave_out<'j>(
    job: &'j Job,
    rules: &mut Rules<'j>,
    ground: &mut Ground,
    group: &mut [&mut Open],
) -> Result<(), Halt> {
    judge_again(job, rules, ground, group).await?;
    group.iter_mut().for_each(|open| open.verdict.leave_unwritten(IMPORTER_INACTIVE));
    Ok(())
}
