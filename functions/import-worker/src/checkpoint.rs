//! A batch as objects: what became of its rows, the failed rows, and what a worker that takes over must know.

use caseload::domain::directory::Entry;
use caseload::domain::import::memory::Memory;
use caseload::domain::import::outcomes::Outcomes;
use caseload::domain::import::report::RowCounts;

use crate::halt::Halt;
use crate::job::Job;

/// Writes the objects of a batch; the same rows make the same bytes.
pub(crate) async fn keep(job: &Job, outcomes: &Outcomes) -> Result<RowCounts, Halt> {
    let (kind, number) = (job.run.report.kind, job.run.report.parts.len());
    let rows = outcomes.reports(kind);
    let mut counts = RowCounts::default();
    rows.iter().for_each(|row| counts.add(row.outcome));
    let memory = Memory::of(outcomes, kind);
    let broken = |e: serde_json::Error| Halt::Broken(e.to_string());
    let (rows, memory) = (serde_json::to_vec(&rows).map_err(broken)?, serde_json::to_vec(&memory).map_err(broken)?);
    let (objects, files) = (job.objects(), job.app.files()?);
    files.put(&objects.rows(&job.run.report, number), "application/json", rows).await?;
    files.put(&objects.memory(&job.run.report, number), "application/json", memory).await?;
    if counts.failed > 0 {
        files.put(&objects.errors(&job.run.report, number), "text/csv", outcomes.errors.clone()).await?;
    }
    Ok(counts)
}

/// What a batch has left behind.
pub(crate) async fn memory(job: &Job, number: usize) -> Result<Memory, Halt> {
    let bytes = job.app.files()?.get(&job.objects().memory(&job.run.report, number)).await?;
    serde_json::from_slice(&bytes).map_err(|_| unreadable())
}

/// What the list will show of a batch, and whether the import has made the client.
pub(crate) async fn entries(job: &Job, number: usize) -> Result<Vec<(Entry, bool)>, Halt> {
    memory(job, number).await?.entries().ok_or_else(unreadable)
}

fn unreadable() -> Halt {
    Halt::Broken("a part of an import cannot be read".to_owned())
}
