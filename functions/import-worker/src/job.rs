//! A run in the hands of this worker, and what it needs to know to work on it.

use caseload::access::{Action, Actor, Cause, Grant, Resource, System, decide, ownership_of_new};
use caseload::app::App;
use caseload::crypto::random_id;
use caseload::domain::date::today;
use caseload::domain::ids::{ClientId, ImportId, PracticeId, RequestId, TagId};
use caseload::domain::import::job::Import;
use caseload::domain::import::plan::Plan;
use caseload::domain::import::run::{Phase, Run, RunKind};
use caseload::domain::import::state::State;
use caseload::domain::import::terms::{Ids, Terms};
use caseload::domain::practice::Practice;
use caseload::domain::staff::{Staff, StaffStatus};
use caseload::files::ImportObjects;
use caseload::store::{Tx, keys};
use uuid::Uuid;

use crate::halt::Halt;
use crate::pace::{Deadline, Pace};
use crate::source::Source;

/// The run, its import, and whose it is.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) app: App,
    pub(crate) run: Run,
    pub(crate) import: Import,
    pub(crate) practice: Practice,
    pub(crate) plan: Plan,
    pub(crate) terms: Terms,
    /// Whoever started the import, as rows are judged.
    pub(crate) importer: Actor,
    pub(crate) grant: Grant,
    pub(crate) pace: Pace,
    pub(crate) deadline: Deadline,
    owner: Uuid,
}

/// What there was to take.
pub(crate) enum Taken {
    Job(Box<Job>),
    /// Nobody's run, or somebody else's.
    Nothing,
}

impl Job {
    /// Takes the run's lease and reads what it is about.
    pub(crate) async fn take(
        app: &App,
        practice: PracticeId,
        import: ImportId,
        pace: Pace,
        deadline: Deadline,
    ) -> Result<Taken, Halt> {
        let owner = random_id()?;
        let Some(run) = app.store.take_run(practice, import, owner, app.now()).await? else {
            return Ok(Taken::Nothing);
        };
        let wanted = (keys::import(practice, import), keys::practice(practice));
        let (Some(import), Some(practice)) = app.store.load(wanted).await? else {
            return Ok(Taken::Nothing);
        };
        let wanted = match run.kind {
            RunKind::DryRun => State::DryRunning,
            RunKind::Commit => State::Committing,
        };
        if import.state != wanted {
            return Ok(Taken::Nothing);
        }
        let staff = app.store.load(keys::staff(practice.id, import.created_by)).await?;
        let importer = staff.ok_or_else(|| Halt::Broken("an import without its importer".to_owned()))?;
        // Rows are judged as for somebody who works here, so that a worker that takes over judges them alike. Whether the
        // importer still does, the catalog says in every transaction that writes rows.
        let importer = Staff { status: StaffStatus::Active, ..importer };
        let request = app.keys.derive_id("import run", &[import.id.uuid().as_bytes()], run.requested_at);
        let cause = Cause { request: RequestId::from_uuid(request), at: run.requested_at };
        let grant = Grant::system(practice.id, Actor::System(System::Import), Action::ImportApply, None, cause)
            .map_err(|_| Halt::Broken("the policy does not know the import".to_owned()))?;
        let plan = import.plan().cloned().ok_or_else(|| Halt::Broken("a run without a plan".to_owned()))?;
        let (staff, importer) = (&importer, Actor::staff(importer.clone(), run.requested_at));
        let includes = |action| decide(&importer, action, &Resource::Practice, &practice).is_ok();
        let terms = Terms {
            import: import.id,
            practice: practice.id,
            duplicates: plan.options.duplicates,
            ownership: plan.options.ownership.unwrap_or_else(|| ownership_of_new(staff).0),
            importer: staff.id,
            admin: staff.admin,
            clinical: includes(Action::ClientReadDiagnosis),
            labels: includes(Action::TagsManage),
            at: run.requested_at,
            day: today(run.requested_at, practice.time_zone.time_zone()),
        };
        let app = app.clone();
        let job = Self { app, run, import, practice, plan, terms, importer, grant, pace, deadline, owner };
        Ok(Taken::Job(Box::new(job)))
    }

    pub(crate) const fn objects(&self) -> ImportObjects {
        ImportObjects::new(self.import.practice, self.import.id)
    }

    /// Whether rows are written, not only decided.
    pub(crate) const fn writes(&self) -> bool {
        matches!(self.run.phase, Phase::Rows)
    }

    pub(crate) fn source(&self) -> Result<Source, Halt> {
        let etag = self.import.file.as_ref().and_then(|file| file.etag.as_deref());
        Ok(Source {
            files: self.app.files()?.clone(),
            key: self.objects().data(etag),
            size: self.import.size,
            whole: None,
        })
    }

    /// An id that is the same whenever this import asks for it.
    pub(crate) fn derive(&self, label: &str, part: &[u8]) -> Uuid {
        self.app.keys.derive_id(label, &[self.import.id.uuid().as_bytes(), part], self.run.requested_at)
    }

    /// The run with a lease from now on: what a transaction writes to prove that it is still this worker's.
    pub(crate) fn held(&self) -> Run {
        let mut run = self.run.clone();
        run.hold(self.owner, self.app.now());
        run
    }

    /// A transaction that only the run's holder can commit, with its entry in the trail under an id of its own.
    pub(crate) fn tx(&self, audit: &str, part: &[u8]) -> Tx {
        let mut tx = Tx::new(&self.grant);
        tx.hold(&self.held()).audited_as(self.derive(audit, part));
        tx
    }

    /// Writes a checkpoint, if the run is still this worker's.
    pub(crate) async fn save(&mut self) -> Result<(), Halt> {
        self.run = self.held();
        if self.app.store.save_run(&self.run, self.owner).await? { Ok(()) } else { Err(Halt::Lost) }
    }

    /// Lets somebody else go on.
    pub(crate) async fn release(&self) -> Result<(), Halt> {
        Ok(self.app.store.release_run(self.practice.id, self.import.id, self.owner).await?)
    }
}

impl Ids for Job {
    fn of_client(&self, line: u64) -> ClientId {
        ClientId::from_uuid(self.derive("import client", &line.to_be_bytes()))
    }

    fn of_label(&self, folded: &str) -> TagId {
        TagId::from_uuid(self.derive("import tag", folded.as_bytes()))
    }
}
