use uuid::Uuid;

use super::*;
use crate::domain::import::analysis::Analyzer;
use crate::domain::import::bytes::Sniffer;
use crate::domain::import::dialect::Dialect;
use crate::domain::import::plan::{AnsweredOrder, Answers, ChosenColumn};
use crate::domain::import::reader::Reader;
use crate::domain::import::refusal::{MAX_BYTES, SizeRefusal, check_size};
use crate::domain::import::report::{ReportKind, RowCounts};
use crate::domain::import::state::ImportStage;

fn now() -> Timestamp {
    Timestamp::from_second(1_795_000_000).expect("a time")
}

fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

fn import(mode: Mode) -> Import {
    let options = Options { mode, ..Options::default() };
    let file_name = FileName::parse("c.csv").expect("a name");
    let file = Announced { file_name, size: 9, options, granted: SignedDuration::from_secs(300) };
    let id = Uuid::from_u128(1);
    Import::new(ImportId::from_uuid(id), PracticeId::from_uuid(id), StaffId::from_uuid(id), file, now())
}

fn found(csv: &str, options: Options) -> AnalyzedFile {
    let mut sniffer = Sniffer::new();
    sniffer.feed(csv.as_bytes()).expect("text");
    let dialect = Dialect::detect(&sniffer.finish().expect("text"), csv.as_bytes()).expect("a dialect");
    let mut analyzer = Analyzer::new(&dialect, None);
    let mut reader = Reader::new(&dialect, crate::domain::import::run::Place::first(&dialect));
    reader.feed(csv.as_bytes().get(usize::try_from(dialect.data_offset).expect("small")..).expect("inside"));
    reader.finish();
    while let Some(record) = reader.next_record() {
        analyzer.record(&record.expect("a record"));
    }
    let analysis = analyzer.finish().expect("an analysis");
    let answers = Answers::default();
    let plan =
        Plan::build(&dialect, &analysis, &[], &answers, options, None, Date::constant(2026, 11, 21)).expect("a plan");
    AnalyzedFile { etag: None, dialect, analysis, columns: Vec::new(), answers, plan }
}

fn analyzed(csv: &str, mode: Mode) -> Import {
    let mut import = import(mode);
    assert_eq!(import.uploaded(), Ok(true));
    import.analyzed(found(csv, import.options)).expect("analyzed");
    import
}

const READY: &str = "name,email\nAda Lovelace,ada@mail.example\n";
const OPEN: &str = "name,dob\nAda Lovelace,01/02/1990\n";

fn report() -> RunReport {
    let counts = RowCounts { read: 3, created: 2, failed: 1, ..RowCounts::default() };
    RunReport { kind: ReportKind::Commit, at: now(), parts: vec![counts, counts] }
}

// C9
#[test]
fn a_file_is_announced_within_the_limits() {
    assert_eq!(check_size(0), Err(SizeRefusal::Empty));
    assert_eq!(check_size(MAX_BYTES), Ok(()));
    assert_eq!(check_size(MAX_BYTES + 1), Err(SizeRefusal::TooLarge));
}

#[test]
fn an_upload_that_never_comes_is_a_failure_nobody_writes() {
    let mut import = import(Mode::ValidRows);
    assert_eq!(import.state_at(later(299)).stage(), ImportStage::AwaitingUpload);
    let State::Failed(failure) = import.state_at(later(300)).into_owned() else { panic!("it has failed") };
    assert_eq!(failure.code.as_ref(), "upload_expired");
    assert_eq!(import.cancel(later(300)), Err(ImportRefusal::Finished));
    // The event of an upload in time may come late.
    assert_eq!((import.uploaded(), import.uploaded()), (Ok(true), Ok(false)));
}

// C7, C10
#[test]
fn a_commit_starts_once_and_only_when_nothing_is_left_to_ask() {
    let mut open = analyzed(OPEN, Mode::ValidRows);
    assert_eq!(open.state, State::AwaitingMapping);
    assert_eq!(open.commit(now()), Err(ImportRefusal::MappingIncomplete));
    let answers = Answers { date_order: [("dob".to_owned(), AnsweredOrder::Dmy)].into(), ..Answers::default() };
    let choices = Choices { answers: Some(answers), ..Choices::default() };
    open.remap(choices, None, Date::constant(2026, 11, 21), now()).expect("mapped");
    let Ok(Start::New(run)) = open.commit(now()) else { panic!("it starts") };
    assert_eq!((run.phase, run.requested_at, &run.lease), (Phase::Rows, now(), &None));
    assert_eq!(open.commit(later(1)), Ok(Start::Again));
    assert_eq!(open.rehearse(later(1)), Err(ImportRefusal::Committing));
    assert_eq!(open.cancel(later(1)), Err(ImportRefusal::Committing));
    open.done(report());
    assert_eq!(open.commit(later(2)), Err(ImportRefusal::AlreadyCommitted));
    assert_eq!(open.rehearse(later(2)), Err(ImportRefusal::Finished));
    assert_eq!(open.uploaded(), Err(ImportRefusal::NotAwaitingUpload));
}

// C4, C7
#[test]
fn a_rehearsal_writes_nothing_and_a_new_mapping_voids_it() {
    let mut import = analyzed(READY, Mode::AllOrNothing);
    let Ok(Start::New(run)) = import.rehearse(now()) else { panic!("it starts") };
    assert_eq!((run.phase, run.report.kind), (Phase::Trial, ReportKind::DryRun));
    assert_eq!(import.rehearse(now()), Ok(Start::Again));
    assert_eq!(import.commit(now()), Err(ImportRefusal::NotReady));
    import.rehearsed(report());
    assert_eq!((&import.state, import.report.is_some()), (&State::Ready, true));
    import.remap(Choices::default(), None, Date::constant(2026, 11, 21), now()).expect("mapped");
    assert_eq!(import.report, None);
    let Ok(Start::New(mut run)) = import.commit(later(9)) else { panic!("it starts") };
    assert_eq!(run.phase, Phase::Trial);
    let first = run.place;
    run.advance(crate::domain::import::run::Place { offset: 99, line: 9, doubt: 0 }, RowCounts::default());
    run.begin_rows(&import.plan().expect("a plan").dialect);
    assert_eq!((run.phase, run.place, run.report.parts.len()), (Phase::Rows, first, 0));
    import.fail(Failure::ROWS, Some(report()));
    assert_eq!(import.cancel(now()), Err(ImportRefusal::Finished));
}

#[test]
fn another_header_voids_what_was_said_of_the_columns() {
    let mut import = analyzed("Ada,Lovelace,ada@b.example\nBo,Li,bo@b.example\n", Mode::ValidRows);
    let day = Date::constant(2026, 11, 21);
    let names = |columns: [(&str, crate::domain::import::target::Target); 2]| {
        Some(columns.map(|(column, target)| ChosenColumn { column: column.to_owned(), target }).to_vec())
    };
    use crate::domain::import::target::Target::{FirstName, LastName};
    let header = |answer| Some(Answers { has_header: Some(answer), ..Answers::default() });
    let columns = names([("column_1", FirstName), ("column_2", LastName)]);
    import.remap(Choices { columns, answers: header(false), options: None }, None, day, now()).expect("mapped");
    assert_eq!(import.state, State::Ready);
    let unknown = Choices { columns: names([("x", FirstName), ("y", LastName)]), ..Choices::default() };
    assert!(
        matches!(import.remap(unknown, None, day, now()), Err(MappingRefusal::Choices(refusals)) if refusals.len() == 2)
    );
    import.remap(Choices { answers: header(true), ..Choices::default() }, None, day, now()).expect("mapped");
    assert_eq!(import.state, State::AwaitingMapping);
}

#[test]
fn a_report_reads_back_and_adds_up() {
    let json = serde_json::to_string(&report()).expect("json");
    let read: RunReport = serde_json::from_str(&json).expect("a report");
    assert_eq!(read, report());
    assert!(read.counts().balanced() && read.counts().read == 6);
}
