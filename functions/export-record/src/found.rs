use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::export::Export;
use caseload::domain::ids::ExportId;
use caseload::store::keys;
use caseload::web::{Authorized, Caller, Problem, StaffOnly};

/// Authorizes an action on an export: 404 for one that is absent, somebody else's, or of a client the caller does not
/// see any more.
pub(crate) async fn export(
    app: &App,
    caller: &Caller<StaffOnly>,
    action: Action,
    id: ExportId,
) -> Result<Authorized<Export>, Problem> {
    let (practice, of) = (caller.practice(), id.client());
    let key = keys::export(practice, id);
    let wanted = [keys::client(practice, of), key.clone()];
    let mut entered = app.enter_about(caller, action, Some(of), vec![id.to_string()], &wanted).await?;
    let client = entered.items.client(practice, of)?;
    let export = entered.items.take::<Export>(&key)?;
    let about = client.as_ref().zip(export.as_ref()).map(|(client, export)| (client.into(), export.requested_by));
    let grant = app.decide(&entered, action, &Resource::Export(about)).await?;
    let export = export.ok_or_else(Problem::absent)?;
    Ok(entered.authorized(grant, export))
}
