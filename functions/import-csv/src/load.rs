use caseload::access::Action;
use caseload::app::App;
use caseload::domain::ids::ImportId;
use caseload::domain::import::job::Import;
use caseload::domain::import::run::Run;
use caseload::refusal::Stop;
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
    let (asked, run) = app.thing_with(caller, action, id, keys::import_run(caller.practice(), id)).await?;
    Ok(asked.map(|import| Loaded { import, run }))
}
