use std::collections::BTreeMap;

use axum::extract::State;
use caseload::access::{Action, permission_blocks};
use caseload::app::App;
use caseload::domain::appointment::AppointmentSummary;
use caseload::domain::catalog::Catalog;
use caseload::domain::client::Client;
use caseload::domain::ids::AppointmentId;
use caseload::domain::practice::{Permission, PortalFeature, Practice};
use caseload::domain::session::PrincipalId;
use caseload::refusal::Refusal;
use caseload::store::{Sums, keys};
use caseload::web::view::menu::MenuEntryView;
use caseload::web::view::tabs::{Asking, HomePartsView, Things};
use caseload::web::{Caller, Outcome, PortalOnly, Reply, StaffRef};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// The portal's first page.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HomeView {
    next_appointment: Option<NextAppointmentView>,
    #[serde(flatten)]
    parts: HomePartsView,
    /// The parts of the portal that are open, as the practice wants them to appear.
    features: BTreeMap<&'static str, MenuEntryView>,
}

/// The next session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NextAppointmentView {
    id: AppointmentId,
    start: Timestamp,
    end: Timestamp,
    staff: Option<StaffRef>,
}

// E1
/// What waits for the client: next session, tasks, what is new, what is left to pay. A part that is off is left out.
#[utoipa::path(
    get, path = "/v1/portal/home", tag = "clients",
    responses((status = 200, body = HomeView))
)]
pub(crate) async fn read_home(State(app): State<App>, caller: Caller<PortalOnly>) -> Outcome {
    let practice = caller.practice();
    let PrincipalId::Client(id) = caller.identity.principal else { return Err(Refusal::absent().into()) };
    let wanted = (keys::catalog(practice).required(), Sums::of(practice, id));
    let read = app.client_with(&caller, Action::PortalHome, id, wanted);
    let (files, invoices) = (keys::files(practice, id), keys::invoices(practice, id));
    let (read, files, invoices) = tokio::join!(read, app.store.all(&files), app.store.all(&invoices));
    let (read, (catalog, sums)) = read?;
    let (files, invoices) = (files?, invoices?);
    let (client, now) = (&read.subject, read.grant.at());
    let asking = Asking { reader: &read.actor, client, practice: &read.practice, now };
    let things = Things { sums: &sums, files: &files, invoices: &invoices };
    Reply::ok(&HomeView {
        next_appointment: sums.sessions.as_ref().and_then(|sessions| next(sessions, &catalog, now)),
        parts: HomePartsView::new(asking, &things),
        features: menu(client, &read.practice),
    })
}

/// The soonest session that is not over.
fn next(sessions: &AppointmentSummary, catalog: &Catalog, now: Timestamp) -> Option<NextAppointmentView> {
    let to_come = sessions.open.iter().filter(|(_, open)| now < open.times.end());
    let (id, open) = to_come.min_by_key(|(id, open)| (open.times.start(), **id))?;
    let (start, end) = (open.times.start(), open.times.end());
    Some(NextAppointmentView { id: *id, start, end, staff: StaffRef::of(open.staff, catalog) })
}

/// What is open to this client now, with its label, place and intro.
fn menu(client: &Client, practice: &Practice) -> BTreeMap<&'static str, MenuEntryView> {
    let open = |feature: &PortalFeature| match feature {
        PortalFeature::Messages => permission_blocks(client, practice, Permission::SecureMessaging).is_empty(),
        PortalFeature::Notes | PortalFeature::Tasks | PortalFeature::Files => practice.portal.has(*feature),
    };
    let named = |feature: PortalFeature| (feature.name(), MenuEntryView::new(feature, practice));
    PortalFeature::ALL.into_iter().filter(open).map(named).collect()
}
