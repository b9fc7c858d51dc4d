//! A stretch as objects: what became of its rows, the failed rows, and what a worker that takes over must know.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use caseload::domain::directory::{Change, Entry};
use caseload::domain::ids::ClientId;
use caseload::domain::import::identity::Identity;
use caseload::domain::import::report::{Counts, ReportKind, RowOutcome, RowReport};
use serde::{Deserialize, Serialize};

use crate::ground::Ground;
use crate::halt::Halt;
use crate::job::Job;
use crate::rules::Kind;
use crate::stretch::{Fate, Open, Stretch};

/// What a worker that takes over must know of a stretch.
#[derive(Serialize, Deserialize)]
struct Memory {
    /// The rows that later rows may repeat.
    seen: Vec<Identity>,
    /// The clients it has updated, with the line that did.
    taken: Vec<(ClientId, u64)>,
    /// What the list will show, encoded as in the directory's log.
    changes: Vec<Shown>,
}

#[derive(Serialize, Deserialize)]
struct Shown {
    created: bool,
    change: String,
}

fn report(open: &Open, kind: ReportKind) -> RowReport {
    let mut report = match &open.verdict.kind {
        Kind::Write { client, created: true, .. } => {
            let id = (kind == ReportKind::Commit).then_some(client.id);
            RowReport::done(&open.row, RowOutcome::Created, id)
        }
        Kind::Write { client, created: false, .. } => RowReport::done(&open.row, RowOutcome::Updated, Some(client.id)),
        Kind::Unchanged(id) => RowReport::done(&open.row, RowOutcome::Unchanged, Some(*id)),
        Kind::Left(code, id) => return RowReport::skipped(open.row.line, code, *id),
        // Every open row was judged; one that was not must not pass for written.
        Kind::Undecided => RowReport::done(&open.row, RowOutcome::Failed, None),
    };
    report.warnings.extend(&open.verdict.warnings);
    report
}

/// Writes the objects of a stretch; the same rows make the same bytes.
pub(crate) async fn keep(job: &Job, stretch: &Stretch) -> Result<Counts, Halt> {
    let (kind, number) = (job.run.report.kind, job.run.report.parts.len());
    let rows: Vec<RowReport> = stretch
        .fates
        .iter()
        .map(|fate| match fate {
            Fate::Told(report) => (**report).clone(),
            Fate::Open(open) => report(open, kind),
        })
        .collect();
    let mut counts = Counts::default();
    rows.iter().for_each(|row| counts.add(row.outcome));
    let mut memory = Memory { seen: Vec::new(), taken: Vec::new(), changes: Vec::new() };
    for open in stretch.open() {
        memory.seen.push(open.identity.clone());
        let Some((client, created)) = open.verdict.written() else {
            continue;
        };
        if !created {
            memory.taken.push((client.id, open.row.line));
        }
        if kind == ReportKind::Commit {
            let change = STANDARD.encode(Change::Put(Entry::from(client)).encode());
            memory.changes.push(Shown { created, change });
        }
    }
    let broken = |e: serde_json::Error| Halt::Broken(e.to_string());
    let (rows, memory) = (serde_json::to_vec(&rows).map_err(broken)?, serde_json::to_vec(&memory).map_err(broken)?);
    let (objects, files) = (job.objects(), job.app.files()?);
    files.put(&objects.rows(&job.run.report, number), "application/json", rows).await?;
    files.put(&objects.memory(&job.run.report, number), "application/json", memory).await?;
    if counts.failed > 0 {
        files.put(&objects.errors(&job.run.report, number), "text/csv", stretch.errors.clone()).await?;
    }
    Ok(counts)
}

async fn read(job: &Job, number: usize) -> Result<Memory, Halt> {
    let bytes = job.app.files()?.get(&job.objects().memory(&job.run.report, number)).await?;
    serde_json::from_slice(&bytes).map_err(|_| Halt::Broken("a part of an import cannot be read".to_owned()))
}

/// Takes in what was known after a part.
pub(crate) async fn recall(job: &Job, number: usize, ground: &mut Ground) -> Result<(), Halt> {
    let memory = read(job, number).await?;
    memory.seen.iter().for_each(|identity| ground.file.insert(identity, ()));
    ground.taken.extend(memory.taken);
    Ok(())
}

/// What the list will show of a part, and whether the import has made the client.
pub(crate) async fn changes(job: &Job, number: usize) -> Result<Vec<(Entry, bool)>, Halt> {
    let corrupt = || Halt::Broken("a part of an import cannot be read".to_owned());
    let decoded = |shown: Shown| {
        let bytes = STANDARD.decode(shown.change).map_err(|_| corrupt())?;
        match Change::decode(&bytes) {
            Ok(Change::Put(entry)) => Ok((entry, shown.created)),
            _ => Err(corrupt()),
        }
    };
    read(job, number).await?.changes.into_iter().map(decoded).collect()
}
