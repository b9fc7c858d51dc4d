//! Rows into the table, in groups: all of a group or none of it, and only while the run is this worker's.

use std::time::Duration;

use caseload::domain::ids::TagId;
use caseload::domain::import::known::Known;
use caseload::domain::import::outcomes::{Judged, Outcomes};
use caseload::domain::import::verdict::Decision;
use caseload::store::{StoreError, Tx};

use crate::halt::Halt;
use crate::job::Job;
use crate::known;

/// Rows in a transaction: a hundred actions less the run, the audit entry and some room.
const GROUP: usize = 90;
/// How often something that others were faster with, or too busy for, is tried.
const TRIES: u32 = 8;

/// What a transaction of the run writes.
enum Step {
    /// The new labels of a batch, which its rows name.
    Labels(Vec<TagId>),
    Rows,
}

/// Writes the outcomes of a batch; `false` if the importer works here no more, or did not before, and what was not written
/// by then is left out.
pub(crate) async fn write(job: &Job, known: &mut Known, outcomes: &mut Outcomes, works: bool) -> Result<bool, Halt> {
    let (labels, mut works) = (std::mem::take(&mut outcomes.labels), works);
    if works && !labels.is_empty() {
        works = settle(job, known, &mut outcomes.judged(), Step::Labels(labels), works).await?;
    }
    for group in outcomes.written().chunks_mut(GROUP) {
        works = settle(job, known, group, Step::Rows, works).await?;
    }
    Ok(works)
}

/// Writes a step, judging its rows anew where others were faster; `false`, and nothing is written, if the importer works
/// here no more, or did not before.
async fn settle(
    job: &Job,
    known: &mut Known,
    rows: &mut [&mut Judged],
    mut step: Step,
    works: bool,
) -> Result<bool, Halt> {
    // By where the batch or the group begins, for ids that are the same in every try.
    let (audit, begins) = match &step {
        Step::Labels(_) => ("import audit tags", job.run.place.offset),
        Step::Rows => ("import audit rows", rows.first().map_or(0, |judged| judged.line())),
    };
    let (mut outdated, mut pause) = (!works, Duration::from_millis(50));
    for _ in 0..TRIES {
        if outdated {
            let Some(labels) = known::judge_anew(job, known, rows, works).await? else {
                return Ok(false);
            };
            match &mut step {
                Step::Labels(missing) => *missing = labels,
                // Nobody adds them before these rows; a later batch that names them does.
                Step::Rows => known.forget(&labels),
            }
        }
        let mut tx = job.tx(audit, &begins.to_be_bytes());
        match &step {
            // Whoever was faster has added the same ones.
            Step::Labels(missing) if missing.is_empty() => return Ok(true),
            Step::Labels(missing) => add_labels(&mut tx, known, missing),
            Step::Rows => add_rows(&mut tx, known, job, rows),
        }
        match job.app.store.commit(tx).await.map_err(Halt::from) {
            Ok(()) => return Ok(true),
            Err(halt) if halt.is_outdated() => outdated = true,
            Err(halt) if halt.is_busy() => {
                // Of the catalog nobody knows then which version stands there.
                outdated = matches!(step, Step::Labels(_));
                job.app.clock().pause(pause).await;
                pause *= 2;
            }
            Err(halt) => return Err(halt),
        }
    }
    Err(Halt::Store(StoreError::Unavailable("a group of rows was refused again and again".to_owned())))
}

fn add_labels(tx: &mut Tx, known: &mut Known, labels: &[TagId]) {
    tx.replace(&mut known.catalog);
    for id in labels {
        tx.touches(id);
    }
}

fn add_rows(tx: &mut Tx, known: &Known, job: &Job, rows: &[&mut Judged]) {
    // Importer and whoever is given clients work here at this very moment: the catalog changes with everybody's status.
    tx.unchanged(&known.catalog);
    for judged in rows {
        let Decision::Write { client, created, stored } = &judged.verdict.decision else {
            continue;
        };
        tx.touches(client.id);
        match (created, stored) {
            (_, true) => &mut *tx,
            (true, false) => tx.create_imported(client, job.import.id),
            (false, false) => tx.replace_imported(client),
        };
    }
}
