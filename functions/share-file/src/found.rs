//! A file by its id alone: the id carries the client's, so one round trip brings both.

use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::file::File;
use caseload::domain::ids::FileId;
use caseload::refusal::{Refusal, Stop};
use caseload::store::{Lookup, keys};
use caseload::web::{Authorized, Caller, Kind};

/// Authorizes an action on a file: 404 for one that is absent, hidden from the caller, or of somebody else.
pub(crate) async fn file<K: Kind, L: Lookup>(
    app: &App,
    caller: &Caller<K>,
    action: Action,
    id: FileId,
    more: L,
) -> Result<(Authorized<File>, L::Found), Stop> {
    let (practice, of) = (caller.practice(), id.client());
    let wanted = (keys::client(practice, of).unless_deleting(), keys::file(practice, id), more);
    let (entered, (client, file, found)) =
        app.enter_about(caller, action, Some(of), vec![id.to_string()], wanted).await?;
    let grant = app.decide(&entered, action, &Resource::file(client.as_ref().zip(file.as_ref()))).await?;
    let file = file.ok_or_else(Refusal::absent)?;
    Ok((entered.authorized(grant, file), found))
}
