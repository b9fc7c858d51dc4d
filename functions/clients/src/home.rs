use std::collections::BTreeMap;

use axum::extract::State;
use caseload::access::Action;
use caseload::app::App;
use caseload::domain::appointment::AppointmentSummary;
use caseload::domain::catalog::Catalog;
use caseload::domain::ids::AppointmentId;
use caseload::domain::session::PrincipalId;
use caseload::refusal::Refusal;
use caseload::store::{AllSums, keys};
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
    let wanted = (keys::catalog(practice).required(), AllSums::of(practice, id));
    let read = app.client_with(&caller, Action::PortalHome, id, wanted);
    let (files, invoices) = (keys::files(practice, id), keys::invoices(practice, id));
    let (read, files, invoices) = tokio::join!(read, app.store.all(&files), app.store.all(&invoices));
    let (read, (catalog, sums)) = read?;
    let (files, invoices) = (files?, invoices?);
    let (client, now) = (&read.subject, read.grant.at());
    let asking = Asking { reader: &read.actor, client, practice: &read.practice, now };
    let things = Things { sums: &sums, files: &files, invoices: &invoices };
    let menu = MenuEntryView::open_to(client, &read.practice);
    Reply::ok(&HomeView {
        next_appointment: sums.few.sessions.as_ref().and_then(|sessions| next(sessions, &catalog, now)),
        parts: HomePartsView::new(asking, &things),
        features: menu.into_iter().map(|entry| (entry.feature().name(), entry)).collect(),
    })
}

/// The soonest session that is not over.
fn next(sessions: &AppointmentSummary, catalog: &Catalog, now: Timestamp) -> Option<NextAppointmentView> {
    let to_come = sessions.open.iter().filter(|(_, open)| now < open.times.end());
    let (id, open) = to_come.min_by_key(|(id, open)| (open.times.start(), **id))?;
    let (start, end) = (open.times.start(), open.times.end());
    Some(NextAppointmentView { id: *id, start, end, staff: StaffRef::of(open.staff, catalog) })
}
