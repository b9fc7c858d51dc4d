//! An import: the job around a file, from the upload grant to its end (C1, C7, C9, decision 13).

use std::borrow::Cow;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::mapping::{AnalyzedFile, Choices, MappingRefusal};
use super::plan::{Mode, Options, Plan};
use super::report::RunReport;
use super::run::{Phase, Run, RunKind};
use super::state::{Failure, ImportRefusal, State};
use crate::domain::ids::{ImportId, PracticeId, StaffId};
use crate::domain::phone::Region;
use crate::domain::text::FileName;

/// An import, from the file announced to the last run over its rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    pub id: ImportId,
    pub practice: PracticeId,
    /// Grows by one with each change; the `ETag`.
    pub version: u64,
    /// Who started it.
    pub created_by: StaffId,
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
    pub file: Option<AnalyzedFile>,
    /// What became of its rows, in the last run that ended.
    pub report: Option<RunReport>,
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
            file: None,
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
    pub fn analyzed(&mut self, file: AnalyzedFile) -> Result<(), ImportRefusal> {
        if self.state != State::Analyzing {
            return Err(ImportRefusal::NotAwaitingUpload);
        }
        let state = file.state();
        self.file = Some(file);
        self.enter(state);
        Ok(())
    }

    /// It ends early.
    pub fn fail(&mut self, failure: Failure, report: Option<RunReport>) {
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
        let file = self.file.as_mut().ok_or(MappingRefusal::State(ImportRefusal::NotReady))?;
        let options = choices.options.unwrap_or(self.options);
        file.choose(choices, options, region, today).map_err(MappingRefusal::Choices)?;
        let state = file.state();
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
    pub fn rehearsed(&mut self, report: RunReport) {
        self.report = Some(report);
        self.enter(State::Ready);
    }

    /// Every row is accounted for, and the list shows them.
    pub fn done(&mut self, report: RunReport) {
        self.report = Some(report);
        self.enter(State::Done);
    }

    /// What its counts and rows are of at this moment: the run under way, else the last one that ended.
    #[must_use]
    pub fn report_at_hand<'a>(&'a self, run: Option<&'a Run>) -> Option<&'a RunReport> {
        run.filter(|_| self.state.is_running()).map(|run| &run.report).or(self.report.as_ref())
    }

    /// Whether the clients it has made are in the list. One that is not yet is nobody's to open, change or delete.
    #[must_use]
    pub const fn shows_clients(&self) -> bool {
        match self.state {
            State::Done | State::Failed(_) => true,
            State::AwaitingUpload { .. }
            | State::Analyzing
            | State::AwaitingMapping
            | State::Ready
            | State::DryRunning
            | State::Committing
            | State::Cancelled => false,
        }
    }

    /// How its rows are read.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        self.file.as_ref().map(|file| &file.plan)
    }
}

#[cfg(test)]
mod tests;
