//! A clinical note by its id alone: the id carries the client's, so one round trip brings all that stands around it.

use caseload::access::Action;
use caseload::app::App;
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::clinical::ClinicalNote;
use caseload::domain::ids::ClinicalNoteId;
use caseload::refusal::{Refusal, Stop};
use caseload::store::{Lookup, keys};
use caseload::web::{Authorized, Caller, StaffOnly};

/// A clinical note with its client.
pub(crate) struct Found {
    pub(crate) client: Client,
    pub(crate) note: ClinicalNote,
    pub(crate) catalog: Catalog,
}

/// Authorizes an action on a clinical note: 404 for one that is absent, or not the caller's to know of.
pub(crate) async fn note(
    app: &App,
    caller: &Caller<StaffOnly>,
    action: Action,
    id: ClinicalNoteId,
) -> Result<Authorized<Found>, Stop> {
    note_with(app, caller, action, id, ()).await.map(|(asked, ())| asked)
}

/// Likewise, with `more` out of the same round trip.
pub(crate) async fn note_with<L: Lookup>(
    app: &App,
    caller: &Caller<StaffOnly>,
    action: Action,
    id: ClinicalNoteId,
    more: L,
) -> Result<(Authorized<Found>, L::Found), Stop> {
    let (practice, of) = (caller.practice(), id.client());
    let around = (keys::client(practice, of).unless_deleting(), keys::catalog(practice).required());
    let (asked, ((client, catalog), more)) = app.thing_with(caller, action, id, (around, more)).await?;
    let client = client.ok_or_else(Refusal::absent)?;
    Ok((asked.map(|note| Found { client, note, catalog }), more))
}
