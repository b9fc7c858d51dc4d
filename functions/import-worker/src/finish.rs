//! The end of a run: the list shows the import whole, the job says what became of every row, the run is gone.

use caseload::crypto::sha256;
use caseload::domain::directory::{Change, Directory};
use caseload::domain::import::run::{Phase, Run};
use caseload::domain::import::state::Failure;
use caseload::store::directory::Head;
use caseload::store::{Conflict, Entity as _, StoreError, Tx};
use uuid::Uuid;

use crate::checkpoint;
use crate::halt::Halt;
use crate::job::Job;
use crate::turn;

/// How often a snapshot that others were faster than is made again.
const TRIES: u32 = 8;

/// Builds the list with the import in it and shows it: new chunks first, then head and run in one transaction, so that
/// nobody ever has to find out whether the list was shown already.
pub(crate) async fn show(job: &mut Job) -> Result<(), Halt> {
    let counts = job.run.report.counts();
    if counts.created + counts.updated == 0 {
        job.run.phase = Phase::Shown { replaced: None };
        return job.save().await;
    }
    for _ in 0..TRIES {
        let mut held = job.app.store.load_directory(job.practice.id).await?;
        add(job, &mut held.directory).await?;
        let chunks = held.directory.encode_chunks();
        // Named by what it holds: a worker that was overtaken can write nothing else under this name.
        let sum = sha256(&chunks.concat());
        let snapshot = job.derive("import snapshot", sum.as_bytes());
        let replaced = held.head.as_ref().map(|head| (head.snapshot, head.chunks));
        if replaced.is_some_and(|(before, _)| before == snapshot) {
            job.run.phase = Phase::Shown { replaced: None };
            return job.save().await;
        }
        let mut head =
            job.app.store.stage_snapshot(&job.grant, snapshot, &chunks, held.head.as_ref(), held.last_seen()).await?;
        let run = Run { phase: Phase::Shown { replaced }, ..job.held() };
        let mut tx = Tx::new(&job.grant);
        tx.hold(&run).replace(&mut head).audited_as(job.derive("import audit list", b"")).touches(snapshot);
        match job.app.store.commit(tx).await {
            Ok(()) => {
                job.run = run;
                return Ok(());
            }
            Err(StoreError::Conflict(Conflict::Stale(name))) if name == Head::NAME => {
                if resumed(job).await? {
                    return Ok(());
                }
                job.app.store.drop_snapshot(&job.grant, snapshot, head.chunks).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Halt::Store(StoreError::Unavailable("the directory changes faster than it can be written".to_owned())))
}

/// Whether the list was shown after all, and only the answer was lost.
async fn resumed(job: &mut Job) -> Result<bool, Halt> {
    let Some(run) = job.app.store.load(job.run.key()).await? else {
        return Err(Halt::Lost);
    };
    let shown = matches!(run.phase, Phase::Shown { .. });
    if shown {
        job.run = run;
    }
    Ok(shown)
}

/// Takes the imported clients in. Each at its version: what somebody has changed since stays as they left it.
async fn add(job: &mut Job, directory: &mut Directory) -> Result<(), Halt> {
    for number in 0..job.run.report.parts.len() {
        for (mut entry, created) in checkpoint::entries(job, number).await? {
            if !created {
                // A client that was there before and is no more was deleted meanwhile, and stays deleted.
                let Some(before) = directory.get(entry.id) else {
                    continue;
                };
                entry.seen_by = before.seen_by;
            }
            directory.apply(Change::Put(entry));
        }
        if number % 20 == 19 {
            job.save().await?;
        }
    }
    Ok(())
}

/// The list shows the import, or as much of it as was written: what it replaced goes, then the run.
pub(crate) async fn done(job: &mut Job, replaced: Option<(Uuid, u32)>) -> Result<&'static str, Halt> {
    if let Some((snapshot, chunks)) = replaced {
        job.app.store.drop_snapshot(&job.grant, snapshot, chunks).await?;
    }
    if job.run.stopped {
        return fail(job, Failure::IMPORTER).await;
    }
    job.import.done(job.run.report.clone());
    end(job).await?;
    Ok("done")
}

/// A rehearsal has ended (C4).
pub(crate) async fn rehearsed(job: &mut Job) -> Result<&'static str, Halt> {
    job.import.rehearsed(job.run.report.clone());
    end(job).await?;
    Ok("rehearsed")
}

/// It ends early (C7, decision 6).
pub(crate) async fn fail(job: &mut Job, failure: Failure) -> Result<&'static str, Halt> {
    let report = Some(job.run.report.clone()).filter(|report| !report.parts.is_empty());
    job.import.fail(failure, report);
    end(job).await?;
    Ok("failed")
}

/// The job's new state; nothing of the run remains, neither lease nor owner.
async fn end(job: &mut Job) -> Result<(), Halt> {
    let mut tx = Tx::new(&job.grant);
    tx.end_run(&job.held()).audited_as(job.derive("import audit end", b"")).touches(job.import.id);
    tx.replace(&mut job.import);
    let wrote = !matches!(job.run.phase, Phase::Trial);
    if wrote {
        tx.leave_turn(job.import.id);
    }
    match job.app.store.commit(tx).await {
        // Cancelled meanwhile, or ended by an earlier try whose answer was lost.
        Err(StoreError::Conflict(_)) => return Err(Halt::Lost),
        other => other?,
    }
    if wrote { turn::wake(&job.app, job.practice.id, job.import.id).await } else { Ok(()) }
}
