use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::ids::ImportId;
use caseload::domain::import_job::Import;
use caseload::domain::import_run::Run;
use caseload::store::keys;
use caseload::web::{Authorized, Caller, Problem, StaffOnly};

/// An import with the run that is under way.
pub(crate) struct Loaded {
    pub import: Import,
    pub run: Option<Run>,
}

/// Authorizes an action on an import: 404 for one that is absent or somebody else's.
pub(crate) async fn load(
    app: &App,
    caller: &Caller<StaffOnly>,
    action: Action,
    id: ImportId,
) -> Result<Authorized<Loaded>, Problem> {
    let (key, run_key) = (keys::import(caller.practice(), id), keys::import_run(caller.practice(), id));
    let mut entered = app.enter_for(caller, action, None, &[key.clone(), run_key.clone()]).await?;
    let import = entered.items.take::<Import>(&key)?;
    let run = entered.items.take::<Run>(&run_key)?;
    let grant = app.decide(&entered, action, &Resource::import(import.as_ref())).await?;
    let import = import.ok_or_else(Problem::absent)?;
    Ok(entered.authorized(grant, Loaded { import, run }))
}
