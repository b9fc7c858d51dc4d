use caseload::access::{Action, ClientFacts, Resource};
use caseload::app::App;
use caseload::domain::export::{Export, Part};
use caseload::domain::ids::ExportId;
use caseload::refusal::{Refusal, Stop};
use caseload::store::keys;
use caseload::web::{Authorized, Caller, StaffOnly};

/// What reading a part takes.
pub(crate) const fn reading(part: Part) -> Action {
    match part {
        Part::Clinical => Action::ClientReadDiagnosis,
        Part::Files => Action::FileList,
        Part::Appointments => Action::AppointmentRead,
        Part::Invoices => Action::InvoiceRead,
        Part::Payments => Action::PaymentTimeline,
    }
}

/// Authorizes an action on an export: 404 for one that is absent, somebody else's, or of a client the caller does not
/// see any more. With the client it is of.
pub(crate) async fn export(
    app: &App,
    caller: &Caller<StaffOnly>,
    action: Action,
    id: ExportId,
) -> Result<Authorized<(Export, Resource)>, Stop> {
    let (practice, of) = (caller.practice(), id.client());
    let wanted = (keys::client(practice, of).unless_deleting(), keys::export(practice, id));
    let (entered, (client, export)) = app.enter_about(caller, action, Some(of), vec![id.to_string()], wanted).await?;
    let facts = client.as_ref().map(ClientFacts::from);
    let about = facts.zip(export.as_ref()).map(|(client, export)| (client, export.requested_by));
    let grant = app.decide(&entered, action, &Resource::Export(about)).await?;
    let export = export.ok_or_else(Refusal::absent)?;
    Ok(entered.authorized(grant, (export, Resource::client(client.as_ref()))))
}
