//! A run from its checkpoint on, batch by batch to the end of the file, then its end.
//!
//! The way of a batch: its records out of the source; the rows they are, compared with what is known; what becomes of each;
//! what is written; the checkpoint.

use caseload::app::App;
use caseload::domain::ids::{ImportId, PracticeId};
use caseload::domain::import::batch::Batch;
use caseload::domain::import::run::{Phase, Place, RunKind};
use caseload::domain::import::state::Failure;

use crate::checkpoint;
use crate::finish;
use crate::halt::Halt;
use crate::job::{Job, Taken};
use crate::known;
use crate::pace::{Deadline, Pace};
use crate::source::Records;
use crate::turn;
use crate::write;

pub(crate) async fn run(
    app: &App,
    practice: PracticeId,
    import: ImportId,
    pace: Pace,
    deadline: Deadline,
) -> Result<&'static str, Halt> {
    let Taken::Job(mut job) = Job::take(app, practice, import, pace, deadline).await? else {
        turn::wake(app, practice, import).await?;
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
        if job.writes() && !turn::take(job).await? {
            job.release().await?;
            return Ok("waits");
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
                job.run.begin_rows(&job.plan.dialect);
                job.save().await?;
            }
            (Phase::Rows, _) => finish::show(job).await?,
            (Phase::Shown { .. }, _) => {}
        }
    }
}

/// Accounts for rows to the end of the file; `false` if there was no time for all of them.
///
/// Once the importer works here no more, the run stops: a trial at once, one that writes after the batch at hand, of which
/// an earlier worker may have written a part.
async fn rows(job: &mut Job) -> Result<bool, Halt> {
    if job.run.stopped {
        return Ok(true);
    }
    let mut known = known::load(job).await?;
    for number in 0..job.run.report.parts.len() {
        known.recall(checkpoint::memory(job, number).await?);
        if number % 20 == 19 {
            job.save().await?;
        }
    }
    let mut works = known.is_active(job.terms.importer);
    if !works && !job.writes() {
        job.run.stopped = true;
        return Ok(true);
    }
    let mut source = Records::new(job.source()?, &job.plan.dialect, job.run.place);
    loop {
        let records = source.batch(job.pace).await?;
        let Some(place) = records.last().map(Place::after) else {
            return Ok(true);
        };
        let batch = Batch::read(&job.plan, &job.terms, &mut known, records);
        let mut outcomes = known::judge(job, &mut known, batch).await?;
        if job.writes() {
            works = write::write(job, &mut known, &mut outcomes, works).await?;
            job.run.stopped = !works;
        }
        let counts = checkpoint::keep(job, &outcomes).await?;
        job.run.advance(place, counts);
        job.save().await?;
        if job.run.stopped {
            return Ok(true);
        }
        if job.deadline.is_near(job.app.clock(), job.pace.margin) {
            return Ok(false);
        }
    }
}

/// Stops at the checkpoint and wakes a worker with fresh time.
async fn hand_on(job: &Job) -> Result<&'static str, Halt> {
    job.release().await?;
    let key = job.objects().go_on(job.run.report.parts.len());
    job.app.files()?.put(&key, "application/json", b"{}".to_vec()).await?;
    Ok("continues")
}
