use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::ids::ImportId;
use caseload::domain::import_job::Import;
use caseload::domain::import_run::Run;
use caseload::refusal::{Refusal, Stop};
use caseload::store::keys;
use caseload::web::{Authorized, Caller, StaffOnly};

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
) -> Result<Authorized<Loaded>, Stop> {
    let wanted = (keys::import(caller.practice(), id), keys::import_run(caller.practice(), id));
    let (entered, (import, run)) = app.enter_for(caller, action, None, wanted).await?;
    let grant = app.decide(&entered, action, &Resource::import(import.as_ref())).await?;
    let import = import.ok_or_else(Refusal::absent)?;
    Ok(entered.authorized(grant, Loaded { import, run }))
}
