//! A file has come: what is it, and how is it to be read (C2, C9)?
//!
//! No lease: it only reads, and of two workers that look at the same file one writes what both have found.

use caseload::access::{Action, Actor, Cause, Grant, System};
use caseload::app::App;
use caseload::domain::date::today;
use caseload::domain::ids::{ImportId, PracticeId, RequestId};
use caseload::domain::import::analysis::Analyzer;
use caseload::domain::import::bytes::Sniffer;
use caseload::domain::import::dialect::Dialect;
use caseload::domain::import::job::Import;
use caseload::domain::import::mapping::AnalyzedFile;
use caseload::domain::import::plan::{Answers, Plan};
use caseload::domain::import::refusal::FileRefusal;
use caseload::domain::import::run::Place;
use caseload::domain::import::state::{Failure, State};
use caseload::domain::practice::Practice;
use caseload::files::{FileError, ImportObjects};
use caseload::store::{StoreError, Tx, keys};

use crate::halt::Halt;
use crate::source::{PIECE, Records, Source};

/// As much of the beginning as the layout is found in.
const HEAD: usize = 256 * 1024;

pub(crate) async fn analyse(app: &App, practice: PracticeId, import: ImportId) -> Result<&'static str, Halt> {
    let wanted = (keys::import(practice, import), keys::practice(practice));
    let (Some(mut job), Some(practice)) = app.store.load(wanted).await? else {
        return Ok("ignored");
    };
    let began = match job.uploaded() {
        Ok(began) => began,
        Err(_) => return Ok("ignored"),
    };
    let derive = |label| app.keys.derive_id(label, &[import.uuid().as_bytes()], job.created_at);
    let cause = Cause { request: RequestId::from_uuid(derive("import analysis")), at: job.created_at };
    let (begin, end) = (derive("import analysis begins"), derive("import analysis ends"));
    let grant = Grant::system(practice.id, Actor::System(System::Import), Action::ImportApply, None, cause)
        .map_err(|_| Halt::Broken("the policy does not know the import".to_owned()))?;
    let write = async |job: &mut Import, audit| {
        let mut tx = Tx::new(&grant);
        tx.replace(job).audited_as(audit).touches(import);
        match app.store.commit(tx).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(error) => Err(Halt::from(error)),
        }
    };
    if began && !write(&mut job, begin).await? {
        return Ok("busy_or_finished");
    }
    let answer = match look(app, &job, &practice).await? {
        Ok(found) => {
            job.analyzed(found).map_err(|refusal| Halt::Broken(refusal.to_string()))?;
            if job.state == State::Ready { "ready" } else { "awaiting_mapping" }
        }
        Err(failure) => {
            job.fail(failure, None);
            "failed"
        }
    };
    Ok(if write(&mut job, end).await? { answer } else { "busy_or_finished" })
}

/// What was found, or why the file is refused.
async fn look(app: &App, import: &Import, practice: &Practice) -> Result<Result<AnalyzedFile, Failure>, Halt> {
    let (files, objects) = (app.files()?.clone(), ImportObjects::new(import.practice, import.id));
    let head = match files.head(&objects.source()).await {
        Err(FileError::Absent) => return Ok(Err(Failure::CHANGED)),
        other => other?,
    };
    if head.size != import.size {
        return Ok(Err(Failure::SIZE));
    }
    let media = head.content_type.as_deref().map(|media| media.split(';').next().unwrap_or_default().trim());
    if media.is_some_and(|media| !media.eq_ignore_ascii_case("text/csv")) {
        return Ok(Err(Failure::TYPE));
    }
    let key = objects.data(head.etag.as_deref());
    match files.copy(&objects.source(), &key, head.etag.as_deref()).await {
        Err(FileError::Absent) => return Ok(Err(Failure::CHANGED)),
        other => other?,
    }
    match found(Source { files, key, size: head.size, whole: None }, head.etag, import, practice).await {
        Ok(found) => Ok(Ok(found)),
        Err(Halt::Refused(refusal)) => Ok(Err(refusal.into())),
        Err(halt) => Err(halt),
    }
}

async fn found(
    mut source: Source,
    etag: Option<String>,
    import: &Import,
    practice: &Practice,
) -> Result<AnalyzedFile, Halt> {
    let (mut sniffer, mut head, mut at) = (Sniffer::new(), Vec::new(), 0);
    loop {
        let piece = source.piece(at).await?;
        if piece.is_empty() {
            break;
        }
        at += piece.len() as u64;
        sniffer.feed(&piece)?;
        let room = HEAD.saturating_sub(head.len()).min(piece.len());
        head.extend_from_slice(piece.get(..room).unwrap_or_default());
        if source.size <= PIECE {
            source.whole = Some(piece);
        }
    }
    let dialect = Dialect::detect(&sniffer.finish()?, &head)?;
    let mut analyzer = Analyzer::new(&dialect, practice.default_region);
    let mut records = Records::new(source, &dialect, Place::first(&dialect));
    while let Some(record) = records.next().await? {
        analyzer.record(&record);
    }
    let analysis = analyzer.finish()?;
    let day = today(import.created_at, practice.time_zone.time_zone());
    let answers = Answers::default();
    let plan = Plan::build(&dialect, &analysis, &[], &answers, import.options, practice.default_region, day)
        .map_err(|_| Halt::Refused(FileRefusal::HeaderMissing))?;
    Ok(AnalyzedFile { etag, dialect, analysis, columns: Vec::new(), answers, plan })
}
