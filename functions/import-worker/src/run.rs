//! A run from its checkpoint on: stretch by stretch to the end of the file, then its end.

use caseload::app::App;
use caseload::domain::ids::{ImportId, PracticeId};
use caseload::domain::import::reader::Record;
use caseload::domain::import::run::{Phase, Place, RunKind};
use caseload::domain::import::state::Failure;

use crate::finish;
use crate::ground::Ground;
use crate::halt::Halt;
use crate::job::{Job, Taken};
use crate::pace::{Deadline, Pace};
use crate::part;
use crate::source::Records;
use crate::stretch::Stretch;
use crate::write;

pub(crate) async fn run(
    app: &App,
    practice: PracticeId,
    import: ImportId,
    pace: Pace,
    deadline: Deadline,
) -> Result<&'static str, Halt> {
    let Taken::Job(mut job) = Job::take(app, practice, import, pace, deadline).await? else {
        return Ok("busy_or_finished");
    };
    match work(&mut job).await {
        Err(Halt::Lost) => Ok("lost"),
        Err(halt) => {
            // So that the next delivery need not wait for the lease to run out.
            if let Err(error) = job.release().await {
                tracing::warn!(%error, "the lease was not given back");
            }
            Err(halt)
        }
        done => done,
    }
}

async fn work(job: &mut Job) -> Result<&'static str, Halt> {
    loop {
        if let Phase::Shown { replaced } = job.run.phase {
            return finish::done(job, replaced).await;
        }
        if !rows(job).await? {
            return hand_on(job).await;
        }
        match (job.run.phase, job.run.kind) {
            (Phase::Trial, _) if job.run.stopped => return finish::fail(job, Failure::IMPORTER).await,
            (Phase::Trial, RunKind::DryRun) => return finish::rehearsed(job).await,
            (Phase::Trial, RunKind::Commit) if job.run.report.counts().failed > 0 => {
                return finish::fail(job, Failure::ROWS).await;
            }
            (Phase::Trial, RunKind::Commit) => {
                let dialect = job.plan()?.dialect.clone();
                job.run.begin_rows(&dialect);
                job.save().await?;
            }
            (Phase::Rows, _) => finish::show(job).await?,
            (Phase::Shown { .. }, _) => {}
        }
    }
}

/// Accounts for rows to the end of the file; `false` if there was no time for all of them.
///
/// Once the importer works here no more, the run stops: a trial at once, one that writes after the stretch at hand, of which
/// an earlier worker may have written a part.
async fn rows(job: &mut Job) -> Result<bool, Halt> {
    if job.run.stopped {
        return Ok(true);
    }
    let mut ground = Ground::load(job).await?;
    job.run.stopped = !job.writes() && !ground.importer_works(job);
    if job.run.stopped {
        return Ok(true);
    }
    let plan = job.plan()?.clone();
    let mut records = Records::new(job.source()?, &plan.dialect, job.run.place);
    loop {
        let (piece, ended) = take(&mut records, job.pace).await?;
        if let Some(last) = piece.last() {
            let place = Place { offset: last.end, line: last.next_line };
            let mut stretch = Stretch::sort(&plan, &mut ground, piece);
            job.run.stopped = !write::settle(job, &mut ground, &mut stretch).await?;
            let counts = part::keep(job, &stretch).await?;
            job.run.advance(place, counts);
            job.save().await?;
            if job.run.stopped {
                return Ok(true);
            }
            if job.deadline.is_near(job.app.clock(), job.pace.margin) {
                return Ok(false);
            }
        }
        if ended {
            return Ok(true);
        }
    }
}

/// The next records up to a checkpoint, and whether the file ends with them. Where checkpoints lie follows from the file
/// alone, never from where a worker was stopped.
async fn take(records: &mut Records, pace: Pace) -> Result<(Vec<Record>, bool), Halt> {
    let mut taken: Vec<Record> = Vec::new();
    while let Some(record) = records.next().await? {
        let from = taken.first().map_or(record.offset, |first| first.offset);
        let long = record.end.saturating_sub(from) >= pace.bytes;
        taken.push(record);
        if long || taken.len() >= pace.rows {
            return Ok((taken, false));
        }
    }
    Ok((taken, true))
}

/// Stops at the checkpoint and wakes a worker with fresh time.
async fn hand_on(job: &Job) -> Result<&'static str, Halt> {
    job.release().await?;
    let key = job.objects().go_on(job.run.report.parts.len());
    job.app.files()?.put(&key, "application/json", b"{}".to_vec()).await?;
    Ok("continues")
}
