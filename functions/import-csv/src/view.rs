use caseload::domain::ids::{ImportId, StaffId};
use caseload::domain::import::bytes::Encoding;
use caseload::domain::import::columns::ColumnMapping;
use caseload::domain::import::dialect::Delimiter;
use caseload::domain::import::job::Import;
use caseload::domain::import::plan::{Duplicates, Mode, Options};
use caseload::domain::import::questions::Question;
use caseload::domain::import::report::{ReportKind, RowCounts};
use caseload::domain::import::run::Run;
use caseload::domain::import::state::{ImportStage, State};
use caseload::files::UploadGrant;
use caseload::web::ETag;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Options as they are sent; what is absent stays as it was.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatchOptions {
    #[serde(default)]
    mode: Option<Mode>,
    #[serde(default)]
    duplicates: Option<Duplicates>,
    #[serde(default)]
    ownership: Option<caseload::domain::client::Ownership>,
}

impl PatchOptions {
    pub(crate) fn on(self, options: Options) -> Options {
        let Self { mode, duplicates, ownership } = self;
        Options {
            mode: mode.unwrap_or(options.mode),
            duplicates: duplicates.unwrap_or(options.duplicates),
            ownership: ownership.or(options.ownership),
        }
    }
}

/// How far a run has come.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Progress {
    rows_done: u64,
    rows_total: u64,
}

/// Why an import failed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportProblem {
    code: String,
    detail: String,
}

/// An import in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportSummary {
    id: ImportId,
    state: ImportStage,
    file_name: String,
    size: u64,
    created_by: StaffId,
    created_at: Timestamp,
    options: Options,
    counts: RowCounts,
    progress: Progress,
    /// What the counts and the rows are of: a rehearsal, which wrote nothing, or the import itself.
    report: Option<ReportKind>,
    /// Why it failed.
    problem: Option<ImportProblem>,
    etag: ETag,
}

/// An import with what its file turned out to be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportView {
    #[serde(flatten)]
    summary: ImportSummary,
    encoding: Option<Encoding>,
    /// Nothing in the file says its encoding; look at the samples.
    encoding_guessed: Option<bool>,
    /// The character itself.
    delimiter: Option<Delimiter>,
    has_header: Option<bool>,
    /// The line of the row that names the columns.
    header_line: Option<u64>,
    mapping: Vec<ColumnMapping>,
    questions: Vec<Question>,
    /// Where to send the file; only in the answer that creates the import.
    #[serde(skip_serializing_if = "Option::is_none")]
    upload: Option<UploadGrant>,
}

impl ImportSummary {
    pub(crate) fn new(import: &Import, run: Option<&Run>, now: Timestamp) -> Self {
        let rows_total = import.plan().map_or(0, |plan| plan.rows_total);
        let report = import.report_at_hand(run);
        let running = import.state.is_running();
        let counts = match report {
            Some(report) => report.counts(),
            None => RowCounts { read: if running { 0 } else { rows_total }, ..RowCounts::default() },
        };
        let state = import.state_at(now);
        let problem = if let State::Failed(failure) = &*state {
            Some(ImportProblem { code: failure.code.to_string(), detail: failure.detail.to_string() })
        } else {
            None
        };
        Self {
            id: import.id,
            state: state.stage(),
            file_name: import.file_name.as_str().to_owned(),
            size: import.size,
            created_by: import.created_by,
            created_at: import.created_at,
            options: import.options,
            progress: Progress { rows_done: report.map_or(0, |_| counts.read), rows_total },
            counts,
            report: report.map(|report| report.kind),
            problem,
            etag: ETag::new(import.version),
        }
    }
}

impl ImportView {
    pub(crate) fn new(import: &Import, run: Option<&Run>, now: Timestamp) -> Self {
        let file = import.file.as_ref();
        let dialect = file.map(|file| &file.plan.dialect);
        Self {
            summary: ImportSummary::new(import, run, now),
            encoding: dialect.map(|dialect| dialect.encoding),
            encoding_guessed: dialect.map(|dialect| dialect.encoding_guessed),
            delimiter: dialect.map(|dialect| dialect.delimiter),
            has_header: dialect.map(|dialect| dialect.has_header),
            header_line: dialect.and_then(|dialect| dialect.header_line()),
            mapping: file.map(|file| file.plan.mapping(&file.analysis, file.dialect.encoding)).unwrap_or_default(),
            questions: file.map(|file| file.plan.questions.clone()).unwrap_or_default(),
            upload: None,
        }
    }

    pub(crate) fn with_upload(self, grant: UploadGrant) -> Self {
        Self { upload: Some(grant), ..self }
    }
}
