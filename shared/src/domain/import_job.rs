//! An import: the job around a file, from the upload grant to its end (C1, C7, C9, decision 13).

use std::borrow::Cow;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::ids::{ImportId, PracticeId, StaffId};
use super::import::analysis::Analysis;
use super::import::dialect::Dialect;
use super::import::plan::{Answers, ChosenColumn, Mode, Options, Plan, PlanRefusal};
use super::import::refusal::{FileRefusal, MAX_BYTES};
use super::import::report::IMPORTER_INACTIVE;
use super::import_run::{Phase, Report, Run, RunKind};
use super::phone::Region;
use super::text::FileName;

/// An import.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// The practice.
    pub practice: PracticeId,
    /// Grows by one with each change; the `ETag`.
    pub version: u64,
    /// Who started it.
    pub created_by: StaffId,
    /// When.
    pub created_at: Timestamp,
    /// What the file is called.
    pub file_name: FileName,
    /// How many bytes it has.
    pub size: u64,
    /// What was chosen for the import as a whole.
    pub options: Options,
    /// Where it stands.
    pub state: State,
    /// What the file turned out to be.
    pub found: Option<Found>,
    /// What became of its rows, in the last run that ended.
    pub report: Option<Report>,
}

/// Where an import stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The file has not come yet.
    AwaitingUpload {
        /// Until when it can.
        expires_at: Timestamp,
    },
    /// The file is being looked at.
    Analyzing,
    /// Something must be asked.
    AwaitingMapping,
    /// Nothing is left to ask.
    Ready,
    /// A rehearsal is under way; it writes nothing.
    DryRunning,
    /// Rows are being written.
    Committing,
    /// Every row is accounted for.
    Done,
    /// It ended early; what was written before, if anything, stays.
    Failed(Failure),
    /// Somebody ended it.
    Cancelled,
}

/// Why an import failed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Failure {
    /// Stable code.
    pub code: Cow<'static, str>,
    /// What to do about it.
    pub detail: Cow<'static, str>,
}

impl From<FileRefusal> for Failure {
    fn from(refusal: FileRefusal) -> Self {
        Self { code: refusal.code().into(), detail: refusal.to_string().into() }
    }
}

impl Failure {
    /// Another number of bytes than announced.
    pub const SIZE: Self =
        Self::fixed("size_mismatch", "The file has another size than announced. Start a new import for it.");
    /// Another media type than granted.
    pub const TYPE: Self = Self::fixed(
        "type_mismatch",
        "The file was not sent as text/csv. Start a new import and send its headers as they are.",
    );
    /// All rows or none, and one failed (C7).
    pub const ROWS: Self = Self::fixed(
        "rows_failed",
        "Some rows cannot be imported, and you asked for all or nothing: nothing was written. Correct them, or import the valid rows.",
    );
    /// The upload was replaced or removed before it was looked at.
    pub const CHANGED: Self = Self::fixed(
        "file_changed",
        "The uploaded file was replaced while it was looked at. Upload it again as a new import.",
    );
    /// Whoever started it was put on hold, made inactive or removed (decision 6).
    pub const IMPORTER: Self = Self::fixed(
        IMPORTER_INACTIVE,
        "Whoever started this import is not an active member of the team any more, so it was ended. What it had written stays. For the rest, somebody else can import the same file.",
    );
    const EXPIRED: Self = Self::fixed("upload_expired", "The file did not arrive in time. Start a new import.");

    const fn fixed(code: &'static str, detail: &'static str) -> Self {
        Self { code: Cow::Borrowed(code), detail: Cow::Borrowed(detail) }
    }
}

impl State {
    /// The name it has in the API and in the table.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AwaitingUpload { .. } => "awaiting_upload",
            Self::Analyzing => "analyzing",
            Self::AwaitingMapping => "awaiting_mapping",
            Self::Ready => "ready",
            Self::DryRunning => "dry_running",
            Self::Committing => "committing",
            Self::Done => "done",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The analysed file, and how it is to be read.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Found {
    /// Entity tag of the upload: names the copy that was analysed and is imported.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub etag: Option<String>,
    /// The layout as found.
    pub dialect: Dialect,
    /// The columns as found.
    pub analysis: Analysis,
    /// The practice's choices so far.
    pub columns: Vec<ChosenColumn>,
    /// Its answers so far.
    pub answers: Answers,
    /// What follows from all of it.
    pub plan: Plan,
}

/// What is to change in the mapping; absent stays.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// All columns that are to differ from the proposal.
    pub columns: Option<Vec<ChosenColumn>>,
    /// Answers, put on top of earlier ones.
    pub answers: Option<Answers>,
    /// The options.
    pub options: Option<Options>,
}

/// Why an import refuses something in its present state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefusal {
    /// A second upload, or one that comes after the end.
    #[error("The file of this import has come already.")]
    NotAwaitingUpload,
    /// The file is not analysed yet, or a rehearsal is under way.
    #[error("The import is not ready for this yet. Read it again in a moment.")]
    NotReady,
    /// Questions are open.
    #[error("Answer the open questions first.")]
    MappingIncomplete,
    /// Rows are being written.
    #[error("The import is being committed and can no longer be changed.")]
    Committing,
    /// It is done.
    #[error("The import is done already.")]
    AlreadyCommitted,
    /// It failed, was cancelled, or is done.
    #[error("The import has ended. Start a new one.")]
    Finished,
}

/// Why a mapping is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappingRefusal {
    /// By the state.
    State(ImportRefusal),
    /// By what the file holds.
    Choices(Vec<PlanRefusal>),
}

/// A size that no file to be imported has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SizeRefusal {
    /// No bytes.
    Empty,
    /// Over the limit (C9).
    TooLarge,
}

/// Checks the announced size, before any work (C9).
pub const fn check_size(size: u64) -> Result<(), SizeRefusal> {
    match size {
        0 => Err(SizeRefusal::Empty),
        1..=MAX_BYTES => Ok(()),
        _ => Err(SizeRefusal::TooLarge),
    }
}

/// What asking for a run came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Start {
    /// It begins now.
    New(Box<Run>),
    /// It is under way.
    Again,
}

/// A file that is about to come.
#[derive(Debug, Clone)]
pub struct Announced {
    /// What it is called.
    pub file_name: FileName,
    /// How many bytes it has.
    pub size: u64,
    /// How it is to be imported.
    pub options: Options,
    /// How long its upload is granted for.
    pub granted: SignedDuration,
}

impl Import {
    /// A new import, waiting for its file.
    #[must_use]
    pub fn new(id: ImportId, practice: PracticeId, created_by: StaffId, file: Announced, now: Timestamp) -> Self {
        let Announced { file_name, size, options, granted } = file;
        let state = State::AwaitingUpload { expires_at: now + granted };
        Self {
            id,
            practice,
            version: 1,
            created_by,
            created_at: now,
            file_name,
            size,
            options,
            state,
            found: None,
            report: None,
        }
    }

    /// The state at this moment: a file that did not come in time never will.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> Cow<'_, State> {
        match self.state {
            State::AwaitingUpload { expires_at } if expires_at <= now => Cow::Owned(State::Failed(Failure::EXPIRED)),
            _ => Cow::Borrowed(&self.state),
        }
    }

    fn enter(&mut self, state: State) {
        self.state = state;
    }

    /// The file has come. `false` if that was known.
    ///
    /// The bucket took it, so it came in time, however late its event is.
    pub fn uploaded(&mut self) -> Result<bool, ImportRefusal> {
        match self.state {
            State::AwaitingUpload { .. } => {
                self.enter(State::Analyzing);
                Ok(true)
            }
            State::Analyzing => Ok(false),
            _ => Err(ImportRefusal::NotAwaitingUpload),
        }
    }

    /// The file was looked at.
    pub fn analyzed(&mut self, found: Found) -> Result<(), ImportRefusal> {
        if self.state != State::Analyzing {
            return Err(ImportRefusal::NotAwaitingUpload);
        }
        let state = if found.plan.is_ready() { State::Ready } else { State::AwaitingMapping };
        self.found = Some(found);
        self.enter(state);
        Ok(())
    }

    /// It ends early.
    pub fn fail(&mut self, failure: Failure, report: Option<Report>) {
        self.report = report;
        self.enter(State::Failed(failure));
    }

    /// Changes how the file is read. What a rehearsal said no longer holds.
    pub fn remap(
        &mut self,
        choices: Choices,
        region: Option<Region>,
        today: Date,
        now: Timestamp,
    ) -> Result<(), MappingRefusal> {
        self.open_for_change(now).map_err(MappingRefusal::State)?;
        let found = self.found.as_mut().ok_or(MappingRefusal::State(ImportRefusal::NotReady))?;
        let (mut columns, mut answers) = (found.columns.clone(), found.answers.clone());
        if let Some(given) = choices.answers {
            if given.has_header.is_some_and(|answer| answer != found.plan.dialect.has_header) {
                // The columns get other names; what was said of the old ones is void.
                columns.clear();
                answers.date_order.clear();
            }
            answers.date_order.extend(given.date_order);
            answers.phone_country = given.phone_country.or(answers.phone_country);
            answers.has_header = given.has_header.or(answers.has_header);
        }
        columns = choices.columns.unwrap_or(columns);
        let options = choices.options.unwrap_or(self.options);
        let plan = Plan::build(&found.dialect, &found.analysis, &columns, &answers, options, region, today)
            .map_err(MappingRefusal::Choices)?;
        let state = if plan.is_ready() { State::Ready } else { State::AwaitingMapping };
        (found.columns, found.answers, found.plan) = (columns, answers, plan);
        self.options = options;
        self.report = None;
        self.enter(state);
        Ok(())
    }

    fn open_for_change(&self, now: Timestamp) -> Result<(), ImportRefusal> {
        match &*self.state_at(now) {
            State::AwaitingMapping | State::Ready => Ok(()),
            State::AwaitingUpload { .. } | State::Analyzing | State::DryRunning => Err(ImportRefusal::NotReady),
            State::Committing => Err(ImportRefusal::Committing),
            State::Done | State::Failed(_) | State::Cancelled => Err(ImportRefusal::Finished),
        }
    }

    /// Starts a rehearsal (C4).
    pub fn rehearse(&mut self, now: Timestamp) -> Result<Start, ImportRefusal> {
        if self.state == State::DryRunning {
            return Ok(Start::Again);
        }
        self.start(RunKind::DryRun, State::DryRunning, now)
    }

    /// Starts to write rows. Asking again while they are written is no second start (C10).
    pub fn commit(&mut self, now: Timestamp) -> Result<Start, ImportRefusal> {
        match self.state {
            State::Committing => Ok(Start::Again),
            State::Done => Err(ImportRefusal::AlreadyCommitted),
            _ => self.start(RunKind::Commit, State::Committing, now),
        }
    }

    fn start(&mut self, kind: RunKind, state: State, now: Timestamp) -> Result<Start, ImportRefusal> {
        self.open_for_change(now)?;
        let plan = self.plan().filter(|plan| plan.is_ready()).ok_or(ImportRefusal::MappingIncomplete)?;
        let all = plan.options.mode == Mode::AllOrNothing;
        let phase = if kind == RunKind::DryRun || all { Phase::Trial } else { Phase::Rows };
        let run = Run::new(self.practice, self.id, kind, phase, &plan.dialect, now);
        self.report = None;
        self.enter(state);
        Ok(Start::New(Box::new(run)))
    }

    /// Ends it before anything was written.
    pub fn cancel(&mut self, now: Timestamp) -> Result<(), ImportRefusal> {
        match &*self.state_at(now) {
            State::Committing => Err(ImportRefusal::Committing),
            State::Done | State::Failed(_) | State::Cancelled => Err(ImportRefusal::Finished),
            _ => {
                self.enter(State::Cancelled);
                Ok(())
            }
        }
    }

    /// A rehearsal has ended.
    pub fn rehearsed(&mut self, report: Report) {
        self.report = Some(report);
        self.enter(State::Ready);
    }

    /// Every row is accounted for, and the list shows them.
    pub fn done(&mut self, report: Report) {
        self.report = Some(report);
        self.enter(State::Done);
    }

    /// How its rows are read.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        self.found.as_ref().map(|found| &found.plan)
    }
}

#[cfg(test)]
mod tests;
