//! An appointment by its id alone: the id carries the client's, so one round trip brings both.

use caseload::access::Action;
use caseload::app::App;
use caseload::domain::appointment::{Appointment, AppointmentSummary};
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::ids::AppointmentId;
use caseload::refusal::{Refusal, Stop};
use caseload::store::keys;
use caseload::web::{Authorized, Caller, Kind};

/// An appointment with its client and what the client's sessions come to.
pub(crate) struct Found {
    pub(crate) client: Client,
    pub(crate) appointment: Appointment,
    pub(crate) summary: AppointmentSummary,
    pub(crate) catalog: Catalog,
}

/// Authorizes an action on an appointment: 404 for one that is absent, or not the caller's to see.
pub(crate) async fn appointment<K: Kind>(
    app: &App,
    caller: &Caller<K>,
    action: Action,
    id: AppointmentId,
) -> Result<Authorized<Found>, Stop> {
    let (practice, of) = (caller.practice(), id.client());
    let wanted = (
        keys::client(practice, of).unless_deleting(),
        keys::appointment_summary(practice, of),
        keys::catalog(practice).required(),
    );
    let (asked, (client, summary, catalog)) = app.thing_with(caller, action, id, wanted).await?;
    let client = client.ok_or_else(Refusal::absent)?;
    let summary = summary.ok_or_else(|| Refusal::broken("an appointment without a summary"))?;
    Ok(asked.map(|appointment| Found { client, appointment, summary, catalog }))
}
