//! A note by its id alone: the id carries the client's, so one round trip brings all that stands around it.

use caseload::access::Action;
use caseload::app::App;
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::ids::NoteId;
use caseload::domain::note::{Note, NoteTally};
use caseload::refusal::{Refusal, Stop};
use caseload::store::{Lookup, keys};
use caseload::web::{Authorized, Caller, Kind};

/// A note with its client and what the client's notes come to.
pub(crate) struct Found {
    pub(crate) client: Client,
    pub(crate) note: Note,
    pub(crate) tally: NoteTally,
    pub(crate) catalog: Catalog,
}

/// Authorizes an action on a note: 404 for one that is absent, deleted, or not the caller's to see.
pub(crate) async fn note<K: Kind>(
    app: &App,
    caller: &Caller<K>,
    action: Action,
    id: NoteId,
) -> Result<Authorized<Found>, Stop> {
    note_with(app, caller, action, id, ()).await.map(|(asked, ())| asked)
}

/// Likewise, with `more` out of the same round trip.
pub(crate) async fn note_with<K: Kind, L: Lookup>(
    app: &App,
    caller: &Caller<K>,
    action: Action,
    id: NoteId,
    more: L,
) -> Result<(Authorized<Found>, L::Found), Stop> {
    let (practice, of) = (caller.practice(), id.client());
    let around = (
        keys::client(practice, of).unless_deleting(),
        keys::note_tally(practice, of),
        keys::catalog(practice).required(),
    );
    let (asked, ((client, tally, catalog), more)) = app.thing_with(caller, action, id, (around, more)).await?;
    let client = client.ok_or_else(Refusal::absent)?;
    let tally = tally.unwrap_or_else(|| NoteTally::empty(practice, of));
    Ok((asked.map(|note| Found { client, note, tally, catalog }), more))
}
