//! An appointment by its id alone: the id carries the client's, so one round trip brings both.

use caseload::access::{Action, Resource};
use caseload::app::App;
use caseload::domain::appointment::{Appointment, AppointmentSummary};
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::ids::AppointmentId;
use caseload::store::{Items, keys};
use caseload::web::{Authorized, Caller, Kind, Problem};

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
) -> Result<Authorized<Found>, Problem> {
    let (practice, of) = (caller.practice(), id.client());
    let (key, summed) = (keys::appointment(practice, id), keys::appointment_summary(practice, of));
    let wanted = [keys::client(practice, of), key.clone(), summed.clone(), keys::catalog(practice)];
    let mut entered = app.enter_about(caller, action, Some(of), vec![id.to_string()], &wanted).await?;
    let client = entered.items.client(practice, of)?;
    let appointment = entered.items.take::<Appointment>(&key)?;
    let about = client.as_ref().zip(appointment.as_ref()).map(|(client, found)| (client.into(), found.staff));
    let grant = app.decide(&entered, action, &Resource::Appointment(about)).await?;
    let (client, appointment) = client.zip(appointment).ok_or_else(Problem::absent)?;
    let summary = entered.items.take(&summed)?.ok_or_else(|| Problem::internal("an appointment without a summary"))?;
    let catalog = catalog(&mut entered.items, practice)?;
    Ok(entered.authorized(grant, Found { client, appointment, summary, catalog }))
}

/// The catalog, out of what was read.
pub(crate) fn catalog(items: &mut Items, practice: caseload::domain::ids::PracticeId) -> Result<Catalog, Problem> {
    items.take(&keys::catalog(practice))?.ok_or_else(|| Problem::internal("no catalog"))
}
