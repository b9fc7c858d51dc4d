//! A file by its id alone: the id carries the client's, so one round trip brings both.

use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::file::{File, Quota};
use caseload::domain::ids::{ClientId, FileId, PracticeId};
use caseload::store::Items;
use caseload::store::keys::{self, Key};
use caseload::web::{Authorized, Caller, Kind, Problem};

/// Authorizes an action on a file: 404 for one that is absent, hidden from the caller, or of somebody else.
pub(crate) async fn file<K: Kind>(
    app: &App,
    caller: &Caller<K>,
    action: Action,
    id: FileId,
    more: &[Key],
) -> Result<Authorized<File>, Problem> {
    let (practice, of) = (caller.practice(), id.client());
    let key = keys::file(practice, id);
    let mut wanted = vec![keys::client(practice, of), key.clone()];
    wanted.extend_from_slice(more);
    let mut entered = app.enter_about(caller, action, Some(of), vec![id.to_string()], &wanted).await?;
    let client = entered.items.client(practice, of)?;
    let file = entered.items.take::<File>(&key)?;
    let grant = app.decide(&entered, action, &Resource::file(client.as_ref().zip(file.as_ref()))).await?;
    let file = file.ok_or_else(Problem::absent)?;
    Ok(entered.authorized(grant, file))
}

/// The room a client's files take, out of what was read.
pub(crate) fn quota(items: &mut Items, practice: PracticeId, client: ClientId) -> Result<Quota, Problem> {
    let found = items.take::<Quota>(&keys::file_quota(practice, client))?;
    Ok(found.unwrap_or_else(|| Quota::empty(practice, client)))
}
